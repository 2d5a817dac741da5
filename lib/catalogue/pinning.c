/* SPDX-License-Identifier: ISC */
/*
 * Setting and releasing pins.
 *
 * A pin and a withdrawn label have the same name, and neither replaces the
 * other.  Expiry renames label to label.withdrawn; we publish label.withdrawn
 * and then look whether the label still stands.  If our file is there first
 * the rename fails; if the rename came first our publish fails.  So one look
 * at the label, after our file stands, says who won.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/jval.h"
#include "catalogue/pinaside.h"
#include "catalogue/pinning.h"
#include "crypt/sign.h"
#include "repo/layout.h"

#define FIRST_LEN	(sizeof(PIN_FIRST_LINE) - 1)

static int
on_label(void *arg, size_t i, const uint8_t *data, size_t n, struct err *e)
{
	(void)i;
	(void)n;
	(void)e;
	*(int *)arg = data != NULL;
	return (0);
}

/*
 * Read the pin first, the label second.  An expiry that withdraws the label
 * fills the place of the pin by that.  So if the place was seen empty or with
 * a pin, and the label is seen afterwards, it had not been withdrawn.
 */
static int
look(struct pin *p, int *label, struct archive *a, const char *id,
    struct err *e)
{
	char		 buf[LAYOUT_PATH];
	const char	*path = layout_withdrawn(buf, id);

	if (pin_load(p, &path, &id, 1, a, e))
		return (-1);
	path = layout_label(buf, id);
	return (store_load(a->store, &path, 1, SIGN_MAX, on_label, label, e));
}

int
pinning_read(struct pin *p, struct archive *a, const char *id, struct err *e)
{
	char		 buf[LAYOUT_PATH];
	const char	*path = layout_withdrawn(buf, id);

	return (pin_load(p, &path, &id, 1, a, e));
}

/* The text of a pin, with a NUL behind it that *n does not count. */
static int
compose(char **text, size_t *n, int64_t until_us, struct err *e)
{
	struct jval	*j = NULL;
	char		 t[CLOCK_TEXT], *json = NULL;
	size_t		 len;
	int		 rc = -1;

	if (jval_object(&j, e))
		return (-1);
	if ((until_us == PIN_FOREVER ? jval_set_null(j, "until", e) :
	    jval_set_str(j, "until", clock_format(t, until_us), e)) ||
	    jval_set_str(j, "created", clock_format(t, clock_now_us()), e) ||
	    jval_set_str(j, "seawall", SEAWALL_VERSION, e) ||
	    jval_text(j, 0, &json, &len, e))
		goto out;
	*n = FIRST_LEN + len + 1;
	if ((*text = malloc(*n + 1)) == NULL) {
		err_sys(e, ERR_LOCAL, "pin");
		goto out;
	}
	(void)snprintf(*text, *n + 1, PIN_FIRST_LINE "%s\n", json);
	rc = 0;
out:
	free(json);
	jval_free(j);
	return (rc);
}

static int
expired(const char *id, struct err *e)
{
	return (err_set(e, ERR_ABSENT, "backup %s was expired, or is being "
	    "expired now; it is not pinned", id));
}

static int
publish(struct archive *a, const char *path, const char *id,
    int64_t until_us, struct err *e)
{
	struct err	 why = ERR_INIT;
	char		*text = NULL;
	size_t		 n;
	int		 rc = -1;

	if (compose(&text, &n, until_us, e))
		return (-1);
	if (archive_publish(a, path, text, n, &why) == 0)
		rc = 0;
	else if (why.kind == ERR_CONFLICT)
		err_set(e, ERR_CONFLICT, "backup %s: another program pinned or "
		    "expired it at the same time; see backup-list, and run "
		    "again to change it", id);
	else
		err_set(e, why.kind, "%s", why.msg);
	free(text);
	return (rc);
}

/* Whether both say the same, so that it does not matter which one goes. */
static int
same(const struct pin *a, const struct pin *b)
{
	return (a->kind == b->kind && a->until_us == b->until_us);
}

static int
changed(const char *id, struct err *e)
{
	return (err_set(e, ERR_CONFLICT, "backup %s: another program pinned or "
	    "released it at the same time; see backup-list, and run again to "
	    "change it", id));
}

