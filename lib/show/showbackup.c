/* SPDX-License-Identifier: ISC */
/* One backup, as lines of text and as JSON. */
#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "pg/lsn.h"
#include "show/backupfacts.h"
#include "show/progress.h"
#include "show/showbackup.h"
#include "show/showconfig.h"

static const struct label *
label_of(const struct showbackup *s)
{
	return (catalogue_label(s->cat, s->index));
}

static const struct window_backup *
reach_of(const struct showbackup *s)
{
	return (&s->window->backup[s->index]);
}

static void
print_ends(FILE *out, const struct showbackup *s, const struct backupfacts *f)
{
	const struct label	*l = label_of(s);
	char			 t[CLOCK_TEXT], lsn[LSN_TEXT];
	char			 size[PROGRESS_SIZE];

	(void)fprintf(out, "started      %s, LSN %s, WAL %s offset %" PRIu64
	    "\n", show_moment(t, l->start_us), lsn_format(lsn, l->start_lsn),
	    l->start_wal, f->start_offset);
	(void)fprintf(out, "ended        %s, LSN %s, WAL %s offset %" PRIu64
	    "\n", show_moment(t, l->stop_us), lsn_format(lsn, l->stop_lsn),
	    l->stop_wal, f->stop_offset);
	(void)fprintf(out, "its own WAL  %" PRIu64 " segment%s, %s written "
	    "meanwhile\n", f->segments, str_plural(f->segments),
	    progress_size(size, f->wal_bytes));
	/* What --target-xid goes by. */
	if (l->oldest_xid != 0 && l->next_xid != 0)
		(void)fprintf(out, "transactions all below %" PRIu64 " had "
		    "ended, none from %" PRIu64 " on\n", l->oldest_xid,
		    l->next_xid);
	else if (l->next_xid != 0)
		(void)fprintf(out, "transactions none from %" PRIu64 " on "
		    "had ended\n", l->next_xid);
	(void)fprintf(out, "timeline     %" PRIu32, l->timeline);
	if (s->window->latest != l->timeline)
		(void)fprintf(out, ", which %s to the latest, %" PRIu32,
		    reach_of(s)->latest ? "leads" : "does not lead",
		    s->window->latest);
	(void)fprintf(out, "\n");
}

/* The packs of the run at "i" and of those behind it of the same backup. */
static uint64_t
count_packs(const struct label *l, size_t i, size_t *next)
{
	uint64_t	 n = 0;
	size_t		 k;

	for (k = i; k < l->npacks &&
	    strcmp(l->packs[k].backup, l->packs[i].backup) == 0; k++)
		n += (uint64_t)l->packs[k].last - l->packs[k].first + 1;
	*next = k;
	return (n);
}

/*
 * How many packs the backup has stored, and how many it shares with others.  A
 * label lists packs as runs, which are few: twice through them is cheap.
 */
static void
print_packs(FILE *out, const struct showbackup *s)
{
	const struct label	*l = label_of(s);
	uint64_t		 n, own = 0;
	size_t			 i, next;

	for (i = 0; i < l->npacks; i = next) {
		n = count_packs(l, i, &next);
		if (strcmp(l->packs[i].backup, l->id) == 0)
			own += n;
	}
	(void)fprintf(out, "packs        %" PRIu64 " of its own", own);
	for (i = 0; i < l->npacks; i = next) {
		n = count_packs(l, i, &next);
		if (strcmp(l->packs[i].backup, l->id) != 0)
			(void)fprintf(out, ", %" PRIu64 " of %s", n,
			    l->packs[i].backup);
	}
	(void)fprintf(out, "\n");
}

int
showbackup_refers(const struct label *l, const char *id)
{
	size_t	 i;

	for (i = 0; i < l->nfrom; i++)
		if (strcmp(l->from[i], id) == 0)
			return (1);
	return (0);
}

