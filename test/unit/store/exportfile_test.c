/* SPDX-License-Identifier: ISC */
/*
 * Exports: what is read of a true one, as a file and through a pipe, and that
 * not one byte of the frame may differ.
 */
#include <sys/mman.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

#include "store/exportfile.h"
#include "store/exportpipe.h"
#include "store/store.h"
#include "testdir.h"

#define MAX	((size_t)64 * 1024)

/* An export of these, and their contents. */
static const struct {
	const char	*path;
	size_t		 size;
} files[] = {
	{ "system", 30 },
	{ "vouched/0011-22", 0 },
	{ "base/20260101T000000Z/label", 600 },
	{ "wal/00000002.history", 17 },
	{ "wal/00000001/00000000/000000010000000000000001", 1024 },
	{ "wal/00000001/00000000/000000010000000000000002", 1 },
	{ "base/20260101T000000Z/manifest", 700 },
	{ "base/20260101T000000Z/pack-00000001", 512 }
};
#define FILES	(sizeof(files) / sizeof(files[0]))

static uint8_t	 whole[MAX];
static size_t	 length;

static uint8_t
byte_of(size_t file, size_t i)
{
	return ((uint8_t)(file * 31 + i * 7 + 1));
}

static void
put(const void *p, size_t n)
{
	assert_true(n <= MAX - length);
	memcpy(whole + length, p, n);
	length += n;
}

static void
pad(size_t n)
{
	static const uint8_t	 zeros[2 * EXPORTFORM_BLOCK];

	put(zeros, n);
}

/* Make the export with this first member; the sizes are those above. */
static void
make(const char *text, size_t n, const struct exportform *f)
{
	uint8_t	 block[EXPORTFORM_BLOCK], b;
	size_t	 i, k;

	length = 0;
	exportform_first(block, n);
	put(block, sizeof(block));
	put(text, n);
	pad(exportform_padding(n));
	for (i = 0; i < f->n; i++) {
		exportform_header(block, f, i);
		put(block, sizeof(block));
		for (k = 0; k < f->v[i].size; k++) {
			b = byte_of(i, k);
			put(&b, 1);
		}
		pad(exportform_padding(f->v[i].size));
	}
	pad(2 * EXPORTFORM_BLOCK);
}

static void
fill(struct exportform *f)
{
	struct err	 e = ERR_INIT;
	size_t		 i;

	*f = (struct exportform){ .server = "main", .system_id = 77,
	    .backup = "20260101T000000Z", .made_s = 1700000000,
	    .until = EXPORTFORM_TIME, .until_us = 1767225600000000 };
	for (i = 0; i < FILES; i++)
		assert_int_equal(exportform_add(f, files[i].path,
		    files[i].size, &e), 0);
}

static int
setup(void **state)
{
	struct exportform	 f;
	struct err		 e = ERR_INIT;
	char			*text;
	size_t			 n;

	if (testdir_setup(state))
		return (-1);
	fill(&f);
	assert_int_equal(exportform_text(&f, &text, &n, &e), 0);
	make(text, n, &f);
	free(text);
	exportform_fini(&f);
	return (0);
}

/*
 * Write "n" bytes at "p" to a file, and its path to "path".  It is in memory:
 * some file systems make each file that is written over durable.
 */
static void
save(char path[256], const void *p, size_t n)
{
	static int	 fd = -1;

	if (fd == -1)
		fd = memfd_create("export", MFD_CLOEXEC);
	assert_int_not_equal(fd, -1);
	(void)snprintf(path, 256, "/proc/self/fd/%d", fd);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(pwrite(fd, p, n, 0), n);
}

/* As a file: 0, or -1 with the kind of the failure. */
static int
as_file(const void *p, size_t n, struct err *e)
{
	struct store	*s = NULL;
	char		 path[256];
	int		 rc;

	save(path, p, n);
	*e = (struct err)ERR_INIT;
	rc = exportfile_open(&s, path, e);
	store_free(s);
	return (rc);
}

/* Through a pipe; a file stands for it. */
static int
as_pipe(const void *p, size_t n, struct err *e)
{
	struct exportpipe	*pipe = NULL;
	char			 path[256];
	int			 fd, rc;

	save(path, p, n);
	*e = (struct err)ERR_INIT;
	assert_int_not_equal(fd = open(path, O_RDONLY), -1);
	rc = exportpipe_open(&pipe, fd, e);
	if (rc == 0)
		rc = exportpipe_end(pipe, e);
	exportpipe_close(pipe);
	assert_int_equal(close(fd), 0);
	return (rc);
}

