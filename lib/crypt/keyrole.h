/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_KEYROLE_H
#define CRYPT_KEYROLE_H

/*
 * The keys of one role (lib/FORMAT.md, 3).
 *
 *	role		recipients	signers
 *	push		public		one secret, then earlier ones' public
 *	restore		secret		public
 *	public		public		public
 *	drill		none		one secret
 *
 * A push key checks signatures, too: its own public half follows from the
 * secret.  So it reads markers and labels that it has signed itself, and
 * those of the signers before a rotation that its file names.
 *
 * A drill key signs receipts (receiptsign.h) and nothing else.
 */
enum key_role { KEY_PUSH, KEY_RESTORE, KEY_PUBLIC, KEY_DRILL };

#define KEY_LEN		32		/* bytes: public, secret, data key */
#define KEY_ID_LEN	8		/* of a public key's id */
#define KEY_SIG_LEN	64
#define KEY_MAX		8		/* recipients, and signers, a file */

/* "push", "restore", "public" or "drill", as key files spell it. */
const char *keyrole_name(enum key_role);

#endif /* CRYPT_KEYROLE_H */
