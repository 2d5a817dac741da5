/* SPDX-License-Identifier: ISC */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "store/storetypes.h"

/*
 * Where objects lie: a tree of files that are written once, published
 * whole and never changed.  Two back ends have this interface and these
 * promises: a local directory and an SFTP server.  The store knows nothing
 * of what it carries.
 *
 * Paths are relative ("wal/00000001/...", see path_is_inside()) to the base
 * that store_enter() set, in turn relative to the repository's root.
 *
 * Failures are ERR_REMOTE for anything on the repository's side or on the
 * way there (also where the repository is a local directory), ERR_CONFIG for
 * an unusable address, key or host key, ERR_LOCAL for memory.  The message
 * names the host.  After ERR_REMOTE an SFTP store may be broken: every later
 * call on it fails too, quickly.  Every wait has the deadline io_timeout.
 *
 * A store is used by one thread at a time.  Its objects (store_put,
 * store_get) are freed before it.
 */
/*
 * With a limit store_put_write() sends when its turn has come, and
 * store_get_take() returns when what it gives was due; the connection is
 * looked after meanwhile.  All content counts, put and got alike, as it is
 * stored (compressed), without SSH's overhead of about one per cent; small
 * objects read by store_load() and listings do not.  After bucket_stop()
 * both are ERR_LOCAL.
 */

/*
 * Connect.  No prompt is ever shown.  The root directory need not exist, its
 * parent must once something is written.
 */
int	 store_open(struct store **, const struct store_conf *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Wait for what is under way to end (with its deadline) and disconnect. */
void	 store_free(struct store *);			/* NULL is fine */

/* "backup.example:/srv/seawall" or "/srv/seawall", for messages. */
const char *store_name(const struct store *);

/* Take later paths relative to "base" ("" or NULL: the root). */
int	 store_enter(struct store *, const char *base, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 3)));

/*
 * Whether putting something makes that base, where it is missing.  It does at
 * first.  If not, the disk that held it may have been unmounted: ERR_REMOTE,
 * which asks for that, and a bare mount point stays as it is.
 */
