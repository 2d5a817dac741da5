/* SPDX-License-Identifier: ISC */
/*
 * Refusals come first: a push that is refused leaves nothing behind, and an
 * append-only server would keep it for ever.
 */
#include <unistd.h>

#include "base/io.h"
#include "push/beforehand.h"
#include "push/walreceived.h"
#include "repo/marker.h"

#define ARRIVES_MS	5000		/* received WAL, once it is complete */

static int
check_state_dir(const char *dir, struct err *e)
{
	if (io_mkdirs(dir, 0700, e))
		return (-1);
	if (access(dir, R_OK | W_OK | X_OK) == -1)
		return (err_sys(e, ERR_LOCAL, "create a file in state_dir %s",
		    dir));
	return (0);
}

/* Read the marker; with "begin" publish it if there is none. */
static int
ask_marker(const struct reuse_conf *c, const struct pgfacts *f, int begin,
    struct err *e)
{
	struct store_get	*get = NULL;
	struct marker		 m;
	int			 rc;

	if (connection_up(c->warm, e) || marker_open(&get, c->warm->a, e))
		return (-1);
	rc = begin ?
	    marker_ensure(&m, c->warm->a, get, c->state_dir, f->segment_size,
	    e) :
	    marker_check(&m, c->warm->a, get, c->state_dir, f->segment_size,
	    e);
	store_get_free(get);
	return (rc);
}

int
beforehand_check(const struct reuse_conf *c, const struct pgfacts *f,
    struct err *e)
{
	int	 rc;

	/* The marker first: without it nothing is proved to be missing. */
	if (check_state_dir(c->state_dir, e) ||
	    (rc = ask_marker(c, f, 0, e)) == -1 ||
	    walreceived_check(c->warm, f, rc == 0, ARRIVES_MS, e) ||
	    reuse_check(c, e))
		return (-1);
	return (rc == 1 ? ask_marker(c, f, 1, e) : 0);
}
