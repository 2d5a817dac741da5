/* SPDX-License-Identifier: ISC */
/* The walk of a data directory: order, links, exclusions, a living tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "datadir/walk.h"
#include "disk/diskcalls.h"

#define VERSION	"PG_15_202209061"

/* Everything happens in a new folder, which is the current one. */
struct place {
	char	 top[64];
	char	 home[PATH_MAX];
};

static int
rm_one(const char *path, const struct stat *st, int flag, struct FTW *f)
{
	(void)st;
	(void)flag;
	(void)f;
	return (remove(path));
}

static int
setup(void **state)
{
	struct place	*p = calloc(1, sizeof(*p));

	assert_non_null(p);
	(void)strcpy(p->top, "/tmp/walk.XXXXXX");
	assert_non_null(getcwd(p->home, sizeof(p->home)));
	assert_non_null(mkdtemp(p->top));
	assert_int_equal(chdir(p->top), 0);
	assert_int_equal(mkdir("data", 0700), 0);
	*state = p;
	return (0);
}

static int
teardown(void **state)
{
	struct place	*p = *state;
	int		 rc;

	rc = chdir(p->home);
	rc |= nftw(p->top, rm_one, 16, FTW_DEPTH | FTW_PHYS);
	free(p);
	return (rc);
}

static void
put(const char *path, const char *text)
{
	int	 fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(close(fd), 0);
}

static void
dir(const char *path)
{
	assert_int_equal(mkdir(path, 0700), 0);
}

static void
sym(const char *target, const char *path)
{
	assert_int_equal(symlink(target, path), 0);
}

