/* SPDX-License-Identifier: ISC */
/*
 * The pusher with real stores, a data directory that is not a cluster's, and
 * a front that notes down what it is told.
 */
#include <sys/stat.h>

#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
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

#include "base/clock.h"
#include "base/io.h"
#include "pg/walname.h"
#include "pusher/pusher.h"
#include "repo/layout.h"
#include "repo/object.h"
#include "wal/padded.h"
#include "wal/walarchive.h"

#include "atrest.h"
#include "faultenv.h"
#include "sshd.h"
#include "testdir.h"

#define WAIT_MS		120000	/* for what hangs */
#define MAX		256

/* The front, in place of serve.c. */
struct serve {
	pthread_mutex_t	 lock;
	struct {
		uint64_t	 ticket;
		int		 rc;
		struct err	 err;
	}		 answers[MAX];
	size_t		 n;
	char		 notes[16][256];
	size_t		 nnotes;
};

static struct serve	 front = { .lock = PTHREAD_MUTEX_INITIALIZER };

void
serve_answer(struct serve *s, uint64_t ticket, int rc, const struct err *e)
{
	(void)pthread_mutex_lock(&s->lock);
	s->answers[s->n].ticket = ticket;
	s->answers[s->n].rc = rc;
	if (rc == -1)
		s->answers[s->n].err = *e;
	s->n++;
	(void)pthread_mutex_unlock(&s->lock);
}

void
serve_note(struct serve *s, const char *fmt, ...)
{
	va_list	 ap;

	(void)pthread_mutex_lock(&s->lock);
	va_start(ap, fmt);
	(void)vsnprintf(s->notes[s->nnotes++ % 16], 256, fmt, ap);
	va_end(ap);
	(void)pthread_mutex_unlock(&s->lock);
}

static void
sleep_ms(long ms)
{
	const struct timespec	 ts = { ms / 1000, ms % 1000 * 1000000 };

	(void)nanosleep(&ts, NULL);
}

/* The answer to a ticket: which of answers[], or -1 after so long. */
static int
answered(uint64_t ticket, int64_t ms)
{
	int64_t	 end = clock_mono_ms() + ms;
	size_t	 i, n;

	do {
		(void)pthread_mutex_lock(&front.lock);
		n = front.n;
		for (i = 0; i < n; i++)
			if (front.answers[i].ticket == ticket)
				break;
		(void)pthread_mutex_unlock(&front.lock);
		if (i < n)
			return ((int)i);
		sleep_ms(2);
	} while (clock_mono_ms() < end);
	return (-1);
}

/* How many lines there are for the log. */
static size_t
notes(void)
{
	size_t	 n;

	(void)pthread_mutex_lock(&front.lock);
	n = front.nnotes;
	(void)pthread_mutex_unlock(&front.lock);
	return (n);
}

static size_t
answers(void)
{
	size_t	 n;

	(void)pthread_mutex_lock(&front.lock);
	n = front.n;
	(void)pthread_mutex_unlock(&front.lock);
	return (n);
}

static void
must_be(uint64_t ticket, enum err_kind kind, const char *msg)
{
	int	 i = answered(ticket, WAIT_MS);

	assert_int_not_equal(i, -1);
	if (kind != ERR_NONE || front.answers[i].rc != 0)
		print_message("# %s\n", front.answers[i].err.msg);
	assert_int_equal(front.answers[i].rc, kind == ERR_NONE ? 0 : -1);
	if (kind == ERR_NONE)
		return;
	assert_int_equal(front.answers[i].err.kind, kind);
	if (strstr(front.answers[i].err.msg, msg) == NULL)
		fail_msg("%s: no %s", front.answers[i].err.msg, msg);
}

/* The pusher, and where it works. */
static struct store_conf	 store;
static struct pushpool_conf	 conf;
static struct pusher		*pusher;
static struct sshd		 sshd;
static int			 with_sshd;
static char			 url[1024], repo[256], dir[256], state_dir[256];

static const char *
wal(const char *name)
{
	static char	 buf[4][256];
	static unsigned	 next;
	char		*p = buf[next++ % 4];

	(void)snprintf(p, 256, "d/pg_wal/%s", name);
	return (p);
}

