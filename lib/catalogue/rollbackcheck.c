/* SPDX-License-Identifier: ISC */
/* What was seen of a repository against its catalogue, in words. */
#include <sys/stat.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "catalogue/rollbackcheck.h"
#include "catalogue/seenfile.h"
#include "catalogue/soundwal.h"
#include "plan/rollback.h"

/* One catalogue in the planner's form; what points somewhere is owned. */
struct gathered {
	struct rollback_now	 now;
	struct rollback_backup	*backup;
	struct rollback_timeline *tl;
	const char		**refused;
	struct soundwal		 wal;
};

static void
forget(struct gathered *g)
{
	free(g->backup);
	free(g->tl);
	free(g->refused);
	soundwal_fini(&g->wal);
	*g = (struct gathered){ .backup = NULL };
}

static void
fill(struct gathered *g, const struct catalogue *c)
{
	const struct walindex_timeline	*t;
	size_t				 i;

	for (i = 0; i < g->now.n; i++) {
		g->backup[i].at = catalogue_backup(c, i);
		g->backup[i].pinned = catalogue_pin(c, i)->kind != PIN_NONE;
		g->backup[i].changed_us = catalogue_changed(c, i);
	}
	for (i = 0; i < g->now.nrefused; i++)
		g->refused[i] = catalogue_bad_id(c, i);
	for (i = 0; i < g->now.ntl; i++) {
		t = catalogue_timeline(c, i);
		g->tl[i] = (struct rollback_timeline){ t->tli,
		    t->segments > 0, t->last };
	}
}

static int
gather(struct gathered *g, const struct catalogue *c, struct err *e)
{
	int	 read;

	*g = (struct gathered){ .now = { .n = catalogue_labels(c),
	    .nrefused = catalogue_bads(c), .ntl = catalogue_timelines(c),
	    .lines = catalogue_lines(c, &read), .wal = catalogue_wal(c),
	    .segsize = catalogue_segsize(c) } };
	g->now.lines_guessed = !read;
	g->backup = calloc(g->now.n + 1, sizeof(*g->backup));
	g->tl = calloc(g->now.ntl + 1, sizeof(*g->tl));
	g->refused = calloc(g->now.nrefused + 1, sizeof(*g->refused));
	if (g->backup == NULL || g->tl == NULL || g->refused == NULL) {
		forget(g);
		return (err_sys(e, ERR_LOCAL, "compare with what was seen"));
	}
	g->now.v = g->backup;
	g->now.tl = g->tl;
	g->now.refused = g->refused;
	g->now.sound = &g->wal.sound;
	fill(g, c);
	return (0);
}

/* Mostly no timeline has gone, and nothing is read. */
static int
judge(struct rollback *r, struct gathered *g, const struct rollback_memory *m,
    struct archive *a, struct err *e)
{
	struct coverage_run	 v[ROLLBACK_ASKED];
	const size_t		 n = rollback_asked(v, m, &g->now);
	size_t			 i;

	for (i = 0; i < n; i++)
		if (soundwal_want(&g->wal, &v[i], e))
			return (-1);
	if (n > 0 && soundwal_read(&g->wal, a, g->now.segsize, e))
		return (-1);
	rollback_judge(r, m, &g->now);
	return (0);
}

const char *
rollbackcheck_line(char buf[ROLLBACKCHECK_LINE],
    const struct rollbackcheck_finding *f)
{
	(void)snprintf(buf, ROLLBACKCHECK_LINE, "%s: %s", f->object,
	    f->found);
	return (buf);
}

static void
describe(struct rollbackcheck_finding *f, const struct rollback_lost *l,
    const char *seen)
{
	struct err	 unused = ERR_INIT;

	if (l->leads == NULL) {
		(void)layout_label(f->object, l->line->id);
		(void)snprintf(f->found, sizeof(f->found), "gone, although "
		    "this host saw it, last at %s, and no newer backup stands",
		    seen);
		return;
	}
	/* A name that was parsed has a place, so this cannot fail. */
	if (layout_wal(f->object, l->segment, &unused))
		f->object[0] = '\0';
	(void)snprintf(f->found, sizeof(f->found), "gone, although this host "
	    "saw it, last at %s, and backup %s needs it for later points",
	    seen, l->leads);
}

