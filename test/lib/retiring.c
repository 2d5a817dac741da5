/* SPDX-License-Identifier: ISC */
/* A signer that is retired, and inventories of what it signed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "crypt/keyrenew.h"
#include "repo/inventory.h"
#include "retiring.h"
#include "testdir.h"

void
retiring_renew(const char *from, const char *to)
{
	const struct keyrenew_conf	 c = { .retire = "all" };
	struct keyrenew			 d;
	struct err			 e = ERR_INIT;

	if (keyrenew_files(&d, testdir_path(from), testdir_path(to), &c, NULL,
	    &e))
		fail_msg("%s", e.msg);
}

struct key *
retiring_load(const char *file)
{
	struct err	 e = ERR_INIT;
	struct key	*k = NULL;

	if (key_load(&k, testdir_path(file), NULL, &e) != 0)
		fail_msg("%s", e.msg);
	return (k);
}

void
retiring_vouch(char path[LAYOUT_PATH], const struct repoenv *env,
    const struct key *by, const uint8_t *signer, uint8_t (*entry)[HASH_LEN],
    size_t n)
{
	struct archive		*a = repoenv_open(env, by);
	struct head_place	 at = archive_place(a, "vouched");
	struct inventory	 v = { .signer = signer, .until_us = 1000000,
	    .depth = "hashes", .entry = entry, .n = n };
	struct err		 e = ERR_INIT;

	if (inventory_publish(&v, a->store, by, &at, path, &e))
		fail_msg("%s", e.msg);
	archive_free(a);
}
