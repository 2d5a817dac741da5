/* SPDX-License-Identifier: ISC */
/*
 * Backups of a server that is broken or hostile: whatever it sends wrong is
 * one clear error, and there is no label.  The server is made up, so that it
 * can say anything.
 */
#include <glob.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypt/hash.h"
#include "fakepg.h"
#include "pg/control.h"
#include "pg/crc32c.h"
#include "push/basepush.h"
#include "repoenv.h"
#include "testdir.h"

#define SYSTEM		"7710977495065270389"	/* of the sample */
#define START		"0/10E97F0"
#define CHUNK		65536
#define MEMBERS		12
#define PIECES		64
#define SPACE		"/mnt/a"

struct member {
	char		 type;
	const char	*path;
	const void	*p;
	size_t		 n;		/* bytes that come */
	uint64_t	 says;		/* and that the header says */
	int		 unlisted;	/* the manifest does not have it */
	uint32_t	 wrong;		/* its CRC there is off by that */
};

/* What the server is going to send. */
static struct world {
	struct member	 base[MEMBERS], space[MEMBERS];
	size_t		 nbase, nspace;
	const char	*system, *listed;	/* system, further file, in
						   the manifest */
	const char	*stop;
	int		 no_sum, no_end, error, then_close;
	struct fakepg_bytes piece[PIECES];	/* CopyData */
	size_t		 n;
} w;

static struct repoenv	 env;
static uint8_t		 control[CONTROL_SIZE], table[3 * CHUNK];
static const char	 label[] =
    "START WAL LOCATION: 0/10E97F0 (file 000000010000000000000010)\n"
    "CHECKPOINT LOCATION: 0/10E9828\n"
    "BACKUP METHOD: streamed\n"
    "BACKUP FROM: primary\n"
    "START TIME: 2026-11-22 04:00:01 UTC\n"
    "LABEL: x\n"
    "START TIMELINE: 1\n";

static const char	*settings[][2] = {
	{ "wal_segment_size", "1MB" }, { "block_size", "8192" },
	{ "segment_size", "1GB" }, { "data_checksums", "on" },
	{ "full_page_writes", "on" }, { "archive_mode", "on" },
	{ NULL, NULL }
};

static void
add_header(struct fakepg_bytes *to, const struct member *m)
{
	uint8_t	 h[512];
	unsigned sum = 0;
	size_t	 i;

	memset(h, 0, sizeof(h));
	(void)snprintf((char *)h, 100, "%s", m->path);
	(void)snprintf((char *)h + 100, 8, "%07o", 0600u);
	(void)snprintf((char *)h + 124, 12, "%011" PRIo64,
	    m->says & UINT64_C(077777777777));
	if (m->says >> 33 != 0) {	/* in base 256 */
		memset(h + 124, 0, 12);
		h[124] = 0x80;
		for (i = 0; i < 8; i++)
			h[128 + i] = (uint8_t)(m->says >> (56 - 8 * i));
	}
	(void)snprintf((char *)h + 136, 12, "%011o", 1795276800u);
	h[156] = (uint8_t)m->type;
	if (m->type == '2')
		(void)snprintf((char *)h + 157, 100, "/etc");
	memcpy(h + 257, "ustar\00000", 8);
	memset(h + 148, ' ', 8);
	for (i = 0; i < sizeof(h); i++)
		sum += h[i];
	(void)snprintf((char *)h + 148, 8, "%06o", sum);
	fakepg_put(to, h, sizeof(h));
}

static struct fakepg_bytes *
new_piece(char kind)
{
	assert_true(w.n < PIECES);
	fakepg_put(&w.piece[w.n], &kind, 1);
	return (&w.piece[w.n++]);
}

static void
begin_archive(const char *name, const char *path)
{
	struct fakepg_bytes	*b = new_piece('n');

	fakepg_put(b, name, strlen(name) + 1);
	fakepg_put(b, path, strlen(path) + 1);
}

static void
add_archive(const struct member *m, size_t n)
{
	static const uint8_t	 zeros[1024];
	struct fakepg_bytes	*b;
	size_t			 i;

	for (i = 0; i < n; i++) {
		b = new_piece('d');
		add_header(b, &m[i]);
		fakepg_put(b, m[i].p, m[i].n);
		fakepg_put(b, zeros, -m[i].n % 512);
	}
	if (!w.no_end)
		fakepg_put(new_piece('d'), zeros, sizeof(zeros));
}

