/* SPDX-License-Identifier: ISC */
/* From options and a configuration to the checks of a server. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/check.h"
#include "check/checkkeys.h"
#include "check/checklag.h"
#include "cluster/replslot.h"
#include "tool/checking.h"
#include "tool/expiryconf.h"
#include "tool/notify.h"
#include "tool/role.h"
#include "tool/runhistory.h"

#define SECOND_MS	UINT64_C(1000)
#define DEEP_MOST_S	UINT64_C(86400)

static int
read_limits(struct checking *c, const struct opt_list *list, int critical,
    struct err *e)
{
	uint64_t	 limit;
	size_t		 i, k;

	for (i = 0; i < list->n; i++) {
		if (checklist_limit(list->v[i], &k, &limit, e))
			return (err_ctx(e, "%s", critical ? "--critical" :
			    "--warn"));
		if (critical)
			c->limits[k].critical = limit;
		else
			c->limits[k].warn = limit;
	}
	return (0);
}

int
checking_begin(struct checking *c, struct err *e)
{
	size_t	 i, k;

	for (i = 0; i < CHECKLIST_CHECKS; i++) {
		c->limits[i] = checklist_at(i)->limits;
		c->wanted[i] = c->only.n == 0;
	}
	c->wanted[CHECKLIST_DEEP] = c->deep && c->only.n == 0;
	for (i = 0; i < c->only.n; i++) {
		if (checklist_find(c->only.v[i], &k, e))
			return (err_ctx(e, "--only"));
		if (k == CHECKLIST_DEEP && !c->deep)
			return (err_set(e, ERR_USAGE, "--only deep needs "
			    "--deep"));
		c->wanted[k] = 1;
	}
	return (read_limits(c, &c->warn, 0, e) ||
	    read_limits(c, &c->critical, 1, e) ? -1 : 0);
}

/* As long as it may take before it is critical, and a while. */
static uint64_t
deep_wait(const struct health_limits *l)
{
	uint64_t	 s = l->critical == HEALTH_OFF ? DEEP_MOST_S :
			    l->critical;

	return ((s < DEEP_MOST_S ? s : DEEP_MOST_S) * SECOND_MS);
}

static int
settings(struct check_conf *to, char slot[REPLSLOT_NAME],
    const struct server_conf *c, struct err *e)
{
	to->state_dir = c->state_dir;
	to->agents_dir = c->state_base;
	to->sql = c->conninfo[0] != '\0' || c->data_directory != NULL ||
	    c->key != NULL;
	to->conninfo = c->conninfo;
	to->data_directory = c->data_directory;
	to->own_directory = c->data_directory != NULL && c->key != NULL &&
	    !c->stream;
	to->timeout_ms = c->io_timeout_ms;
	to->slot_set = c->slot != NULL;
	to->slot = c->slot != NULL ? c->slot : replslot_default(slot,
	    c->name);
	to->expired_us = runhistory_expired(c->state_dir, c->name);
	to->deep_wait_ms = deep_wait(&to->limits[CHECKLIST_DEEP]);
	return (expiryconf_fill(&to->expire, c, e));
}

/* Without a key what needs one is unknown: the check "keys" says why. */
static struct key *
key_for_reading(const struct server_conf *c)
{
	struct key	*key = NULL;
	struct err	 unused = ERR_INIT;

	return (role_key_silent(&key, c, &unused) == 0 ? key : NULL);
}

static int
check_with(struct checkreport *r, const struct check_conf *asked,
    const struct server_conf *c, struct err *e)
{
	struct check_conf		 conf = *asked;
	const struct store_conf		 store = conf_store(c);
	const struct checkkeys_files	 files = { c->key, c->restore_key,
					    c->public_key };
	struct key			*key;
	char				 slot[REPLSLOT_NAME];
	int				 rc = -1;

	if (c->repository_name != NULL)
		(void)snprintf(r->repository, sizeof(r->repository), "%s",
		    c->repository_name);
	key = key_for_reading(c);
	conf.store = &store;
	conf.key = key;
	if (settings(&conf, slot, c, e))
		goto out;
	if (conf.wanted[CHECKLIST_CONFIG])
		checkreport_set(r, CHECKLIST_CONFIG, HEALTH_OK, "%s is "
		    "complete for this server", c->file);
	if (conf.wanted[CHECKLIST_KEYS])
		checkkeys_run(&files, r);
	rc = check_run(r, &conf, e);
out:
	key_free(key);
	return (rc);
}

