/* SPDX-License-Identifier: ISC */
#ifndef CATALOGUE_EVIDENCE_H
#define CATALOGUE_EVIDENCE_H

#include <stddef.h>
#include <stdint.h>

#include "catalogue/catalogue.h"
#include "catalogue/soundwal.h"
#include "repo/archive.h"

/*
 * What shows that the backups of a catalogue can be restored: that all is
 * there which their labels need, and since when.  A label alone is a promise:
 * what it names may have been lost, and whoever holds a .push key can publish
 * labels of backups that never were.
 *
 * Needed are the manifest, each pack that the label refers to, and the WAL from
 * start to stop.
 *
 *	struct evidence	 v = { .n = 0 };
 *
 *	if (evidence_load(&v, cat, archive, EVIDENCE_LISTED, e))
 *		goto out;
 *	if (v.v[i].lacks[0] != '\0')
 *		... backup i of the catalogue lacks that ...
 * out:
 *	evidence_fini(&v);
 */
#define EVIDENCE_TEXT	160

struct evidence_backup {
	/* The first thing that is missing or wrong: "... is missing"; "". */
	char		 lacks[EVIDENCE_TEXT];
	int		 wal;		/* that is WAL */
	/*
	 * Since when its label lies there, and all that is needed, by the times
	 * of the files; and when the label's directory last changed, which
	 * shows an older file that was linked to a new name.  In microseconds
	 * by the repository's clock, or GRACE_UNKNOWN.
	 */
	int64_t		 label_us, all_us, dir_us;
};

struct evidence {
	struct evidence_backup *v;	/* owned; as the catalogue's labels */
	size_t		 n;
	/*
	 * With EVIDENCE_HEADERS: of the WAL that the backups need, and of the
	 * first and the oldest segment of each timeline.
	 */
	struct soundwal	 wal;
};

enum evidence_depth {
	/*
	 * By one flight of listings.  Sizes are compared with what labels say:
	 * that of the manifest, and the sum of the packs that are the backup's
	 * own.
	 */
	EVIDENCE_LISTED,
	/*
	 * The header of the manifest and of each pack is read, too, and is
	 * authentic; the file has the size that it says.  So are the headers
	 * of WAL.  That takes two round trips for 64 files, and no memory for
	 * more of them.
	 */
	EVIDENCE_HEADERS
};

/*
 * Gather the evidence for all backups of the catalogue.  A backup that lacks
 * something is no failure.  Fails as store_list() does, and where a read fails;
 * a file that the repository denies while the marker can be read is one that
 * the backup lacks.  It takes 40 bytes of memory for each pack that a label
 * refers to.  Call evidence_fini() in any case.
 */
int	 evidence_load(struct evidence *, const struct catalogue *,
	    struct archive *, enum evidence_depth, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 evidence_fini(struct evidence *) __attribute__((nonnull));

#endif /* CATALOGUE_EVIDENCE_H */
