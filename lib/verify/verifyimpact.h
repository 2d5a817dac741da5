/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_VERIFYIMPACT_H
#define VERIFY_VERIFYIMPACT_H

#include "pg/walname.h"
#include "verify/verifyset.h"

/*
 * What is lost if an object is damaged or missing, in words for a DBA who has
 * to decide tonight what to do: which backups cannot be restored, and which
 * points in time cannot be reached.  Pure.  All functions return "buf".
 *
 * To know that, all labels are looked at; there may be many thousand forged
 * ones, and as many findings.  So it is said of the first
 * VERIFYIMPACT_EXPLAINED findings only, which are counted in the set.
 */
#define VERIFYIMPACT_TEXT	640
#define VERIFYIMPACT_EXPLAINED	200

/* Pack "no" of backup "id": by the labels of all backups, not of one alone. */
const char *verifyimpact_pack(char buf[VERIFYIMPACT_TEXT],
	    struct verifyset *, const char *id, uint32_t no);

/* The manifest of backup "id". */
const char *verifyimpact_manifest(char buf[VERIFYIMPACT_TEXT], const char *id);

/* A WAL file; of a gap, its first segment. */
const char *verifyimpact_wal(char buf[VERIFYIMPACT_TEXT],
	    struct verifyset *, const struct walname *);

#endif /* VERIFY_VERIFYIMPACT_H */