static const char *
ready(const char *name)
{
	static char	 buf[256];

	(void)snprintf(buf, sizeof(buf), "d/pg_wal/archive_status/%s.ready",
	    name);
	return (buf);
}

static const char *
name_of(unsigned n)
{
	static char	 buf[8][WALNAME_TEXT];
	static unsigned	 next;
	char		*p = buf[next++ % 8];

	(void)snprintf(p, WALNAME_TEXT, "0000000100000000%08X", n);
	return (p);
}

/* A segment that waits to be archived. */
static void
segment(unsigned n, unsigned seed)
{
	uint8_t	*p = faultenv_segment(name_of(n), seed);

	testdir_write(wal(name_of(n)), p, FAULTENV_SEGSIZE);
	testdir_text(ready(name_of(n)), "");
	free(p);
}

static void
archived(unsigned n)
{
	assert_int_equal(unlink(testdir_path(ready(name_of(n)))), 0);
}

static int
ask_file(uint64_t ticket, const char *name, const char *path)
{
	struct message_request	 req = { .verb = MESSAGE_PUSH };

	(void)snprintf(req.name, sizeof(req.name), "%s", name);
	req.fd = open(testdir_path(path), O_RDONLY | O_CLOEXEC);
	assert_int_not_equal(req.fd, -1);
	pusher_work.ask(pusher, ticket, &req);
	return (0);
}

static void
ask(uint64_t ticket, unsigned n)
{
	(void)ask_file(ticket, name_of(n), wal(name_of(n)));
}

static void
run(void)
{
	struct err	 e = ERR_INIT;

	conf.store = store;
	if (pusher_new(&pusher, &conf, &front, &e))
		fail_msg("%s", e.msg);
}

static void
end(void)
{
	int	 i;

	/* On a busy machine five seconds may not be enough. */
	for (i = 0; i < 6; i++)
		if (pusher_free(pusher) == 0)
			break;
	assert_in_range(i, 0, 5);
	pusher = NULL;
}

/* The stored segment is the one made of "seed". */
static void
stored(unsigned n, unsigned seed)
{
	struct archive	*a = faultenv_open(faultenv_restore);
	struct err	 e = ERR_INIT;
	uint8_t		*want = faultenv_segment(name_of(n), seed);
	char		*got;
	size_t		 size;

	if (walarchive_fetch(a, name_of(n), testdir_path("out"), &e) != 0)
		fail_msg("%s: %s", name_of(n), e.msg);
	if (io_load(testdir_path("out"), 2 << 20, &got, &size, &e) != 0)
		fail_msg("%s", e.msg);
	assert_int_equal(size, FAULTENV_SEGSIZE);
	assert_memory_equal(got, want, size);
	assert_int_equal(unlink(testdir_path("out")), 0);
	free(got);
	free(want);
	archive_free(a);
}

/* Whether it is published, by looking at the disk. */
static int
there(unsigned n)
{
	struct err	 e = ERR_INIT;
	char		 path[LAYOUT_PATH];

	assert_int_equal(layout_wal(path, name_of(n), &e), 0);
	return (access(testdir_path(faultenv_file(path)), F_OK) == 0);
}

static void
wait_there(unsigned n)
{
	int64_t	 until = clock_mono_ms() + WAIT_MS;

	while (!there(n) && clock_mono_ms() < until)
		sleep_ms(2);
	assert_true(there(n));
}

/*
 * It is published, and the pusher knows: it has closed the file.  Who asks
 * for it now is answered at once.
 */
static void
wait_known(unsigned n)
{
	int64_t	 until = clock_mono_ms() + WAIT_MS;

	wait_there(n);
	while (atrest_is_open(testdir_path(wal(name_of(n)))) &&
	    clock_mono_ms() < until)
		sleep_ms(2);
}

