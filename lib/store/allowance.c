/* SPDX-License-Identifier: ISC */
/* Connections are counted by locks: no number is left wrong by a crash. */
#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/str.h"
#include "crypt/hash.h"
#include "store/allowance.h"

#define USED		16	/* bytes of the hash */
#define FIRST_MS	20	/* between two looks; longer and longer, */
#define MOST_MS		500	/* up to this */

/* Whether we are root, and the folder belongs to another user. */
static int
is_guest(const struct store_conf *conf)
{
	struct stat	 st;

	return (geteuid() == 0 && (stat(conf->allowance_dir, &st) == -1 ||
	    st.st_uid != 0));
}

/* Make the folder of an account's locks. */
static int
open_folder(char dir[PATH_MAX], const struct store_conf *conf,
    const struct address *a, struct err *e)
{
	char	 text[ADDRESS_USERMAX + ADDRESS_HOSTMAX + 16];
	char	 hex[2 * USED + 1];
	uint8_t	 hash[HASH_LEN];

	if (str_fmt(text, sizeof(text), e, "%s@%s:%u", a->user, a->host,
	    a->port))
		return (-1);
	hash_of(hash, text, strlen(text));
	if (str_fmt(dir, PATH_MAX, e, "%s/connections-%s",
	    conf->allowance_dir, str_hex(hex, hash, USED)) ||
	    (!is_guest(conf) && io_mkdirs(dir, 0700, e)))
		return (err_ctx(e, "connections: state_dir must be writable "
		    "to count them"));
	return (0);
}

/* Returns 0, 1 if somebody else has it, or -1. */
static int
try_one(int *fd, const char *dir, unsigned no, int guest, struct err *e)
{
	char	 path[PATH_MAX + 16];
	int	 busy;

	if (str_fmt(path, sizeof(path), e, "%s/%u", dir, no))
		return (-1);
	*fd = open(path, O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK |
	    (guest ? O_RDONLY : O_RDWR | O_CREAT), 0600);
	if (*fd == -1 && guest && errno == ENOENT)
		return (0);
	if (*fd == -1)
		return (err_sys(e, ERR_LOCAL, "connections: %s", path));
	if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
		return (0);
	busy = errno == EWOULDBLOCK;
	if (!busy)
		err_sys(e, ERR_LOCAL, "connections: lock %s", path);
	(void)close(*fd);
	*fd = -1;
	return (busy ? 1 : -1);
}

/* WAL takes first what is kept for it: the files from 0 on. */
static int
try_all(int *fd, const struct store_conf *conf, const char *dir,
    struct err *e)
{
	unsigned	 no = conf->for_wal ? 0 : conf->connections / 4;
	int		 rc = 1, guest = is_guest(conf);

	for (; rc == 1 && no < conf->connections; no++)
		rc = try_one(fd, dir, no, guest, e);
	return (rc);
}

int
allowance_take(int *fd, const struct store_conf *conf,
    const struct address *a, struct err *e)
{
	const int64_t	 began = clock_mono_ms();
	struct timespec	 pause;
	char		 dir[PATH_MAX];
	int64_t		 ms = FIRST_MS, now;
	int		 rc;

	*fd = -1;
	if (conf->connections == 0)
		return (0);
	if (open_folder(dir, conf, a, e))
		return (-1);
	while ((rc = try_all(fd, conf, dir, e)) == 1) {
		if (conf->spare || (uint64_t)(clock_mono_ms() - began) >
		    conf->io_timeout_ms)
			return (err_set(e, ERR_REMOTE, "%s: all %u connections"
			    " that \"connections\" allows%s are in use by "
			    "programs of this host", a->host,
			    conf->connections, conf->for_wal ? "" :
			    ", less a quarter that is kept for WAL,"));
		now = clock_jitter(ms);
		pause = (struct timespec){ now / 1000, now % 1000 * 1000000 };
		(void)nanosleep(&pause, NULL);
		if (ms < MOST_MS)
			ms *= 2;
	}
	return (rc);
}

void
allowance_return(int fd)
{
	if (fd != -1)
		(void)close(fd);
}
