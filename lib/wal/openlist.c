/* SPDX-License-Identifier: ISC */
/* What a folder of WAL has of one segment that was streamed. */
#include <string.h>

#include "wal/openlist.h"

struct look {
	struct openlist	*out;
	const char	*name;		/* of the segment */
};

static int
on_entry(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct look	*l = arg;
	char		 name[LAYOUT_SEGMENT];
	unsigned	 number;

	(void)i;
	(void)missing;
	(void)e;
	if (en == NULL)
		return (0);
	if (strcmp(en->name, l->name) == 0)
		l->out->whole = 1;
	number = layout_open_number(en->name, name);
	if (number == 0 || strcmp(name, l->name) != 0 || l->out->has[number])
		return (0);
	l->out->has[number] = 1;
	l->out->n++;
	if (number > l->out->last)
		l->out->last = number;
	return (0);
}

int
openlist_load(struct openlist *out, struct archive *a,
    const struct walname *segment, struct err *e)
{
	struct look	 l = { .out = out };
	char		 folder[LAYOUT_FOLDER], name[WALNAME_TEXT];
	const char	*const path = layout_wal_log(folder, segment->tli,
			    segment->log);

	memset(out, 0, sizeof(*out));
	l.name = walname_format(name, segment);
	return (store_list(a->store, &path, 1, on_entry, &l, e));
}
