/* SPDX-License-Identifier: ISC */
/* Command lines from a table: getopt_long(3) splits, this file judges. */
#include <assert.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/parse.h"
#include "tool/opt.h"
#include "tool/tool.h"

#define OPTMAX	64		/* options of a program, bytes of a name */
#define FIRST	256		/* getopt's value of the first in a table */
#define HELP	(FIRST + OPTMAX)
#define VERSION	(HELP + 1)
#define COLUMNS	78

static int
takes_value(const struct opt *o)
{
	return (o->kind != OPT_FLAG && o->kind != OPT_NOFLAG &&
	    o->kind != OPT_INSTEAD && o->kind != OPT_ALONE);
}

static int
hint(const struct opt_program *p, struct err *e, const char *what,
    const char *more)
{
	return (err_set(e, ERR_USAGE, "%.512s%s; see %s --help", what, more,
	    p->name));
}

/* The table as getopt wants it. */
static void
translate(const struct opt *opts, struct option *longs, char *letters)
{
	const struct opt	*o;
	size_t			 i, n = 0;

	letters[n++] = ':';		/* ":" for a missing value, not "?" */
	for (i = 0; opts[i].name != NULL; i++) {
		assert(i < OPTMAX - 3);
		o = &opts[i];
		longs[i].name = o->name;
		longs[i].has_arg = takes_value(o) ? required_argument :
		    no_argument;
		longs[i].val = FIRST + (int)i;
		if (o->letter == 0)
			continue;
		letters[n++] = o->letter;
		if (takes_value(o))
			letters[n++] = ':';
	}
	letters[n] = '\0';
	longs[i].name = "help";
	longs[i++].val = HELP;
	longs[i].name = "version";
	longs[i].val = VERSION;
}

static int
list_add(struct opt_list *list, const char *value, struct err *e)
{
	const char	**v;

	v = realloc(list->v, (list->n + 1) * sizeof(*v));
	if (v == NULL)
		return (err_sys(e, ERR_LOCAL, "keep an option"));
	list->v = v;
	list->v[list->n++] = value;
	return (0);
}

static int
store(const struct opt *o, const char *name, const char *value,
    struct err *e)
{
	uint64_t	 max = o->max == 0 ? UINT64_MAX : o->max;

	switch (o->kind) {
	case OPT_FLAG:
	case OPT_NOFLAG:
	case OPT_INSTEAD:
	case OPT_ALONE:
		*(int *)o->to = o->kind != OPT_NOFLAG;
		return (0);
	case OPT_BOOL:
		return (parse_bool(value, o->to, name, e));
	case OPT_STRING:
		*(const char **)o->to = value;
		return (0);
	case OPT_U64:
		return (parse_u64(value, o->min, max, o->to, name, e));
	case OPT_SIZE:
		return (parse_size(value, o->min, max, o->to, name, e));
	case OPT_SPAN:
		return (parse_span(value, o->min, max, o->to, name, e));
	case OPT_LIST:
		return (list_add(o->to, value, e));
	}
	return (-1);
}

/* The table's entry for what getopt returned. */
static const struct opt *
entry(const struct opt *opts, int ch)
{
	size_t	 i;

	if (ch >= FIRST)
		return (&opts[ch - FIRST]);
	for (i = 0; opts[i].letter != ch; i++)
		;			/* getopt knows no other letters */
	return (&opts[i]);
}

/*
 * Describe why getopt returned '?' or ':'.  Only optopt shows it: 0 for an
 * unknown or ambiguous long name, else the letter or the value of the option.
 */
static int
refused(const struct opt_program *p, const struct option *longs, int ch,
    const char *word, struct err *e)
{
	char	 name[OPTMAX] = { '-', (char)optopt, '\0' };
	size_t	 len, i, like = 0;

	if (optopt == 0) {		/* a long name that getopt lacks */
		len = strcspn(word, "=");
		for (i = 0; len > 2 && longs[i].name != NULL; i++)
			like += strncmp(longs[i].name, word + 2, len - 2) == 0;
		(void)snprintf(name, sizeof(name), "%.*s", (int)len, word);
		return (hint(p, e, name, like > 1 ? ": ambiguous option" :
		    ": unknown option"));
	}
	for (i = 0; longs[i].name != NULL; i++)
		if (longs[i].val == optopt)
			(void)snprintf(name, sizeof(name), "--%s",
			    longs[i].name);
	if (ch == ':')
		return (hint(p, e, name, ": the option needs a value"));
	return (hint(p, e, name, optopt >= FIRST ?
	    ": the option takes no value" : ": unknown option"));
}

