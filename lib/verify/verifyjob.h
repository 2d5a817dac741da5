/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_VERIFYJOB_H
#define VERIFY_VERIFYJOB_H

#include <pthread.h>

#include "verify/verifywork.h"

/* For verifywork.c: the threads, and what they share with the caller's. */
struct verifyjob_queue {
	struct verifywork_item	*head, *tail;
};

struct verifywork {
	struct verifywork_conf	 conf;
	pthread_t		*threads;
	unsigned		 started;
	int64_t			 last_tick;
	pthread_mutex_t		 lock;
	pthread_cond_t		 work, done;

	/* Under the lock. */
	struct verifyjob_queue	 q, finished;
	unsigned		 flight;
	int			 stop;
	struct err		 err;
};

void	 verifyjob_put(struct verifyjob_queue *, struct verifywork_item *);
struct verifywork_item *verifyjob_get(struct verifyjob_queue *);

/* Under the lock: sleep for a second at most. */
void	 verifyjob_nap(struct verifywork *, pthread_cond_t *);

/* A thread's life, until "stop". */
void	*verifyjob_main(void *verifywork);

#endif /* VERIFY_VERIFYJOB_H */
