/* SPDX-License-Identifier: ISC */
#ifndef STORE_GATE_H
#define STORE_GATE_H

/*
 * What the connections of this process know of each other while they log in.
 *
 * An SSH server counts connections that have not logged in yet: OpenSSH drops
 * some from the tenth on (MaxStartups), and since 9.8 penalises the address
 * of those that end without a login (PerSourcePenalties).  So no more than
 * GATE_MAX log in at a time, and only one finds out which type of host key a
 * pinned fingerprint belongs to, which may cost connections; the process then
 * remembers it.
 */
#define GATE_MAX	4

/* The types of host keys, by which one is chosen with the server. */
enum gate_type {
	GATE_ANY = -1,			/* whatever libssh prefers */
	GATE_ED25519, GATE_RSA, GATE_ECDSA,	/* the likeliest first */
	GATE_TYPES			/* their number */
};

/*
 * Wait for the turn to connect.  "pinned" is the fingerprint that the host
 * must have, or NULL.  Returns the type of its key, GATE_ANY if that is not
 * known yet.
 */
enum gate_type gate_enter(const char *pinned);

/*
 * The login has ended, well or not.  "type" is that of the key with the
 * fingerprint "pinned", GATE_ANY if it is not known.
 */
void	 gate_leave(const char *pinned, enum gate_type type);

#endif /* STORE_GATE_H */
