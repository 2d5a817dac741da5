/* SPDX-License-Identifier: ISC */
/*
 * Which lists of files a push can reuse.  Nothing here may fail a backup
 * because an earlier one is in doubt: a list that is not used costs time and
 * space, a list that is used wrongly costs the data.
 */
#include <stdio.h>
#include <string.h>

#include "reuse/deadjournals.h"
#include "reuse/pastset.h"

/* What pastset_gather() was called with. */
struct gather {
	struct pastset			*set;
	const struct pastbackup_conf	*conf;
	void	(*note)(void *arg, const char *text);
	void				*arg;
};

static void
drop_last(struct pastset *s)
{
	pastlist_free(s->list[--s->n]);
	s->list[s->n] = NULL;
}

/* The part follows its journal and has the same id, so one claim will do. */
static int
is_claimed(const struct pastset *s)
{
	if (s->n < 2)
		return (0);
	return (strcmp(s->list[s->n - 2]->facts->id,
	    s->list[s->n - 1]->facts->id) == 0);
}

/*
 * Take the journal and claim its push's directory.  A journal that cannot be
 * used is removed, and what it lists is stored anew.  The claim is published
 * before the packs are listed; whether it came in time, packtable.c decides
 * by what that listing shows.
 */
static int
add_journal(const struct gather *g, struct journal *j, struct err *e)
{
	struct pastset	*s = g->set;
	struct err	 why = ERR_INIT;

	if (pastlist_journal(&s->list[s->n], j, e))
		return (-1);
	s->n++;
	if (pastlist_look(s->list[s->n - 1], g->conf->chunk_size,
	    g->conf->warm->key, &why)) {
		journal_remove(j);
		drop_last(s);
		return (0);
	}
	if (is_claimed(s))
		return (0);
	return (pastbackup_claim_dead(g->conf, s->list[s->n - 1]->facts->id,
	    e));
}

static int
add_journals(const struct gather *g, struct err *e)
{
	struct journal	*j[PASTSET_JOURNALS];
	size_t		 i, n;
	int		 rc;

	rc = deadjournals_find(j, PASTSET_JOURNALS, &n, g->conf->warm->a,
	    g->conf->state_dir, e);
	for (i = 0; i < n; i++)
		if (rc == 0)
			rc = add_journal(g, j[i], e);
		else
			journal_free(j[i]);
	return (rc);
}

/*
 * Open this host's list, if it is of the backup that is wanted.  Returns 0, or
 * 1 and *why says what there is instead.
 */
static int
open_list(struct pastlist **out, const struct pastbackup_conf *c,
    struct err *why)
{
	struct pastlist	*l = NULL;
	int		 rc;

	if ((rc = pastlist_last(&l, c->warm->a, c->state_dir, why)) != 0) {
		if (rc == 1)
			(void)err_set(why, ERR_CONFIG, "found no list of an "
			    "earlier backup in state_dir %s", c->state_dir);
		return (1);
	}
	if (c->base != NULL && strcmp(c->base, l->facts->id) != 0) {
		(void)err_set(why, ERR_CONFIG, "the list in state_dir is of "
		    "backup %s, not of %s", l->facts->id, c->base);
		pastlist_free(l);
		return (1);
	}
	*out = l;
	return (0);
}

/*
 * Try this host's list.  Returns 0; 1 if it cannot be used, and *why says so;
 * or -1 if the claim on its backup fails.  Whatever is wrong with the local
 * file only costs time and space.
 */
static int
add_list(const struct gather *g, struct err *why, struct err *e)
{
	const struct pastbackup_conf	*c = g->conf;
	struct pastlist			*l = NULL;
	int				 rc;

	if (open_list(&l, c, why))
		return (1);
	if (pastlist_look(l, c->chunk_size, c->warm->key, why))
		rc = 1;
	else
		rc = pastbackup_claim(c, l->last, &g->set->past, why, e);
	if (rc == 0)
		g->set->list[g->set->n++] = l;
	else
		pastlist_free(l);
	return (rc);
}

