/* SPDX-License-Identifier: ISC */
/* The coming days of a cluster's backups, as text and as JSON. */
#include <inttypes.h>

#include "show/show.h"
#include "show/showsimulate.h"

#define SECOND	INT64_C(1000000)	/* in microseconds */

static void
print_head(FILE *out, const struct showsimulate *s,
    const struct simulate_rate *r)
{
	const int64_t	 minutes = r->every_us / (60 * SECOND);
	char		 policy[RETENTION_POLICY_TEXT];

	(void)fprintf(out, "server %s, system identifier %" PRIu64 "\n"
	    "  %s; nothing is deleted or written\n", s->archive->server,
	    s->archive->system_id, retention_policy_format(policy,
	    &s->policy));
	if (r->every_us == 0)
		(void)fprintf(out, "  no further backup is assumed, since "
		    "fewer than two show how often they come\n");
	else if (minutes % 60 != 0)
		(void)fprintf(out, "  a backup every %" PRId64 " minutes is "
		    "assumed, as lately\n", minutes);
	else
		(void)fprintf(out, "  a backup every %" PRId64 " hour%s is "
		    "assumed, as lately\n", minutes / 60,
		    minutes == 60 ? "" : "s");
}

static int
print_day(void *arg, const struct simulate_day *d, struct err *e)
{
	FILE	*out = arg;
	char	 t[CLOCK_TEXT];
	size_t	 i;

	(void)e;
	(void)fprintf(out, "%.10s: %zu kept, %zu expire%s", show_moment(t,
	    d->us), d->nkept, d->n - d->nkept, d->n - d->nkept == 1 ? "s" :
	    "");
	if (d->from_us != INT64_MAX)
		(void)fprintf(out, ", any point from %s on", show_moment(t,
		    d->from_us));
	(void)fputc('\n', out);
	for (i = 0; i < d->n; i++)
		if (d->changed[i])
			(void)fprintf(out, "  %s %s%s: %s\n",
			    d->verdict[i].keep ? "keep  " : "expire",
			    d->v[i].at.id, d->assumed[i] ? " (assumed)" : "",
			    d->verdict[i].why);
	return (0);
}

static int
backup_json(struct jval *list, const struct simulate_day *d, size_t i,
    struct err *e)
{
	const struct retention_verdict	*v = &d->verdict[i];
	struct jval			*j = NULL;

	if (jval_object(&j, e))
		return (-1);
	if (jval_set_str(j, "id", d->v[i].at.id, e) ||
	    jval_set_bool(j, "keep", v->keep, e) ||
	    jval_set_str(j, "why", v->why, e) ||
	    jval_set_bool(j, "end_only", v->alone, e) ||
	    jval_set_bool(j, "assumed", d->assumed[i], e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

static int
fill_day(struct jval *j, const struct simulate_day *d, struct err *e)
{
	const int64_t	*from = d->from_us == INT64_MAX ? NULL : &d->from_us;
	struct jval	*list = NULL;
	size_t		 i;

	if (show_json_time(j, "time", &d->us, e) ||
	    jval_set_u64(j, "kept", d->nkept, e) ||
	    jval_set_u64(j, "expired", d->n - d->nkept, e) ||
	    show_json_time(j, "any_point_from", from, e) ||
	    jval_list(&list, e))
		return (-1);
	for (i = 0; i < d->n; i++)
		if (backup_json(list, d, i, e)) {
			jval_free(list);
			return (-1);
		}
	return (jval_set(j, "backups", list, e));
}

static int
day_json(void *arg, const struct simulate_day *d, struct err *e)
{
	struct jval	*j = NULL;

	if (jval_object(&j, e))
		return (-1);
	if (fill_day(j, d, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(arg, j, e));
}

static int
fill_cluster(struct jval *j, const struct showsimulate *s,
    const struct simulate_rate *r, struct err *e)
{
	char		 policy[RETENTION_POLICY_TEXT];
	struct jval	*days = NULL;

	if (show_json_cluster(j, s->archive, e) ||
	    jval_set_str(j, "policy", retention_policy_format(policy,
	    &s->policy), e) ||
	    (r->every_us == 0 ? jval_set_null(j, "assumed_interval", e) :
	    jval_set_u64(j, "assumed_interval", (uint64_t)(r->every_us /
	    SECOND), e)) ||
	    jval_list(&days, e))
		return (-1);
	if (expire_plan_simulate(s->expire, s->days, day_json, days, e)) {
		jval_free(days);
		return (-1);
	}
	return (jval_set(j, "days", days, e));
}

int
showsimulate_show(FILE *out, struct jval *list, const struct showsimulate *s,
    struct err *e)
{
	struct simulate_rate	 r;
	struct jval		*j = NULL;

	if (expire_plan_rate(s->expire, &r, e))
		return (-1);
	if (list == NULL) {
		print_head(out, s, &r);
		return (expire_plan_simulate(s->expire, s->days, print_day,
		    out, e));
	}
	if (jval_object(&j, e))
		return (-1);
	if (fill_cluster(j, s, &r, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}
