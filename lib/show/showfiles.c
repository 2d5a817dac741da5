/* SPDX-License-Identifier: ISC */
/* The files of a backup, and the WAL that belongs to it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/jval.h"
#include "base/str.h"
#include "pg/walname.h"
#include "repo/layout.h"
#include "restore/manifestread.h"
#include "show/progress.h"
#include "show/show.h"
#include "show/showfiles.h"

#define SECOND	INT64_C(1000000)
#define LOG	((uint64_t)1 << 32)	/* bytes of WAL in one folder */

/* A line to be. */
struct line {
	const char	*kind;		/* "file", "dir", "link", "conf",
					 * "wal" */
	const char	*path, *target;	/* target: NULL unless a link */
	int		 moded;		/* "mode" is known */
	uint32_t	 mode;
	uint64_t	 size;
	int64_t		 mtime_us;
	unsigned	 flags;		/* MANIFEST_CHECKED, _DAMAGED */
};

struct listing {
	const struct showfiles *s;
	uint64_t	 files, bytes;
};

int
showfiles_parse(const char *text, enum showfiles_what *what, struct err *e)
{
	if (strcmp(text, "data") == 0)
		*what = SHOWFILES_DATA;
	else if (strcmp(text, "wal") == 0)
		*what = SHOWFILES_WAL;
	else if (strcmp(text, "all") == 0)
		*what = SHOWFILES_ALL;
	else
		return (err_set(e, ERR_USAGE, "--files: found \"%.32s\", "
		    "expected data, wal or all", text));
	return (0);
}

static void
print_text(FILE *out, const struct line *l)
{
	char	 path[SHOW_CLEAN], target[SHOW_CLEAN], t[CLOCK_TEXT];
	char	 mode[8] = "-";

	if (l->moded)
		(void)snprintf(mode, sizeof(mode), "%04" PRIo32, l->mode);
	(void)fprintf(out, "%-4s  %-4s  %12" PRIu64 "  %-20s  %-7s  %s%s%s\n",
	    l->kind, mode, l->size, show_moment(t, l->mtime_us),
	    l->flags & MANIFEST_DAMAGED ? "damaged" :
	    l->flags & MANIFEST_CHECKED ? "checked" : "-",
	    show_clean(path, l->path), l->target != NULL ? " -> " : "",
	    l->target != NULL ? show_clean(target, l->target) : "");
}

static int
print_object(FILE *out, struct jval *j, struct err *e)
{
	char	*text = NULL;
	size_t	 n;

	if (jval_text(j, 0, &text, &n, e))
		return (-1);
	(void)fprintf(out, "%s\n", text);
	free(text);
	return (0);
}

static int
print_json(FILE *out, const struct line *l, struct err *e)
{
	struct jval	*j = NULL;
	char		 mode[8];
	int		 rc = -1;

	(void)snprintf(mode, sizeof(mode), "%04" PRIo32, l->mode);
	if (jval_object(&j, e) ||
	    jval_set_u64(j, "schema", SHOW_SCHEMA, e) ||
	    jval_set_str(j, "kind", l->kind, e) ||
	    show_json_text(j, "path", l->path, e) ||
	    show_json_text(j, "target", l->target, e) ||
	    show_json_text(j, "mode", l->moded ? mode : NULL, e) ||
	    jval_set_u64(j, "size", l->size, e) ||
	    show_json_time(j, "mtime", &l->mtime_us, e) ||
	    jval_set_bool(j, "checked", (l->flags & MANIFEST_CHECKED) != 0,
	    e) ||
	    jval_set_bool(j, "damaged", (l->flags & MANIFEST_DAMAGED) != 0,
	    e) ||
	    print_object(out, j, e))
		goto out;
	rc = 0;
out:
	jval_free(j);
	return (rc);
}

static int
print_line(struct listing *g, const struct line *l, struct err *e)
{
	g->files++;
	g->bytes += l->size;
	if (g->s->json)
		return (print_json(g->s->out, l, e));
	print_text(g->s->out, l);
	return (0);
}

static int
on_entry(void *arg, const struct manifest_entry *en, struct err *e)
{
	const struct line	 l = {
		.kind = en->type == MANIFEST_DIR ? "dir" :
		    en->type == MANIFEST_LINK ? "link" : "file",
		.path = en->path, .target = en->target, .moded = 1,
		.mode = en->mode, .size = en->size,
		.mtime_us = en->mtime_us, .flags = en->flags
	};

	return (print_line(arg, &l, e));
}

static int
on_config(void *arg, const struct manifest_config *c, struct err *e)
{
	const struct line	 l = { .kind = "conf", .path = c->path,
	    .moded = 1, .mode = c->mode, .size = c->size,
	    .mtime_us = c->mtime_us };

	return (print_line(arg, &l, e));
}

