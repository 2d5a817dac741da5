/* SPDX-License-Identifier: ISC */
/* Deleting backups by name: which deletions are refused. */
#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "expire/expirechosen.h"

int
expirechosen_named(const struct expire_conf *conf, const char *id)
{
	size_t	 i;

	for (i = 0; i < conf->ngone; i++)
		if (strcmp(conf->gone[i], id) == 0)
			return (1);
	return (0);
}

static int
check_names(const struct expire *x, struct err *e)
{
	size_t	 i;

	for (i = 0; i < x->conf->ngone; i++)
		if (catalogue_find(x->cat, x->conf->gone[i]) == NULL)
			return (err_set(e, ERR_ABSENT, "no backup %.64s; "
			    "backup-list lists them", x->conf->gone[i]));
	return (0);
}

static int
check_pins(const struct expire *x, struct err *e)
{
	const struct retention_backup	*b;
	size_t				 i;

	for (i = 0; i < catalogue_labels(x->cat); i++) {
		b = &x->backup[i];
		if (b->gone && b->pinned != NULL)
			return (err_set(e, ERR_USAGE, "backup %s is %s; "
			    "release it first with --release %s", b->at.id,
			    b->pinned, b->at.id));
	}
	return (0);
}

int
expirechosen_rest(const struct expire *x, struct err *e)
{
	uint64_t	 rest = 0, go = 0;
	size_t		 i;

	/* One that is not whole is no backup that could be counted on. */
	for (i = 0; i < catalogue_labels(x->cat); i++) {
		if (x->backup[i].lacks != NULL)
			continue;
		go += x->backup[i].gone != 0;
		rest += !x->backup[i].gone;
	}
	if (go == 0 || rest >= x->conf->minimum_redundancy)
		return (0);
	return (err_set(e, ERR_USAGE, "only %" PRIu64 " backup%s would "
	    "remain, but minimum_redundancy is %" PRIu64 "; to go below that "
	    "once, add -o minimum_redundancy=%" PRIu64, rest,
	    str_plural(rest),
	    x->conf->minimum_redundancy, rest));
}

/* Whether it ended in the future: some clock was far ahead. */
static int
is_ahead(const struct expire *x, const struct retention_backup *b)
{
	return (b->at.stop_us - x->now_us > 86400 * EXPIRE_SECOND);
}

/* On one line WAL says which is newer, else the clock does. */
static int
is_newer(const struct lineage_backup *a, const struct lineage_backup *b,
    uint32_t onto)
{
	if (onto != 0 && a->stop_lsn != b->stop_lsn)
		return (a->stop_lsn > b->stop_lsn);
	return (a->stop_us > b->stop_us);
}

/*
 * The newest backup, or NULL: of all, or if "onto" is not 0 of those that lead
 * onto that timeline.  Backups from the future count if "ahead"; those that
 * are not whole never do.
 */
static const struct retention_backup *
newest_of(const struct expire *x, const struct lineage_set *lines,
    uint32_t onto, int ahead)
{
	const struct retention_backup	*b, *best = NULL;
	size_t				 i;

	for (i = 0; i < catalogue_labels(x->cat); i++) {
		b = &x->backup[i];
		if (b->lacks == NULL && (ahead || !is_ahead(x, b)) &&
		    (onto == 0 ||
		    lineage_reaches(lines, b->at.tli, b->at.stop_lsn, onto)) &&
		    (best == NULL || is_newer(&b->at, &best->at, onto)))
			best = b;
	}
	return (best);
}

/* Refuse to delete the newest that leads onto a line. */
static int
check_line(const struct expire *x, const struct lineage_set *lines,
    uint32_t tli, const char *what, int ahead, struct err *e)
{
	const struct retention_backup	*b;

	b = newest_of(x, lines, tli, ahead);
	if (b == NULL || !b->gone)
		return (0);
	return (err_set(e, ERR_USAGE, "backup %s is the newest that leads onto "
	    "%s, %" PRIu32 "; add --force to delete it nevertheless",
	    b->at.id, what, tli));
}

/*
 * Refuse to delete the newest backup.  One from the future may hide which is
 * the newest, or may be the newest, if this host's clock is the wrong one.  So
 * the question is asked twice, without such backups and with them.
 */
static int
check_newest(const struct expire *x, struct err *e)
{
	const struct retention_backup	*b;
	struct lineage_set			 lines;
	uint32_t			 tli;
	size_t				 i;
	int				 read, ahead;

	lines = catalogue_lines(x->cat, &read);
	tli = lineage_latest(&lines, x->at, catalogue_labels(x->cat));
	for (ahead = 0; ahead < 2; ahead++) {
		b = newest_of(x, &lines, 0, ahead);
		if (b != NULL && b->gone)
			return (err_set(e, ERR_USAGE, "backup %s is the "
			    "newest; add --force to delete it nevertheless",
			    b->at.id));
		if (check_line(x, &lines, tli, "the latest timeline", ahead,
		    e))
			return (-1);
		for (i = 0; i < x->nfed; i++)
			if (check_line(x, &lines, x->fed[i], "a timeline that "
			    "is still fed", ahead, e))
				return (-1);
	}
	return (0);
}

int
expirechosen_check(const struct expire *x, struct err *e)
{
	if (x->conf->ngone == 0)
		return (0);
	return (check_names(x, e) || check_pins(x, e) ||
	    expirechosen_rest(x, e) ||
	    (!x->conf->force && check_newest(x, e)) ? -1 : 0);
}
