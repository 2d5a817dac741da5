/* SPDX-License-Identifier: ISC */
/* What a restore is asked for: where each tablespace goes. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "restore/restore_conf.h"

#define TBLSPC	"pg_tblspc/"

unsigned
restore_conf_major(const struct restore_conf *c)
{
	return ((unsigned)(c->label->postgresql / 10000));
}

int
restore_conf_is_linked(const struct label_tablespace *ts)
{
	return (ts->path[0] == '/');
}

size_t
restore_conf_space(const struct label *l, const char *path, const char **rest)
{
	const char	*oid;
	char		 number[16];
	size_t		 i, n;

	if (!str_begins(path, TBLSPC))
		return (SIZE_MAX);
	oid = path + strlen(TBLSPC);
	n = strcspn(oid, "/");
	for (i = 0; i < l->ntablespaces; i++) {
		(void)snprintf(number, sizeof(number), "%" PRIu32,
		    l->tablespaces[i].oid);
		if (restore_conf_is_linked(&l->tablespaces[i]) &&
		    strlen(number) == n && memcmp(number, oid, n) == 0) {
			*rest = oid + n;
			return (i);
		}
	}
	return (SIZE_MAX);
}

int
restore_conf_in_place(const struct restore_conf *c)
{
	size_t	 i;

	if (c->form == RESTORE_TAR)
		for (i = 0; i < c->label->ntablespaces; i++)
			if (restore_conf_is_linked(&c->label->tablespaces[i]))
				return (1);
	return (0);
}

const char *
restore_conf_place(const struct restore_conf *c,
    const struct label_tablespace *ts)
{
	size_t	 i;

	for (i = 0; i < c->nmaps; i++)
		if (strcmp(c->maps[i].name, ts->name) == 0)
			return (c->maps[i].dir);
	return (ts->path);
}

struct deltadir_place
restore_conf_over(const struct restore_conf *c,
    const struct label_tablespace *ts)
{
	const char	*place = restore_conf_place(c, ts);

	/* A mapping names the place even where it says what it was. */
	return ((struct deltadir_place){ .oid = ts->oid, .name = ts->name,
	    .place = place, .named = place != ts->path });
}
