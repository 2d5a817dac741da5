/* SPDX-License-Identifier: ISC */
#ifndef SIM_SIMMODEL_H
#define SIM_SIMMODEL_H

#include <stdint.h>

#include "crypt/key.h"
#include "repo/layout.h"
#include "sim.h"

/*
 * What must hold, whoever does what at which moment.  The model sees each
 * name that appears or goes on the storage host, and what programs were told.
 * After each step:
 *
 *   - What was acknowledged is there.  A backup that base-push reported, and
 *     a WAL file whose archive_command returned 0, stand until expiry may
 *     take them.
 *   - What a label refers to is there: its packs, its manifest, its WAL from
 *     start to stop.
 *   - Nothing needed was deleted.  A backup that is pinned, as its user was
 *     told, is not withdrawn; nor is one if too few would remain; WAL stays
 *     that leads on from a backup which stands; and what a withdrawn backup
 *     refers to stays as long as a push lives that claimed it in time.
 *   - Every label that stands is authentic and complete.
 *
 * One hole is known and left out: where several expiries run, one of them may
 * withdraw a backup in the moment in which its pin lies aside, and the others
 * see the backup withdrawn before the first has put its label back.
 */
struct simmodel_conf {
	const struct key *key;		/* any role */
	uint64_t	 least;		/* backups that no expiry goes below */
	unsigned	 expiries;	/* that may run at once */
};

void	 simmodel_begin(const struct simmodel_conf *);
void	 simmodel_end(void);

/* Look at everything; for sim_conf.step. */
void	 simmodel_check(void);

/* base-push has returned 0 for this backup. */
void	 simmodel_pushed(const char *id);

/* archive_command has returned 0 for this segment. */
void	 simmodel_archived(uint64_t segno);

/*
 * backup-expire has ended.  If it was killed or cut off it may not have put
 * back the label of a backup whose pin was changed at that moment.
 */
void	 simmodel_expired(struct simactor *, int done);

/*
 * A program begins to pin a backup until then, or to release it (INT64_MIN);
 * and its end: whether it reported success.
 */
void	 simmodel_pin(const char *id, int64_t until_us);
void	 simmodel_pin_end(const char *id, int64_t until_us, int done);

/*
 * The id of a backup at random, one of which the label stands, in "id".
 * Returns 0, or 1 if there is none.
 */
int	 simmodel_any(char id[LAYOUT_ID]);

/* The same, one whose pin ends before "us". */
int	 simmodel_ending(char id[LAYOUT_ID], int64_t us);

/* Whether the label of a backup stands; whether its pin is being changed. */
int	 simmodel_stands(const char *id);
int	 simmodel_changing(const char *id);

/* A segment at random that must be there; returns 0, or 1 if there is none. */
int	 simmodel_any_segment(uint64_t *segno);

/* What has happened, for the report. */
struct simmodel_sum {
	uint64_t	 labels, pushed, withdrawn, archived, expired, pins,
			 claims;
};
struct simmodel_sum simmodel_sum(void);

#endif /* SIM_SIMMODEL_H */
