/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_SECRET_H
#define CRYPT_SECRET_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Secret bytes in guarded, locked memory (sodium_malloc) that is wiped when
 * freed.  They travel by pointer only; nothing formats or copies them.  Only
 * files of this room call secret_bytes().
 */
struct secret;

#define SECRET_MAX	16385	/* bytes; a key file and one more */

/*
 * "n" (1 to SECRET_MAX) zero bytes, to be filled through *bytes until
 * secret_freeze() makes them read-only for good.
 */
int	 secret_new(struct secret **, size_t n, uint8_t **bytes, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 secret_freeze(struct secret *);
int	 secret_random(struct secret **, size_t n, struct err *)
	    __attribute__((warn_unused_result, nonnull));
const uint8_t *secret_bytes(const struct secret *);
size_t	 secret_len(const struct secret *);
void	 secret_free(struct secret *);			/* NULL is fine */

/*
 * Read a whole file of 1 to "max" bytes; *is_private says whether group and
 * others have no permission on it.  ERR_CONFIG if it is missing, longer or
 * empty, or neither a regular file nor a pipe.
 */
int	 secret_load(struct secret **, const char *path, size_t max,
	    int *is_private, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Read a passphrase: the first line of the file "path" (no group or other
 * permissions, ERR_CONFIG otherwise) or what is typed at the terminal
 * without echo after "prompt" (twice and compared if "confirm"); ERR_CONFIG
 * if there is no terminal.  1 to 1024 bytes.
 */
int	 secret_from_file(struct secret **, const char *path, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 secret_from_tty(struct secret **, const char *prompt, int confirm,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* CRYPT_SECRET_H */
