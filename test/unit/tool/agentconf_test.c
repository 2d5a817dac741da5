/* SPDX-License-Identifier: ISC */
/* Which agent a program has: what makes another one, and what does not. */
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/path.h"
#include "testdir.h"
#include "tool/agentconf.h"
#include "tool/confkey.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

struct world {
	struct role_cluster	 cluster;
	struct conf_source	 src;
	enum key_role		 role;
	const char		*dir;
};

static struct world
world(void)
{
	struct world	 w = {
		{ UINT64_C(7300000000000000001), 16 << 20 },
		{ .config = testdir_path("c") },
		KEY_PUSH, testdir_path("data")
	};

	return (w);
}

/* "more" follows in the server's section. */
static void
write_conf(const char *more)
{
	char	 text[8 * PATH_MAX];

	(void)snprintf(text, sizeof(text), "[main]\nrepository = /r\n"
	    "state_dir = %s\nkey = %s\nrestore_key = %s\n%s\n"
	    "[other]\nrepository = /r\nstate_dir = %s\n",
	    testdir_path("state"), testdir_path("k.push"),
	    testdir_path("k.restore"), more, testdir_path("state"));
	testdir_text("c", text);
}

static int
setup(void **state)
{
	(void)state;
	(void)unsetenv("SEAWALL_CONFIG");
	testdir_make();
	testdir_text("k.push", "push");
	testdir_text("k.restore", "restore");
	write_conf("");
	return (mkdir(testdir_path("data"), 0700));
}

static int
teardown(void **state)
{
	(void)state;
	testdir_remove();
	return (0);
}

/* As the programs do it. */
static int
make(struct agentconf **h, const struct world *w, struct err *e)
{
	struct server_conf	 c;
	int			 rc;

	err_clear(e);
	if (conf_load(&c, &w->src, e) == -1)
		fail_msg("%s", e->msg);
	rc = agentconf_new(h, &c, 1, &w->src, w->role, &w->cluster, w->dir, e);
	conf_free(&c);
	return (rc);
}

/* The agent's name in that world; a few at a time. */
static const char *
name(const struct world *w)
{
	static char	 names[4][PLACE_NAME];
	static size_t	 next;
	char		*to = names[next++ % 4];
	struct agentconf	*h;
	struct err	 e;

	if (make(&h, w, &e) == -1)
		fail_msg("%s", e.msg);
	(void)stpcpy(to, h->call.place.name);
	agentconf_free(h);
	return (to);
}

static struct world
main_world(const char **set, size_t n)
{
	struct world	 w = world();

	w.src.server = "main";
	w.src.set.v = set;
	w.src.set.n = n;
	return (w);
}

static void
test_same(void **state)
{
	const char	*set[] = { "agent_linger=1min", "push_jobs=2" };
	struct world	 w = main_world(NULL, 0), v = main_world(set, 2);
	const char	*first = name(&w);
	char		 here[PATH_MAX];

	(void)state;
	assert_string_equal(name(&w), first);
	/* Values that are what they were anyway, whatever the spelling. */
	assert_string_equal(name(&v), first);
	/* What changes all the time in a data directory. */
	testdir_text("data/x", "");
	assert_string_equal(name(&w), first);
	/* The same directory by another way. */
	w.dir = testdir_path("data/../data/.");
	assert_string_equal(name(&w), first);
	assert_non_null(getcwd(here, sizeof(here)));
	assert_int_equal(chdir(testdir_path("data")), 0);
	w.dir = ".";
	assert_string_equal(name(&w), first);
	w.src.config = "../c";
	assert_string_not_equal(name(&w), first);	/* another path */
	assert_int_equal(chdir(here), 0);
	assert_string_equal(name(&v), first);
	assert_int_equal(strlen(first), strlen("main.push.") + 16);
	assert_memory_equal(first, "main.push.", 10);
	assert_int_equal(strspn(first + 10, "0123456789abcdef"), 16);
}

