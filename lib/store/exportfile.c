/* SPDX-License-Identifier: ISC */
/*
 * The store over an export file.  Where its objects lie follows from its first
 * member, and that is compared with every header when the file is opened; after
 * that a read is a read at an offset.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/str.h"
#include "store/backend.h"
#include "store/exportfile.h"
#include "store/exportframe.h"
#include "store/exportpipe.h"
#include "store/ranges.h"

struct exportfile {
	struct store		 base;
	int			 fd;	/* -1: it is the pipe */
	struct exportpipe	*pipe;	/* borrowed; NULL: it is a file */
	struct exportform	 own;	/* of a file */
	const struct exportform	*form;
	char			 until[CLOCK_TEXT];
};

struct exportget {
	struct store_get	 base;
	const struct exportform_file *file;	/* NULL: there is none */
	struct ranges		 asked;
};

/* Of standard input, which is one, too. */
static struct exportpipe	*standard_input;

static struct exportfile *
of(struct store *s)
{
	return ((struct exportfile *)s);
}

/* What a full path is in the repository that the export is of. */
static const char *
below(const struct store *s, const char *full)
{
	full += strlen(s->root);
	return (*full == '/' ? full + 1 : full);
}

/*
 * The path of "full" below SERVER/SYSTEMID; "" for that folder itself, and NULL
 * if it is not there.
 */
static const char *
inside(struct store *s, const char *full)
{
	const struct exportform	*f = of(s)->form;
	const char		*p = below(s, full);
	char			 dir[EXPORTFORM_SERVER + 24];
	size_t			 n;

	(void)snprintf(dir, sizeof(dir), "%s/%ju", f->server,
	    (uintmax_t)f->system_id);
	n = strlen(dir);
	if (strncmp(p, dir, n) != 0 || (p[n] != '\0' && p[n] != '/'))
		return (NULL);
	return (p[n] == '/' ? p + n + 1 : p + n);
}

static int
read_bytes(struct store *s, const struct exportform_file *file, uint64_t off,
    void *buf, size_t n, struct err *e)
{
	struct exportfile	*x = of(s);
	struct err		 why = ERR_INIT;
	size_t			 got;

	if (x->pipe != NULL)
		return (exportpipe_read(x->pipe, (size_t)(file - x->form->v),
		    off, buf, n, e));
	if (io_read_at(x->fd, buf, n, file->at + off, &got, s->name, &why))
		return (err_set(e, ERR_REMOTE, "%s", why.msg));
	return (got == n ? 0 : err_set(e, ERR_REMOTE, "%s: was cut while it "
	    "was read", s->name));
}

static int
get_open(struct store_get **out, struct store *s, const char *path,
    struct err *e)
{
	struct exportget	*g;

	if ((g = calloc(1, sizeof(*g))) == NULL)
		return (err_sys(e, ERR_LOCAL, "get %s", path));
	g->base.store = s;
	if ((path = inside(s, path)) != NULL)
		g->file = exportform_find(of(s)->form, path);
	*out = &g->base;
	return (0);
}

static int
get_size(struct store_get *base, uint64_t *size, struct err *e)
{
	struct exportget	*g = (struct exportget *)base;

	(void)e;
	if (g->file == NULL)
		return (1);
	*size = g->file->size;
	return (0);
}

static int
get_ask(struct store_get *base, uint64_t off, uint64_t n, struct err *e)
{
	return (ranges_add(&((struct exportget *)base)->asked, off, n, e));
}

static int
get_take(struct store_get *base, void *buf, size_t n, size_t *got,
    struct err *e)
{
	struct exportget	*g = (struct exportget *)base;
	uint64_t		 off, left;
	size_t			 len;
	int			 open_end;

	*got = 0;
	if (g->file == NULL)
		return (1);
	while (*got < n &&
	    (len = ranges_take(&g->asked, n - *got, &off, &open_end)) > 0) {
		left = off < g->file->size ? g->file->size - off : 0;
		if (len > left && !open_end)
			return (err_set(e, ERR_CORRUPT, "%s: %s: cut short",
			    base->store->name, g->file->path));
		if (len > left) {
			len = (size_t)left;
			ranges_end(&g->asked);
		}
		if (len > 0 && read_bytes(base->store, g->file, off,
		    (uint8_t *)buf + *got, len, e))
			return (-1);
		*got += len;
	}
	return (0);
}

static int
get_ready(struct store_get *base)
{
	(void)base;
	return (1);
}