/*
 * Move the pin "seen" out of the way, to "aside".  If what was moved turns out
 * to be another file, it is returned to its place, and the result is
 * ERR_CONFLICT for another pin and ERR_ABSENT for a withdrawn label.  Returns
 * 1 if nothing was there.
 */
static int
put_aside(struct archive *a, const char *id, const struct pin *seen,
    char aside[LAYOUT_PATH], struct err *e)
{
	struct pin	 p;
	int		 rc;

	if ((rc = pinaside_move(a, id, aside, &p, e)) != 0)
		return (rc);
	if (same(&p, seen))
		return (0);
	if (pinaside_return(a, id, aside, e))
		return (-1);
	return (p.kind == PIN_WITHDRAWN ? expired(id, e) : changed(id, e));
}

/*
 * Our pin stands, so from now on nobody can withdraw the label.  Where it was
 * withdrawn and swept before, the pin is a leftover in the directory of a
 * backup that is no more, and has to go.  If we die before that, it does no
 * harm: expiry sweeps what lies in a directory without a label.
 *
 * It is moved aside first: ours may have ended just now, and expiry may have
 * put the withdrawn label in its place, which says what a push may need.
 */
static int
confirm(struct archive *a, const char *id, struct err *e)
{
	struct pin	 p;
	char		 aside[LAYOUT_PATH], dir[LAYOUT_PATH];
	const char	*one = aside;
	int		 label;

	if (look(&p, &label, a, id, e))
		return (err_ctx(e, "backup %s: it may be pinned or not, run "
		    "again", id));
	if (label)
		return (0);
	if (p.kind == PIN_SET)
		switch (put_aside(a, id, &p, aside, e)) {
		case 0:
			if (store_remove(a->store, &one, 1, e))
				return (-1);
			break;
		case -1:
			return (-1);
		}
	one = layout_base(dir, id);
	if (store_rmdir(a->store, &one, 1, e))
		return (-1);
	return (expired(id, e));
}

/*
 * The label stands, and its copy lies in the place of the pin.  Either the
 * storage host died half way through a rename, or somebody who may only add
 * files has made the link, so that the backup cannot be pinned.  We cannot
 * know which; so a person decides whether the backup stays.
 */
static int
half_withdrawn(const char *id, struct err *e)
{
	return (err_set(e, ERR_CONFLICT, "backup %s: its label is under a "
	    "second name, label.withdrawn: an expiry was interrupted, or "
	    "somebody linked it there; run backup-expire to finish an expiry, "
	    "or keep the backup with --release %s or --keep %s --force", id,
	    id, id));
}

/*
 * The second name is moved before the label is looked at, as nobody can
 * withdraw the label while that name is taken.  If the label is gone
 * nevertheless, an expiry has finished its work meanwhile, and what we moved is
 * the only proof of that: it is returned, and if we die before, expiry does
 * that (expire/interruptedpins.h).
 */
int
pinning_mend(struct archive *a, const char *id, struct err *e)
{
	struct pin	 p, now;
	char		 aside[LAYOUT_PATH];
	const char	*one = aside;
	int		 label, r;

	if (look(&p, &label, a, id, e))
		return (-1);
	if (!label)
		return (expired(id, e));
	if (p.kind != PIN_WITHDRAWN)
		return (1);
	if ((r = put_aside(a, id, &p, aside, e)) != 0)
		return (r);
	if (look(&now, &label, a, id, e))
		return (-1);
	if (label)
		return (store_remove(a->store, &one, 1, e));
	return (pinaside_return(a, id, aside, e) ? -1 : expired(id, e));
}

/*
 * Publish the new pin; the old one lies aside meanwhile, and is removed by
 * the caller only when the new one stands.  If we die in between, expiry finds
 * the old one aside and respects it: at no moment is the backup without both.
 */
static int
replace(struct archive *a, const char *path, const char *id,
    const struct pin *old, int64_t until_us, struct err *e)
{
	struct err	 ignore = ERR_INIT;
	char		 aside[LAYOUT_PATH];
	int		 r = 1;

	if (old->kind != PIN_NONE &&
	    (r = put_aside(a, id, old, aside, e)) == -1)
		return (-1);
	if (publish(a, path, id, until_us, e) == 0)
		return (0);
	if (r == 0 && pinaside_return(a, id, aside, &ignore))
		err_ctx(e, "backup %s: its old pin still holds but is not "
		    "listed, run again with --keep", id);
	return (-1);
}