/* Which other backups have chunks in this one's packs. */
static void
print_needed_by(FILE *out, const struct showbackup *s)
{
	const struct label	*l;
	const char		*between = "needed by    ";
	size_t			 i;

	for (i = 0; i < catalogue_labels(s->cat); i++) {
		l = catalogue_label(s->cat, i);
		if (i == s->index || !showbackup_refers(l, label_of(s)->id))
			continue;
		(void)fprintf(out, "%s%s", between, l->id);
		between = ", ";
	}
	if (between[0] == ',')
		(void)fprintf(out, "\n");
}

/* What a server must have at least to serve while it replays its WAL. */
static void
print_hot(FILE *out, const struct hotsettings *h)
{
	size_t	 i;

	if (!h->known)
		return;
	(void)fprintf(out, "hot standby  ");
	for (i = 0; i < HOTSETTINGS; i++)
		(void)fprintf(out, "%s%s %" PRIu32, i == 0 ? "" :
		    i == 3 ? ",\n             " : ", ",
		    hotsettings_name(i), h->value[i]);
	(void)fprintf(out, "\n");
}

static void
print_holds(FILE *out, const struct showbackup *s)
{
	const struct label	*l = label_of(s);
	char			 a[PROGRESS_SIZE], b[PROGRESS_SIZE];
	char			 name[SHOW_CLEAN], path[SHOW_CLEAN];
	size_t			 i;

	(void)fprintf(out, "size         %s in %" PRIu64 " file%s, chunks of "
	    "%s\n", progress_size(a, l->size), l->files,
	    str_plural(l->files),
	    progress_size(b, l->chunk_size));
	(void)fprintf(out, "stored       %s by this backup, the manifest's %s "
	    "included\n", progress_size(a, l->stored_size),
	    progress_size(b, l->manifest_size));
	print_packs(out, s);
	print_needed_by(out, s);
	for (i = 0; i < l->ntablespaces; i++)
		(void)fprintf(out, "tablespace   %s (%" PRIu32 "): %s\n",
		    show_clean(name, l->tablespaces[i].name),
		    l->tablespaces[i].oid,
		    show_clean(path, l->tablespaces[i].path));
	showconfig_print(out, l);
}

/* How long it took, and what the cluster has written since. */
static void
print_rates(FILE *out, const struct showbackup *s, const struct backupfacts *f)
{
	const uint64_t	 raw = f->until.segments *
	    label_of(s)->wal_segment_size;
	char		 a[PROGRESS_SIZE], b[PROGRESS_SIZE], span[SHOW_SPAN];

	if (f->us > 0)
		(void)fprintf(out, "took         %s, %s/s copied, %s/s "
		    "stored\n", show_span(span, (int64_t)f->us),
		    progress_size(a, f->read_rate),
		    progress_size(b, f->stored_rate));
	if (!f->known)
		return;
	(void)fprintf(out, "WAL %s  %" PRIu64 " segment%s, %s stored",
	    f->next != NULL ? "to next" : "to end ", f->until.segments,
	    str_plural(f->until.segments), progress_size(a,
	    f->until.bytes));
	if (raw > 0)
		(void)fprintf(out, " (%.1f %%)", 100.0 *
		    (double)f->until.bytes / (double)raw);
	if (f->hourly > 0)
		(void)fprintf(out, ", %s/hour", progress_size(a, f->hourly));
	(void)fprintf(out, "\n");
}

static void
print_status(FILE *out, const struct showbackup *s,
    const struct backupfacts *f)
{
	static const char *const words[] = {
		[BACKUPFACTS_OK] = "ok",
		[BACKUPFACTS_DAMAGED] = "damaged pages",
		[BACKUPFACTS_WAL] = "its own WAL is missing",
		[BACKUPFACTS_INCOMPLETE] = "incomplete"
	};
	char	 keep[SHOWKEEP_TEXT];

	(void)fprintf(out, "status       %s\n", words[f->status]);
	if (showkeep_get(s->keep, s->index).known)
		(void)fprintf(out, "kept         %s\n", showkeep_text(keep,
		    s->keep, s->index, 0));
	else if (s->keep->why.kind != ERR_NONE)
		(void)fprintf(out, "kept         not known: %s\n",
		    s->keep->why.msg);
	if (f->previous != NULL)
		(void)fprintf(out, "previous     %s\n", f->previous->id);
	if (f->next != NULL)
		(void)fprintf(out, "next         %s\n", f->next->id);
}

