/* SPDX-License-Identifier: ISC */
/* The table of files that are fetched or to be fetched. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "prefetch/fetchfile.h"

/*
 * Files that are given go to another client, files that are dropped go away:
 * neither is found, so a new request for their name makes a new file.
 */
struct fetchfile *
fetchfile_find(struct fetchfile_table *t, const char *name)
{
	struct fetchfile	*f;

	for FETCHFILE_EACH(t, f)
		if ((f->stage == FETCHFILE_WANTED ||
		    f->stage == FETCHFILE_RUNNING ||
		    f->stage == FETCHFILE_HERE ||
		    f->stage == FETCHFILE_SPOILED) &&
		    strcmp(f->name, name) == 0)
			return (f);
	return (NULL);
}

struct fetchfile *
fetchfile_by_id(struct fetchfile_table *t, uint64_t id)
{
	struct fetchfile	*f;

	for FETCHFILE_EACH(t, f)
		if (f->stage != FETCHFILE_FREE && f->id == id)
			break;
	assert(f < t->file + FETCHFILE_MAX);	/* ids come from here */
	return (f);
}

struct fetchfile *
fetchfile_add(struct fetchfile_table *t, const char *name)
{
	struct fetchfile	*f;

	for FETCHFILE_EACH(t, f)
		if (f->stage == FETCHFILE_FREE) {
			f->stage = FETCHFILE_WANTED;
			f->ahead = f->old = 0;
			f->id = ++t->last_id;
			(void)snprintf(f->name, sizeof(f->name), "%s", name);
			return (f);
		}
	return (NULL);
}

unsigned
fetchfile_on_disk(const struct fetchfile_table *t)
{
	const struct fetchfile	*f;
	unsigned		 n = 0;

	for FETCHFILE_EACH(t, f)
		if (f->stage == FETCHFILE_RUNNING ||
		    f->stage == FETCHFILE_HERE ||
		    f->stage == FETCHFILE_DROPPED ||
		    f->stage == FETCHFILE_DROPPING)
			n++;
	return (n);
}
