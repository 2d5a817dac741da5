/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_VERIFYWORK_H
#define VERIFY_VERIFYWORK_H

#include <stddef.h>
#include <stdint.h>

#include "backup/pack.h"
#include "crypt/head.h"
#include "crypt/key.h"
#include "pg/walname.h"
#include "repo/layout.h"
#include "repo/object.h"
#include "store/store.h"
#include "verify/proved.h"

/*
 * The jobs of a verification: each is a thread with its own connection that
 * looks at one thing after the other and says what it found.  A finding does
 * not stop the others.
 *
 *	verifywork_open(&w, &conf, e)
 *	for each thing: verifywork_put(w, item, e)	takes it, also on -1
 *	verifywork_drain(w, e)
 *	verifywork_free(w)
 *
 * conf.done() is told of each item once it was looked at, in any order, on
 * the caller's thread and within one of the calls above; it returns 0, or -1
 * to stop with its own error.
 */
enum verifywork_what {
	VERIFYWORK_HEAD,	/* signature, place, size of the file */
	VERIFYWORK_HASH,	/* and all stored bytes, by the signed hash */
	VERIFYWORK_CONTENT,	/* a WAL file: decrypted, and what it says */
	VERIFYWORK_CHUNKS	/* chunks of one pack: decrypted and hashed */
};

#define VERIFYWORK_CHUNKS_MAX	16
#define VERIFYWORK_GONE		"was listed, and is not there"

struct verifywork_item {
	enum verifywork_what	 what;
	char			 path[LAYOUT_PATH];
	uint64_t		 size;		/* of the file, listed; > 0 */
	enum head_kind		 kind;
	struct walname		 wal;		/* HEAD_WAL: which, and */
	uint32_t		 segsize;
	uint32_t		 tag;		/* the caller's */
	char			 file[128];	/* whose chunks, cleaned */
	const char		*id;		/* whose pack; borrowed */
	unsigned		 n;
	struct {
		struct pack_ref		 ref;	/* of no zero chunk */
		uint32_t		 len;
		struct proved_mark	 mark;
	}			 chunk[VERIFYWORK_CHUNKS_MAX];

	/*
	 * What was found.  "why" is ERR_NONE where all is well, ERR_REMOTE
	 * where it could not be read, ERR_ABSENT where it was listed and is
	 * not there; of several chunks, the first bad one's.
	 */
	struct err		 why;
	uint16_t		 bad;		/* a bit for each bad chunk */
	int			 earlier;	/* it was proved before */
	uint64_t		 bytes;		/* that were read */
	struct object_info	 info;		/* of one without fault */
	int64_t			 ended_us;	/* CONTENT of a segment: when
						   the last transaction in it
						   ended; INT64_MIN: none */

	/* For the jobs. */
	struct verifywork_item	*next;
	struct store_get	*get;
	unsigned		 at, tries;
	struct err		 stuck;		/* could not be asked for */
};

struct verifywork_conf {
	const struct store_conf	*store;
	const struct key	*key;
	const char		*server;
	uint64_t		 system_id;
	unsigned		 jobs;
	/* Where CONTENT and HASH are looked up first; may be NULL. */
	struct proved		*proved;
	/* The caller's own connection, kept alive meanwhile. */
	struct store		*keep;
	int	(*done)(void *arg, const struct verifywork_item *,
		    struct err *);
	/* Called at least once a second; may be NULL. */
	void	(*tick)(void *arg);
	void	*arg;
};

struct verifywork;

int	 verifywork_open(struct verifywork **, const struct verifywork_conf *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* An item with nothing in it but what it is, owned by the caller. */
int	 verifywork_item(struct verifywork_item **, enum verifywork_what,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 verifywork_put(struct verifywork *, struct verifywork_item *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 verifywork_drain(struct verifywork *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 verifywork_free(struct verifywork *);		/* NULL is fine */

/* The mark of an object that was proved to that depth. */
struct proved_mark verifywork_mark(enum verifywork_what, const char *path,
	    const uint8_t head_hash[HASH_LEN]);

#endif /* VERIFY_VERIFYWORK_H */