static void
refuse(const void *p, size_t n, const char *what, size_t at)
{
	struct err	 e;

	if (as_file(p, n, &e) != -1 || e.kind != ERR_CORRUPT)
		fail_msg("%s %zu, a file: %s", what, at, e.msg);
	if (as_pipe(p, n, &e) != -1 || e.kind != ERR_CORRUPT)
		fail_msg("%s %zu, a pipe: %s", what, at, e.msg);
}

/* What a listing says, in its order. */
static int
on_entry(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	char	*said = arg;
	size_t	 n = strlen(said);

	(void)i;
	(void)e;
	if (en == NULL)
		(void)snprintf(said + n, 512 - n, "%s", missing ? "?" : ".");
	else
		(void)snprintf(said + n, 512 - n, "%s%s:%ju:%jd ", en->name,
		    en->is_dir ? "/" : "", (uintmax_t)en->size,
		    (intmax_t)en->mtime);
	return (0);
}

static void
lists(struct store *s, const char *dir, const char *want)
{
	struct err	 e = ERR_INIT;
	char		 said[512] = "";

	assert_int_equal(store_list(s, &dir, 1, on_entry, said, &e), 0);
	assert_string_equal(said, want);
}

static void
test_lists(void **state)
{
	struct store		*s = NULL;
	struct store_conf	 conf = { .io_timeout_ms = 1000 };
	struct err		 e = ERR_INIT;
	char			 path[256], address[300];

	(void)state;
	save(path, whole, length);
	(void)snprintf(address, sizeof(address), "export://%s", path);
	conf.repository = address;
	assert_int_equal(store_open(&s, &conf, &e), 0);
	lists(s, "", "main/:0:1700000000 .");
	lists(s, "main", "77/:0:1700000000 .");
	lists(s, "other", "?");
	lists(s, "main/7", "?");
	assert_int_equal(store_enter(s, "main/77", &e), 0);
	lists(s, "", "base/:0:1700000000 system:30:1700000000 "
	    "vouched/:0:1700000000 wal/:0:1700000000 .");
	lists(s, "wal", "00000001/:0:1700000000 "
	    "00000002.history:17:1700000000 .");
	lists(s, "wal/00000001/00000000", "000000010000000000000001:1024:"
	    "1700000000 000000010000000000000002:1:1700000000 .");
	lists(s, "wal/0000000", "?");
	assert_string_equal(store_wal_until(s), "2026-01-01T00:00:00Z");
	store_free(s);
}