static int
setup(void **state)
{
	if (faultenv_setup(state) != 0 ||
	    mkdir(testdir_path("d"), 0700) == -1 ||
	    mkdir(testdir_path("d/pg_wal"), 0700) == -1 ||
	    mkdir(testdir_path("d/pg_wal/archive_status"), 0700) == -1)
		return (-1);
	front.n = front.nnotes = 0;
	memset(&store, 0, sizeof(store));
	(void)snprintf(repo, sizeof(repo), "%s", testdir_path("repo"));
	(void)snprintf(dir, sizeof(dir), "%s", testdir_path("d"));
	(void)snprintf(state_dir, sizeof(state_dir), "%s",
	    testdir_path("state"));
	store.repository = repo;
	store.io_timeout_ms = 20000;
	store.require_fsync = 1;
	conf = (struct pushpool_conf){
		.key = faultenv_push,
		.server = FAULTENV_SERVER,
		.system_id = FAULTENV_SYSTEM,
		.wal_segment_size = FAULTENV_SEGSIZE,
		.data_directory = dir,
		.state_dir = state_dir,
		.codec = { CODEC_ZSTD, 1 },
		.backlog_high = 8,
		.jobs = 2
	};
	with_sshd = 0;
	return (0);
}

static int
teardown(void **state)
{
	if (pusher_free(pusher) == 1)
		return (-1);
	pusher = NULL;
	if (with_sshd)
		sshd_stop(&sshd);
	return (faultenv_teardown(state));
}

static int
setup_sshd(void **state)
{
	if (!sshd_available()) {
		skip();
		return (0);
	}
	if (setup(state) != 0)
		return (-1);
	sshd_start(&sshd, NULL);
	with_sshd = 1;
	sshd_reach(&store, url, &sshd, repo);
	return (0);
}

/* Asked for one, all the others are there soon, and are answered at once. */
static void
ahead(void **state)
{
	unsigned	 i;

	(void)state;
	for (i = 1; i <= 40; i++)
		segment(i, i);
	run();
	ask(1, 1);
	must_be(1, ERR_NONE, "");
	archived(1);
	for (i = 2; i <= 40; i++)
		wait_known(i);
	for (i = 2; i <= 40; i++) {
		size_t	 n = answers();

		ask(i, i);
		assert_int_equal(answers(), n + 1);
		must_be(i, ERR_NONE, "");
		archived(i);
	}
	/* No answer to the removal of a temporary name is waited for. */
	end();
	assert_int_equal(faultenv_count("tmp"), 0);
	for (i = 1; i <= 40; i++)
		stored(i, i);
	assert_int_equal(answers(), 40);
	assert_int_equal(notes(), 0);
}

/* What wal-fetch has filled up with zeros is not pushed ahead. */
static void
padded(void **state)
{
	struct padded	 p = { .end = 1 };
	struct err	 e = ERR_INIT;

	(void)state;
	(void)snprintf(p.name, sizeof(p.name), "%s", name_of(2));
	if (padded_add(dir, &p, &e))
		fail_msg("%s", e.msg);
	segment(1, 1);
	segment(2, 2);
	segment(3, 3);
	run();
	ask(1, 1);
	must_be(1, ERR_NONE, "");
	wait_known(3);
	end();
	assert_false(there(2));
	/* Without the notes it is not known what may be. */
	testdir_text("d/" PADDED_FILE, "x");
	archived(1);
	archived(3);
	segment(4, 4);
	segment(5, 5);
	run();
	ask(4, 4);
	must_be(4, ERR_NONE, "");
	end();
	assert_false(there(2) || there(5));
}

/* More wait than are listed at a time; asked one after the other. */
static void
many(void **state)
{
	unsigned	 i;

	(void)state;
	conf.jobs = 4;
	for (i = 1; i <= 150; i++)
		segment(i, i);
	run();
	for (i = 1; i <= 150; i++) {
		ask(i, i);
		must_be(i, ERR_NONE, "");
		archived(i);
	}
	end();
	for (i = 1; i <= 150; i += 37)
		stored(i, i);
	assert_int_equal(faultenv_count("wal"), 150);
	assert_int_equal(faultenv_count("tmp"), 0);
}

/*
 * A bad one between good ones fails for who asks for it, and for nobody else;
 * what comes behind it is not stored before it is asked for.
 */
static void
neighbour(void **state)
{
	(void)state;
	segment(1, 1);
	segment(2, 2);
	segment(3, 3);
	testdir_text(wal(name_of(2)), "cut short");
	run();
	ask(1, 1);
	must_be(1, ERR_NONE, "");
	sleep_ms(300);
	assert_false(there(3));
	ask(2, 2);
	must_be(2, ERR_CORRUPT, "file has 9 bytes");
	ask(3, 3);
	must_be(3, ERR_NONE, "");
	ask(4, 2);
	must_be(4, ERR_CORRUPT, "file has 9 bytes");
	segment(2, 2);
	ask(5, 2);
	must_be(5, ERR_NONE, "");
	end();
	stored(1, 1);
	stored(2, 2);
	stored(3, 3);
	assert_int_equal(notes(), 0);
}

