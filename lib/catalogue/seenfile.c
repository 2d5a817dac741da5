/* SPDX-License-Identifier: ISC */
/*
 * The file in which a host remembers what it saw of a repository.
 *
 * The hash in its first line shows damage, and no more: who can write into the
 * state folder can write another file with its hash.  So nothing is concluded
 * from it but that something should stand that does not; what it says is never
 * used to find or to believe anything in the repository.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/jval.h"
#include "base/path.h"
#include "base/str.h"
#include "catalogue/seenfile.h"
#include "crypt/hash.h"
#include "pg/lsn.h"
#include "repo/layout.h"

#define FIRST		"seawall seen 1 "
#define FIRST_LEN	(sizeof(FIRST) - 1 + (size_t)2 * HASH_LEN + 1)
#define FILE_MAX	((size_t)64 * 1024)

int
seenfile_path(char path[PATH_MAX], const char *state_dir,
    const struct archive *a, const uint8_t id[MARKER_ID], struct err *e)
{
	const char	*address = store_name(a->store);
	char		 dir[PATH_MAX], hex[2 * 16 + 1];
	uint8_t		 hash[HASH_LEN];
	struct hash	*h = NULL;

	if (hash_new(&h, e))
		return (-1);
	hash_add(h, id, MARKER_ID);
	hash_add(h, address, strlen(address));
	hash_final(h, hash);
	hash_free(h);
	return (layout_state(dir, state_dir, a->server, a->system_id, e) ||
	    str_fmt(path, PATH_MAX, e, "%s/seen-%s", dir, str_hex(hex, hash,
	    16)) ? -1 : 0);
}

static int
time_of(const struct jval *j, const char *key, int64_t *us, struct err *e)
{
	struct err	 why = ERR_INIT;
	const char	*s;
	int		 assumed = 0;

	if (jval_get_str(j, key, &s, e))
		return (-1);
	if (clock_parse(s, us, &assumed, NULL, &why) || assumed)
		return (err_set(e, ERR_CORRUPT, "%s is no time", key));
	return (0);
}

static int
parse_backup(struct rollback_line *l, const struct jval *j, struct err *e)
{
	const char	*id, *lsn;

	if (jval_get_str(j, "id", &id, e) ||
	    jval_get_str(j, "stop_lsn", &lsn, e) ||
	    time_of(j, "stop_time", &l->stop_us, e) ||
	    lsn_parse(lsn, &l->stop_lsn, e))
		return (-1);
	/* Ids go into paths and messages: nothing else may pass. */
	if (!layout_id_ok(id))
		return (err_set(e, ERR_CORRUPT, "id is none of a backup"));
	return (str_fmt(l->id, sizeof(l->id), e, "%s", id));
}

/* The name of a segment, if "key" is there. */
static int
parse_segment(char to[WALNAME_TEXT], uint32_t tli, const struct jval *j,
    const char *key, struct err *e)
{
	struct err	 unused = ERR_INIT;
	struct walname	 w;
	const char	*name;

	if (!jval_has(j, key))
		return (0);
	if (jval_get_str(j, key, &name, e))
		return (-1);
	if (walname_parse(name, &w, &unused) || w.kind != WALNAME_SEGMENT ||
	    w.tli != tli)
		return (err_set(e, ERR_CORRUPT, "%s is no segment of its "
		    "timeline", key));
	(void)walname_format(to, &w);
	return (0);
}

static int
parse_line(struct rollback_line *l, const struct jval *j, struct err *e)
{
	const struct jval	*backup;
	uint64_t		 tli;

	if (jval_get_u64(j, "timeline", &tli, e) ||
	    time_of(j, "since", &l->since_us, e))
		return (-1);
	if (tli == 0 || tli > UINT32_MAX)
		return (err_set(e, ERR_CORRUPT, "timeline is none"));
	l->tli = (uint32_t)tli;
	l->first_us = l->since_us;
	if (parse_segment(l->segment, l->tli, j, "segment", e) ||
	    parse_segment(l->run, l->tli, j, "run", e) ||
	    parse_segment(l->own, l->tli, j, "own", e) ||
	    (jval_has(j, "first") && time_of(j, "first", &l->first_us, e)))
		return (-1);
	return (jval_has(j, "backup") &&
	    (jval_get_object(j, "backup", &backup, e) ||
	    parse_backup(l, backup, e)) ? -1 : 0);
}