/* One of "n" repositories; what is no matter of it is in the first report. */
static int
check_repository(struct checkreport *r, struct checklag *lag,
    const struct check_conf *asked, const struct server_conf *c, size_t i,
    size_t n, struct err *e)
{
	struct check_conf	 conf = *asked;
	size_t			 k;

	for (k = 0; i > 0 && k < CHECKLIST_CHECKS; k++)
		conf.wanted[k] = conf.wanted[k] && !checklist_at(k)->once;
	(void)snprintf(r->server, sizeof(r->server), "%s", asked->server);
	(void)snprintf(r->repository, sizeof(r->repository), "%s",
	    c->repository_name == NULL ? "" : c->repository_name);
	*lag = (struct checklag){ .name = r->repository, .server = c->name,
	    .state_dir = c->state_dir };
	conf.lag = n > 1 ? lag : NULL;
	return (check_with(r, &conf, c, e));
}

static int
check_set(struct checkreport *r, const struct checking *c,
    const struct check_conf *asked, const struct conf_set *set,
    struct err *e)
{
	struct checklag	 lag[CONFNAMES_MAX];
	size_t		 i;
	int		 rc = 0;

	memset(lag, 0, sizeof(lag));
	for (i = 0; rc == 0 && i < set->n; i++) {
		rc = check_repository(&r[i], &lag[i], asked, &set->conf[i], i,
		    set->n, e);
		r[i].limits = c->limits;	/* which outlive this call */
	}
	if (rc == 0 && set->n > 1)
		rc = checklag_judge(lag, r, set->n, set->quorum, e);
	for (i = 0; i < set->n; i++)
		r[i].line[CHECKLIST_LAG].done &= asked->wanted[CHECKLIST_LAG];
	/* A part of the checks says nothing of the others. */
	for (i = 0; rc == 0 && c->only.n == 0 && i < set->n; i++)
		notify_checks("backup-check", &set->conf[i], &r[i],
		    asked->now_us);
	for (i = 0; i < set->n; i++)
		checklag_fini(&lag[i]);
	return (rc);
}

/* The configuration of this server is not in order. */
static int
misconfigured(struct checkreport *r, const struct checking *c,
    const char *server, const struct err *why, struct err *e)
{
	if (why->kind != ERR_CONFIG)
		return (err_set(e, why->kind, "%s", why->msg));
	(void)snprintf(r->server, sizeof(r->server), "%s", server);
	r->limits = c->limits;
	checkreport_set(r, CHECKLIST_CONFIG, HEALTH_CRITICAL, "%s", why->msg);
	checkreport_cure(r, CHECKLIST_CONFIG, "correct the line that is "
	    "named");
	return (0);
}

int
checking_server(struct checkreport *r, size_t *n, const struct checking *c,
    const char *server, int64_t now_us, struct err *e)
{
	struct check_conf	 conf = { .server = server,
				    .now_us = now_us };
	struct conf_source	 src = c->src;
	struct conf_set		*set = calloc(1, sizeof(*set));
	struct err		 why = ERR_INIT;
	int			 rc;

	if (set == NULL)
		return (err_sys(e, ERR_LOCAL, "check"));
	memcpy(conf.wanted, c->wanted, sizeof(conf.wanted));
	memcpy(conf.limits, c->limits, sizeof(conf.limits));
	src.server = server;
	*n = 1;
	if (conf_load_set(set, &src, &why))
		rc = misconfigured(r, c, server, &why, e);
	else {
		*n = set->n;
		rc = check_set(r, c, &conf, set, e);
	}
	conf_free_set(set);
	free(set);
	return (rc);
}