static void
test_reads(void **state)
{
	struct store		*s = NULL;
	struct store_get	*g;
	struct err		 e = ERR_INIT;
	char			 path[256];
	uint8_t			 buf[2000];
	uint64_t		 size;
	size_t			 i, k, n;

	(void)state;
	save(path, whole, length);
	assert_int_equal(exportfile_open(&s, path, &e), 0);
	assert_int_equal(store_enter(s, "main/77", &e), 0);
	for (i = 0; i < FILES; i++) {
		assert_int_equal(store_get_open(&g, s, files[i].path, &e), 0);
		assert_int_equal(store_get_size(g, &size, &e), 0);
		assert_int_equal(size, files[i].size);
		assert_int_equal(store_get_ask(g, 0, STORE_TO_END, &e), 0);
		assert_int_equal(store_get_take(g, buf, sizeof(buf), &n, &e),
		    0);
		assert_int_equal(n, files[i].size);
		for (k = 0; k < n; k++)
			assert_int_equal(buf[k], byte_of(i, k));
		store_get_free(g);
	}
	assert_int_equal(store_get_open(&g, s, "wal/none", &e), 0);
	assert_int_equal(store_get_size(g, &size, &e), 1);
	store_get_free(g);
	/* A range that is longer than the file. */
	assert_int_equal(store_get_open(&g, s, "system", &e), 0);
	assert_int_equal(store_get_ask(g, 20, 11, &e), 0);
	assert_int_equal(store_get_take(g, buf, 11, &n, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	store_get_free(g);
	/* Nothing is written. */
	e = (struct err)ERR_INIT;
	assert_int_equal(store_mkdir(s, "tmp", &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	store_free(s);
}

static void
test_pipe_in_order(void **state)
{
	struct exportpipe	*p = NULL;
	struct err		 e = ERR_INIT;
	char			 path[256];
	uint8_t			 buf[1024];
	int			 fd;

	(void)state;
	save(path, whole, length);
	assert_int_not_equal(fd = open(path, O_RDONLY), -1);
	assert_int_equal(exportpipe_open(&p, fd, &e), 0);
	assert_int_equal(exportpipe_form(p)->small, 3);
	assert_int_equal(exportpipe_read(p, 4, 0, buf, 100, &e), 0);
	assert_int_equal(buf[99], byte_of(4, 99));
	assert_int_equal(exportpipe_read(p, 4, 100, buf, 24, &e), 0);
	/* Small ones stay, at any time. */
	assert_int_equal(exportpipe_read(p, 2, 599, buf, 1, &e), 0);
	assert_int_equal(buf[0], byte_of(2, 599));
	/* What has passed is gone, and that spoils nothing. */
	assert_int_equal(exportpipe_read(p, 4, 0, buf, 1, &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	e = (struct err)ERR_INIT;
	assert_int_equal(exportpipe_read(p, 3, 0, buf, 1, &e), -1);
	e = (struct err)ERR_INIT;
	assert_int_equal(exportpipe_read(p, 7, 0, buf, 512, &e), 0);
	assert_int_equal(buf[511], byte_of(7, 511));
	assert_int_equal(exportpipe_end(p, &e), 0);
	assert_int_equal(exportpipe_end(p, &e), 0);
	exportpipe_close(p);
	assert_int_equal(close(fd), 0);
}

/* Every byte that is not content of a file, and every length. */
static void
test_damage(void **state)
{
	struct exportform	 f = { .n = 0 };
	struct err		 e = ERR_INIT;
	uint8_t			*bad;
	char			*text;
	size_t			 i, k, n, until;

	(void)state;
	assert_int_equal(as_file(whole, length, &e), 0);
	assert_int_equal(as_pipe(whole, length, &e), 0);
	assert_non_null(bad = malloc(length + 1));
	fill(&f);
	assert_int_equal(exportform_text(&f, &text, &n, &e), 0);
	exportform_fini(&f);
	until = EXPORTFORM_BLOCK + strlen("until time ") +
	    (size_t)(strstr(text, "until time ") - text);
	assert_int_equal(exportform_parse(&f, text, n, &e), 0);
	for (i = 0, k = 0; i < length; i++) {
		while (k < f.n && i >= f.v[k].at + f.v[k].size)
			k++;
		if (k < f.n && i >= f.v[k].at)
			continue;	/* content: that is signed */
		if (i >= until && i < until + 16)
			continue;	/* the target: nothing proves it */
		memcpy(bad, whole, length);
		bad[i] ^= 1;
		refuse(bad, length, "byte", i);
	}
	for (i = 0; i < length; i += i < 2048 ? 1 : 101)
		refuse(whole, i, "length", i);
	refuse(whole, length - 1, "length", length - 1);
	memcpy(bad, whole, length);
	bad[length] = 0;
	refuse(bad, length + 1, "length", length + 1);
	exportform_fini(&f);
	free(bad);
}

#define FRONT	"seawall export 1\nserver main\nsystem 77\n" \
		"backup 20260101T000000Z\nmade 1\nuntil end\n" LABEL
#define LABEL	"file 1 base/20260101T000000Z/label\n"

/* First members that are framed as they should be. */
static void
test_contents(void **state)
{
	static const char *const	 bad[] = {
		"",
		"seawall export 2\n",
		"seawall export 1\nserver ../x\nsystem 77\n",
		"seawall export 1\nserver a/b\nsystem 77\n",
		"seawall export 1\nserver main\nsystem 077\n",
		"seawall export 1\nserver main\nsystem 77\nbackup ..\n",
		"seawall export 1\nserver main\nsystem 77\nbackup b\nmade "
		    "8589934592\nuntil end\n",
		"seawall export 1\nserver main\nsystem 77\nbackup b\nmade 1\n"
		    "until time\n",
		"seawall export 1\nserver main\nsystem 77\nbackup b\nmade 1\n"
		    "until ever\n",
		FRONT "file 1 ../x\n",
		FRONT "file 1 /etc/passwd\n",
		FRONT "file 1 wal/../../x\n",
		FRONT "file 1 wal//x\n",
		FRONT "file 1 wal/x y\n",
		FRONT "file 1 wal/\x1b[2J\n",
		FRONT "file 1\n",
		FRONT "file 01 wal/x\n",
		FRONT "file -1 wal/x\n",
		FRONT "file 4611686018427387905 wal/x\n",
		FRONT "file 4611686018427387904 wal/x\n",
		FRONT "file 1 wal/x",
		FRONT "link 1 wal/x\n",
		FRONT "file 1 wal/x\nfile 1 wal/x\n",
		FRONT LABEL,
		"seawall export 1\nserver main\nsystem 77\nbackup b\nmade 1\n"
		    "until end\n" LABEL,
		FRONT "file 1 wal/x\nfile 1 system\n",
		FRONT "file 268435457 system\n",
		FRONT "file 268435455 system\nfile 1 vouched/1\n",
		FRONT "file 1 wal/01234567890123456789012345678901234567890123"
		    "4567890123456789012345678901234567890123456789012345678\n"
	};
	struct exportform	 f;
	struct err		 e;
	char			*text;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		f = (struct exportform){ .n = 0 };
		e = (struct err)ERR_INIT;
		assert_non_null(text = strdup(bad[i]));
		if (exportform_parse(&f, text, strlen(bad[i]), &e) != -1 ||
		    e.kind != ERR_CORRUPT)
			fail_msg("%zu: %s", i, bad[i]);
		exportform_fini(&f);
	}
	/* It is none of what they have in common. */
	f = (struct exportform){ .n = 0 };
	e = (struct err)ERR_INIT;
	assert_non_null(text = strdup(FRONT "file 1 wal/x\n"));
	assert_int_equal(exportform_parse(&f, text, strlen(FRONT) + 13, &e),
	    0);
	exportform_fini(&f);
	/* And a zero in the middle. */
	assert_non_null(text = strdup(FRONT "file 1 wal/x\n"));
	text[strlen(text) - 2] = '\0';
	assert_int_equal(exportform_parse(&f, text, strlen(FRONT) + 13, &e),
	    -1);
	exportform_fini(&f);
}

/* A member of 9 GiB, in a file with a hole; what tar(1) makes of its header. */
static void
test_giant(void **state)
{
	const uint64_t		 size = ((uint64_t)9 << 30) + 5;
	struct exportform	 f = { .server = "main", .system_id = 1,
	    .backup = "b", .until = EXPORTFORM_END };
	struct exportform	 g = { .n = 0 };
	struct store		*s = NULL;
	struct err		 e = ERR_INIT;
	char			*text, path[256], command[400], line[200] = "";
	uint8_t			 block[EXPORTFORM_BLOCK];
	size_t			 i, n;
	FILE			*tar;
	int			 fd;

	(void)state;
	assert_int_equal(exportform_add(&f, "base/b/label", 0, &e), 0);
	assert_int_equal(exportform_add(&f, "wal/giant", size, &e), 0);
	assert_int_equal(exportform_text(&f, &text, &n, &e), 0);
	exportform_fini(&f);
	exportform_first(block, n);
	(void)snprintf(path, sizeof(path), "%s", testdir_path("giant"));
	assert_int_not_equal(fd = open(path, O_WRONLY | O_CREAT, 0600), -1);
	assert_int_equal(pwrite(fd, block, sizeof(block), 0), sizeof(block));
	assert_int_equal(pwrite(fd, text, n, sizeof(block)), n);
	assert_int_equal(exportform_parse(&g, text, n, &e), 0);
	for (i = 0; i < g.n; i++) {
		exportform_header(block, &g, i);
		assert_int_equal(pwrite(fd, block, sizeof(block),
		    (off_t)(g.v[i].at - sizeof(block))), sizeof(block));
	}
	if (ftruncate(fd, (off_t)(g.end + sizeof(block) * 2)) == -1 &&
	    errno == EFBIG)
		skip();
	assert_int_equal(close(fd), 0);
	assert_int_equal(exportfile_open(&s, path, &e), 0);
	store_free(s);
	(void)snprintf(command, sizeof(command), "tar tvf '%s'", path);
	assert_non_null(tar = popen(command, "r"));
	while (fgets(line, sizeof(line), tar) != NULL)
		;
	assert_int_equal(pclose(tar), 0);
	assert_non_null(strstr(line, "9663676421"));
	assert_non_null(strstr(line, "main/1/wal/giant"));
	exportform_fini(&g);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_reads),
		cmocka_unit_test(test_pipe_in_order),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_contents),
		cmocka_unit_test(test_giant)
	};

	return (cmocka_run_group_tests(tests, setup, testdir_teardown));
}