/* Each of these makes another agent. */
static void
test_different(void **state)
{
	struct timespec	 old[2] = { { 1, 0 }, { 1, 0 } };
	struct world	 w = main_world(NULL, 0), v = w;
	char		 was[PLACE_NAME];

	(void)state;
	v.src.server = "other";
	assert_string_not_equal(name(&v), name(&w));
	v = w;
	v.role = KEY_RESTORE;
	assert_string_not_equal(name(&v), name(&w));
	v = w;
	v.cluster.system_id++;
	assert_string_not_equal(name(&v), name(&w));
	v = w;
	v.cluster.wal_segment_size *= 2;
	assert_string_not_equal(name(&v), name(&w));
	v = w;
	v.dir = testdir_path("data2");
	assert_int_equal(mkdir(v.dir, 0700), 0);
	assert_string_not_equal(name(&v), name(&w));

	(void)unsetenv("SSH_AUTH_SOCK");
	(void)stpcpy(was, name(&w));
	assert_int_equal(setenv("SSH_AUTH_SOCK", "/tmp/ssh-1/agent", 1), 0);
	assert_string_not_equal(name(&w), was);
	(void)unsetenv("SSH_AUTH_SOCK");
	assert_string_equal(name(&w), was);

	(void)stpcpy(was, name(&w));
	assert_int_equal(rename(testdir_path("data"), testdir_path("d")), 0);
	assert_int_equal(mkdir(testdir_path("data"), 0700), 0);
	assert_string_not_equal(name(&w), was);

	(void)stpcpy(was, name(&w));
	assert_int_equal(utimensat(AT_FDCWD, testdir_path("k.restore"), old,
	    0), 0);
	assert_string_equal(name(&w), was);	/* not of this role */
	assert_int_equal(utimensat(AT_FDCWD, testdir_path("k.push"), old, 0),
	    0);
	assert_string_not_equal(name(&w), was);

	(void)stpcpy(was, name(&w));
	testdir_text("k.new", "PUSH");
	assert_int_equal(utimensat(AT_FDCWD, testdir_path("k.new"), old, 0),
	    0);
	assert_int_equal(rename(testdir_path("k.new"),
	    testdir_path("k.push")), 0);
	assert_string_not_equal(name(&w), was);

	(void)stpcpy(was, name(&w));
	assert_int_equal(utimensat(AT_FDCWD, testdir_path("c"), old, 0), 0);
	assert_string_not_equal(name(&w), was);
}

static void
limits_of(struct rlimit l[2])
{
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &l[0]), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &l[1]), 0);
}

/* A soft limit is raised by the agent; a hard one makes another agent. */
static int
in_limits(void)
{
	struct world	 w = main_world(NULL, 0);
	struct rlimit	 l[2], low;
	char		 was[PLACE_NAME];

	(void)stpcpy(was, name(&w));
	limits_of(l);
	low = (struct rlimit){ 512, l[0].rlim_max };
	if (setrlimit(RLIMIT_FSIZE, &low) == -1)
		return (1);
	low = (struct rlimit){ 64, l[1].rlim_max };
	if (setrlimit(RLIMIT_NOFILE, &low) == -1 ||
	    strcmp(name(&w), was) != 0)
		return (2);
	agentconf_raise_limits();
	limits_of(l);
	if (l[0].rlim_cur != l[0].rlim_max || l[1].rlim_cur != l[1].rlim_max)
		return (3);
	low = (struct rlimit){ 1 << 20, 1 << 20 };
	if (setrlimit(RLIMIT_FSIZE, &low) == -1)
		return (4);
	return (strcmp(name(&w), was) != 0 ? 0 : 5);
}

