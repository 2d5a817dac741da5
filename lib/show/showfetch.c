/* SPDX-License-Identifier: ISC */
/* What a restore prints while it runs, in one of two forms. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "show/fetchjson.h"
#include "show/show.h"
#include "show/showconfig.h"
#include "show/showfetch.h"
#include "show/showheld.h"
#include "show/showplan.h"
#include "tool/tool.h"

int
showfetch_open(struct showfetch *s, struct err *e)
{
	size_t	 i;

	s->begin_ms = clock_mono_ms();
	s->out = s->aside ? stderr : stdout;
	s->failed = (struct err)ERR_INIT;
	(void)pthread_mutex_init(&s->lock, NULL);	/* cannot fail */
	for (i = 0; s->json && s->dry && i < SHOWFETCH_DEEDS; i++)
		if (jval_list(&s->deeds[i], e))
			return (-1);
	return (0);
}

int
showfetch_plan(struct showfetch *s, struct err *e)
{
	char	 text[SPACELIMITS_TEXT];
	size_t	 i = 0;

	if (!s->json) {
		showplan_print(s->out, s->plan, s->conf);
		if (tool_flush(e))	/* it is seen before it is done */
			return (-1);
	}
	showplan_warn(s->program, s->plan, s->target);
	spacelimit_find(s->conf->spaces, s->conf->label);
	while (spacelimit_unknown(text, s->conf->spaces, s->conf->label,
	    &i) != NULL)
		tool_warn(s->program, "%s", text);
	return (0);
}

void
showfetch_begin(struct showfetch *s)
{
	s->progress = progress_begin(s->program, "restored", &s->want);
	if (s->dry && s->conf->delta && !s->json)
		(void)fprintf(s->out, "\n");
}

void
showfetch_progress(struct showfetch *s, enum restore_phase phase,
    uint64_t bytes)
{
	switch (phase) {
	case RESTORE_COPY:
		progress_show(&s->progress, bytes, s->plan->label->size);
		break;
	case RESTORE_SYNC:
		progress_next(&s->progress, NULL);
		progress_wait(&s->progress, "all is restored; waiting until "
		    "the disk has it");
		break;
	}
}

/*
 * Several threads report deeds.  One that finds no room makes the plan fail
 * at its end: a list with a hole would be a wrong one.
 */
void
showfetch_deed(struct showfetch *s, enum restore_deed deed, const char *path)
{
	if (!s->json || !s->dry) {
		showplan_deed(s->out, s->program, s->dry, deed, path);
		return;
	}
	(void)pthread_mutex_lock(&s->lock);
	if (s->failed.kind == ERR_NONE &&
	    show_json_add_text(s->deeds[deed], path, &s->failed))
		(void)err_ctx(&s->failed, "list of changes");
	(void)pthread_mutex_unlock(&s->lock);
}

/* The member "changes", to which the lists of deeds go. */
static int
json_changes(struct showfetch *s, struct jval *to, struct err *e)
{
	static const char *const	 key[SHOWFETCH_DEEDS] = {
		[RESTORE_REMOVED] = "remove",
		[RESTORE_LINK] = "remove_links",
		[RESTORE_DIFFERS] = "replace"
	};
	struct jval			*j = NULL, *list;
	size_t				 i;

	if (!s->dry || !s->conf->delta || s->conf->dir == NULL)
		return (0);
	if (s->failed.kind != ERR_NONE)
		return (err_set(e, s->failed.kind, "%s", s->failed.msg));
	if (jval_object(&j, e))
		return (-1);
	for (i = 0; i < SHOWFETCH_DEEDS; i++) {
		list = s->deeds[i];
		s->deeds[i] = NULL;
		if (jval_set(j, key[i], list, e)) {
			jval_free(j);
			return (-1);
		}
	}
	return (jval_set(to, "changes", j, e));
}

static int
print_json(struct showfetch *s, const struct restore_stats *st,
    const struct harmless *h, struct err *e)
{
	const struct fetchjson	 f = { .dry = s->dry,
	    .plan = s->plan, .conf = s->conf,
	    .target = s->target, .recovery = s->recovery, .stats = st,
	    .lost = &s->lost, .harmless = h,
	    .ms = (uint64_t)(clock_mono_ms() - s->begin_ms),
	    .root = geteuid() == 0 };
	struct jval		*j = NULL;
	int			 rc;

	rc = fetchjson_make(&j, &f, e) || json_changes(s, j, e) ||
	    tool_json(j, e) ? -1 : 0;
	jval_free(j);
	return (rc);
}

int
showfetch_end(struct showfetch *s, const struct restore_stats *st,
    const struct harmless *h, struct err *e)
{
	progress_close(&s->progress);
	if (s->json)
		return ((!s->dry && showconfig_restored(NULL, s->conf, e)) ||
		    print_json(s, st, h, e) ? -1 : 0);
	if (s->conf->delta)
		showplan_delta(s->out, st, s->dry);
	if (h == NULL)
		return (showplan_settings(s->out, s->recovery, e));
	if (s->conf->form != RESTORE_FILES)
		showplan_archived(s->out, s->conf);
	else
		showplan_restored(s->out, s->conf->dir, geteuid() == 0);
	showheld_print(s->out, s->recovery, h);
	return (showconfig_restored(s->out, s->conf, e));
}

int
showfetch_config(struct showfetch *s, struct err *e)
{
	showplan_warn(s->program, s->plan, s->target);
	if (!s->json)
		return (showconfig_alone(s->out, s->conf, s->dry, e));
	return (showconfig_alone(NULL, s->conf, s->dry, e) ||
	    print_json(s, NULL, NULL, e) ? -1 : 0);
}

void
showfetch_close(struct showfetch *s)
{
	size_t	 i;

	progress_end(&s->progress);
	for (i = 0; i < SHOWFETCH_DEEDS; i++)
		jval_free(s->deeds[i]);
	memset(s->deeds, 0, sizeof(s->deeds));
}
