/* SPDX-License-Identifier: ISC */
#ifndef TEST_DISKLOG_H
#define TEST_DISKLOG_H

#include <stdint.h>

/*
 * A record of what was done to files, as disk/diskcalls.c writes it and
 * diskreplay.c reads it: this struct, then "name", "name2" and "data" without
 * NULs.  Files and directories are known by device and inode, as the kernel
 * knows them: a number that is created anew is another file.
 */
enum disklog_op {
	DISKLOG_CREATE = 1,	/* "name" in "dir" is the new file "ino" */
	DISKLOG_MKDIR,
	DISKLOG_SYMLINK,	/* "data" is where it leads */
	DISKLOG_LINK,		/* "ino" is also "name2" in "dir2" */
	DISKLOG_RENAME,		/* from "name" in "dir" to "name2" in "dir2" */
	DISKLOG_UNLINK,		/* also of an empty directory */
	DISKLOG_WRITE,		/* "data" at "off" */
	DISKLOG_TRUNCATE,	/* to "off" bytes */
	DISKLOG_PUNCH,		/* "len" bytes at "off" are a hole */
	DISKLOG_SYNC,		/* one file or directory */
	DISKLOG_SYNCFS,		/* all of one device */
	DISKLOG_MARK,		/* "name": said by the test */
	DISKLOG_ROOT		/* "ino" is the directory "name" */
};

struct disklog {
	uint32_t	 op;
	uint32_t	 mode;		/* permissions */
	uint64_t	 dev, ino;
	uint64_t	 dir_dev, dir, dir2_dev, dir2;
	uint64_t	 off, len;
	int64_t		 us;		/* when it was done */
	uint32_t	 name, name2, data;	/* their lengths */
	uint32_t	 reserved;
};

#endif /* TEST_DISKLOG_H */