/* The name that was pushed ahead has another file now. */
static void
other_content(void **state)
{
	(void)state;
	segment(1, 1);
	segment(2, 2);
	run();
	ask(1, 1);
	must_be(1, ERR_NONE, "");
	wait_known(2);
	assert_int_equal(unlink(testdir_path(wal(name_of(2)))), 0);
	segment(2, 77);
	ask(2, 2);
	must_be(2, ERR_CONFLICT, "other content");
	end();
	stored(2, 2);
}

/* Nothing that PostgreSQL does not want archived any more is published. */
static void
recycled(void **state)
{
	unsigned	 i;

	(void)state;
	conf.jobs = 1;
	for (i = 1; i <= 3; i++)
		segment(i, i);
	archived(2);
	run();
	ask(1, 1);
	must_be(1, ERR_NONE, "");
	wait_there(3);
	assert_false(there(2));
	/* Listed, but its file is gone: no trouble for who asks. */
	segment(4, 4);
	segment(5, 5);
	segment(6, 6);
	assert_int_equal(unlink(testdir_path(wal(name_of(5)))), 0);
	ask(4, 4);
	must_be(4, ERR_NONE, "");
	sleep_ms(300);
	assert_false(there(6));
	ask(6, 6);
	must_be(6, ERR_NONE, "");
	end();
	assert_int_equal(notes(), 0);
}

static void
small_files(void **state)
{
	static const char	 history[] = "1\t0/3000000\tx\n";

	(void)state;
	segment(1, 1);
	testdir_text(wal("00000002.history"), history);
	testdir_text(ready("00000002.history"), "");
	run();
	ask(1, 1);
	must_be(1, ERR_NONE, "");
	(void)ask_file(2, "00000002.history", wal("00000002.history"));
	must_be(2, ERR_NONE, "");
	testdir_text(wal("00000003.history"), "nonsense");
	(void)ask_file(3, "00000003.history", wal("00000003.history"));
	must_be(3, ERR_CORRUPT, "");
	end();
}

static void
other_verb(void **state)
{
	struct message_request	 req = { .verb = MESSAGE_FETCH };

	(void)state;
	run();
	(void)snprintf(req.name, sizeof(req.name), "%s", name_of(1));
	req.fd = open("/", O_RDONLY | O_DIRECTORY);
	pusher_work.ask(pusher, 1, &req);
	must_be(1, ERR_LOCAL, "this agent only pushes");
	end();
}

/* A client that left: its push goes on, and the next one is told so. */
static void
forgotten(void **state)
{
	(void)state;
	segment(1, 1);
	run();
	ask(1, 1);
	pusher_work.forget(pusher, 1);
	ask(2, 1);
	must_be(2, ERR_NONE, "");
	assert_int_equal(answered(1, 50), -1);
	end();
	stored(1, 1);
}

static unsigned
stored_with(unsigned n)
{
	struct archive		*a = faultenv_open(faultenv_restore);
	struct store_get	*get = NULL;
	struct head		 head;
	struct err		 e = ERR_INIT;
	char			 path[LAYOUT_PATH];

	if (layout_wal(path, name_of(n), &e) ||
	    store_get_open(&get, a->store, path, &e) ||
	    object_head(&head, a, get, HEAD_WAL, path, &e) != 0)
		fail_msg("%s", e.msg);
	store_get_free(get);
	archive_free(a);
	return (head.codec);
}

