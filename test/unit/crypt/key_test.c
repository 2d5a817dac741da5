/* SPDX-License-Identifier: ISC */
/* Key files: made all or none, read strictly, private. */
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/io.h"
#include "base/parse.h"
#include "base/str.h"
#include "crypt/hash.h"
#include "crypt/key.h"
#include "crypt/keygen.h"
#include "crypt/keypass.h"
#include "crypt/keytext.h"
#include "keyring.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))

/* Known answers: X25519 of RFC 7748, 6.1 (Bob); Ed25519 of RFC 8032, 7.1. */
#define X_SECRET "5dab087e624a8a4b79e17f8b83800ee6" \
	"6f3bb1292618b6fd1c2f8b27ff88e0eb"
#define X_PUBLIC "de9edb7d7b7dc1b4d35b61c2ece43537" \
	"3f8343c85b78674dadfc7e146f882b4f"
#define E_SEED "9d61b19deffd5a60ba844af492ec2cc4" \
	"4449c5697b326919703bac031cae7f60"
#define E_PUBLIC "d75a980182b10ab7d54bfed3c964073a" \
	"0ee172f3daa62325af021a68f707511a"
#define X_OTHER "8520f0098930a754748b7ddcb43ef75a" \
	"0dbf3a0d26381af4eba4a98eaa9b4e6a"
#define E_OTHER "3d4017c3e843895a92b70aa74d1b7ebc" \
	"9c982ccf2ec4968cc0cd55f12af4660c"

#define WHEN	"created 2026-11-22T04:00:01Z\n"
#define PUSH	"seawall push key 1\n" WHEN
#define REST	"seawall restore key 1\n" WHEN
#define PUBL	"seawall public key 1\n" WHEN
#define PUB2	"seawall public key 2\n" WHEN "recipient " X_PUBLIC \
	"\nsigner " E_PUBLIC
#define CHEAP	"argon2id 1 8192 000102030405060708090a0b0c0d0e0f\n"

static char	 dir[] = "/tmp/seawall-key.XXXXXX";
static char	 path[64], base[64];
static int	 valgrind;

static void
sweep(void)
{
	char		 name[512];
	struct dirent	*de;
	DIR		*d;

	assert_non_null(d = opendir(dir));
	while ((de = readdir(d)) != NULL) {
		(void)snprintf(name, sizeof(name), "%s/%s", dir, de->d_name);
		if (de->d_name[0] != '.')
			assert_int_equal(unlink(name), 0);
	}
	(void)closedir(d);
}

static size_t
count_files(void)
{
	struct dirent	*de;
	DIR		*d;
	size_t		 n = 0;

	assert_non_null(d = opendir(dir));
	while ((de = readdir(d)) != NULL)
		n += de->d_name[0] != '.';
	(void)closedir(d);
	return (n);
}

static int
setup(void **state)
{
	const char	*preload = getenv("LD_PRELOAD");

	(void)state;
	valgrind = preload != NULL && strstr(preload, "valgrind") != NULL;
	if (mkdtemp(dir) == NULL)
		return (-1);
	(void)snprintf(path, sizeof(path), "%s/key", dir);
	(void)snprintf(base, sizeof(base), "%s/k", dir);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	sweep();
	return (rmdir(dir));
}

static struct secret *
secret_of(const char *s)
{
	struct err	 e = ERR_INIT;
	struct secret	*p;
	uint8_t		*to;

	assert_int_equal(secret_new(&p, strlen(s), &to, &e), 0);
	memcpy(to, s, strlen(s));
	return (p);
}

/* A file's text with the check word that belongs to it. */
static size_t
with_check(char *out, size_t room, const char *text)
{
	uint8_t	 sum[HASH_LEN];
	char	 hex[9];

	hash_of(sum, text, strlen(text));
	return ((size_t)snprintf(out, room, "%scheck %s\n", text,
	    str_hex(hex, sum, 4)));
}

static int
parse(const char *text, size_t n, const struct secret *pass, struct err *e)
{
	struct key	*k = calloc(1, sizeof(*k));
	int		 rc;

	assert_non_null(k);
	rc = keytext_parse(k, text, n, pass, e);
	key_free(k);
	return (rc);
}

static void
assert_key(const uint8_t *p, const char *want)
{
	char	 hex[65];

	assert_string_equal(str_hex(hex, p, 32), want);
}

