/* SPDX-License-Identifier: ISC */
/*
 * A verification, from the outside in: the marker, the listings, the headers
 * of all objects, then their contents.  Each step relies on those before it.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/str.h"
#include "repo/layout.h"
#include "verify/handin.h"
#include "verify/proved.h"
#include "verify/verify.h"
#include "verify/verifybackup.h"
#include "verify/verifyimpact.h"
#include "verify/verifylisting.h"
#include "verify/verifymarker.h"
#include "verify/verifyopen.h"
#include "verify/verifyreport.h"
#include "verify/verifyresults.h"
#include "verify/verifyseen.h"
#include "verify/verifyset.h"
#include "verify/verifyvanished.h"
#include "verify/verifywork.h"

#define LISTINGS	3		/* if they show something wrong */
#define PROVED_AGE	(INT64_C(14 * 24 * 3600) * 1000000)

static void
tick(void *arg)
{
	struct verifyresults	*v = arg;

	v->report.conf->progress(v->report.conf->arg, v->report.sum->read,
	    v->set.left);
}

/*
 * Open the marks of what was proved: one file for each depth, as bytes that
 * match their hash are not proved by content.  Marks of two weeks ago do not
 * count, as stored bytes may be damaged after they were proved.
 */
static int
open_proved(struct verifyresults *v, struct err *e)
{
	const struct verify_conf	*c = v->report.conf;
	struct err			 ignore = ERR_INIT;
	char				 dir[PATH_MAX], path[PATH_MAX];
	char				 when[CLOCK_TEXT];
	const char			*name = NULL;

	if (c->state_dir != NULL && layout_state(dir, c->state_dir,
	    v->archive->server, v->archive->system_id, &ignore) == 0 &&
	    str_fmt(path, sizeof(path), &ignore, "%s/verify-%s", dir,
	    c->depth == VERIFY_HASHES ? "hashes" : "contents") == 0 &&
	    io_mkdirs(dir, 0700, &ignore) == 0)
		name = path;
	if (proved_open(&v->proved, name, "/tmp", c->now_us, PROVED_AGE, e))
		return (-1);
	if (!proved_named(v->proved))
		verifyreport_note(&v->report, "%s cannot be written, or "
		    "another verification is running: if this one is "
		    "interrupted, the next starts over", c->state_dir ==
		    NULL ? "state_dir" : c->state_dir);
	if (proved_count(v->proved) > 0)
		verifyreport_note(&v->report, "resuming the verification that "
		    "began at %s and was interrupted", clock_format(when,
		    proved_begun_us(v->proved) / 1000000 * 1000000));
	return (0);
}

static int
open_work(struct verifyresults *v, struct err *e)
{
	const struct verifywork_conf	 conf = {
		.store = v->report.conf->store,
		.key = v->archive->key,
		.server = v->archive->server,
		.system_id = v->archive->system_id,
		.jobs = v->report.conf->jobs,
		/*
		 * A mark does not say when the last transaction ended.  Where
		 * that is asked for, all WAL is read again.
		 */
		.proved = v->report.conf->ended_tli != 0 ? NULL : v->proved,
		.keep = v->archive->store,
		.done = verifyresults_item,
		.tick = v->report.conf->progress == NULL ? NULL : tick,
		.arg = v
	};

	if (v->report.conf->depth >= VERIFY_HASHES && open_proved(v, e))
		return (-1);
	return (verifywork_open(&v->work, &conf, e));
}

/*
 * The manifest is read on this thread while the jobs read the chunks that it
 * refers to.  What is wrong with the manifest is reported here.
 */
static int
look_at_backup(struct verifyresults *v, const struct label *l, struct err *e)
{
	struct verifybackup	 b = {
		.archive = v->archive, .set = &v->set, .work = v->work,
		.proved = v->proved, .label = l
	};
	struct err		 why = ERR_INIT;
	struct verifyitem	 manifest = { .kind = HEAD_MANIFEST,
	    .id = l->id };
	char			 path[LAYOUT_PATH], means[VERIFYIMPACT_TEXT];
	int			 rc;

	rc = verifybackup_run(&b, &why, e);
	v->report.sum->read += b.read;
	v->report.sum->already += b.already;
	(void)layout_manifest(path, l->id);
	if (rc != 1)
		return (rc == -1 ? -1 : verifyresults_passed(v, path,
		    b.info.head.signer, b.info.head_hash, e));
	if (why.kind == ERR_ABSENT)
		return (verifyvanished_add(&v->vanished, &manifest, e));
	return (verifyreport_finding(&v->report, path,
	    verifyimpact_manifest(means, l->id), "%s",
	    verifyreport_without(why.msg, path)));
}

/*
 * The oldest backup first, each to its end: chunks that newer ones share with
 * it are proved by then, and are read once.
 */
static int
look_at_backups(struct verifyresults *v, struct err *e)
{
	const struct label	*l;
	size_t			 i;

	for (i = 0; i < catalogue_labels(v->set.cat); i++) {
		if (!verifyset_has_label(&v->set, i))
			continue;
		l = catalogue_label(v->set.cat, i);
		if (!verifyset_dir(&v->set, l->id)->bad_manifest &&
		    (look_at_backup(v, l, e) ||
		    verifywork_drain(v->work, e)))
			return (-1);
	}
	return (0);
}

