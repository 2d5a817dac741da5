/* SPDX-License-Identifier: ISC */
/* What must be true of a backup_label. */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "cluster/pglabel.h"
#include "pg/lsn.h"

#define TEXT_MAX	1024		/* MAXPGPATH, PostgreSQL's own limit */

/*
 * A line feed in the text would begin a line of backup_label, which recovery
 * might take for one of its own.
 */
int
pglabel_check_text(const char *text, struct err *e)
{
	size_t	 i;

	for (i = 0; text[i] != '\0'; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return (err_set(e, ERR_USAGE, "backup label: control "
			    "character at byte %zu", i + 1));
	if (i >= TEXT_MAX)
		return (err_set(e, ERR_USAGE, "backup label: %zu bytes long, "
		    "expected less than %d", i, TEXT_MAX));
	return (0);
}

int
pglabel_check(const char *label, uint64_t stop, const char *walfile,
    uint64_t start, struct err *e)
{
	char		 want[64], end[LSN_TEXT], begin[LSN_TEXT];
	size_t		 line = strcspn(label, "\n");
	const char	*at;

	(void)snprintf(want, sizeof(want), " (file %s)", walfile);
	at = strstr(label, want);
	if (!str_begins(label, "START WAL LOCATION: ") || at == NULL ||
	    (size_t)(at - label) > line)
		return (err_set(e, ERR_PG, "backup_label does not name WAL "
		    "file %s, where the backup started; start the backup "
		    "again", walfile));
	if (stop <= start)
		return (err_set(e, ERR_PG, "the backup ends at %s, expected "
		    "an end after its start %s", lsn_format(end, stop),
		    lsn_format(begin, start)));
	return (0);
}
