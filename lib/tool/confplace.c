/* SPDX-License-Identifier: ISC */
/* One of several repositories, by its name or its address. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "store/address.h"
#include "tool/confplace.h"

static void
forget(char **text)
{
	free(*text);
	*text = NULL;
}

int
confplace_load(struct server_conf *c, const struct conf_source *src,
    const char *where, struct err *e)
{
	struct conf_source	 named = *src;

	if (strchr(where, '/') == NULL) {
		named.repository = where;
		return (conf_load(c, &named, e));
	}
	if (conf_load(c, src, e))
		return (-1);
	if (strcmp(where, c->repository) == 0)
		return (0);
	if (!address_same_account(where, c->repository)) {
		forget(&c->ssh_key);
		forget(&c->host_key);
	}
	forget(&c->repository);
	forget(&c->repository_name);
	forget(&c->state_dir);
	c->read_only = 0;
	return (str_dup(&c->repository, where, e) ||
	    str_dup(&c->state_dir, c->state_base, e) ? -1 : 0);
}
