/* SPDX-License-Identifier: ISC */
/* The memory of a rehearsed restore. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/jval.h"
#include "base/str.h"
#include "check/drillrecord.h"

#define VERSION		1
#define SIZE_MOST	((size_t)64 << 10)

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
parse(struct drillrecord *d, const char *text, size_t n, struct err *e)
{
	struct jval	*j = NULL;
	uint64_t	 version, at;
	int		 rc = -1;

	if (jval_parse(text, n, &j, e) ||
	    jval_get_u64(j, "version", &version, e))
		goto out;
	if (version != VERSION) {
		err_set(e, ERR_CORRUPT, "version: found another than %d",
		    VERSION);
		goto out;
	}
	if (jval_get_u64(j, "at_us", &at, e) ||
	    jval_get_bool(j, "passed", &d->passed, e) ||
	    text_of(d->backup, sizeof(d->backup), j, "backup", e) ||
	    seconds(&d->rpo_s, j, "rpo_s", e) ||
	    seconds(&d->rto_s, j, "rto_s", e) ||
	    text_of(d->found, sizeof(d->found), j, "found", e))
		goto out;
	d->at_us = (int64_t)at;
	rc = 0;
out:
	jval_free(j);
	return (rc);
}

int
drillrecord_load(struct drillrecord *d, const char *state_dir,
    const char *server, struct err *e)
{
	char	 path[PATH_MAX], *text = NULL;
	size_t	 n;
	int	 rc;

	memset(d, 0, sizeof(*d));
	if (str_fmt(path, sizeof(path), e, "%s/%s/drilled", state_dir,
	    server))
		return (-1);
	if ((rc = io_load(path, SIZE_MOST, &text, &n, e)) != 0)
		return (rc);
	if ((rc = parse(d, text, n, e)) != 0)
		err_ctx(e, "%s", path);
	free(text);
	return (rc);
}