static void
test_known(void **state)
{
	struct err	 e = ERR_INIT;
	struct key	*k;
	char		 text[1024];
	size_t		 n;

	(void)state;
	n = with_check(text, sizeof(text), REST "recipient-secret "
	    X_SECRET "\nsigner " E_PUBLIC "\nsigner " E_OTHER "\n");
	assert_int_equal(io_save(path, 0600, text, n, 1, &e), 0);
	assert_int_equal(key_load(&k, path, NULL, &e), 0);
	assert_int_equal(key_role(k), KEY_RESTORE);
	assert_int_equal(key_recipients(k), 1);
	assert_int_equal(key_signers(k), 2);
	assert_key(key_recipient(k, 0), X_PUBLIC);
	assert_key(key_recipient_secret(k, 0), X_SECRET);
	assert_key(key_signer(k, 0), E_PUBLIC);
	assert_key(key_signer(k, 1), E_OTHER);
	assert_null(key_signer_seed(k));
	key_free(k);

	n = with_check(text, sizeof(text), PUSH "recipient " X_PUBLIC
	    "\nrecipient " X_OTHER "\nsigner-secret " E_SEED "\n");
	assert_int_equal(io_save(path, 0600, text, n, 1, &e), 0);
	assert_int_equal(key_load(&k, path, NULL, &e), 0);
	assert_int_equal(key_role(k), KEY_PUSH);
	assert_int_equal(key_recipients(k), 2);
	assert_key(key_recipient(k, 1), X_OTHER);
	assert_null(key_recipient_secret(k, 0));
	assert_int_equal(key_signers(k), 1);
	assert_key(key_signer(k, 0), E_PUBLIC);
	assert_key(secret_bytes(key_signer_seed(k)), E_SEED);
	key_free(k);
	key_free(NULL);
}

