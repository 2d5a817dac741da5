/* SPDX-License-Identifier: ISC */
/*
 * The repository's own clock.  Times of files there must be compared with it:
 * SFTP has no call for the time of day, and this host's clock may be wrong.
 */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "expire/repoclock.h"
#include "repo/layout.h"

#define CLOCK_DIR	LAYOUT_TMP "/clock"

/*
 * Our directory among those that other runs made just now, or left when they
 * died.
 */
struct asking {
	const char	*name;
	int64_t		 now;
	char		 old[LAYOUT_PATH];	/* the oldest of the others */
	int64_t		 mtime;			/* and its time */
};

static int
on_clock(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct asking	*ask = arg;

	(void)i;
	(void)missing;
	if (en == NULL)
		return (0);
	if (strcmp(en->name, ask->name) == 0)
		ask->now = en->mtime;
	else if (en->is_dir && strlen(en->name) < 64 &&
	    strspn(en->name, "0123456789-") == strlen(en->name) &&
	    (ask->old[0] == '\0' || en->mtime < ask->mtime)) {
		ask->mtime = en->mtime;
		return (str_fmt(ask->old, sizeof(ask->old), e, CLOCK_DIR
		    "/%s", en->name));
	}
	return (0);
}

static int
look(struct archive *a, const char *path, struct asking *ask, struct err *e)
{
	static const char *const list[] = { CLOCK_DIR };

	return (store_mkdir(a->store, path, e) ||
	    store_list(a->store, list, 1, on_clock, ask, e) ? -1 : 0);
}

/*
 * tmp/ may have many entries, so our directory is made in tmp/clock, which is
 * short to list.  tmp/clock itself stays: another run may be about to make
 * its own directory in it.
 *
 * Whoever may push can make tmp/clock before us, and so that nobody may enter
 * or list it.  Then it is removed, and made anew.
 */
int
repoclock_ask(struct archive *a, int64_t *seconds, struct err *e)
{
	char			 path[LAYOUT_PATH];
	struct asking		 ask = { .name = path + sizeof(CLOCK_DIR) };
	const char		*dirs[] = { path, ask.old };
	const char		*shut[] = { path, CLOCK_DIR };
	struct err		 why = ERR_INIT, unused = ERR_INIT;

	if (str_fmt(path, sizeof(path), e, CLOCK_DIR "/%" PRId64 "-%ld",
	    clock_now_us(), (long)getpid()))
		return (-1);
	if (look(a, path, &ask, &why)) {
		if (!err_of_one_file(&why))
			return (err_set(e, why.kind, "%s", why.msg));
		if (store_rmdir(a->store, shut, 2, &unused))
			err_clear(&unused);	/* the next look fails, too */
		if (look(a, path, &ask, e))
			return (-1);
	}
	*seconds = ask.now;
	return (store_rmdir(a->store, dirs, ask.old[0] == '\0' ||
	    ask.now - ask.mtime < 86400 ? 1 : 2, e));
}
