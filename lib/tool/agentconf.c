/* SPDX-License-Identifier: ISC */
/* The agent of a WAL program: its name, its socket, its command line. */
#include <sys/resource.h>
#include <sys/stat.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/str.h"
#include "crypt/hash.h"
#include "tool/agentconf.h"
#include "tool/confkey.h"

#define EXE		"/proc/self/exe"
#define SILENCE_MS	15000	/* it sends something every second */
#define HASH_DIGITS	8	/* bytes: enough to tell agents apart */
#define VALUE_MAX	(2 * PATH_MAX)

static const char *const role_name[] = {
	[KEY_PUSH] = "push", [KEY_RESTORE] = "fetch", [KEY_PUBLIC] = "public"
};

/* With its NUL, so that different lists of texts are different bytes. */
static void
add_text(struct hash *h, const char *s)
{
	hash_add(h, s, strlen(s) + 1);
}

static int
add_number(struct hash *h, uint64_t v, struct err *e)
{
	char	 text[32];

	if (str_fmt(text, sizeof(text), e, "%" PRIu64, v))
		return (-1);
	add_text(h, text);
	return (0);
}

/*
 * Add what identifies the file "path", as stat(2) of "look" finds it.  A
 * directory's mtime and size change all the time, so they do not count.
 */
static int
add_file(struct hash *h, const char *path, const char *look, struct err *e)
{
	struct stat	 st;

	if (stat(look, &st) == -1)
		return (err_sys(e, ERR_LOCAL, "stat %s", path));
	add_text(h, path);
	if (add_number(h, (uint64_t)st.st_dev, e) ||
	    add_number(h, (uint64_t)st.st_ino, e))
		return (-1);
	if (S_ISDIR(st.st_mode))
		return (0);
	/* The mode too: a key that others may read now must be refused. */
	if (add_number(h, (uint64_t)st.st_mode, e) ||
	    add_number(h, (uint64_t)st.st_size, e) ||
	    add_number(h, (uint64_t)st.st_mtim.tv_sec, e) ||
	    add_number(h, (uint64_t)st.st_mtim.tv_nsec, e))
		return (-1);
	return (0);
}

static int
add_conf(struct hash *h, const struct server_conf *c, struct err *e)
{
	const struct confkey	*k;
	char			 value[VALUE_MAX];
	size_t			 i;

	for (i = 0; (k = confkey_at(i)) != NULL; i++) {
		if (confkey_format(value, sizeof(value), c, k, e))
			return (err_ctx(e, "%s", k->name));
		add_text(h, k->name);
		add_text(h, value);
	}
	return (0);
}

/* What may fail the work of an agent, or end it. */
static const __rlimit_resource_t limits[] = {
	RLIMIT_AS, RLIMIT_CPU, RLIMIT_DATA, RLIMIT_FSIZE, RLIMIT_MEMLOCK,
	RLIMIT_NOFILE, RLIMIT_NPROC, RLIMIT_STACK
};

#define LIMITS	(sizeof(limits) / sizeof(limits[0]))

static int
add_limits(struct hash *h, struct err *e)
{
	struct rlimit	 l;
	size_t		 i;

	for (i = 0; i < LIMITS; i++) {
		if (getrlimit(limits[i], &l) == -1)
			return (err_sys(e, ERR_LOCAL, "find a limit"));
		if (add_number(h, (uint64_t)l.rlim_max, e))
			return (-1);
	}
	return (0);
}

void
agentconf_raise_limits(void)
{
	struct rlimit	 l;
	size_t		 i;

	for (i = 0; i < LIMITS; i++) {
		/* A larger stack would only cost each thread more memory. */
		if (limits[i] == RLIMIT_STACK ||
		    getrlimit(limits[i], &l) == -1)
			continue;
		l.rlim_cur = l.rlim_max;
		(void)setrlimit(limits[i], &l);	/* it is no worse then */
	}
}

static int
add_all(struct hash *h, const struct agentconf *p, const struct server_conf *c,
    size_t n, const struct role_cluster *cluster, struct err *e)
{
	const char	*keys = getenv("SSH_AUTH_SOCK");
	size_t		 i;

	add_text(h, SEAWALL_VERSION);
	add_text(h, c->name);
	add_text(h, keys == NULL ? "" : keys);
	for (i = 0; i < n; i++) {
		add_text(h, c[i].repository_name == NULL ? "" :
		    c[i].repository_name);
		if (add_conf(h, &c[i], e))
			return (-1);
	}
	if (add_file(h, p->program, EXE, e) ||
	    add_file(h, p->config, p->config, e) ||
	    add_file(h, p->data_directory, p->data_directory, e) ||
	    add_number(h, (uint64_t)geteuid(), e) ||
	    add_limits(h, e) ||
	    add_number(h, cluster->system_id, e) ||
	    add_number(h, cluster->wal_segment_size, e))
		return (-1);
	return (p->key[0] == '\0' ? 0 : add_file(h, p->key, p->key, e));
}

/* SERVER.ROLE.HASH in STATE_DIR/run. */
static int
set_place(struct agentconf *p, const struct server_conf *c, size_t n,
    enum key_role role, const struct role_cluster *cluster, struct err *e)
{
	struct hash	*h = NULL;
	uint8_t		 sum[HASH_LEN];
	char		 hex[2 * HASH_DIGITS + 1];

