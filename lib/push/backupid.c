/* SPDX-License-Identifier: ISC */
/* A directory that no other push has: its name is the backup's id. */
#include "base/clock.h"
#include "base/str.h"
#include "push/backupid.h"

#define SUFFIXES	999

int
backupid_take(char id[LAYOUT_ID], struct connection *w, int64_t start_us,
    struct err *e)
{
	struct err	 why = ERR_INIT;
	char		 stem[CLOCK_TEXT], path[LAYOUT_PATH];
	unsigned	 n;

	if (connection_up(w, e))
		return (-1);
	(void)clock_format_id(stem, start_us);
	/*
	 * Only the attempt to make the directory shows whether the id is
	 * free; a look before that would be no longer true when it is made.
	 */
	for (n = 1; n <= SUFFIXES; n++) {
		if (n == 1 ? str_fmt(id, LAYOUT_ID, e, "%s", stem) :
		    str_fmt(id, LAYOUT_ID, e, "%s-%u", stem, n))
			return (-1);
		err_clear(&why);
		if (store_mkdir(w->a->store, layout_base(path, id), &why) ==
		    0)
			return (0);
		if (why.kind != ERR_CONFLICT)
			return (err_set(e, why.kind, "%s", why.msg));
	}
	return (err_set(e, ERR_CONFLICT, "backup %s: found this id and "
	    "its suffixes -2 to -%d taken", stem, SUFFIXES));
}

void
backupid_return(const char *id, struct connection *w)
{
	struct err	 unused = ERR_INIT;
	char		 path[LAYOUT_PATH];
	const char	*dir = layout_base(path, id);

	if (connection_up(w, &unused) == 0 &&
	    store_rmdir(w->a->store, &dir, 1, &unused) == -1)
		err_clear(&unused);	/* then it stays */
}
