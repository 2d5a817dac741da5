/* SPDX-License-Identifier: ISC */
/* What becomes of the answers that the jobs of a verification give. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "crypt/retired.h"
#include "verify/verifyimpact.h"
#include "verify/verifyobject.h"
#include "verify/verifyresults.h"
#include "verify/verifyvouch.h"

/* What is lost if the item's object is bad; returns "buf". */
static const char *
mean(char buf[VERIFYIMPACT_TEXT], struct verifyresults *v,
    const struct verifyitem *it)
{
	switch (it->kind) {
	case HEAD_WAL:
		return (verifyimpact_wal(buf, &v->set, &it->wal));
	case HEAD_PACK:
		return (verifyimpact_pack(buf, &v->set, it->id, it->pack));
	case HEAD_MANIFEST:
	case HEAD_OPEN:		/* not verified yet */
		break;
	}
	return (verifyimpact_manifest(buf, it->id));
}

static int
is_finding(const struct err *why)
{
	return (why->kind != ERR_NONE && why->kind != ERR_REMOTE);
}

/*
 * An object that cannot be read is no finding: nobody knows whether it is
 * sound.  It is noted, the others are verified, and the first such failure
 * becomes the status at the end.
 */
static void
could_not(struct verifyresults *v, const struct verifyitem *it)
{
	verifyreport_note(&v->report, "%s could not be read: %s", it->path,
	    verifyreport_without(it->why.msg, it->path));
	if (v->unread.kind != ERR_NONE)
		return;
	v->unread = it->why;
	if (!str_begins(it->why.msg, it->path))
		err_ctx(&v->unread, "%s", it->path);
}

/*
 * Whether recovery along the line of conf->ended_tli reads this segment before
 * conf->ended_before.
 */
static int
on_line(const struct verifyresults *v, const struct walname *w)
{
	const uint32_t		 tli = v->report.conf->ended_tli;
	const uint32_t		 segsize = catalogue_segsize(v->set.cat);
	struct lineage_set	 lines;
	int			 read;

	if (tli == 0 ||
	    walname_lsn(w, segsize) >= v->report.conf->ended_before)
		return (0);
	lines = catalogue_lines(v->set.cat, &read);
	return (lineage_file(&lines, tli, walname_segno(w, segsize),
	    segsize) == w->tli);
}

/*
 * A manifest whose header is authentic may still be another one than its
 * label was made for: the label has the hash of that header.
 */
static int
done_manifest(struct verifyresults *v, const struct verifyitem *it)
{
	const struct label	*l = catalogue_find(v->set.cat, it->id);
	char			 means[VERIFYIMPACT_TEXT];

	if (l == NULL || memcmp(l->manifest_hash, it->info.head_hash,
	    HASH_LEN) == 0)
		return (0);
	return (verifyreport_finding(&v->report, it->path, mean(means, v, it),
	    "is not the manifest that the label names"));
}

/* Chunks of a pack are looked for only where its header was found right. */
static void
done_pack(struct verifyresults *v, const struct verifyitem *it)
{
	struct verifyset_pack	*p = verifyset_pack(&v->set, it->id, it->pack);

	if (p == NULL)
		return;
	p->bad = it->why.kind != ERR_NONE;
	p->known = !p->bad;
	p->begin = it->info.head.len;
	p->end = it->info.stored;
	memcpy(p->head_hash, it->info.head_hash, HASH_LEN);
}

int
verifyresults_passed(struct verifyresults *v, const char *path,
    const uint8_t signer[KEY_ID_LEN], const uint8_t hash[HASH_LEN],
    struct err *e)
{
	struct verify_sum	*s = v->report.sum;
	struct verify_signer	*one;
	size_t			 i = 0;

