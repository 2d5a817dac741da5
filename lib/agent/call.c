/* SPDX-License-Identifier: ISC */
/* Ask the agent, and start it where there is none. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <time.h>
#include <unistd.h>

#include "agent/call.h"
#include "base/clock.h"

#define REACH_MS	2000	/* for one that starts or leaves right now */
#define PAUSE_MS	10
#define AGAIN_MS	50
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

/* Out of the way of those that the agent expects. */
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

/* posix_spawn(3) says what failed and leaves errno alone. */
static int
check(int rc, struct err *e)
{
	if (rc == 0)
		return (0);
	errno = rc;
	return (err_sys(e, ERR_LOCAL, "start the agent"));
}

/* Nothing of this process comes along but its environment. */
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

/* Returns 0 if one was started, 1 if another has the lock, or -1. */
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
	if (rc == -1) {
		place_leave(p, lock);
		place_release(p, lock);
	} else
		(void)close(lock);	/* the agent's from now on */
	(void)close(listening);
	return (rc);
}

/* Connect to the agent that is there, will be there or is started here. */
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

/* Returns 0 once there is something to receive. */
static int
wait_for(const struct call *c, struct err *e)
{
	const int64_t	 deadline = clock_mono_ms() + c->conf->silence_ms;
	struct pollfd	 p = { c->sock, POLLIN, 0 };
	int64_t		 left;
	int		 n;

	for (;;) {
		/* What came while we slept counts, however late it is. */
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

/* Returns 0 with the answer, 1 if the connection ends without, or -1. */
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

/* The same, and the request before it. */
static int
ask(const struct call *c, struct err *e)
{
	struct err	 sent = ERR_INIT;
	struct pollfd	 p = { c->sock, POLLIN, 0 };

	/* One that has no room for us says so and hangs up. */
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
	 * An agent may leave, or be killed, while we ask: once more.  But not
	 * at once: the kernel closes what a process had one by one, and the
	 * socket at which it listened may be the last.
	 */
	for (tries = 0; rc == 1 && tries < 2; tries++) {
		if (tries > 0)
			rest(AGAIN_MS);
		if (reach(&c, e) == -1)
			return (-1);
		rc = ask(&c, e);
		(void)close(c.sock);	/* all is said */
	}
	return (rc == 1 ? err_set(e, ERR_LOCAL,
	    "the agent ended twice without an answer") : rc);
}
