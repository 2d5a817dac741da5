/* SPDX-License-Identifier: ISC */
/*
 * System calls that change files, recorded, counted, and made to fail.
 *
 * The functions have the names of the C library's and reach the kernel by its
 * syscall(2), which is one of them, since openat2(2) has no other name.  So
 * they work wherever a program finds them before the library: linked into it,
 * also under a sanitizer, or in a library that is loaded in front
 * (LD_PRELOAD).
 *
 * One lock, of all threads and, by the files' flock(2), of all processes, is
 * held around a call and its record: the order of the records is the order
 * in which things happened.
 */
#undef _FORTIFY_SOURCE		/* its inline functions have the same names */
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <linux/openat2.h>

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "diskcalls.h"
#include "../disklog.h"

static pthread_mutex_t	 lock = PTHREAD_MUTEX_INITIALIZER;
static int		 log_fd = -1, trace_fd = -1, nosync;
static char		 fail_classes[16];
static unsigned		 fail_nth, counted;	/* of a unit test */
static unsigned		 trace_nth;		/* of a program */
static char		 failed[DISKCALLS_LINE];

/* What diskcalls_refuse() was called with; no class: nothing. */
static struct {
	atomic_char	 class;
	const char	*end;
	int		 why;
	atomic_uint	 well;		/* calls that still go well */
} refusal;

/* Without the library, whose functions these are. */

typedef long	 system_call(long, ...);

static system_call *
kernel(void)
{
	static system_call	*next;
	void		*p;

	if (next == NULL) {
		if ((p = dlsym(RTLD_NEXT, "syscall")) == NULL)
			abort();
		memcpy(&next, &p, sizeof(next));
	}
	return (next);
}

static long
k_open(int dir, const char *path, int flags, mode_t mode)
{
	return (kernel()(SYS_openat, dir, path, flags, mode));
}

static int
open_shared(const char *path)
{
	long	 fd = k_open(AT_FDCWD, path, O_RDWR | O_CREAT | O_APPEND |
		    O_CLOEXEC, 0666);
	long	 high;

	if (fd == -1) {
		perror(path);
		abort();
	}
	/* High, so that no test of descriptors finds a number taken. */
	high = kernel()(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 400);
	if (high == -1)
		return ((int)fd);
	(void)kernel()(SYS_close, fd);
	return ((int)high);
}

__attribute__((constructor))
static void
from_environment(void)
{
	const char	*p;

	if ((p = getenv("DISK_LOG")) != NULL)
		log_fd = open_shared(p);
	if ((p = getenv("DISK_TRACE")) != NULL)
		trace_fd = open_shared(p);
	nosync = getenv("DISK_NOSYNC") != NULL;
	if ((p = getenv("DISK_FAIL")) != NULL && strchr(p, ':') != NULL &&
	    (size_t)(strchr(p, ':') - p) < sizeof(fail_classes)) {
		memcpy(fail_classes, p, (size_t)(strchr(p, ':') - p));
		trace_nth = (unsigned)strtoul(strchr(p, ':') + 1, NULL, 10);
	}
}

static void
enter(void)
{
	(void)pthread_mutex_lock(&lock);
	if (log_fd != -1)
		(void)flock(log_fd, LOCK_EX);
	if (trace_fd != -1)
		(void)flock(trace_fd, LOCK_EX);
}

static void
leave(void)
{
	const int	 saved = errno;

	if (trace_fd != -1)
		(void)flock(trace_fd, LOCK_UN);
	if (log_fd != -1)
		(void)flock(log_fd, LOCK_UN);
	(void)pthread_mutex_unlock(&lock);
	errno = saved;
}

