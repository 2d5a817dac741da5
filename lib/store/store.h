/* SPDX-License-Identifier: ISC */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "store/storetypes.h"

/*
 * Where objects lie: a tree of files that are written once, published whole
 * and never changed, except by store_append.h.  Two back ends keep the
 * promises of this page: a local directory and an SFTP server.  A store knows
 * nothing of what it carries.
 *
 * Paths are relative ("wal/00000001/...", see path_is_inside()) to the base
 * that store_enter() has set; the base is relative to the repository's root.
 *
 * In a local directory no path leads through a symbolic link below the root
 * (beneath.h), whatever is done with it; one that would is ERR_CORRUPT.  An
 * SFTP server resolves paths as it likes.  A link is listed as a file.
 *
 * Failures: ERR_REMOTE is anything on the repository's side or on the way to
 * it (of a local directory, too); ERR_CONFIG is an unusable address, key or
 * host key; ERR_LOCAL is a lack of memory, or a path that leaves the base.
 * Messages name the host.  ERR_REMOTE of a call that opens or reads a file is
 * a failure of that file alone, if err_of_one_file() says so: a mode or a type
 * denies it.  Of a directory in a file's place this is known over SFTP only if
 * the size was asked for before the read.
 *
 * After ERR_REMOTE the connection of an SFTP store may be lost: every later
 * call on that store then fails at once, with the same message.  Every single
 * wait has the deadline io_timeout_ms.
 *
 * One thread at a time uses a store.  Its objects (store_put, store_get) are
 * freed before the store is.
 *
 * With a bandwidth limit store_put_write() sends when its turn comes, and
 * store_get_take() returns when its bytes are due; both keep the connection
 * alive meanwhile.  The limit counts content as it is stored (compressed), in
 * both directions together.  It does not count SSH's overhead of about one
 * per cent, nor listings and objects that store_load() reads.  After
 * bucket_stop() both calls fail with ERR_LOCAL.
 */

/*
 * Connect.  Never prompts.  The root directory need not exist; its parent
 * must exist before something is written.
 */
int	 store_open(struct store **, const struct store_conf *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Wait for all answers that are due (each with its deadline); disconnect. */
void	 store_free(struct store *);			/* NULL is fine */

/* "backup.example:/srv/seawall" or "/srv/seawall", for messages. */
const char *store_name(const struct store *);

/*
 * Of an export that leaves out WAL behind its last segment: to where that WAL
 * leads, in words, valid as long as the store.  NULL for all else.
 */
const char *store_wal_until(const struct store *) __attribute__((nonnull));

/* Take later paths relative to "base" ("" or NULL: the root). */
int	 store_enter(struct store *, const char *base, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 3)));

/*
 * Whether the store may create the base where it is missing.  At first it
 * may.  With may_make = 0 a missing base fails with ERR_REMOTE, and the
 * message asks whether its disk is mounted; so nothing is ever written into
 * the bare mount point.
 */
void	 store_makes_base(struct store *, int may_make);

/*
 * Put one object.
 *
 *	struct store_put *p = NULL;
 *
 *	if (store_put_open(&p, st, path, sizeof(head), e) ||
 *	    store_put_write(p, buf, n, e) || ...
 *	    store_put_publish(p, head, e))
 *		goto out;
 *	...
 * out:
 *	store_put_free(p);
 *
 * The first "head" bytes of the object are left open and are given when the
 * object is complete and they are known; writes follow behind them.  Data
 * goes to a new file of mode 0400 in BASE/tmp.  That directory and those of
 * "path" are made with the first write, not with store_put_open(): the bare
 * mount point of an unmounted disk stays empty until there is data.
 *
 * Calls may return before the server has acknowledged the data.  So any later
 * call may report a failure, and store_put_publish() reports the last.
 *
 * store_put_publish() returns 0 only if all was written and fsynced, the
 * file has the right size, it got its name without replacing anything, and
 * the name is durable (directories are fsynced up to the root).  It fails
 * with ERR_CONFLICT if the name is taken; the caller must find out by what,
 * and may rely on that name being durable.
 *
 * After a failure, and after store_put_free() without publish, nothing is
 * visible, and the temporary file is removed if the server permits it and
 * can be reached.  It is no error if an append-only server refuses the
 * removal.  There is one exception: if the name was given and making it
 * durable failed or was not waited for, the object stays, complete, and the
 * next attempt finds it as ERR_CONFLICT.
 */