static void
print_reach(FILE *out, const struct showbackup *s)
{
	const struct coverage	*wal = &reach_of(s)->wal;
	struct catalogue_since	 since = catalogue_since(s->cat, s->index);
	char			 size[PROGRESS_SIZE], t[CLOCK_TEXT];

	(void)fprintf(out, "WAL since    %" PRIu64 " segment%s, %s\n",
	    since.segments, str_plural(since.segments),
	    progress_size(size, since.bytes));
	if (reach_of(s)->incomplete != NULL) {
		(void)fprintf(out, "recovery     none: it is incomplete: %s\n",
		    reach_of(s)->incomplete);
	} else if (!reach_of(s)->whole) {
		(void)fprintf(out, "recovery     none: WAL from its start to "
		    "its end is missing\n");
	} else {
		(void)fprintf(out, "recovery     from %s ", show_moment(t,
		    label_of(s)->stop_us));
		show_reach(out, &s->reach);
		(void)fprintf(out, "\n");
		show_reach_problem(out, &s->reach);
	}
	show_gaps(out, wal->gap, wal->ngap, catalogue_segsize(s->cat));
}

static void
print_damage(FILE *out, const struct label *l)
{
	char	 path[SHOW_CLEAN];
	size_t	 i;

	if (l->damaged_files == 0)
		return;
	(void)fprintf(out, "DAMAGED      %" PRIu64 " page%s in %" PRIu64
	    " file%s failed their checksum when they were backed up\n",
	    l->damaged_pages, str_plural(l->damaged_pages),
	    l->damaged_files, str_plural(l->damaged_files));
	for (i = 0; i < l->ndamaged; i++)
		(void)fprintf(out, "             %s\n", show_clean(path,
		    l->damaged[i]));
}

static void
print_pin(FILE *out, const struct showbackup *s)
{
	char	 text[SHOW_PIN];

	if (show_pin(text, catalogue_pin(s->cat, s->index))[0] != '\0')
		(void)fprintf(out, "expiry       %s\n", text);
}

void
showbackup_print(FILE *out, const struct showbackup *s)
{
	const struct label		*l = label_of(s);
	const struct backupfacts	 f = backupfacts_make(s->cat,
	    s->index, s->window, s->reach.timed ? s->reach.archived_us : 0);
	char				 text[SHOW_CLEAN];
	char				 signer[SHOW_SIGNER];

	(void)fprintf(out, "backup       %s%s%s\n", l->id,
	    l->label[0] != '\0' ? ", " : "", show_clean(text, l->label));
	(void)fprintf(out, "server       %s, system identifier %" PRIu64 "\n",
	    s->archive->server, s->archive->system_id);
	print_status(out, s, &f);
	if (l->data_directory != NULL)
		(void)fprintf(out, "PGDATA       %s\n", show_clean(text,
		    l->data_directory));
	(void)fprintf(out, "PostgreSQL   %" PRIu64 ".%" PRIu64 ", %s, page "
	    "checksums %s\n", l->postgresql / 10000, l->postgresql % 10000,
	    l->from_standby ? "a standby" : "a primary",
	    l->data_checksums ? "on" : "off");
	(void)fprintf(out, "pushed by    seawall %s\n", show_clean(text,
	    l->seawall));
	(void)fprintf(out, "signed by    %s\n", show_signer(signer,
	    s->archive, l));
	print_ends(out, s, &f);
	print_hot(out, &l->hot);
	print_holds(out, s);
	print_rates(out, s, &f);
	print_reach(out, s);
	print_pin(out, s);
	print_damage(out, l);
}
