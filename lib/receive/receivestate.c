/* SPDX-License-Identifier: ISC */
/* The file with what was acknowledged last. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/parse.h"
#include "base/path.h"
#include "base/str.h"
#include "pg/lsn.h"
#include "receive/receivestate.h"

#define MAX	128

static int
path_of(char buf[PATH_MAX], const char *state_dir, const char *server,
    const char *slot, struct err *e)
{
	return (str_fmt(buf, PATH_MAX, e, "%s/%s/received-%s", state_dir,
	    server, slot));
}

/* Cut the line into its three fields. */
static int
parse(struct receivestate *out, char *line)
{
	struct err	 unused = ERR_INIT;
	uint64_t	 tli;
	char		*second, *third;

	line[strcspn(line, "\n")] = '\0';
	if ((second = strchr(line, ' ')) == NULL ||
	    (third = strchr(second + 1, ' ')) == NULL)
		return (-1);
	*second++ = *third++ = '\0';
	if (parse_u64(line, 1, UINT64_MAX, &out->system_id, "", &unused) ||
	    parse_u64(second, 0, UINT32_MAX, &tli, "", &unused) ||
	    lsn_parse(third, &out->lsn, &unused))
		return (-1);
	out->tli = (uint32_t)tli;
	return (0);
}

int
receivestate_load(struct receivestate *out, const char *state_dir,
    const char *server, const char *slot, struct err *e)
{
	char	 path[PATH_MAX], *text = NULL;
	size_t	 n;
	int	 r;

	memset(out, 0, sizeof(*out));
	if (path_of(path, state_dir, server, slot, e))
		return (-1);
	if ((r = io_load(path, MAX, &text, &n, e)) != 0)
		return (r);
	if (strlen(text) != n || parse(out, text)) {
		memset(out, 0, sizeof(*out));
		r = err_set(e, ERR_LOCAL, "%s is not what wal-receive wrote; "
		    "remove it to go on without it", path);
	}
	free(text);
	return (r);
}

int
receivestate_save(const struct receivestate *s, const char *state_dir,
    const char *server, const char *slot, struct err *e)
{
	char	 path[PATH_MAX], dir[PATH_MAX], text[MAX], lsn[LSN_TEXT];
	int	 n;

	n = snprintf(text, sizeof(text), "%" PRIu64 " %" PRIu32 " %s\n",
	    s->system_id, s->tli, lsn_format(lsn, s->lsn));
	if (path_of(path, state_dir, server, slot, e) ||
	    path_dir(dir, sizeof(dir), path, e) ||
	    io_mkdirs(dir, 0700, e))
		return (-1);
	return (io_save(path, 0600, text, (size_t)n, 1, e));
}

int
receivestate_forget(const char *state_dir, const char *server,
    const char *slot, struct err *e)
{
	char	 path[PATH_MAX], dir[PATH_MAX];

	if (path_of(path, state_dir, server, slot, e) ||
	    path_dir(dir, sizeof(dir), path, e))
		return (-1);
	if (unlink(path) == 0)
		return (io_sync_dir(dir, e));
	return (errno == ENOENT ? 0 : err_sys(e, ERR_LOCAL, "%s", path));
}
