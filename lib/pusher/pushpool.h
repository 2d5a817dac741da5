/* SPDX-License-Identifier: ISC */
#ifndef PUSHER_PUSHPOOL_H
#define PUSHER_PUSHPOOL_H

#include "agent/serve.h"
#include "base/crew.h"
#include "codec/codec.h"
#include "crypt/key.h"
#include "pusher/pushnewest.h"
#include "pusher/pushqueue.h"
#include "pusher/pushshare.h"
#include "repo/archive.h"
#include "repo/marker.h"

/*
 * What the pusher's threads share: their settings, the queue, and what the
 * pool as a whole knows: whether more is to be looked for, whether files are
 * pushed ahead at the moment, and with which codec.
 */

/*
 * What "auto" stands for: "usual" while archiving keeps up, wal while more
 * than "high" files wait, zstd:1 while more than eight times as many do.
 */
enum pushpool_pace {
	PUSHPOOL_USUAL,
	PUSHPOOL_MANY,
	PUSHPOOL_VERY_MANY
};

enum pushpool_pace pushpool_pace(size_t waiting, uint64_t high);
struct codec_spec pushpool_codec(struct codec_spec usual, enum pushpool_pace);

/* Everything that is pointed to is borrowed. */
struct pushpool_conf {
	struct store_conf	 store;
	const struct key	*key;
	const char		*server;
	uint64_t		 system_id;
	uint64_t		 wal_segment_size;	/* 0: not known */
	const char		*data_directory;	/* absolute */
	const char		*state_dir;
	struct codec_spec	 codec;
	int			 codec_auto;	/* faster while many wait */
	uint64_t		 backlog_high;	/* more than so many are
						   "many" */
	unsigned		 jobs;		/* connections, 1 to 16 */
	/*
	 * Of several repositories: what is sealed for one is for all.  NULL:
	 * there is one.  Then a push may end after PostgreSQL has gone on, so
	 * it looks at its file again, until that was sealed.
	 */
	struct pushshare	*share;
	/*
	 * Called with the answer to each request, in place of serve_answer();
	 * "repository" is the id of the repository, or NULL if it is not known
	 * yet.  It must not call the pusher.  May be NULL.
	 */
	void		(*answer)(void *arg, uint64_t ticket, int rc,
			    const struct err *, const uint8_t *repository);
	void			*answer_arg;
	/*
	 * Called now and then with the newest segments that were made durable
	 * since the last time: by one thread, on a connection without work.
	 * It may ask the archive what it likes.  May be NULL.
	 */
	void		(*pushed)(void *arg, struct archive *,
			    const char (*segment)[WALNAME_TEXT], size_t n);
	void			*pushed_arg;
};

struct pushpool {
	struct pushpool_conf conf;
	struct serve	*serve;		/* borrowed */
	struct crew	*crew;		/* CREW_WORK: anything may have
					   changed */

	/* All below is under the crew's lock, which comes before serve's. */
	struct pushqueue *queue;
	unsigned	 idle;		/* threads that wait for work */
	unsigned	 idle_warm;	/* ... and are connected */
	unsigned	 warm;		/* all that are connected */
	unsigned	 changes;	/* counted: of what turns depend on */
	int		 look;		/* there may be more to push ahead */
	int		 looking;	/* a thread reads the folder */
	int64_t		 look_after;	/* not before, ms */
	int64_t		 far_until;	/* spare connections help, ms */
	enum pushpool_pace pace;	/* how many wait */
	int64_t		 ahead_after;	/* nothing is pushed ahead before */
	int64_t		 delay;		/* the last pause of that, ms */
	unsigned	 failures;	/* since the last success */
	struct pushnewest newest;	/* for conf.pushed() */
	uint8_t		 repository[MARKER_ID];
	int		 found;		/* "repository" is set */
};

/* ERR_LOCAL if memory or locks run out.  No thread is started. */
int	 pushpool_new(struct pushpool **out, const struct pushpool_conf *conf,
	    struct serve *serve, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/* Ask the threads to end, wait for them, and release all.  NULL is fine. */
void	 pushpool_free(struct pushpool *p);

/* The pause after one of "delay" ms: 1 s at first, doubled up to 30 s. */
int64_t	 pushpool_longer(int64_t delay);

/* All that follow are called under the crew's lock. */

/* Whether files that nobody asked for are pushed at the moment. */
int	 pushpool_goes_ahead(const struct pushpool *p)
	    __attribute__((nonnull));

/*
 * List what waits to be archived, if somebody asked for a file since the last
 * time and little is left to do.  Returns 1 if it looked, else 0.  The lock is
 * released while the folder is read.
 */
int	 pushpool_look(struct pushpool *p) __attribute__((nonnull));

/* Answer one request. */
void	 pushpool_tell(const struct pushpool *p, uint64_t ticket, int rc,
	    const struct err *e) __attribute__((nonnull));

/*
 * Answer and free these requests: with success if *e is ERR_NONE, else with
 * *e.  Once the threads are to end they are freed without an answer.
 */
void	 pushpool_answer(struct pushpool *p, struct pushqueue_ask *asks,
	    const struct err *e) __attribute__((nonnull(1, 3)));

/*
 * The repository or the way to it failed: push nothing ahead for a while,
 * longer each time.  From the second failure on, and if "note" is not 0, *e is
 * noted for the log.  Failures during the pause do not count.
 */
void	 pushpool_failed(struct pushpool *p, const struct err *e, int note)
	    __attribute__((nonnull));

/* A push succeeded: forget the failures before it, and end the pause. */
void	 pushpool_works(struct pushpool *p) __attribute__((nonnull));

#endif /* PUSHER_PUSHPOOL_H */
