/* SPDX-License-Identifier: ISC */
/* The first of several repositories that answers. */
#include <stdlib.h>
#include <string.h>

#include "tool/answering.h"
#include "tool/tool.h"

static int
reach(const struct server_conf *c, struct err *e)
{
	const struct store_conf	 conf = conf_store(c);
	struct store		*store = NULL;
	const int		 rc = store_open(&store, &conf, e);

	store_free(store);
	return (rc);
}

/* The index of the first that answers is *out. */
static int
choose(size_t *out, const struct conf_set *set, const char *program,
    int writes, struct err *e)
{
	struct err	 why, first = ERR_INIT;
	size_t		 i;

	for (i = 0; i < set->n; i++) {
		err_clear(&why);
		if (writes && conf_may_write(&set->conf[i], &why)) {
			(void)err_set(&first, why.kind, "%s", why.msg);
			continue;
		}
		if (set->n == 1 || reach(&set->conf[i], &why) == 0) {
			*out = i;
			return (0);
		}
		if (why.kind != ERR_REMOTE)
			return (err_set(e, why.kind, "repository %s: %s",
			    set->conf[i].repository_name, why.msg));
		(void)err_set(&first, why.kind, "repository %s: %s",
		    set->conf[i].repository_name, why.msg);
		tool_note(program, "repository %s: %s; it is passed over",
		    set->conf[i].repository_name, why.msg);
	}
	return (err_set(e, first.kind, "%s", first.msg));
}

int
answering_load(struct server_conf *c, const struct conf_source *src,
    const char *program, int writes, struct err *e)
{
	struct conf_set	*set = calloc(1, sizeof(*set));
	size_t		 i;
	int		 rc = -1;

	memset(c, 0, sizeof(*c));
	if (set == NULL)
		return (err_sys(e, ERR_LOCAL, "read the configuration"));
	if (conf_load_set(set, src, e) == 0 &&
	    choose(&i, set, program, writes, e) == 0) {
		conf_take(c, set, i);
		rc = 0;
	}
	conf_free_set(set);
	free(set);
	return (rc);
}