static int
take(const struct opt_program *p, const struct opt *o, const char *value,
    struct err *e)
{
	char		 name[OPTMAX];
	struct err	 was;

	(void)snprintf(name, sizeof(name), "--%s", o->name);
	if (store(o, name, value, e) == 0)
		return (0);
	if (e->kind != ERR_CONFIG)
		return (-1);
	/* The parsers are made for files; this value was typed. */
	was = *e;
	err_clear(e);
	return (hint(p, e, was.msg, ""));
}

/* Print words from column "from" on; the line has "at" characters so far. */
static void
wrap(const char *text, int at, int from)
{
	int	 n, first = 1;

	(void)printf("%*s", from - at, "");
	at = from;
	for (; *text != '\0'; text += n, text += strspn(text, " ")) {
		n = (int)strcspn(text, " ");
		if (!first && at + 1 + n > COLUMNS) {
			(void)printf("\n%*s", from, "");
			at = from;
		} else if (!first) {
			(void)printf(" ");
			at++;
		}
		(void)printf("%.*s", n, text);
		at += n;
		first = 0;
	}
	(void)printf("\n");
}

static int
width(const struct opt *o)
{
	return ((int)(strlen("  -x, --") + strlen(o->name) +
	    (takes_value(o) ? strlen("=") + strlen(o->arg) : 0)));
}

static void
help_line(const struct opt *o, int column)
{
	if (o->letter != 0)
		(void)printf("  -%c, --%s", o->letter, o->name);
	else
		(void)printf("      --%s", o->name);
	if (takes_value(o))
		(void)printf("=%s", o->arg);
	wrap(o->help, width(o), column);
}

static int
help(const struct opt_program *p, const struct opt *opts, struct err *e)
{
	static const struct opt	 own[] = {
		{ "help", 0, OPT_FLAG, NULL, NULL,
		    "Print a usage summary and exit.", 0, 0 },
		{ "version", 0, OPT_FLAG, NULL, NULL,
		    "Print the version and exit.", 0, 0 }
	};
	int			 column = width(&own[1]);
	size_t			 i;

	for (i = 0; opts[i].name != NULL; i++)
		if (width(&opts[i]) > column)
			column = width(&opts[i]);
	column += 2;
	(void)printf("usage: %s %s\n", p->name, p->synopsis);
	wrap(p->summary, 0, 0);
	(void)printf("\n");
	for (i = 0; opts[i].name != NULL; i++)
		help_line(&opts[i], column);
	help_line(&own[0], column);
	help_line(&own[1], column);
	(void)printf("\nSee %s(1).\n", p->name);
	return (tool_flush(e) == -1 ? -1 : 1);
}

static int
version(const struct opt_program *p, struct err *e)
{
	(void)printf("%s (Seawall) %s\n", p->name, SEAWALL_VERSION);
	return (tool_flush(e) == -1 ? -1 : 1);
}

static int
count(const struct opt_program *p, const struct opt *o, size_t n, char **args,
    struct err *e)
{
	size_t	 min = p->min_args, max = p->max_args;

	for (; o->name != NULL; o++)
		if ((o->kind == OPT_INSTEAD || o->kind == OPT_ALONE) &&
		    *(const int *)o->to)
			min = max = 0;
	if (n < min)
		return (hint(p, e, n == 0 ? "no argument" :
		    "too few arguments", ""));
	if (n > max)
		return (hint(p, e, args[max],
		    ": one argument too many"));
	return (0);
}

int
opt_parse(const struct opt_program *p, const struct opt *opts, int argc,
    char *argv[], char ***args, size_t *nargs, struct err *e)
{
	struct option	 longs[OPTMAX];
	char		 letters[2 * OPTMAX];
	int		 ch;

	memset(longs, 0, sizeof(longs));
	translate(opts, longs, letters);
	opterr = 0;
	optind = 0;			/* glibc: begin anew */
	while ((ch = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (ch == HELP)
			return (help(p, opts, e));
		if (ch == VERSION)
			return (version(p, e));
		if (ch == ':' || ch == '?')
			return (refused(p, longs, ch, argv[optind - 1], e));
		if (take(p, entry(opts, ch), optarg, e) == -1)
			return (-1);
	}
	*args = argv + optind;
	*nargs = (size_t)(argc - optind);
	return (count(p, opts, *nargs, *args, e));
}

void
opt_free(const struct opt *opts)
{
	struct opt_list	*list;

	for (; opts->name != NULL; opts++)
		if (opts->kind == OPT_LIST) {
			list = opts->to;
			free(list->v);
			*list = (struct opt_list){ NULL, 0 };
		}
}