	while (i < s->nsigners && memcmp(s->signer[i].id, signer,
	    KEY_ID_LEN) != 0)
		i++;
	if (i == s->nsigners && i < KEY_MAX) {
		one = &s->signer[s->nsigners++];
		memcpy(one->id, signer, KEY_ID_LEN);
		one->retired = retired_id(v->archive->key, signer);
	}
	if (i < KEY_MAX)
		s->signer[i].objects++;
	return (v->report.conf->vouch == NULL ? 0 : verifyvouch_passed(
	    v->report.conf->vouch, path, signer, hash, e));
}

static int
done_object(struct verifyresults *v, const struct verifyitem *it,
    struct err *e)
{
	struct proved_mark	 m;
	char			 means[VERIFYIMPACT_TEXT];

	if (it->kind == HEAD_PACK)
		done_pack(v, it);
	if (it->why.kind == ERR_ABSENT)
		return (verifyvanished_add(&v->vanished, it, e));
	if (it->why.kind != ERR_NONE)
		return (verifyreport_finding(&v->report, it->path,
		    mean(means, v, it), "%s",
		    verifyreport_without(it->why.msg, it->path)));
	if (it->kind == HEAD_MANIFEST && done_manifest(v, it))
		return (-1);
	if (verifyresults_passed(v, it->path, it->info.head.signer,
	    it->info.head_hash, e))
		return (-1);
	if (it->what == VERIFYITEM_HEAD)
		return (0);
	if (it->earlier) {
		v->report.sum->already += it->size;
		return (0);
	}
	if (it->ended_us > v->report.sum->ended_us && on_line(v, &it->wal))
		v->report.sum->ended_us = it->ended_us;
	m = verifyitem_mark(it->what, it->path, it->info.head_hash);
	return (proved_add(v->proved, &m, e));
}

/*
 * Compare all bytes of a pack with what was signed, once, over our own
 * connection: p->sound if they match.  Returns 0, or -1 if that cannot be
 * found out, with the reason in "why"; ERR_ABSENT if the pack is gone.
 */
static int
compare_pack(struct verifyresults *v, const char *path,
    struct verifyset_pack *p, struct err *why)
{
	struct verifyitem	*it = NULL;
	int			 rc = -1;

	if (p->hashed)
		return (0);
	if (verifyitem_new(&it, VERIFYITEM_HASH, why))
		return (-1);
	(void)snprintf(it->path, sizeof(it->path), "%s", path);
	it->kind = HEAD_PACK;
	it->size = p->size;
	if (store_get_open(&it->get, v->archive->store, path, why) == 0 &&
	    verifyobject_ask(it, VERIFYITEM_HASH, why) == 0 &&
	    (rc = verifyobject_hash(it, v->archive, why)) == 1)
		err_set(why, ERR_ABSENT, VERIFYITEM_GONE);
	p->sound = rc == 0;
	p->hashed = rc == 0 || why->kind == ERR_CORRUPT;
	v->report.sum->read += it->bytes;
	store_get_free(it->get);
	free(it);
	return (p->hashed ? 0 : -1);
}

/*
 * A chunk that is not what a manifest says.  Any holder of a .push key can
 * write a manifest that refers wrongly to sound packs of others: that is no
 * damage of these packs, which must not be blamed and left out of an
 * inventory.  So the pack is at fault only if its own bytes are not those that
 * its signer signed, and the manifest otherwise.
 *
 * Either is reported once, with the first bad chunk that is found, and no more
 * of its chunks are looked at: a manifest of a few kilobytes can name millions
 * of wrong ones, of which each costs as much as all that is read ahead.
 */
static int
blame(struct verifyresults *v, const struct verifyitem *it,
    struct verifyset_pack *p)
{
	const char		*found = verifyreport_without(it->why.msg,
	    it->path);
	struct verifyset_dir	*d = verifyset_dir(&v->set, it->of);
	char			 means[VERIFYIMPACT_TEXT], path[LAYOUT_PATH];

