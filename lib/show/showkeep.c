/* SPDX-License-Identifier: ISC */
/* What expiry thinks of each backup, for the listings. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan/keptuntil.h"
#include "show/show.h"
#include "show/showkeep.h"

int
showkeep_make(struct showkeep *k, struct archive *a,
    const struct catalogue *cat, const struct expire_conf *conf,
    struct err *e)
{
	const size_t	 n = catalogue_labels(cat);
	size_t		 i;

	*k = (struct showkeep){ .cat = cat, .conf = conf, .why = ERR_INIT };
	if (conf == NULL)
		return (0);
	if ((k->at = calloc(n + 1, sizeof(*k->at))) == NULL)
		return (err_sys(e, ERR_LOCAL, "retention"));
	for (i = 0; i < n; i++)
		k->at[i] = catalogue_backup(cat, i);
	if (expire_plan(&k->x, a, cat, conf, &k->why) == 0 ||
	    k->why.kind == ERR_CORRUPT)
		return (0);
	return (err_set(e, k->why.kind, "%s", k->why.msg));
}

int
showkeep_evidence(const struct evidence **out, struct showkeep *k,
    struct archive *a, struct err *e)
{
	if (k->x != NULL) {
		*out = expire_evidence(k->x);
		return (0);
	}
	*out = &k->listed;
	return (evidence_load(&k->listed, k->cat, a, EVIDENCE_LISTED, e));
}

void
showkeep_fini(struct showkeep *k)
{
	expire_free(k->x);
	free(k->at);
	evidence_fini(&k->listed);
	memset(k, 0, sizeof(*k));
}

/* A pin that never ends has no end to be shown. */
static void
find_end(struct showkeep_one *o, const struct showkeep *k, size_t i)
{
	const struct pin	*pin = catalogue_pin(k->cat, i);
	const int64_t		 us = keptuntil(k->at, catalogue_labels(k->cat),
	    i, &k->conf->policy);
	const int		 pinned = pin_holds(pin, k->conf->now_us);

	if (pinned && (pin->kind != PIN_SET || pin->until_us == PIN_FOREVER))
		return;
	o->until_us = pinned && pin->until_us > us ? pin->until_us : us;
	o->ends = o->until_us > k->conf->now_us;
}

struct showkeep_one
showkeep_get(const struct showkeep *k, size_t i)
{
	const struct retention_verdict	*v;
	struct showkeep_one		 o = { .known = 0 };

	if (k->x == NULL)
		return (o);
	v = &expire_retention(k->x)->verdict[i];
	o.known = 1;
	o.keep = v->keep;
	o.why = v->why;
	if (v->keep)
		find_end(&o, k, i);
	return (o);
}

const char *
showkeep_text(char buf[SHOWKEEP_TEXT], const struct showkeep *k, size_t i,
    int local)
{
	const struct showkeep_one	 o = showkeep_get(k, i);
	char				 t[CLOCK_TEXT];

	if (!o.known)
		(void)snprintf(buf, SHOWKEEP_TEXT, "-");
	else if (o.ends)
		(void)snprintf(buf, SHOWKEEP_TEXT, "until %s: %s",
		    show_time(t, o.until_us, local), o.why);
	else
		(void)snprintf(buf, SHOWKEEP_TEXT, "%s%s", o.keep ? "" :
		    "no: ", o.why);
	return (buf);
}

int
showkeep_json(struct jval *to, const struct showkeep *k, size_t i,
    struct err *e)
{
	const struct showkeep_one	 o = showkeep_get(k, i);
	struct jval			*j = NULL;

	if (!o.known)
		return (jval_set_null(to, "keep", e));
	if (jval_object(&j, e))
		return (-1);
	if (jval_set_bool(j, "keep", o.keep, e) ||
	    jval_set_str(j, "why", o.why, e) ||
	    show_json_time(j, "until", o.ends ? &o.until_us : NULL, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_set(to, "keep", j, e));
}

int
showkeep_json_policy(struct jval *to, const struct showkeep *k,
    struct err *e)
{
	char	 text[RETENTION_POLICY_TEXT];

	return (show_json_text(to, "retention_policy", k->conf == NULL ? NULL :
	    retention_policy_format(text, &k->conf->policy), e) ||
	    show_json_text(to, "retention_problem", k->why.kind == ERR_NONE ?
	    NULL : k->why.msg, e) ? -1 : 0);
}