static void
get_free(struct store_get *base)
{
	struct exportget	*g = (struct exportget *)base;

	ranges_free(&g->asked);
	free(g);
}

static int
load_one(struct store *s, const char *path, size_t i, size_t max,
    const struct store_reading *to, struct err *e)
{
	const struct exportform_file	*file;
	struct err			 why = ERR_INIT;
	char				 full[STORE_PATHMAX];
	const char			*p;
	uint8_t				*buf;
	int				 rc = -1;

	if (backend_full(s, path, full, e))
		return (-1);
	p = inside(s, full);
	if (p == NULL || (file = exportform_find(of(s)->form, p)) == NULL)
		return (to->each(to->arg, i, NULL, 0, e));
	if (file->size > max) {
		err_set(&why, ERR_CORRUPT, "%s: %ju bytes, expected at most "
		    "%zu", path, (uintmax_t)file->size, max);
		if (to->unread != NULL)
			return (to->unread(to->arg, i, &why, e));
		return (err_set(e, why.kind, "%s", why.msg));
	}
	if ((buf = malloc((size_t)file->size + 1)) == NULL)
		return (err_sys(e, ERR_LOCAL, "load"));
	if (read_bytes(s, file, 0, buf, (size_t)file->size, e) == 0)
		rc = to->each(to->arg, i, buf, (size_t)file->size, e);
	free(buf);
	return (rc);
}

static int
load(struct store *s, const char *const *paths, size_t n, size_t max,
    const struct store_reading *to, struct err *e)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		if (load_one(s, paths[i], i, max, to, e))
			return (-1);
	return (0);
}

static int
hand_over(struct store *s, size_t i, const char *name, size_t len,
    const struct exportform_file *file, const struct store_listing *to,
    struct err *e)
{
	struct store_entry	 en = { .mtime = of(s)->form->made_s };
	char			 text[STORE_PATHMAX];

	if (str_fmt(text, sizeof(text), e, "%.*s", (int)len, name))
		return (-1);
	en.name = text;
	en.is_dir = file == NULL;
	en.size = file == NULL ? 0 : file->size;
	return (to->each(to->arg, i, &en, 0, e));
}

/* A folder below SERVER/SYSTEMID: the first component of each path behind it */
static int
list_inside(struct store *s, size_t i, const char *dir,
    const struct store_listing *to, struct err *e)
{
	const struct exportform		*f = of(s)->form;
	const struct exportform_file	*file;
	const char			*name, *last = "";
	char				 front[STORE_PATHMAX];
	size_t				 k, n, len, last_len = 0;
	int				 any = 0;

	if (str_fmt(front, sizeof(front), e, "%s%s", dir, *dir == '\0' ? "" :
	    "/"))
		return (-1);
	n = strlen(front);
	for (k = exportform_from(f, front); k < f->n; k++) {
		file = &f->v[f->sorted[k]];
		if (strncmp(file->path, front, n) != 0)
			break;
		any = 1;
		name = file->path + n;
		len = strcspn(name, "/");
		if (len == last_len && strncmp(name, last, len) == 0)
			continue;
		last = name;
		last_len = len;
		if (hand_over(s, i, name, len, name[len] == '/' ? NULL : file,
		    to, e))
			return (-1);
	}
	return (to->each(to->arg, i, NULL, !any, e));
}

/* The folders above: each has one entry. */
static int
list_above(struct store *s, size_t i, const char *dir,
    const struct store_listing *to, struct err *e)
{
	const struct exportform	*f = of(s)->form;
	char			 id[24];
	const char		*name = f->server;

	if (strcmp(dir, f->server) == 0) {
		(void)snprintf(id, sizeof(id), "%ju", (uintmax_t)f->system_id);
		name = id;
	} else if (*dir != '\0')
		return (to->each(to->arg, i, NULL, 1, e));
	if (hand_over(s, i, name, strlen(name), NULL, to, e))
		return (-1);
	return (to->each(to->arg, i, NULL, 0, e));
}

static int
list(struct store *s, const char *const *paths, size_t n,
    const struct store_listing *to, struct err *e)
{
	char		 full[STORE_PATHMAX];
	const char	*dir;
	size_t		 i;

	for (i = 0; i < n; i++) {
		if (backend_full(s, paths[i], full, e))
			return (-1);
		if (((dir = inside(s, full)) != NULL ?
		    list_inside(s, i, dir, to, e) :
		    list_above(s, i, below(s, full), to, e)))
			return (-1);
	}
	return (0);
}