/* A tablespace beside the data directory; returns its absolute path. */
static const char *
space(const struct place *p, const char *name)
{
	static char	 path[PATH_MAX];
	char		 sub[2 * PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", p->top, name);
	dir(path);
	(void)snprintf(sub, sizeof(sub), "%s/" VERSION, path);
	dir(sub);
	return (path);
}

/* What a walk saw, one entry a line; and in which order. */
struct seen {
	char	 text[65536];
	char	 last[PATH_MAX];
	char	 notes[1024];
	size_t	 n;
};

static void
note(void *arg, const char *path, const char *text)
{
	struct seen	*s = arg;
	size_t		 n = strlen(s->notes);

	(void)snprintf(s->notes + n, sizeof(s->notes) - n, "%s %s;", path,
	    text);
}

static void
saw(struct seen *s, const struct walk_entry *en)
{
	static const char	 letter[] = "dfl";
	size_t			 n = strlen(s->text);

	assert_true(s->n++ == 0 || strcmp(s->last, en->path) < 0);
	(void)snprintf(s->last, sizeof(s->last), "%s", en->path);
	if (n + strlen(en->path) + 64 > sizeof(s->text))
		return;			/* large trees are only counted */
	(void)sprintf(s->text + n, "%c%s %s%s%s\n", letter[en->type],
	    en->linked ? "@" : "", en->path, en->target ? " -> " : "",
	    en->target ? en->target : "");
}

static int
walk_all(struct seen *s, walk_filter *filter, struct err *e)
{
	struct walk_conf	 conf = {
		.dir = "data",
		.tablespace_dir = VERSION,
		.filter = filter,
		.note = note,
		.arg = s
	};
	struct walk_entry	 en;
	struct walk		*w = NULL;
	int			 rc;

	memset(s, 0, sizeof(*s));
	if (walk_open(&w, &conf, e))
		return (-1);
	while ((rc = walk_next(w, &en, e)) == 0)
		saw(s, &en);
	walk_free(w);
	return (rc == 1 ? 0 : -1);
}

static struct seen	 seen;

static void
expect(const char *text)
{
	struct err	 e = ERR_INIT;

	if (walk_all(&seen, NULL, &e))
		fail_msg("%s", e.msg);
	assert_string_equal(seen.text, text);
}

static void
expect_error(enum err_kind kind, const char *part)
{
	struct err	 e = ERR_INIT;

	assert_int_equal(walk_all(&seen, NULL, &e), -1);
	assert_int_equal(e.kind, kind);
	if (strstr(e.msg, part) == NULL)
		fail_msg("\"%s\" lacks \"%s\"", e.msg, part);
}

static void
test_empty(void **state)
{
	(void)state;
	expect("");
}

static void
test_order(void **state)
{
	(void)state;
	dir("data/a");
	put("data/a/b", "");
	dir("data/a/a");
	put("data/a.b", "");
	put("data/a-b", "");
	put("data/a0", "");
	put("data/A", "");
	put("data/\xff", "");
	put("data/\x01", "");
	put("data/a\nb", "");
	expect("f \x01\nf A\nd a\nf a\nb\nf a-b\nf a.b\nd a/a\nf a/b\nf a0\n"
	    "f \xff\n");
}

static void
test_facts(void **state)
{
	struct walk_conf	 conf = { .dir = "data",
				    .tablespace_dir = VERSION };
	struct walk_entry	 en;
	struct walk		*w = NULL;
	struct err		 e = ERR_INIT;
	struct stat		 st;
	struct timespec		 t[2] = { { 1, 0 }, { 1600000000, 123456789 } };

	(void)state;
	put("data/f", "12345");
	assert_int_equal(chmod("data/f", 0640), 0);
	assert_int_equal(utimensat(AT_FDCWD, "data/f", t, 0), 0);
	assert_int_equal(stat("data/f", &st), 0);
	assert_int_equal(walk_open(&w, &conf, &e), 0);
	assert_string_equal(walk_root(w)->path, "");
	assert_int_equal(walk_root(w)->mode, 0700);
	assert_int_equal(walk_next(w, &en, &e), 0);
	assert_int_equal(en.type, WALK_FILE);
	assert_int_equal(en.mode, 0640);
	assert_int_equal(en.size, 5);
	assert_int_equal(en.mtime_us, 1600000000123456);
	assert_int_equal(en.ctime_us, (int64_t)st.st_ctim.tv_sec * 1000000 +
	    st.st_ctim.tv_nsec / 1000);
	assert_int_equal(en.inode, st.st_ino);
	assert_int_equal(en.device, st.st_dev);
	assert_null(en.target);
	assert_int_equal(en.linked, 0);
	assert_int_equal(walk_next(w, &en, &e), 1);
	assert_int_equal(walk_next(w, &en, &e), 1);
	walk_free(w);
	walk_free(NULL);
}

/* Names of all lengths and bytes; the count and the order must hold. */
static void
grow(char *path, size_t len, int depth, size_t *made)
{
	static const char	 bytes[] = "a.-/_0\x7f\x80\xff \n~!";
	size_t			 n, k, i, many = (size_t)rand() % 8 + 1;
	int			 is_dir;

	for (i = 0; i < many; i++) {
		n = (size_t)rand() % (rand() % 9 == 0 ? 255 : 4) + 1;
		path[len] = '/';
		for (k = 1; k <= n; k++)
			do
				path[len + k] = bytes[(size_t)rand() %
				    (sizeof(bytes) - 1)];
			while (path[len + k] == '/');
		path[len + n + 1] = '\0';
		is_dir = depth < 3 && rand() % 2;
		if (is_dir ? mkdir(path, 0700) == -1 :
		    mknod(path, S_IFREG | 0600, 0) == -1)
			continue;	/* ".", "..", or made before */
		++*made;
		if (is_dir)
			grow(path, len + n + 1, depth + 1, made);
	}
}

static void
test_random_trees(void **state)
{
	struct err	 e = ERR_INIT;
	char		 path[PATH_MAX], name[32];
	size_t		 made;
	unsigned	 i;

	(void)state;
	for (i = 0; i < 30; i++) {
		srand(i);
		made = 0;
		(void)strcpy(path, "data");
		grow(path, 4, 0, &made);
		if (walk_all(&seen, NULL, &e))	/* checks the order */
			fail_msg("seed %u: %s", i, e.msg);
		assert_int_equal(seen.n, made);
		(void)snprintf(name, sizeof(name), "old.%u", i);
		assert_int_equal(rename("data", name), 0);
		dir("data");
	}
}

static void
test_many_names(void **state)
{
	char		 path[64];
	struct err	 e = ERR_INIT;
	int		 i;

	(void)state;
	for (i = 0; i < 3000; i++) {
		(void)snprintf(path, sizeof(path), "data/%d", i * 7919);
		put(path, "");
	}
	assert_int_equal(walk_all(&seen, NULL, &e), 0);
	assert_int_equal(seen.n, 3000);
}

/*
 * base: nothing in it; skip and all below: gone; 5: an unlogged relation,
 * known by the _init beside it.
 */
static enum walk_verdict
filter(void *arg, const struct walk *w, const char *path, int is_dir)
{
	(void)arg;
	if (strcmp(path, "empty") == 0) {
		assert_int_equal(is_dir, 1);
		return (WALK_EMPTY);
	}
	if (strcmp(path, "skip") == 0 || strcmp(path, "file") == 0)
		return (WALK_SKIP);
	assert_false(strncmp(path, "skip/", 5) == 0);
	assert_false(strncmp(path, "empty/", 6) == 0);
	if (strcmp(path, "base/5") == 0)
		return (walk_has(w, "5_init") && !walk_has(w, "6_init") ?
		    WALK_SKIP : WALK_KEEP);
	return (WALK_KEEP);
}

static void
test_filter(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	dir("data/empty");
	put("data/empty/x", "");
	put("data/empty.x", "");
	dir("data/skip");
	put("data/skip/x", "");
	put("data/skip.x", "");
	put("data/file", "");
	dir("data/base");
	put("data/base/5", "");
	put("data/base/5_init", "");
	put("data/base/6", "");
	assert_int_equal(walk_all(&seen, filter, &e), 0);
	assert_string_equal(seen.text, "d base\nf base/5_init\nf base/6\n"
	    "d empty\nf empty.x\nf skip.x\n");
}

/* Files and directories that go after the directory was read. */
static void
test_vanished(void **state)
{
	struct walk_conf	 conf = { .dir = "data",
				    .tablespace_dir = VERSION };
	struct walk_entry	 en;
	struct walk		*w = NULL;
	struct err		 e = ERR_INIT;

	(void)state;
	put("data/a", "");
	put("data/b", "");
	dir("data/c");			/* gone before its turn */
	put("data/c/x", "");
	dir("data/d");			/* gone between entry and content */
	put("data/d/x", "");
	dir("data/e");			/* gone, and there again */
	put("data/e.x", "");
	put("data/z", "");
	assert_int_equal(walk_open(&w, &conf, &e), 0);
	assert_int_equal(walk_next(w, &en, &e), 0);
	assert_string_equal(en.path, "a");
	assert_int_equal(unlink("data/b") | unlink("data/c/x") |
	    rmdir("data/c"), 0);
	assert_int_equal(walk_next(w, &en, &e), 0);
	assert_string_equal(en.path, "d");
	assert_int_equal(unlink("data/d/x") | rmdir("data/d"), 0);
	assert_int_equal(rmdir("data/e"), 0);
	assert_int_equal(walk_next(w, &en, &e), 0);
	assert_string_equal(en.path, "e.x");
	dir("data/e");
	put("data/e/x", "");
	assert_int_equal(walk_next(w, &en, &e), 0);
	assert_string_equal(en.path, "z");
	assert_int_equal(walk_next(w, &en, &e), 1);
	walk_free(w);
}

/* A file that becomes a directory would be lost without a word. */
static void
test_changed(void **state)
{
	struct walk_conf	 conf = { .dir = "data",
				    .tablespace_dir = VERSION };
	struct walk_entry	 en;
	struct walk		*w = NULL;
	struct err		 e = ERR_INIT;

	(void)state;
	put("data/a", "");
	dir("data/b");
	assert_int_equal(walk_open(&w, &conf, &e), 0);
	assert_int_equal(walk_next(w, &en, &e), 0);
	assert_int_equal(walk_next(w, &en, &e), 0);
	assert_int_equal(rmdir("data/b"), 0);
	sym("/etc", "data/b");
	assert_int_equal(walk_next(w, &en, &e), -1);
	assert_non_null(strstr(e.msg, "b/: changed its type"));
	walk_free(w);
}

static void
test_special(void **state)
{
	struct sockaddr_un	 sa = { .sun_family = AF_UNIX };
	int			 s;

	(void)state;
	assert_int_equal(mkfifo("data/pipe", 0600), 0);
	(void)strcpy(sa.sun_path, "data/sock");
	s = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(s, (struct sockaddr *)&sa, sizeof(sa)), 0);
	put("data/x", "");
	sym("/dev/null", "data/null");
	expect("f x\n");
	assert_string_equal(seen.notes, "null device;pipe pipe;sock socket;");
	assert_int_equal(close(s), 0);
}

