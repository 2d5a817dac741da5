/* SPDX-License-Identifier: ISC */
#ifndef SIM_SIMPROGRAMS_H
#define SIM_SIMPROGRAMS_H

#include "crypt/key.h"
#include "sim.h"

/*
 * The programs that actors run, again and again, until the simulation ends.
 * Each is the library's own code, called as the program in cmd/ calls it; what
 * it reports goes to the model, and a failure that no fault explains fails
 * the simulation.
 */
struct simprogram {
	struct simactor	 actor;
	const struct simprograms_conf *conf;
	void		(*run)(struct simprogram *);
	const char	*state;		/* the state folder of its host */
	int64_t		 pause_us;	/* between runs, at most */
	size_t		 at;		/* an archiver: the next file */
	uint64_t	 expired;	/* until a verifier began */
	uint64_t	 done;		/* runs that succeeded */
};

struct simprograms_conf {
	const struct key *push, *restore, *public;
	uint64_t	 redundancy;
	int64_t		 abandoned_us;
	int64_t		 pin_us;	/* a pin lasts so long, at most */
	int		 pins;		/* backups are pinned and released */
	int		 rivals;	/* several may change one pin */
	int		 damage;	/* a thief is at work: objects may be
					   found damaged */
};

/* base-push, archive_command, backup-expire, backup-expire --keep and
   --release, backup-verify, wal-fetch, and what base-fetch reads. */
void	 simprograms_push(struct simprogram *);
void	 simprograms_archive(struct simprogram *);
void	 simprograms_expire(struct simprogram *);
void	 simprograms_pin(struct simprogram *);
void	 simprograms_verify(struct simprogram *);
void	 simprograms_fetch(struct simprogram *);
void	 simprograms_restore(struct simprogram *);

/* The task of an actor: "arg" is its struct simprogram. */
void	 simprograms_main(void *arg);

#endif /* SIM_SIMPROGRAMS_H */
