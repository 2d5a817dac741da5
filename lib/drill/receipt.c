/* SPDX-License-Identifier: ISC */
/* The receipt of a drill. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/str.h"
#include "crypt/receiptsign.h"
#include "drill/receipt.h"
#include "pg/lsn.h"
#include "pg/walname.h"

static int
set_time(struct jval *to, const char *key, int64_t us, struct err *e)
{
	char	 text[CLOCK_TEXT];

	return (us == 0 ? jval_set_null(to, key, e) :
	    jval_set_str(to, key, clock_format(text, us), e));
}

/* Milliseconds as seconds would need fractions: they stay what they are. */
static int
set_ms(struct jval *to, const char *key, uint64_t ms, struct err *e)
{
	return (ms == DRILLREPORT_NONE ? jval_set_null(to, key, e) :
	    jval_set_u64(to, key, ms, e));
}

/* Hand the object "own" over to "to" if it was filled without a failure. */
static int
give(struct jval *to, const char *key, struct jval *own, int rc,
    struct err *e)
{
	if (rc != 0) {
		jval_free(own);
		return (-1);
	}
	return (jval_set(to, key, own, e));
}

static int
set_backup(struct jval *to, const struct label *l, struct err *e)
{
	struct jval	*j = NULL;
	char		 hex[2 * HASH_LEN + 1], id[2 * KEY_ID_LEN + 1];
	int		 rc;

	if (jval_object(&j, e))
		return (-1);
	rc = jval_set_str(j, "id", l->id, e) ||
	    jval_set_str(j, "manifest_hash", str_hex(hex, l->manifest_hash,
	    HASH_LEN), e) ||
	    jval_set_str(j, "signer", str_hex(id, l->signer, KEY_ID_LEN),
	    e) || set_time(j, "stopped", l->stop_us, e) ||
	    jval_set_u64(j, "size", l->size, e);
	return (give(to, "backup", j, rc, e));
}

static int
set_wal(struct jval *to, const struct basefetch_plan *p, struct err *e)
{
	const uint32_t	 size = (uint32_t)p->label->wal_segment_size;
	struct walname	 w = walname_at(p->last_tli, p->last_segno * size,
	    size);
	struct jval	*j = NULL;
	char		 lsn[LSN_TEXT], last[WALNAME_TEXT];
	int		 rc;

	if (jval_object(&j, e))
		return (-1);
	(void)walname_format(last, &w);
	rc = jval_set_str(j, "first", p->label->start_wal, e) ||
	    jval_set_str(j, "last", last, e) ||
	    jval_set_u64(j, "segments", p->wal_segments, e) ||
	    jval_set_str(j, "end", lsn_format(lsn, basefetch_end(p)), e) ||
	    jval_set_u64(j, "timeline", p->tli, e);
	return (give(to, "wal", j, rc, e));
}

static const char *
kind_name(enum choose_kind kind)
{
	static const char *const	 name[] = {
		[CHOOSE_END] = "end", [CHOOSE_IMMEDIATE] = "immediate",
		[CHOOSE_TIME] = "time", [CHOOSE_XID] = "xid",
		[CHOOSE_NAME] = "name", [CHOOSE_LSN] = "lsn"
	};

	return (name[kind]);
}

static int
set_target(struct jval *to, const struct receipt *r, struct err *e)
{
	const struct drillconf	*c = r->conf;
	struct jval		*j = NULL;
	int			 rc;

	if (jval_object(&j, e))
		return (-1);
	rc = jval_set_str(j, "kind", kind_name(c->target->kind), e) ||
	    (c->recovery.value == NULL ? jval_set_null(j, "value", e) :
	    jval_set_str(j, "value", c->recovery.value, e)) ||
	    jval_set_bool(j, "exclusive", c->target->exclusive, e) ||
	    (r->random ? jval_set_u64(j, "seed", r->seed, e) :
	    jval_set_null(j, "seed", e));
	return (give(to, "target", j, rc, e));
}

static int
set_reached(struct jval *to, const struct drillreport *d, struct err *e)
{
	struct jval	*j = NULL;
	char		 lsn[LSN_TEXT];
	int		 rc;

	if (jval_object(&j, e))
		return (-1);
	rc = (d->lsn == 0 ? jval_set_null(j, "lsn", e) :
	    jval_set_str(j, "lsn", lsn_format(lsn, d->lsn), e)) ||
	    set_time(j, "last_commit", d->commit_us, e) ||
	    jval_set_u64(j, "files", d->files, e) ||
	    jval_set_u64(j, "bytes", d->bytes, e);
	return (give(to, "reached", j, rc, e));
}

static int
set_times(struct jval *to, const struct drillreport *d, struct err *e)
{
	struct jval	*j = NULL;
	unsigned	 i;
	int		 rc = 0;

	if (jval_object(&j, e))
		return (-1);
	for (i = 0; rc == 0 && i < DRILLREPORT_PHASES; i++)
		rc = jval_set_u64(j, drillreport_phase_name(i), d->ms[i], e);
	if (give(to, "ms", j, rc, e) || set_ms(to, "rpo_ms", d->rpo_ms, e) ||
	    (d->rpo_against == NULL ? jval_set_null(to, "rpo_against", e) :
	    jval_set_str(to, "rpo_against", d->rpo_against, e)) ||
	    set_ms(to, "rto_ms", d->rto_ms, e) ||
	    set_ms(to, "rpo_limit_ms", d->rpo_limit_ms, e))
		return (-1);
	return (set_ms(to, "rto_limit_ms", d->rto_limit_ms, e));
}

