/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_SECRET_H
#define CRYPT_SECRET_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Secret bytes in guarded, locked memory (sodium_malloc), which is wiped when
 * freed.  They travel by pointer; nothing formats or copies them.  Only files
 * of this room call secret_bytes().
 */
struct secret;

#define SECRET_MAX	16385	/* bytes; a key file and one more */

/*
 * Make a secret of "n" zero bytes (1 to SECRET_MAX).  The caller fills it
 * through *bytes, until secret_freeze() makes it read-only for good.
 */
int	 secret_new(struct secret **, size_t n, uint8_t **bytes, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 secret_freeze(struct secret *);

/* Make one of "n" random bytes, frozen. */
int	 secret_random(struct secret **, size_t n, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Valid until secret_free(). */
const uint8_t *secret_bytes(const struct secret *);
size_t	 secret_len(const struct secret *);
void	 secret_free(struct secret *);		/* wipes; NULL is fine */

/*
 * Read a whole file of 1 to "max" bytes.  *is_private is 1 if group and
 * others have no permission on it.  ERR_CONFIG if it is missing, empty,
 * longer, or neither a regular file nor a pipe without a name, as a shell's
 * <(command) is.  Does not wait for a FIFO's other end: a FIFO is refused.
 */
int	 secret_load(struct secret **, const char *path, size_t max,
	    int *is_private, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Read a passphrase of 1 to 1024 bytes: the first line of the file "path".
 * ERR_CONFIG if it is too long or empty, or if group or others have
 * permissions on the file.
 */
int	 secret_from_file(struct secret **, const char *path, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Ask for a passphrase at the terminal, without echo, after "prompt"; with
 * "confirm" ask twice and compare.  ERR_CONFIG if there is no terminal, or
 * the two differ; ERR_LOCAL if a signal interrupts, which then takes effect.
 */
int	 secret_from_tty(struct secret **, const char *prompt, int confirm,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* CRYPT_SECRET_H */
