/* SPDX-License-Identifier: ISC */
/* The jobs of a verification. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "verify/verifyjob.h"

#define FLIGHT_MAX	512	/* items handed in and not yet told of */

int
verifywork_item(struct verifywork_item **out, enum verifywork_what what,
    struct err *e)
{
	struct verifywork_item	*it;

	if ((it = calloc(1, sizeof(*it))) == NULL)
		return (err_sys(e, ERR_LOCAL, "verify"));
	it->what = what;
	it->ended_us = INT64_MIN;
	*out = it;
	return (0);
}

struct proved_mark
verifywork_mark(enum verifywork_what what, const char *path,
    const uint8_t head_hash[HASH_LEN])
{
	uint8_t	 in[LAYOUT_PATH + HASH_LEN];
	size_t	 n = strlen(path);

	memcpy(in, head_hash, HASH_LEN);
	memcpy(in + HASH_LEN, path, n);
	return (proved_mark(what == VERIFYWORK_HASH ? "hash" : "content", in,
	    HASH_LEN + n));
}

int
verifywork_open(struct verifywork **out, const struct verifywork_conf *conf,
    struct err *e)
{
	struct verifywork	*w;
	pthread_condattr_t	 attr;

	if ((w = calloc(1, sizeof(*w))) == NULL)
		return (err_sys(e, ERR_LOCAL, "start jobs"));
	w->conf = *conf;
	w->last_tick = clock_mono_ms();
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&w->work, &attr);
	(void)pthread_cond_init(&w->done, &attr);
	(void)pthread_condattr_destroy(&attr);
	if ((w->threads = calloc(conf->jobs, sizeof(*w->threads))) == NULL) {
		err_sys(e, ERR_LOCAL, "start jobs");
		goto fail;
	}
	for (; w->started < conf->jobs; w->started++)
		if (pthread_create(&w->threads[w->started], NULL,
		    verifyjob_main, w) != 0) {
			err_set(e, ERR_LOCAL, "cannot start job %u",
			    w->started + 1);
			goto fail;
		}
	*out = w;
	return (0);
fail:
	verifywork_free(w);
	return (-1);
}

static void
tick(struct verifywork *w)
{
	struct err	 unused = ERR_INIT;
	int64_t		 now = clock_mono_ms();

	if (now - w->last_tick < 1000)
		return;
	w->last_tick = now;
	/* If it is lost, whoever needs it will be told. */
	if (w->conf.keep != NULL && store_keep(w->conf.keep, &unused))
		w->conf.keep = NULL;
	if (w->conf.tick != NULL)
		w->conf.tick(w->conf.arg);
}

/* Tell of what is finished until no more than "most" are in flight. */
static int
settle(struct verifywork *w, unsigned most, struct err *e)
{
	struct verifywork_item	*it;
	int			 rc = 0, enough = 0;

	while (rc == 0 && !enough) {
		tick(w);
		(void)pthread_mutex_lock(&w->lock);
		it = verifyjob_get(&w->finished);
		if (it != NULL)
			w->flight--;
		else if (w->err.kind != ERR_NONE)
			rc = err_set(e, w->err.kind, "%s", w->err.msg);
		else if ((enough = w->flight <= most) == 0)
			verifyjob_nap(w, &w->done);
		(void)pthread_mutex_unlock(&w->lock);
		if (it != NULL)
			rc = w->conf.done(w->conf.arg, it, e);
		free(it);
	}
	return (rc);
}

int
verifywork_put(struct verifywork *w, struct verifywork_item *it,
    struct err *e)
{
	if (settle(w, FLIGHT_MAX - 1, e)) {
		free(it);
		return (-1);
	}
	(void)pthread_mutex_lock(&w->lock);
	verifyjob_put(&w->q, it);
	w->flight++;
	(void)pthread_cond_signal(&w->work);
	(void)pthread_mutex_unlock(&w->lock);
	return (0);
}

int
verifywork_drain(struct verifywork *w, struct err *e)
{
	return (settle(w, 0, e));
}

void
verifywork_free(struct verifywork *w)
{
	struct verifywork_item	*it;

	if (w == NULL)
		return;
	(void)pthread_mutex_lock(&w->lock);
	w->stop = 1;
	(void)pthread_cond_broadcast(&w->work);
	(void)pthread_mutex_unlock(&w->lock);
	while (w->started > 0)
		(void)pthread_join(w->threads[--w->started], NULL);
	while ((it = verifyjob_get(&w->q)) != NULL)
		free(it);
	while ((it = verifyjob_get(&w->finished)) != NULL)
		free(it);
	(void)pthread_cond_destroy(&w->work);
	(void)pthread_cond_destroy(&w->done);
	(void)pthread_mutex_destroy(&w->lock);
	free(w->threads);
	free(w);
}
