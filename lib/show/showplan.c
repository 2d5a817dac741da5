/* SPDX-License-Identifier: ISC */
/* A restore, before, while and after it happens. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "pg/lsn.h"
#include "restore/soundbackups.h"
#include "restore/tarfile.h"
#include "show/progress.h"
#include "show/show.h"
#include "show/showconfig.h"
#include "show/showdoubt.h"
#include "show/showplan.h"
#include "tool/tool.h"

static void
print_backup(FILE *out, const struct basefetch_plan *p)
{
	const struct label	*l = p->label;
	char			 t[CLOCK_TEXT], name[SHOW_CLEAN];
	char			 size[PROGRESS_SIZE], stored[PROGRESS_SIZE];

	if (p->systems > 1)
		(void)fprintf(out, "cluster   %" PRIu64 " (of %u that this "
		    "server has had)\n", p->system_id, p->systems);
	if (p->systems > 1 && p->bare_id != 0)
		(void)fprintf(out, "          %" PRIu64 " has no backup\n",
		    p->bare_id);
	(void)fprintf(out, "backup    %s%s%s, ended %s\n", l->id,
	    l->label[0] != '\0' ? ", " : "", show_clean(name, l->label),
	    clock_format(t, l->stop_us));
	(void)fprintf(out, "size      %s in %" PRIu64 " file%s, stored in "
	    "%s\n", progress_size(size, l->size), l->files,
	    str_plural(l->files),
	    progress_size(stored, l->stored_size));
}

static void
print_wal(FILE *out, const struct basefetch_plan *p)
{
	char	 t[CLOCK_TEXT], lsn[LSN_TEXT];

	(void)fprintf(out, "WAL       %" PRIu64 " segment%s from %s on, none "
	    "missing; up to LSN %s, archived %s\n", p->wal_segments,
	    str_plural(p->wal_segments), p->label->start_wal,
	    lsn_format(lsn, p->end), clock_format(t, p->reached_us));
	if (p->streamed.end != 0)
		(void)fprintf(out, "          streamed up to LSN %s, for a "
		    "recovery that ends with promotion\n",
		    lsn_format(lsn, p->streamed.end));
	if (p->problem.kind != ERR_NONE)
		(void)fprintf(out, "          %s; recovery to the end of WAL "
		    "would stop there\n", p->problem.msg);
}

/*
 * Where a transaction ended or a restore point lies, or what is the last commit
 * before a time.
 */
static void
print_found(FILE *out, const struct basefetch_plan *p)
{
	const struct findtarget_place	*at = &p->found.at;
	const struct laterfacts		*l = &p->later;
	char				 t[CLOCK_TEXT], lsn[LSN_TEXT];

	if (at->lsn != 0)
		(void)fprintf(out, "target    at LSN %s, %s\n",
		    lsn_format(lsn, at->lsn), clock_format(t, at->us));
	else if (l->commit_lsn != 0)
		(void)fprintf(out, "target    the last commit before it is at "
		    "%s, LSN %s\n", clock_format(t, l->commit_us),
		    lsn_format(lsn, l->commit_lsn));
}

/* The timeline to follow, and the lines beside it that are left out. */
static void
print_timeline(FILE *out, const struct basefetch_plan *p)
{
	const struct straylines	*s = &p->strays;
	char			 text[STRAYLINES_TEXT];
	size_t			 i;

	(void)fprintf(out, "timeline  %" PRIu32 "\n", p->tli);
	if (s->n == 0)
		return;
	(void)fprintf(out, "          %s\n", straylines_text(text, s->tli,
	    s->newest, s->commit_us));
	for (i = 0; i < s->n; i++)
		(void)fprintf(out, "beside    %s; left out\n",
		    straylines_text(text, s->v[i].at.tli, s->v[i].at.newest,
		    s->v[i].at.commit_us));
}

static void
print_places(FILE *out, const struct label *l, const struct restore_conf *c)
{
	char	 name[SHOW_CLEAN], place[SHOW_CLEAN];
	size_t	 i;

	(void)fprintf(out, "into      %s%s\n", c->form == RESTORE_FILES ? "" :
	    c->form == RESTORE_TAR ? "tar archive " : "tar archives in ",
	    c->dir);
	for (i = 0; i < l->ntablespaces; i++)
		if (c->form == RESTORE_TAR)
			(void)fprintf(out, "          %s: pg_tblspc/%" PRIu32
			    "\n", show_clean(name, l->tablespaces[i].name),
			    l->tablespaces[i].oid);
		else
			(void)fprintf(out, "          %s: %s\n",
			    show_clean(name, l->tablespaces[i].name),
			    show_clean(place, restore_conf_place(c,
			    &l->tablespaces[i])));
}

void
showplan_print(FILE *out, const struct basefetch_plan *p,
    const struct restore_conf *c)
{
	const struct label	*l = p->label;
	size_t			 wanted, all;

	print_backup(out, p);
	print_wal(out, p);
	if (c->only != NULL) {
		wanted = onlydb_wanted(c->only, &all);
		(void)fprintf(out, "databases %zu of %zu; the others get only "
		    "empty files: drop them\n", wanted, all);
	}
	if (p->refused.kind != ERR_NONE)
		(void)fprintf(out, "          the next WAL segment does not "
		    "count: %s\n", p->refused.msg);
	else if (p->gaps > 0)
		(void)fprintf(out, "          there is or was later WAL "
		    "too, but behind a gap\n");
	print_found(out, p);
	print_timeline(out, p);
	print_places(out, l, c);
	showconfig_plan(out, l, c->config_dir);
	if (l->damaged_files > 0)
		(void)fprintf(out, "DAMAGED   %" PRIu64 " page%s in %" PRIu64
		    " file%s failed their checksum when they were backed up\n",
		    l->damaged_pages, str_plural(l->damaged_pages),
		    l->damaged_files, str_plural(l->damaged_files));
}

