/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_EXPIRE_H
#define EXPIRE_EXPIRE_H

#include <stddef.h>
#include <stdint.h>

#include "catalogue/catalogue.h"
#include "catalogue/evidence.h"
#include "catalogue/rollbackcheck.h"
#include "expire/expire_conf.h"
#include "plan/retention.h"
#include "plan/simulate.h"
#include "plan/younglines.h"
#include "repo/archive.h"

/*
 * Expiry: delete what no kept backup and no kept recovery point needs.
 *
 * It may be killed at any moment.  Labels are withdrawn before anything is
 * deleted, so at no time does a backup exist whose packs or WAL are gone.  A
 * run that dies leaves garbage without a label, which the next run sweeps.
 *
 * It takes no lock, and pushes go on meanwhile.  A push that will refer to an
 * old backup first puts a claim into its directory, and then looks whether the
 * label stands.  Expiry first withdraws the label, and then looks for claims.
 * The second of them sees what the first has done.  A claim keeps all that the
 * withdrawn label refers to, until the push has a label of its own or was
 * abandoned.
 *
 * Also swept are uploads, and directories without a label, to which nothing
 * was added for "abandoned_us" by the repository's clock; and what earlier
 * runs withdrew but did not delete.
 *
 *	if (expire_plan(&x, a, catalogue, &conf, e) ||
 *	    expire_run(x, a, &result, e))
 *		goto out;
 * out:
 *	expire_free(x);
 */
struct expire;

/*
 * Decide what goes.  Nothing is deleted yet; to learn the repository's time a
 * directory is made in its tmp/ and removed again, unless conf->dry.
 * ERR_CORRUPT if a label or history file cannot be trusted: what it needs is
 * not known, so nothing may go.  A label that is refused for nothing but that
 * no inventory of its retired signer lists it keeps its directory, its packs
 * and its WAL from start to stop, counts for nothing, and stops nothing.
 * ERR_LOCAL if this host's clock and the repository's differ by more than a
 * day; if they differ by less, the earlier one counts.  "catalogue" and "conf"
 * must outlive the result.
 *
 * If conf->gone names backups, the policy is not asked: these backups go, no
 * others, and with them the packs and WAL that only they need.  ERR_ABSENT if
 * one of them does not exist.  ERR_USAGE, with what to do about it, if one is
 * pinned, if fewer than minimum_redundancy would remain, or, unless
 * conf->force, if one is the newest or the newest that leads onto the latest
 * timeline or onto one that is still fed (plan/fed.h).
 *
 * If conf->timeline names a timeline, the policy is not asked either: it goes
 * with its history file, its WAL and the backups on it, and nothing else does.
 * Fails as dropline_check() does, or ERR_USAGE if fewer than
 * minimum_redundancy backups would remain.
 *
 * Both are ERR_USAGE if something stood in the repository earlier that is gone
 * without expiry, by what this host remembers in conf->state_dir.
 */
int	 expire_plan(struct expire **, struct archive *,
	    const struct catalogue *catalogue, const struct expire_conf *conf,
	    struct err *) __attribute__((warn_unused_result, nonnull));
void	 expire_free(struct expire *);			/* NULL is fine */

/*
 * The same, and if a backup looks incomplete, load the catalogue again: another
 * expiry may have taken it meanwhile.  Then decide anew, a few times at most.
 * Not if the caller has chosen backups from the catalogue.
 */
int	 expire_plan_anew(struct expire **, struct archive *,
	    struct catalogue **catalogue, const struct expire_conf *conf,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* What was decided; the verdicts are in the order of the catalogue's labels. */
const struct retention_plan *expire_retention(const struct expire *);

/*
 * What the policy would keep on each of the next days, and how often backups
 * are assumed to come meanwhile (plan/simulate.h).
 */
int	 expire_plan_simulate(const struct expire *, uint64_t days,
	    simulate_each *each, void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 3, 5)));
int	 expire_plan_rate(const struct expire *, struct simulate_rate *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* What shows that the backups can be restored, headers included. */
const struct evidence *expire_evidence(const struct expire *)
	    __attribute__((nonnull));

/* Which timelines are young, and whether that makes a doubt. */
const struct younglines *expire_young(const struct expire *)
	    __attribute__((nonnull));

/*
 * The timelines that clusters still feed besides the latest one (plan/fed.h),
 * ascending.
 */
const uint32_t *expire_fed(const struct expire *, size_t *n)
	    __attribute__((nonnull));

/* What stood earlier and is gone without expiry: then nothing will go. */
const struct rollbackcheck *expire_seen(const struct expire *)
	    __attribute__((nonnull));

/*
 * The latest timeline once conf->timeline is deleted.  If conf->timeline is 0,
 * none is, and the result is the latest timeline of all.
 */
uint32_t expire_latest(const struct expire *) __attribute__((nonnull));

/*
 * Write those of the "n" ids that this cluster has to "v", which has room for
 * all; returns how many they are.
 */
size_t	 expire_pick(const struct catalogue *, const char *const *ids,
	    size_t n, const char **v) __attribute__((nonnull(1, 4)));

/* What was deleted, or with conf->dry what would be. */
struct expire_sum {
	uint64_t	 files, bytes;
};

struct expire_result {
	uint64_t	 withdrawn;		/* labels */
	struct expire_sum backups;		/* their files, and leftovers */
	struct expire_sum wal;
	struct expire_sum history;		/* of conf->timeline */
	struct expire_sum tmp;			/* interrupted uploads */
};

/*
 * Do what was decided, or nothing at all if expire_seen() has findings: in a
 * repository that was set back the backups that are left may be all there will
 * be, or those that are missing may come back and refer to what is deleted
 * now.  That is for a person to decide.  With conf->dry write nothing, and
 * count what would go.  *result is complete on success only.
 *
 * ERR_CONFLICT if a backup was pinned meanwhile, or if a withdrawn label was
 * moved: labels may have been withdrawn by then, but no pack and no WAL was
 * deleted.  Run it again to decide anew.
 */
int	 expire_run(struct expire *, struct archive *,
	    struct expire_result *result, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* EXPIRE_EXPIRE_H */
