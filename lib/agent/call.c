/* SPDX-License-Identifier: ISC */
/*
 * Ask the agent, and start it if none listens.
 *
 * Callers race: twenty may start within a millisecond, while an agent leaves.
 * The lock of the place decides.  Whoever gets it makes the socket, starts the
 * agent, and hands both to it; the others connect to that socket at once, even
 * before the agent runs, and wait in its queue.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <time.h>
#include <unistd.h>

#include "agent/call.h"
#include "base/clock.h"

#define REACH_MS	2000	/* for an agent that starts or leaves now */
#define PAUSE_MS	10
#define AGAIN_MS	50	/* before a second request */
#define STARTS		2	/* in one call */
#define FIRST_FREE	(CALL_LOCK + 1)

struct call {
	const struct call_conf		*conf;
	const struct message_request	*req;
	struct message_reply		*reply;
	call_note			*note;
	void				*arg;
	int				 sock, starts;
};

static void
rest(long ms)
{
	const struct timespec	 t = { 0, ms * 1000 * 1000 };

	(void)nanosleep(&t, NULL);	/* shorter does no harm */
}

/*
 * Move a descriptor above those that the agent gets.  The child dup2()s both
 * to their numbers, one after the other: the first must not hit the second.
 */
static int
lift(int *fd, struct err *e)
{
	int	 to;

	if (*fd >= FIRST_FREE)
		return (0);
	if ((to = fcntl(*fd, F_DUPFD_CLOEXEC, FIRST_FREE)) == -1)
		return (err_sys(e, ERR_LOCAL, "move a descriptor"));
	(void)close(*fd);		/* the copy is still there */
	*fd = to;
	return (0);
}

/* posix_spawn(3) and its kin return an error number; errno stays. */
static int
check(int rc, struct err *e)
{
	if (rc == 0)
		return (0);
	errno = rc;
	return (err_sys(e, ERR_LOCAL, "start the agent"));
}

/*
 * Descriptors.  Those of this process (PostgreSQL's log, a file that is being
 * pushed) must not stay open for as long as the agent lives.  Its directory
 * must not keep a file system from being unmounted.
 */
static int
set_actions(posix_spawn_file_actions_t *a, int lock, int listening,
    struct err *e)
{
	if (check(posix_spawn_file_actions_addopen(a, 0, "/dev/null", O_RDWR,
	    0), e) ||
	    check(posix_spawn_file_actions_adddup2(a, 0, 1), e) ||
	    check(posix_spawn_file_actions_adddup2(a, 0, 2), e) ||
	    check(posix_spawn_file_actions_adddup2(a, listening,
	    CALL_LISTENING), e) ||
	    check(posix_spawn_file_actions_adddup2(a, lock, CALL_LOCK), e) ||
	    check(posix_spawn_file_actions_addclosefrom_np(a, FIRST_FREE),
	    e) ||
	    check(posix_spawn_file_actions_addchdir_np(a, "/"), e))
		return (-1);
	return (0);
}

/*
 * Signals.  PostgreSQL may have blocked or ignored some in the caller.  A
 * session of its own keeps the agent alive when PostgreSQL signals the process
 * group of an archive_command.
 */
static int
set_attr(posix_spawnattr_t *a, struct err *e)
{
	sigset_t	 all, none;

	(void)sigfillset(&all);
	(void)sigemptyset(&none);
	if (check(posix_spawnattr_setflags(a, (short)(POSIX_SPAWN_SETSID |
	    POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK)), e) ||
	    check(posix_spawnattr_setsigdefault(a, &all), e) ||
	    check(posix_spawnattr_setsigmask(a, &none), e))
		return (-1);
	return (0);
}

static int
spawn(const struct call_conf *c, int lock, int listening, struct err *e)
{
	posix_spawn_file_actions_t	 actions;
	posix_spawnattr_t		 attr;
	pid_t				 pid;
	int				 rc = -1;

	if (check(posix_spawn_file_actions_init(&actions), e))
		return (-1);
	if (check(posix_spawnattr_init(&attr), e)) {
		(void)posix_spawn_file_actions_destroy(&actions);
		return (-1);
	}
	if (set_actions(&actions, lock, listening, e) == 0 &&
	    set_attr(&attr, e) == 0)
		rc = check(posix_spawn(&pid, "/proc/self/exe", &actions,
		    &attr, c->argv, environ), e);
	(void)posix_spawnattr_destroy(&attr);	/* these cannot fail */
	(void)posix_spawn_file_actions_destroy(&actions);
	return (rc);
}

/*
 * Returns 0 if an agent was started, 1 if another process has the lock, or -1.
 * An agent that cannot run ends at once and releases the lock, so that the
 * next round starts another one; "starts" ends that.
 */
