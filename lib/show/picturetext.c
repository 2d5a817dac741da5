/* SPDX-License-Identifier: ISC */
/* A picture made of characters. */
#include <inttypes.h>
#include <string.h>

#include "show/listtext.h"
#include "show/picturetext.h"

#define WIDTH	62		/* of the lanes */
#define MARGIN	16		/* for their names */

static const char *const marks[] = {
	[PICTURE_KEPT] = "●", [PICTURE_PINNED] = "◆",
	[PICTURE_GOES] = "○", [PICTURE_BROKEN] = "✗"
};

static void
print_lane(FILE *out, const struct picture *p, size_t lane)
{
	const char			*cell[WIDTH];
	char				 name[32];
	const struct picture_span	*s;
	unsigned			 x, end;
	size_t				 i;

	for (x = 0; x < WIDTH; x++)
		cell[x] = " ";
	/* Gaps last, or a short one would be hidden by its neighbours. */
	for (i = 0; i < 2 * p->nspan; i++) {
		s = &p->span[i % p->nspan];
		if (s->lane != lane || s->gap != (i >= p->nspan))
			continue;
		end = picture_x(p, s->to_us, WIDTH - 1);
		for (x = picture_x(p, s->from_us, WIDTH - 1); x <= end; x++)
			cell[x] = s->gap ? "╌" : "━";
	}
	for (i = 0; i < p->nmark; i++)
		if (p->mark[i].lane == lane)
			cell[picture_x(p, p->mark[i].us, WIDTH - 1)] =
			    marks[p->mark[i].kind];
	(void)snprintf(name, sizeof(name), "timeline %" PRIu32, p->lane[lane]);
	(void)fprintf(out, "%-*s", MARGIN, name);
	for (end = WIDTH; end > 0 && cell[end - 1][0] == ' '; end--)
		;
	for (x = 0; x < end; x++)
		(void)fputs(cell[x], out);
	(void)fputc('\n', out);
}

/* Where a tick stands, and where its text begins, which must not stick out. */
static unsigned
tick_at(unsigned i)
{
	return ((WIDTH - 1) * i / (PICTURE_TICKS - 1));
}

static void
print_axis(FILE *out, const struct picture *p)
{
	char	 line[MARGIN + WIDTH + 1], text[CLOCK_TEXT];
	size_t	 n, from;
	unsigned i, x;

	(void)fprintf(out, "%*s", MARGIN, "");
	for (x = 0, i = 0; x < WIDTH; x++)
		if (i < PICTURE_TICKS && x == tick_at(i)) {
			(void)fputs(x == 0 ? "└" : x == WIDTH - 1 ? "┘" :
			    "┴", out);
			i++;
		} else
			(void)fputs("─", out);
	memset(line, ' ', sizeof(line));
	for (i = 0; i < PICTURE_TICKS; i++) {
		n = strlen(picture_tick(text, p, i));
		from = MARGIN + tick_at(i);
		from -= i == 0 ? 0 : i == PICTURE_TICKS - 1 ? n - 1 : n / 2;
		memcpy(line + from, text, n);
	}
	(void)fprintf(out, "\n%.*s\n", MARGIN + WIDTH, line);
}

void
picturetext_print(FILE *out, const struct picture *p)
{
	char	 next[PICTURE_NEXT];
	size_t	 i;

	listtext_head(out, p->list);
	for (i = 0; i < p->nlane; i++)
		print_lane(out, p, i);
	print_axis(out, p);
	(void)fprintf(out, "%s kept  %s pinned  %s expires  %s cannot be "
	    "restored  ━ recovery  ╌ gap\n%s\n", marks[PICTURE_KEPT],
	    marks[PICTURE_PINNED], marks[PICTURE_GOES], marks[PICTURE_BROKEN],
	    picture_next(next, p));
}
