/* SPDX-License-Identifier: ISC */
#ifndef WAL_WALPUSH_H
#define WAL_WALPUSH_H

#include <stdint.h>

#include "codec/codec.h"
#include "repo/archive.h"
#include "repo/marker.h"
#include "repo/sealed.h"

/*
 * One WAL file on its way into the archive, in steps, so that several files
 * can be on their way over one connection, each waiting for another answer:
 *
 *	walpush_open()	checks the file and asks what is there, does not wait
 *	walpush_send()	reads, compresses, seals and sends all of it
 *	walpush_step()	to be called until it returns 0: durable
 */
struct walpush;

/* Set by the caller; what it points to is borrowed until walpush_free(). */
struct walpush_file {
	const char	*name;		/* as PostgreSQL spells it */
	int		 fd;		/* open for reading; its position does
					 * not matter and does not change */
	struct codec_spec codec;
	const char	*state_dir;	/* see marker_ensure() */
	uint64_t	 wal_segment_size;	/* of the cluster, in bytes;
						 * 0: as the file says */
	/*
	 * Whether the file is still wanted.  Called while it is read, once
	 * more when all was read and nothing is visible yet, and before an
	 * object that is there is taken for the same.  -1 with an error of its
	 * own abandons the push.  May be NULL.
	 */
	int		(*still)(void *arg, struct err *);
	/*
	 * Called by walpush_send() after every few KiB, so that other files
	 * need not wait while this one is compressed.  It may open, look at
	 * (walpush_ready()), step and free other files of the same archive;
	 * it must not send another one, nor step this one.  May be NULL.
	 */
	void		(*meanwhile)(void *arg);
	/*
	 * Called by walpush_send() if the cluster had nothing in the
	 * repository, and this push has begun it.  May be NULL.
	 */
	void		(*begun)(void *arg);
	/*
	 * For a file that goes into several repositories: get the bytes that
	 * were sealed for another one, from this very file.  Returns 0 with
	 * them, a reference of our own, or 1; then what is sealed here is given
	 * to made(), which shares it, or NULL if that failed.  May be NULL, and
	 * then made() is, too.  Not called for files beyond SEALED_MAX.
	 */
	int		(*sealed)(void *arg, struct sealed **);
	void		(*made)(void *arg, struct sealed *);
	/*
	 * walpush_send() writes MARKER_ID bytes here: the id of the repository,
	 * which is the same under all its names.  May be NULL.
	 */
	uint8_t		*found;
	void		*arg;
};

/*
 * Check the file and ask what the archive has under its name.  The checks are
 * those of walcheck_file(), with its errors; a file that fails them is never
 * sent.
 */
int	 walpush_open(struct walpush **, struct archive *,
	    const struct walpush_file *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Whether walpush_send() could begin without waiting for answers: 1 or 0.
 * This takes answers that came and sends requests that follow from them, so
 * call it again and again for every file that was opened.  After a 1
 * walpush_send() may still wait if the repository is new, or if the file is
 * there already.
 */
int	 walpush_ready(struct walpush *) __attribute__((nonnull));

/*
 * Send everything, and ask for it to be made durable.  ERR_CORRUPT if the file
 * changed while it was read.  If the archive has the file already, its content
 * is compared instead: ERR_CONFLICT if it differs, and what is there stays
 * untouched.  Other failures are those of marker_ensure().
 */
int	 walpush_send(struct walpush *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Take the answers that came and do what follows from them, without waiting.
 * Returns 0 once the content is durable under its name, also if it was before;
 * 1 if answers are awaited (store_wait()); or -1, ERR_CONFLICT if another push
 * has published other content meanwhile.
 */
int	 walpush_step(struct walpush *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* As store_put_named(). */
int	 walpush_named(const struct walpush *) __attribute__((nonnull));

/*
 * Also abandons a push that is not done.  To be called before the archive is
 * freed.  NULL is fine.
 */
void	 walpush_free(struct walpush *);

/* All steps for a single file: 0 once it is durable. */
int	 walpush_file(struct archive *, const struct walpush_file *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* WAL_WALPUSH_H */
