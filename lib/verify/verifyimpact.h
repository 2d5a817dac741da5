/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_VERIFYIMPACT_H
#define VERIFY_VERIFYIMPACT_H

#include "pg/walname.h"
#include "verify/verifyset.h"

/*
 * What is lost where an object of a set is damaged or absent, in words for
 * who must decide what to do.  Pure; the buffer is returned.
 */
#define VERIFYIMPACT_TEXT	640

/* A pack, or NULL and 0: the whole directory's, of all backups' labels. */
const char *verifyimpact_pack(char buf[VERIFYIMPACT_TEXT],
	    const struct verifyset *, const char *id, uint32_t no);
const char *verifyimpact_manifest(char buf[VERIFYIMPACT_TEXT], const char *id);
const char *verifyimpact_wal(char buf[VERIFYIMPACT_TEXT],
	    const struct verifyset *, const struct walname *);

#endif /* VERIFY_VERIFYIMPACT_H */
