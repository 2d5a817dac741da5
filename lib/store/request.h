/* SPDX-License-Identifier: ISC */
#ifndef STORE_REQUEST_H
#define STORE_REQUEST_H

#include "base/bytes.h"
#include "base/err.h"
#include "store/wire.h"

/*
 * Requests under way on one SFTP channel, many at a time, answered in any
 * order.
 *
 * Below is a transport, normally a libssh channel (session.h); a test or a
 * fuzzer gives another and plays the server.  None of its calls blocks but
 * "wait".
 */
struct transport;

struct transport_ops {
	/*
	 * What is there, at most "n" bytes; *got is 0 if nothing is.  The
	 * other end having gone is ERR_REMOTE.  "expect" is how many bytes
	 * of answers are under way, for the size of windows.
	 */
	int	(*read)(struct transport *, void *, size_t n,
		    uint64_t expect, size_t *got, struct err *);
	/* Take some; *took is 0 if there is no room now. */
	int	(*write)(struct transport *, const void *, size_t n,
		    size_t *took, struct err *);
	/* Until something may have changed, or (1) it is "deadline". */
	int	(*wait)(struct transport *, int64_t deadline, struct err *);
	/* Something harmless to keep firewalls awake. */
	int	(*keep)(struct transport *, struct err *);
	void	(*free)(struct transport *);
};

struct transport {
	const struct transport_ops	*ops;
};

/*
 * Called with the answer: its type and its body behind the id.  It may not
 * send.  -1 says that the server violates the protocol: the connection is
 * given up.
 */
typedef int	 request_answer(void *arg, uint8_t type, struct bytes *,
		    struct err *);

struct requests;

#define REQUEST_MAX	512		/* under way at a time */

/*
 * Takes the transport over when it succeeds.  "host" is for messages and
 * copied.
 */
int	 request_new(struct requests **, struct transport *,
	    const char *host, uint64_t timeout_ms, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 request_free(struct requests *);	/* NULL is fine */

/* Greet the server and wait for what it can do. */
int	 request_init(struct requests *, struct wire_features *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Send a packet made with wire_begin() (its length and id are filled in).
 * Returns when the transport took it, and waits meanwhile, also for a free
 * place.  "fn" is called exactly once, from a later call here, unless the
 * connection breaks first.
 */
int	 request_send(struct requests *, uint8_t *packet, size_t n,
	    request_answer *fn, void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 4, 6)));

/* Wait for at least one answer.  One must be under way. */
int	 request_wait(struct requests *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Take the answers that are there. */
int	 request_poll(struct requests *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* As store_keep(). */
int	 request_keep(struct requests *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* That "n" more (or less) bytes of answers are to come. */
void	 request_expect(struct requests *, int64_t n);

unsigned request_in_flight(const struct requests *);

/* Whether the connection is lost; then nothing is under way any more. */
int	 request_broken(const struct requests *);

/* Called around every wait, see store_conf; NULL: nothing is. */
void	 request_on_wait(struct requests *, void (*)(void *, int), void *arg)
	    __attribute__((nonnull(1)));

/* How often we waited for answers to something sent: round trips. */
uint64_t request_turns(const struct requests *);

#endif /* STORE_REQUEST_H */
