/* SPDX-License-Identifier: ISC */
#ifndef REPO_VERIFYMEAN_H
#define REPO_VERIFYMEAN_H

#include "pg/walname.h"
#include "repo/verifyset.h"

/*
 * What is lost where an object of a set is damaged or absent, in words for
 * who must decide what to do.  Pure; the buffer is returned.
 */
#define VERIFYMEAN_TEXT	640

/* A pack, or NULL and 0: the whole directory's, of all backups' labels. */
const char *verifymean_pack(char buf[VERIFYMEAN_TEXT],
	    const struct verifyset *, const char *id, uint32_t no);
const char *verifymean_manifest(char buf[VERIFYMEAN_TEXT], const char *id);
const char *verifymean_wal(char buf[VERIFYMEAN_TEXT],
	    const struct verifyset *, const struct walname *);

#endif /* REPO_VERIFYMEAN_H */
