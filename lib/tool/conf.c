/* SPDX-License-Identifier: ISC */
/* The configuration of one server: its section, and which value wins. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "tool/conf.h"
#include "tool/confkey.h"
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
		if (strcmp(t->s[i].name, CONFTREE_COMMON) == 0)
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
	const struct conftree_section	*common;
	size_t			 servers;
	char			 names[256];

	common = conftree_find(t, CONFTREE_COMMON);
	servers = t->n - (common != NULL);	/* all other sections */
	names_text(t, names, sizeof(names));
	if (servers == 0)
		return (no_server(src, e));
	if (src->server == NULL && servers > 1)
		return (err_set(e, ERR_USAGE, "%s: found %zu servers (%s), "
		    "expected one; choose it with --server", main_file(src),
		    servers, names));
	if (src->server == NULL) {
		*out = &t->s[common == &t->s[0]];
		return (0);
	}
	if (!conftree_is_name(src->server) ||
	    (*out = conftree_find(t, src->server)) == NULL)
		return (err_set(e, ERR_USAGE, "%s: found no server \"%.63s\", "
		    "expected one of: %s", main_file(src), src->server,
		    names));
	return (0);
}

/* Defaults, then [seawall], then the server's own section. */
static int
merge(struct server_conf *c, const struct conftree_section *common,
    const struct conftree_section *own, struct err *e)
{
	const struct confkey	*k;
	const char		*value;
	size_t			 i;

	for (i = 0; (k = confkey_at(i)) != NULL; i++) {
		value = own->value[i];
		if (value == NULL && common != NULL)
			value = common->value[i];
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

/* The key that an option --set names; SIZE_MAX: none. */
static size_t
set_key(const char *set)
{
	const char	*equals = strchr(set, '=');
	char		 name[32];

	if (equals == NULL || (size_t)(equals - set) >= sizeof(name))
		return (SIZE_MAX);
	memcpy(name, set, (size_t)(equals - set));
	name[equals - set] = '\0';
	return (confkey_find(name));
}

/* The options --set. */
static int
override(struct server_conf *c, const struct opt_list *set, struct err *e)
{
	size_t	 i, key;

	for (i = 0; i < set->n; i++) {
		key = set_key(set->v[i]);
		/* include_dir has been used already: it would be ignored. */
		if (key == SIZE_MAX ||
		    confkey_at(key)->kind == CONFKEY_FOLDER)
			return (err_set(e, ERR_USAGE, "--set: found \"%.64s\","
			    " expected KEY=VALUE with a KEY of "
			    "seawall.conf(5)", set->v[i]));
		if (confkey_set(c, confkey_at(key), strchr(set->v[i], '=') + 1,
		    e) == -1) {
			if (e->kind == ERR_CONFIG)
				e->kind = ERR_USAGE;
			return (err_ctx(e, "--set"));
		}
	}
	return (0);
}

static int
make_limit(struct bucket **limit, uint64_t kbps, struct err *e)
{
	return (kbps == 0 ? 0 : bucket_new(limit, kbps * 1024, e));
}

int
conf_load(struct server_conf *c, const struct conf_source *src, struct err *e)
{
	struct err		 why = ERR_INIT;
	struct conftree		 t = CONFTREE_INIT;
	const struct conftree_section	*own = NULL;
	int			 rc = -1;

	/* From the weakest to the strongest: defaults, files, --set. */
	memset(c, 0, sizeof(*c));
	if (conftree_load(&t, main_file(src), e) ||
	    choose(&t, src, &own, e) ||
	    str_dup(&c->file, main_file(src), e) ||
	    str_dup(&c->name, own->name, e) ||
	    merge(c, conftree_find(&t, CONFTREE_COMMON), own, e) ||
	    override(c, &src->set, e))
		goto out;
	if (runlog_open(c, &why))	/* before anything is to be said */
		tool_warn(program_invocation_short_name, "%s", why.msg);
	if (trust(c, src->trust, e) ||
	    conf_need(c, "repository", e) ||
	    make_limit(&c->base_limit, c->base_bandwidth_limit, e) ||
	    make_limit(&c->wal_limit, c->wal_bandwidth_limit, e) ||
	    (c->tablespace_bandwidth_limit != NULL && spacelimit_parse(
	    &c->spaces, c->tablespace_bandwidth_limit, e)))
		goto out;
	rc = 0;
out:
	if (rc == -1)
		conf_free(c);
	conftree_free(&t);
	return (rc);
}

/* The strongest that has the key wins, as in conf_load(). */
static void
find_origin(struct conf_origin *o, size_t key, const struct conf_source *src,
    const struct conftree_section *common, const struct conftree_section *own)
{
	const struct conftree_section	*s = NULL;
	size_t				 i;

	for (i = src->set.n; i > 0; i--)
		if (set_key(src->set.v[i - 1]) == key)
			break;
	if (own->value[key] != NULL)
		s = own;
	else if (common != NULL && common->value[key] != NULL)
		s = common;
	o->line = 0;
	if (src->trust != NULL && key == confkey_find("trust_signer")) {
		o->value = src->trust;
		o->where = "--trust-signer";
	} else if (i > 0) {
		o->value = strchr(src->set.v[i - 1], '=') + 1;
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

int
conf_explain(const struct conf_source *src, int (*each)(void *arg,
    const struct confkey *, const struct conf_origin *, struct err *),
    void *arg, struct err *e)
{
	struct conftree			 t = CONFTREE_INIT;
	struct server_conf		 scratch = { 0 };
	const struct conftree_section	*own = NULL, *common;
	struct conf_origin		 o;
	size_t				 i;
	int				 rc = -1;

	if (conftree_load(&t, main_file(src), e) || choose(&t, src, &own, e) ||
	    override(&scratch, &src->set, e))
		goto out;
	common = conftree_find(&t, CONFTREE_COMMON);
	o = (struct conf_origin){ own->name, own->file, own->line };
	if (each(arg, NULL, &o, e))
		goto out;
	for (i = 0; confkey_at(i) != NULL; i++) {
		find_origin(&o, i, src, common, own);
		if (each(arg, confkey_at(i), &o, e))
			goto out;
	}
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
	bucket_free(c->base_limit);
	bucket_free(c->wal_limit);
	spacelimit_free(c->spaces);
	memset(c, 0, sizeof(*c));
}

int
conf_names(const struct conf_source *src, char ***names, size_t *n,
    struct err *e)
{
	struct conftree	  t = CONFTREE_INIT;
	char		**list = NULL;
	size_t		  i, have = 0;
	int		  rc = -1;

	if (conftree_load(&t, main_file(src), e) ||
	    (t.n == (conftree_find(&t, CONFTREE_COMMON) != NULL) &&
	    no_server(src, e)))
		goto out;
	if ((list = calloc(t.n + 1, sizeof(*list))) == NULL) {
		err_sys(e, ERR_LOCAL, "read the configuration");
		goto out;
	}
	for (i = 0; i < t.n; i++)
		if (strcmp(t.s[i].name, CONFTREE_COMMON) != 0) {
			list[have++] = t.s[i].name;
			t.s[i].name = NULL;
		}
	*names = list;
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
		rc = conftree_find(&t, server) != NULL;
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
conf_policy(struct retention_policy *p, const struct server_conf *c,
    struct err *e)
{
	if (retention_policy_parse(c->retention_policy == NULL ? "" :
	    c->retention_policy, p, e))
		return (-1);
	memcpy(p->keep, c->keep, sizeof(p->keep));
	return (0);
}

struct store_conf
conf_store(const struct server_conf *c)
{
	const struct store_conf	 s = {
		.repository = c->repository,
		.ssh_key = c->ssh_key,
		.ssh_config = c->ssh_config,
		.known_hosts = c->known_hosts,
		.host_key = c->host_key,
		.io_timeout_ms = c->io_timeout_ms,
		.require_fsync = c->require_fsync,
		.connections = (unsigned)c->connections,
		.allowance_dir = c->state_dir
	};

	return (s);
}

struct store_conf
conf_store_base(const struct server_conf *c)
{
	struct store_conf	 s = conf_store(c);

	s.limit = c->base_limit;
	return (s);
}

struct store_conf
conf_store_wal(const struct server_conf *c)
{
	struct store_conf	 s = conf_store(c);

	s.limit = c->wal_limit;
	s.for_wal = 1;
	return (s);
}
