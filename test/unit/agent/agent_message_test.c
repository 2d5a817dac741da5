/* SPDX-License-Identifier: ISC */
/* What a program and its agent say to each other, and what neither takes. */
#include <sys/resource.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/message.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define SEGMENT	"000000010000000A000000FF"

static int	 ends[2];

static int
setup(void **state)
{
	(void)state;
	return (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0, ends));
}

static int
teardown(void **state)
{
	(void)state;
	(void)close(ends[0]);
	(void)close(ends[1]);
	return (0);
}

static int
open_files(void)
{
	int	 fd, n = 0;

	for (fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return (n);
}

/* A packet with "nfds" descriptors, as no sender of ours makes it. */
static void
send_raw(const void *p, size_t n, size_t nfds)
{
	_Alignas(struct cmsghdr) char	 control[CMSG_SPACE(8 * sizeof(int))];
	struct iovec	 iov = { .iov_len = n };
	struct msghdr	 m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr	*h;
	const int	 fds[8] = { 0 };
	uint8_t		 copy[2 * MESSAGE_MAX];

	memcpy(copy, p, n);
	iov.iov_base = copy;
	if (nfds > 0) {
		memset(control, 0, sizeof(control));
		m.msg_control = control;
		m.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
		h = CMSG_FIRSTHDR(&m);
		h->cmsg_level = SOL_SOCKET;
		h->cmsg_type = SCM_RIGHTS;
		h->cmsg_len = CMSG_LEN(nfds * sizeof(int));
		memcpy(CMSG_DATA(h), fds, nfds * sizeof(int));
	}
	assert_int_equal(sendmsg(ends[0], &m, 0), (ssize_t)n);
}

/* The bytes of a good request or reply. */
static size_t
request_bytes(uint8_t raw[MESSAGE_MAX], enum message_verb verb,
    const char *target)
{
	struct message_request	 r = { .verb = verb, .name = SEGMENT };
	struct err		 e = ERR_INIT;
	ssize_t			 n;

	(void)stpcpy(r.target, target);
	assert_int_equal(message_send_request(ends[0], &r, &e), 0);
	n = recv(ends[1], raw, MESSAGE_MAX, 0);
	assert_true(n > 0);
	return ((size_t)n);
}

static size_t
reply_bytes(uint8_t raw[MESSAGE_MAX], const struct message_reply *r)
{
	struct err	 e = ERR_INIT;
	ssize_t		 n;

	assert_int_equal(message_send_reply(ends[0], r, &e), 0);
	n = recv(ends[1], raw, MESSAGE_MAX, 0);
	assert_true(n > 0);
	return ((size_t)n);
}

static void
test_request(void **state)
{
	static const struct message_request	 good[] = {
		{ MESSAGE_PUSH, SEGMENT, "", 0 },
		{ MESSAGE_PUSH, SEGMENT ".00000028.backup", "", 0 },
		{ MESSAGE_PUSH, SEGMENT ".partial", "", 0 },
		{ MESSAGE_FETCH, "00000002.history", "RECOVERYHISTORY", 0 },
		{ MESSAGE_FETCH, SEGMENT, "..x", 0 }
	};
	struct message_request	 r;
	struct err		 e = ERR_INIT;
	size_t			 i;

	(void)state;
	for (i = 0; i < N(good); i++) {
		assert_int_equal(message_send_request(ends[0], &good[i], &e),
		    0);
		assert_int_equal(message_receive_request(ends[1], &r, &e), 0);
		assert_int_equal(r.verb, good[i].verb);
		assert_string_equal(r.name, good[i].name);
		assert_string_equal(r.target, good[i].target);
		assert_true(r.fd > 2);
		assert_int_equal(fcntl(r.fd, F_GETFD), FD_CLOEXEC);
		assert_int_equal(close(r.fd), 0);
	}
}

static void
test_request_refused(void **state)
{
	static const struct {
		struct message_request	 r;
		const char		*msg;
	} bad[] = {
		{ { MESSAGE_PUSH, "foo", "", 0 },
		    "request: not a WAL file name: \"foo\"" },
		{ { MESSAGE_PUSH, SEGMENT, "x", 0 }, "request for " SEGMENT
		    ": found verb 1 with a target, expected a file's name to "
		    "fetch and none to push" },
		{ { MESSAGE_FETCH, SEGMENT, "", 0 }, "request for " SEGMENT
		    ": found verb 2 with no target, expected a file's name "
		    "to fetch and none to push" },
		{ { MESSAGE_FETCH, SEGMENT, "../x", 0 }, NULL },
		{ { MESSAGE_FETCH, SEGMENT, ".", 0 }, NULL },
		{ { MESSAGE_FETCH, SEGMENT, "..", 0 }, NULL },
		{ { (enum message_verb)3, SEGMENT, "", 0 }, NULL },
		{ { (enum message_verb)0, SEGMENT, "", 0 }, NULL },
		{ { MESSAGE_PUSH, SEGMENT, "", -1 }, "request for " SEGMENT
		    ": found no descriptor" }
	};
	struct message_request	 r;
	struct err		 e;
	size_t			 i;

	(void)state;
	for (i = 0; i < N(bad); i++) {
		err_clear(&e);
		assert_int_equal(message_send_request(ends[0], &bad[i].r, &e),
		    -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
		if (bad[i].msg != NULL)
			assert_string_equal(e.msg, bad[i].msg);
	}
	err_clear(&e);		/* and nothing of it was sent */
	assert_int_equal(message_receive_request(ends[1], &r, &e), -1);
	assert_string_equal(e.msg, "receive a message: "
	    "Resource temporarily unavailable");
}

static void
test_reply(void **state)
{
	struct message_reply	 all[] = {
		{ MESSAGE_BUSY, 0, ERR_INIT },
		{ MESSAGE_NOTE, 0, { ERR_NONE, "a line", 0 } },
		{ MESSAGE_ANSWER, 0, ERR_INIT },
		{ MESSAGE_ANSWER, 1, ERR_INIT },
		{ MESSAGE_ANSWER, -1, { ERR_PG, "why", 0 } },
		{ MESSAGE_ANSWER, -1, { ERR_ABSENT, "", 0 } },	/* long */
		{ MESSAGE_REFUSAL, 0, { ERR_NONE, "no", 0 } },
		{ MESSAGE_ANSWER, 2, ERR_INIT }
	};
	struct message_reply	 r;
	struct err		 e = ERR_INIT;
	size_t			 i;

	(void)state;
	memset(all[5].err.msg, 'x', ERR_MSGMAX - 1);
	for (i = 0; i < N(all); i++) {
		assert_int_equal(message_send_reply(ends[0], &all[i], &e), 0);
		assert_int_equal(message_receive_reply(ends[1], &r, &e), 0);
		assert_int_equal(r.kind, all[i].kind);
		assert_int_equal(r.rc, all[i].rc);
		assert_int_equal(r.err.kind, all[i].err.kind);
		assert_string_equal(r.err.msg, all[i].err.msg);
	}
}

static void
test_reply_refused(void **state)
{
	static const struct message_reply	 bad[] = {
		{ MESSAGE_BUSY, 1, ERR_INIT },
		{ MESSAGE_BUSY, 0, { ERR_NONE, "text", 0 } },
		{ MESSAGE_NOTE, 0, ERR_INIT },
		{ MESSAGE_REFUSAL, 0, ERR_INIT },
		{ MESSAGE_ANSWER, 3, ERR_INIT },
		{ MESSAGE_ANSWER, 2, { ERR_NONE, "but", 0 } },
		{ MESSAGE_ANSWER, -1, ERR_INIT },
		{ MESSAGE_ANSWER, -1, { ERR_LOCAL, "", 0 } },
		{ MESSAGE_ANSWER, 0, { ERR_LOCAL, "but", 0 } },
		{ MESSAGE_ANSWER, 1, { ERR_NONE, "but", 0 } },
		{ MESSAGE_ANSWER, -1, { (enum err_kind)99, "text", 0 } },
		{ (enum message_kind)9, 0, ERR_INIT },
		{ (enum message_kind)0, 0, ERR_INIT }
	};
	struct err	 e;
	size_t		 i;

	(void)state;
	for (i = 0; i < N(bad); i++) {
		err_clear(&e);
		assert_int_equal(message_send_reply(ends[0], &bad[i], &e),
		    -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
	}
}

/* No cut is taken; a flipped bit may make another message, or none. */
static void
test_damage(void **state)
{
	const struct message_reply	 answer = {
		MESSAGE_ANSWER, -1, { ERR_REMOTE, "gone", 0 }
	};
	struct message_request	 req;
	struct message_reply	 rep;
	struct err		 e = ERR_INIT;
	uint8_t			 raw[MESSAGE_MAX];
	size_t			 n, i, taken = 0;

	(void)state;
	n = request_bytes(raw, MESSAGE_FETCH, "RECOVERYXLOG");
	assert_int_equal(message_parse_request(&req, raw, n, &e), 0);
	for (i = 0; i < n; i++) {
		err_clear(&e);
		assert_int_equal(message_parse_request(&req, raw, i, &e), -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
	}
	for (i = 0; i < 8 * n; i++) {
		err_clear(&e);
		raw[i / 8] ^= (uint8_t)(1 << i % 8);
		taken += message_parse_request(&req, raw, n, &e) == 0;
		assert_null(strchr(req.target, '/'));
		raw[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	assert_in_range(taken, 100, 300);	/* of 368: letters only */
	n = reply_bytes(raw, &answer);
	for (i = 0; i < n; i++) {
		err_clear(&e);
		assert_int_equal(message_parse_reply(&rep, raw, i, &e), -1);
	}
	for (i = 0; i < 8 * n; i++) {
		err_clear(&e);
		raw[i / 8] ^= (uint8_t)(1 << i % 8);
		if (message_parse_reply(&rep, raw, n, &e) == 0)
			assert_true(rep.rc == -1 || rep.rc == 0);
		raw[i / 8] ^= (uint8_t)(1 << i % 8);
	}
}

/* A NUL within a text would make it another for who looks later. */
static void
test_nul(void **state)
{
	struct message_request	 req;
	struct err		 e = ERR_INIT;
	uint8_t			 raw[MESSAGE_MAX];
	size_t			 n;

	(void)state;
	n = request_bytes(raw, MESSAGE_FETCH, "ab");
	raw[n - 1] = '\0';
	assert_int_equal(message_parse_request(&req, raw, n, &e), -1);
	raw[n - 1] = 'b';
	err_clear(&e);
	assert_int_equal(message_parse_request(&req, raw, n, &e), 0);
	raw[n++] = 'c';			/* one byte more */
	assert_int_equal(message_parse_request(&req, raw, n, &e), -1);
	assert_string_equal(e.msg, "found 36 bytes that are not a request");
}

/* The longest target, and one byte more. */
static void
test_longest(void **state)
{
	struct message_request	 req;
	struct err		 e = ERR_INIT;
	uint8_t			 raw[MESSAGE_MAX];
	char			 target[MESSAGE_TARGET];
	size_t			 n;

	(void)state;
	memset(target, 'x', sizeof(target) - 1);
	target[sizeof(target) - 1] = '\0';
	n = request_bytes(raw, MESSAGE_FETCH, target);
	assert_int_equal(message_parse_request(&req, raw, n, &e), 0);
	assert_string_equal(req.target, target);
	raw[n] = 'x';
	assert_int_equal(raw[n - sizeof(target)], 255);
	raw[n - sizeof(target)] = 0;
	raw[n - sizeof(target) - 1] = 1;	/* 256 */
	assert_int_equal(message_parse_request(&req, raw, n + 1, &e), -1);
	assert_string_equal(e.msg, "found 289 bytes that are not a request");
}

static void
test_descriptors(void **state)
{
	static const struct {
		size_t		 n;
		const char	*msg;
	} t[] = {
		{ 0, "request for " SEGMENT
		    ": found none, expected one descriptor" },
		{ 2, "request for " SEGMENT
		    ": found several, expected one descriptor" },
		{ 3, "request for " SEGMENT
		    ": found several, expected one descriptor" },
		{ 8, "request for " SEGMENT
		    ": found several, expected one descriptor" }
	};
	struct message_request	 r;
	struct message_reply	 rep;
	const struct message_reply	 busy = { .kind = MESSAGE_BUSY };
	struct err		 e;
	uint8_t			 raw[MESSAGE_MAX];
	size_t			 n, i;
	int			 before = open_files();

	(void)state;
	n = request_bytes(raw, MESSAGE_PUSH, "");
	for (i = 0; i < N(t); i++) {
		send_raw(raw, n, t[i].n);
		err_clear(&e);
		assert_int_equal(message_receive_request(ends[1], &r, &e),
		    -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
		assert_string_equal(e.msg, t[i].msg);
		assert_int_equal(open_files(), before);
	}
	send_raw("garbage", 7, 1);
	err_clear(&e);
	assert_int_equal(message_receive_request(ends[1], &r, &e), -1);
	assert_string_equal(e.msg, "found 7 bytes that are not a request");
	assert_int_equal(open_files(), before);
	n = reply_bytes(raw, &busy);
	for (i = 1; i <= 3; i++) {
		send_raw(raw, n, i);
		err_clear(&e);
		assert_int_equal(message_receive_reply(ends[1], &rep, &e),
		    -1);
		assert_string_equal(e.msg,
		    "reply: found a descriptor, expected none");
		assert_int_equal(open_files(), before);
	}
}

static void
test_sizes(void **state)
{
	uint8_t			 raw[2 * MESSAGE_MAX] = { 0 };
	struct message_request	 r;
	struct err		 e = ERR_INIT;
	int			 before = open_files();

	(void)state;
	send_raw(raw, MESSAGE_MAX + 1, 1);
	assert_int_equal(message_receive_request(ends[1], &r, &e), -1);
	assert_string_equal(e.msg,
	    "found a message of more than 4096 bytes");
	err_clear(&e);
	send_raw(raw, MESSAGE_MAX, 1);
	assert_int_equal(message_receive_request(ends[1], &r, &e), -1);
	assert_string_equal(e.msg, "found 4096 bytes that are not a request");
	err_clear(&e);
	send_raw(raw, 0, 1);		/* as good as the end */
	assert_int_equal(message_receive_request(ends[1], &r, &e), 1);
	assert_int_equal(open_files(), before);
}

static void
test_full_table(void **state)
{
	struct message_request	 r = { MESSAGE_PUSH, SEGMENT, "", 0 };
	struct rlimit		 was, low;
	struct err		 e = ERR_INIT;
	int			 rc;

	(void)state;
	assert_int_equal(message_send_request(ends[0], &r, &e), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	low = was;
	low.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	rc = message_receive_request(ends[1], &r, &e);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
	assert_int_equal(rc, -1);
	assert_int_equal(e.kind, ERR_LOCAL);
	assert_string_equal(e.msg, "request for " SEGMENT ": its descriptor "
	    "does not fit; too many files are open");
}

static void
test_end(void **state)
{
	const struct message_reply	 busy = { .kind = MESSAGE_BUSY };
	struct message_request	 r = { MESSAGE_PUSH, SEGMENT, "", 0 };
	struct message_reply	 rep;
	struct err		 e = ERR_INIT;

	(void)state;
	/* The other end says a thing, reads nothing and goes. */
	assert_int_equal(message_send_request(ends[0], &r, &e), 0);
	assert_int_equal(message_send_reply(ends[1], &busy, &e), 0);
	assert_int_equal(close(ends[1]), 0);
	assert_int_equal(message_receive_reply(ends[0], &rep, &e), 0);
	assert_int_equal(rep.kind, MESSAGE_BUSY);
	assert_int_equal(message_receive_reply(ends[0], &rep, &e), 1);
	assert_int_equal(message_receive_reply(ends[0], &rep, &e), 1);
	assert_int_equal(message_send_request(ends[0], &r, &e), -1);
	assert_string_equal(e.msg, "send a message: Broken pipe");
	ends[1] = -1;
}

static void
test_never_waits(void **state)
{
	const struct message_reply	 busy = { .kind = MESSAGE_BUSY };
	struct err		 e = ERR_INIT;
	int			 i;

	(void)state;
	/* Even on a socket that would. */
	assert_int_equal(fcntl(ends[0], F_SETFL, 0), 0);
	for (i = 0; message_send_reply(ends[0], &busy, &e) == 0; i++)
		assert_true(i < 100000);
	assert_int_equal(e.kind, ERR_LOCAL);
	assert_string_equal(e.msg,
	    "send a message: Resource temporarily unavailable");
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		TEST(test_request),
		TEST(test_request_refused),
		TEST(test_reply),
		TEST(test_reply_refused),
		TEST(test_damage),
		TEST(test_nul),
		TEST(test_longest),
		TEST(test_descriptors),
		TEST(test_sizes),
		TEST(test_full_table),
		TEST(test_end),
		TEST(test_never_waits)
	};

	return (cmocka_run_group_tests_name("agent_message", tests, NULL,
	    NULL));
}
