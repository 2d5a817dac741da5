/* SPDX-License-Identifier: ISC */
#ifndef TEST_DISKCALLS_H
#define TEST_DISKCALLS_H

/*
 * The system calls that change files, in place of the C library's: they can
 * be recorded, counted, and made to fail; and those that read files and
 * directories, which can be made to fail.  This is linked into unit tests
 * and into programs (see Makefile), and is a library for LD_PRELOAD that the
 * sftp-server of a test loads.  Whatever is not asked for goes to the kernel
 * as it is.
 *
 * A program is told by its environment:
 *
 *	DISK_LOG=FILE	record what is written, named and synced, in the form
 *			of disklog.h, which diskreplay.h reads
 *	DISK_TRACE=FILE	a line for each call of the classes below
 *	DISK_FAIL=CLASSES:N
 *			the Nth line of DISK_TRACE that is of one of CLASSES is
 *			a call that fails, without having done anything; only
 *			that one does.  Without a DISK_TRACE nothing fails
 *	DISK_NOSYNC=1	fsync and its kin are recorded, counted, and left out:
 *			no test sees whether a disk was waited for
 *
 * Several processes may share the files.  A class is a letter: s for fsync,
 * fdatasync, syncfs; l for link; r for rename; u for unlink and rmdir;
 * m for mkdir.
 */
#define DISKCALLS_LINE	320	/* bytes of a line of DISK_TRACE, all of them */

/* The same for a unit test; NULL or 0 ends it. */
void	 diskcalls_log(const char *path);
void	 diskcalls_nosync(int on);

/*
 * The "nth" call (from 1) of one of these classes from now on fails; 0: none
 * does.  Returns the number of calls of these classes since the last time.
 */
unsigned diskcalls_fail(const char *classes, unsigned nth);

/*
 * From now on, until diskcalls_allow(), each call of one class on a path that
 * ends in "end" fails with errno "why"; the first "well" of them go well.
 * Besides the classes above there are those that change nothing: o for open,
 * openat, openat2; d for readdir; t for stat and its kin; i for read and
 * pread.  What the C library calls itself (opendir, realpath, stdio) is not
 * seen.  "end" must live until diskcalls_allow().
 */
void	 diskcalls_refuse(char class, const char *end, int why,
	    unsigned well);
void	 diskcalls_allow(void);

/* What the last call that failed was: "fsync /tmp/x"; "" if none was. */
const char *diskcalls_failed(void);

#endif /* TEST_DISKCALLS_H */
