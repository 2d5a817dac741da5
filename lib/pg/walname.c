/* SPDX-License-Identifier: ISC */
/* Parses and writes names of WAL files, and computes with segments. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "pg/walname.h"

#define SEGMENT_DIGITS	24

/* Read eight upper-case hexadecimal digits; -1 if they are not there. */
static int
hex8(const char *s, uint32_t *out)
{
	static const char	 digits[] = "0123456789ABCDEF";
	uint32_t		 v = 0;
	size_t			 i;

	if (strspn(s, digits) < 8)
		return (-1);
	for (i = 0; i < 8; i++)
		v = v << 4 | (uint32_t)(strchr(digits, s[i]) - digits);
	*out = v;
	return (0);
}

/* The text behind a segment's name decides what kind of file it is. */
static int
suffix(const char *s, struct walname *w)
{
	if (*s == '\0')
		w->kind = WALNAME_SEGMENT;
	else if (strcmp(s, ".partial") == 0)
		w->kind = WALNAME_PARTIAL;
	else if (*s == '.' && hex8(s + 1, &w->offset) == 0 &&
	    strcmp(s + 9, ".backup") == 0)
		w->kind = WALNAME_BACKUP;
	else
		return (-1);
	return (0);
}

static int
parts(const char *s, struct walname *w)
{
	/* Each step reads only as far as the one before has found digits. */
	if (hex8(s, &w->tli) || w->tli == 0)
		return (-1);
	if (strcmp(s + 8, ".history") == 0) {
		w->kind = WALNAME_HISTORY;
		return (0);
	}
	if (hex8(s + 8, &w->log) || hex8(s + 16, &w->seg))
		return (-1);
	return (suffix(s + SEGMENT_DIGITS, w));
}

int
walname_parse(const char *name, struct walname *out, struct err *e)
{
	struct walname	 w = { WALNAME_SEGMENT, 0, 0, 0, 0 };
	char		 shown[80];

	if (parts(name, &w))
		return (err_set(e, ERR_USAGE, "not a WAL file name: \"%s\"",
		    str_clean(shown, sizeof(shown), name, strlen(name))));
	*out = w;
	return (0);
}

const char *
walname_format(char buf[WALNAME_TEXT], const struct walname *w)
{
	char	 seg[SEGMENT_DIGITS + 1];

	/* All numbers have a fixed width, so nothing is ever cut. */
	(void)snprintf(seg, sizeof(seg), "%08" PRIX32 "%08" PRIX32
	    "%08" PRIX32, w->tli, w->log, w->seg);
	switch (w->kind) {
	case WALNAME_SEGMENT:
		(void)snprintf(buf, WALNAME_TEXT, "%s", seg);
		break;
	case WALNAME_PARTIAL:
		(void)snprintf(buf, WALNAME_TEXT, "%s.partial", seg);
		break;
	case WALNAME_BACKUP:
		(void)snprintf(buf, WALNAME_TEXT, "%s.%08" PRIX32 ".backup",
		    seg, w->offset);
		break;
	case WALNAME_HISTORY:
		(void)snprintf(buf, WALNAME_TEXT, "%08" PRIX32 ".history",
		    w->tli);
		break;
	}
	return (buf);
}

int
walname_segsize_ok(uint64_t n)
{
	return (n >= 1 << 20 && n <= 1 << 30 && (n & (n - 1)) == 0);
}

/* How many segments make 4 GiB of WAL. */
static uint32_t
per_log(uint32_t segsize)
{
	assert(walname_segsize_ok(segsize));
	return ((uint32_t)((UINT64_C(1) << 32) / segsize));
}

int
walname_check(const struct walname *w, uint32_t segsize, struct err *e)
{
	char	 name[WALNAME_TEXT];

	if (w->kind == WALNAME_HISTORY)
		return (0);
	if (w->seg >= per_log(segsize))
		return (err_set(e, ERR_CORRUPT, "%s: with WAL segments of %"
		    PRIu32 " MiB the last eight digits are at most %08" PRIX32
		    "; is it from another cluster?", walname_format(name, w),
		    segsize >> 20, per_log(segsize) - 1));
	if (w->kind == WALNAME_BACKUP && w->offset >= segsize)
		return (err_set(e, ERR_CORRUPT, "%s: found offset %08" PRIX32
		    ", expected one within a WAL segment of %" PRIu32 " MiB",
		    walname_format(name, w), w->offset, segsize >> 20));
	return (0);
}

uint64_t
walname_segno(const struct walname *w, uint32_t segsize)
{
	return ((uint64_t)w->log * per_log(segsize) + w->seg);
}

uint64_t
walname_lsn(const struct walname *w, uint32_t segsize)
{
	return (walname_segno(w, segsize) * segsize);
}

struct walname
walname_at(uint32_t tli, uint64_t lsn, uint32_t segsize)
{
	struct walname	 w = { WALNAME_SEGMENT, tli, 0, 0, 0 };

	assert(walname_segsize_ok(segsize));
	/* 4 GiB are a whole number of segments, so "log" is the high half. */
	w.log = (uint32_t)(lsn >> 32);
	w.seg = (uint32_t)lsn / segsize;
	return (w);
}

struct walname
walname_before(uint32_t tli, uint64_t lsn, uint32_t segsize)
{
	return (walname_at(tli, lsn == 0 ? 0 : lsn - 1, segsize));
}

struct walname
walname_next(const struct walname *w, uint32_t segsize)
{
	return (walname_at(w->tli, walname_lsn(w, segsize) + segsize,
	    segsize));
}

int
walname_compare(const struct walname *a, const struct walname *b)
{
	if (a->tli != b->tli)
		return (a->tli < b->tli ? -1 : 1);
	if ((a->kind == WALNAME_HISTORY) != (b->kind == WALNAME_HISTORY))
		return (a->kind == WALNAME_HISTORY ? -1 : 1);
	if (a->log != b->log)
		return (a->log < b->log ? -1 : 1);
	if (a->seg != b->seg)
		return (a->seg < b->seg ? -1 : 1);
	if (a->kind != b->kind)
		return (a->kind < b->kind ? -1 : 1);
	return (a->offset < b->offset ? -1 : a->offset > b->offset);
}
