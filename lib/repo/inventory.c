/* SPDX-License-Identifier: ISC */
/*
 * Reading inventories.  The storage host can withhold one, and a thief of the
 * retired key could once add files of such names, any number of them; neither
 * may make an object count, and the thief may not make one stop counting.  So
 * the first lines of all such files are read, many at a time; a file is
 * believed only if a signer in service signed it, and only those are read
 * whole and counted.  Every doubt leaves a file out.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "crypt/retired.h"
#include "crypt/sign.h"
#include "crypt/vouched.h"
#include "repo/inventory.h"
#include "repo/inventoryfile.h"

#define FLIGHT		((size_t)64)	/* files asked for at once */
#define FILES_MAX	64
#define NAME		48		/* vouched/, two ids, and so on */

struct name {
	char		 path[NAME];
	uint64_t	 size;		/* as listed */
};

/* The names that are to be read. */
struct names {
	const struct key	*key;
	struct vouched		*known;
	struct head_place	 at;
	struct name		*v;		/* owned */
	size_t			 n, room;
	struct err		 unread;	/* why the first that could not
						   be read was not */
};

/*
 * An entry of vouched/.  Only files of signers that matter are read, and each
 * of them once; all others are none of ours.
 */
static int
on_name(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct names		*l = arg;
	struct head_place	 at = l->at;
	struct name		*p, one;
	uint8_t			 signer[KEY_ID_LEN];

	(void)i;
	(void)missing;
	if (en == NULL || en->is_dir || en->size == 0 ||
	    !layout_vouched_signer(en->name, signer, sizeof(signer)) ||
	    !retired_id(l->key, signer))
		return (0);
	if (str_fmt(one.path, sizeof(one.path), e, LAYOUT_VOUCHED "/%s",
	    en->name))
		return (-1);
	at.path = one.path;
	if (vouched_has(l->known, &at))
		return (0);
	one.size = en->size;
	if (l->n == l->room) {
		l->room = l->room == 0 ? FLIGHT : 2 * l->room;
		if ((p = reallocarray(l->v, l->room, sizeof(*p))) == NULL)
			return (err_sys(e, ERR_LOCAL, "list inventories"));
		l->v = p;
	}
	l->v[l->n++] = one;
	return (0);
}

/*
 * A file was not read, or does not count.  It is noted, for the message that
 * refuses an object.  Want of memory is a failure; and so is it, in the end,
 * if the repository cannot be read, see is_alone().
 */
static int
leave_out(struct names *l, const char *path, struct err *why, struct err *e)
{
	if (why->kind == ERR_LOCAL)
		return (err_set(e, why->kind, "%s: %s", path, why->msg));
	err_ctx(why, "%s", path);
	if (why->kind == ERR_REMOTE)
		err_set(&l->unread, why->kind, "%s", why->msg);
	vouched_note(l->known, &l->at, why->msg);
	return (0);
}

/* Keep of "n" names those that count, in front of *kept and behind it. */
static int
check_flight(struct names *l, struct inventoryfile *r, const struct name *in,
    size_t n, size_t *kept, struct err *e)
{
	struct head_place	 at = l->at;
	struct err		 why;
	size_t			 i;
	int			 rc;

	for (i = 0; i < n; i++) {
		why = (struct err)ERR_INIT;
		at.path = in[i].path;
		rc = r[i].get == NULL ? 1 : inventoryfile_check(&r[i], &at,
		    l->key, &why);
		if (rc == -1 && leave_out(l, at.path, &why, e))
			return (-1);
		if (rc == 0)
			l->v[(*kept)++] = in[i];
	}
	return (0);
}

/* Leave only the names of files that a signer in service signed. */
static int
check_names(struct names *l, struct store *st, struct err *e)
{
	struct inventoryfile	*r;
	struct err		 why;
	size_t			 i, k, n, kept = 0;
	int			 rc = 0;

	if ((r = calloc(FLIGHT, sizeof(*r))) == NULL)
		return (err_sys(e, ERR_LOCAL, "memory for inventories"));
	for (i = 0; rc == 0 && i < l->n; i += n) {
		n = l->n - i < FLIGHT ? l->n - i : FLIGHT;
		memset(r, 0, FLIGHT * sizeof(*r));
		for (k = 0; rc == 0 && k < n; k++) {
			why = (struct err)ERR_INIT;
			if (inventoryfile_ask(&r[k], st, l->v[i + k].path,
			    l->v[i + k].size, &why) == 0)
				continue;
			inventoryfile_fini(&r[k]);
			rc = leave_out(l, l->v[i + k].path, &why, e);
		}
		if (rc == 0)
			rc = check_flight(l, r, l->v + i, n, &kept, e);
		for (k = 0; k < n; k++)
			inventoryfile_fini(&r[k]);
	}
	l->n = kept;
	free(r);
	return (rc);
}

