/* SPDX-License-Identifier: ISC */
/*
 * Several repositories: who is asked, and when the client gets its answer.
 *
 * Answers come from threads of the pools, which hold their pool's lock.  So the
 * lock of the set comes after theirs, and no pusher is called under it.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "pusher/pushset.h"

#define NOTE_MS		600000	/* the same trouble is noted so often */

/* A request, until the last repository that was asked has answered. */
struct request {
	uint64_t	 ticket;
	int		 told;		/* the client has its answer */
	struct pushvote	 vote;
	struct request	*next;
};

struct member {
	struct pushset	*set;
	size_t		 index;
	struct pusher	*pusher;
	int64_t		 away_until;	/* it is not asked before, ms */
	int64_t		 delay;		/* the last such pause, ms */
	int64_t		 note_after;	/* ms */
	size_t		 lacks;		/* files that others have */
	struct err	 last;		/* its last failure, until it works */
};

struct pushset {
	struct serve	*serve;
	const char	*const *names;
	size_t		 n, quorum;
	struct pushshare *share;
	pthread_mutex_t	 lock;		/* of all below */
	struct member	 member[PUSHVOTE_MAX];
	struct request	*requests;
};

static void
lock(struct pushset *s)
{
	(void)pthread_mutex_lock(&s->lock);	/* fails for our bugs only */
}

static void
unlock(struct pushset *s)
{
	(void)pthread_mutex_unlock(&s->lock);
}

static struct request **
find(struct pushset *s, uint64_t ticket)
{
	struct request	**p;

	for (p = &s->requests; *p != NULL && (*p)->ticket != ticket;
	    p = &(*p)->next)
		;
	return (p);
}

/* Take it out and free it. */
static void
forget_request(struct request **p)
{
	struct request	*r = *p;

	*p = r->next;
	free(r);
}

/* It will not get a file that the others have. */
static void
lacks(struct member *m)
{
	struct pushset	*s = m->set;
	const int64_t	 now = clock_mono_ms();

	m->lacks++;
	if (m->last.kind == ERR_CONFLICT || m->last.kind == ERR_CORRUPT)
		serve_note(s->serve, "repository %s: %s",
		    s->names[m->index], m->last.msg);
	else if (now >= m->note_after) {
		m->note_after = now + NOTE_MS;
		serve_note(s->serve, "repository %s: %s; WAL goes to the "
		    "others meanwhile; run repo-copy later to fill it up",
		    s->names[m->index], m->last.kind != ERR_NONE ?
		    m->last.msg : "is slower than the others");
	}
}

static void
works(struct member *m, unsigned has)
{
	struct pushset	*s = m->set;
	size_t		 from = 0;

	m->away_until = m->delay = 0;
	err_clear(&m->last);
	if (m->lacks == 0)
		return;
	while (from + 1 < s->n && (from == m->index ||
	    (has & (1U << from)) == 0))
		from++;
	serve_note(s->serve, "repository %s can be reached again, and may "
	    "lack %zu WAL files that others have; run repo-copy %s %s",
	    s->names[m->index], m->lacks, from == m->index ? "FROM" :
	    s->names[from], s->names[m->index]);
	m->lacks = 0;
	m->note_after = 0;
}

static void
fails(struct member *m, const struct err *e)
{
	m->last = *e;
	if (e->kind != ERR_REMOTE && e->kind != ERR_CONFIG)
		return;
	m->delay = pushpool_longer(m->delay);
	m->away_until = clock_mono_ms() + clock_jitter(m->delay);
}

/* The client's answer, if it can be given now. */
static void
tell(struct pushset *s, struct request *r)
{
	const enum pushvote_verdict	 v = pushvote_verdict(&r->vote,
					    s->quorum);
	struct err			 e = ERR_INIT;
	size_t				 i;

	if (r->told || v == PUSHVOTE_OPEN)
		return;
	r->told = 1;
	if (v == PUSHVOTE_FAILED) {
		pushvote_explain(&e, &r->vote, s->names, s->n, s->quorum);
		serve_answer(s->serve, r->ticket, -1, &e);
		return;
	}
	/* Those that had failed, or were not asked, lack it from now on. */
	for (i = 0; i < s->n; i++)
		if (((r->vote.has | r->vote.waits) & (1U << i)) == 0)
			lacks(&s->member[i]);
	serve_answer(s->serve, r->ticket, 0, &e);
}

/* From a pool; see struct pushpool_conf. */
static void
answer(void *arg, uint64_t ticket, int rc, const struct err *e,
    const uint8_t *repository)
{
	struct member	*m = arg;
	struct pushset	*s = m->set;
	struct request	**p, *r;
	int		 told;

	lock(s);
	p = find(s, ticket);
	if ((r = *p) != NULL && (r->vote.waits & (1U << m->index)) != 0) {
		told = r->told && pushvote_verdict(&r->vote, s->quorum) ==
		    PUSHVOTE_DURABLE;
		if (rc == 0) {
			pushvote_has(&r->vote, m->index, repository);
			works(m, r->vote.has);
		} else {
			pushvote_fails(&r->vote, m->index, e);
			fails(m, e);
			if (told)
				lacks(m);
		}
		tell(s, r);
		if (r->vote.waits == 0)
			forget_request(p);
	}
	unlock(s);
}

static size_t
behind(const struct pushset *s, size_t i)
{
	const struct request	*r;
	size_t			 n = 0;

	for (r = s->requests; r != NULL; r = r->next)
		n += (r->vote.waits & (1U << i)) != 0;
	return (n);
}