static void
test_grammar(void **state)
{
	static const struct {
		const char	*text;
		const char	*msg;		/* NULL: good */
	} c[] = {
		{ PUSH "recipient " X_PUBLIC "\nsigner-secret " E_SEED "\n",
		    NULL },
		{ PUBL "recipient " X_PUBLIC "\nsigner " E_PUBLIC "\n", NULL },
		{ "seawall push key 3\n" WHEN "recipient " X_PUBLIC
		    "\nsigner-secret " E_SEED "\n", "is a push key of version "
		    "3; this program knows versions 1 and 2" },
		{ PUB2 "\n", NULL },
		{ PUB2 " v2-until 2026-11-22T04:00:01Z\n", NULL },
		{ PUB2 " retired\n", NULL },
		{ PUB2 " v2-until 2026-11-22T04:00:01Z retired\nsigner "
		    E_OTHER "\ndrill-signer " X_PUBLIC "\ndrill-signer "
		    X_OTHER "\n", NULL },
		{ PUB2 " \n", "line 4: signer: expected \"v2-until YYYY" },
		{ PUB2 "  retired\n", "line 4: signer: expected \"v2-until" },
		{ PUB2 " retired \n", "line 4: signer: expected \"v2-until" },
		{ PUB2 " retire\n", "line 4: signer: expected \"v2-until" },
		{ PUB2 " retiredd\n", "line 4: signer: expected \"v2-until" },
		{ PUB2 "retired\n", "line 4: signer: expected \"v2-until" },
		{ PUB2 " v3-until 2026-11-22T04:00:01Z\n",
		    "line 4: signer: expected \"v2-until" },
		{ PUB2 " v2-until\n", "line 4: signer: expected \"v2-until" },
		{ PUB2 " v2-until \n", "line 4: signer: expected \"v2-until" },
		{ PUB2 " v2-until retired\n",
		    "line 4: signer: expected \"v2-until" },
		{ PUB2 " v2-until 2026-11-22 04:00\n",
		    "line 4: signer: expected \"v2-until" },
		{ PUB2 " v2-until 1970-01-01T00:00:00Z\n",
		    "line 4: signer: expected \"v2-until" },
		{ PUB2 " retired retired\n",
		    "line 4: signer: expected \"v2-until" },
		{ PUB2 " retired\nsigner " E_PUBLIC "\n",
		    "line 5: the same signer again" },
		{ PUB2 "\ndrill-signer " X_PUBLIC "\ndrill-signer " X_PUBLIC
		    "\n", "line 6: the same drill-signer again" },
		{ PUB2 "\ndrill-signer " E_PUBLIC "\n",
		    "same key as signer and as drill-signer" },
		{ PUB2 "\ndrill-signer " X_PUBLIC " retired\n",
		    "line 5: drill-signer: expected 64 lower-case" },
		{ PUB2 "\ndrill-signer " X_PUBLIC "\nsigner " E_OTHER "\n",
		    "line 6: expected check" },
		{ PUB2 "\nbound " X_PUBLIC "\n", "line 5: expected check" },
		{ PUBL "recipient " X_PUBLIC "\nsigner " E_PUBLIC
		    "\ndrill-signer " X_PUBLIC "\n",
		    "line 5: expected check" },
		{ PUBL "recipient " X_PUBLIC "\nsigner " E_PUBLIC
		    " retired\n",
		    "line 4: signer: expected 64 lower-case" },
		{ "seawall public key 11\n" WHEN, "version 11" },
		{ "seawall pull key 1\n" WHEN, "is not a Seawall key file" },
		{ "ssh-ed25519 AAAA\n", "is not a Seawall key file" },
		{ "seawall push key 1\n", "line 2: expected created" },
		{ "seawall push key 1\ncreated yesterday\n",
		    "line 2: created: found yesterday" },
		{ "seawall push key 1\ncreated 2026-02-30T04:00:01Z\n",
		    "line 2: created" },
		{ "seawall push key 1\ncreated 2026-11-22 04:00Z\n",
		    "line 2: created" },
		{ PUSH, "line 3: expected recipient" },
		{ PUSH "recipient " X_PUBLIC "\n",
		    "line 4: expected signer-secret" },
		{ PUSH "signer-secret " E_SEED "\nrecipient " X_PUBLIC "\n",
		    "line 3: expected recipient" },
		{ PUSH "recipient " X_PUBLIC "\nsigner-secret " E_SEED
		    "\nsigner-secret " E_SEED "\n", "line 5: expected check" },
		{ PUSH "recipient " X_PUBLIC "\nsigner-secret " E_SEED
		    "\nsigner " E_OTHER "\n", NULL },
		{ PUSH "recipient " X_PUBLIC "\nsigner-secret " E_SEED
		    "\nsigner " E_PUBLIC "\n",
		    "line 5: the same signer again" },
		{ PUSH "recipient " X_PUBLIC "\nsigner-secret " E_SEED
		    "\nsigner " E_OTHER "\nsigner " E_OTHER "\n",
		    "line 6: the same signer again" },
		{ PUSH "recipient " X_PUBLIC "\nrecipient " X_PUBLIC
		    "\nsigner-secret " E_SEED "\n",
		    "line 4: the same recipient again" },
		{ PUSH "recipient " X_PUBLIC "\nsigner " E_PUBLIC "\n",
		    "line 4: expected signer-secret" },
		{ PUSH "recipient  " X_PUBLIC "\nsigner-secret " E_SEED "\n",
		    "line 3: recipient: expected 64 lower-case" },
		{ PUSH "recipient " X_PUBLIC " \nsigner-secret " E_SEED "\n",
		    "line 3: recipient: expected 64 lower-case" },
		{ PUSH "recipient " X_PUBLIC "\r\nsigner-secret " E_SEED "\n",
		    "line 3: recipient: expected 64 lower-case" },
		{ PUSH "recipient " X_PUBLIC "00\nsigner-secret " E_SEED "\n",
		    "line 3: recipient: expected 64 lower-case" },
		{ PUSH "recipient DE9edb7d7b7dc1b4d35b61c2ece43537"
		    "3f8343c85b78674dadfc7e146f882b4f\nsigner-secret " E_SEED
		    "\n", "line 3: recipient: expected 64 lower-case" },
		{ PUSH "recipient abcd\nsigner-secret " E_SEED "\n",
		    "line 3: recipient: expected 64 lower-case" },
		{ PUSH "recipient " X_PUBLIC "\nsigner-secret 12" E_SEED "\n",
		    "line 4: signer-secret: expected 64 lower-case" },
		{ PUSH "recipient " X_PUBLIC "\ncomment hello\nsigner-secret "
		    E_SEED "\n", "line 4: expected signer-secret" },
		{ PUSH "\nrecipient " X_PUBLIC "\nsigner-secret " E_SEED "\n",
		    "line 3: expected recipient" },
		{ PUSH "recipient " X_PUBLIC "\nsigner-secret " E_SEED "\n\n",
		    "line 5: expected check" },
		{ REST "recipient " X_PUBLIC "\nsigner " E_PUBLIC "\n",
		    "line 3: expected recipient-secret" },
		{ REST "recipient-secret " X_SECRET "\nrecipient-secret "
		    X_SECRET "\nsigner " E_PUBLIC "\n",
		    "holds the same recipient-secret twice" },
		{ REST "recipient-secret " X_SECRET "\nsigner " E_PUBLIC
		    "\nsigner " E_PUBLIC "\n",
		    "line 5: the same signer again" },
		{ REST CHEAP "recipient-secret " X_SECRET "\nsigner "
		    E_PUBLIC "\n", "line 4: expected recipient-secret-sealed" },
		{ REST "argon2id 21 8192 00\n",
		    "line 3: argon2id opslimit: found 21, expected 1 to 20" },
		{ REST "argon2id 0 8192 00\n", "line 3: argon2id opslimit" },
		{ REST "argon2id 1 2147483649 00\n",
		    "line 3: argon2id memlimit: found 2147483649" },
		{ REST "argon2id 1 8191 00\n", "line 3: argon2id memlimit" },
		{ REST "argon2id 1 8192\n",
		    "line 3: argon2id: expected three" },
		{ REST "argon2id 1 8192 00\n",
		    "line 3: argon2id: expected a salt of 32" },
		{ PUBL "recipient " X_PUBLIC "\nsigner-secret " E_SEED "\n",
		    "line 4: expected signer" },
	};
	char	 text[1024];
	size_t	 i, n;

	(void)state;
	for (i = 0; i < LEN(c); i++) {
		struct err	 e = ERR_INIT;

		n = with_check(text, sizeof(text), c[i].text);
		assert_int_equal(parse(text, n, NULL, &e),
		    c[i].msg == NULL ? 0 : -1);
		if (c[i].msg == NULL)
			continue;
		assert_int_equal(e.kind, ERR_CONFIG);
		if (strstr(e.msg, c[i].msg) == NULL)
			fail_msg("%s: found %s", c[i].msg, e.msg);
		/* Whatever is wrong, no secret is ever quoted. */
		assert_null(strstr(e.msg, "9d61b19d"));
		assert_null(strstr(e.msg, "5dab087e"));
	}
}

