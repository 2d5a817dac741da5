/* SPDX-License-Identifier: ISC */
/* What a run did, as a value and as JSON. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "show/show.h"
#include "tool/runlog.h"
#include "tool/runrecord.h"
#include "tool/tool.h"

void
runrecord_begin(struct runrecord *r, const char *program, const char *server)
{
	memset(r, 0, sizeof(*r));
	(void)snprintf(r->id, sizeof(r->id), "%s", runlog_id());
	(void)snprintf(r->program, sizeof(r->program), "%s", program);
	(void)snprintf(r->server, sizeof(r->server), "%s", server);
	r->begin_us = clock_now_us();
	r->status = RUNRECORD_UNDER_WAY;
}

const char *
runrecord_health(const struct runrecord *r)
{
	if (r->status == RUNRECORD_UNDER_WAY)
		return ("unknown");
	return (r->status == TOOL_OK ? "ok" :
	    r->status == TOOL_FINDINGS ? "warning" : "critical");
}

static int
json_outcome(struct jval *j, const struct runrecord *r, struct err *e)
{
	if (r->status == RUNRECORD_UNDER_WAY)
		return (0);
	return (jval_set_u64(j, "seconds", (r->ms + 500) / 1000, e) ||
	    jval_set_str(j, "status", runrecord_health(r), e) ||
	    jval_set_u64(j, "exit_status", (uint64_t)r->status, e) ||
	    show_json_text(j, "error", r->error[0] == '\0' ? NULL : r->error,
	    e) || jval_set_u64(j, "backups", r->backups, e) ||
	    jval_set_u64(j, "bytes", r->bytes, e) ||
	    jval_set_u64(j, "bytes_stored", r->stored, e) ? -1 : 0);
}

int
runrecord_json(struct jval **out, const struct runrecord *r, struct err *e)
{
	struct jval	*j = NULL;
	char		 begin[CLOCK_TEXT];

	if (jval_object(&j, e))
		return (-1);
	if (jval_set_str(j, "run", r->id, e) ||
	    jval_set_str(j, "program", r->program, e) ||
	    jval_set_str(j, "server", r->server, e) ||
	    jval_set_str(j, "begin", clock_format(begin, r->begin_us), e) ||
	    show_json_text(j, "backup", r->backup[0] == '\0' ? NULL :
	    r->backup, e) || (r->chosen && jval_set_bool(j, "chosen", 1,
	    e)) || json_outcome(j, r, e)) {
		jval_free(j);
		return (-1);
	}
	*out = j;
	return (0);
}

/* A text that fits, and whose bytes are printable; or null: "". */
static int
get_text(const struct jval *j, const char *key, char *to, size_t size,
    struct err *e)
{
	const char	*text = "";

	if (!jval_is_null(j, key) && jval_get_str(j, key, &text, e))
		return (-1);
	(void)str_clean(to, size, text, strlen(text));
	return (strcmp(to, text) == 0 ? 0 : err_set(e, ERR_CORRUPT,
	    "%s: found an odd text", key));
}

static int
get_outcome(struct runrecord *r, const struct jval *j, struct err *e)
{
	uint64_t	 seconds, status;

	if (!jval_has(j, "exit_status"))
		return (0);
	if (jval_get_u64(j, "seconds", &seconds, e) ||
	    jval_get_u64(j, "exit_status", &status, e) ||
	    get_text(j, "error", r->error, sizeof(r->error), e) ||
	    jval_get_u64(j, "backups", &r->backups, e) ||
	    jval_get_u64(j, "bytes", &r->bytes, e) ||
	    jval_get_u64(j, "bytes_stored", &r->stored, e))
		return (-1);
	if (status > UINT8_MAX || seconds > INT64_MAX / 1000)
		return (err_set(e, ERR_CORRUPT, "exit_status or seconds: "
		    "found too large a number"));
	r->status = (int)status;
	r->ms = seconds * 1000;
	return (0);
}

int
runrecord_parse(struct runrecord *r, const struct jval *j, struct err *e)
{
	const char	*begin;

	memset(r, 0, sizeof(*r));
	r->status = RUNRECORD_UNDER_WAY;
	if (get_text(j, "run", r->id, sizeof(r->id), e) ||
	    get_text(j, "program", r->program, sizeof(r->program), e) ||
	    get_text(j, "server", r->server, sizeof(r->server), e) ||
	    get_text(j, "backup", r->backup, sizeof(r->backup), e) ||
	    (jval_has(j, "chosen") && jval_get_bool(j, "chosen", &r->chosen,
	    e)) ||
	    jval_get_str(j, "begin", &begin, e) || get_outcome(r, j, e))
		return (-1);
	if (clock_parse(begin, &r->begin_us, NULL, NULL, e)) {
		e->kind = ERR_CORRUPT;
		return (-1);
	}
	return (0);
}