static void
list(struct fakepg_bytes *to, const char *dir, const struct member *m,
    size_t n)
{
	char	 line[256];
	uint32_t crc;
	size_t	 i, k;

	for (i = 0; i < n; i++) {
		if (m[i].type != '0' || m[i].unlisted)
			continue;
		k = (size_t)snprintf(line, sizeof(line), "%s{ \"Path\": "
		    "\"%s%s\", \"Size\": %zu, \"Last-Modified\": "
		    "\"2026-11-22 04:00:01 GMT\", \"Checksum-Algorithm\": "
		    "\"CRC32C\", \"Checksum\": \"", to->n > 120 ? ",\n" : "",
		    dir, m[i].path, m[i].n);
		fakepg_put(to, line, k);
		crc = crc32c_update(0, m[i].p, m[i].n) ^ m[i].wrong;
		for (k = 0; k < 4; k++) {
			(void)snprintf(line, sizeof(line), "%02x",
			    ((uint8_t *)&crc)[k]);
			fakepg_put(to, line, 2);
		}
		fakepg_put(to, "\" }", 3);
	}
}

static void
add_manifest(void)
{
	const struct member	 more = { '0', w.listed, "x", 1, 1, 0, 0 };
	struct fakepg_bytes	 m = { .n = 0 };
	struct hash_sha256	*h = NULL;
	struct err		 e = ERR_INIT;
	char			 text[256];
	uint8_t			 sum[32];
	size_t			 i, n;

	n = (size_t)snprintf(text, sizeof(text), "{ \"PostgreSQL-Backup-"
	    "Manifest-Version\": 2,\n\"System-Identifier\": %s,\n\"Files\": "
	    "[\n", w.system);
	fakepg_put(&m, text, n);
	list(&m, "", w.base, w.nbase);
	list(&m, "pg_tblspc/16400/", w.space, w.nspace);
	list(&m, "", &more, w.listed != NULL);
	n = (size_t)snprintf(text, sizeof(text), "\n],\n\"WAL-Ranges\": [\n"
	    "{ \"Timeline\": 1, \"Start-LSN\": \"%s\", \"End-LSN\": \"%s\" }\n"
	    "],\n", START, w.stop);
	fakepg_put(&m, text, n);
	assert_int_equal(hash_sha256_new(&h, &e), 0);
	hash_sha256_add(h, m.p, m.n);
	hash_sha256_final(h, sum);
	hash_sha256_free(h);
	sum[0] ^= (uint8_t)w.no_sum;
	fakepg_put(&m, "\"Manifest-Checksum\": \"", 22);
	for (i = 0; i < sizeof(sum); i++) {
		(void)snprintf(text, sizeof(text), "%02x", sum[i]);
		fakepg_put(&m, text, 2);
	}
	fakepg_put(&m, "\"}\n", 3);
	(void)new_piece('m');
	fakepg_put(new_piece('d'), m.p, m.n);
	fakepg_drop(&m);
}

/* All that is sent, from the start to the end of the copy. */
static void
compose(struct fakepg_bytes *b)
{
	static const char	 failed[] = "SERROR\0CXX001\0Mchecksum "
	    "verification failure\0";
	size_t			 i;

	fakepg_rows(b, 2, START, "1", NULL);
	fakepg_rows(b, 3, "16400", SPACE, "100", "", "", "100", NULL);
	fakepg_message(b, 'H', "\0\0\0", 3);
	for (i = 0; i < w.n; i++) {
		fakepg_message(b, 'd', w.piece[i].p, w.piece[i].n);
		fakepg_drop(&w.piece[i]);
	}
	if (w.then_close)
		return;
	if (w.error) {
		fakepg_message(b, 'E', failed, sizeof(failed));
		return;
	}
	fakepg_message(b, 'c', "", 0);
	fakepg_rows(b, 2, w.stop, "1", NULL);
	fakepg_message(b, 'C', "SELECT", 7);
}

static struct member *
base(const char *path)
{
	size_t	 i;

	for (i = 0; i < w.nbase; i++)
		if (strcmp(w.base[i].path, path) == 0)
			return (&w.base[i]);
	fail_msg("no %s", path);
	return (NULL);
}

static struct member *
add(const char *path, const void *p, size_t n)
{
	assert_true(w.nbase < MEMBERS);
	/* pg_control stays the last one. */
	w.base[w.nbase] = w.base[w.nbase - 1];
	w.base[w.nbase - 1] = (struct member){ '0', path, p, n, n, 0, 0 };
	return (&w.base[w.nbase++ - 1]);
}