static int
add_one(struct names *l, struct store *st, const char *path, struct err *e)
{
	struct inventoryfile	*r;
	struct head_place	 at = l->at;
	struct err		 why = ERR_INIT;
	int			 rc;

	at.path = path;
	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (err_sys(e, ERR_LOCAL, "memory for an inventory"));
	if ((rc = inventoryfile_read(r, st, &at, l->key, &why)) == 0) {
		rc = vouched_add(l->known, &at, key_signer(l->key, r->signer),
		    r->entry, (size_t)r->entries, e);
		r->entry = NULL;
	} else
		rc = rc == -1 ? leave_out(l, path, &why, e) : 0;
	inventoryfile_fini(r);
	free(r);
	return (rc);
}

static int
on_marker(void *arg, size_t i, const uint8_t *data, size_t n, struct err *e)
{
	(void)i;
	(void)n;
	(void)e;
	*(int *)arg = data != NULL;
	return (0);
}

/*
 * Whether a file that could not be read is the only trouble: then somebody
 * gave it such a mode, or it is a link, and it must not stop the program.  If
 * the marker cannot be read either it is the repository that fails, and nobody
 * knows what counts.
 */
static int
is_alone(struct store *st)
{
	static const char *const	 marker[] = { LAYOUT_MARKER };
	struct err			 ignore = ERR_INIT;
	int				 there = 0;

	return (store_load(st, marker, 1, SIGN_MAX, on_marker, &there,
	    &ignore) == 0 && there);
}

static int
read_files(struct names *l, struct store *st, struct err *e)
{
	char	 why[ERR_MSGMAX];
	size_t	 i;

	if (l->n > 0 && check_names(l, st, e))
		return (-1);
	if (l->n > FILES_MAX) {
		if (str_fmt(why, sizeof(why), e, LAYOUT_VOUCHED "/ holds %zu "
		    "inventories of retired signers, more than %d; remove "
		    "those that backup-verify did not make", l->n, FILES_MAX))
			return (-1);
		vouched_note(l->known, &l->at, why);
		return (0);
	}
	for (i = 0; i < l->n; i++)
		if (add_one(l, st, l->v[i].path, e))
			return (-1);
	return (0);
}

static int
load(struct names *l, struct store *st, struct err *e)
{
	static const char *const	 dir[] = { LAYOUT_VOUCHED };
	struct err			 why = ERR_INIT;

	vouched_note(l->known, &l->at, "");
	if (store_list(st, dir, 1, on_name, l, &why)) {
		l->n = 0;
		/* A link in its place is as good as no directory. */
		if (why.kind == ERR_CORRUPT)
			why.kind = ERR_REMOTE;
		if (leave_out(l, LAYOUT_VOUCHED, &why, e))
			return (-1);
	} else if (read_files(l, st, e))
		return (-1);
	if (l->unread.kind != ERR_NONE && !is_alone(st))
		return (err_set(e, l->unread.kind, "%s", l->unread.msg));
	return (0);
}

int
inventory_load(struct store *st, const struct key *key, const char *server,
    uint64_t system_id, struct err *e)
{
	struct names	*l;
	int		 rc;

	if (retired_vouched(key) == NULL)
		return (0);
	if ((l = calloc(1, sizeof(*l))) == NULL)
		return (err_sys(e, ERR_LOCAL, "memory for inventories"));
	l->key = key;
	l->known = retired_vouched(key);
	l->at = (struct head_place){ server, system_id, LAYOUT_VOUCHED };
	vouched_lock(l->known);
	rc = load(l, st, e);
	vouched_unlock(l->known);
	free(l->v);
	free(l);
	return (rc);
}
