/* SPDX-License-Identifier: ISC */
/* Tells the user's program what has changed. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "plan/notice.h"
#include "show/showcheck.h"
#include "show/shownotice.h"
#include "tool/hook.h"
#include "tool/hookenv.h"
#include "tool/notified.h"
#include "tool/notify.h"
#include "tool/owner.h"
#include "tool/tool.h"

#define FINDINGS	1024		/* bytes of their list */

/* "archiver=critical gaps=warning", and what the worst of them found. */
static void
set_findings(struct hookenv *x, const struct checkreport *r)
{
	const struct checkreport_line	*l, *worst = NULL;
	char				 list[FINDINGS] = "";
	size_t				 i, n = 0, w = 0;

	for (i = 0; i < CHECKLIST_CHECKS; i++) {
		l = &r->line[i];
		if (!l->done || !health_finding(l->health))
			continue;
		if (n < FINDINGS)
			n += (size_t)snprintf(list + n, FINDINGS - n,
			    "%s%s=%s", worst == NULL ? "" : " ",
			    checklist_at(i)->name, health_name(l->health));
		if (worst == NULL || l->health > worst->health) {
			worst = l;
			w = i;
		}
	}
	hookenv_set(x, "FINDINGS", list);
	if (worst == NULL)
		hookenv_set(x, "SUMMARY", "every check is ok or unknown");
	else
		hookenv_fmt(x, "SUMMARY", "%s: %s; %s", checklist_at(w)->name,
		    worst->found, worst->cure);
}

/* Those that both kinds of events have; "system_id" 0 is not known. */
static void
set_essentials(struct hookenv *x, const char *program,
    const struct server_conf *c, const char *event, enum health h,
    uint64_t system_id)
{
	hookenv_set(x, "PROGRAM", program);
	hookenv_set(x, "SERVER", c->name);
	hookenv_set(x, "REPOSITORY_NAME", c->repository_name);
	hookenv_set(x, "EVENT", event);
	hookenv_set(x, "STATUS", health_name(h));
	hookenv_fmt(x, "SYSTEM_IDENTIFIER", "%" PRIu64, system_id);
}

/* What was printed into "out" becomes the command's input; "out" is closed. */
static int
call(const struct server_conf *c, const struct hookenv *x, FILE *out,
    char **text, size_t *n, struct err *e)
{
	struct hook	 h = { .path = c->notify_command, .env = x->v,
			    .timeout_ms = c->notify_timeout_ms };

	if (fclose(out) != 0)
		return (err_sys(e, ERR_LOCAL, "its input"));
	h.input = *text;
	h.n = *n;
	return (hook_run(&h, e));
}

static int
run(const char *program, const struct server_conf *c,
    const struct checkreport *r, int64_t now_us, enum notice n,
    struct err *e)
{
	const struct showcheck	 s = { r, 1, now_us };
	struct hookenv		 x = { .n = 0 };
	char			*text = NULL;
	size_t			 size = 0;
	FILE			*out;
	int			 rc = -1;

	set_essentials(&x, program, c, notice_name(n), checkreport_worst(r),
	    r->system_id);
	set_findings(&x, r);
	if ((out = open_memstream(&text, &size)) == NULL)
		err_sys(e, ERR_LOCAL, "its input");
	else if (showcheck_json(out, &s, e))
		(void)fclose(out);
	else
		rc = call(c, &x, out, &text, &size, e);
	free(text);
	return (rc == 0 ? 0 : err_ctx(e, "notify_command"));
}

/* A check that was not run counts as one that is not known. */
static void
statuses(enum health now[CHECKLIST_CHECKS], const struct checkreport *r)
{
	size_t	 i;

	for (i = 0; i < CHECKLIST_CHECKS; i++)
		now[i] = r->line[i].done ? r->line[i].health :
		    HEALTH_UNKNOWN;
}

static int
tell(const char *program, const struct server_conf *c,
    const struct checkreport *r, int64_t now_us, struct err *e)
{
	enum health		 now[CHECKLIST_CHECKS];
	struct notice_memory	 m, before;
	enum notice		 n;
	char			 path[PATH_MAX];

	if (str_fmt(path, sizeof(path), e, "%s/%s/notified", c->state_dir,
	    c->name))
		return (-1);
	notified_load(&m, path);
	before = m;
	statuses(now, r);
	n = notice_decide(&m, now, CHECKLIST_CHECKS, now_us,
	    (int64_t)c->notify_again_ms * 1000);
	if (n == NOTICE_NONE)
		notice_better(&m, now, CHECKLIST_CHECKS);
	else {
		if (run(program, c, r, now_us, n, e))
			return (-1);
		notice_told(&m, now, CHECKLIST_CHECKS, now_us);
	}
	return (memcmp(&m, &before, sizeof(m)) == 0 ? 0 :
	    notified_save(&m, path, e));
}

void
notify_checks(const char *program, const struct server_conf *c,
    const struct checkreport *r, int64_t now_us)
{
	struct err	 why = ERR_INIT;

	if (c->notify_command == NULL)
		return;
	if (tell(program, c, r, now_us, &why))
		tool_warn(program, "server %s: %s", c->name, why.msg);
}

/* The end of a run: its name, how severe it is, and what it says. */
struct end {
	const char	*event;
	enum health	 health;
	const char	*found;
};

static struct end
end_of(int rc, const char *found, const struct err *why)
{
	if (rc == -1)
		return ((struct end){ "failed", HEALTH_CRITICAL, why->msg });
	if (rc == TOOL_FINDINGS)
		return ((struct end){ "findings", HEALTH_WARNING,
		    found[0] != '\0' ? found : "it ended with findings; see "
		    "what it printed" });
	return ((struct end){ "succeeded", HEALTH_OK, "it succeeded" });
}

static int
run_end(const char *program, const struct server_conf *c,
    const struct end *end, struct err *e)
{
	const struct shownotice	 s = { program, c->name, end->health,
				    end->found, clock_now_us() };
	struct hookenv		 x = { .n = 0 };
	char			*text = NULL;
	size_t			 size = 0;
	FILE			*out;
	int			 rc = -1;

	set_essentials(&x, program, c, end->event, end->health, 0);
	if (end->health == HEALTH_OK)
		hookenv_set(&x, "FINDINGS", "");
	else
		hookenv_fmt(&x, "FINDINGS", "%s=%s", program,
		    health_name(end->health));
	hookenv_fmt(&x, "SUMMARY", "%s: %s", program, end->found);
	if ((out = open_memstream(&text, &size)) == NULL)
		err_sys(e, ERR_LOCAL, "its input");
	else if (shownotice_json(out, &s, e))
		(void)fclose(out);
	else
		rc = call(c, &x, out, &text, &size, e);
	free(text);
	return (rc == 0 ? 0 : err_ctx(e, "notify_command"));
}

void
notify_end(const char *program, const struct server_conf *c, int rc,
    const char *found, const struct err *why)
{
	const struct end	 end = end_of(rc, found, why);
	struct err		 e = ERR_INIT, unused = ERR_INIT;

	/* What is refused to root must not run a command as root. */
	if (c->notify_command == NULL ||
	    (rc == -1 && why->kind == ERR_USAGE) ||
	    (end.health == HEALTH_OK && !c->notify_success) ||
	    owner_check(program, c, NULL, &unused))
		return;
	if (run_end(program, c, &end, &e))
		tool_warn(program, "server %s: %s", c->name, e.msg);
}