static void
test_links(void **state)
{
	struct place	*p = *state;
	char		 path[2 * PATH_MAX];

	put("conf", "text");
	dir("wal");
	put("wal/1", "");
	dir("wal/archive_status");
	(void)snprintf(path, sizeof(path), "%s/conf", p->top);
	sym(path, "data/postgresql.conf");
	sym("../wal", "data/pg_wal");
	put("data/pg_wal.x", "");
	expect("d@ pg_wal\nf pg_wal.x\nf pg_wal/1\nd pg_wal/archive_status\n"
	    "f@ postgresql.conf\n");
}

static void
test_tablespaces(void **state)
{
	struct place	*p = *state;
	char		 text[4 * PATH_MAX], at[PATH_MAX];

	(void)strcpy(at, space(p, "ts"));
	put("ts/" VERSION "/16400", "");
	dir("ts/PG_14_202107181");
	put("ts/PG_14_202107181/old", "");
	put("ts/other", "");
	dir("data/pg_tblspc");
	sym(at, "data/pg_tblspc/16384");
	dir("data/pg_tblspc/16385");	/* in place */
	dir("data/pg_tblspc/16385/" VERSION);
	put("data/pg_tblspc/16385/" VERSION "/1", "");
	(void)snprintf(text, sizeof(text), "d pg_tblspc\n"
	    "l pg_tblspc/16384 -> %s\n"
	    "d pg_tblspc/16384/" VERSION "\n"
	    "f pg_tblspc/16384/" VERSION "/16400\n"
	    "d pg_tblspc/16385\n"
	    "d pg_tblspc/16385/" VERSION "\n"
	    "f pg_tblspc/16385/" VERSION "/1\n", at);
	expect(text);
}