static void
report(struct rollbackcheck *out, const struct rollback *r,
    const struct rollback_memory *m, const char *path)
{
	char	 seen[CLOCK_TEXT];

	(void)clock_format(seen, m->seen_us / 1000000 * 1000000);
	for (out->n = 0; out->n < r->n && out->n < ROLLBACKCHECK_MAX; out->n++)
		describe(&out->v[out->n], &r->lost[out->n], seen);
	(void)snprintf(out->means, sizeof(out->means), "the repository was "
	    "set back to an earlier state, or objects were deleted by force; "
	    "if that is intended, remove %s", path);
}

static void
save(struct rollbackcheck *out, const char *path, struct rollback_memory *m,
    const struct rollback_now *now, const struct archive *a)
{
	struct err	 why = ERR_INIT;

	rollback_learn(m, now, clock_now_us());
	if (m->full && out->note[0] == '\0')
		(void)snprintf(out->note, sizeof(out->note),
		    ROLLBACKCHECK_FULL, ROLLBACK_LINES);
	if (seenfile_save(path, m, a, &why) && out->note[0] == '\0')
		(void)snprintf(out->note, sizeof(out->note), "what was seen "
		    "of the repository cannot be remembered: %.900s",
		    why.msg);
}

/*
 * A second look, with a catalogue that was loaded after the memory.  What the
 * memory says stood before that, so whatever is missing now is gone.
 */
static int
look_again(struct rollback *r, struct gathered *g, struct catalogue **cat,
    const struct rollback_memory *m, struct archive *a, struct err *e)
{
	forget(g);
	return (catalogue_load(cat, a, e) || gather(g, *cat, e) ||
	    judge(r, g, m, a, e) ? -1 : 0);
}

/* The memory, empty if there is none.  Returns 1 if none is to be kept. */
static int
recall(struct rollbackcheck *out, struct rollback_memory *m,
    char path[PATH_MAX], const struct archive *a, const uint8_t *id,
    const char *state_dir)
{
	struct err	 why = ERR_INIT;
	struct stat	 st;

	memset(out, 0, sizeof(*out));
	if (stat(state_dir, &st) == -1 ||
	    seenfile_path(path, state_dir, a, id, &why))
		return (1);
	if (seenfile_load(m, path, &why) == -1)
		(void)snprintf(out->note, sizeof(out->note), "what was seen "
		    "of the repository cannot be read, and begins anew: "
		    "%.900s", why.msg);
	return (0);
}

int
rollbackcheck_run(struct rollbackcheck *out, struct archive *a,
    const struct catalogue *cat, const char *state_dir, int learn,
    struct err *e)
{
	struct catalogue	*again = NULL;
	struct rollback_memory	 m;
	struct rollback		 r;
	struct gathered		 g = { .backup = NULL };
	char			 path[PATH_MAX];
	int			 rc = -1;

	if (recall(out, &m, path, a, catalogue_repository(cat), state_dir))
		return (0);
	if (gather(&g, cat, e))
		return (-1);
	if (judge(&r, &g, &m, a, e) ||
	    (r.n > 0 && look_again(&r, &g, &again, &m, a, e)))
		goto out;
	if (r.n > 0)
		report(out, &r, &m, path);
	else if (learn)
		save(out, path, &m, &g.now, a);
	rc = 0;
out:
	forget(&g);
	catalogue_free(again);
	return (rc);
}

int
rollbackcheck_accept(struct archive *a, const char *state_dir, struct err *e)
{
	struct rollbackcheck	 unused;
	struct catalogue	*cat = NULL;
	struct rollback_memory	 m;
	struct gathered		 g = { .backup = NULL };
	char			 path[PATH_MAX];
	int			 rc = -1;

	if (catalogue_load(&cat, a, e))
		return (-1);
	if (recall(&unused, &m, path, a, catalogue_repository(cat),
	    state_dir)) {
		rc = 0;
		goto out;
	}
	if (gather(&g, cat, e))
		goto out;
	save(&unused, path, &m, &g.now, a);
	rc = 0;
out:
	forget(&g);
	catalogue_free(cat);
	return (rc);
}

void
rollbackcheck_forget(const struct archive *a, const uint8_t *repository,
    const char *state_dir, const char *id)
{
	struct rollbackcheck	 unused;
	struct rollback_memory	 m;
	struct err		 why = ERR_INIT;
	char			 path[PATH_MAX];

	if (recall(&unused, &m, path, a, repository, state_dir) == 0 &&
	    rollback_forget(&m, id) && seenfile_save(path, &m, a, &why))
		err_clear(&why);
}
