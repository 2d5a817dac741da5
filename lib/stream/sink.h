/* SPDX-License-Identifier: ISC */
#ifndef STREAM_SINK_H
#define STREAM_SINK_H

#include <stddef.h>

#include "base/err.h"

/*
 * A sink takes bytes in order.  Sinks stack: each filter owns the sink it
 * writes to, so the head stands for the whole pipeline, and one sink_free()
 * releases it.
 *
 *	struct sink *s = NULL;
 *
 *	if (file_sink_open(&s, path, 0600, e) ||	last stage first
 *	    codec_unsink_stack(&s, codec, size, e) ||
 *	    seal_unsink_stack(&s, key, e) ||		first stage last
 *	    pump_fd(fd, s, what, e) ||
 *	    sink_finish(s, e))
 *		goto out;
 *
 * A pipeline has exactly two ends.  sink_finish() says the input is complete:
 * every stage flushes, checks that this is a legal place to stop, and the
 * last one makes the result durable and visible under its name.  sink_free()
 * without it gives up: nothing becomes visible, nothing is left behind.
 *
 * A stage that is stacked owns *head and becomes it; on failure *head is
 * untouched, so one sink_free(head) is always right.
 */
struct sink;

struct sink_ops {
	int	(*write)(struct sink *, const void *, size_t, struct err *);
	int	(*finish)(struct sink *, struct err *);
	void	(*free)(struct sink *);
};

struct sink {
	const struct sink_ops	*ops;
	struct sink		*next;	/* owned; NULL for the last stage */
	int			 finished;
};

/* Take all "n" bytes or fail; there are no short writes. */
int	 sink_write(struct sink *, const void *, size_t, struct err *)
	    __attribute__((warn_unused_result));

/* Complete the pipeline.  Once, and last. */
int	 sink_finish(struct sink *, struct err *)
	    __attribute__((warn_unused_result));

/* Release the pipeline, abandoning it if unfinished.  NULL is fine. */
void	 sink_free(struct sink *);

/*
 * Release the stages of a finished pipeline down to, but not including,
 * "rest", which is returned and is to be freed by itself.
 */
struct sink *sink_drop(struct sink *, struct sink *rest);

#endif /* STREAM_SINK_H */