/* Whom to ask: those that may be expected to answer, if they are enough. */
static unsigned
choose(const struct pushset *s)
{
	const unsigned	 all = (1U << s->n) - 1;
	const int64_t	 now = clock_mono_ms();
	unsigned	 ready = 0;
	size_t		 i, n = 0;

	for (i = 0; i < s->n; i++)
		if (now >= s->member[i].away_until &&
		    behind(s, i) < PUSHSET_BEHIND) {
			ready |= 1U << i;
			n++;
		}
	return (n >= s->quorum ? ready : all);
}

/*
 * What was asked of a repository that is away, and has been answered by the
 * others, is not waited for any more.  Returns a ticket to forget, or 0.
 */
static uint64_t
give_up(struct pushset *s, size_t i)
{
	struct request	**p;
	uint64_t	 ticket;

	for (p = &s->requests; *p != NULL; p = &(*p)->next)
		if ((*p)->told && ((*p)->vote.waits & (1U << i)) != 0) {
			ticket = (*p)->ticket;
			(*p)->vote.waits &= ~(1U << i);
			lacks(&s->member[i]);
			if ((*p)->vote.waits == 0)
				forget_request(p);
			return (ticket);
		}
	return (0);
}

static void
clear_away(struct pushset *s)
{
	uint64_t	 ticket;
	size_t		 i;

	for (i = 0; i < s->n; i++)
		do {
			lock(s);
			ticket = clock_mono_ms() < s->member[i].away_until ?
			    give_up(s, i) : 0;
			unlock(s);
			if (ticket != 0)
				pusher_work.forget(s->member[i].pusher,
				    ticket);
		} while (ticket != 0);
}

/* Each pusher owns a descriptor of its own; they share its position. */
static void
ask_one(struct member *m, uint64_t ticket, const struct message_request *req)
{
	struct message_request	 own = *req;
	struct err		 e = ERR_INIT;

	if ((own.fd = fcntl(req->fd, F_DUPFD_CLOEXEC, 0)) == -1) {
		err_sys(&e, ERR_LOCAL, "push %s", req->name);
		answer(m, ticket, -1, &e, NULL);
	} else
		pusher_work.ask(m->pusher, ticket, &own);
}

static void
ask(void *arg, uint64_t ticket, struct message_request *req)
{
	struct pushset	*s = arg;
	struct request	*r;
	struct err	 e = ERR_INIT;
	unsigned	 asked = 0;
	size_t		 i;

	if (s->n == 1) {
		pusher_work.ask(s->member[0].pusher, ticket, req);
		return;
	}
	clear_away(s);
	if ((r = calloc(1, sizeof(*r))) == NULL) {
		err_sys(&e, ERR_LOCAL, "push %s", req->name);
		serve_answer(s->serve, ticket, -1, &e);
	} else {
		lock(s);
		asked = choose(s);
		r->ticket = ticket;
		pushvote_begin(&r->vote, asked);
		r->next = s->requests;
		s->requests = r;
		unlock(s);
	}
	/* "r" may be gone as soon as the first has answered. */
	for (i = 0; i < s->n; i++)
		if ((asked & (1U << i)) != 0)
			ask_one(&s->member[i], ticket, req);
	(void)close(req->fd);		/* read only: nothing to lose */
	req->fd = -1;
}

static void
forget(void *arg, uint64_t ticket)
{
	struct pushset	*s = arg;
	struct request	**p;
	int		 drop = s->n == 1;
	size_t		 i;

	lock(s);
	p = find(s, ticket);
	if (*p != NULL && !(*p)->told) {
		forget_request(p);
		drop = 1;
	}
	unlock(s);
	for (i = 0; drop && i < s->n; i++)
		pusher_work.forget(s->member[i].pusher, ticket);
}

const struct serve_work	 pushset_work = { ask, forget };

int
pushset_new(struct pushset **out, struct pushpool_conf *pool,
    const char *const *names, size_t n, size_t quorum, struct serve *serve,
    struct err *e)
{
	struct pushset	*s;
	size_t		 i;
	int		 hangs;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (err_sys(e, ERR_LOCAL, "start to push"));
	if ((errno = pthread_mutex_init(&s->lock, NULL)) != 0) {
		err_sys(e, ERR_LOCAL, "start to push");
		free(s);
		return (-1);
	}
	s->serve = serve;
	s->names = names;
	s->n = n;
	s->quorum = quorum;
	if (n > 1 && pushshare_new(&s->share, e))
		goto fail;
	for (i = 0; i < n; i++) {
		s->member[i].set = s;
		s->member[i].index = i;
		pool[i].share = s->share;
		pool[i].answer = n > 1 ? answer : NULL;
		pool[i].answer_arg = &s->member[i];
		if (pusher_new(&s->member[i].pusher, &pool[i], serve, e))
			goto fail;
	}
	*out = s;
	return (0);
fail:
	/* Nobody asked yet, so no thread hangs in a connection. */
	hangs = pushset_free(s);
	assert(!hangs);
	return (-1);
}

int
pushset_free(struct pushset *s)
{
	size_t	 i;

	if (s == NULL)
		return (0);
	for (i = 0; i < s->n; i++) {
		if (pusher_free(s->member[i].pusher) == 1)
			return (1);
		s->member[i].pusher = NULL;
	}
	while (s->requests != NULL)
		forget_request(&s->requests);
	pushshare_free(s->share);
	(void)pthread_mutex_destroy(&s->lock);
	free(s);
	return (0);
}
