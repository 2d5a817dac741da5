/* SPDX-License-Identifier: ISC */
/* How large WAL files may be. */
#include "pg/history.h"
#include "pg/walsize.h"

#define SEGMENT_MAX	((uint64_t)1 << 30)
#define BACKUP_MAX	((uint64_t)1 << 20)	/* PostgreSQL's note */

uint64_t
walsize_max(enum walname_kind kind, uint64_t segsize)
{
	switch (kind) {
	case WALNAME_SEGMENT:
	case WALNAME_PARTIAL:
		break;
	case WALNAME_BACKUP:
		return (BACKUP_MAX);
	case WALNAME_HISTORY:
		return (HISTORY_MAX);
	}
	return (segsize == 0 ? SEGMENT_MAX : segsize);
}
