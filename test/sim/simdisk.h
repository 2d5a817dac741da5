/* SPDX-License-Identifier: ISC */
#ifndef SIM_SIMDISK_H
#define SIM_SIMDISK_H

#include <stddef.h>
#include <stdint.h>

/*
 * The storage host's disk, in memory: names, each of a directory or of a
 * file, which may have several; and a clock of its own.  Changes of names are
 * pending until simdisk_sync() of their directory; simdisk_crash() undoes
 * some that are, at random, for each name in their order.  Contents are
 * durable at once: the order of fsync() within one object is tested where the
 * back ends of store/ are.
 */
#define SIMDISK_PATH	192

struct simnode {
	unsigned	 refs;		/* names, and whoever reads it */
	int		 is_dir;
	char		*data;		/* owned; NULL if a directory */
	size_t		 n;
	int64_t		 mtime;		/* seconds */
};

/* Who is told of each name that appears or goes, after the fact. */
typedef void	 simdisk_told(const char *path, const struct simnode *,
		    int there);

void	 simdisk_begin(simdisk_told *);
void	 simdisk_end(void);

/* Its clock, in seconds; and how far that is ahead of the true time. */
int64_t	 simdisk_now(void);
void	 simdisk_turn(int64_t us);
int64_t	 simdisk_clock_us(void);	/* to the microsecond */

/* Counts crashes: connections that were made before one are lost. */
unsigned simdisk_epoch(void);
void	 simdisk_crash(void);

/* The node of that name, or NULL. */
struct simnode *simdisk_find(const char *path);

/* A new node with these bytes, which has no name; the caller unrefs it. */
struct simnode *simdisk_file(const void *p, size_t n);
void	 simdisk_ref(struct simnode *);
void	 simdisk_unref(struct simnode *);

/*
 * Change names.  Each returns 0, or an errno: EEXIST, ENOENT (also if the
 * directory is missing), ENOTEMPTY.
 */
int	 simdisk_mkdir(const char *path);
int	 simdisk_link(const char *path, struct simnode *);
int	 simdisk_unlink(const char *path);
int	 simdisk_rmdir(const char *path);
int	 simdisk_rename(const char *from, const char *to);

/* Make the names in the directory of "path" durable, and those above. */
void	 simdisk_sync(const char *path);

/*
 * Call "each" with the name and the node of each entry of a directory, in the
 * order in which they were made.  It must not change names.  Returns 0, or
 * ENOENT.
 */
int	 simdisk_list(const char *dir, void (*each)(void *arg,
	    const char *name, const struct simnode *), void *arg);

/* A file at random below "dir", or NULL; valid until a name changes. */
const char *simdisk_any(const char *dir);

#endif /* SIM_SIMDISK_H */