static int
start(struct call *c, struct err *e)
{
	const struct place	*p = &c->conf->place;
	int			 lock, listening, rc;

	if ((rc = place_take(p, &lock, &listening, e)) != 0)
		return (rc);
	if (c->starts++ == STARTS)
		rc = err_set(e, ERR_LOCAL,
		    "the agent ended as soon as it was started");
	else if (lift(&lock, e) || lift(&listening, e) ||
	    spawn(c->conf, lock, listening, e))
		rc = -1;
	/*
	 * flock(2) locks are shared by all copies of a descriptor: closing
	 * ours leaves the agent's.
	 */
	if (rc == -1) {
		place_leave(p, lock);
		place_release(p, lock);
	} else
		(void)close(lock);	/* the agent's from now on */
	(void)close(listening);
	return (rc);
}

/*
 * Connect to the agent: to one that listens, to one that another caller is
 * about to start, or to one that is started here.  If another process holds
 * the lock but nobody listens, it starts an agent or is one that leaves; both
 * are over soon, so look again.
 */
static int
reach(struct call *c, struct err *e)
{
	const int64_t	 deadline = clock_mono_ms() + REACH_MS;
	int		 rc;

	for (;;) {
		rc = place_connect(&c->conf->place, &c->sock, e);
		if (rc != 1)
			return (rc);
		if ((rc = start(c, e)) == -1)
			return (-1);
		if (rc == 0)
			continue;
		if (clock_mono_ms() >= deadline)
			return (err_set(e, ERR_LOCAL, "%s/%s.lock is held, "
			    "but no agent listens", c->conf->place.dir,
			    c->conf->place.name));
		rest(PAUSE_MS);
	}
}

/* Returns 0 once there is something to receive, or -1. */
static int
wait_for(const struct call *c, struct err *e)
{
	const int64_t	 deadline = clock_mono_ms() + c->conf->silence_ms;
	struct pollfd	 p = { c->sock, POLLIN, 0 };
	int64_t		 left;
	int		 n;

	for (;;) {
		/*
		 * Look once more when the time is over: what arrived while
		 * this process could not run counts, however late it is.
		 */
		left = deadline - clock_mono_ms();
		n = poll(&p, 1, left > 0 ? (int)left : 0);
		if (n > 0)
			return (0);
		if (n == 0)
			return (err_set(e, ERR_LOCAL, "the agent sent nothing "
			    "for %d ms",
			    c->conf->silence_ms));
		if (errno != EINTR)
			return (err_sys(e, ERR_LOCAL, "wait for the agent"));
	}
}

/* Returns 0 with the answer, 1 if the connection ends before it, or -1. */
static int
hear(const struct call *c, struct err *e)
{
	struct message_reply	*r = c->reply;
	int			 rc;

	for (;;) {
		if (wait_for(c, e))
			return (-1);
		if ((rc = message_receive_reply(c->sock, r, e)) != 0)
			return (rc);
		switch (r->kind) {
		case MESSAGE_BUSY:
			break;
		case MESSAGE_NOTE:
			c->note(c->arg, r->err.msg);
			break;
		case MESSAGE_ANSWER:
			return (0);
		case MESSAGE_REFUSAL:
			return (err_set(e, ERR_LOCAL, "%s", r->err.msg));
		}
	}
}

/* Send the request and wait for the answer; returns as hear(). */
static int
ask(const struct call *c, struct err *e)
{
	struct err	 sent = ERR_INIT;
	struct pollfd	 p = { c->sock, POLLIN, 0 };

	/*
	 * An agent without a free descriptor refuses and closes before it
	 * reads: the sending fails, but the refusal can be received.
	 */
	if (message_send_request(c->sock, c->req, &sent) == -1 &&
	    poll(&p, 1, 0) <= 0)
		return (err_set(e, sent.kind, "%s", sent.msg));
	return (hear(c, e));
}

int
call_agent(const struct call_conf *conf, const struct message_request *req,
    struct message_reply *reply, call_note *note, void *arg, struct err *e)
{
	struct call	 c = { conf, req, reply, note, arg, -1, 0 };
	int		 rc = 1, tries;

	/*
	 * An agent may leave, or be killed, while we ask, so ask once more.
	 * But not at once: the kernel closes the descriptors of a process one
	 * by one, and the listening socket may be the last.
	 */
	for (tries = 0; rc == 1 && tries < 2; tries++) {
		if (tries > 0)
			rest(AGAIN_MS);
		if (reach(&c, e) == -1)
			return (-1);
		rc = ask(&c, e);
		(void)close(c.sock);	/* a socket: nothing to lose */
	}
	return (rc == 1 ? err_set(e, ERR_LOCAL,
	    "the agent ended twice without an answer") : rc);
}