static void
codec_auto(void **state)
{
	unsigned	 i;

	(void)state;
	conf.codec = (struct codec_spec){ CODEC_XZ, 0 };
	conf.codec_auto = 1;
	conf.jobs = 1;
	segment(1, 1);
	run();
	ask(1, 1);
	must_be(1, ERR_NONE, "");
	archived(1);
	sleep_ms(1100);			/* a look that was put off is over */
	for (i = 2; i <= 13; i++)
		segment(i, i);
	for (i = 2; i <= 13; i++) {
		ask(i, i);
		must_be(i, ERR_NONE, "");
		archived(i);
	}
	sleep_ms(1100);
	segment(14, 14);
	ask(14, 14);
	must_be(14, ERR_NONE, "");
	end();
	assert_int_equal(stored_with(1), CODEC_XZ);
	for (i = 2; i <= 9; i++)
		assert_int_equal(stored_with(i), CODEC_WAL);
	assert_int_equal(stored_with(14), CODEC_XZ);
	assert_int_equal(notes(), 2);
	assert_string_equal(front.notes[0],
	    "12 WAL files wait; using wal until they are archived");
	assert_string_equal(front.notes[1],
	    "no WAL file waits any more; using wal:small again");
}

/* One thing to do: one connection.  More: another one. */
static void
connections(void **state)
{
	unsigned	 i;

	(void)state;
	segment(1, 1);
	run();
	ask(1, 1);
	must_be(1, ERR_NONE, "");
	archived(1);
	for (i = 2; i <= 4; i++) {
		segment(i, i);
		atrest_wait();	/* the connection is free */
		ask(i, i);
		must_be(i, ERR_NONE, "");
		archived(i);
	}
	assert_int_equal(sshd_connections(&sshd), 1);
	for (i = 5; i <= 40; i++)
		segment(i, i);
	ask(5, 5);
	must_be(5, ERR_NONE, "");
	for (i = 6; i <= 40; i++)
		wait_there(i);
	/* Two more where a busy machine let them wait. */
	assert_in_range(sshd_connections(&sshd), 2, 4);
	end();
	for (i = 1; i <= 40; i += 3)
		stored(i, i);
}

/*
 * The server takes its time, again and again, until there are so many, but
 * "rounds" times at most.  With "last", the number of the last segment, there
 * are always more to push.
 */
static void
slow_until(int want, unsigned rounds, unsigned *last)
{
	unsigned	 i, first = 2;

	for (i = 0; i < rounds && sshd_connections(&sshd) < want; i++) {
		for (; last != NULL && there(first); first++)
			archived(first);
		for (; last != NULL && *last < first + 40; ++*last)
			segment(*last + 1, *last + 1);
		if (last != NULL && i % 4 == 3)		/* it looks again */
			ask(1000 + i, *last);
		(void)sshd_signal(&sshd, SIGSTOP);
		sleep_ms(60);
		(void)sshd_signal(&sshd, SIGCONT);
		sleep_ms(20);
	}
}

/* Where sending waits there are two connections more. */
static void
spare_line(void **state)
{
	unsigned	 i, last;

	(void)state;
	conf.jobs = 1;
	segment(1, 1);
	run();
	ask(1, 1);
	must_be(1, ERR_NONE, "");
	archived(1);
	segment(2, 2);
	ask(2, 2);
	last = 2;
	slow_until(3, 1500, &last);
	ask(last, last);		/* all of them are seen */
	must_be(last, ERR_NONE, "");
	assert_int_equal(sshd_connections(&sshd), 3);
	for (i = 2; i <= last; i++)
		wait_there(i);
	assert_int_equal(sshd_connections(&sshd), 3);
	end();
	for (i = 1; i <= last; i += 7)
		stored(i, i);
}

/* ... and where the server does not let it in, nobody notices. */
static void
spare_refused(void **state)
{
	unsigned	 i;

	(void)state;
	conf.jobs = 1;
	store.io_timeout_ms = 6000;	/* in which spare ones fail */
	segment(1, 1);
	run();
	ask(1, 1);
	must_be(1, ERR_NONE, "");
	archived(1);
	kill(sshd.pid, SIGSTOP);
	for (i = 2; i <= 60; i++)
		segment(i, i);
	ask(2, 2);
	must_be(2, ERR_NONE, "");
	archived(2);
	slow_until(2, 150, NULL);
	for (i = 3; i <= 60; i++) {
		ask(i, i);
		must_be(i, ERR_NONE, "");
		archived(i);
	}
	assert_int_equal(sshd_connections(&sshd), 1);
	assert_int_equal(notes(), 0);
	kill(sshd.pid, SIGCONT);
	end();
	for (i = 1; i <= 60; i += 7)
		stored(i, i);
}

