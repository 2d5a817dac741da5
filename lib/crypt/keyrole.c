/* SPDX-License-Identifier: ISC */
/* The names of the roles in key files. */
#include "crypt/keyrole.h"

const char *
keyrole_name(enum key_role role)
{
	static const char *const	 name[] = {
		[KEY_PUSH] = "push",
		[KEY_RESTORE] = "restore",
		[KEY_PUBLIC] = "public",
		[KEY_DRILL] = "drill"
	};

	return (name[role]);
}
