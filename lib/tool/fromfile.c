/* SPDX-License-Identifier: ISC */
/* An export file in the place of the repository. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "store/address.h"
#include "store/exportfile.h"
#include "tool/fromfile.h"

#define SCHEME	"export://"

int
fromfile_address(char *buf, size_t size, const char *prefix, const char *file,
    struct err *e)
{
	char	 path[PATH_MAX];

	if (realpath(file, path) == NULL)
		return (err_sys(e, ERR_CONFIG, "%s", file));
	return (str_fmt(buf, size, e, "%s" SCHEME "%s", prefix, path));
}

/* Where the export's WAL leads. */
static void
set_target(struct fromfile *f, const struct exportfile_about *a,
    struct target_options *t)
{
	if (t->target != NULL || t->time != NULL || t->xid != NULL ||
	    t->name != NULL || t->lsn != NULL || t->standby)
		return;
	switch (a->until) {
	case EXPORTFORM_IMMEDIATE:
		t->target = "immediate";
		break;
	case EXPORTFORM_TIME:
		t->time = clock_format(f->time, a->until_us);
		break;
	case EXPORTFORM_END:
		break;
	}
}

static int
look(struct fromfile *f, struct conf_source *src, struct target_options *t,
    struct err *e)
{
	struct exportfile_about	 a;

	if (exportfile_look(&a, address_export(strchr(f->set, '=') + 1), e))
		return (-1);
	if (src->server != NULL && strcmp(src->server, a.server) != 0)
		return (err_set(e, ERR_USAGE, "%s is of server %s, not of %s",
		    f->file, a.server, src->server));
	memcpy(f->server, a.server, sizeof(f->server));
	src->server = f->server;
	set_target(f, &a, t);
	return (0);
}

int
fromfile_use(struct fromfile *f, struct conf_source *src,
    struct target_options *t, struct err *e)
{
	const char	**v;

	if (f->file == NULL)
		return (0);
	if (fromfile_address(f->set, sizeof(f->set), "repository=", f->file,
	    e) || (t != NULL && look(f, src, t, e)))
		return (-1);
	/* The last wins. */
	v = reallocarray(src->set.v, src->set.n + 1, sizeof(*v));
	if (v == NULL)
		return (err_sys(e, ERR_LOCAL, "--from-file"));
	src->set.v = v;
	src->set.v[src->set.n++] = f->set;
	return (0);
}