/* 1 to 8 recipients, 1 to 8 signers. */
static void
test_counts(void **state)
{
	char	 text[4096], file[4200];
	size_t	 i, n, at;

	(void)state;
	for (n = 0; n <= 9; n++) {
		struct err	 e = ERR_INIT;

		at = (size_t)snprintf(text, sizeof(text), "%s", PUBL);
		for (i = 0; i < n; i++)
			at += (size_t)snprintf(text + at, sizeof(text) - at,
			    "recipient %064zu\n", i);
		for (i = 0; i < n; i++)
			at += (size_t)snprintf(text + at, sizeof(text) - at,
			    "signer %064zu\n", i);
		at = with_check(file, sizeof(file), text);
		assert_int_equal(parse(file, at, NULL, &e),
		    n >= 1 && n <= 8 ? 0 : -1);
		if (n == 9)
			assert_string_equal(e.msg,
			    "line 11: more than 8 lines of recipient");
	}
}

/* Nothing but the whole file, bit by bit, is a key. */
static void
test_damage(void **state)
{
	static const char *const texts[] = {
		PUSH "recipient " X_PUBLIC "\nsigner-secret " E_SEED "\n",
		REST "recipient-secret " X_SECRET "\nsigner " E_PUBLIC "\n",
		PUBL "recipient " X_PUBLIC "\nsigner " E_PUBLIC "\n",
	};
	char	 text[1024];
	size_t	 i, j, n;

	(void)state;
	for (i = 0; i < LEN(texts); i++) {
		struct err	 e = ERR_INIT;

		n = with_check(text, sizeof(text), texts[i]);
		assert_int_equal(parse(text, n, NULL, &e), 0);
		for (j = 0; j < n; j++) {
			err_clear(&e);
			assert_int_equal(parse(text, j, NULL, &e), -1);
			assert_int_equal(e.kind, ERR_CONFIG);
		}
		text[n] = '\n';
		err_clear(&e);
		assert_int_equal(parse(text, n + 1, NULL, &e), -1);
		for (j = 0; j < 8 * n; j++) {
			text[j / 8] ^= (char)(1 << j % 8);
			err_clear(&e);
			assert_int_equal(parse(text, n, NULL, &e), -1);
			assert_int_equal(e.kind, ERR_CONFIG);
			text[j / 8] ^= (char)(1 << j % 8);
		}
	}
}

