/* SPDX-License-Identifier: ISC */
/*
 * The inventories that a process has read.  They are few and never change
 * once they are added, so a list that only grows at its front can be walked by
 * one thread while another one adds to it.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "crypt/vouched.h"

/* One inventory; or a note about a cluster, which has no entries. */
struct list {
	struct list	*next;
	char		 server[HEAD_SERVER_MAX + 1];
	uint64_t	 system_id;
	char		 path[HEAD_PATH_MAX + 1];
	uint8_t		 signer[KEY_LEN];
	uint8_t		(*entry)[HASH_LEN];	/* owned */
	size_t		 n;
};

struct note {
	struct note	*next;
	char		 server[HEAD_SERVER_MAX + 1];
	uint64_t	 system_id;
	char		 why[ERR_MSGMAX];
};

struct vouched {
	pthread_mutex_t	 loading;	/* see vouched_lock() */
	pthread_mutex_t	 noting;	/* guards "note" */
	_Atomic(struct list *) first;
	struct note	*note;
};

int
vouched_new(struct vouched **out, struct err *e)
{
	struct vouched	*v;

	if ((v = calloc(1, sizeof(*v))) == NULL)
		return (err_sys(e, ERR_LOCAL, "memory for inventories"));
	(void)pthread_mutex_init(&v->loading, NULL);	/* cannot fail */
	(void)pthread_mutex_init(&v->noting, NULL);
	*out = v;
	return (0);
}

void
vouched_free(struct vouched *v)
{
	struct list	*l, *next;
	struct note	*note;

	if (v == NULL)
		return;
	for (l = atomic_load(&v->first); l != NULL; l = next) {
		next = l->next;
		free(l->entry);
		free(l);
	}
	while ((note = v->note) != NULL) {
		v->note = note->next;
		free(note);
	}
	(void)pthread_mutex_destroy(&v->loading);
	(void)pthread_mutex_destroy(&v->noting);
	free(v);
}

void
vouched_lock(struct vouched *v)
{
	(void)pthread_mutex_lock(&v->loading);
}

void
vouched_unlock(struct vouched *v)
{
	(void)pthread_mutex_unlock(&v->loading);
}

void
vouched_entry(uint8_t entry[HASH_LEN], const char *path,
    const uint8_t hash[HASH_LEN])
{
	static const char	 context[] = "seawall vouched 1\n";
	uint8_t			 raw[sizeof(context) + HEAD_PATH_MAX + 1 +
				    HASH_LEN];
	size_t			 n = sizeof(context) - 1;
	size_t			 len = strnlen(path, HEAD_PATH_MAX);

	memcpy(raw, context, n);
	memcpy(raw + n, path, len);
	n += len;
	raw[n++] = '\n';
	memcpy(raw + n, hash, HASH_LEN);
	hash_of(entry, raw, n + HASH_LEN);
}

static int
same_cluster(const char *server, uint64_t system_id,
    const struct head_place *at)
{
	return (system_id == at->system_id && strcmp(server, at->server) == 0);
}

int
vouched_add(struct vouched *v, const struct head_place *at,
    const uint8_t signer[KEY_LEN], uint8_t (*entry)[HASH_LEN], size_t n,
    struct err *e)
{
	struct list	*l;

	if ((l = calloc(1, sizeof(*l))) == NULL) {
		free(entry);
		return (err_sys(e, ERR_LOCAL, "memory for an inventory"));
	}
	l->entry = entry;
	l->n = n;
	l->system_id = at->system_id;
	memcpy(l->signer, signer, KEY_LEN);
	if (str_fmt(l->server, sizeof(l->server), e, "%s", at->server) ||
	    str_fmt(l->path, sizeof(l->path), e, "%s", at->path)) {
		free(entry);
		free(l);
		return (-1);
	}
	l->next = atomic_load(&v->first);
	while (!atomic_compare_exchange_weak(&v->first, &l->next, l))
		;
	return (0);
}

int
vouched_has(const struct vouched *v, const struct head_place *at)
{
	const struct list	*l;

	for (l = atomic_load(&v->first); l != NULL; l = l->next)
		if (same_cluster(l->server, l->system_id, at) &&
		    strcmp(l->path, at->path) == 0)
			return (1);
	return (0);
}

static struct note *
find_note(struct vouched *v, const struct head_place *at)
{
	struct note	*n;

	for (n = v->note; n != NULL; n = n->next)
		if (same_cluster(n->server, n->system_id, at))
			break;
	return (n);
}

void
vouched_note(struct vouched *v, const struct head_place *at, const char *why)
{
	struct err	 ignore = ERR_INIT;
	struct note	*n;

	(void)pthread_mutex_lock(&v->noting);
	n = find_note(v, at);
	if (n == NULL && (n = calloc(1, sizeof(*n))) != NULL) {
		n->system_id = at->system_id;
		if (str_fmt(n->server, sizeof(n->server), &ignore, "%s",
		    at->server))
			n->server[0] = '\0';	/* then nobody finds it */
		n->next = v->note;
		v->note = n;
	}
	/* Without memory a message says less; it is one of refusal anyway. */
	if (n != NULL)
		(void)str_clean(n->why, sizeof(n->why), why, strlen(why));
	(void)pthread_mutex_unlock(&v->noting);
}

static int
compare(const void *a, const void *b)
{
	return (memcmp(a, b, HASH_LEN));
}

int
vouched_find(struct vouched *v, const struct head_place *at,
    const uint8_t signer[KEY_LEN], const uint8_t entry[HASH_LEN],
    size_t *files, char why[ERR_MSGMAX])
{
	const struct list	*l;
	const struct note	*n;
	int			 found = 0;

	*files = 0;
	for (l = atomic_load(&v->first); l != NULL && !found; l = l->next) {
		if (!same_cluster(l->server, l->system_id, at) ||
		    memcmp(l->signer, signer, KEY_LEN) != 0)
			continue;
		(*files)++;
		found = l->n > 0 && bsearch(entry, l->entry, l->n,
		    sizeof(*l->entry), compare) != NULL;
	}
	(void)pthread_mutex_lock(&v->noting);
	n = find_note(v, at);
	memcpy(why, n == NULL ? "" : n->why, n == NULL ? 1 : ERR_MSGMAX);
	(void)pthread_mutex_unlock(&v->noting);
	return (found);
}
