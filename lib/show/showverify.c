/* SPDX-License-Identifier: ISC */
/* What verification found in one cluster, as text and as JSON. */
#include <inttypes.h>

#include "base/str.h"
#include "pg/lsn.h"
#include "show/progress.h"
#include "show/show.h"
#include "show/showverify.h"
#include "tool/depth.h"

static const char *const depth_done[] = {
	[VERIFY_QUICK] = "listed",
	[VERIFY_SIGNATURES] = "whose signed headers were checked",
	[VERIFY_HASHES] = "of which every byte was compared with the signed "
	    "hashes",
	[VERIFY_CONTENTS] = "of which every byte that a restore needs was "
	    "decrypted and compared"
};

void
showverify_finding(FILE *out, const struct verify_finding *f)
{
	(void)fprintf(out, "%s: %s; %s\n", f->object, f->found, f->means);
}

int
showverify_finding_json(struct jval *list, const struct verify_finding *f,
    struct err *e)
{
	struct jval	*j = NULL;

	if (jval_object(&j, e))
		return (-1);
	if (jval_set_str(j, "object", f->object, e) ||
	    jval_set_str(j, "found", f->found, e) ||
	    jval_set_str(j, "means", f->means, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

static void
print_sum(FILE *out, const struct showverify *v)
{
	const struct verify_sum	*s = v->sum;
	char			 listed[PROGRESS_SIZE], read[PROGRESS_SIZE];
	char			 already[PROGRESS_SIZE];

	(void)fprintf(out, "server %s, system identifier %" PRIu64 ": %"
	    PRIu64 " backup%s, %" PRIu64 " pack%s, %" PRIu64 " WAL file%s, %s "
	    "%s", v->archive->server, v->archive->system_id, s->backups,
	    str_plural(s->backups), s->packs, str_plural(s->packs), s->wal,
	    str_plural(s->wal),
	    progress_size(listed, s->listed), depth_done[v->depth]);
	if (v->depth != VERIFY_QUICK)
		(void)fprintf(out, " (%s read)", progress_size(read,
		    s->read));
	if (s->already > 0)
		(void)fprintf(out, ", %s that were proved already",
		    progress_size(already, s->already));
	(void)fprintf(out, ": %" PRIu64 " finding%s%s\n", s->findings,
	    s->findings == 1 ? "" : "s", v->complete ? "" : " so far; the "
	    "run was not completed");
}

static void
print_target(FILE *out, const struct showverify *v)
{
	const struct basefetch_plan	*p = v->plan;
	char				 t[CLOCK_TEXT], lsn[LSN_TEXT];
	char				 when[CLOCK_TEXT];

	(void)fprintf(out, "target time %s: ", clock_format(t, v->target_us));
	if (v->sum->findings > 0) {
		(void)fprintf(out, "not proved; see the findings\n");
		return;
	}
	(void)fprintf(out, "backup %s, timeline %" PRIu32 ", WAL to LSN %s "
	    "archived %s; ", p->label->id, p->tli, lsn_format(lsn, p->end),
	    clock_format(when, p->reached_us));
	/* Only what was decrypted has shown when transactions ended. */
	if (v->depth == VERIFY_CONTENTS)
		(void)fprintf(out, "proved: there is WAL of a later "
		    "transaction, which ended at %s\n",
		    clock_format(t, v->sum->ended_us));
	else
		(void)fprintf(out, "not proved at this depth: whether "
		    "there is WAL of a later transaction\n");
}

/* One signer that is in service needs no word. */
static void
print_signers(FILE *out, const struct verify_sum *s)
{
	char	 id[2 * KEY_ID_LEN + 1];
	size_t	 i;

	if (s->nsigners == 0 || (s->nsigners == 1 && !s->signer[0].retired))
		return;
	for (i = 0; i < s->nsigners; i++)
		(void)fprintf(out, "signed by %s%s: %" PRIu64 " object%s\n",
		    str_hex(id, s->signer[i].id, KEY_ID_LEN),
		    s->signer[i].retired ? " (retired)" : "",
		    s->signer[i].objects, str_plural(s->signer[i].objects));
}

static void
print_vouch(FILE *out, const struct showverify_vouch *v)
{
	char	 id[2 * KEY_ID_LEN + 1], until[CLOCK_TEXT];

	(void)str_hex(id, v->signer, KEY_ID_LEN);
	(void)clock_format(until, v->until_us);
	if (v->sum.listed == 0)
		(void)fprintf(out, "no inventory was made: nothing of signer "
		    "%s passed that was stored before %s", id, until);
	else
		(void)fprintf(out, "%s vouches for %" PRIu64 " object%s of "
		    "signer %s that %s stored before %s", v->sum.path,
		    v->sum.listed, str_plural(v->sum.listed), id,
		    v->sum.listed == 1 ? "was" : "were", until);
	if (v->sum.files > 1)
		(void)fprintf(out, " (the first of %u files)", v->sum.files);
	(void)fprintf(out, "; %" PRIu64 " came later and do%s not count",
	    v->sum.late, v->sum.late == 1 ? "es" : "");
	if (v->sum.undated > 0)
		(void)fprintf(out, ", of which %" PRIu64 " ha%s no time",
		    v->sum.undated, v->sum.undated == 1 ? "s" : "ve");
	(void)fprintf(out, "; %" PRIu64 " with findings %s left out\n",
	    v->sum.bad, v->sum.bad == 1 ? "was" : "were");
}

void
showverify_print(FILE *out, const struct showverify *v)
{
	print_sum(out, v);
	print_signers(out, v->sum);
	if (v->vouch != NULL && v->complete)
		print_vouch(out, v->vouch);
	if (v->plan != NULL && v->complete)
		print_target(out, v);
}

static int
json_target(struct jval *to, const struct showverify *v, struct err *e)
{
	const struct basefetch_plan	*p = v->plan;
	const int64_t			*ended = &v->sum->ended_us;
	const int			 proved = v->complete &&
	    v->sum->findings == 0 && *ended > v->target_us;
	struct jval			*j = NULL;
	char				 lsn[LSN_TEXT];

	if (jval_object(&j, e))
		return (-1);
	if (show_json_time(j, "time", &v->target_us, e) ||
	    jval_set_str(j, "backup", p->label->id, e) ||
	    jval_set_u64(j, "timeline", p->tli, e) ||
	    jval_set_str(j, "wal_to_lsn", lsn_format(lsn, p->end), e) ||
	    show_json_time(j, "wal_archived", &p->reached_us, e) ||
	    show_json_time(j, "last_transaction", *ended == INT64_MIN ? NULL :
	    ended, e) ||
	    jval_set_bool(j, "proved", proved, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_set(to, "target", j, e));
}

static int
json_signers(struct jval *to, const struct verify_sum *s, struct err *e)
{
	struct jval	*list = NULL, *one;
	char		 id[2 * KEY_ID_LEN + 1];
	size_t		 i;

	if (jval_list(&list, e))
		return (-1);
	for (i = 0; i < s->nsigners; i++) {
		one = NULL;
		if (jval_object(&one, e) ||
		    jval_set_str(one, "signer", str_hex(id, s->signer[i].id,
		    KEY_ID_LEN), e) ||
		    jval_set_bool(one, "retired", s->signer[i].retired, e) ||
		    jval_set_u64(one, "objects", s->signer[i].objects, e)) {
			jval_free(one);
			jval_free(list);
			return (-1);
		}
		if (jval_add(list, one, e)) {
			jval_free(list);
			return (-1);
		}
	}
	return (jval_set(to, "signers", list, e));
}

static int
json_vouch(struct jval *to, const struct showverify_vouch *v, struct err *e)
{
	struct jval	*j = NULL;
	char		 id[2 * KEY_ID_LEN + 1];

	if (v == NULL)
		return (0);
	if (jval_object(&j, e))
		return (-1);
	if (jval_set_str(j, "signer", str_hex(id, v->signer, KEY_ID_LEN),
	    e) ||
	    show_json_time(j, "until", &v->until_us, e) ||
	    (v->sum.listed == 0 ? jval_set_null(j, "path", e) :
	    jval_set_str(j, "path", v->sum.path, e)) ||
	    jval_set_u64(j, "listed", v->sum.listed, e) ||
	    jval_set_u64(j, "later", v->sum.late, e) ||
	    jval_set_u64(j, "undated", v->sum.undated, e) ||
	    jval_set_u64(j, "left_out", v->sum.bad, e) ||
	    jval_set_u64(j, "files", v->sum.files, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_set(to, "vouched", j, e));
}

int
showverify_json(struct jval *list, const struct showverify *v,
    struct jval *findings, struct err *e)
{
	const struct verify_sum	*s = v->sum;
	struct jval		*j = NULL;

	if (jval_object(&j, e)) {
		jval_free(findings);
		return (-1);
	}
	if (jval_set(j, "findings", findings, e) ||
	    show_json_cluster(j, v->archive, e) ||
	    jval_set_str(j, "depth", depth_name(v->depth), e) ||
	    jval_set_bool(j, "complete", v->complete, e) ||
	    jval_set_u64(j, "backups", s->backups, e) ||
	    jval_set_u64(j, "packs", s->packs, e) ||
	    jval_set_u64(j, "wal_files", s->wal, e) ||
	    jval_set_u64(j, "bytes", s->listed, e) ||
	    jval_set_u64(j, "bytes_read", s->read, e) ||
	    jval_set_u64(j, "bytes_proved_already", s->already, e) ||
	    json_signers(j, s, e) ||
	    json_vouch(j, v->complete ? v->vouch : NULL, e) ||
	    (v->plan != NULL && json_target(j, v, e))) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}
