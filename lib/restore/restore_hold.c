/* SPDX-License-Identifier: ISC */
/*
 * The marks and locks of a restore, and what a failure leaves of them.
 *
 * The data directory is marked first and its mark goes last: as long as any
 * tablespace's directory is marked, the data directory is, too.
 */
#include <stdlib.h>
#include <unistd.h>

#include "datadir/deltadir.h"
#include "datadir/emptydir.h"
#include "restore/restore_hold.h"

struct place {
	const char	*dir;		/* borrowed */
	int		 lock;
	int		 made;		/* the mark is ours, of this run */
};

struct restore_hold {
	const struct restore_conf *conf;
	int		 lock;		/* of the data directory; -1: none */
	int		 made;		/* the same as a place's */
	int		 taken;		/* pg_control was put aside */
	struct place	*places;	/* the tablespaces' */
	size_t		 n;
};

int
restore_hold_new(struct restore_hold **out, const struct restore_conf *conf,
    struct err *e)
{
	struct restore_hold	*h;

	if ((h = calloc(1, sizeof(*h))) == NULL ||
	    (h->places = calloc(conf->label->ntablespaces + 1,
	    sizeof(*h->places))) == NULL) {
		err_sys(e, ERR_LOCAL, "tablespaces");
		free(h);
		return (-1);
	}
	h->conf = conf;
	h->lock = -1;
	*out = h;
	return (0);
}

static int
begin_place(struct restore_hold *h, const struct label_tablespace *ts,
    struct err *e)
{
	const struct restore_conf	*c = h->conf;
	const struct deltadir_place	 over = restore_conf_over(c, ts);
	const unsigned			 major = restore_conf_major(c);
	struct place			*p = &h->places[h->n];

	p->dir = over.place;
	if (c->delta ? deltadir_place_begin(c->dir, major, &over, &p->lock,
	    &p->made, e) : emptydir_place_begin(p->dir, c->dir, major,
	    &p->lock, e))
		return (err_ctx(e, "tablespace %s (--tablespace %s:DIR "
		    "restores it elsewhere)", ts->name, ts->name));
	h->n++;
	return (0);
}

int
restore_hold_begin(struct restore_hold *h, struct err *e)
{
	const struct restore_conf	*c = h->conf;
	const struct label		*l = c->label;
	size_t				 i;

	if (c->delta ? deltadir_begin(c->dir, c->system_id,
	    restore_conf_major(c), &h->lock, &h->made, e) :
	    emptydir_begin(c->dir, &h->lock, e))
		return (-1);
	for (i = 0; i < l->ntablespaces; i++)
		if (restore_conf_is_linked(&l->tablespaces[i]) &&
		    begin_place(h, &l->tablespaces[i], e))
			return (-1);
	return (0);
}

int
restore_hold_take(struct restore_hold *h, struct err *e)
{
	return (h->conf->delta ?
	    deltadir_take(h->conf->dir, &h->taken, e) : 0);
}

int
restore_hold_resumes(const struct restore_hold *h)
{
	return (h->conf->delta && !h->made);
}

int
restore_hold_forget(struct restore_hold *h, struct err *e)
{
	return (h->conf->delta ? deltadir_forget(h->conf->dir, e) : 0);
}

int
restore_hold_finish(struct restore_hold *h, struct err *e)
{
	size_t	 i;

	for (i = 0; i < h->n; i++)
		if (emptydir_end(h->places[i].dir, e))
			return (-1);
	return (emptydir_end(h->conf->dir, e));
}

/* Mark one directory again; "e" describes the failure that led here. */
static void
mark_again(const char *place, const char *dir, struct err *e)
{
	struct err	 why = ERR_INIT;

	if (emptydir_mark_again(place, dir, &why))
		err_ctx(e, "cannot mark %s as incomplete (%s), so remove it "
		    "by hand", place, why.msg);
}

/*
 * The data directory comes first here: as long as any tablespace's directory
 * is marked, it is, too.
 */
void
restore_hold_mark_again(const struct restore_hold *h, struct err *e)
{
	size_t	 i;

	if (h->lock == -1)
		return;			/* nothing was touched */
	mark_again(h->conf->dir, h->conf->dir, e);
	for (i = 0; i < h->n; i++)
		mark_again(h->places[i].dir, h->conf->dir, e);
}

/* Make the directories what they were; 1 if there was anything to undo. */
static int
give_back(const struct restore_hold *h)
{
	struct err	 unused = ERR_INIT;
	size_t		 i;

	if (h->taken && deltadir_give_back(h->conf->dir, &unused))
		return (0);
	for (i = 0; i < h->n; i++)
		if (h->places[i].made)
			emptydir_undo(h->places[i].dir);
	if (h->made)
		emptydir_undo(h->conf->dir);
	return (h->made || h->taken);
}

void
restore_hold_abandon(struct restore_hold *h, int changed, struct err *e)
{
	const struct restore_conf	*c = h->conf;

	if (h->lock == -1)
		return;			/* nothing was touched */
	if (c->delta && !changed && give_back(h))
		err_ctx(e, "%s is unchanged", c->dir);
	else
		err_ctx(e, "%s is incomplete and has no pg_control; once this "
		    "is mended, run the same command to %s", c->dir,
		    c->delta ? "resume" : "restore anew");
}

void
restore_hold_free(struct restore_hold *h)
{
	if (h == NULL)
		return;
	while (h->n > 0)
		(void)close(h->places[--h->n].lock);	/* nothing to lose */
	if (h->lock != -1)
		(void)close(h->lock);			/* the same */
	free(h->places);
	free(h);
}