static void
test_damage_told(void **state)
{
	struct err	 e = ERR_INIT;
	char		 text[1024];
	size_t		 n;

	(void)state;
	n = with_check(text, sizeof(text), PUBL "recipient " X_PUBLIC
	    "\nsigner " E_PUBLIC "\n");
	text[60] = '7';
	assert_int_equal(parse(text, n, NULL, &e), -1);
	assert_string_equal(e.msg, "is damaged: its check word does not fit; "
	    "copy it again from where it was made");
	err_clear(&e);
	assert_int_equal(parse(text, n - 2, NULL, &e), -1);
	assert_string_equal(e.msg, "does not end with a line \"check\" and 8 "
	    "digits; cut short, or something follows");
}

static void
test_modes(void **state)
{
	static const struct {
		const char	*text;
		mode_t		 mode;
		int		 rc;
	} c[] = {
		{ PUSH "recipient " X_PUBLIC "\nsigner-secret " E_SEED "\n",
		    0600, 0 },
		{ PUSH "recipient " X_PUBLIC "\nsigner-secret " E_SEED "\n",
		    0640, -1 },
		{ PUSH "recipient " X_PUBLIC "\nsigner-secret " E_SEED "\n",
		    0604, -1 },
		{ REST "recipient-secret " X_SECRET "\nsigner " E_PUBLIC
		    "\n", 0400, 0 },
		{ REST "recipient-secret " X_SECRET "\nsigner " E_PUBLIC
		    "\n", 0640, -1 },
		{ REST "recipient-secret " X_SECRET "\nsigner " E_PUBLIC
		    "\n", 0602, -1 },
		{ PUBL "recipient " X_PUBLIC "\nsigner " E_PUBLIC "\n",
		    0644, 0 },
	};
	struct key	*k;
	char		 text[1024];
	size_t		 i, n;

	(void)state;
	for (i = 0; i < LEN(c); i++) {
		struct err	 e = ERR_INIT;

		n = with_check(text, sizeof(text), c[i].text);
		assert_int_equal(io_save(path, c[i].mode, text, n, 1, &e), 0);
		assert_int_equal(key_load(&k, path, NULL, &e), c[i].rc);
		if (c[i].rc == 0) {
			key_free(k);
			continue;
		}
		assert_int_equal(e.kind, ERR_CONFIG);
		assert_true(str_begins(e.msg, "key file /tmp/"));
		assert_non_null(strstr(e.msg, "group or others have permiss"));
	}
}

