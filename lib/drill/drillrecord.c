/* SPDX-License-Identifier: ISC */
/* The memory of a rehearsed restore. */
#include <limits.h>
#include <string.h>

#include "base/jvalfile.h"
#include "base/str.h"
#include "drill/drillrecord.h"

#define VERSION		1

static int
text_of(char *buf, size_t size, const struct jval *j, const char *key,
    struct err *e)
{
	const char	*text;

	if (jval_get_str(j, key, &text, e))
		return (-1);
	(void)str_clean(buf, size, text, strlen(text));
	return (0);
}

static int
seconds(uint64_t *out, const struct jval *j, const char *key, struct err *e)
{
	*out = DRILLRECORD_NONE;
	return (jval_is_null(j, key) ? 0 : jval_get_u64(j, key, out, e));
}

static int
read_record(struct drillrecord *d, const struct jval *j, struct err *e)
{
	uint64_t	 at;

	if (jval_get_u64(j, "at_us", &at, e) ||
	    jval_get_bool(j, "passed", &d->passed, e) ||
	    text_of(d->backup, sizeof(d->backup), j, "backup", e) ||
	    seconds(&d->rpo_s, j, "rpo_s", e) ||
	    seconds(&d->rto_s, j, "rto_s", e) ||
	    text_of(d->found, sizeof(d->found), j, "found", e))
		return (-1);
	d->at_us = (int64_t)at;
	return (0);
}

static int
path_of(char path[PATH_MAX], const char *state_dir, const char *server,
    struct err *e)
{
	return (str_fmt(path, PATH_MAX, e, "%s/%s/drilled", state_dir,
	    server));
}

int
drillrecord_load(struct drillrecord *d, const char *state_dir,
    const char *server, struct err *e)
{
	struct jval	*j = NULL;
	char		 path[PATH_MAX];
	int		 rc;

	memset(d, 0, sizeof(*d));
	if (path_of(path, state_dir, server, e))
		return (-1);
	if ((rc = jvalfile_load(&j, path, VERSION, e)) != 0)
		return (rc);
	if ((rc = read_record(d, j, e)) != 0)
		err_ctx(e, "%s", path);
	jval_free(j);
	return (rc);
}

static int
set_seconds(struct jval *j, const char *key, uint64_t s, struct err *e)
{
	return (s == DRILLRECORD_NONE ? jval_set_null(j, key, e) :
	    jval_set_u64(j, key, s, e));
}

int
drillrecord_save(const struct drillrecord *d, const char *state_dir,
    const char *server, struct err *e)
{
	struct jval	*j = NULL;
	char		 path[PATH_MAX];
	int		 rc;

	if (path_of(path, state_dir, server, e) || jval_object(&j, e))
		return (-1);
	rc = jval_set_u64(j, "version", VERSION, e) ||
	    jval_set_u64(j, "at_us", d->at_us < 0 ? 0 : (uint64_t)d->at_us,
	    e) || jval_set_bool(j, "passed", d->passed, e) ||
	    jval_set_str(j, "backup", d->backup, e) ||
	    set_seconds(j, "rpo_s", d->rpo_s, e) ||
	    set_seconds(j, "rto_s", d->rto_s, e) ||
	    jval_set_str(j, "found", d->found, e) ||
	    jvalfile_save(j, path, e) ? -1 : 0;
	jval_free(j);
	return (rc);
}
