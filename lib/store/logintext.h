/* SPDX-License-Identifier: ISC */
#ifndef STORE_LOGINTEXT_H
#define STORE_LOGINTEXT_H

#include <stddef.h>
#include <stdint.h>

/* So many bytes of text in front of SFTP are worth showing. */
#define LOGINTEXT_MAX	160

/*
 * Write into "to" (of "size" bytes) what the server sent in front of SFTP,
 * the "n" bytes at "p", as one line without control characters.  It ends
 * where a packet begins, which is at a NUL, and after LOGINTEXT_MAX bytes.
 */
void	 logintext_show(char *to, size_t size, const uint8_t *p, size_t n)
	    __attribute__((nonnull));

#endif /* STORE_LOGINTEXT_H */
