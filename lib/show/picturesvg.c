/* SPDX-License-Identifier: ISC */
/*
 * Pictures as SVG and HTML.  All texts from outside go through show_markup(),
 * which leaves nothing in them that a browser takes for markup.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/path.h"
#include "show/listtext.h"
#include "show/picturesvg.h"

/* In units of the picture, which is as wide as a telephone has pixels. */
#define WIDTH	360U
#define EDGE	12U
#define LANE	44U		/* from one lane to the next */
#define BAR	10U
#define LINE	15U		/* of text */
#define LEGEND	18U		/* from its first line to the second */
#define BELOW	64U		/* the lanes: axis and legend */
#define COLUMNS	54		/* of it, at least, fit on a line */
#define MODE	0644

struct picturesvg {
	const char	*file;
	int		 html;
	FILE		*out;		/* owned: the body */
	char		*text;		/* owned by it until it is closed */
	size_t		 n;
	unsigned	 height;	/* so far */
};

static const char style[] =
    "text{font:11px system-ui,sans-serif;fill:currentColor}"
    ".w{fill:#4a86d8}.g{stroke:#d03030;stroke-width:2;"
    "stroke-dasharray:3 2}.a{stroke:currentColor;stroke-width:1}"
    ".k{fill:#1d4f91;stroke:#fff}.p{fill:#e0a000;stroke:#fff}"
    ".x{fill:#fff;stroke:#888;stroke-width:2}"
    ".b{stroke:#d03030;stroke-width:3}";

static void
put_text(FILE *out, unsigned x, unsigned y, const char *more, const char *text)
{
	(void)fprintf(out, "<text x=\"%u\" y=\"%u\"%s>", x, y, more);
	show_markup(out, text);
	(void)fputs("</text>\n", out);
}

static unsigned
at(const struct picture *p, int64_t us)
{
	return (EDGE + picture_x(p, us, WIDTH - 2 * EDGE));
}

static void
draw_span(FILE *out, const struct picture *p, const struct picture_span *s,
    unsigned y)
{
	const unsigned	 x = at(p, s->from_us), to = at(p, s->to_us);

	if (s->gap)
		(void)fprintf(out, "<path class=\"g\" d=\"M%u %uH%u\"/>\n", x,
		    y, to > x ? to : x + 1);
	else
		(void)fprintf(out, "<rect class=\"w\" x=\"%u\" y=\"%u\" "
		    "width=\"%u\" height=\"%u\" rx=\"2\"/>\n", x, y - BAR / 2,
		    to > x ? to - x : 1, BAR);
}

static void
draw_shape(FILE *out, enum picture_kind kind, unsigned x, unsigned y)
{
	switch (kind) {
	case PICTURE_KEPT:
		(void)fprintf(out, "<circle class=\"k\" cx=\"%u\" cy=\"%u\" "
		    "r=\"6\"", x, y);
		break;
	case PICTURE_PINNED:
		(void)fprintf(out, "<path class=\"p\" d=\"M%u %ul7 7-7 7-7-7z"
		    "\"", x, y - 7);
		break;
	case PICTURE_GOES:
		(void)fprintf(out, "<circle class=\"x\" cx=\"%u\" cy=\"%u\" "
		    "r=\"5\"", x, y);
		break;
	case PICTURE_BROKEN:
		(void)fprintf(out, "<path class=\"b\" d=\"M%u %ul10 10m0-10"
		    "l-10 10\"", x - 5, y - 5);
		break;
	}
}

/* A pointer that rests on it shows what it is. */
static void
draw_mark(FILE *out, const struct picture *p, const struct picture_mark *m,
    unsigned y)
{
	const struct label	*l = catalogue_label(p->list->cat, m->label);
	char			 keep[SHOWKEEP_TEXT], t[CLOCK_TEXT];
	const int		 local = p->list->conf->local;

	draw_shape(out, m->kind, at(p, m->us), y);
	(void)fputs("><title>", out);
	show_markup(out, l->id);
	(void)fprintf(out, ", ended %s: ", show_time(t, l->stop_us, local));
	show_markup(out, showkeep_text(keep, &p->list->keep, m->label,
	    local));
	(void)fputs("</title>", out);
	(void)fputs(m->kind == PICTURE_KEPT || m->kind == PICTURE_GOES ?
	    "</circle>\n" : "</path>\n", out);
}

static void
draw_lane(FILE *out, const struct picture *p, size_t lane, unsigned y)
{
	char	 name[32];
	size_t	 i;

	(void)snprintf(name, sizeof(name), "timeline %" PRIu32, p->lane[lane]);
	put_text(out, EDGE, y - 12, "", name);
	for (i = 0; i < p->nspan; i++)
		if (p->span[i].lane == lane)
			draw_span(out, p, &p->span[i], y);
	for (i = 0; i < p->nmark; i++)
		if (p->mark[i].lane == lane)
			draw_mark(out, p, &p->mark[i], y);
}

