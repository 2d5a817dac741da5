/* SPDX-License-Identifier: ISC */
/* What does each of several repositories lack? */
#include <sys/stat.h>

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "check/checklag.h"
#include "pg/walname.h"

/* The newest segment is that of the newest timeline. */
static int
take_wal(struct checklag *l, const struct catalogue *cat, struct err *e)
{
	const struct coverage_set	*set = catalogue_wal(cat);
	const struct walindex_timeline	*t;
	size_t				 i;

	for (i = 0; i < set->n; i++)
		if (coverage_add_run(&l->wal, &set->v[i], e))
			return (-1);
	coverage_settle(&l->wal);
	for (i = 0; i < catalogue_timelines(cat); i++) {
		t = catalogue_timeline(cat, i);
		if (t->segments == 0)
			continue;
		l->tli = t->tli;
		l->segno = t->last;
		l->at = t->newest_at;
	}
	return (0);
}

int
checklag_take(struct checklag *l, const struct checkfacts *f, struct err *e)
{
	l->system_id = f->watched ? f->pg.system_id : 0;
	if (!f->listed)
		return (0);
	l->system_id = f->a->system_id;
	l->segsize = catalogue_segsize(f->cat);
	l->listed = 1;
	return (take_wal(l, f->cat, e));
}

void
checklag_fini(struct checklag *l)
{
	coverage_set_free(&l->wal);
}

static const char *
name_of(char buf[WALNAME_TEXT], uint32_t tli, uint64_t segno,
    uint32_t segsize)
{
	const struct walname	 w = walname_at(tli, segno * segsize, segsize);

	return (walname_format(buf, &w));
}

/*
 * The lowest segment of a timeline that this one is to have: each has its own
 * retention, so what is older than all that it has is no lack.
 */
static uint64_t
lowest(const struct checklag *l, uint32_t tli)
{
	size_t	 i;

	for (i = 0; i < l->wal.n; i++)
		if (l->wal.v[i].tli == tli)
			return (l->wal.v[i].first);
	return (tli < l->tli ? UINT64_MAX : 0);
}

/* All that the others have and this one is to have. */
static int
expected(struct coverage_set *out, const struct checklag *v, size_t n,
    size_t own, struct err *e)
{
	struct coverage_run	 run;
	uint64_t		 low;
	size_t			 i, k;

	for (i = 0; i < n; i++)
		for (k = 0; i != own && k < v[i].wal.n; k++) {
			run = v[i].wal.v[k];
			low = lowest(&v[own], run.tli);
			if (v[i].system_id != v[own].system_id ||
			    run.last < low)
				continue;
			if (run.first < low)
				run.first = low;
			if (coverage_add_run(out, &run, e))
				return (-1);
		}
	coverage_settle(out);
	return (0);
}

struct lack {
	uint64_t	 n, holes;	/* those behind its newest segment */
	uint32_t	 tli;		/* the first of them */
	uint64_t	 segno;
};

static void
count(struct lack *lack, const struct checklag *l,
    const struct coverage_set *want)
{
	const struct coverage_run	*run;
	uint64_t			 s;
	size_t				 i;

	for (i = 0; i < want->n; i++) {
		run = &want->v[i];
		for (s = run->first; s <= run->last; s++) {
			if (coverage_has(&l->wal, run->tli, s))
				continue;
			if (lack->n++ == 0) {
				lack->tli = run->tli;
				lack->segno = s;
			}
			lack->holes += run->tli < l->tli ||
			    (run->tli == l->tli && s < l->segno);
		}
	}
}

/* The one with the newest segment of all others; "n": none has any. */
static size_t
best(const struct checklag *v, size_t n, size_t own)
{
	size_t	 i, b = n;

	for (i = 0; i < n; i++)
		if (i != own && v[i].tli != 0 && (b == n ||
		    v[i].tli > v[b].tli || (v[i].tli == v[b].tli &&
		    v[i].segno > v[b].segno)))
			b = i;
	return (b);
}

/* One that has the first segment which this one lacks; there is one. */
static size_t
from(const struct checklag *v, size_t own, const struct lack *lack)
{
	size_t	 i = 0;

	while (i == own || v[i].system_id != v[own].system_id ||
	    !coverage_has(&v[i].wal, lack->tli, lack->segno))
		i++;
	return (i);
}

#define NEWEST	(WALNAME_TEXT + CLOCK_TEXT + 64)

static const char *
newest(char buf[NEWEST], const struct checklag *l)
{
	char	 name[WALNAME_TEXT], at[CLOCK_TEXT];

	if (l->tli == 0)
		return ("it has no segment");
	(void)snprintf(buf, NEWEST, "its newest segment is %s, stored %s",
	    name_of(name, l->tli, l->segno, l->segsize),
	    clock_format(at, l->at * 1000000));
	return (buf);
}