static int
add_check(struct jval *list, const struct drillreport *d, unsigned i,
    struct err *e)
{
	struct jval	*j = NULL;

	if (jval_object(&j, e))
		return (-1);
	if (jval_set_str(j, "check", drillreport_check_name(i), e) ||
	    jval_set_str(j, "verdict", drillreport_verdict_name(
	    d->line[i].verdict), e) ||
	    jval_set_str(j, "found", d->line[i].found, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

static int
set_checks(struct jval *to, const struct drillreport *d, struct err *e)
{
	struct jval	*list = NULL;
	unsigned	 i;
	int		 rc = 0;

	if (jval_list(&list, e))
		return (-1);
	for (i = 0; rc == 0 && i < DRILLREPORT_CHECKS; i++)
		if (d->line[i].verdict != DRILLREPORT_UNASKED)
			rc = add_check(list, d, i, e);
	return (give(to, "checks", list, rc, e));
}

static int
set_trouble(struct jval *to, const struct drillreport *d, struct err *e)
{
	struct jval	*list = NULL;
	size_t		 i;
	int		 rc = 0;

	if (jval_list(&list, e))
		return (-1);
	for (i = 0; rc == 0 && i < d->log.n; i++)
		rc = jval_add_str(list, d->log.trouble[i], e);
	return (give(to, "trouble", list, rc, e));
}

static const char *
verdict_name(enum drillreport_verdict v)
{
	return (v == DRILLREPORT_OK ? "passed" : v == DRILLREPORT_FAILED ?
	    "failed" : "incomplete");
}

const char *
receipt_id(char buf[CLOCK_TEXT], const struct receipt *r)
{
	const size_t	 n = strlen(clock_format_id(buf, r->began_us));

	(void)snprintf(buf + n, CLOCK_TEXT - n, "-%06u",
	    (unsigned)(r->began_us % 1000000));
	return (buf);
}

static int
set_front(struct jval *j, const struct receipt *r, struct err *e)
{
	const struct drillconf	*c = r->conf;
	struct utsname		 host;
	char			 number[24], clean[sizeof(host.nodename)];
	char			 id[CLOCK_TEXT];

	if (uname(&host) == -1)
		return (err_sys(e, ERR_LOCAL, "uname"));
	(void)snprintf(number, sizeof(number), "%" PRIu64, c == NULL ? 0 :
	    c->plan->system_id);
	return (jval_set_u64(j, "schema", 1, e) ||
	    jval_set_str(j, "server", r->server, e) ||
	    (c == NULL ? jval_set_null(j, "system_identifier", e) :
	    jval_set_str(j, "system_identifier", number, e)) ||
	    jval_set_str(j, "id", receipt_id(id, r), e) ||
	    jval_set_str(j, "host", str_clean(clean, sizeof(clean),
	    host.nodename, strlen(host.nodename)), e) ||
	    jval_set_str(j, "seawall", SEAWALL_VERSION, e) ||
	    set_time(j, "began", r->began_us, e) ||
	    set_time(j, "ended", r->ended_us, e) ? -1 : 0);
}

static int
set_plan(struct jval *j, const struct receipt *r, struct err *e)
{
	const struct drillconf	*c = r->conf;

	if (c != NULL)
		return (set_backup(j, c->plan->label, e) ||
		    set_wal(j, c->plan, e) || set_target(j, r, e) ? -1 : 0);
	return (jval_set_null(j, "backup", e) || jval_set_null(j, "wal", e) ||
	    jval_set_null(j, "target", e) ? -1 : 0);
}

int
receipt_json(struct jval **out, const struct receipt *r, struct err *e)
{
	const struct drillreport	*d = r->report;
	struct jval			*j = NULL;

	if (jval_object(&j, e))
		return (-1);
	if (set_front(j, r, e) || set_plan(j, r, e) ||
	    jval_set_str(j, "verdict", verdict_name(drillreport_all(d)), e) ||
	    jval_set_str(j, "found", drillreport_found(d), e) ||
	    (d->postgresql == 0 ? jval_set_null(j, "postgresql", e) :
	    jval_set_u64(j, "postgresql", d->postgresql, e)) ||
	    (d->settings[0] == '\0' ? jval_set_null(j, "settings", e) :
	    jval_set_str(j, "settings", d->settings, e)) ||
	    set_reached(j, d, e) || set_times(j, d, e) ||
	    set_checks(j, d, e) || set_trouble(j, d, e)) {
		jval_free(j);
		return (-1);
	}
	*out = j;
	return (0);
}

int
receipt_save(const struct jval *j, const char *path,
    const struct key *drill_key, struct err *e)
{
	char	*text = NULL, *file = NULL;
	size_t	 n;
	int	 rc;

	rc = jval_text(j, 1, &text, &n, e) ||
	    receiptsign(&file, &n, text, drill_key, e) ||
	    io_save(path, 0644, file, n, 0, e) ? -1 : 0;
	free(text);
	free(file);
	return (rc);
}

int
receipt_load(struct jval **out, const char *path, const struct key *key,
    struct err *e)
{
	char		*file = NULL;
	const char	*text;
	size_t		 n, len;
	int		 rc;

	if ((rc = io_load(path, RECEIPT_MAX, &file, &n, e)) == 1)
		return (err_set(e, ERR_LOCAL, "%s: no such file", path));
	if (rc == 0 && (receiptsign_check(&text, &len, file, n, key, e) ||
	    jval_parse(text, len, out, e)))
		rc = err_ctx(e, "%s", path);
	free(file);
	return (rc);
}