static int
parse(struct rollback_memory *m, const char *text, size_t n, struct err *e)
{
	const struct jval	*list, *one;
	struct jval		*j = NULL;
	size_t			 i;
	int			 rc = -1;

	if (jval_parse(text, n, &j, e) ||
	    time_of(j, "seen", &m->seen_us, e) ||
	    jval_get_bool(j, "warned", &m->warned, e) ||
	    jval_get_list(j, "timelines", &list, e))
		goto out;
	if (jval_count(list) > ROLLBACK_LINES) {
		err_set(e, ERR_CORRUPT, "has too many timelines");
		goto out;
	}
	for (i = 0; i < jval_count(list); i++, m->n++) {
		if (jval_at_object(list, i, &one, e) ||
		    parse_line(&m->v[i], one, e))
			goto out;
		if (i > 0 && m->v[i].tli <= m->v[i - 1].tli) {
			err_set(e, ERR_CORRUPT, "timelines are out of order");
			goto out;
		}
	}
	rc = 0;
out:
	jval_free(j);
	return (rc);
}

/* The first line of a file whose text behind it is this. */
static void
first_line(char first[FIRST_LEN + 1], const char *text, size_t n)
{
	uint8_t	 hash[HASH_LEN];

	hash_of(hash, text, n);
	memcpy(first, FIRST, sizeof(FIRST) - 1);
	(void)str_hex(first + sizeof(FIRST) - 1, hash, HASH_LEN);
	memcpy(first + FIRST_LEN - 1, "\n", 2);
}

/* Read a file that is ours, and that no other user can write. */
static int
read_own(char *buf, size_t *n, int fd, const char *path, struct err *e)
{
	struct stat	 st;

	if (fstat(fd, &st) == -1)
		return (err_sys(e, ERR_LOCAL, "stat"));
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size > FILE_MAX)
		return (err_set(e, ERR_LOCAL, "expected a file of at most %zu "
		    "bytes", FILE_MAX));
	if ((st.st_uid != geteuid() && st.st_uid != 0) ||
	    (st.st_mode & 022) != 0)
		return (err_set(e, ERR_LOCAL, "another user (uid %u) owns it, "
		    "or others may write it", (unsigned)st.st_uid));
	return (io_read(fd, buf, FILE_MAX, n, path, e));
}

static int
load(struct rollback_memory *m, int fd, const char *path, struct err *e)
{
	char	*buf, first[FIRST_LEN + 1] = "";
	size_t	 n = 0;
	int	 rc = -1;

	if ((buf = malloc(FILE_MAX + 1)) == NULL)
		return (err_sys(e, ERR_LOCAL, "read"));
	if (read_own(buf, &n, fd, path, e) == 0) {
		if (n >= FIRST_LEN)
			first_line(first, buf + FIRST_LEN, n - FIRST_LEN);
		if (n < FIRST_LEN || memcmp(first, buf, FIRST_LEN) != 0)
			err_set(e, ERR_LOCAL, "is damaged, or of another "
			    "version");
		else
			rc = parse(m, buf + FIRST_LEN, n - FIRST_LEN, e);
	}
	free(buf);
	return (rc);
}

int
seenfile_load(struct rollback_memory *m, const char *path, struct err *e)
{
	struct err	 why = ERR_INIT;
	int		 fd, rc;

	*m = (struct rollback_memory){ .n = 0 };
	/* Whatever has this name: no link is followed, and no FIFO hangs us. */
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1) {
		if (errno == ENOENT || errno == ENOTDIR || errno == EACCES)
			return (1);
		if (errno == ELOOP)
			return (err_set(e, ERR_LOCAL, "%s: found a link, "
			    "expected a file", path));
		return (err_sys(e, ERR_LOCAL, "%s", path));
	}
	if ((rc = load(m, fd, path, &why)) == -1) {
		*m = (struct rollback_memory){ .n = 0 };
		err_set(e, ERR_LOCAL, "%s: %s", path, why.msg);
	}
	(void)close(fd);		/* read only: nothing to lose */
	return (rc);
}