void	 store_makes_base(struct store *, int);

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
 * The object's first "head" bytes are left open and given at publish, when
 * they are known; writes follow behind them.  Data goes to a new file of
 * mode 0400 in BASE/tmp (made if needed, as are the directories of "path",
 * but not before the first write: where store_put_open() alone was called,
 * an unmounted disk's mount point stays empty).
 * Calls may return before the data is acknowledged: a failure may be
 * reported by any later call, at the latest by store_put_publish().
 *
 * store_put_publish() returns 0 only when all was written, the file fsynced,
 * its size found right, its name given without replacing anything, and the
 * name durable (directories up to the root fsynced).  ERR_CONFLICT if the
 * name is taken; the message does not say by what, the caller finds out, and
 * may then rely on that name being durable.
 * After any failure, and when freed without publish, nothing is visible and
 * the temporary file is removed where the server lets us and can be reached.
 * A refused removal (append-only server) is no error.  One exception: where
 * the name was given and then making it durable failed or was not waited
 * for, it stays, complete; the next attempt meets it as ERR_CONFLICT.
 *
 * In steps, so that many objects are on their way at a time, each waiting
 * for another answer:
 *
 *	if (store_put_end(p, head, e))
 *		goto out;
 *	while ((r = store_put_step(p, e)) == 1)
 *		... others, or store_wait(st, e)
 *
 * store_put_end() gives the head and sends all that is left to send, and the
 * request for it to be durable; nothing becomes visible by it.
 * store_put_step() goes on as far as the answers that came allow: 0 when
 * published, as above; 1 if answers are awaited; -1.  It takes no answers
 * itself, and waits for none but in rare cases: a name that is taken, a
 * refusal to be described.  A server that is not known to keep the order of
 * requests makes store_put_end() wait; so does the answer to
 * store_put_open() where nothing was written before.  A local store does its
 * work in both calls and never says 1.
 */
struct store_put;

int	 store_put_open(struct store_put **, struct store *, const char *path,
	    size_t head, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 store_put_write(struct store_put *, const void *, size_t,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 store_put_publish(struct store_put *, const void *head,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 store_put_end(struct store_put *, const void *head, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 store_put_step(struct store_put *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
/*
 * Whether the name was asked for, and whatever is asked over this store from
 * now on comes later: 1; or 0 if not yet, or if the server is not known to
 * keep the order of requests.  So names follow each other without a round
 * trip for each: the later one is there only where the request for the
 * earlier one had arrived.
 */
int	 store_put_named(const struct store_put *) __attribute__((nonnull));
void	 store_put_free(struct store_put *);		/* NULL is fine */

/*
 * Read one object.  store_get_open() may return before the answer is there,
 * so several opens cost one round trip.  store_get_ask() announces a range;
 * ranges are fetched ahead, in the order asked, many requests in flight,
 * within STORE_AHEAD bytes of memory an object.  store_get_take() hands out
 * the next bytes of what was asked.
 *
 * STORE_TO_END as length asks for all up to the end of the file, which
 * store_get_take() shows by *got < n; it must be the last range asked.  In a
 * range of known length the end of the file is ERR_CORRUPT ("cut short").
 *
 * store_get_size() and store_get_take() return 1 if there is no such object
 * (a missing file and a missing directory alike: who needs proof of absence
 * looks for an object that must exist as well).
 *
 * store_get_ready() sends what may be sent now and says, 1 or 0, whether
 * neither store_get_size() nor store_get_take() of what was asked so far
 * (within STORE_AHEAD) would wait.  It takes no answers: store_poll(),
 * store_wait().  A failure counts as ready; those two report it.
 */
struct store_get;

int	 store_get_open(struct store_get **, struct store *, const char *path,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 store_get_size(struct store_get *, uint64_t *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 store_get_ask(struct store_get *, uint64_t off, uint64_t n,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 store_get_take(struct store_get *, void *, size_t n, size_t *got,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 store_get_ready(struct store_get *) __attribute__((nonnull));
void	 store_get_free(struct store_get *);		/* NULL is fine */

/*
 * Wait until at least one answer came, to whichever request of this store;
 * returns at once if none is awaited (always with a local store).
 * store_poll() takes the answers that are there, without waiting.
 */
int	 store_wait(struct store *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 store_poll(struct store *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Read many small objects whole, pipelined.  "each" is called in the order
 * of "paths" with the index, and data NULL if there is no such object; what
 * it gets is valid during the call; it returns 0, or -1 to stop with its own
 * error.  An object larger than "max" is ERR_CORRUPT.
 */
int	 store_load(struct store *, const char *const *paths, size_t npaths,
	    size_t max, store_loaded *each, void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 5, 7)));

/*
 * List directories, pipelined.  "each" is called with the index of the path
 * and an entry ("." and ".." left out; unsorted), and once with entry NULL
 * at the end of each directory; missing is 1 there if the directory does not
 * exist.  Names may hold any byte: check before use.  "" lists the base
 * itself.  The directories of several paths come interleaved.  "each" must
 * not call the store; -1 from it stops, with its own error.
 */
int	 store_list(struct store *, const char *const *paths, size_t npaths,
	    store_listed *each, void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 4, 6)));

/*
 * Give another name, never replacing (ERR_CONFLICT); both names durable.
 * ERR_ABSENT if there is no "from".
 */
int	 store_rename(struct store *, const char *from, const char *to,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Make the name of something that is there durable, as publishing would
 * have: who published it may have died before.
 */
int	 store_settle(struct store *, const char *path, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Remove files, pipelined; one that is not there counts as removed.  When a
 * removal is refused the others are still tried and the first refusal is the
 * error.  store_rmdir() removes empty directories in the order given; one
 * that is not empty is left without error.
 */
int	 store_remove(struct store *, const char *const *paths, size_t n,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 store_rmdir(struct store *, const char *const *paths, size_t n,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Make a directory (and those above it) that must not exist yet:
 * ERR_CONFLICT if it does.  Two that race: one wins.
 */
int	 store_mkdir(struct store *, const char *path, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * To be called every few seconds where a store is kept open without work:
 * answers what the server asks meanwhile and, after STORE_IDLE_MS of
 * silence, asks it something itself, so that neither end nor a firewall
 * takes the connection for dead.  Does not wait.
 */
int	 store_keep(struct store *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* STORE_STORE_H */