static void
draw_axis(FILE *out, const struct picture *p, unsigned y)
{
	char	 text[CLOCK_TEXT];
	unsigned i, x;

	(void)fprintf(out, "<path class=\"a\" d=\"M%u %uH%u\"/>\n", EDGE, y,
	    WIDTH - EDGE);
	for (i = 0; i < PICTURE_TICKS; i++) {
		x = EDGE + (WIDTH - 2 * EDGE) * i / (PICTURE_TICKS - 1);
		(void)fprintf(out, "<path class=\"a\" d=\"M%u %uv4\"/>\n", x,
		    y);
		put_text(out, x, y + 15, i == 0 ? "" :
		    i == PICTURE_TICKS - 1 ? " text-anchor=\"end\"" :
		    " text-anchor=\"middle\"",
		    picture_tick(text, p, i));
	}
}

/* Two lines of three. */
static void
draw_legend(FILE *out, unsigned y)
{
	static const struct {
		unsigned		 x, line;
		enum picture_kind	 kind;
		const char		*text;
	} v[] = {
		{ EDGE + 9, 0, PICTURE_KEPT, "kept" },
		{ EDGE + 119, 0, PICTURE_PINNED, "pinned" },
		{ EDGE + 229, 0, PICTURE_GOES, "expires" },
		{ EDGE + 9, LEGEND, PICTURE_BROKEN, "broken" }
	};
	size_t	 i;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		draw_shape(out, v[i].kind, v[i].x, y + v[i].line - 4);
		(void)fputs("/>", out);
		put_text(out, v[i].x + 14, y + v[i].line, "", v[i].text);
	}
	y += LEGEND;
	(void)fprintf(out, "<rect class=\"w\" x=\"%u\" y=\"%u\" width=\"18\" "
	    "height=\"8\" rx=\"2\"/>\n", EDGE + 110, y - 8);
	put_text(out, EDGE + 133, y, "", "recovery");
	(void)fprintf(out, "<path class=\"g\" d=\"M%u %uh18\"/>\n", EDGE + 220,
	    y - 4);
	put_text(out, EDGE + 243, y, "", "gap");
}

/* Draw the lanes from "y" on; returns where they end. */
static unsigned
draw(FILE *out, const struct picture *p, unsigned y)
{
	size_t	 i;

	for (i = 0; i < p->nlane; i++)
		draw_lane(out, p, i, y + 28 + (unsigned)i * LANE);
	y += (unsigned)p->nlane * LANE + 4;
	draw_axis(out, p, y);
	draw_legend(out, y + 36);
	return (y + BELOW);
}

int
picturesvg_open(struct picturesvg **out, const char *file, struct err *e)
{
	const char		*end = strrchr(path_base(file), '.');
	const int		 html = end != NULL &&
	    strcmp(end, ".html") == 0;
	struct picturesvg	*f;

	if (!html && (end == NULL || strcmp(end, ".svg") != 0))
		return (err_set(e, ERR_USAGE, "--picture %s: expected a name "
		    "that ends in .svg or .html", file));
	if ((f = calloc(1, sizeof(*f))) == NULL ||
	    (f->out = open_memstream(&f->text, &f->n)) == NULL) {
		free(f);
		return (err_sys(e, ERR_LOCAL, "%s", file));
	}
	f->file = file;
	f->html = html;
	*out = f;
	return (0);
}

/* The same lines as at the head of the listing. */
static char *
head_text(const struct picture *p)
{
	char	*text = NULL;
	size_t	 n = 0;
	FILE	*out = open_memstream(&text, &n);

	if (out == NULL)
		return (NULL);
	listtext_head(out, p->list);
	if (fclose(out) != 0) {
		free(text);
		return (NULL);
	}
	return (text);
}

/* How much of "s" goes on a line of SVG, which breaks none by itself. */
static size_t
fitting(const char *s)
{
	size_t	 n = strlen(s), i;

	if (n <= COLUMNS)
		return (n);
	for (i = COLUMNS; i > 0 && s[i] != ' '; i--)
		;
	if (i > 0)
		return (i);
	/* Never in the middle of a character. */
	for (i = COLUMNS; i > 1 && ((unsigned char)s[i] & 0xc0) == 0x80; i--)
		;
	return (i);
}

/* Put lines of text below "y"; returns where they end. */
static unsigned
put_lines(struct picturesvg *f, char *text, unsigned y)
{
	char	*save = NULL, *s, piece[COLUMNS + 1];
	size_t	 n;

	for (s = strtok_r(text, "\n", &save); s != NULL;
	    s = strtok_r(NULL, "\n", &save)) {
		if (f->html) {
			(void)fputs("<p>", f->out);
			show_markup(f->out, s);
			(void)fputs("</p>\n", f->out);
			continue;
		}
		for (; s[0] != '\0'; s += n, s += strspn(s, " ")) {
			n = fitting(s);
			memcpy(piece, s, n);
			piece[n] = '\0';
			put_text(f->out, EDGE, y += LINE, "", piece);
		}
	}
	return (y);
}