static int
set_time(struct jval *j, const char *key, int64_t us, struct err *e)
{
	char	 text[CLOCK_TEXT];

	return (jval_set_str(j, key, clock_format(text, us), e));
}

static int
add_backup(struct jval *to, const struct rollback_line *l, struct err *e)
{
	struct jval	*j = NULL;
	char		 lsn[LSN_TEXT];

	if (l->id[0] == '\0')
		return (0);
	if (jval_object(&j, e))
		return (-1);
	if (jval_set_str(j, "id", l->id, e) ||
	    jval_set_str(j, "stop_lsn", lsn_format(lsn, l->stop_lsn), e) ||
	    set_time(j, "stop_time", l->stop_us, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_set(to, "backup", j, e));
}

static int
add_segment(struct jval *j, const char *key, const char *name, struct err *e)
{
	return (name[0] == '\0' ? 0 : jval_set_str(j, key, name, e));
}

static int
add_line(struct jval *list, const struct rollback_line *l, struct err *e)
{
	struct jval	*j = NULL;

	if (jval_object(&j, e))
		return (-1);
	if (jval_set_u64(j, "timeline", l->tli, e) ||
	    set_time(j, "since", l->since_us, e) ||
	    set_time(j, "first", l->first_us, e) ||
	    add_segment(j, "segment", l->segment, e) ||
	    add_segment(j, "run", l->run, e) ||
	    add_segment(j, "own", l->own, e) ||
	    add_backup(j, l, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

static int
compose(char **out, size_t *n, const struct rollback_memory *m,
    const struct archive *a, struct err *e)
{
	struct jval	*j = NULL, *list = NULL;
	char		 address[256];
	const char	*name = store_name(a->store);
	size_t		 i;
	int		 rc = -1;

	(void)str_clean(address, sizeof(address), name, strlen(name));
	if (jval_object(&j, e) || jval_list(&list, e))
		goto out;
	for (i = 0; i < m->n; i++)
		if (add_line(list, &m->v[i], e))
			goto out;
	if (jval_set_str(j, "repository", address, e) ||
	    set_time(j, "seen", m->seen_us, e) ||
	    jval_set_bool(j, "warned", m->warned, e))
		goto out;
	rc = jval_set(j, "timelines", list, e);
	list = NULL;			/* taken, also on failure */
	if (rc == 0)
		rc = jval_text(j, 0, out, n, e);
out:
	jval_free(list);
	jval_free(j);
	return (rc);
}

/*
 * The state folder itself is not made: where it is missing nobody asked this
 * host to remember anything.
 */
static int
make_folder(const char *path, struct err *e)
{
	char		 dir[PATH_MAX], server[PATH_MAX], top[PATH_MAX];
	struct stat	 st;

	if (path_dir(dir, sizeof(dir), path, e) ||
	    path_dir(server, sizeof(server), dir, e) ||
	    path_dir(top, sizeof(top), server, e))
		return (-1);
	if (stat(top, &st) == -1)
		return (err_sys(e, ERR_LOCAL, "%s", top));
	return (io_mkdirs(dir, 0700, e));
}

int
seenfile_save(const char *path, const struct rollback_memory *m,
    const struct archive *a, struct err *e)
{
	char	*text = NULL, *file = NULL, first[FIRST_LEN + 1];
	size_t	 n;
	int	 rc = -1;

	if (make_folder(path, e) || compose(&text, &n, m, a, e))
		return (-1);
	if ((file = malloc(FIRST_LEN + n + 1)) == NULL) {
		err_sys(e, ERR_LOCAL, "%s", path);
		goto out;
	}
	memcpy(file + FIRST_LEN, text, n);
	file[FIRST_LEN + n++] = '\n';
	first_line(first, file + FIRST_LEN, n);
	memcpy(file, first, FIRST_LEN);
	rc = io_save(path, 0600, file, FIRST_LEN + n, 1, e);
out:
	free(file);
	free(text);
	return (rc);
}
