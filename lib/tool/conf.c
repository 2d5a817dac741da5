/* SPDX-License-Identifier: ISC */
/* The configuration of one server: its section, and which value wins. */
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "store/address.h"
#include "tool/conf.h"
#include "tool/confkey.h"
#include "tool/confset.h"
#include "tool/conftree.h"
#include "tool/runlog.h"
#include "tool/tool.h"

static const char *
main_file(const struct conf_source *src)
{
	const char	*env = getenv("SEAWALL_CONFIG");

	if (src->config != NULL)
		return (src->config);
	return (env != NULL && env[0] != '\0' ? env : CONF_PATH);
}

/* "a, b, c": the names of all servers, for a message. */
static void
names_text(const struct conftree *t, char *buf, size_t size)
{
	size_t	 i, n = 0;

	buf[0] = '\0';
	for (i = 0; i < t->n; i++) {
		if (!conftree_is_server(&t->s[i]))
			continue;
		if (n + strlen(t->s[i].name) + 8 > size) {
			memcpy(buf + n, ", ...", 6);
			return;
		}
		if (n > 0)
			n = (size_t)(stpcpy(buf + n, ", ") - buf);
		n = (size_t)(stpcpy(buf + n, t->s[i].name) - buf);
	}
}

static int
no_server(const struct conf_source *src, struct err *e)
{
	return (err_set(e, ERR_CONFIG, "%s: found no server, expected a "
	    "section like [main]", main_file(src)));
}

static int
choose(const struct conftree *t, const struct conf_source *src,
    const struct conftree_section **out, struct err *e)
{
	size_t			 i, servers = 0;
	char			 names[256];

	for (i = t->n; i > 0; i--)
		if (conftree_is_server(&t->s[i - 1])) {
			*out = &t->s[i - 1];
			servers++;
		}
	names_text(t, names, sizeof(names));
	if (servers == 0)
		return (no_server(src, e));
	if (src->server == NULL && servers > 1)
		return (err_set(e, ERR_USAGE, "%s: found %zu servers (%s), "
		    "expected one; choose it with --server", main_file(src),
		    servers, names));
	if (src->server == NULL)
		return (0);
	if (!conftree_is_name(src->server) ||
	    (*out = conftree_find(t, src->server)) == NULL)
		return (err_set(e, ERR_USAGE, "%s: found no server \"%.63s\", "
		    "expected one of: %s", main_file(src), src->server,
		    names));
	return (0);
}

/* Which of the repositories in the files are meant, in order. */
static int
names(struct confnames *l, const struct conftree *t,
    const struct conf_source *src, const struct conftree_section *own,
    struct err *e)
{
	const struct conftree_section	*at;
	const char			*text = conftree_value(t, own,
					    confkey_find("repositories"), &at);
	const char			*set;
	size_t				 i;

	l->n = 0;
	set = confset_value(&src->set, confkey_find("repository"));
	if (src->repository == NULL && set != NULL &&
	    address_export(set) != NULL)
		return (0);		/* in the place of all repositories */
	if (src->repository == NULL)
		return (text == NULL || text[0] == '\0' ? 0 :
		    confnames_parse(l, text, e));
	if (confnames_parse(l, src->repository, e)) {
		e->kind = ERR_USAGE;
		return (err_ctx(e, "--repository"));
	}
	for (i = 0; i < l->n; i++)
		if (conftree_repository(t, l->name[i]) == NULL)
			return (err_set(e, ERR_USAGE, "%s: found no section "
			    "[repository %s], expected the one that "
			    "--repository names", main_file(src),
			    l->name[i]));
	return (0);
}

/* The sections of a server, from the weakest to the strongest. */
struct layers {
	const struct conftree_section *common, *own, *repository;
};

/* The strongest that has the key, or NULL. */
static const struct conftree_section *
strongest(const struct layers *l, size_t key)
{
	if (l->repository != NULL && l->repository->value[key] != NULL)
		return (l->repository);
	if (l->own->value[key] != NULL)
		return (l->own);
	return (l->common != NULL && l->common->value[key] != NULL ?
	    l->common : NULL);
}

/* Defaults, and above them the sections. */
static int
merge(struct server_conf *c, const struct layers *l, struct err *e)
{
	const struct conftree_section	*s;
	const struct confkey	*k;
	const char		*value;
	size_t			 i;

	for (i = 0; (k = confkey_at(i)) != NULL; i++) {
		s = strongest(l, i);
		value = s == NULL ? NULL : s->value[i];
		if (value == NULL)
			value = k->value;
		if (value != NULL && confkey_set(c, k, value, e) == -1)
			return (-1);
	}
	return (0);
}

/*
 * What a thief can sign is believed then, so no run may be silent about it, in
 * whichever way the setting came.
 */
static int
trust(struct server_conf *c, const char *signer, struct err *e)
{
	if (signer != NULL && confkey_set(c,
	    confkey_at(confkey_find("trust_signer")), signer, e))
		return (-1);
	if (c->trust_signer != NULL)
		tool_warn(program_invocation_short_name, "trusts the signer "
		    "%.64s though it is retired: whoever has its key may have "
		    "written what is read now", c->trust_signer);
	return (0);
}

