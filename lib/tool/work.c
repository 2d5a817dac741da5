/* SPDX-License-Identifier: ISC */
/* Runs the hooks before and after the work of a program. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "show/show.h"
#include "tool/confkey.h"
#include "tool/hook.h"
#include "tool/hookenv.h"
#include "tool/runhistory.h"
#include "tool/runlog.h"
#include "tool/tool.h"
#include "tool/work.h"

/* The keys that name the hooks of a program. */
static const struct names {
	const char	*program, *before, *after;
} names[] = {
	{ "base-push", "before_base_push", "after_base_push" },
	{ "base-fetch", "before_base_fetch", "after_base_fetch" },
	{ "backup-expire", "before_expire", "after_expire" }
};

static const struct names *
find_names(const struct work *w)
{
	size_t	 i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i].program, w->record.program) == 0)
			return (&names[i]);
	return (NULL);
}

/* A text that is empty has no variable. */
static const char *
filled(const char *text)
{
	return (text != NULL && text[0] != '\0' ? text : NULL);
}

static void
set_all(struct hookenv *x, const struct work *w, const char *event)
{
	const struct runrecord	*r = &w->record;

	hookenv_set(x, "PROGRAM", r->program);
	hookenv_set(x, "SERVER", r->server);
	hookenv_set(x, "EVENT", event);
	hookenv_set(x, "RUN", r->id);
	hookenv_set(x, "REPOSITORY", filled(w->conf->repository));
	/* So that programs of ours find it that the hook runs. */
	hookenv_set(x, "CONFIG", w->conf->file);
	hookenv_set(x, "BACKUP", filled(r->backup));
	hookenv_set(x, "DIRECTORY", filled(w->directory));
	if (r->status == RUNRECORD_UNDER_WAY)
		return;
	hookenv_set(x, "STATUS", runrecord_health(r));
	hookenv_fmt(x, "EXIT_STATUS", "%d", r->status);
	hookenv_set(x, "SUMMARY", r->error[0] != '\0' ? r->error :
	    r->status == TOOL_OK ? "done" : "done, with findings");
}

static int
input(char **text, size_t *n, const struct work *w, const char *event,
    struct err *e)
{
	struct jval	*j = NULL;
	int		 rc;

	if (runrecord_json(&j, &w->record, e))
		return (-1);
	rc = jval_set_u64(j, "schema", SHOW_SCHEMA, e) ||
	    jval_set_str(j, "event", event, e) ||
	    show_json_text(j, "repository", w->conf->repository, e) ||
	    show_json_text(j, "configuration", w->conf->file, e) ||
	    show_json_text(j, "directory", w->directory, e) ||
	    jval_text(j, 1, text, n, e) ? -1 : 0;
	jval_free(j);
	return (rc);
}

/* Run the hook that the key "event" names, if it is set. */
static int
run_hook(const struct work *w, const char *event, struct err *e)
{
	struct hookenv		 x = { .n = 0 };
	struct hook		 h = { .env = x.v,
				    .timeout_ms = w->conf->hook_timeout_ms };
	char			*text = NULL;
	int			 rc;

	h.path = confkey_text(w->conf, confkey_at(confkey_find(event)));
	if (h.path == NULL)
		return (0);
	set_all(&x, w, event);
	rc = input(&text, &h.n, w, event, e);
	h.input = text;
	runlog_line(RUNLOG_DEBUG, "runs %s: %s", event, h.path);
	if (rc == 0)
		rc = hook_run(&h, e);
	free(text);
	return (rc == 0 ? 0 : err_ctx(e, "%s", event));
}

/* The history is of use, and nothing depends on it. */
static void
note(const struct work *w)
{
	struct err	 why = ERR_INIT;

	if (runhistory_add(w->conf->state_dir, &w->record, &why))
		tool_warn(w->record.program, "server %s: %s",
		    w->record.server, why.msg);
}

void
work_begin(struct work *w, const char *program, const struct server_conf *c)
{
	runrecord_begin(&w->record, program, c->name);
	w->begin_ms = clock_mono_ms();
	w->conf = c;
	note(w);
}

int
work_before(struct work *w, struct err *e)
{
	const struct names	*n;
	struct err		 why = ERR_INIT;

	if (w->conf == NULL || (n = find_names(w)) == NULL ||
	    run_hook(w, n->before, &why) == 0)
		return (0);
	return (err_set(e, why.kind, "%s; nothing was done", why.msg));
}

void
work_pushed(struct work *w, const struct label *l)
{
	memcpy(w->record.backup, l->id, sizeof(w->record.backup));
	w->record.backups = 1;
	w->record.bytes = l->size;
	w->record.stored = l->stored_size;
}

void
work_verified(struct work *w, const struct verify_sum *sum)
{
	w->record.backups += sum->backups;
	w->record.bytes += sum->read;
}

void
work_deleted(struct work *w, const struct expire_result *x)
{
	w->record.backups += x->withdrawn;
	w->record.bytes += x->backups.bytes + x->wal.bytes +
	    x->history.bytes + x->tmp.bytes;
}

static void
log_deed(const struct runrecord *r)
{
	runlog_line(RUNLOG_INFO, "%s%s%" PRIu64 " backup%s, %" PRIu64
	    " bytes", r->backup, r->backup[0] == '\0' ? "" : ": ",
	    r->backups, str_plural(r->backups), r->bytes);
}

int
work_end(struct work *w, int rc, struct err *e)
{
	const struct names	*n;
	struct err		 why = ERR_INIT;
	struct runrecord	*r = &w->record;

	if (w->conf == NULL)
		return (rc);
	if (tool_flush(e))
		rc = -1;
	r->ms = (uint64_t)(clock_mono_ms() - w->begin_ms);
	r->status = rc == -1 ? tool_status(e->kind) : rc;
	if (rc == -1)
		(void)str_clean(r->error, sizeof(r->error), e->msg,
		    strlen(e->msg));
	else
		log_deed(r);
	note(w);
	if ((n = find_names(w)) != NULL && run_hook(w, n->after, &why))
		tool_warn(r->program, "server %s: %s", r->server, why.msg);
	w->conf = NULL;
	return (rc);
}