static void
good(void)
{
	static const struct member	 all[] = {
		{ '0', "backup_label", label, sizeof(label) - 1,
		    sizeof(label) - 1, 0, 0 },
		{ '0', "PG_VERSION", "18\n", 3, 3, 0, 0 },
		{ '5', "base", "", 0, 0, 0, 0 },
		{ '5', "base/5", "", 0, 0, 0, 0 },
		{ '0', "base/5/16384", table, sizeof(table), sizeof(table),
		    0, 0 },
		{ '0', "base/5/16385", "", 0, 0, 0, 0 },
		{ '5', "global", "", 0, 0, 0, 0 },
		{ '5', "pg_tblspc", "", 0, 0, 0, 0 },
		{ '0', "global/pg_control", control, CONTROL_SIZE,
		    CONTROL_SIZE, 0, 0 }
	};
	static const struct member	 there[] = {
		{ '5', "PG_18_202506291", "", 0, 0, 0, 0 },
		{ '5', "PG_18_202506291/5", "", 0, 0, 0, 0 },
		{ '0', "PG_18_202506291/5/16390", table, CHUNK, CHUNK, 0, 0 }
	};

	memset(&w, 0, sizeof(w));
	memcpy(w.base, all, sizeof(all));
	w.nbase = sizeof(all) / sizeof(all[0]);
	memcpy(w.space, there, sizeof(there));
	w.nspace = sizeof(there) / sizeof(there[0]);
	w.system = SYSTEM;
	w.stop = "0/10F0000";
}

static void
pieces(void)
{
	begin_archive("16400.tar", SPACE);
	add_archive(w.space, w.nspace);
	begin_archive("base.tar", "");
	add_archive(w.base, w.nbase);
	add_manifest();
}

static size_t
labels(void)
{
	glob_t	 g;
	size_t	 n;

	(void)glob(testdir_path("repo/main/*/base/*/label"), 0, NULL, &g);
	n = g.gl_pathc;
	globfree(&g);
	return (n);
}

/* Take a backup of it: the failure is the server's, and says what is meant. */
static void
push(const char *name, const char *want)
{
	struct fakepg_bytes		 b = { .n = 0 };
	struct fakepg_conf		 fc = { "18.4", SYSTEM, settings, &b,
	    w.then_close };
	struct fakepg			*pg;
	char				 conninfo[300], state[300];
	const struct basepush_conf	 c = {
		.store = &env.conf, .key = env.push, .server = "main",
		.conninfo = conninfo, .stream = 1, .state_dir = state,
		.label = "x", .fast = 1, .jobs = 2,
		.codec = { CODEC_ZSTD, 1 }, .chunk_size = CHUNK,
		.verify = 1, .abandoned_ms = 1000000
	};
	struct basepush_sum		 sum;
	struct label			*l = NULL;
	struct err			 e = ERR_INIT;

	if (w.n == 0)
		pieces();
	compose(&b);
	(void)snprintf(conninfo, sizeof(conninfo), "host=%s port=5432 user=x "
	    "sslmode=disable gssencmode=disable", testdir_path(""));
	(void)snprintf(state, sizeof(state), "%s", testdir_path("state"));
	pg = fakepg_start(testdir_path(""), &fc);
	if (basepush_run(&l, &sum, &c, &e) == 0 || labels() != 0)
		fail_msg("%s: there is a label", name);
	fakepg_stop(pg);
	fakepg_drop(&b);
	if (e.kind != ERR_PG || strstr(e.msg, want) == NULL)
		fail_msg("%s: found \"%s\", expected \"%s\"", name, e.msg,
		    want);
	label_free(l);
}

/* All is well until the WAL is missing: it is the others' measure. */
static void
test_good(void **state)
{
	(void)state;
	good();
	push("good", "WAL segment 000000010000000000000010 was not archived");
}