/* One bad link each. */
static void
test_refused(void **state)
{
	struct place		*p = *state;
	char			 path[2 * PATH_MAX];
	static const struct {
		const char	*target;	/* %s: the folder of the test */
		const char	*link;
		const char	*says;
	} table[] = {
		{ "../ts", "pg_tblspc/16384", "pg_tblspc/16384: the link to "
		    "../ts is relative, expected an absolute path" },
		{ "%s/toc", "pg_tblspc/16384", "which is a link itself" },
		{ "%s/toc//", "pg_tblspc/16384", "which is a link itself" },
		{ "%s/none", "pg_tblspc/16384", "No such file" },
		{ "%s/file", "pg_tblspc/16384", "which is not a directory" },
		{ "%s/data/in", "pg_tblspc/16384",
		    "lies inside the data directory" },
		{ "%s/data", "pg_tblspc/16384",
		    "lies inside the data directory" },
		{ "%s/bare", "pg_tblspc/16384",
		    "has no directory " VERSION "; is its disk mounted?" },
		{ "%s/fake", "pg_tblspc/16384", "has no directory" },
		{ "%s/ts", "pg_tblspc/mine",
		    "is not the OID of a tablespace; remove it" },
		{ "%s/ts", "pg_tblspc/016384", "not the OID of a tablespace" },
		{ "%s/ts", "pg_tblspc/4294967296",
		    "not the OID of a tablespace" },
		{ "%s/file", "pg_tblspc/x", "not the OID of a tablespace" },
		{ "/none", "postgresql.conf", "postgresql.conf: "
		    "is a link to nothing; repair or remove it" },
		{ "loop", "pg_hba.conf", "pg_hba.conf: is a link to nothing" },
		{ "%s", "up", "which holds the data directory" },
		{ "/", "root", "which holds the data directory" },
		{ "in", "log", "log: the link leads to" },
		{ "../..", "in/x", "which holds the data directory" },
		{ "%s/ring", "log", "log/back/: leads back to a directory" },
	};
	size_t			 i;

	(void)strcpy(path, space(p, "ts"));
	sym(path, "toc");
	put("file", "");
	dir("bare");
	dir("fake");
	sym(path, "fake/" VERSION);
	dir("data/in");
	dir("data/pg_tblspc");
	dir("ring");
	sym("../ring", "ring/back");
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char	 target[2 * PATH_MAX];

		(void)snprintf(path, sizeof(path), "data/%s", table[i].link);
		if (strncmp(table[i].target, "%s", 2) == 0)
			(void)snprintf(target, sizeof(target), "%s%s", p->top,
			    table[i].target + 2);
		else
			(void)strcpy(target, table[i].target);
		sym(target, path);
		expect_error(ERR_LOCAL, table[i].says);
		assert_int_equal(unlink(path), 0);
	}
	expect("d in\nd pg_tblspc\n");
}

