/* SPDX-License-Identifier: ISC */
/* The options --set. */
#include <stdint.h>
#include <string.h>

#include "tool/confset.h"

/* The key that an option --set names; SIZE_MAX: none. */
static size_t
key_of(const char *set)
{
	const char	*equals = strchr(set, '=');
	char		 name[32];

	if (equals == NULL || (size_t)(equals - set) >= sizeof(name))
		return (SIZE_MAX);
	memcpy(name, set, (size_t)(equals - set));
	name[equals - set] = '\0';
	return (confkey_find(name));
}

/* What has been used already when --set is: it would be ignored. */
static int
is_late(const struct confkey *k)
{
	return (k->kind == CONFKEY_FOLDER || k->kind == CONFKEY_REPOSITORIES ||
	    strcmp(k->name, "quorum") == 0);
}

/* The options --set. */
int
confset_apply(struct server_conf *c, const struct opt_list *set, struct err *e)
{
	size_t	 i, key;

	for (i = 0; i < set->n; i++) {
		key = key_of(set->v[i]);
		if (key == SIZE_MAX || is_late(confkey_at(key)))
			return (err_set(e, ERR_USAGE, "--set: found \"%.64s\","
			    " expected KEY=VALUE with a KEY of "
			    "seawall.conf(5)", set->v[i]));
		/* It would make one place of several. */
		if (c->repository_name != NULL &&
		    strcmp(confkey_at(key)->name, "repository") == 0)
			return (err_set(e, ERR_USAGE, "--set: found "
			    "\"%.64s\" beside repositories that have names, "
			    "expected --repository NAME", set->v[i]));
		if (confkey_set(c, confkey_at(key), strchr(set->v[i], '=') + 1,
		    e) == -1) {
			if (e->kind == ERR_CONFIG)
				e->kind = ERR_USAGE;
			return (err_ctx(e, "--set"));
		}
	}
	return (0);
}

const char *
confset_value(const struct opt_list *set, size_t key)
{
	size_t	 i;

	for (i = set->n; i > 0; i--)
		if (key_of(set->v[i - 1]) == key)
			return (strchr(set->v[i - 1], '=') + 1);
	return (NULL);
}