void
showplan_warn(const char *program, const struct basefetch_plan *p,
    const struct choose_target *t)
{
	const struct catalogue	*c = p->catalogue;
	const char		*lacks;
	size_t			 i;

	/* Somebody, or a disk, has touched them. */
	for (i = 0; i < catalogue_bads(c); i++)
		tool_warn(program, "%s: left out: %s", catalogue_bad_id(c, i),
		    catalogue_bad_why(c, i));
	for (i = 0; i < catalogue_labels(c); i++)
		if ((lacks = soundbackups_lacks(&p->evidence, i)) != NULL)
			tool_warn(program, "%s: left out, as it is "
			    "incomplete: %s", catalogue_label(c, i)->id,
			    lacks);
	showdoubt_warn(program, p, t);
}

int
showplan_settings(FILE *out, const struct recovery *r, struct err *e)
{
	char	*text;

	if (recovery_lines(r, &text, e))
		return (-1);
	(void)fprintf(out, "\npostgresql.auto.conf:\n%s%s.signal\n", text,
	    r->standby ? "standby" : "recovery");
	free(text);
	return (0);
}

void
showplan_deed(FILE *out, const char *program, int dry,
    enum restore_deed deed, const char *path)
{
	char	 name[SHOW_CLEAN];

	(void)show_clean(name, path);
	switch (deed) {
	case RESTORE_REMOVED:
		if (dry)
			(void)fprintf(out, "remove    %s\n", name);
		break;
	case RESTORE_DIFFERS:
		if (dry)
			(void)fprintf(out, "replace   %s\n", name);
		break;
	case RESTORE_LINK:
		/* Somebody put data there by hand: it is theirs to remove. */
		if (dry)
			(void)fprintf(out, "remove    %s, a link; its "
			    "target stays\n", name);
		else
			tool_note(program, "%s was a link; its target is left "
			    "alone", name);
		break;
	}
}

int
showplan_unarchived(const char *program, const char *dir,
    const struct unarchived *w, int force, struct err *e)
{
	const int	 one = w->n == 1;

	if (!force)
		return (err_set(e, ERR_CONFIG, "%s: pg_wal holds WAL that was "
		    "never archived: %s%s; copy %s elsewhere and back into "
		    "pg_wal before you start PostgreSQL, then run again with "
		    "--force", dir, w->first, one ? "" : " and more",
		    one ? "it" : "pg_wal"));
	tool_warn(program, "%s: pg_wal holds %zu WAL file%s that %s never "
	    "archived, %s first; %s is removed", dir, w->n, one ? "" : "s",
	    one ? "was" : "were", w->first, one ? "it" : "all of it");
	return (0);
}

int
showplan_last_wal(struct unarchived *w, const char *program,
    const struct restore_conf *c, const struct catalogue *cat, int force,
    struct err *e)
{
	if (unarchived_find(w, c->dir, c->archive, cat, e))
		return (-1);
	return (w->n == 0 ? 0 : showplan_unarchived(program, c->dir, w,
	    force, e));
}

void
showplan_delta(FILE *out, const struct restore_stats *st, int dry)
{
	char	 a[PROGRESS_SIZE], b[PROGRESS_SIZE];

	(void)fprintf(out, "%s %s, %" PRIu64 " file%s whole\n", dry ?
	    "would keep   " : "\nkept     ", progress_size(a, st->kept),
	    st->kept_files, str_plural(st->kept_files));
	(void)fprintf(out, "%s %s, in %" PRIu64 " file%s\n", dry ?
	    "would restore" : "restored ", progress_size(b, st->bytes),
	    st->files, str_plural(st->files));
	(void)fprintf(out, "%s %" PRIu64 " that did not belong to the "
	    "backup\n", dry ? "would remove " : "removed  ", st->removed);
}

void
showplan_restored(FILE *out, const char *dir, int root)
{
	(void)fprintf(out, "\nrestored; start PostgreSQL on %s and watch its "
	    "log\n", dir);
	if (root)
		(void)fprintf(out, "its files belong to root, but PostgreSQL "
		    "does not run as root: change their owner\n");
}

void
showplan_archived(FILE *out, const struct restore_conf *c)
{
	const int	 many = c->form == RESTORE_TARS;

	if (strcmp(c->dir, TARFILE_STDOUT) == 0)
		(void)fprintf(out, "\nthe archive is complete");
	else
		(void)fprintf(out, "\nwritten; %s %s complete", c->dir,
		    many ? "holds archives that are" : "is");
	(void)fprintf(out, "; unpack %s into an empty directory of mode 0700 "
	    "as the user of PostgreSQL, start PostgreSQL there and watch its "
	    "log\n", many ? "base.tar" : "it");
	if (many && c->label->ntablespaces > 0)
		(void)fprintf(out, "before that, unpack each other archive "
		    "into the directory that tablespace_map has behind its "
		    "number\n");
}