/* That there is no list yet, as before the first backup, is no news. */
static void
note_full(const struct gather *g)
{
	const struct err	*why = &g->set->why_not;
	char			 text[ERR_MSGMAX + 64];

	if (why->kind == ERR_CONFIG)
		return;
	(void)snprintf(text, sizeof(text), "everything is stored anew: %s",
	    why->msg);
	g->note(g->arg, text);
}

static int
refuse_base(const struct pastbackup_conf *c, const struct err *why,
    struct err *e)
{
	return (err_set(e, why->kind, "--base %s: %s%s", c->base, why->msg,
	    c->restore == NULL ? "; set restore_key to fetch its list from "
	    "the repository" : ""));
}

int
pastset_check_base(const struct pastbackup_conf *c, struct err *e)
{
	struct pastlist	*l = NULL;
	struct err	 why = ERR_INIT;

	if (pastbackup_check(c, e))
		return (err_ctx(e, "--base %s", c->base));
	if (c->restore != NULL)
		return (0);
	if (open_list(&l, c, &why))
		return (refuse_base(c, &why, e));
	pastlist_free(l);
	return (0);
}

/*
 * Take this host's list, else one that is fetched, else none.  A list that is
 * fetched replaces this host's and is then tried like it.  Of two reasons why
 * there is no base, the first is reported, unless it only was that the right
 * list is not on this host.
 */
static int
add_base(const struct gather *g, struct err *e)
{
	const struct pastbackup_conf	*c = g->conf;
	struct err			 why = ERR_INIT, again = ERR_INIT;
	int				 rc;

	if ((rc = add_list(g, &why, e)) != 1)
		return (rc);
	if (c->restore != NULL) {
		if ((rc = pastbackup_fetch(c, &again, e)) == 0)
			rc = add_list(g, &again, e);
		if (rc != 1)
			return (rc);
		if (why.kind == ERR_CONFIG)
			why = again;
	}
	if (c->base != NULL)
		return (refuse_base(c, &why, e));
	g->set->why_not = why;
	note_full(g);
	return (0);
}

int
pastset_gather(struct pastset *s, const struct pastbackup_conf *conf,
    void (*note)(void *arg, const char *text), void *arg, struct err *e)
{
	const struct gather	 g = { s, conf, note, arg };

	return (add_journals(&g, e) || add_base(&g, e) ? -1 : 0);
}

const struct pastlist *
pastset_base(const struct pastset *s)
{
	const struct pastlist	*l = s->n == 0 ? NULL : s->list[s->n - 1];

	return (l == NULL || l->last == NULL ? NULL : l);
}

const struct pastlist *
pastset_resumed(const struct pastset *s)
{
	return (s->n == 0 || s->list[0]->journal == NULL ? NULL :
	    s->list[0]);
}

int
pastset_find(struct pastset *s, const char *path, struct pastlist **out,
    struct err *e)
{
	size_t	 i;
	int	 rc;

	for (i = 0; i < s->n; i++) {
		if ((rc = pastlist_find(s->list[i], path, e)) == -1)
			return (-1);
		if (rc == 0 && s->list[i]->now->en.type == MANIFEST_FILE) {
			*out = s->list[i];
			return (0);
		}
	}
	return (1);
}

int
pastset_next(struct pastset *s, const char *after, struct pastlist **out,
    struct err *e)
{
	struct pastlist	*l, *least = NULL;
	size_t		 i;
	int		 rc;

	for (i = 0; i < s->n; i++) {
		l = s->list[i];
		if ((rc = pastlist_after(l, after, e)) == -1)
			return (-1);
		if (rc == 0 && (least == NULL ||
		    strcmp(l->now->path, least->now->path) < 0))
			least = l;
	}
	*out = least;
	return (least == NULL);
}

int
pastset_end(struct pastset *s, struct err *e)
{
	size_t	 i;

	for (i = 0; i < s->n; i++)
		if (pastlist_end(s->list[i], e))
			return (-1);
	return (0);
}

void
pastset_remove_journals(struct pastset *s)
{
	size_t	 i;

	for (i = 0; i < s->n; i++)
		if (s->list[i]->journal != NULL)
			journal_remove(s->list[i]->journal);
}

void
pastset_free(struct pastset *s)
{
	while (s->n > 0)
		drop_last(s);
}