/* Too deep for us, and no crash. */
static void
test_deep(void **state)
{
	char	 path[PATH_MAX] = "data";
	int	 i;

	(void)state;
	for (i = 0; i < WALK_DEPTH; i++) {
		(void)strcat(path, "/d");
		dir(path);
	}
	expect_error(ERR_LOCAL, "more than 64 directories deep");
}

static void
test_no_directory(void **state)
{
	(void)state;
	assert_int_equal(rmdir("data"), 0);
	expect_error(ERR_LOCAL, "open data directory data: No such file");
	put("data", "");
	expect_error(ERR_LOCAL, "Not a directory");
	assert_int_equal(unlink("data"), 0);
	dir("data");
}

/* The walk fails for a call that does; "else_" says what it was taken for. */
static void
expect_refusal(char class, const char *path, int why, unsigned well,
    const char *says, const char *else_)
{
	struct err	 e = ERR_INIT;
	int		 rc;

	diskcalls_refuse(class, path, why, well);
	rc = walk_all(&seen, NULL, &e);
	diskcalls_allow();
	if (diskcalls_failed()[0] == '\0')
		fail_msg("no call failed for %s", path);
	if (rc == 0)
		fail_msg("%s: %s", else_, seen.text);
	if (e.kind != ERR_LOCAL || strstr(e.msg, says) == NULL)
		fail_msg("\"%s\" lacks \"%s\"", e.msg, says);
}

/* A backup that lacks what could not be read is none. */
static void
test_calls_fail(void **state)
{
	static const int	 why[] = { EIO, EACCES, ESTALE, ENOMEM };
	size_t			 i;
	unsigned		 well;

	(void)state;
	put("data/a", "");
	dir("data/b");
	put("data/b/c", "");
	sym("nowhere", "data/dead");
	for (well = 0; well < 5; well++)
		expect_refusal('d', "/data", EIO, well, "read directory data",
		    "a directory that was read half way passed for whole");
	for (i = 0; i < sizeof(why) / sizeof(why[0]); i++) {
		expect_refusal('d', "/data/b", why[i], 1, "read directory b",
		    "a directory that was read half way passed for whole");
		expect_refusal('t', "/data/a", why[i], 0, "stat a",
		    "a file that could not be looked at passed for vanished");
		expect_refusal('t', "/data/b", why[i], 0, "stat b",
		    "a file that could not be looked at passed for vanished");
		expect_refusal('o', "/data/b", why[i], 0, "open directory b",
		    "a directory that could not be opened was left out");
		/* First what it leads to, once more, and then the link. */
		expect_refusal('t', "/data/dead", why[i], 2, "stat dead",
		    "a link that could not be looked at passed for vanished");
	}
}

#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest	 tests[] = {
		T(test_empty),
		T(test_order),
		T(test_facts),
		T(test_random_trees),
		T(test_many_names),
		T(test_filter),
		T(test_vanished),
		T(test_changed),
		T(test_special),
		T(test_links),
		T(test_tablespaces),
		T(test_refused),
		T(test_deep),
		T(test_no_directory),
		T(test_calls_fail),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
