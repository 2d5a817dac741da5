/* SPDX-License-Identifier: ISC */
/* Reads timeline history files, and finds the WAL that they lead through. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "pg/history.h"

#define LINE	1024		/* bytes of a line that are looked at */

static int
blank(char c)
{
	return (c == ' ' || (c >= '\t' && c <= '\r'));
}

static const char *
skip_blanks(const char *p)
{
	while (blank(*p))
		p++;
	return (p);
}

/* Read digits of base 10 or 16; the text behind them, or NULL. */
static const char *
digits(const char *p, unsigned base, uint32_t *out)
{
	static const char	 all[] = "0123456789abcdef0123456789ABCDEF";
	const char		*at, *from = p;
	uint64_t		 v = 0;

	for (; *p != '\0' && (at = strchr(all, *p)) != NULL; p++) {
		if (((at - all) & 15) >= (int)base)
			break;
		v = v * base + (uint64_t)((at - all) & 15);
		if (v > UINT32_MAX)
			return (NULL);
	}
	*out = (uint32_t)v;
	return (p == from ? NULL : p);
}

/* "1<tab>0/5000000<tab>reason"; the reason is not read. */
static int
entry(const char *p, struct history_entry *h)
{
	uint32_t	 hi, lo;

	if ((p = digits(skip_blanks(p), 10, &h->tli)) == NULL || !blank(*p) ||
	    (p = digits(skip_blanks(p), 16, &hi)) == NULL || *p != '/' ||
	    (p = digits(p + 1, 16, &lo)) == NULL ||
	    (*p != '\0' && !blank(*p)))
		return (-1);
	h->end = (uint64_t)hi << 32 | lo;
	return (0);
}

static int
append(struct history *h, const struct history_entry *new, struct err *e)
{
	struct history_entry	*v;

	/* Room doubles each time that n reaches a power of two. */
	if ((h->n & (h->n - 1)) == 0) {
		v = realloc(h->v, (h->n == 0 ? 1 : h->n * 2) * sizeof(*v));
		if (v == NULL)
			return (err_sys(e, ERR_LOCAL, "timeline history"));
		h->v = v;
	}
	h->v[h->n++] = *new;
	return (0);
}

static int
line(struct history *h, const char *text, struct err *e)
{
	struct history_entry	 new;
	const char		*p = skip_blanks(text);
	char			 shown[80];

	if (*p == '\0' || *p == '#')
		return (0);
	if (entry(p, &new))
		return (err_set(e, ERR_CORRUPT, "history of timeline %" PRIu32
		    ": found \"%s\", expected a timeline and an LSN", h->tli,
		    str_clean(shown, sizeof(shown), p, strlen(p))));
	/* PostgreSQL gives a new timeline a higher number than any before. */
	if (new.tli == 0 || new.tli >= h->tli ||
	    (h->n > 0 && new.tli <= h->v[h->n - 1].tli))
		return (err_set(e, ERR_CORRUPT, "history of timeline %" PRIu32
		    ": found timeline %" PRIu32 ", expected rising numbers "
		    "from 1 to %" PRIu32, h->tli, new.tli, h->tli - 1));
	return (append(h, &new, e));
}

static int
lines(struct history *h, const char *p, size_t n, struct err *e)
{
	const char	*end = p + n, *eol;
	char		 text[LINE];
	size_t		 len;

	for (; p < end; p = eol + (eol < end)) {
		if ((eol = memchr(p, '\n', (size_t)(end - p))) == NULL)
			eol = end;
		/* Only the reason, which is not read, can be this long. */
		len = (size_t)(eol - p);
		if (len > sizeof(text) - 1)
			len = sizeof(text) - 1;
		memcpy(text, p, len);
		text[len] = '\0';
		if (line(h, text, e))
			return (-1);
	}
	return (0);
}

static int
set_cut(struct history *h, struct err *e)
{
	uint64_t	 least = UINT64_MAX;
	size_t		 i;

	if ((h->cut = calloc(h->n + 1, sizeof(*h->cut))) == NULL)
		return (err_sys(e, ERR_LOCAL, "timeline history"));
	for (i = h->n; i-- > 0;) {
		if (h->v[i].end < least)
			least = h->v[i].end;
		h->cut[i] = least;
	}
	return (0);
}

int
history_parse(const char *p, size_t n, uint32_t tli, struct history *out,
    struct err *e)
{
	struct history	 h = { .tli = tli };

	if (n > HISTORY_MAX)
		return (err_set(e, ERR_CORRUPT, "history of timeline %" PRIu32
		    ": %zu bytes, expected at most %d", tli, n, HISTORY_MAX));
	if (memchr(p, '\0', n) != NULL)
		return (err_set(e, ERR_CORRUPT, "history of timeline %" PRIu32
		    ": found a NUL byte, expected text", tli));
	if (lines(&h, p, n, e) || set_cut(&h, e)) {
		history_free(&h);
		return (-1);
	}
	*out = h;
	return (0);
}

void
history_free(struct history *h)
{
	free(h->v);
	free(h->cut);
	h->v = NULL;
	h->cut = NULL;
	h->n = 0;
}

/* The index of the first entry of this timeline or a later one. */
static size_t
find(const struct history *h, uint32_t tli)
{
	size_t	 lo = 0, hi = h->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (h->v[mid].tli < tli)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo);
}

int
history_span(const struct history *h, uint32_t tli, uint64_t *begin,
    uint64_t *end)
{
	size_t	 i = find(h, tli);

	*begin = 0;
	*end = UINT64_MAX;
	/* A timeline begins where the one listed before it was left. */
	if (i > 0)
		*begin = h->v[i - 1].end;
	if (i == h->n)
		return (tli == h->tli);
	if (h->v[i].tli != tli)
		return (0);
	/* A later switch at a lower LSN cuts off more: see history.h. */
	if (h->cut != NULL)
		*end = h->cut[i];
	for (; h->cut == NULL && i < h->n; i++)
		if (h->v[i].end < *end)
			*end = h->v[i].end;
	return (*begin < *end);
}

uint32_t
history_tli_at(const struct history *h, uint64_t lsn)
{
	size_t	 i;

	/* From the youngest: only the last switch at or before "lsn" counts. */
	for (i = h->n; i > 0; i--)
		if (h->v[i - 1].end <= lsn)
			break;
	return (i == h->n ? h->tli : h->v[i].tli);
}
