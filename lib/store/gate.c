/* SPDX-License-Identifier: ISC */
/*
 * One gate for all connections of the process.
 *
 * A process has one repository, so a single fingerprint is remembered.
 * Another one is not, which costs only what finding its type out costs.
 */
#include <pthread.h>
#include <string.h>

#include "store/gate.h"

static struct {
	pthread_mutex_t	 lock;
	pthread_cond_t	 left;
	unsigned	 inside;
	int		 learning;	/* one of them finds the type out */
	enum gate_type	 type;		/* of "pinned"; GATE_ANY: unknown */
	char		 pinned[64];
} gate = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.left = PTHREAD_COND_INITIALIZER,
	.type = GATE_ANY
};

static int
is_known(const char *pinned)
{
	return (gate.type != GATE_ANY && strcmp(gate.pinned, pinned) == 0);
}

enum gate_type
gate_enter(const char *pinned)
{
	enum gate_type	 type = GATE_ANY;

	(void)pthread_mutex_lock(&gate.lock);
	while (gate.inside >= GATE_MAX ||
	    (pinned != NULL && !is_known(pinned) && gate.learning))
		(void)pthread_cond_wait(&gate.left, &gate.lock);
	gate.inside++;
	if (pinned != NULL && is_known(pinned))
		type = gate.type;
	else if (pinned != NULL)
		gate.learning = 1;
	(void)pthread_mutex_unlock(&gate.lock);
	return (type);
}

void
gate_leave(const char *pinned, enum gate_type type)
{
	(void)pthread_mutex_lock(&gate.lock);
	gate.inside--;
	if (pinned != NULL && !is_known(pinned)) {
		gate.learning = 0;
		if (type != GATE_ANY && strlen(pinned) < sizeof(gate.pinned)) {
			gate.type = type;
			memcpy(gate.pinned, pinned, strlen(pinned) + 1);
		}
	}
	(void)pthread_cond_broadcast(&gate.left);
	(void)pthread_mutex_unlock(&gate.lock);
}
