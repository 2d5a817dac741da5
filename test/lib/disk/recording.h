/* SPDX-License-Identifier: ISC */
#ifndef TEST_RECORDING_H
#define TEST_RECORDING_H

#include <sys/stat.h>

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "disk/diskcalls.h"
#include "diskreplay.h"
#include "testdir.h"

/*
 * A unit test that records what is done below one directory of its testdir,
 * and looks at each state that a power cut could leave:
 *
 *	recording_begin("repo", NULL);
 *	... what is tested ...
 *	recording_mark();			it was acknowledged
 *	recording_each(check, arg);
 *
 * "check" is called with the directory in each state; "marks" says how many
 * marks were set before the cut.  What it expects it says by
 * recording_expect(), whose message names the state.
 */
static char	 recording_state[1024];		/* that is looked at */

/*
 * Behind diskcalls_fail(classes, k): the result of a run whose "k"th call was
 * to fail.  Returns 1 if it did, and the run said so; 0 if the run has fewer
 * calls, and went well.  What else it says fails the test.
 */
static inline int
recording_failed(unsigned k, int rc, const struct err *e)
{
	if (diskcalls_fail("", 0) < k) {
		if (rc != 0)
			fail_msg("no call failed: %s", e->msg);
		return (0);
	}
	if (rc != -1)
		fail_msg("%s failed, and success was reported",
		    diskcalls_failed());
	if (strstr(e->msg, "Input/output error") == NULL)
		fail_msg("%s failed, and this was reported: %s",
		    diskcalls_failed(), e->msg);
	return (1);
}

static inline int
recording_drop(const char *path, const struct stat *st, int type,
    struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return (remove(path));
}

/* Make a directory of the testdir anew. */
static inline void
recording_clean(const char *dir)
{
	(void)nftw(testdir_path(dir), recording_drop, 8,
	    FTW_DEPTH | FTW_PHYS);
	assert_int_equal(mkdir(testdir_path(dir), 0700), 0);
}

static inline const char *
recording_log(void)
{
	return (testdir_path("disk.log"));
}

/* With one directory, or two that are cut together. */
static inline void
recording_begin(const char *dir, const char *other)
{
	const char	*path[2] = { testdir_path(dir), NULL };

	if (other != NULL)
		path[1] = testdir_path(other);
	diskreplay_begin(recording_log(), path, other != NULL ? 2 : 1);
	diskcalls_nosync(1);
	diskcalls_log(recording_log());
}

static inline void
recording_mark(void)
{
	diskreplay_mark(recording_log(), "mark");
}

static inline void
recording_expect(int is, const char *what)
{
	if (!is)
		fail_msg("%s: expected: %s", recording_state, what);
}

/* End the recording; the number of states. */
static inline size_t
recording_each(void (*check)(unsigned marks, void *arg), void *arg)
{
	struct diskreplay	*d;
	struct diskreplay_state	*v;
	size_t			 i, n;

	diskcalls_log(NULL);
	d = diskreplay_load(recording_log());
	n = diskreplay_states(d, 0, &v);
	for (i = 0; i < n; i++) {
		diskreplay_describe(d, &v[i], recording_state,
		    sizeof(recording_state));
		diskreplay_put(d, &v[i]);
		check(v[i].marks, arg);
	}
	free(v);
	diskreplay_free(d);
	return (n);
}

#endif /* TEST_RECORDING_H */