/* One folder of WAL: 4 GiB of it, so at most 4096 segments. */
struct folder {
	uint32_t	 tli;
	uint64_t	 first, n;	/* the segments that are looked for */
	uint32_t	 segsize;
	struct found {
		int		 here;
		uint64_t	 size;
		int64_t		 mtime;
	}		*v;		/* "n" of them */
};

static int
on_segment(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct folder	*f = arg;
	struct walname	 w;
	struct err	 none = ERR_INIT;
	uint64_t	 segno;

	(void)i;
	(void)missing;		/* then none of them is there */
	(void)e;
	if (en == NULL || en->is_dir || walname_parse(en->name, &w, &none) ||
	    w.kind != WALNAME_SEGMENT || w.tli != f->tli ||
	    walname_check(&w, f->segsize, &none))
		return (0);
	segno = walname_segno(&w, f->segsize);
	if (segno >= f->first && segno - f->first < f->n)
		f->v[segno - f->first] = (struct found){ 1, en->size,
		    en->mtime };
	return (0);
}

static int
print_segment(struct listing *g, const struct folder *f, uint64_t k,
    struct err *e)
{
	char			 name[WALNAME_TEXT], path[LAYOUT_PATH];
	const struct line	 l = { .kind = "wal", .path = path,
	    .size = f->v[k].size, .mtime_us = f->v[k].mtime * SECOND };

	return (layout_wal(path, show_segment(name, f->tli, f->first + k,
	    f->segsize), e) || print_line(g, &l, e) ? -1 : 0);
}

static int
list_folder(struct listing *g, struct folder *f, struct err *e)
{
	char		 dir[LAYOUT_FOLDER];
	const char	*path = layout_wal_log(dir, f->tli,
	    (uint32_t)(f->first * f->segsize / LOG));
	uint64_t	 k;
	int		 rc = -1;

	if ((f->v = calloc(f->n, sizeof(*f->v))) == NULL)
		return (err_sys(e, ERR_LOCAL, "%s", path));
	if (store_list(g->s->archive->store, &path, 1, on_segment, f, e))
		goto out;
	for (k = 0; k < f->n; k++)
		if (f->v[k].here && print_segment(g, f, k, e))
			goto out;
	rc = 0;
out:
	free(f->v);
	return (rc);
}

/*
 * The file of a segment is that of the newest timeline that begins in it or
 * before (plan/coverage.h).
 */
static uint32_t
owner(const struct showfiles *s, uint64_t segno, uint64_t segsize)
{
	return (history_tli_at(s->line, (segno + 1) * segsize - 1));
}

static int
list_wal(struct listing *g, struct err *e)
{
	const struct label	*l = g->s->label;
	const uint64_t		 size = l->wal_segment_size;
	struct folder		 f = { .segsize = (uint32_t)size };
	uint64_t		 i, end;

	for (i = l->start_lsn / size; i <= g->s->last; i = end) {
		f.tli = owner(g->s, i, size);
		f.first = i;
		for (end = i + 1; end <= g->s->last &&
		    end * size / LOG == i * size / LOG &&
		    owner(g->s, end, size) == f.tli; end++)
			;
		f.n = end - i;
		if (list_folder(g, &f, e))
			return (-1);
	}
	return (0);
}

static int
print_sum(const struct listing *g, struct err *e)
{
	struct jval	*j = NULL;
	char		 size[PROGRESS_SIZE];
	int		 rc = -1;

	if (!g->s->json) {
		(void)fprintf(g->s->out, "%" PRIu64 " entr%s, %s\n", g->files,
		    g->files == 1 ? "y" : "ies", progress_size(size,
		    g->bytes));
		return (0);
	}
	if (jval_object(&j, e) == 0 &&
	    jval_set_u64(j, "schema", SHOW_SCHEMA, e) == 0 &&
	    jval_set_str(j, "kind", "sum", e) == 0 &&
	    jval_set_str(j, "backup", g->s->label->id, e) == 0 &&
	    jval_set_u64(j, "entries", g->files, e) == 0 &&
	    jval_set_u64(j, "bytes", g->bytes, e) == 0)
		rc = print_object(g->s->out, j, e);
	jval_free(j);
	return (rc);
}

int
showfiles_run(const struct showfiles *s, struct err *e)
{
	static const struct manifest_events	 events = {
		.entry = on_entry, .config = on_config
	};
	struct listing		 g = { .s = s };

	if (s->what != SHOWFILES_WAL &&
	    manifestread(s->archive, s->label, &events, &g, e))
		return (-1);
	if (s->what != SHOWFILES_DATA && list_wal(&g, e))
		return (-1);
	return (print_sum(&g, e));
}