/*
 * Read what the listings have left.  At the deepest level all pack headers come
 * first: they say where a pack's chunks may lie, and what its chunks are bound
 * to.  Nothing that follows is begun before they all are known.
 */
static int
look(struct verifyresults *v, struct err *e)
{
	enum verifyitem_what	 what = v->report.conf->depth == VERIFY_HASHES ?
	    VERIFYITEM_HASH : VERIFYITEM_HEAD;

	if (open_work(v, e) || handin_packs(&v->set, v->work, what, e))
		return (-1);
	if (v->report.conf->depth < VERIFY_CONTENTS) {
		if (handin_manifests(&v->set, v->work, what, e) ||
		    handin_wal(&v->set, v->work, what, e))
			return (-1);
	} else if (verifywork_drain(v->work, e) || look_at_backups(v, e) ||
	    handin_wal(&v->set, v->work, VERIFYITEM_CONTENT, e))
		return (-1);
	return (verifywork_drain(v->work, e));
}

/*
 * Labels were checked when they were read.  One that came too late for an
 * inventory is counted there, and its backup is not looked at.
 */
static int
look_at_labels(struct verifyresults *v, struct err *e)
{
	const struct label	*l;
	char			 path[LAYOUT_PATH];
	size_t			 i, late = 0;

	for (i = 0; i < catalogue_labels(v->set.cat); i++) {
		l = catalogue_label(v->set.cat, i);
		late += (size_t)verifyset_is_late(&v->set, i);
		if ((verifyset_has_label(&v->set, i) ||
		    verifyset_is_late(&v->set, i)) &&
		    verifyresults_passed(v, layout_label(path, l->id),
		    l->signer, l->file_hash, e))
			return (-1);
	}
	if (late > 0)
		verifyreport_note(&v->report, "%zu backup%s of the retired "
		    "signer came after --until, so what %s is not looked at",
		    late, str_plural(late), late == 1 ? "it says" :
		    "they say");
	return (0);
}

static int
count(void *arg, const struct verify_finding *f, struct err *e)
{
	(void)f;
	(void)e;
	++*(unsigned *)arg;
	return (0);
}

/* The first listings are not reported. */
static void
be_silent(void *arg, const char *text)
{
	(void)arg;
	(void)text;
}

/*
 * Load the set until its listings show nothing wrong, three times at most.
 * Listings are taken one after the other while other programs push and expire,
 * so they may not fit together, and seem to lack something.  What they show
 * the last time is reported by our caller.  Returns 0, 1 if there is no such
 * backup, or -1.
 */
static int
load(struct verifyresults *v, const char *id, struct err *e)
{
	unsigned		 n = 0;
	struct verify_conf	 conf = *v->report.conf;
	struct verify_sum	 sum = { 0 };
	struct verifyreport	 silent = { .conf = &conf, .sum = &sum };
	int			 rc, tries;

	conf.finding = count;
	conf.note = be_silent;
	conf.vouch = NULL;
	conf.arg = &n;
	for (tries = 0; tries < LISTINGS; tries++) {
		n = 0;
		verifyset_fini(&v->set);
		if ((rc = verifyset_load(&v->set, v->archive, id,
		    v->report.conf->vouch, e)) != 0)
			return (rc);
		if (verifylisting_run(&v->set, v->archive, &silent, e))
			return (-1);
		if (n == 0)
			break;
	}
	return (0);
}

/* As verify_run(). */
static int
run(struct verifyresults *v, const char *id, struct err *e)
{
	int	 rc;

	if ((rc = verifymarker_check(v->archive, &v->report, e)) != 0)
		return (rc == 1 ? 0 : -1);
	if ((rc = load(v, id, e)) == 1)
		return (verifylisting_refused(&v->set, &v->report, id));
	if (rc == -1 || verifylisting_run(&v->set, v->archive, &v->report,
	    e) || verifyseen_check(&v->set, v->archive, &v->report, e) ||
	    look_at_labels(v, e))
		return (-1);
	if (v->report.conf->depth == VERIFY_QUICK)
		return (0);
	if (verifyopen_run(&v->set, v->archive, &v->report, e) ||
	    look(v, e) || verifyvanished_report(&v->vanished, v->archive,
	    &v->report, id, e))
		return (-1);
	if (v->unread.kind != ERR_NONE)
		return (err_set(e, v->unread.kind, "%s", v->unread.msg));
	/*
	 * All was looked at, so the next verification starts over.  With
	 * something unread the marks stay, and the next one reads that alone.
	 */
	return (v->proved == NULL ? 0 : proved_remove(v->proved, e));
}

int
verify_run(struct verify_sum *sum, struct archive *a,
    const struct verify_conf *conf, const char *id, struct err *e)
{
	struct verifyresults	 v = { .report = { .conf = conf, .sum = sum },
	    .archive = a };
	int		 rc;

	memset(sum, 0, sizeof(*sum));
	sum->ended_us = INT64_MIN;
	rc = run(&v, id, e);
	/* If the caller's function stopped us, its error is the reason. */
	if (rc == -1)
		err_set(e, v.report.failed.kind, "%s", v.report.failed.msg);
	verifywork_free(v.work);
	proved_free(v.proved);
	verifyset_fini(&v.set);
	verifyvanished_free(&v.vanished);
	return (rc);
}