static void
judge_listed(const struct checklag *v, size_t own, const struct lack *lack,
    struct checkreport *r)
{
	const enum checklist_id	 id = CHECKLIST_LAG;
	const struct checklag	*l = &v[own];
	char			 text[NEWEST], name[WALNAME_TEXT];

	if (lack->n == 0) {
		checkreport_figure(r, id, 0, "it has all WAL that the others "
		    "have; %s", newest(text, l));
		return;
	}
	checkreport_figure(r, id, lack->n, "it lacks %" PRIu64 " segment%s "
	    "that another repository has, from %s on; %s", lack->n,
	    str_plural(lack->n), name_of(name, lack->tli, lack->segno,
	    l->segsize), newest(text, l));
	if (lack->holes > 0 && r->line[id].health == HEALTH_OK &&
	    r->limits[id].warn != HEALTH_OFF)
		r->line[id].health = HEALTH_WARNING;
	checkreport_cure(r, id, "run repo-copy %s %s",
	    v[from(v, own, lack)].name, l->name);
}

/* When this host last noted what it saw there (catalogue/seenfile.h). */
static int64_t
last_seen(const struct checklag *l, uint64_t system_id)
{
	struct err	 unused = ERR_INIT;
	struct dirent	*d;
	struct stat	 st;
	char		 path[PATH_MAX];
	int64_t		 at = 0;
	DIR		*dir;

	if (l->state_dir == NULL || layout_state(path, l->state_dir,
	    l->server, system_id, &unused) || (dir = opendir(path)) == NULL)
		return (0);
	while ((d = readdir(dir)) != NULL)
		if (str_begins(d->d_name, "seen-") && fstatat(dirfd(dir),
		    d->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    st.st_mtime > at)
			at = st.st_mtime;
	(void)closedir(dir);		/* read only */
	return (at);
}

/* Why it is away is what the check "repository" says. */
static void
judge_away(const struct checklag *v, size_t n, size_t own,
    struct checkreport *r)
{
	const size_t	 b = best(v, n, own);
	const uint64_t	 system_id = b < n ? v[b].system_id :
			    v[own].system_id;
	const int64_t	 at = last_seen(&v[own], system_id);
	char		 since[CLOCK_TEXT], seen[CLOCK_TEXT + 64] = "";
	char		 name[WALNAME_TEXT], other[128] = "";

	if (at != 0)
		(void)snprintf(seen, sizeof(seen), "; what it has was last "
		    "noted on this host %s", clock_format(since,
		    at * 1000000));
	if (b < n)
		(void)snprintf(other, sizeof(other), "; %s has WAL up to %s",
		    v[b].name, name_of(name, v[b].tli, v[b].segno,
		    v[b].segsize));
	checkreport_set(r, CHECKLIST_LAG, HEALTH_UNKNOWN, "it could not be "
	    "listed%s%s", seen, other);
}

static void
excuse(struct checkreport *r, size_t n, size_t quorum)
{
	const enum checklist_id	 id = CHECKLIST_ARCHIVED;
	size_t			 i, have = 0, unknown = 0;

	for (i = 0; i < n; i++) {
		have += r[i].line[id].done &&
		    r[i].line[id].health == HEALTH_OK;
		unknown += r[i].line[id].done &&
		    r[i].line[id].health == HEALTH_UNKNOWN;
	}
	if (have == 0 || have + unknown < quorum)
		return;
	for (i = 0; i < n; i++)
		if (r[i].line[id].done &&
		    health_finding(r[i].line[id].health)) {
			checkreport_set(&r[i], id, HEALTH_OK, "another "
			    "repository has all that left the server; see "
			    "lag");
			checkreport_cure(&r[i], id, "see lag");
		}
}

int
checklag_judge(const struct checklag *v, struct checkreport *r, size_t n,
    size_t quorum, struct err *e)
{
	struct coverage_set	 want;
	struct lack		 lack;
	size_t			 i;
	int			 rc;

	for (i = 0; i < n; i++) {
		if (!v[i].listed) {
			judge_away(v, n, i, &r[i]);
			continue;
		}
		want = (struct coverage_set){ .n = 0 };
		lack = (struct lack){ .n = 0 };
		if ((rc = expected(&want, v, n, i, e)) == 0)
			count(&lack, &v[i], &want);
		coverage_set_free(&want);
		if (rc == -1)
			return (-1);
		judge_listed(v, i, &lack, &r[i]);
	}
	excuse(r, n, quorum);
	return (0);
}
