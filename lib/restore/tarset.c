/* SPDX-License-Identifier: ISC */
/* Members of a restore's archives: where each goes, and what it is called. */
#include <sys/stat.h>

#include <assert.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/parse.h"
#include "base/path.h"
#include "base/str.h"
#include "pg/crc32c.h"
#include "pg/tsmap.h"
#include "restore/tarfile.h"
#include "restore/tarset.h"
#include "stream/file.h"

#define MAP	"tablespace_map"
#define LIST	"backup_manifest"
#define BASE	SIZE_MAX	/* the archive that is no tablespace's */

struct tarset {
	const struct restore_conf *conf;
	struct tarfile	*base;
	struct tarfile	**space;	/* as label->tablespaces; NULL: none */

	/* Of the member that is being written. */
	struct tarfile	*to;
	uint64_t	 left;		/* bytes that tarset_data() gives */
	const char	*tail;
};

struct tarset_member {
	enum manifest_type type;
	size_t		 archive;	/* a tablespace's, or BASE */
	uint32_t	 mode;
	uint64_t	 size;
	int64_t		 mtime;
	const char	*tail;
	char		 path[];	/* in the archive */
};

/* The archive "name" in the directory of archives. */
static int
open_in(struct tarfile **t, const char *dir, const char *name, struct err *e)
{
	char	 path[PATH_MAX];

	return (path_join(path, sizeof(path), dir, name, e) ||
	    tarfile_open(t, path, -1, e) ? -1 : 0);
}

int
tarset_open(struct tarset **out, const struct restore_conf *c, struct err *e)
{
	struct tarset	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL || (s->space = calloc(
	    c->label->ntablespaces + 1, sizeof(*s->space))) == NULL) {
		free(s);
		return (err_sys(e, ERR_LOCAL, "%s", c->dir));
	}
	s->conf = c;
	if (c->form == RESTORE_TARS ? open_in(&s->base, c->dir, "base.tar", e) :
	    tarfile_open(&s->base, c->dir, c->out, e)) {
		tarset_free(s);
		return (-1);
	}
	*out = s;
	return (0);
}

int
tarset_member_new(struct tarset_member **out, const struct tarset *s,
    const struct manifest_entry *en, uint64_t size, const char *tail,
    struct err *e)
{
	const char		*rest = "", *path = en->path;
	struct tarset_member	*m;
	size_t			 space = restore_conf_space(s->conf->label,
				    path, &rest);

	if (en->type == MANIFEST_LINK && space == BASE)
		return (err_set(e, ERR_CORRUPT, "%s: is a tablespace that the "
		    "label does not have", path));
	if (s->conf->form == RESTORE_TAR)
		space = BASE;
	else if (space != BASE && rest[0] != '\0')
		path = rest + 1;
	if ((m = malloc(sizeof(*m) + strlen(path) + 1)) == NULL)
		return (err_sys(e, ERR_LOCAL, "%s", en->path));
	*m = (struct tarset_member){ .type = en->type, .archive = space,
	    .mode = en->mode & RESTORE_MODE, .size = size,
	    .mtime = en->mtime_us / 1000000, .tail = tail };
	if (en->type != MANIFEST_FILE)
		m->mode |= 0700;	/* a link's own mode says nothing */
	memcpy(m->path, path, strlen(path) + 1);
	*out = m;
	return (0);
}

/* The archive of a tablespace begins where its link would be. */
static int
open_space(struct tarset *s, size_t i, struct err *e)
{
	char	 name[24];

	assert(s->space[i] == NULL);	/* paths are unique */
	(void)snprintf(name, sizeof(name), "%u.tar",
	    (unsigned)s->conf->label->tablespaces[i].oid);
	return (open_in(&s->space[i], s->conf->dir, name, e));
}

int
tarset_member(struct tarset *s, const struct tarset_member *m, struct err *e)
{
	if (m->type == MANIFEST_LINK && m->archive != BASE)
		return (open_space(s, m->archive, e));
	s->to = m->archive == BASE ? s->base : s->space[m->archive];
	if (s->to == NULL)
		return (err_set(e, ERR_CORRUPT, "manifest: %s comes before "
		    "the link of its tablespace", m->path));
	if (m->type != MANIFEST_FILE)
		return (tarfile_dir(s->to, m->path, m->type == MANIFEST_LINK ?
		    0700 : m->mode, m->mtime, e));
	s->tail = m->tail;
	s->left = m->size - (m->tail == NULL ? 0 : strlen(m->tail));
	if (tarfile_begin(s->to, m->path, m->mode, m->size, m->mtime, e))
		return (-1);
	return (s->left > 0 || m->tail == NULL ? 0 :
	    tarfile_write(s->to, m->tail, strlen(m->tail), e));
}