static int
refuse(struct store *s, struct err *e)
{
	return (err_set(e, ERR_CONFIG, "%s: an export is only read; import it "
	    "into a repository with backup-import", s->name));
}

static int
put_open(struct store_put **out, struct store *s, const char *path,
    size_t head, struct err *e)
{
	(void)out;
	(void)path;
	(void)head;
	return (refuse(s, e));
}

static int
append_open(struct store_append **out, struct store *s, const char *path,
    struct err *e)
{
	(void)out;
	(void)path;
	return (refuse(s, e));
}

static int
refuse_two(struct store *s, const char *from, const char *to, struct err *e)
{
	(void)from;
	(void)to;
	return (refuse(s, e));
}

static int
refuse_one(struct store *s, const char *path, struct err *e)
{
	(void)path;
	return (refuse(s, e));
}

static int
refuse_many(struct store *s, const char *const *paths, size_t n,
    struct err *e)
{
	(void)paths;
	(void)n;
	return (refuse(s, e));
}

static int
nothing_awaited(struct store *s, struct err *e)
{
	(void)s;
	(void)e;
	return (0);
}

/* Nothing is stored, so there is nothing that the host could lack for that. */
static int
about(struct store *s, struct store_about *a, struct err *e)
{
	(void)e;
	a->fsync = a->hardlink = 1;
	(void)s;
	return (0);
}

static void
export_free(struct store *s)
{
	struct exportfile	*x = of(s);

	if (x->fd != -1)
		(void)close(x->fd);	/* read only: nothing to lose */
	exportform_fini(&x->own);
	backend_fini(s);
	free(x);
}

static const struct store_ops	 export_ops = {
	.free = export_free,
	.put_open = put_open,
	.get_open = get_open,
	.get_size = get_size,
	.get_ask = get_ask,
	.get_take = get_take,
	.get_ready = get_ready,
	.get_free = get_free,
	.load = load,
	.list = list,
	.rename = refuse_two,
	.settle = refuse_many,
	.remove = refuse_many,
	.rmdir = refuse_many,
	.mkdir = refuse_one,
	.append_open = append_open,
	.wait = nothing_awaited,
	.poll = nothing_awaited,
	.keep = nothing_awaited,
	.about = about
};

static void
say_until(struct exportfile *x)
{
	switch (x->form->until) {
	case EXPORTFORM_IMMEDIATE:
		x->base.wal_until = "the end of the backup";
		break;
	case EXPORTFORM_TIME:
		x->base.wal_until = clock_format(x->until,
		    x->form->until_us);
		break;
	case EXPORTFORM_END:
		break;
	}
}

static int
open_pipe(struct exportfile *x, struct err *e)
{
	if (standard_input == NULL &&
	    exportpipe_open(&standard_input, STDIN_FILENO, e))
		return (-1);
	x->pipe = standard_input;
	x->form = exportpipe_form(x->pipe);
	return (0);
}

int
exportfile_open(struct store **out, const char *file, struct err *e)
{
	struct exportfile	*x;
	const int		 pipe = strcmp(file, "-") == 0;

	if ((x = calloc(1, sizeof(*x))) == NULL)
		return (err_sys(e, ERR_LOCAL, "open a store"));
	x->fd = -1;
	x->form = &x->own;
	if (backend_init(&x->base, &export_ops, pipe ? "standard input" : file,
	    file, e)) {
		free(x);
		return (-1);
	}
	if (pipe ? open_pipe(x, e) :
	    exportframe_open(&x->fd, &x->own, file, e)) {
		export_free(&x->base);
		return (-1);
	}
	say_until(x);
	*out = &x->base;
	return (0);
}

int
exportfile_end(struct err *e)
{
	if (standard_input == NULL)
		return (err_set(e, ERR_LOCAL, "no export was read"));
	return (exportpipe_end(standard_input, e));
}

int
exportfile_look(struct exportfile_about *a, const char *file, struct err *e)
{
	struct store		*s = NULL;
	const struct exportform	*f;

	if (exportfile_open(&s, file, e))
		return (-1);
	f = of(s)->form;
	memcpy(a->server, f->server, sizeof(a->server));
	memcpy(a->backup, f->backup, sizeof(a->backup));
	a->until = f->until;
	a->until_us = f->until_us;
	export_free(s);
	return (0);
}