static void
test_limits(void **state)
{
	pid_t	 pid;
	int	 status;

	(void)state;
	if ((pid = fork()) == 0)
		_exit(in_limits());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* No key of the configuration may be changed without notice. */
static void
test_every_key(void **state)
{
	static const char *const	 values[] = {
		"7", "7s", "3h", "8d", "off", "2M", "syslog", "/v",
		"zstd:7", "debug",
		"SHA256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"redundancy 7", "stream", "on"
	};
	const struct confkey	*k;
	struct server_conf	 unused;
	struct err		 e;
	struct world		 w = main_world(NULL, 0), v;
	const char		*set;
	char			 was[PLACE_NAME], text[256];
	size_t			 i, j, changed = 0;

	(void)state;
	/* Files and folders that some values name. */
	(void)stpcpy(was, name(&w));
	for (i = 0; (k = confkey_at(i)) != NULL; i++) {
		if (k->kind == CONFKEY_FOLDER ||
		    k->kind == CONFKEY_REPOSITORIES ||
		    strcmp(k->name, "quorum") == 0 ||
		    strcmp(k->name, "state_dir") == 0 ||
		    strcmp(k->name, "key") == 0)
			continue;
		memset(&unused, 0, sizeof(unused));
		for (j = 0; j < N(values); j++) {
			err_clear(&e);
			if (k->value != NULL &&
			    strcmp(values[j], k->value) == 0)
				continue;
			if (confkey_set(&unused, k, values[j], &e) == 0)
				break;
		}
		confkey_free(&unused);
		if (j == N(values))
			fail_msg("no value for %s", k->name);
		(void)snprintf(text, sizeof(text), "%s=%s", k->name,
		    values[j]);
		set = text;
		v = main_world(&set, 1);
		if (strcmp(name(&v), was) == 0)
			fail_msg("%s makes no difference", text);
		changed++;
	}
	assert_true(changed > 20);
	set = "wal_compression=wal:small";
	v = main_world(&set, 1);
	(void)snprintf(text, sizeof(text), "%s", name(&v));
	set = "wal_compression=auto";	/* begins as that, which it is not */
	v = main_world(&set, 1);
	assert_string_not_equal(name(&v), text);
}

/* Two texts side by side are not the same as two others. */
static void
test_boundaries(void **state)
{
	const char	*a[] = { "ssh_key=/a", "ssh_config=/b" };
	const char	*b[] = { "ssh_key=/b", "ssh_config=/a" };
	struct world	 v = main_world(a, 2), w = main_world(b, 2);

	(void)state;
	assert_string_not_equal(name(&v), name(&w));
}

static void
test_command(void **state)
{
	const char	*set[] = { "push_jobs=3", "conninfo=a b" };
	struct world	 w = main_world(set, 2), v = w;
	struct agentconf	*h, *agents;
	struct err	 e = ERR_INIT;
	struct stat	 st;
	char		 here[PATH_MAX], path[PATH_MAX];
	size_t		 i;

	(void)state;
	assert_non_null(getcwd(here, sizeof(here)));
	assert_int_equal(chdir(testdir_path("data")), 0);
	w.src.config = "../c";
	w.dir = ".";
	if (make(&h, &w, &e) == -1)
		fail_msg("%s", e.msg);
	assert_int_equal(chdir("/"), 0);
	assert_string_equal(h->argv[0], h->program);
	assert_string_equal(h->argv[1], "--agent");
	assert_string_equal(h->argv[2], "--config");
	assert_string_equal(h->argv[3], testdir_path("data/../c"));
	assert_string_equal(h->argv[4], "--server");
	assert_string_equal(h->argv[5], "main");
	assert_string_equal(h->argv[6], "--set");
	assert_string_equal(h->argv[7], "push_jobs=3");
	assert_string_equal(h->argv[8], "--set");
	assert_string_equal(h->argv[9], "conninfo=a b");
	assert_string_equal(h->argv[10], testdir_path("data"));
	assert_null(h->argv[11]);
	assert_ptr_equal(h->call.argv, h->argv);
	assert_string_equal(path_base(h->program), "agentconf_test");
	assert_string_equal(h->call.place.dir, testdir_path("state/run"));
	assert_true(h->call.silence_ms >= 5000);
	assert_int_equal(stat(testdir_path("state"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);

	/* From this the agent makes the same. */
	v.src.config = h->argv[3];
	v.src.server = h->argv[5];
	v.dir = h->argv[10];
	(void)stpcpy(path, h->call.place.name);
	assert_int_equal(make(&agents, &v, &e), 0);
	assert_string_equal(agents->call.place.name, path);
	for (i = 0; i < 11; i++)
		assert_string_equal(agents->argv[i], h->argv[i]);
	agentconf_free(agents);
	agentconf_free(h);
	agentconf_free(NULL);
	assert_int_equal(chdir(here), 0);
}

static void
test_serve(void **state)
{
	struct world		 w = main_world(NULL, 0);
	struct agentconf		*h;
	struct serve_conf	 s;
	struct err		 e = ERR_INIT;

	(void)state;
	assert_int_equal(make(&h, &w, &e), 0);
	assert_int_equal(agentconf_serve(&s, h, 4321, &e), 0);
	assert_int_equal(s.listening, 3);
	assert_int_equal(s.lock, 4);
	assert_int_equal(s.linger_ms, 4321);
	assert_string_equal(s.place.dir, testdir_path("state/run"));
	assert_string_equal(s.place.name, h->call.place.name);
	assert_string_equal(s.watch[0], h->program);
	assert_string_equal(s.watch[1], testdir_path("c"));
	assert_string_equal(s.watch[2], testdir_path("data"));
	assert_string_equal(s.watch[3], testdir_path("k.push"));
	assert_null(s.watch[4]);
	(void)stpcpy(h->program, testdir_path("c"));
	assert_int_equal(agentconf_serve(&s, h, 1, &e), -1);
	assert_memory_equal(e.msg, testdir_path("c"),
	    strlen(testdir_path("c")));
	assert_non_null(strstr(e.msg, ": found another program than the "
	    "running one"));
	(void)stpcpy(h->program, testdir_path("gone"));
	err_clear(&e);
	assert_int_equal(agentconf_serve(&s, h, 1, &e), -1);
	assert_int_equal(e.kind, ERR_LOCAL);
	agentconf_free(h);
	/* Without a key there is an agent that says so. */
	w.src.server = "other";
	err_clear(&e);
	assert_int_equal(make(&h, &w, &e), 0);
	assert_int_equal(agentconf_serve(&s, h, 1, &e), 0);
	assert_null(s.watch[3]);
	agentconf_free(h);
}

static void
test_refused(void **state)
{
	const char	*set[12];
	struct world	 w = main_world(set, 12);
	struct agentconf	*h;
	struct err	 e = ERR_INIT;
	char		 msg[2 * PATH_MAX];
	size_t		 i;

	(void)state;
	for (i = 0; i < N(set); i++)
		set[i] = "push_jobs=3";
	assert_int_equal(make(&h, &w, &e), 0);
	assert_non_null(h->argv[30]);
	assert_null(h->argv[31]);
	agentconf_free(h);
	w = main_world((const char *[]){ "jobs=1", "jobs=1", "jobs=1",
	    "jobs=1", "jobs=1", "jobs=1", "jobs=1", "jobs=1", "jobs=1",
	    "jobs=1", "jobs=1", "jobs=1", "jobs=1" }, 13);
	assert_int_equal(make(&h, &w, &e), -1);
	assert_string_equal(e.msg,
	    "found too many --set for an agent, expected at most 12");
	assert_int_equal(e.kind, ERR_LOCAL);

	w = main_world(NULL, 0);
	assert_int_equal(unlink(testdir_path("k.push")), 0);
	assert_int_equal(make(&h, &w, &e), -1);
	(void)snprintf(msg, sizeof(msg), "stat %s: No such file or directory",
	    testdir_path("k.push"));
	assert_string_equal(e.msg, msg);
	testdir_text("k.push", "");

	w.dir = testdir_path("none");
	assert_int_equal(make(&h, &w, &e), -1);
	(void)snprintf(msg, sizeof(msg), "find the data directory %s: "
	    "No such file or directory", w.dir);
	assert_string_equal(e.msg, msg);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		TEST(test_same),
		TEST(test_different),
		TEST(test_limits),
		TEST(test_every_key),
		TEST(test_boundaries),
		TEST(test_command),
		TEST(test_serve),
		TEST(test_refused)
	};

	return (cmocka_run_group_tests_name("helper", tests, NULL, NULL));
}