/* One thing that is wrong in each. */
static void outside(void)	{ (void)add("../evil", "x", 1); }
static void absolute(void)	{ (void)add("/evil", "x", 1); }
static void within(void)	{ (void)add("base/../../evil", "x", 1); }
static void dot(void)		{ (void)add("base/./5", "x", 1); }
static void a_link(void)	{ add("pg_wal", "", 0)->type = '2'; }
static void hard_link(void)	{ add("pg_wal", "", 0)->type = '1'; }
static void device(void)	{ add("pg_wal", "", 0)->type = '3'; }
static void twice(void)		{ (void)add("PG_VERSION", "18\n", 3); }
static void two_labels(void)	{ (void)add("backup_label", label, 9); }
static void in_place_of(void)	{ (void)add("pg_tblspc/16400", "x", 1); }
static void no_label(void)	{ base("backup_label")->path = "nothing"; }
static void no_control(void)	{ w.nbase--; }
static void crc(void)		{ base("base/5/16384")->wrong = 1; }
static void crc_control(void)	{ base("global/pg_control")->wrong = 1; }
static void unlisted(void)	{ base("base/5/16385")->unlisted = 1; }
static void listed(void)	{ w.listed = "base/5/99999"; }
static void listed_last(void)	{ w.listed = "zzz"; }
static void other_system(void)	{ w.system = "77"; }
static void no_sum(void)	{ w.no_sum = 1; }
static void checksums(void)	{ w.error = 1; }
static void closes(void)	{ w.then_close = 1; }
static void early_stop(void)	{ w.stop = "0/10E9000"; }
static void foreign(void)	{ w.space[2].path = "other/file"; }

static void
longer(void)
{
	base("base/5/16384")->says += 512;
}

static void
shorter(void)
{
	base("base/5/16384")->says -= 512;
}

static void
huge(void)
{
	base("base/5/16384")->says = UINT64_C(077777777777);
}

static void
beyond(void)
{
	base("base/5/16384")->says = UINT64_C(1) << 61;
}

static void
big_label(void)
{
	struct member	*m = base("backup_label");

	m->p = table;
	m->n = sizeof(table);
	m->says = m->n;
}

static void
late(void)
{
	w.base[w.nbase++] = (struct member){ '0', "late", "x", 1, 1, 0, 0 };
}

static void
half_tar(void)
{
	w.no_end = 1;
	begin_archive("16400.tar", SPACE);
	add_archive(w.space, w.nspace);
	begin_archive("base.tar", "");
	w.nbase--;
	add_archive(w.base, w.nbase);
	w.piece[w.n - 1].n -= 1;
	add_manifest();
}

static void
old_control(void)
{
	static uint8_t	 broken[CONTROL_SIZE];

	memcpy(broken, control, sizeof(broken));
	broken[50] ^= 1;
	base("global/pg_control")->p = broken;
}

/* A backup_label of another start, or of an incremental backup. */
static char	 other[sizeof(label) + 64];

static void
with_label(const char *from, const char *to)
{
	struct member	*m = base("backup_label");
	const char	*at = strstr(label, from);

	(void)snprintf(other, sizeof(other), "%.*s%s%s", (int)(at - label),
	    label, to, at + strlen(from));
	m->p = other;
	m->n = m->says = strlen(other);
}

static void
label_start(void)
{
	with_label("0/10E97F0", "0/10E97F8");
}

static void
label_timeline(void)
{
	with_label("TIMELINE: 1", "TIMELINE: 2");
}

static void
label_incremental(void)
{
	with_label("LABEL", "INCREMENTAL FROM LSN: 0/10E0000\nLABEL");
}

static void
data_first(void)
{
	fakepg_put(new_piece('d'), "x", 1);
	pieces();
}

static void
unknown(void)
{
	begin_archive("16400.tar", SPACE);
	fakepg_put(new_piece('z'), "x", 1);
}

static void
wrong_name(void)
{
	begin_archive("16401.tar", SPACE);
}

static void
wrong_path(void)
{
	begin_archive("16400.tar", "/etc");
}

static void
name_unended(void)
{
	fakepg_put(new_piece('n'), "16400.tar", 9);
}

static void
more_archives(void)
{
	pieces();
	w.n -= 2;
	fakepg_drop(&w.piece[w.n]);
	fakepg_drop(&w.piece[w.n + 1]);
	begin_archive("base.tar", "");
}

static void
manifest_early(void)
{
	begin_archive("16400.tar", SPACE);
	add_archive(w.space, w.nspace);
	add_manifest();
}

static void
manifest_twice(void)
{
	pieces();
	(void)new_piece('m');
}

static void
no_manifest(void)
{
	pieces();
	w.n -= 2;
	fakepg_drop(&w.piece[w.n]);
	fakepg_drop(&w.piece[w.n + 1]);
}

static void
manifest_cut(void)
{
	pieces();
	w.piece[w.n - 1].n -= 9;
}

