/* SPDX-License-Identifier: ISC */
/* Start libsodium. */
#include <sodium.h>

#include "crypt/init.h"

int
init_sodium(struct err *e)
{
	if (sodium_init() == -1)
		return (err_set(e, ERR_LOCAL, "libsodium does not start"));
	return (0);
}
