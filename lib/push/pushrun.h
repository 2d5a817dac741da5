/* SPDX-License-Identifier: ISC */
#ifndef PUSH_PUSHRUN_H
#define PUSH_PUSHRUN_H

#include <stdint.h>

#include "push/basepages.h"
#include "push/changedblocks.h"
#include "push/clusterfiles.h"
#include "push/copyrecord.h"
#include "push/hotbackup.h"
#include "push/othernote.h"
#include "push/outerconf.h"
#include "push/pushconf.h"
#include "repo/connection.h"
#include "reuse/reuse.h"

/*
 * One attempt at a base backup, and where its files come from.
 *
 * There are three sources: "files" reads the data directory, "stream" takes
 * what PostgreSQL sends over the replication protocol, and "import" reads a
 * backup that somebody else made.  All hand entries of the
 * manifest to the same copier, which makes the same chunks of them, compares
 * them with what reuse knows of earlier pushes of either source, and reports
 * them to the source, which records them in the spool.  Both fill in the same
 * label.  So a reader of the repository cannot tell which one it was, but by
 * what a stream does not know (base-push(1)).
 *
 * basepush.c does what is the same for all, and calls the source in between:
 *
 *	look, [connect the jobs, look into the repository], start, [take an id],
 *	safe, [find an earlier backup], copy, [packs are durable], settle,
 *	[publish]
 */
struct pushrun;
struct streamsource_state;
struct importsource_state;

struct pushsource {
	/* Connect, set pg.facts, and check what can be known beforehand. */
	int	(*look)(struct pushrun *, struct err *);

	/* Start the backup; set pg.start, and the label as far as known. */
	int	(*start)(struct pushrun *, struct err *);

	/*
	 * Set safe_us: see manifestfacts.h.  NULL: no time of its files says
	 * that they did not change.
	 */
	int	(*safe)(struct pushrun *, struct err *);

	/*
	 * Hand all files to the copier, stop the backup, set pg.stop and the
	 * rest of the label, and drain the copier.  When it returns 0 the
	 * source has proved that the backup is complete, as far as it goes
	 * without the packs.
	 */
	int	(*copy)(struct pushrun *, struct err *);

	/* All packs are durable: complete the spool. */
	int	(*settle)(struct pushrun *, struct err *);

	/* For copier_conf: record an entry; look after the session. */
	int	(*copied)(struct pushrun *, const struct manifest_entry *,
		    const struct pack_ref *refs, size_t nrefs,
		    const uint32_t *crcs, uint64_t newest, struct err *);
	int	(*tick)(struct pushrun *, struct err *);

	/* Release what only the source knows.  The copier has gone. */
	void	(*free)(struct pushrun *);
};

struct pushrun {
	const struct basepush_conf *conf;
	const struct pushsource *source;
	struct connection	 warm;		/* for all but the packs */
	struct hotbackup	 pg;		/* a stream has no session */
	struct clusterfiles	 files;
	struct outerconf	 outer;
	struct copier		*copier;
	int			 copied;	/* all packs are published */
	struct copyrecord	 record;
	struct reuse		*reuse;
	struct changedblocks	*changed;	/* NULL: no WAL summaries */
	struct basepages	*pages;		/* NULL: none are kept */
	struct othernote	*others;
	int64_t			 safe_us;	/* see manifestfacts.h */
	struct label		*label;
	uint64_t		 total;		/* bytes, for the progress */
	struct streamsource_state *stream;
	struct importsource_state *import;
};

/* Call conf->note; the second is for callbacks, whose "arg" is the run. */
void	 pushrun_note(const struct pushrun *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
void	 pushrun_pass_on(void *arg, const char *text);

/*
 * Call conf->progress; the second while PostgreSQL starts the backup, the third
 * while its last WAL is awaited.
 */
void	 pushrun_progress(const struct pushrun *, enum basepush_phase,
	    uint64_t done);
void	 pushrun_starting(void *arg);
void	 pushrun_awaiting(void *arg);

#endif /* PUSH_PUSHRUN_H */