/* What the picture shows, for those that do not see it. */
static void
put_table(FILE *out, const struct picture *p)
{
	const struct label	*l;
	char			 t[CLOCK_TEXT], age[SHOW_SPAN];
	char			 keep[SHOWKEEP_TEXT];
	size_t			 i;

	(void)fputs("<table><tr><th>backup</th><th>ended</th><th>kept</th>"
	    "</tr>\n", out);
	for (i = 0; i < p->nmark; i++) {
		l = catalogue_label(p->list->cat, i);
		(void)fputs("<tr><td><b>", out);
		show_markup(out, l->id);
		(void)fputs(l->label[0] != '\0' ? "</b><br>" : "</b>", out);
		show_markup(out, l->label);
		(void)fprintf(out, "</td><td><span>%s, %s ago</span></td><td>",
		    show_time(t, l->stop_us, p->list->conf->local),
		    show_span(age, p->list->conf->now_us - l->stop_us));
		show_markup(out, showkeep_text(keep, &p->list->keep, i,
		    p->list->conf->local));
		(void)fputs("</td></tr>\n", out);
	}
	(void)fputs("</table>\n", out);
}

void
picturesvg_add(struct picturesvg *f, const struct picture *p)
{
	const unsigned	 height = (unsigned)p->nlane * LANE + 4 + BELOW;
	char		*head = head_text(p), next[PICTURE_NEXT];

	(void)picture_next(next, p);
	if (f->html)
		(void)fputs("<section>\n", f->out);
	if (head != NULL)
		f->height = put_lines(f, head, f->height + 6);
	free(head);
	if (f->html)
		(void)fprintf(f->out, "<svg viewBox=\"0 0 %u %u\" role=\"img\""
		    " aria-label=\"recovery windows\">\n", WIDTH, height);
	f->height = draw(f->out, p, f->html ? 0 : f->height);
	if (f->html)
		(void)fputs("</svg>\n", f->out);
	f->height = put_lines(f, next, f->height);
	if (f->html) {
		put_table(f->out, p);
		(void)fputs("</section>\n", f->out);
	}
	f->height += LINE;
}

void
picturesvg_failed(struct picturesvg *f, const char *server, const char *why)
{
	char	 text[640];

	(void)snprintf(text, sizeof(text), "server %.64s is not known: %s",
	    server, why);
	f->height = put_lines(f, text, f->height + 6) + LINE;
}

/* Put what comes before and behind the body around it. */
static int
whole(struct picturesvg *f, char **text, size_t *n, struct err *e)
{
	FILE	*out = open_memstream(text, n);

	if (out == NULL)
		return (err_sys(e, ERR_LOCAL, "%s", f->file));
	if (f->html)
		(void)fprintf(out, "<!DOCTYPE html>\n<html lang=\"en\"><head>"
		    "<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
		    "content=\"width=device-width,initial-scale=1\">\n"
		    "<title>Recovery windows</title>\n<style>:root{"
		    "color-scheme:light dark}body{font:16px system-ui,"
		    "sans-serif;max-width:50rem;margin:0 auto;padding:.5rem;"
		    "overflow-wrap:anywhere}section{margin-bottom:2rem}p{"
		    "margin:.2rem 0}svg{width:100%%;max-width:36rem;height:"
		    "auto}table{width:100%%;border-collapse:collapse;"
		    "font-size:.85rem}td,th{text-align:left;vertical-align:"
		    "top;padding:.3rem .6rem .3rem 0}tr{border-top:1px solid "
		    "#8888}b,span{white-space:nowrap}@media(max-width:40rem){"
		    "tr,td{display:block}tr{padding:.4rem 0}td{padding:0}"
		    "tr:first-child{display:none}}%s</style></head><body>\n",
		    style);
	else
		(void)fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
		    "\n<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 "
		    "0 %u %u\" width=\"%u\" color=\"#222\">\n<style>%s"
		    "</style>\n<rect width=\"100%%\" height=\"100%%\" "
		    "fill=\"#fff\"/>\n", WIDTH, f->height, 2 * WIDTH, style);
	(void)fwrite(f->text, 1, f->n, out);
	(void)fputs(f->html ? "</body></html>\n" : "</svg>\n", out);
	return (fclose(out) != 0 ? err_sys(e, ERR_LOCAL, "%s", f->file) : 0);
}

int
picturesvg_save(struct picturesvg *f, struct err *e)
{
	char	*text = NULL;
	size_t	 n = 0;
	int	 rc = fclose(f->out);

	f->out = NULL;
	if (rc != 0)
		return (err_sys(e, ERR_LOCAL, "%s", f->file));
	if (f->height == 0)
		return (0);
	if ((rc = whole(f, &text, &n, e)) == 0)
		rc = io_save(f->file, MODE, text, n, 1, e);
	free(text);
	return (rc);
}

void
picturesvg_free(struct picturesvg *f)
{
	if (f == NULL)
		return;
	if (f->out != NULL)
		(void)fclose(f->out);	/* memory: nothing to lose */
	free(f->text);
	free(f);
}
