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
#include "tool/notified.h"
#include "tool/notify.h"
#include "tool/owner.h"
#include "tool/tool.h"

#define TEXT		1024

/* What a hook gets: the essentials in its environment. */
struct essentials {
	char		 program[TEXT], server[TEXT], event[TEXT];
	char		 status[TEXT], findings[TEXT], summary[2 * TEXT];
	char		 system[TEXT];
	const char	*v[8];
};

/* "archiver=critical gaps=warning", and what the worst of them found. */
static void
set_findings(struct essentials *x, const struct checkreport *r)
{
	const struct checkreport_line	*l, *worst = NULL;
	size_t				 i, n, w = 0;

	n = (size_t)snprintf(x->findings, TEXT, "SEAWALL_FINDINGS=");
	for (i = 0; i < CHECKLIST_CHECKS; i++) {
		l = &r->line[i];
		if (!l->done || !health_finding(l->health))
			continue;
		if (n < TEXT)
			n += (size_t)snprintf(x->findings + n, TEXT - n,
			    "%s%s=%s", worst == NULL ? "" : " ",
			    checklist_at(i)->name, health_name(l->health));
		if (worst == NULL || l->health > worst->health) {
			worst = l;
			w = i;
		}
	}
	if (worst == NULL)
		(void)snprintf(x->summary, sizeof(x->summary),
		    "SEAWALL_SUMMARY=every check is ok or unknown");
	else
		(void)snprintf(x->summary, sizeof(x->summary),
		    "SEAWALL_SUMMARY=%s: %s; %s", checklist_at(w)->name,
		    worst->found, worst->cure);
}

/* Those that both kinds of events have; "system_id" 0 is not known. */
static void
set_essentials(struct essentials *x, const char *program, const char *server,
    const char *event, enum health h, uint64_t system_id)
{
	(void)snprintf(x->program, TEXT, "SEAWALL_PROGRAM=%s", program);
	(void)snprintf(x->server, TEXT, "SEAWALL_SERVER=%s", server);
	(void)snprintf(x->event, TEXT, "SEAWALL_EVENT=%s", event);
	(void)snprintf(x->status, TEXT, "SEAWALL_STATUS=%s", health_name(h));
	(void)snprintf(x->system, TEXT, "SEAWALL_SYSTEM_IDENTIFIER=%" PRIu64,
	    system_id);
	x->v[0] = x->program;
	x->v[1] = x->server;
	x->v[2] = x->event;
	x->v[3] = x->status;
	x->v[4] = x->findings;
	x->v[5] = x->summary;
	x->v[6] = x->system;
	x->v[7] = NULL;
}

/* What was printed into "out" becomes the command's input; "out" is closed. */
static int
call(const struct server_conf *c, const struct essentials *x, FILE *out,
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
	struct essentials	 x = { .v = { NULL } };
	char			*text = NULL;
	size_t			 size = 0;
	FILE			*out;
	int			 rc = -1;

	set_essentials(&x, program, r->server, notice_name(n),
	    checkreport_worst(r), r->system_id);
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
	struct essentials	 x = { .v = { NULL } };
	char			*text = NULL;
	size_t			 size = 0;
	FILE			*out;
	int			 rc = -1;

	set_essentials(&x, program, c->name, end->event, end->health, 0);
	(void)snprintf(x.findings, TEXT, "SEAWALL_FINDINGS=%s%s%s",
	    end->health == HEALTH_OK ? "" : program,
	    end->health == HEALTH_OK ? "" : "=",
	    end->health == HEALTH_OK ? "" : health_name(end->health));
	(void)snprintf(x.summary, sizeof(x.summary), "SEAWALL_SUMMARY=%s: %s",
	    program, end->found);
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