/* As many lines as the files that came, and then some, without an end. */
static void
manifest_endless(void)
{
	struct fakepg_bytes	*b;
	char			 line[256];
	unsigned		 i;
	size_t			 n;

	begin_archive("16400.tar", SPACE);
	add_archive(w.space, w.nspace);
	begin_archive("base.tar", "");
	add_archive(w.base, w.nbase);
	(void)new_piece('m');
	b = new_piece('d');
	n = (size_t)snprintf(line, sizeof(line), "{ \"PostgreSQL-Backup-"
	    "Manifest-Version\": 1,\n\"Files\": [\n");
	fakepg_put(b, line, n);
	for (i = 0; i < 2000; i++) {
		n = (size_t)snprintf(line, sizeof(line), "{ \"Path\": "
		    "\"f%u\", \"Size\": 1, \"Last-Modified\": "
		    "\"2026-11-22 04:00:01 GMT\", \"Checksum-Algorithm\": "
		    "\"CRC32C\", \"Checksum\": \"00000000\" },\n", i);
		fakepg_put(b, line, n);
	}
}

static void
empty_piece(void)
{
	assert_true(w.n < PIECES);
	w.n++;
}

static void
test_hostile(void **state)
{
	static const struct {
		const char	*name;
		void		(*spoil)(void);
		const char	*want;
	} cases[] = {
		{ "a path outside", outside, "not a path inside" },
		{ "an absolute path", absolute, "not a path inside" },
		{ "a path that leads out", within, "not a path inside" },
		{ "a path with a dot", dot, "not a path inside" },
		{ "a link", a_link, "pg_wal: PostgreSQL sent a link" },
		{ "a hard link", hard_link, "neither file nor directory" },
		{ "a device", device, "neither file nor directory" },
		{ "a file twice", twice, "PG_VERSION: found this path twice" },
		{ "backup_label twice", two_labels, "it twice" },
		{ "a file for a tablespace's link", in_place_of, "twice" },
		{ "a strange place in a tablespace", foreign,
		    "this in a tablespace" },
		{ "no backup_label", no_label, "no pg_control or no backup_" },
		{ "no pg_control", no_control, "no pg_control or no backup_" },
		{ "a broken pg_control", old_control, "pg_control" },
		{ "a file behind pg_control", late, "behind pg_control" },
		{ "a long backup_label", big_label, "size that cannot be" },
		{ "another start", label_start, "that of another backup" },
		{ "another timeline", label_timeline, "backup_label" },
		{ "an incremental backup", label_incremental, "backup" },
		{ "a size too high", longer, "backup_manifest:" },
		{ "a size too low", shorter, "tar:" },
		{ "a size without end", huge, "tar: the archive is cut" },
		{ "a size beyond all", beyond, "a size that cannot be" },
		{ "half a member", half_tar, "cut short" },
		{ "another CRC", crc, "base/5/16384 differs" },
		{ "another CRC of pg_control", crc_control,
		    "global/pg_control differs" },
		{ "not in the manifest", unlisted, "arrived and is not in" },
		{ "only in the manifest", listed, "99999 did not arrive" },
		{ "only there, at its end", listed_last, "did not arrive" },
		{ "another system", other_system, "found system identifier" },
		{ "another sum", no_sum, "checksum does not fit" },
		{ "half a manifest", manifest_cut, "backup_manifest: it is" },
		{ "an endless manifest", manifest_endless,
		    "more files than arrived" },
		{ "no manifest", no_manifest, "or no manifest" },
		{ "the manifest too early", manifest_early, "too early" },
		{ "the manifest twice", manifest_twice, "too early or twice" },
		{ "more archives", more_archives, "more archives than" },
		{ "data before an archive", data_first, "data before an" },
		{ "an unknown message", unknown, "unknown kind of message" },
		{ "an empty message", empty_piece, "fewer archives than" },
		{ "another archive", wrong_name, "another archive than" },
		{ "of another place", wrong_path, "another archive than" },
		{ "a name without an end", name_unended, "without a name" },
		{ "damaged pages", checksums, "checksum verification fail" },
		{ "a connection that ends", closes, "closed the connection" },
		{ "an end before the start", early_stop, "backup" },
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		good();
		cases[i].spoil();
		push(cases[i].name, cases[i].want);
	}
}

static int
setup(void **state)
{
	size_t	 n, i;
	FILE	*f = fopen("test/data/good-pg-control-15", "rb");

	(void)state;
	assert_non_null(f);
	n = fread(control, 1, sizeof(control), f);
	(void)fclose(f);
	assert_int_equal(n, sizeof(control));
	for (i = 0; i < sizeof(table); i++)
		table[i] = (uint8_t)(i * 31 >> 3);
	repoenv_make(&env);
	env.system_id = strtoull(SYSTEM, NULL, 10);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	repoenv_remove(&env);
	return (0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_hostile)
	};

	return (cmocka_run_group_tests_name("streamsource", tests, setup,
	    teardown));
}
