/* SPDX-License-Identifier: ISC */
#ifndef WAL_WALPUSH_H
#define WAL_WALPUSH_H

#include <stdint.h>

#include "codec/codec.h"
#include "repo/archive.h"

/*
 * One WAL file on its way into the archive.
 *
 * In steps, so that several can be on their way over one connection, each
 * waiting for another answer:
 *
 *	walpush_open()	checks the file and asks what is there; no waiting
 *	walpush_send()	reads, compresses, seals and sends all of it
 *	walpush_step()	until it returns 0: durable
 */
struct walpush;

/* What it points to is borrowed until walpush_free(). */
struct walpush_file {
	const char	*name;		/* as PostgreSQL spells it */
	int		 fd;		/* of the file; its position does not
					   matter */
	struct codec_spec codec;
	const char	*state_dir;
	uint64_t	 wal_segment_size;	/* of the cluster; 0: not
						   known, as the file says */
	/* Asked while it is read, and once more when all was read and nothing
	   is visible yet, or before what is there is taken for the same; may
	   be NULL.  -1 with its own error abandons the push. */
	int		(*still)(void *arg, struct err *);
	/* Called by walpush_send() again and again, so that compressing does
	   not hold up others: walpush_ready(), walpush_step(), walpush_open()
	   and walpush_free() of other files of this archive are allowed, and
	   walpush_step() of this one is not.  May be NULL. */
	void		(*meanwhile)(void *arg);
	void		*arg;
};

/*
 * Checked before anything is sent: the size (a segment and a .partial are
 * wal_segment_size bytes; other files at most 1 MiB) and the first page's
 * header against name, system identifier and segment size (ERR_CORRUPT).
 */
int	 walpush_open(struct walpush **, struct archive *,
	    const struct walpush_file *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Whether walpush_send() would not have to wait for answers first: 1 or 0.
 * It may wait all the same in a new repository, and where the file is there
 * already.  Takes the answers that are there and asks what follows from
 * them: to be called again and again for every file that was opened.
 */
int	 walpush_ready(struct walpush *) __attribute__((nonnull));

/*
 * Send everything and ask for it to be made durable.  A file that changed
 * while it was read is ERR_CORRUPT.
 */
int	 walpush_send(struct walpush *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Take the answers that are there and go on as far as they allow, without
 * waiting.  Returns 0 once the content is durable under its name, also if it
 * was already; 1 if answers are awaited (store_wait()); or -1, ERR_CONFLICT
 * if other content is there, untouched.
 */
int	 walpush_step(struct walpush *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* As store_put_named(). */
int	 walpush_named(const struct walpush *) __attribute__((nonnull));

/* Abandons what is not done.  Before its archive. */
void	 walpush_free(struct walpush *);		/* NULL is fine */

/* All of it, for a single file. */
int	 walpush_file(struct archive *, const struct walpush_file *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* WAL_WALPUSH_H */