int
tarset_data(struct tarset *s, const void *p, size_t n, struct err *e)
{
	if (tarfile_write(s->to, p, n, e))
		return (-1);
	s->left -= n;
	return (s->left > 0 || s->tail == NULL ? 0 :
	    tarfile_write(s->to, s->tail, strlen(s->tail), e));
}

int
tarset_file(struct tarset *s, const char *path, uint32_t mode, const void *p,
    size_t n, struct err *e)
{
	return (tarfile_begin(s->base, path, mode, n, clock_now_us() /
	    1000000, e) || tarfile_write(s->base, p, n, e) ? -1 : 0);
}

int
tarset_map(struct tarset *s, struct restore_list *list, struct err *e)
{
	const struct restore_conf	*c = s->conf;
	const struct label_tablespace	*ts = c->label->tablespaces;
	const size_t			 size = c->label->ntablespaces *
	    (2 * PATH_MAX + 16) + 1;
	struct manifest_entry		 en = { .type = MANIFEST_FILE,
	    .path = MAP, .mtime_us = clock_now_us() };
	char				*text;
	size_t				 i, n = 0;
	int				 rc = -1;

	if (c->form == RESTORE_TAR)
		return (0);
	if ((text = malloc(size)) == NULL)
		return (err_sys(e, ERR_LOCAL, MAP));
	for (i = 0; i < c->label->ntablespaces; i++) {
		if (s->space[i] == NULL)
			continue;
		if (tsmap_format(text + n, size - n, ts[i].oid,
		    restore_conf_place(c, &ts[i]), e))
			goto out;
		n += strlen(text + n);
	}
	en.size = n;
	en.crc32c = crc32c_update(0, text, n);
	rc = n == 0 ? 0 : restore_list_file(list, &en, 0, e) ||
	    tarset_file(s, MAP, 0600, text, n, e) ? -1 : 0;
out:
	free(text);
	return (rc);
}

/* Its bytes, to the archive or to the file "to". */
static int
copy_list(struct tarset *s, int fd, struct sink *to, uint64_t size,
    struct err *e)
{
	char	 buf[65536];
	size_t	 n;

	for (; size > 0; size -= n) {
		if (io_read(fd, buf, size < sizeof(buf) ? (size_t)size :
		    sizeof(buf), &n, LIST, e))
			return (-1);
		if (n == 0)
			return (err_set(e, ERR_LOCAL, LIST ": was cut short "
			    "meanwhile"));
		if (to != NULL ? sink_write(to, buf, n, e) :
		    tarfile_write(s->base, buf, n, e))
			return (-1);
	}
	return (to == NULL ? 0 : sink_finish(to, e));
}

int
tarset_list(struct tarset *s, const char *dir, struct err *e)
{
	struct sink	*to = NULL;
	struct stat	 st;
	char		 path[PATH_MAX];
	int		 fd, rc = -1;

	if (path_join(path, sizeof(path), dir, LIST, e))
		return (-1);
	if ((fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)) == -1)
		return (err_sys(e, ERR_LOCAL, "open %s", path));
	if (fstat(fd, &st) == -1) {
		err_sys(e, ERR_LOCAL, "%s", path);
		goto out;
	}
	if (s->conf->form == RESTORE_TAR ? tarfile_begin(s->base, LIST, 0600,
	    (uint64_t)st.st_size, st.st_mtime, e) :
	    path_join(path, sizeof(path), s->conf->dir, LIST, e) ||
	    file_sink_open(&to, path, LIST, 0600, 0, e))
		goto out;
	rc = copy_list(s, fd, to, (uint64_t)st.st_size, e);
out:
	sink_free(to);
	(void)close(fd);		/* read only */
	return (rc);
}

int
tarset_finish(struct tarset *s, struct err *e)
{
	size_t	 i;

	for (i = 0; i < s->conf->label->ntablespaces; i++)
		if (s->space[i] != NULL && tarfile_finish(s->space[i], e))
			return (-1);
	return (tarfile_finish(s->base, e));
}

void
tarset_free(struct tarset *s)
{
	size_t	 i;

	if (s == NULL)
		return;
	for (i = 0; i < s->conf->label->ntablespaces; i++)
		tarfile_free(s->space[i]);
	tarfile_free(s->base);
	free(s->space);
	free(s);
}
