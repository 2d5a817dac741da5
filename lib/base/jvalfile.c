/* SPDX-License-Identifier: ISC */
/* JSON objects in files of their own. */
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>

#include "base/io.h"
#include "base/jvalfile.h"
#include "base/path.h"

#define SIZE_MOST	((size_t)64 << 10)

int
jvalfile_load(struct jval **out, const char *path, uint64_t version,
    struct err *e)
{
	struct jval	*j = NULL;
	char		*text = NULL;
	uint64_t	 found;
	size_t		 n;
	int		 rc;

	if ((rc = io_load(path, SIZE_MOST, &text, &n, e)) != 0)
		return (rc);
	rc = -1;
	if (jval_parse(text, n, &j, e) ||
	    jval_get_u64(j, "version", &found, e))
		goto out;
	if (found != version) {
		err_set(e, ERR_CORRUPT, "version: found another than %" PRIu64,
		    version);
		goto out;
	}
	*out = j;
	j = NULL;
	rc = 0;
out:
	jval_free(j);
	free(text);
	return (rc == 0 ? 0 : err_ctx(e, "%s", path));
}

int
jvalfile_save(const struct jval *j, const char *path, struct err *e)
{
	char	 dir[PATH_MAX], *text = NULL;
	size_t	 n;
	int	 rc;

	rc = jval_text(j, 1, &text, &n, e) ||
	    path_dir(dir, sizeof(dir), path, e) || io_mkdirs(dir, 0700, e) ||
	    io_save(path, 0600, text, n, 1, e) ? -1 : 0;
	free(text);
	return (rc);
}
