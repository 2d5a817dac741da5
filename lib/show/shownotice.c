/* SPDX-License-Identifier: ISC */
/* The end of a run as a program reads it. */
#include "base/jval.h"
#include "show/show.h"
#include "show/showcheck.h"
#include "show/shownotice.h"

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

static int
server(struct jval *list, const struct shownotice *s, struct err *e)
{
	struct jval	*j = NULL, *checks = NULL;

	if (jval_list(&checks, e))
		return (-1);
	if (check(checks, s, e) || jval_object(&j, e) ||
	    show_json_text(j, "server", s->server, e) ||
	    jval_set_null(j, "system_identifier", e) ||
	    jval_set_str(j, "status", health_name(s->health), e)) {
		jval_free(checks);
		jval_free(j);
		return (-1);
	}
	if (jval_set(j, "checks", checks, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

int
shownotice_json(FILE *out, const struct shownotice *s, struct err *e)
{
	struct jval	*list = NULL;

	if (jval_list(&list, e))
		return (-1);
	if (server(list, s, e)) {
		jval_free(list);
		return (-1);
	}
	return (showcheck_json_print(out, s->now_us, s->health, list, e));
}
