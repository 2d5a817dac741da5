/* SPDX-License-Identifier: ISC */
#ifndef STREAM_SINK_H
#define STREAM_SINK_H

#include <stddef.h>

#include "base/err.h"

/*
 * A sink takes bytes in order.  Sinks stack: each stage owns the sink that it
 * writes to, so the head stands for the whole pipeline, and one sink_free()
 * releases it.
 *
 *	struct sink *s = NULL;
 *
 *	if (file_sink_open(&s, path, stem, 0600, 0, e) ||  last stage first
 *	    codec_unsink_stack(&s, codec, size, e) ||
 *	    seal_unsink_stack(&s, key, e) ||		   first stage last
 *	    pump_fd(fd, s, what, e) ||
 *	    sink_finish(s, e))
 *		goto out;
 *
 * A pipeline ends in one of two ways.  sink_finish() says that the input is
 * complete: every stage flushes and checks that it may end here, and the last
 * one makes the result durable and visible under its name.  sink_free()
 * without sink_finish() gives up: nothing becomes visible, and nothing is left
 * behind.
 *
 * A stage that is stacked owns *head and becomes it.  On failure *head is
 * unchanged, so one sink_free(head) is always right.
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

/* Complete the pipeline; to be called once, and after all writes. */
int	 sink_finish(struct sink *, struct err *)
	    __attribute__((warn_unused_result));

/* Release the pipeline; give it up if unfinished.  NULL is fine. */
void	 sink_free(struct sink *head);

/*
 * Release the stages of a finished pipeline down to, but not including,
 * "rest".  Returns "rest", which the caller frees by itself.
 */
struct sink *sink_drop(struct sink *head, struct sink *rest);

#endif /* STREAM_SINK_H */