	if (p->sound ? d->wrong_chunk : p->bad)
		return (0);
	if (!p->sound) {
		p->bad = 1;
		return (verifyreport_finding(&v->report, it->path,
		    verifyimpact_pack(means, &v->set, it->id, it->pack),
		    "%s (a chunk of %s)", found, it->file));
	}
	d->wrong_chunk = 1;
	verifywork_skip(v->work, it->of);
	(void)layout_manifest(path, it->of);
	return (verifyreport_finding(&v->report, path,
	    verifyimpact_manifest(means, it->of), "%s: %s (a chunk of %s), "
	    "and all bytes of that pack are as signed", it->path, found,
	    it->file));
}

/* The pack is missing now, which is noted once. */
static int
vanished(struct verifyresults *v, const struct verifyitem *it,
    struct verifyset_pack *p, struct err *e)
{
	if (p->bad)
		return (0);
	p->bad = 1;
	return (verifyvanished_add(&v->vanished, it, e));
}

static int
bad_chunks(struct verifyresults *v, const struct verifyitem *it,
    struct err *e)
{
	struct verifyset_pack	*p = verifyset_pack(&v->set, it->id,
	    it->pack);
	struct verifyitem	 unread = *it;

	unread.why = (struct err)ERR_INIT;
	if (it->why.kind == ERR_ABSENT)
		unread.why = it->why;
	else if (compare_pack(v, it->path, p, &unread.why) == 0)
		return (blame(v, it, p));
	switch (unread.why.kind) {
	case ERR_ABSENT:
		return (vanished(v, it, p, e));
	case ERR_REMOTE:
		could_not(v, &unread);
		return (0);
	default:
		return (err_set(e, unread.why.kind, "%s", unread.why.msg));
	}
}

/* The same item, as if its chunks lay where their differences do. */
static struct verifyitem
of_diff(const struct verifyitem *it, const struct verifyset_pack *p)
{
	struct verifyitem	 diff = *it;

	diff.id = it->diff_id;
	diff.pack = it->diff_pack;
	(void)layout_pack(diff.path, diff.id, diff.pack);
	diff.size = p->size;
	return (diff);
}

/*
 * Of chunks with differences either pack may be at fault, and that of the
 * differences is looked at first.  What failed with both of them sound is said
 * of the base's.
 */
static int
bad_parts(struct verifyresults *v, const struct verifyitem *it,
    struct err *e)
{
	struct verifyset_pack	*p;
	struct verifyitem	 diff;
	struct err		 why = ERR_INIT;

	if (it->diff_pack != 0 && it->why.kind != ERR_ABSENT) {
		p = verifyset_pack(&v->set, it->diff_id, it->diff_pack);
		diff = of_diff(it, p);
		if (compare_pack(v, diff.path, p, &why) || !p->sound)
			return (bad_chunks(v, &diff, e));
	}
	return (bad_chunks(v, it, e));
}

static int
done_chunks(struct verifyresults *v, const struct verifyitem *it,
    struct err *e)
{
	unsigned	 i;

	if (it->bad != 0 && bad_parts(v, it, e))
		return (-1);
	for (i = 0; i < it->at; i++)
		if ((it->bad >> i & 1) == 0 &&
		    proved_add(v->proved, &it->chunk[i].mark, e))
			return (-1);
	return (0);
}

int
verifyresults_item(void *arg, const struct verifyitem *it, struct err *e)
{
	struct verifyresults	*v = arg;
	int		 rc = 0;

	v->report.sum->read += it->bytes;
	if (it->why.kind == ERR_REMOTE)
		could_not(v, it);
	if (it->what == VERIFYITEM_CHUNKS)
		rc = done_chunks(v, it, e);
	else if (it->why.kind == ERR_NONE || is_finding(&it->why))
		rc = done_object(v, it, e);
	else if (it->kind == HEAD_PACK)
		done_pack(v, it);	/* do not ask for its chunks */
	if (rc == -1)
		err_set(e, v->report.failed.kind, "%s", v->report.failed.msg);
	return (rc);
}
