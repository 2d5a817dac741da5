/* SPDX-License-Identifier: ISC */
#ifndef STORE_CIPHER_H
#define STORE_CIPHER_H

/*
 * Which of SSH's ciphers to prefer.  AES in GCM is two to three times as
 * fast as ChaCha20-Poly1305 where the processor has instructions for both of
 * its parts, and slower by more than that, and open to timing attacks, where
 * it has none.
 */

/* A list for ssh_config's "Ciphers"; the same ciphers in either order. */
const char *cipher_list(int has_aes);

/* Whether this processor has the instructions; 0 where we cannot tell. */
int	 cipher_has_aes(void);

#endif /* STORE_CIPHER_H */
