/* SPDX-License-Identifier: ISC */
#ifndef STORE_CIPHER_H
#define STORE_CIPHER_H

/*
 * Which of SSH's ciphers to prefer.  Where the processor has instructions
 * for both parts of AES-GCM it is two to three times as fast as
 * ChaCha20-Poly1305.  Without them it is slower by more than that, and its
 * timing gives hints about the key.
 */

/* The preferred order, as ssh_config's "Ciphers"; both orders hold the same. */
const char *cipher_list(int has_aes);

/* Whether this processor has both instructions; 0 if that is not known. */
int	 cipher_has_aes(void);

#endif /* STORE_CIPHER_H */
