/* SPDX-License-Identifier: ISC */
#ifndef STORE_LOGINTEXT_H
#define STORE_LOGINTEXT_H

#include "store/transport.h"

/* So many bytes of text in front of SFTP are worth showing. */
#define LOGINTEXT_MAX	160

/*
 * Write into "to" (of "size" bytes) what the server sent in front of SFTP,
 * the "n" bytes at "p", as one line without control characters.  It ends
 * where a packet begins, which is at a NUL, and after LOGINTEXT_MAX bytes.
 */
void	 logintext_show(char *to, size_t size, const uint8_t *p, size_t n)
	    __attribute__((nonnull));

/*
 * Describe that as the failure of "host", which sent "n" bytes at "p" so far.
 * Waits a moment for the rest of the text, which may come in pieces; there is
 * room for LOGINTEXT_MAX bytes more.  Returns -1.
 */
int	 logintext_fail(struct transport *, const char *host, uint8_t *p,
	    size_t n, struct err *) __attribute__((nonnull));

#endif /* STORE_LOGINTEXT_H */