/* Idle connections that were cut: who asks does not notice. */
static void
cut_idle(void **state)
{
	(void)state;
	segment(1, 1);
	run();
	ask(1, 1);
	must_be(1, ERR_NONE, "");
	archived(1);
	(void)sshd_signal(&sshd, SIGKILL);
	segment(2, 2);
	ask(2, 2);
	must_be(2, ERR_NONE, "");
	end();
	stored(2, 2);
}

/* Its .ready file goes, or the file becomes another one, on its way. */
static void
recycled_on_the_way(void **state)
{
	(void)state;
	conf.jobs = 1;
	segment(1, 1);
	run();
	ask(1, 1);
	must_be(1, ERR_NONE, "");
	archived(1);
	(void)sshd_signal(&sshd, SIGSTOP);
	segment(2, 2);
	segment(3, 3);
	ask(2, 2);
	sleep_ms(1500);			/* both are under way by now */
	archived(3);
	(void)sshd_signal(&sshd, SIGCONT);
	must_be(2, ERR_NONE, "");
	archived(2);
	segment(4, 4);
	ask(4, 4);			/* behind it */
	must_be(4, ERR_NONE, "");
	archived(4);
	sleep_ms(1100);
	(void)sshd_signal(&sshd, SIGSTOP);
	segment(5, 5);
	segment(6, 6);
	ask(5, 5);
	sleep_ms(1500);
	assert_int_equal(chmod(testdir_path(wal(name_of(6))), 0640), 0);
	(void)sshd_signal(&sshd, SIGCONT);
	must_be(5, ERR_NONE, "");
	archived(5);
	segment(7, 7);
	ask(7, 7);
	must_be(7, ERR_NONE, "");
	end();
	assert_false(there(3));
	assert_false(there(6));
	assert_int_equal(faultenv_count("tmp"), 0);
}

/* Connections cut again and again in the middle of work. */
static void
cut_busy(void **state)
{
	unsigned	 i, failed = 0;
	uint64_t	 ticket = 0;
	int		 k;

	(void)state;
	for (i = 1; i <= 60; i++)
		segment(i, i);
	run();
	for (i = 1; i <= 60; i++) {
		for (;;) {
			ask(++ticket, i);
			if (i % 7 == 3 && ticket % 2 == 0) {
				sleep_ms(5);
				(void)sshd_signal(&sshd, SIGKILL);
			}
			k = answered(ticket, WAIT_MS);
			assert_int_not_equal(k, -1);
			if (front.answers[k].rc == 0)
				break;
			assert_int_equal(front.answers[k].err.kind,
			    ERR_REMOTE);
			/* Each line may find out late that it was cut. */
			assert_true(++failed < 1000);
		}
		archived(i);
	}
	end();
	for (i = 1; i <= 60; i++)
		stored(i, i);
	assert_int_equal(faultenv_count("wal"), 60);
}

/* The server is away: who asks is told so, and look-ahead waits. */
static void
away(void **state)
{
	uint64_t	 i;
	int		 k;

	(void)state;
	segment(1, 1);
	segment(2, 2);
	store.io_timeout_ms = 1000;
	run();
	kill(sshd.pid, SIGSTOP);
	ask(1, 1);
	must_be(1, ERR_REMOTE, "127.0.0.1");
	sleep_ms(4000);
	assert_in_range(notes(), 0, 4);
	/* Nobody asks for two, and none before it failed: the log says it. */
	archived(1);
	testdir_text(wal("00000002.history"), "1\t0/3000000\tx\n");
	(void)ask_file(100, "00000002.history", wal("00000002.history"));
	must_be(100, ERR_REMOTE, "127.0.0.1");
	for (i = 0; i < WAIT_MS / 10 && notes() == 0; i++)
		sleep_ms(10);
	assert_in_range(notes(), 1, 4);
	testdir_text(ready(name_of(1)), "");
	assert_non_null(strstr(front.notes[0], "pushing ahead: "));
	ask(2, 1);
	must_be(2, ERR_REMOTE, "127.0.0.1");
	kill(sshd.pid, SIGCONT);
	for (i = 3; i < 20; i++) {	/* a busy machine may be late again */
		ask(i, 1);
		k = answered(i, WAIT_MS);
		assert_int_not_equal(k, -1);
		if (front.answers[k].rc == 0)
			break;
	}
	assert_in_range(i, 3, 19);
	/* What was late once more is listed with the next one asked for. */
	for (i = 20; i < 40 && !there(2); i++) {
		ask(i, 1);
		assert_int_not_equal(answered(i, WAIT_MS), -1);
		sleep_ms(500);
	}
	wait_there(2);
	end();
	stored(1, 1);
	stored(2, 2);
}