static void
test_missing(void **state)
{
	struct err	 e = ERR_INIT;
	struct key	*k;

	(void)state;
	assert_int_equal(key_load(&k, "/nonexistent/k.push", NULL, &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	assert_string_equal(e.msg, "key file /nonexistent/k.push: open "
	    "/nonexistent/k.push: No such file or directory");
}

static mode_t
mode_of(const char *role)
{
	struct stat	 st;
	char		 name[128];

	(void)snprintf(name, sizeof(name), "%s.%s", base, role);
	if (lstat(name, &st) == -1)
		return (0);
	assert_true(S_ISREG(st.st_mode));
	return (st.st_mode & 07777);
}

static void
load_text(const char *role, char **text, size_t *n)
{
	struct err	 e = ERR_INIT;
	char		 name[128];

	(void)snprintf(name, sizeof(name), "%s.%s", base, role);
	assert_int_equal(io_load(name, KEYTEXT_MAX, text, n, &e), 0);
}

static void
test_generate(void **state)
{
	struct err	 e = ERR_INIT;
	struct keyring	 r;
	char		*push, *public, hex[65];
	size_t		 n;

	(void)state;
	sweep();
	assert_int_equal(keygen_files(base, NULL, &e), 0);
	assert_int_equal(count_files(), 3);
	assert_int_equal(mode_of("restore"), 0600);
	assert_int_equal(mode_of("push"), 0600);
	assert_int_equal(mode_of("public"), 0644);
	keyring_open(&r, base);
	assert_memory_equal(key_recipient(r.push, 0),
	    key_recipient(r.restore, 0), KEY_LEN);
	assert_memory_equal(key_recipient(r.push, 0),
	    key_recipient(r.public, 0), KEY_LEN);
	assert_memory_equal(key_signer(r.push, 0),
	    key_signer(r.restore, 0), KEY_LEN);
	assert_memory_equal(key_signer(r.push, 0),
	    key_signer(r.public, 0), KEY_LEN);
	/* A new signer writes header version 3; a push opens nothing. */
	assert_int_equal(key_signed_v2(r.restore, 0, INT64_MIN), 0);
	assert_int_equal(key_signed_v2(r.public, 0, INT64_MIN), 0);
	assert_int_equal(key_signed_v2(r.push, 0, INT64_MAX), 1);
	assert_null(key_recipient_secret(r.push, 0));
	assert_null(key_recipient_secret(r.public, 0));
	assert_null(key_signer_seed(r.public));
	assert_null(key_signer_seed(r.restore));

	/* Nor does the secret stand anywhere in the other two files. */
	(void)str_hex(hex, key_recipient_secret(r.restore, 0), KEY_LEN);
	load_text("push", &push, &n);
	load_text("public", &public, &n);
	assert_null(strstr(push, hex));
	assert_null(strstr(public, hex));
	(void)str_hex(hex, secret_bytes(key_signer_seed(r.push)), KEY_LEN);
	assert_non_null(strstr(push, hex));
	assert_null(strstr(public, hex));
	free(push);
	free(public);
	keyring_close(&r);
}

static void
test_never_replaces(void **state)
{
	static const char *const roles[] = { "restore", "push", "public" };
	char	 name[128], *text;
	size_t	 i, n;

	(void)state;
	for (i = 0; i < LEN(roles); i++) {
		struct err	 e = ERR_INIT;

		sweep();
		(void)snprintf(name, sizeof(name), "%s.%s", base, roles[i]);
		assert_int_equal(io_save(name, 0600, "mine\n", 5, 0, &e), 0);
		assert_int_equal(keygen_files(base, NULL, &e), -1);
		assert_int_equal(e.kind, ERR_CONFLICT);
		assert_non_null(strstr(e.msg, name));
		assert_non_null(strstr(e.msg, "exists already"));
		assert_int_equal(count_files(), 1);
		load_text(roles[i], &text, &n);
		assert_string_equal(text, "mine\n");
		free(text);
	}
}

/* In place of the C library's: one that fails, one that is watched. */
static int	 fail_fsync;		/* the nth from now; 0: none */
static int	 unreadable;		/* a push key without its restore key */

int
fsync(int fd)
{
	if (fail_fsync > 0 && --fail_fsync == 0) {
		errno = EIO;
		return (-1);
	}
	return ((int)syscall(SYS_fsync, fd));
}

int
unlink(const char *name)
{
	int	 r = (int)syscall(SYS_unlinkat, AT_FDCWD, name, 0);

	if (fail_fsync == 0)
		unreadable += mode_of("push") != 0 && mode_of("restore") == 0;
	return (r);
}

/* A failure at any fsync: what is undone may be interrupted as well. */
static void
test_undone(void **state)
{
	int	 k, rc, done = 0;

	(void)state;
	for (k = 1; !done; k++) {
		struct err	 e = ERR_INIT;

		assert_in_range(k, 1, 40);
		sweep();
		unreadable = 0;
		fail_fsync = k;
		rc = keygen_files(base, NULL, &e);
		done = fail_fsync > 0;
		fail_fsync = 0;
		assert_int_equal(rc, done ? 0 : -1);
		if (unreadable > 0)
			fail_msg("a push key alone, after fsync %d", k);
		assert_true(count_files() == 0 || count_files() == 3);
	}
	assert_true(k > 6);
}

static int
generate_cramped(void)
{
	const struct rlimit	 small = { 100, 100 };
	struct err		 e = ERR_INIT;

	(void)signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &small) == -1)
		return (1);
	return (keygen_files(base, NULL, &e) == -1 && e.kind == ERR_LOCAL &&
	    strstr(e.msg, "File too large") != NULL ? 0 : 2);
}

static void
test_no_room(void **state)
{
	struct err	 e = ERR_INIT;
	pid_t		 pid;
	int		 status;

	(void)state;
	sweep();
	if ((pid = fork()) == 0)
		_exit(generate_cramped());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(count_files(), 0);
	assert_int_equal(keygen_files("/nonexistent/k", NULL, &e), -1);
	assert_int_equal(e.kind, ERR_LOCAL);
}