static int
make_limit(struct bucket **limit, uint64_t kbps, struct err *e)
{
	return (kbps == 0 ? 0 : bucket_new(limit, kbps * 1024, e));
}

/*
 * What a host remembers of one repository is wrong for another, so each has a
 * folder of its own; no server's name begins so.
 */
static int
set_state(struct server_conf *c, struct err *e)
{
	char	 dir[PATH_MAX];

	if (str_dup(&c->state_base, c->state_dir, e))
		return (-1);
	if (c->repository_name == NULL)
		return (0);
	if (str_fmt(dir, sizeof(dir), e, "%s/@%s", c->state_base,
	    c->repository_name))
		return (-1);
	free(c->state_dir);
	c->state_dir = NULL;
	return (str_dup(&c->state_dir, dir, e));
}

/* From the weakest to the strongest: defaults, files, --set. */
static int
fill(struct server_conf *c, const struct conf_source *src,
    const struct layers *l, const char *repository, struct err *e)
{
	struct err	 why = ERR_INIT;

	memset(c, 0, sizeof(*c));
	if (str_dup(&c->file, main_file(src), e) ||
	    str_dup(&c->name, l->own->name, e) ||
	    (repository != NULL &&
	    str_dup(&c->repository_name, repository, e)) ||
	    merge(c, l, e) ||
	    confset_apply(c, &src->set, e) ||
	    set_state(c, e))
		return (-1);
	if (runlog_open(c, &why))	/* before anything is to be said */
		tool_warn(program_invocation_short_name, "%s", why.msg);
	if (conf_need(c, "repository", e) ||
	    make_limit(&c->base_limit, c->base_bandwidth_limit, e) ||
	    make_limit(&c->wal_limit, c->wal_bandwidth_limit, e) ||
	    (c->tablespace_bandwidth_limit != NULL && spacelimit_parse(
	    &c->spaces, c->tablespace_bandwidth_limit, e)))
		return (-1);
	return (0);
}

/* Load at most "most" of the repositories. */
static int
load(struct conf_set *set, const struct conf_source *src, size_t most,
    struct err *e)
{
	struct conftree	 t = CONFTREE_INIT;
	struct confnames l;
	struct layers	 from = { NULL, NULL, NULL };
	const char	*name;
	int		 rc = -1;

	*set = (struct conf_set){ .n = 0 };
	if (conftree_load(&t, main_file(src), e) ||
	    choose(&t, src, &from.own, e) ||
	    names(&l, &t, src, from.own, e))
		goto out;
	from.common = conftree_find(&t, CONFTREE_COMMON);
	do {
		name = l.n > 0 ? l.name[set->n] : NULL;
		if (name != NULL)
			from.repository = conftree_repository(&t, name);
		set->n++;		/* to be freed, whatever happens */
		if (fill(&set->conf[set->n - 1], src, &from, name, e) ||
		    (set->n == 1 && trust(&set->conf[0], src->trust, e)))
			goto out;
	} while (set->n < l.n && set->n < most);
	set->quorum = l.n == 0 || src->repository != NULL ||
	    set->conf[0].quorum == 0 ? set->n : set->conf[0].quorum;
	rc = 0;
out:
	if (rc == -1)
		conf_free_set(set);
	conftree_free(&t);
	return (rc);
}

int
conf_load_set(struct conf_set *set, const struct conf_source *src,
    struct err *e)
{
	return (load(set, src, CONFNAMES_MAX, e));
}

int
conf_load(struct server_conf *c, const struct conf_source *src, struct err *e)
{
	struct conf_set	*set = calloc(1, sizeof(*set));
	int		 rc = -1;

	memset(c, 0, sizeof(*c));
	if (set == NULL)
		return (err_sys(e, ERR_LOCAL, "read the configuration"));
	if (src->repository != NULL && strchr(src->repository, ',') != NULL)
		err_set(e, ERR_USAGE, "--repository: found \"%.64s\", expected "
		    "one name", src->repository);
	else if (load(set, src, 1, e) == 0) {
		*c = set->conf[0];
		rc = 0;
	}
	free(set);
	return (rc);
}

void
conf_free_set(struct conf_set *set)
{
	while (set->n > 0)
		conf_free(&set->conf[--set->n]);
}

void
conf_take(struct server_conf *c, struct conf_set *set, size_t i)
{
	*c = set->conf[i];
	memset(&set->conf[i], 0, sizeof(set->conf[i]));
	conf_free_set(set);
}