	if (hash_new(&h, e))
		return (-1);
	if (add_all(h, p, c, n, cluster, e)) {
		hash_free(h);
		return (-1);
	}
	hash_final(h, sum);
	hash_free(h);
	/* If this fails, the first use of the folder reports it. */
	(void)mkdir(c->state_base, 0700);
	if (path_join(p->call.place.dir, sizeof(p->call.place.dir),
	    c->state_base, "run", e) ||
	    str_fmt(p->call.place.name, sizeof(p->call.place.name), e,
	    "%s.%s.%s", c->name, role_name[role],
	    str_hex(hex, sum, HASH_DIGITS)))
		return (-1);
	return (0);
}

static int
set_program(struct agentconf *p, struct err *e)
{
	ssize_t	 n;

	n = readlink(EXE, p->program, sizeof(p->program));
	if (n == -1)
		return (err_sys(e, ERR_LOCAL, "read %s", EXE));
	if ((size_t)n >= sizeof(p->program))
		return (err_set(e, ERR_LOCAL, "the program's path is longer "
		    "than %zu bytes", sizeof(p->program) - 1));
	p->program[n] = '\0';
	return (0);
}

/* Make the path absolute: the agent's working directory is "/". */
static int
set_config(struct agentconf *p, const char *file, struct err *e)
{
	char	 here[PATH_MAX];

	if (file[0] == '/')
		return (str_fmt(p->config, sizeof(p->config), e, "%s", file));
	if (getcwd(here, sizeof(here)) == NULL)
		return (err_sys(e, ERR_LOCAL, "find the current directory"));
	return (path_join(p->config, sizeof(p->config), here, file, e));
}

static int
set_paths(struct agentconf *p, const struct server_conf *c, enum key_role role,
    const char *dir, struct err *e)
{
	const char	*setting, *key = role_key_path(c, role, &setting);

	if (set_program(p, e) || set_config(p, c->file, e) ||
	    str_fmt(p->key, sizeof(p->key), e, "%s", key == NULL ? "" : key))
		return (-1);
	if (realpath(dir, p->data_directory) == NULL)
		return (err_sys(e, ERR_LOCAL, "find the data directory %s",
		    dir));
	return (0);
}

static int
add_arg(struct agentconf *p, size_t *n, const char *text, struct err *e)
{
	if (*n == AGENTCONF_ARGS - 1)
		return (err_set(e, ERR_LOCAL, "found too many --set for an "
		    "agent, expected at most %d", (AGENTCONF_ARGS - 8) / 2));
	return (str_dup(&p->argv[(*n)++], text, e));
}

static int
set_argv(struct agentconf *p, const char *server,
    const struct conf_source *src, struct err *e)
{
	const struct opt_list	*set = &src->set;
	char			 trust[96];
	const char	*first[] = { p->program, AGENTCONF_OPTION, "--config",
			    p->config, "--server", server };
	size_t		 i, n = 0;

	for (i = 0; i < sizeof(first) / sizeof(first[0]); i++)
		if (add_arg(p, &n, first[i], e))
			return (-1);
	if (src->repository != NULL && (add_arg(p, &n, "--repository", e) ||
	    add_arg(p, &n, src->repository, e)))
		return (-1);
	for (i = 0; i < set->n; i++)
		if (add_arg(p, &n, "--set", e) ||
		    add_arg(p, &n, set->v[i], e))
			return (-1);
	if (src->trust != NULL && (str_fmt(trust, sizeof(trust), e,
	    "trust_signer=%s", src->trust) || add_arg(p, &n, "--set", e) ||
	    add_arg(p, &n, trust, e)))
		return (-1);
	return (add_arg(p, &n, p->data_directory, e));
}

int
agentconf_new(struct agentconf **out, const struct server_conf *c,
    size_t n, const struct conf_source *src, enum key_role role,
    const struct role_cluster *cluster, const char *dir, struct err *e)
{
	struct agentconf	*p;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		return (err_sys(e, ERR_LOCAL, "prepare for the agent"));
	if (set_paths(p, c, role, dir, e) ||
	    set_place(p, c, n, role, cluster, e) ||
	    set_argv(p, c->name, src, e)) {
		agentconf_free(p);
		return (-1);
	}
	p->call.argv = p->argv;
	p->call.silence_ms = SILENCE_MS;
	*out = p;
	return (0);
}

void
agentconf_free(struct agentconf *p)
{
	size_t	 i;

	if (p == NULL)
		return;
	for (i = 0; i < AGENTCONF_ARGS; i++)
		free(p->argv[i]);
	free(p);
}

int
agentconf_serve(struct serve_conf *s, const struct agentconf *p,
    uint64_t linger_ms, struct err *e)
{
	struct stat	 running, there;

	/* After an upgrade the next call must start the new program. */
	if (stat(EXE, &running) == -1)
		return (err_sys(e, ERR_LOCAL, "stat %s", EXE));
	if (stat(p->program, &there) == -1)
		return (err_sys(e, ERR_LOCAL, "stat %s", p->program));
	if (running.st_dev != there.st_dev || running.st_ino != there.st_ino)
		return (err_set(e, ERR_LOCAL, "%s: found another program than "
		    "the running one", p->program));
	memset(s, 0, sizeof(*s));
	s->place = p->call.place;
	s->listening = CALL_LISTENING;
	s->lock = CALL_LOCK;
	s->linger_ms = linger_ms;
	s->watch[0] = p->program;
	s->watch[1] = p->config;
	s->watch[2] = p->data_directory;
	s->watch[3] = p->key[0] == '\0' ? NULL : p->key;
	return (0);
}
