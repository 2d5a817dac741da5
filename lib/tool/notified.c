/* SPDX-License-Identifier: ISC */
/* Remembers what was told. */
#include <string.h>

#include "base/jvalfile.h"
#include "check/checklist.h"
#include "tool/notified.h"

#define VERSION		1

_Static_assert(CHECKLIST_CHECKS <= NOTICE_CHECKS, "each check has a place");

/* A check of another version is none that is known here. */
static int
take(struct notice_memory *m, const struct jval *list, size_t i,
    struct err *e)
{
	const struct jval	*item;
	struct err		 unused = ERR_INIT;
	const char		*name, *status;
	size_t			 at;
	enum health		 h;

	if (jval_at_object(list, i, &item, e) ||
	    jval_get_str(item, "check", &name, e) ||
	    jval_get_str(item, "status", &status, e))
		return (-1);
	for (h = HEALTH_UNKNOWN; h < HEALTH_CRITICAL; h++)
		if (strcmp(health_name(h), status) == 0)
			break;
	if (checklist_find(name, &at, &unused) == 0)
		m->check[at] = h;
	return (0);
}

static int
read_memory(struct notice_memory *m, const struct jval *j, struct err *e)
{
	const struct jval	*list;
	uint64_t		 told;
	size_t			 i;

	if (jval_get_u64(j, "told_us", &told, e) ||
	    jval_get_list(j, "checks", &list, e))
		return (-1);
	m->told_us = (int64_t)told;
	for (i = 0; i < jval_count(list); i++)
		if (take(m, list, i, e))
			return (-1);
	return (0);
}

void
notified_load(struct notice_memory *m, const char *path)
{
	struct err	 unused = ERR_INIT;
	struct jval	*j = NULL;

	memset(m, 0, sizeof(*m));
	m->told_us = NOTICE_NEVER;
	if (jvalfile_load(&j, path, VERSION, &unused) == 0 &&
	    read_memory(m, j, &unused)) {
		memset(m, 0, sizeof(*m));
		m->told_us = NOTICE_NEVER;
	}
	jval_free(j);
}

static int
add(struct jval *list, size_t i, enum health h, struct err *e)
{
	struct jval	*item = NULL;

	if (jval_object(&item, e) ||
	    jval_set_str(item, "check", checklist_at(i)->name, e) ||
	    jval_set_str(item, "status", health_name(h), e)) {
		jval_free(item);
		return (-1);
	}
	return (jval_add(list, item, e));
}

static int
add_all(struct jval *to, const struct notice_memory *m, struct err *e)
{
	struct jval	*list = NULL;
	size_t		 i;

	if (jval_list(&list, e))
		return (-1);
	for (i = 0; i < CHECKLIST_CHECKS; i++)
		if (m->check[i] != HEALTH_UNKNOWN &&
		    add(list, i, m->check[i], e)) {
			jval_free(list);
			return (-1);
		}
	return (jval_set(to, "checks", list, e));
}

int
notified_save(const struct notice_memory *m, const char *path, struct err *e)
{
	struct jval	*j = NULL;
	int		 rc;

	rc = jval_object(&j, e) || jval_set_u64(j, "version", VERSION, e) ||
	    jval_set_u64(j, "told_us", m->told_us > 0 ? (uint64_t)m->told_us :
	    0, e) || add_all(j, m, e) || jvalfile_save(j, path, e) ? -1 : 0;
	jval_free(j);
	return (rc);
}