/*
 * Check, as the last step, that our pin is in its place.  Another program that
 * meant to release the old pin may have moved ours aside by mistake, and would
 * have returned it; but we have just removed all that lay aside.  Then the
 * place is empty, and the pin is published once more.
 */
static int
stands(struct archive *a, const char *path, const char *id, int64_t until_us,
    struct err *e)
{
	struct pin	 p;

	if (pinning_read(&p, a, id, e) ||
	    (p.kind == PIN_NONE && (publish(a, path, id, until_us, e) ||
	    confirm(a, id, e) || pinning_read(&p, a, id, e))))
		return (-1);
	return (p.kind == PIN_SET && p.until_us == until_us ? 0 :
	    changed(id, e));
}

/*
 * 1. Look at the pin and the label.  2. Put the old pin aside and publish the
 * new one.  3. Check that the label still stands.  4. Remove the old pin.
 * 5. Check that the new one is in its place.  A pin that says the same already
 * is only made durable, as its publisher may have died before that.
 */
int
pinning_set(struct archive *a, const char *id, int64_t until_us, struct err *e)
{
	struct pin	 p;
	char		 path[LAYOUT_PATH];
	int		 label;

	(void)layout_withdrawn(path, id);
	if (until_us != PIN_FOREVER && until_us >= PIN_LATEST)
		return (err_set(e, ERR_USAGE, "a pin ends before the year "
		    "10000, or never"));
	if (look(&p, &label, a, id, e))
		return (-1);
	if (!label)
		return (expired(id, e));
	if (p.kind == PIN_WITHDRAWN)
		return (half_withdrawn(id, e));
	if (p.kind == PIN_SET && p.until_us == until_us) {
		if (store_settle(a->store, path, e))
			return (-1);
	} else if (replace(a, path, id, &p, until_us, e) ||
	    confirm(a, id, e)) {
		return (-1);
	}
	return (pinaside_clear(a, id, e) == -1 ? -1 :
	    stands(a, path, id, until_us, e));
}

int
pinning_release(struct archive *a, const char *id, struct err *e)
{
	struct pin	 p;
	char		 aside[LAYOUT_PATH];
	int		 label, r, mended = 1;

	if (look(&p, &label, a, id, e))
		return (-1);
	if (!label)
		return (expired(id, e));
	if (p.kind == PIN_WITHDRAWN)
		mended = pinning_mend(a, id, e);
	else if (p.kind != PIN_NONE && put_aside(a, id, &p, aside, e) == -1)
		return (-1);
	if (mended == -1 || (r = pinaside_clear(a, id, e)) == -1 ||
	    pinning_read(&p, a, id, e))
		return (-1);
	if (p.kind != PIN_NONE)
		return (changed(id, e));
	return (mended == 0 ? 0 : r);
}

/*
 * Who pins the backup meanwhile, or has its pin aside, has the last word: a
 * mark keeps nothing, and is written anew by a later expiry where it is needed.
 */
int
pinning_mark(struct archive *a, const char *id, struct err *e)
{
	struct err	 why = ERR_INIT;
	char		 path[LAYOUT_PATH];

	if ((publish(a, layout_withdrawn(path, id), id, PIN_MARK, &why) == 0 &&
	    confirm(a, id, &why) == 0) || why.kind == ERR_CONFLICT ||
	    why.kind == ERR_ABSENT)
		return (0);
	return (err_set(e, why.kind, "%s", why.msg));
}

/*
 * A conflict is no failure here: the pin was renewed, released, or the label
 * was withdrawn meanwhile, and each of these is as good as a pin that went.
 */
int
pinning_lapsed(struct archive *a, const char *id, int64_t now_us,
    struct err *e)
{
	struct pin	 p;
	struct err	 why = ERR_INIT;
	char		 aside[LAYOUT_PATH];
	const char	*one = aside;

	if (pinning_read(&p, a, id, e))
		return (-1);
	if (p.kind != PIN_SET || pin_holds(&p, now_us))
		return (0);
	switch (put_aside(a, id, &p, aside, &why)) {
	case 0:
		return (store_remove(a->store, &one, 1, e));
	case 1:
		return (0);
	}
	return (why.kind == ERR_CONFLICT || why.kind == ERR_ABSENT ? 0 :
	    err_set(e, why.kind, "%s", why.msg));
}
