/* SPDX-License-Identifier: ISC */
/* Which databases are restored, and which come back as zeros. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "pg/relpath.h"
#include "restore/manifestread.h"
#include "restore/onlydb.h"

#define SHOWN	20		/* names in a message */

struct db {
	uint32_t	 oid;
	int		 wanted;
	char		*name;		/* owned */
};

struct onlydb {
	const char	*const *names;	/* borrowed */
	size_t		 n;
	struct db	*db;		/* by ascending OID */
	size_t		 ndbs;
};

int
onlydb_new(struct onlydb **out, const char *const *names, size_t n,
    struct err *e)
{
	struct onlydb	*o;

	if ((o = calloc(1, sizeof(*o))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list databases"));
	o->names = names;
	o->n = n;
	*out = o;
	return (0);
}

static int
is_wanted(const struct onlydb *o, const char *name)
{
	size_t	 i;

	for (i = 0; i < o->n; i++)
		if (strcmp(o->names[i], name) == 0)
			return (1);
	return (strcmp(name, "template0") == 0 ||
	    strcmp(name, "template1") == 0 || strcmp(name, "postgres") == 0);
}

int
onlydb_add(struct onlydb *o, uint32_t oid, const char *name, struct err *e)
{
	struct db	*db;

	if ((db = reallocarray(o->db, o->ndbs + 1, sizeof(*db))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list databases"));
	o->db = db;
	db += o->ndbs;
	db->oid = oid;
	db->wanted = is_wanted(o, name);
	if (str_dup(&db->name, name, e))
		return (-1);
	o->ndbs++;
	return (0);
}

/* List the databases that there are: a name may be mistyped. */
static void
list(const struct onlydb *o, char *buf, size_t size)
{
	char	 clean[80];
	size_t	 i, n = 0;

	buf[0] = '\0';
	for (i = 0; i < o->ndbs && n < size; i++) {
		if (i == SHOWN) {
			(void)snprintf(buf + n, size - n, " and %zu more",
			    o->ndbs - i);
			return;
		}
		(void)snprintf(buf + n, size - n, "%s%s", i > 0 ? ", " : "",
		    str_clean(clean, sizeof(clean), o->db[i].name,
		    strlen(o->db[i].name)));
		n += strlen(buf + n);
	}
}

int
onlydb_check(const struct onlydb *o, const char *id, struct err *e)
{
	char	 all[600], name[80];
	size_t	 i, k;

	if (o->ndbs == 0)
		return (err_set(e, ERR_ABSENT, "backup %s does not have the "
		    "names of its databases, since an earlier base-push made "
		    "it; restore it without --only-database", id));
	for (i = 0; i < o->n; i++) {
		for (k = 0; k < o->ndbs; k++)
			if (strcmp(o->names[i], o->db[k].name) == 0)
				break;
		if (k < o->ndbs)
			continue;
		list(o, all, sizeof(all));
		return (err_set(e, ERR_ABSENT, "backup %s has no database "
		    "\"%s\"; it has %s", id, str_clean(name, sizeof(name),
		    o->names[i], strlen(o->names[i])), all));
	}
	return (0);
}

struct load {
	struct onlydb	*o;
	int		 done;		/* all names were seen */
};

static int
on_database(void *arg, uint32_t oid, const char *name, struct err *e)
{
	return (onlydb_add(((struct load *)arg)->o, oid, name, e));
}

/*
 * The first entry: the names come before it, so enough was read.  Failing
 * here stops the transfer of a manifest that may have gigabytes.
 */
static int
on_entry(void *arg, const struct manifest_entry *en, struct err *e)
{
	(void)en;
	((struct load *)arg)->done = 1;
	return (err_set(e, ERR_ABSENT, "enough was read"));
}

static int
load(struct load *l, struct archive *a, const struct label *label,
    struct err *e)
{
	static const struct manifest_events	 events = {
		.entry = on_entry, .database = on_database
	};
	struct err	 why = ERR_INIT;

	if (manifestread(a, label, &events, l, &why) == 0 || l->done)
		return (0);
	return (err_set(e, why.kind, "%s", why.msg));
}

int
onlydb_load(struct onlydb **out, struct archive *a, const struct label *label,
    const char *const *names, size_t n, struct err *e)
{
	struct load	 l = { NULL, 0 };

	if (onlydb_new(&l.o, names, n, e))
		return (-1);
	if (load(&l, a, label, e) || onlydb_check(l.o, label->id, e)) {
		onlydb_free(l.o);
		return (-1);
	}
	*out = l.o;
	return (0);
}

static int
by_oid(const void *key, const void *db)
{
	const uint32_t	 oid = *(const uint32_t *)key;
	const struct db	*d = db;

	return ((oid > d->oid) - (oid < d->oid));
}

/*
 * The list of a database's most important indexes goes as they go: whoever
 * connects is refused by what PostgreSQL reads first.  By an index of zeros
 * he would be, too, but with a PANIC, which ends everybody's connections.
 */
static int
is_of_database(const char *path, uint32_t *oid)
{
	const char	*slash = strrchr(path, '/');
	char		 as[128];
	struct relpath	 rel;

	if (slash != NULL && strcmp(slash, "/pg_filenode.map") == 0) {
		if ((size_t)snprintf(as, sizeof(as), "%.*s/1",
		    (int)(slash - path), path) >= sizeof(as))
			return (0);
		path = as;
	}
	if (!relpath_parse(path, &rel) || rel.db == 0)
		return (0);
	*oid = rel.db;
	return (1);
}

int
onlydb_wants(const struct onlydb *o, const char *path)
{
	const struct db	*db;
	uint32_t	 oid;

	if (!is_of_database(path, &oid))
		return (1);
	db = o->ndbs == 0 ? NULL : bsearch(&oid, o->db, o->ndbs,
	    sizeof(*o->db), by_oid);
	return (db != NULL && db->wanted);
}

size_t
onlydb_wanted(const struct onlydb *o, size_t *all)
{
	size_t	 i, n = 0;

	for (i = 0; i < o->ndbs; i++)
		n += o->db[i].wanted != 0;
	*all = o->ndbs;
	return (n);
}

void
onlydb_free(struct onlydb *o)
{
	if (o == NULL)
		return;
	while (o->ndbs > 0)
		free(o->db[--o->ndbs].name);
	free(o->db);
	free(o);
}
