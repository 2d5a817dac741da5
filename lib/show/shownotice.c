/* SPDX-License-Identifier: ISC */
/* The end of a run as a program reads it. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/jval.h"
#include "show/show.h"
#include "show/shownotice.h"

#define SCHEMA	1		/* that of showcheck.c */

static int
check(struct jval *list, const struct shownotice *s, struct err *e)
{
	static const char *const	 none[] = { "value", "unit",
					    "warning", "critical" };
	struct jval			*j = NULL;
	size_t				 i;

	if (jval_object(&j, e) ||
	    jval_set_str(j, "name", s->program, e) ||
	    jval_set_str(j, "status", health_name(s->health), e))
		goto fail;
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (jval_set_null(j, none[i], e))
			goto fail;
	if (show_json_text(j, "found", s->found, e) ||
	    jval_set_null(j, "cure", e))
		goto fail;
	return (jval_add(list, j, e));
fail:
	jval_free(j);
	return (-1);
}

/* The member "key" of "to": a list of what "each" appends. */
static int
list_of(struct jval *to, const char *key, const struct shownotice *s,
    int (*each)(struct jval *, const struct shownotice *, struct err *),
    struct err *e)
{
	struct jval	*list = NULL;

	if (jval_list(&list, e))
		return (-1);
	if (each(list, s, e)) {
		jval_free(list);
		return (-1);
	}
	return (jval_set(to, key, list, e));
}

static int
server(struct jval *list, const struct shownotice *s, struct err *e)
{
	struct jval	*j = NULL;

	if (jval_object(&j, e) ||
	    show_json_text(j, "server", s->server, e) ||
	    jval_set_null(j, "system_identifier", e) ||
	    jval_set_str(j, "status", health_name(s->health), e) ||
	    list_of(j, "checks", s, check, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

int
shownotice_json(FILE *out, const struct shownotice *s, struct err *e)
{
	struct jval	*j = NULL;
	char		*text = NULL, time[CLOCK_TEXT];
	size_t		 n;
	int		 rc = -1;

	if (jval_object(&j, e) ||
	    jval_set_u64(j, "schema", SCHEMA, e) ||
	    jval_set_str(j, "time", show_moment(time, s->now_us), e) ||
	    jval_set_str(j, "status", health_name(s->health), e) ||
	    list_of(j, "servers", s, server, e) ||
	    jval_text(j, 1, &text, &n, e))
		goto out;
	(void)fprintf(out, "%s\n", text);
	rc = 0;
out:
	free(text);
	jval_free(j);
	return (rc);
}