int	 store_put_open(struct store_put **, struct store *, const char *path,
	    size_t head, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 store_put_write(struct store_put *, const void *, size_t,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 store_put_publish(struct store_put *, const void *head,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Publish in steps, so that many objects are under way at a time, each of
 * them awaiting another answer:
 *
 *	if (store_put_end(p, head, e))
 *		goto out;
 *	while ((r = store_put_step(p, e)) == 1)
 *		... others, or store_wait(st, e)
 *
 * store_put_end() sends the head, whatever else is left, and the request for
 * an fsync.  It makes nothing visible.
 *
 * store_put_step() proceeds as far as the answers that have come allow.
 * Returns 0 when the object is published (as above), 1 while it awaits
 * answers, or -1.  It takes no answers itself; store_wait() and store_poll()
 * do.  It waits only in rare cases: to find out about a taken name or to
 * describe a refusal.
 *
 * store_put_end() waits if nothing was written before (for the answer to
 * store_put_open()), and if the server is not known to keep the order of
 * requests.  A local store does its work within both calls, and its steps
 * never return 1.
 */
int	 store_put_end(struct store_put *, const void *head, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 store_put_step(struct store_put *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Returns 1 if the name was requested and the server will treat every later
 * request of this store after it; 0 if it was not requested yet, or the
 * server is not known to keep the order of requests.  So names follow each
 * other without a round trip for each: B, requested once this is 1 for A,
 * exists only if the request for A had arrived before.
 */
int	 store_put_named(const struct store_put *) __attribute__((nonnull));
void	 store_put_free(struct store_put *);		/* NULL is fine */

/*
 * Read one object.
 *
 * store_get_open() may return before the answer has come, so several opens
 * cost one round trip.  store_get_ask() announces a range.  Ranges are
 * fetched ahead in the order in which they were announced, many requests in
 * flight, within STORE_AHEAD bytes of memory an object.  store_get_take()
 * copies the next "n" announced bytes.
 *
 * n = STORE_TO_END announces everything up to the end of the file; it must
 * be the last range.  store_get_take() then shows the end by *got < n.  In a
 * range of known length an early end is ERR_CORRUPT ("cut short").
 *
 * store_get_size(), store_get_take() and store_get_exists() return 1 if the
 * object does not exist.  A missing file and a missing directory look the same:
 * a caller that needs proof of absence also looks for an object that must
 * exist.  store_get_exists() waits for nothing but the open, and returns 0 if
 * the object exists.
 *
 * store_get_ready() sends what may be sent, and returns 1 if neither
 * store_get_size() nor store_get_take() of what was announced (within
 * STORE_AHEAD) would wait, else 0.  It takes no answers; store_poll() and
 * store_wait() do.  A failure counts as ready; the other two report it.
 */
int	 store_get_open(struct store_get **, struct store *, const char *path,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 store_get_exists(struct store_get *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 store_get_size(struct store_get *, uint64_t *size, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 store_get_ask(struct store_get *, uint64_t off, uint64_t n,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 store_get_take(struct store_get *, void *, size_t n, size_t *got,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 store_get_ready(struct store_get *) __attribute__((nonnull));
void	 store_get_free(struct store_get *);		/* NULL is fine */

/*
 * store_wait() waits until at least one answer has come, to whichever request
 * of this store; it returns at once if none is awaited, as with a local
 * store.  store_poll() takes the answers that have come, without waiting.
 */
int	 store_wait(struct store *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 store_poll(struct store *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Read many small objects whole, pipelined.  Calls "each" (see store_loaded)
 * once for each path, in the order of "paths".  An object of more than "max"
 * bytes is ERR_CORRUPT.  The first that cannot be read is the end, and the
 * error.
 *
 * store_load_each() lets no such file hide the others, and costs no more round
 * trips however many there are; see struct store_reading.  What "unread" is
 * called for may also be a repository whose disk has failed: the caller must
 * ask err_of_one_file(), and then find out whether something else can be read,
 * since a repository may deny all that it has.
 */
int	 store_load(struct store *, const char *const *paths, size_t npaths,
	    size_t max, store_loaded *each, void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 5, 7)));
int	 store_load_each(struct store *, const char *const *paths,
	    size_t npaths, size_t max, const struct store_reading *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * List directories, pipelined; "" is the base itself.  Calls "each" (see
 * store_listed) for each entry, unsorted, without "." and "..".  Entries of
 * several directories come interleaved.  A name may hold any byte except NUL
 * and '/': check it before use.
 */
int	 store_list(struct store *, const char *const *paths, size_t npaths,
	    store_listed *each, void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 4, 6)));

/*
 * The same, and a directory that cannot be listed does not hide the others;
 * see struct store_listing.  The caller must find out whether something else
 * can be read, as with store_load_each().
 */
int	 store_list_each(struct store *, const char *const *paths,
	    size_t npaths, const struct store_listing *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Rename, never replacing, and make both directories durable.  ERR_CONFLICT
 * if "to" exists, ERR_ABSENT if "from" does not.
 */
int	 store_rename(struct store *, const char *from, const char *to,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Make the name of an existing object durable, as publishing it would have
 * done: the process that published it may have died before.
 */
int	 store_settle(struct store *, const char *path, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The same for several, pipelined. */
int	 store_settle_all(struct store *, const char *const *paths, size_t n,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Remove files, pipelined.  A file that does not exist counts as removed.  If
 * a removal is refused the others are still tried, and the first refusal is
 * the error.  store_rmdir() removes empty directories in the order given; it
 * leaves one that is not empty, without an error.
 */
int	 store_remove(struct store *, const char *const *paths, size_t n,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 store_rmdir(struct store *, const char *const *paths, size_t n,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Make a directory that must not exist yet, and those above it that do not.
 * ERR_CONFLICT if it exists: of two that race, one wins.
 */
int	 store_mkdir(struct store *, const char *path, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Call this every few seconds while a store is kept open without work.  It
 * answers what the server has asked, and after STORE_IDLE_MS of silence asks
 * the server something, so that neither end nor a firewall takes the
 * connection for dead.  Does not wait.
 */
int	 store_keep(struct store *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * What the repository's host can do, and how much is free in the file system of
 * the root.  Where that cannot be asked, or the root does not exist yet,
 * about->space is 0, which is no failure.
 */
int	 store_about(struct store *, struct store_about *about, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* STORE_STORE_H */