/* The path of a call, for people. */
static void
path_of(char *buf, size_t size, int dir, const char *path)
{
	char	 self[48];
	ssize_t	 n = 0;

	buf[0] = '\0';
	if (path == NULL || (path[0] != '/' && dir != AT_FDCWD)) {
		(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", dir);
		n = readlink(self, buf, size - 1);
		n = n < 0 ? 0 : n;
		buf[n] = '\0';
	}
	if (path != NULL)
		(void)snprintf(buf + n, size - (size_t)n, "%s%s",
		    n > 0 ? "/" : "", path);
}

/* Whether diskcalls_refuse() has it fail, with its errno. */
static int
refused(char class, const char *call, int dir, const char *path)
{
	char	 full[PATH_MAX];
	size_t	 n, end;

	if (atomic_load(&refusal.class) != class)
		return (0);
	path_of(full, sizeof(full), dir, path);
	n = strlen(full);
	end = strlen(refusal.end);
	if (n < end || strcmp(full + n - end, refusal.end) != 0)
		return (0);
	if (atomic_load(&refusal.well) > 0) {
		atomic_fetch_sub(&refusal.well, 1);
		return (0);
	}
	(void)snprintf(failed, sizeof(failed), "%s %.*s", call,
	    DISKCALLS_LINE - 40, full);
	errno = refusal.why;
	return (1);
}

/*
 * Count a call of a class; 1 if it is to fail.  "path" is relative to "dir",
 * or NULL: "dir" itself.
 */
static int
fails(char class, const char *call, int dir, const char *path)
{
	struct stat	 st;
	char		 line[DISKCALLS_LINE + 1], full[PATH_MAX];
	int		 is = 0;

	if (refused(class, call, dir, path))
		return (1);
	if (fail_nth != 0 || trace_fd != -1 || fail_classes[0] != '\0')
		path_of(full, sizeof(full), dir, path);
	if (trace_fd != -1) {
		if (fstat(trace_fd, &st) == -1)
			abort();
		is = strchr(fail_classes, class) != NULL && trace_nth ==
		    (unsigned)(st.st_size / DISKCALLS_LINE) + 1;
		(void)snprintf(line, sizeof(line), "%c %s %.*s%s", class,
		    call, DISKCALLS_LINE - 40, full, is ? " FAILS" : "");
		memset(line + strlen(line), ' ',
		    sizeof(line) - strlen(line));
		line[DISKCALLS_LINE - 1] = '\n';
		if (kernel()(SYS_write, trace_fd, line, DISKCALLS_LINE) !=
		    DISKCALLS_LINE)
			abort();
	} else if (strchr(fail_classes, class) != NULL)
		is = ++counted == fail_nth;
	if (is) {
		(void)snprintf(failed, sizeof(failed), "%s %.*s", call,
		    DISKCALLS_LINE - 40, full);
		errno = EIO;
	}
	return (is);
}

/* A path's directory and the name in it, as fstatat(2) takes them. */
struct place {
	struct stat	 dir;
	char		 up[PATH_MAX];
	const char	*name;
	int		 known;
};

static void
place_of(struct place *p, int dir, const char *path)
{
	const char	*slash = strrchr(path, '/');
	size_t		 n;

	p->known = 0;
	p->name = path;
	if (log_fd == -1)
		return;
	p->name = slash == NULL ? path : slash + 1;
	n = slash == NULL ? 0 : slash == path ? 1 : (size_t)(slash - path);
	if (n >= sizeof(p->up))
		return;
	memcpy(p->up, n == 0 ? "." : path, n == 0 ? 1 : n);
	p->up[n == 0 ? 1 : n] = '\0';
	p->known = fstatat(dir, p->up, &p->dir, 0) == 0;
}

static void
record(struct disklog *r, const char *name, const char *name2,
    const void *data, size_t n)
{
	struct parts {		/* as struct iovec, for what is const */
		const void	*p;
		size_t		 n;
	} v[4];
	struct timespec	 ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	r->us = (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
	r->name = name == NULL ? 0 : (uint32_t)strlen(name);
	r->name2 = name2 == NULL ? 0 : (uint32_t)strlen(name2);
	r->data = (uint32_t)n;
	v[0] = (struct parts){ r, sizeof(*r) };
	v[1] = (struct parts){ name, r->name };
	v[2] = (struct parts){ name2, r->name2 };
	v[3] = (struct parts){ data, n };
	/* In one call: a process that is killed leaves no part of it. */
	if (kernel()(SYS_writev, log_fd, v, 4) != (long)(sizeof(*r) + r->name +
	    r->name2 + n))
		abort();
}

/* A record about the file "st" at one place. */
static struct disklog
about(enum disklog_op op, const struct stat *st, const struct place *p)
{
	struct disklog	 r = { .op = (uint32_t)op };

	if (st != NULL) {
		r.dev = st->st_dev;
		r.ino = st->st_ino;
		r.mode = st->st_mode & 07777;
	}
	if (p != NULL) {
		r.dir_dev = p->dir.st_dev;
		r.dir = p->dir.st_ino;
	}
	return (r);
}

/* Files. */

/* By openat2(2) if "how" is not NULL. */
static int
kernel_open(int dir, const char *path, int flags, mode_t mode,
    const struct open_how *how)
{
	return ((int)(how == NULL ? k_open(dir, path, flags, mode) :
	    kernel()(SYS_openat2, dir, path, how, sizeof(*how))));
}

static int
open_file(int dir, const char *path, int flags, mode_t mode,
    const struct open_how *how)
{
	struct disklog	 r;
	struct place	 p;
	struct stat	 was, st;
	int		 made, fd;

	if (refused('o', "open", dir, path))
		return (-1);
	if (log_fd == -1 || (flags & (O_CREAT | O_TRUNC)) == 0)
		return (kernel_open(dir, path, flags, mode, how));
	enter();
	place_of(&p, dir, path);
	made = fstatat(dir, path, &was, AT_SYMLINK_NOFOLLOW) == -1;
	fd = kernel_open(dir, path, flags, mode, how);
	if (fd != -1 && p.known && fstat(fd, &st) == 0 &&
	    S_ISREG(st.st_mode) && (made || (flags & O_TRUNC) != 0)) {
		r = about(made ? DISKLOG_CREATE : DISKLOG_TRUNCATE, &st, &p);
		record(&r, p.name, NULL, NULL, 0);
	}
	leave();
	return (fd);
}

/* Calls have fewer arguments; what is read beyond them is passed on unseen. */
__attribute__((no_sanitize("address")))
long
syscall(long number, ...)
{
	const struct open_how	*how;
	const char		*path;
	va_list			 ap;
	long			 a[6];
	size_t			 i;
	int			 dir;

	va_start(ap, number);
	if (number == SYS_openat2) {
		dir = va_arg(ap, int);
		path = va_arg(ap, const char *);
		how = va_arg(ap, const struct open_how *);
		va_end(ap);
		return (open_file(dir, path, (int)how->flags, 0, how));
	}
	for (i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	return (kernel()(number, a[0], a[1], a[2], a[3], a[4], a[5]));
}

static int
takes_mode(int flags)
{
	return ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE);
}

int
open(const char *path, int flags, ...)
{
	mode_t	 mode = 0;
	va_list	 ap;

	if (takes_mode(flags)) {
		va_start(ap, flags);
		mode = va_arg(ap, mode_t);
		va_end(ap);
	}
	return (open_file(AT_FDCWD, path, flags, mode, NULL));
}

int
openat(int dir, const char *path, int flags, ...)
{
	mode_t	 mode = 0;
	va_list	 ap;

	if (takes_mode(flags)) {
		va_start(ap, flags);
		mode = va_arg(ap, mode_t);
		va_end(ap);
	}
	return (open_file(dir, path, flags, mode, NULL));
}

/* So they are called where flags are not known when it is compiled. */
int	 __open_2(const char *, int);
int	 __openat_2(int, const char *, int);

int
__open_2(const char *path, int flags)
{
	return (open_file(AT_FDCWD, path, flags, 0, NULL));
}

int
__openat_2(int dir, const char *path, int flags)
{
	return (open_file(dir, path, flags, 0, NULL));
}

int
mkostemp(char *path, int flags)
{
	static const char	 digits[] = "0123456789abcdefghijklmnopqrstuvw";
	static unsigned		 salt;
	struct timespec		 ts;
	size_t			 i, n = strlen(path);
	unsigned long		 x;
	int			 fd;

	do {
		(void)clock_gettime(CLOCK_REALTIME, &ts);
		x = (unsigned long)ts.tv_nsec * 2654435761UL + ++salt +
		    (unsigned long)getpid();
		for (i = n - 6; i < n; i++, x >>= 5)
			path[i] = digits[x & 31];
		fd = open_file(AT_FDCWD, path, O_RDWR | O_CREAT | O_EXCL |
		    flags, 0600, NULL);
	} while (fd == -1 && errno == EEXIST);
	return (fd);
}

/* Whether the descriptor's writes are recorded. */
static int
is_file(int fd, struct stat *st)
{
	return (log_fd != -1 && fstat(fd, st) == 0 && S_ISREG(st->st_mode));
}

static void
record_write(const struct stat *st, off_t off, const void *buf, size_t n)
{
	struct disklog	 r = about(DISKLOG_WRITE, st, NULL);

	r.off = (uint64_t)off;
	record(&r, NULL, NULL, buf, n);
}

ssize_t
write(int fd, const void *buf, size_t n)
{
	struct stat	 st;
	off_t		 at;
	ssize_t		 w;

	if (!is_file(fd, &st))
		return ((ssize_t)kernel()(SYS_write, fd, buf, n));
	enter();
	at = lseek(fd, 0, SEEK_CUR);
	if ((fcntl(fd, F_GETFL) & O_APPEND) != 0 && fstat(fd, &st) == 0)
		at = st.st_size;
	w = (ssize_t)kernel()(SYS_write, fd, buf, n);
	if (w > 0)
		record_write(&st, at, buf, (size_t)w);
	leave();
	return (w);
}

ssize_t
pwrite(int fd, const void *buf, size_t n, off_t off)
{
	struct stat	 st;
	ssize_t		 w;

	if (!is_file(fd, &st))
		return ((ssize_t)kernel()(SYS_pwrite64, fd, buf, n, off));
	enter();
	w = (ssize_t)kernel()(SYS_pwrite64, fd, buf, n, off);
	if (w > 0)
		record_write(&st, off, buf, (size_t)w);
	leave();
	return (w);
}

int
ftruncate(int fd, off_t size)
{
	struct disklog	 r;
	struct stat	 st;
	int		 rc;

	if (!is_file(fd, &st))
		return ((int)kernel()(SYS_ftruncate, fd, size));
	enter();
	if ((rc = (int)kernel()(SYS_ftruncate, fd, size)) == 0) {
		r = about(DISKLOG_TRUNCATE, &st, NULL);
		r.off = (uint64_t)size;
		record(&r, NULL, NULL, NULL, 0);
	}
	leave();
	return (rc);
}

int
fallocate(int fd, int mode, off_t off, off_t len)
{
	struct disklog	 r;
	struct stat	 st;
	int		 rc;

	if (!is_file(fd, &st) || (mode & FALLOC_FL_PUNCH_HOLE) == 0)
		return ((int)kernel()(SYS_fallocate, fd, mode, off, len));
	enter();
	if ((rc = (int)kernel()(SYS_fallocate, fd, mode, off, len)) == 0) {
		r = about(DISKLOG_PUNCH, &st, NULL);
		r.off = (uint64_t)off;
		r.len = (uint64_t)len;
		record(&r, NULL, NULL, NULL, 0);
	}
	leave();
	return (rc);
}

/* What is only read.  Nobody records it; diskcalls_refuse() has it fail. */

ssize_t
read(int fd, void *buf, size_t n)
{
	if (refused('i', "read", fd, NULL))
		return (-1);
	return ((ssize_t)kernel()(SYS_read, fd, buf, n));
}

ssize_t
pread(int fd, void *buf, size_t n, off_t off)
{
	if (refused('i', "read", fd, NULL))
		return (-1);
	return ((ssize_t)kernel()(SYS_pread64, fd, buf, n, off));
}

/* The C library's own function of this name. */
static void
library(void *fn, size_t size, const char *name)
{
	void	*p = dlsym(RTLD_NEXT, name);

	if (p == NULL)
		abort();
	memcpy(fn, &p, size);
}

struct dirent *
readdir(DIR *d)
{
	static struct dirent	*(*next)(DIR *);

	if (next == NULL)
		library(&next, sizeof(next), "readdir");
	return (refused('d', "readdir", dirfd(d), NULL) ? NULL : next(d));
}

int
fstatat(int dir, const char *path, struct stat *st, int flags)
{
	static int	(*next)(int, const char *, struct stat *, int);

	if (next == NULL)
		library(&next, sizeof(next), "fstatat");
	return (refused('t', "stat", dir, path) ? -1 :
	    next(dir, path, st, flags));
}

int
stat(const char *path, struct stat *st)
{
	return (fstatat(AT_FDCWD, path, st, 0));
}

int
lstat(const char *path, struct stat *st)
{
	return (fstatat(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW));
}

int
fstat(int fd, struct stat *st)
{
	static int	(*next)(int, struct stat *);

	if (next == NULL)
		library(&next, sizeof(next), "fstat");
	return (refused('t', "stat", fd, NULL) ? -1 : next(fd, st));
}

/* Syncs. */

static int
sync_by(const char *call, long number, int fd, enum disklog_op op)
{
	struct disklog	 r;
	struct stat	 st;
	int		 rc = -1;

	enter();
	if (!fails('s', call, fd, NULL)) {
		rc = nosync ? 0 : (int)kernel()(number, fd);
		if (rc == 0 && log_fd != -1 && fstat(fd, &st) == 0) {
			r = about(op, &st, NULL);
			record(&r, NULL, NULL, NULL, 0);
		}
	}
	leave();
	return (rc);
}

int
fsync(int fd)
{
	return (sync_by("fsync", SYS_fsync, fd, DISKLOG_SYNC));
}

int
fdatasync(int fd)
{
	return (sync_by("fdatasync", SYS_fdatasync, fd, DISKLOG_SYNC));
}

int
syncfs(int fd)
{
	return (sync_by("syncfs", SYS_syncfs, fd, DISKLOG_SYNCFS));
}

/* Names. */

int
linkat(int from_dir, const char *from, int to_dir, const char *to, int flags)
{
	struct disklog	 r;
	struct place	 p;
	struct stat	 st;
	int		 rc = -1;

	enter();
	if (fails('l', "link", to_dir, to))
		goto out;
	place_of(&p, to_dir, to);
	rc = (int)kernel()(SYS_linkat, from_dir, from, to_dir, to, flags);
	if (rc == 0 && p.known && fstatat(to_dir, to, &st,
	    AT_SYMLINK_NOFOLLOW) == 0) {
		r = about(DISKLOG_LINK, &st, NULL);
		r.dir2_dev = p.dir.st_dev;
		r.dir2 = p.dir.st_ino;
		record(&r, NULL, p.name, NULL, 0);
	}
out:
	leave();
	return (rc);
}

int
link(const char *from, const char *to)
{
	return (linkat(AT_FDCWD, from, AT_FDCWD, to, 0));
}

int
renameat2(int from_dir, const char *from, int to_dir, const char *to,
    unsigned flags)
{
	struct disklog	 r;
	struct place	 a, b;
	struct stat	 st;
	int		 rc = -1;

	enter();
	if (fails('r', "rename", to_dir, to))
		goto out;
	place_of(&a, from_dir, from);
	place_of(&b, to_dir, to);
	rc = (int)kernel()(SYS_renameat2, from_dir, from, to_dir, to, flags);
	if (rc == 0 && a.known && b.known && fstatat(to_dir, to, &st,
	    AT_SYMLINK_NOFOLLOW) == 0) {
		r = about(DISKLOG_RENAME, &st, &a);
		r.dir2_dev = b.dir.st_dev;
		r.dir2 = b.dir.st_ino;
		record(&r, a.name, b.name, NULL, 0);
	}
out:
	leave();
	return (rc);
}

int
renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	return (renameat2(from_dir, from, to_dir, to, 0));
}

int
rename(const char *from, const char *to)
{
	return (renameat2(AT_FDCWD, from, AT_FDCWD, to, 0));
}

int
unlinkat(int dir, const char *path, int flags)
{
	struct disklog	 r;
	struct place	 p;
	int		 rc = -1;

	enter();
	if (fails('u', (flags & AT_REMOVEDIR) != 0 ? "rmdir" : "unlink", dir,
	    path))
		goto out;
	place_of(&p, dir, path);
	rc = (int)kernel()(SYS_unlinkat, dir, path, flags);
	if (rc == 0 && p.known) {
		r = about(DISKLOG_UNLINK, NULL, &p);
		record(&r, p.name, NULL, NULL, 0);
	}
out:
	leave();
	return (rc);
}

int
unlink(const char *path)
{
	return (unlinkat(AT_FDCWD, path, 0));
}

int
rmdir(const char *path)
{
	return (unlinkat(AT_FDCWD, path, AT_REMOVEDIR));
}

/* What was just made at a place: record it. */
static void
record_made(enum disklog_op op, const struct place *p, int dir,
    const char *path, const char *data)
{
	struct disklog	 r;
	struct stat	 st;

	if (!p->known || fstatat(dir, path, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return;
	r = about(op, &st, p);
	record(&r, p->name, NULL, data, data == NULL ? 0 : strlen(data));
}

int
mkdirat(int dir, const char *path, mode_t mode)
{
	struct place	 p;
	int		 rc = -1;

	enter();
	if (!fails('m', "mkdir", dir, path)) {
		place_of(&p, dir, path);
		rc = (int)kernel()(SYS_mkdirat, dir, path, mode);
		if (rc == 0)
			record_made(DISKLOG_MKDIR, &p, dir, path, NULL);
	}
	leave();
	return (rc);
}

int
mkdir(const char *path, mode_t mode)
{
	return (mkdirat(AT_FDCWD, path, mode));
}

int
symlinkat(const char *target, int dir, const char *path)
{
	struct place	 p;
	int		 rc;

	enter();
	place_of(&p, dir, path);
	rc = (int)kernel()(SYS_symlinkat, target, dir, path);
	if (rc == 0)
		record_made(DISKLOG_SYMLINK, &p, dir, path, target);
	leave();
	return (rc);
}

int
symlink(const char *target, const char *path)
{
	return (symlinkat(target, AT_FDCWD, path));
}

/* Programs that ask for large files (the sftp-server) use these names. */
int	 open64(const char *, int, ...) __attribute__((alias("open")));
int	 openat64(int, const char *, int, ...) __attribute__((alias("openat")));
ssize_t	 pwrite64(int, const void *, size_t, off_t)
	    __attribute__((alias("pwrite")));
int	 ftruncate64(int, off_t) __attribute__((alias("ftruncate")));
int	 fallocate64(int, int, off_t, off_t)
	    __attribute__((alias("fallocate")));

/* For unit tests. */

void
diskcalls_log(const char *path)
{
	enter();
	if (log_fd != -1) {
		(void)flock(log_fd, LOCK_UN);
		(void)kernel()(SYS_close, log_fd);
	}
	log_fd = -1;
	leave();
	if (path != NULL)
		log_fd = open_shared(path);
}

void
diskcalls_nosync(int on)
{
	nosync = on;
}

unsigned
diskcalls_fail(const char *classes, unsigned nth)
{
	unsigned	 n = counted;

	(void)pthread_mutex_lock(&lock);
	(void)snprintf(fail_classes, sizeof(fail_classes), "%s", classes);
	fail_nth = nth;
	counted = 0;
	if (nth != 0)
		failed[0] = '\0';
	(void)pthread_mutex_unlock(&lock);
	return (n);
}

void
diskcalls_refuse(char class, const char *end, int why, unsigned well)
{
	refusal.end = end;
	refusal.why = why;
	atomic_store(&refusal.well, well);
	failed[0] = '\0';
	atomic_store(&refusal.class, class);
}

void
diskcalls_allow(void)
{
	atomic_store(&refusal.class, '\0');
}

const char *
diskcalls_failed(void)
{
	return (failed);
}