/* It ends at once, and leaves nothing of what was under way. */
static void
ends(void **state)
{
	unsigned	 i;
	int		 k;

	(void)state;
	conf.codec = (struct codec_spec){ CODEC_XZ, 6 };
	for (i = 1; i <= 60; i++)
		segment(i, i);
	run();
	ask(1, 1);
	must_be(1, ERR_NONE, "");
	ask(2, 60);
	end();
	/* Nobody is told that it failed; it may have been done by then. */
	if ((k = answered(2, 0)) != -1)
		assert_int_equal(front.answers[k].rc, 0);
	assert_true(faultenv_count("wal") < 60);
	assert_int_equal(faultenv_count("tmp"), 0);
}

/* A connection that hangs does not keep the process. */
static void
hangs(void **state)
{
	unsigned	 i;
	int		 rc;

	(void)state;
	store.io_timeout_ms = WAIT_MS;
	for (i = 1; i <= 60; i++)
		segment(i, i);
	run();
	ask(1, 1);
	must_be(1, ERR_NONE, "");
	sshd_pause(&sshd);
	segment(61, 61);		/* not pushed ahead meanwhile */
	ask(2, 61);
	atrest_wait();			/* under way, and it hangs */
	rc = pusher_free(pusher);
	if (rc == 0)
		pusher = NULL;
	assert_int_equal(rc, 1);
	(void)sshd_signal(&sshd, SIGCONT);
	kill(sshd.pid, SIGCONT);
	for (i = 0; i < 400 && rc == 1; i++) {	/* for the leak checker */
		sleep_ms(20);
		rc = pusher_free(pusher);
	}
	assert_int_equal(rc, 0);
	pusher = NULL;
}

/* What was handed on, and how often. */
static struct {
	pthread_mutex_t	 lock;
	char		 name[WALNAME_TEXT];
	size_t		 n, times;
} news = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void
on_pushed(void *arg, struct archive *a, const char (*segment)[WALNAME_TEXT],
    size_t n)
{
	struct err	 e = ERR_INIT;

	assert_ptr_equal(arg, &news);
	assert_int_equal(store_keep(a->store, &e), 0);
	(void)pthread_mutex_lock(&news.lock);
	(void)snprintf(news.name, sizeof(news.name), "%s", segment[0]);
	news.n = n;
	news.times++;
	(void)pthread_mutex_unlock(&news.lock);
}

static size_t
news_times(void)
{
	size_t	 n;

	(void)pthread_mutex_lock(&news.lock);
	n = news.times;
	(void)pthread_mutex_unlock(&news.lock);
	return (n);
}

/* The newest segment is handed on, once in a while. */
static void
handed_on(void **state)
{
	int64_t	 until = clock_mono_ms() + WAIT_MS;

	(void)state;
	news.times = 0;
	conf.pushed = on_pushed;
	conf.pushed_arg = &news;
	segment(1, 1);
	run();
	ask(1, 1);
	must_be(1, ERR_NONE, "");
	archived(1);
	while (news_times() == 0 && clock_mono_ms() < until)
		sleep_ms(2);
	assert_int_equal(news_times(), 1);
	assert_int_equal(news.n, 1);
	assert_string_equal(news.name, name_of(1));
	/* The pusher works on. */
	segment(2, 2);
	ask(2, 2);
	must_be(2, ERR_NONE, "");
	end();
	stored(2, 2);
}

#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
#define S(f)	cmocka_unit_test_setup_teardown(f, setup_sshd, teardown)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		T(ahead), T(padded), T(many), T(neighbour), T(other_content),
		T(recycled), T(small_files), T(other_verb), T(forgotten),
		T(codec_auto), T(handed_on),
		S(ahead), S(many), S(connections), S(spare_line),
		S(spare_refused), S(recycled_on_the_way), S(cut_idle),
		S(cut_busy),
		S(away), S(ends), S(hangs), S(handed_on)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