/* Killed anywhere: a push key that is there has a restore key beside it. */
static void
test_killed(void **state)
{
	struct timespec	 delay = { 0, 0 };
	struct keyring	 r;
	pid_t		 pid;
	int		 i, status, whole = 0, broken_off = 0;

	(void)state;
	for (i = 0; i < 60; i++) {
		sweep();
		if ((pid = fork()) == 0) {
			struct err	 e = ERR_INIT;

			_exit(keygen_files(base, NULL, &e) == -1);
		}
		delay.tv_nsec = i * 100000L;
		(void)nanosleep(&delay, NULL);
		(void)kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (mode_of("push") == 0) {
			broken_off++;
			continue;
		}
		keyring_open(&r, base);		/* aborts if one is missing */
		keyring_close(&r);
		whole++;
	}
	print_message("%d broken off, %d whole\n", broken_off, whole);
	assert_true(broken_off > 0);
}

/* A restore key under a passphrase that costs little to try. */
static size_t
sealed_text(char *file, size_t room, const char *pass)
{
	struct keypass	 kp = { .ops = 1, .mem = 8192 };
	struct err	 e = ERR_INIT;
	struct secret	*p = secret_of(pass), *derived;
	uint8_t		 raw[KEY_LEN], box[KEYPASS_SEALED];
	char		 text[1024], hex[2][2 * KEYPASS_SEALED + 1];
	size_t		 i;

	for (i = 0; i < KEYPASS_SALT; i++)
		kp.salt[i] = (uint8_t)i;
	assert_int_equal(keypass_derive(&derived, &kp, p, &e), 0);
	assert_int_equal(parse_hex(X_SECRET, raw, KEY_LEN, "", &e), 0);
	keypass_seal(box, raw, derived);
	(void)str_hex(hex[0], box, sizeof(box));
	raw[0] ^= 0xff;
	keypass_seal(box, raw, derived);
	(void)str_hex(hex[1], box, sizeof(box));
	secret_free(derived);
	secret_free(p);
	(void)snprintf(text, sizeof(text), REST CHEAP
	    "recipient-secret-sealed %s\nrecipient-secret-sealed %s\n"
	    "signer " E_PUBLIC "\n", hex[0], hex[1]);
	return (with_check(file, room, text));
}

static void
test_passphrase(void **state)
{
	struct err	 e = ERR_INIT;
	struct secret	*right = secret_of("right");
	struct secret	*wrong = secret_of("wrong");
	struct key	*k;
	char		 text[1200];
	size_t		 n;

	(void)state;
	n = sealed_text(text, sizeof(text), "right");
	assert_int_equal(io_save(path, 0600, text, n, 1, &e), 0);
	assert_int_equal(key_load(&k, path, NULL, &e), 1);
	assert_int_equal(e.kind, ERR_NONE);
	assert_int_equal(key_load(&k, path, right, &e), 0);
	assert_int_equal(key_recipients(k), 2);
	assert_key(key_recipient_secret(k, 0), X_SECRET);
	assert_key(key_recipient(k, 0), X_PUBLIC);
	key_free(k);
	assert_int_equal(key_load(&k, path, wrong, &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	assert_non_null(strstr(e.msg, "wrong passphrase"));
	secret_free(right);
	secret_free(wrong);
}

/* With the cost that real files have. */
static void
test_generate_passphrase(void **state)
{
	struct err	 e = ERR_INIT;
	struct secret	*pass = secret_of("a long enough passphrase");
	struct key	*k;
	char		 name[128], *text;
	size_t		 n;

	(void)state;
	if (valgrind)			/* minutes of Argon2id */
		goto out;
	sweep();
	assert_int_equal(keygen_files(base, pass, &e), 0);
	load_text("restore", &text, &n);
	assert_non_null(strstr(text, "\nargon2id 3 268435456 "));
	assert_null(strstr(text, "recipient-secret "));
	free(text);
	(void)snprintf(name, sizeof(name), "%s.restore", base);
	assert_int_equal(key_load(&k, name, NULL, &e), 1);
	assert_int_equal(key_load(&k, name, pass, &e), 0);
	assert_non_null(key_recipient_secret(k, 0));
	key_free(k);
out:
	secret_free(pass);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_grammar),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_damage_told),
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_generate),
		cmocka_unit_test(test_never_replaces),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_undone),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_passphrase),
		cmocka_unit_test(test_generate_passphrase),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
