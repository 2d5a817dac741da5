/* SPDX-License-Identifier: ISC */
#ifndef STORE_REQUEST_H
#define STORE_REQUEST_H

#include <poll.h>

#include "base/bytes.h"
#include "base/err.h"
#include "store/transport.h"
#include "store/wire.h"

/*
 * Requests under way on one SFTP channel: many at a time, answered in any
 * order.
 *
 * They travel on a transport (transport.h).
 */
/*
 * Called with an answer: its type, and its body behind the id.  It may not
 * send.  -1 says that the server violates the protocol; the connection is
 * then given up.
 */
typedef int	 request_answer(void *arg, uint8_t type, struct bytes *,
		    struct err *);

struct requests;

#define REQUEST_MAX	512		/* under way at a time */

/*
 * Begin; owns the transport on success.  "host" is for messages and is
 * copied; "timeout_ms" is the deadline of each wait.
 */
int	 request_new(struct requests **, struct transport *,
	    const char *host, uint64_t timeout_ms, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 request_free(struct requests *);	/* NULL is fine */

/*
 * Called with the server's greeting, before any other answer.  -1 with an error
 * of its own gives the connection up.
 */
typedef int	 request_greeted(void *arg, struct err *);

/*
 * Greet the server; other requests may follow at once.  Its greeting fills
 * *features, which must live until then, and calls greeted(arg, ...).
 */
int	 request_init(struct requests *, struct wire_features *features,
	    request_greeted *greeted, void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Wait until the server has greeted. */
int	 request_meet(struct requests *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Send the "n" bytes of a packet that wire_begin() began; this call fills in
 * its length and id.  It returns when the transport has taken the packet, and
 * waits for room and for a free id if it must.  A later call of this header
 * calls fn(arg, ...) exactly once, unless the connection is lost before.
 */
int	 request_send(struct requests *, uint8_t *packet, size_t n,
	    request_answer *fn, void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 4, 6)));

/* Wait for at least one answer; at least one request must be under way. */
int	 request_wait(struct requests *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Take the answers that have come, without waiting. */
int	 request_poll(struct requests *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* As store_append_wait(). */
int	 request_wait_beside(struct requests *, struct pollfd *, size_t nfds,
	    int ms, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 5)));

/*
 * Fail, and give the connection up, if answers are awaited since "since_ms"
 * (of clock_mono_ms()) and that is longer than the deadline of a wait.
 */
int	 request_overdue(struct requests *, int64_t since_ms, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* As store_keep(). */
int	 request_keep(struct requests *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Expect "n" more bytes of answers (or fewer, if negative). */
void	 request_expect(struct requests *, int64_t n);

unsigned request_in_flight(const struct requests *);

/*
 * Whether more data should be written now; 0 if as much is under way as keeps
 * the link busy, see pace.h.  The caller then waits for an answer: one is under
 * way.
 */
int	 request_may_send(const struct requests *);

/* Whether the connection is lost; then no request is under way any more. */
int	 request_broken(const struct requests *);

/* Call waits(arg, 1 or 0) around every wait, see store_conf; NULL: don't. */
void	 request_on_wait(struct requests *, void (*waits)(void *, int),
	    void *arg) __attribute__((nonnull(1)));

/* How often a wait followed a request: round trips, for tests. */
uint64_t request_turns(const struct requests *);

#endif /* STORE_REQUEST_H */
