/* SPDX-License-Identifier: ISC */
/* Findings as they come, in one of two forms, beside a progress line. */
#include <stdio.h>

#include "show/showfindings.h"
#include "tool/tool.h"

int
showfindings_open(struct showfindings *s, struct err *e)
{
	return (s->json ? jval_list(&s->all, e) : 0);
}

int
showfindings_begin(struct showfindings *s, struct err *e)
{
	s->progress = progress_begin(s->program, "verified", &s->want);
	return (s->json ? jval_list(&s->now, e) : 0);
}

int
showfindings_finding(void *arg, const struct verify_finding *f,
    struct err *e)
{
	struct showfindings	*s = arg;

	s->findings = 1;
	if (s->count++ == 0)
		(void)snprintf(s->first, sizeof(s->first), "%s: %s",
		    f->object, f->found);
	if (s->json)
		return (showverify_finding_json(s->now, f, e));
	/* Both may be on the same terminal: the line would be in the way. */
	progress_end(&s->progress);
	showverify_finding(stdout, f);
	return (0);
}

void
showfindings_note(void *arg, const char *text)
{
	const struct showfindings	*s = arg;

	progress_end(&s->progress);
	tool_note(s->program, "%s", text);
}

void
showfindings_progress(void *arg, uint64_t bytes, uint64_t total)
{
	struct showfindings	*s = arg;

	/* Objects may grow after they were listed: then there is no total. */
	progress_show(&s->progress, bytes, total > bytes ? total : 0);
}

int
showfindings_end(struct showfindings *s, const struct showverify *v,
    struct err *e)
{
	struct jval	*findings = s->now;

	progress_end(&s->progress);
	s->now = NULL;
	if (s->json)
		return (showverify_json(s->all, v, findings, e));
	showverify_print(stdout, v);
	return (0);
}

void
showfindings_skip(struct showfindings *s)
{
	progress_end(&s->progress);
	jval_free(s->now);
	s->now = NULL;
}

int
showfindings_close(struct showfindings *s, struct err *e)
{
	int	 rc = 0;

	if (s->all != NULL)
		rc = tool_json(s->all, e);
	jval_free(s->all);
	jval_free(s->now);
	s->all = s->now = NULL;
	return (rc);
}