/* The strongest that has the key wins, as in conf_load(). */
static void
find_origin(struct conf_origin *o, size_t key, const struct conf_source *src,
    const struct layers *l)
{
	const struct conftree_section	*s = strongest(l, key);
	const char			*set = confset_value(&src->set, key);

	o->line = 0;
	if (src->trust != NULL && key == confkey_find("trust_signer")) {
		o->value = src->trust;
		o->where = "--trust-signer";
	} else if (set != NULL) {
		o->value = set;
		o->where = "--set";
	} else if (s != NULL) {
		o->value = s->value[key];
		o->where = s->file;
		o->line = s->value_line[key];
	} else {
		o->value = confkey_at(key)->value;
		o->where = o->value == NULL ? "not set" : "default";
	}
	if (o->value == NULL)
		o->value = "";
}

static int
explain(const struct conf_source *src, const struct layers *l,
    int (*each)(void *arg, const struct confkey *, const struct conf_origin *,
    struct err *), void *arg, struct err *e)
{
	const struct conftree_section	*head[] = { l->own, l->repository };
	struct conf_origin		 o;
	size_t				 i;

	for (i = 0; i < 2 && head[i] != NULL; i++) {
		o = (struct conf_origin){ head[i]->name, head[i]->file,
		    head[i]->line };
		if (each(arg, NULL, &o, e))
			return (-1);
	}
	for (i = 0; confkey_at(i) != NULL; i++) {
		find_origin(&o, i, src, l);
		if (each(arg, confkey_at(i), &o, e))
			return (-1);
	}
	return (0);
}

int
conf_explain(const struct conf_source *src, int (*each)(void *arg,
    const struct confkey *, const struct conf_origin *, struct err *),
    void *arg, struct err *e)
{
	struct conftree			 t = CONFTREE_INIT;
	struct server_conf		 scratch = { 0 };
	struct layers			 from = { NULL, NULL, NULL };
	struct confnames		 l;
	size_t				 i = 0;
	int				 rc = -1;

	if (conftree_load(&t, main_file(src), e) ||
	    choose(&t, src, &from.own, e) ||
	    names(&l, &t, src, from.own, e) ||
	    confset_apply(&scratch, &src->set, e))
		goto out;
	from.common = conftree_find(&t, CONFTREE_COMMON);
	do {
		if (l.n > 0)
			from.repository = conftree_repository(&t, l.name[i]);
		if (explain(src, &from, each, arg, e))
			goto out;
	} while (++i < l.n);
	rc = 0;
out:
	conf_free(&scratch);
	conftree_free(&t);
	return (rc);
}

void
conf_free(struct server_conf *c)
{
	confkey_free(c);
	free(c->file);
	free(c->name);
	free(c->repository_name);
	free(c->state_base);
	bucket_free(c->base_limit);
	bucket_free(c->wal_limit);
	spacelimit_free(c->spaces);
	memset(c, 0, sizeof(*c));
}

int
conf_names(const struct conf_source *src, char ***out, size_t *n,
    struct err *e)
{
	struct conftree	  t = CONFTREE_INIT;
	char		**list = NULL;
	size_t		  i, have = 0;
	int		  rc = -1;

	if (conftree_load(&t, main_file(src), e))
		goto out;
	if ((list = calloc(t.n + 1, sizeof(*list))) == NULL) {
		err_sys(e, ERR_LOCAL, "read the configuration");
		goto out;
	}
	for (i = 0; i < t.n; i++)
		if (conftree_is_server(&t.s[i])) {
			list[have++] = t.s[i].name;
			t.s[i].name = NULL;
		}
	if (have == 0) {
		free(list);
		no_server(src, e);
		goto out;
	}
	*out = list;
	*n = have;
	rc = 0;
out:
	conftree_free(&t);
	return (rc);
}

int
conf_has(const struct conf_source *src, const char *server, struct err *e)
{
	struct conftree	 t = CONFTREE_INIT;
	int		 rc = 0;

	if (access(main_file(src), F_OK) == -1 && errno == ENOENT)
		return (0);
	if ((rc = conftree_load(&t, main_file(src), e)) == 0)
		rc = conftree_is_name(server) &&
		    conftree_find(&t, server) != NULL;
	conftree_free(&t);
	return (rc);
}

int
conf_need(const struct server_conf *c, const char *key, struct err *e)
{
	const struct confkey	*k = confkey_at(confkey_find(key));
	const char		*text;

	if (k != NULL && (text = confkey_text(c, k)) != NULL &&
	    text[0] != '\0')
		return (0);
	return (err_set(e, ERR_CONFIG,
	    "%s: [%s]: found no %s, expected %s = %s", c->file, c->name, key,
	    key, k == NULL || k->what == NULL ? "..." : k->what));
}

int
conf_may_write(const struct server_conf *c, struct err *e)
{
	return (!c->read_only ? 0 : err_set(e, ERR_CONFIG, "%s: repository "
	    "%s: found read_only = on, expected one that may be written to",
	    c->file, c->repository_name == NULL ? c->repository :
	    c->repository_name));
}

int
conf_policy(struct retention_policy *p, const struct server_conf *c,
    struct err *e)
{
	if (retention_policy_parse(c->retention_policy == NULL ? "" :
	    c->retention_policy, p, e))
		return (-1);
	memcpy(p->keep, c->keep, sizeof(p->keep));
	return (0);
}
