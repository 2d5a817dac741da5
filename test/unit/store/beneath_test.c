/* SPDX-License-Identifier: ISC */
/*
 * Paths below a directory, without links; in each way in which a kernel lets
 * them be resolved.
 */
#include <sys/mount.h>
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "oldkernel.h"
#include "store/beneath.h"
#include "testdir.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static char	 root[512];		/* through a link to the directory */

/* A path beside the root: "real" is the root's directory itself. */
static const char *
at(const char *path)
{
	return (testdir_path(path));
}

static void
make_file(const char *path)
{
	const int	 fd = open(at(path), O_WRONLY | O_CREAT | O_EXCL, 0600);

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, path, strlen(path)), strlen(path));
	assert_int_equal(close(fd), 0);
}

/*
 * real/a/b/file is sound.  The links lead out of the root, to a place in it,
 * to nothing, and into the links of /proc, which are not like others.
 */
static int
setup(void **state)
{
	(void)state;
	testdir_make();
	assert_int_equal(mkdir(at("real"), 0700), 0);
	assert_int_equal(mkdir(at("real/a"), 0700), 0);
	assert_int_equal(mkdir(at("real/a/b"), 0700), 0);
	assert_int_equal(mkdir(at("out"), 0700), 0);
	assert_int_equal(mkdir(at("out/empty"), 0700), 0);
	make_file("real/a/b/file");
	make_file("out/file");
	assert_int_equal(symlink("real", at("root")), 0);
	assert_int_equal(symlink("../out", at("real/link")), 0);
	assert_int_equal(symlink("a", at("real/inner")), 0);
	assert_int_equal(symlink("nowhere", at("real/dangling")), 0);
	assert_int_equal(symlink("../../out/file", at("real/a/filelink")), 0);
	assert_int_equal(symlink("/proc/self/root", at("real/magic")), 0);
	(void)snprintf(root, sizeof(root), "%s", at("root"));
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	testdir_remove();
	return (0);
}

/* What open(2) does: the errno, or 0. */
static int
try(const char *path, int flags)
{
	int	 fd;

	errno = 0;
	if ((fd = beneath_open(root, path, flags, 0400)) == -1)
		return (errno);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(close(fd), 0);
	return (0);
}

static void
test_open(void **state)
{
	static const struct {
		const char	*path;
		int		 flags, want;
		const char	*link;		/* what beneath_symlink says */
	} cases[] = {
		{ "", O_RDONLY | O_DIRECTORY, 0, "" },
		{ "", O_PATH | O_DIRECTORY, 0, "" },
		{ "a", O_RDONLY | O_DIRECTORY, 0, "" },
		{ "a/b", O_PATH | O_DIRECTORY, 0, "" },
		{ "a/b/file", O_RDONLY | O_NONBLOCK, 0, "" },
		{ "a/b/none", O_RDONLY, ENOENT, "" },
		{ "none/b/file", O_RDONLY, ENOENT, "" },
		{ "a/b/file/x", O_RDONLY, ENOTDIR, "" },
		{ "a/b/file", O_RDONLY | O_DIRECTORY, ENOTDIR, "" },
		{ "a/b/file", O_WRONLY | O_CREAT | O_EXCL, EEXIST, "" },
		{ "link", O_RDONLY, ELOOP, "link" },
		{ "link", O_RDONLY | O_DIRECTORY, ELOOP, "link" },
		{ "link", O_PATH | O_DIRECTORY, ELOOP, "link" },
		{ "link/file", O_RDONLY, ELOOP, "link" },
		{ "link/new", O_WRONLY | O_CREAT | O_EXCL, ELOOP, "link" },
		{ "link/none/none", O_RDONLY, ELOOP, "link" },
		{ "inner/b/file", O_RDONLY, ELOOP, "inner" },
		{ "dangling", O_RDONLY, ELOOP, "dangling" },
		{ "dangling", O_RDONLY | O_DIRECTORY, ELOOP, "dangling" },
		{ "dangling/x", O_RDONLY, ELOOP, "dangling" },
		{ "a/filelink", O_RDONLY, ELOOP, "a/filelink" },
		{ "a/filelink/x", O_RDONLY, ELOOP, "a/filelink" },
		{ "magic/etc/passwd", O_RDONLY, ELOOP, "magic" },
	};
	size_t	 i, n;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		n = beneath_symlink(root, cases[i].path);
		if (try(cases[i].path, cases[i].flags) != cases[i].want ||
		    n != strlen(cases[i].link) ||
		    strncmp(cases[i].path, cases[i].link, n) != 0)
			fail_msg("%s: %s, link %zu", cases[i].path,
			    strerror(errno), n);
	}
	assert_int_equal(try("a/b/new", O_WRONLY | O_CREAT | O_EXCL), 0);
	assert_int_equal(unlink(at("real/a/b/new")), 0);
	assert_int_equal(access(at("out/new"), F_OK), -1);
}

/* Names and paths that are too long for the kernel. */
static void
test_long(void **state)
{
	char	 path[5000];
	size_t	 i;

	(void)state;
	memset(path, 'x', sizeof(path));
	path[300] = '\0';
	assert_int_equal(try(path, O_RDONLY), ENAMETOOLONG);
	path[255] = '\0';
	assert_int_equal(try(path, O_RDONLY), ENOENT);
	for (i = 1; i < sizeof(path); i += 2)
		path[i] = '/';
	path[255] = 'x';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(beneath_unlink(root, path), -1);
	assert_true(errno == ENAMETOOLONG || errno == ENOENT);
}

static void
refused(int rc)
{
	assert_int_equal(rc, -1);
	assert_int_equal(errno, ELOOP);
}

static void
test_no_change_outside(void **state)
{
	(void)state;
	refused(beneath_mkdir(root, "link/dir", 0700));
	refused(beneath_unlink(root, "link/file"));
	refused(beneath_unlink(root, "inner/b/file"));
	refused(beneath_rmdir(root, "link/empty"));
	refused(beneath_rmdir(root, "link"));
	refused(beneath_link(root, "link/file", "stolen"));
	refused(beneath_link(root, "a/b/file", "link/given"));
	refused(beneath_rename(root, "link/file", "stolen"));
	refused(beneath_rename(root, "a/b/file", "link/given"));
	assert_int_equal(beneath_mkdir(root, "link", 0700), -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(access(at("out/file"), F_OK), 0);
	assert_int_equal(access(at("out/empty"), F_OK), 0);
	assert_int_equal(access(at("out/given"), F_OK), -1);
	assert_int_equal(access(at("real/stolen"), F_OK), -1);
	assert_int_equal(access(at("real/a/b/file"), F_OK), 0);
}

static void
test_changes_inside(void **state)
{
	(void)state;
	assert_int_equal(beneath_mkdir(root, "new", 0700), 0);
	assert_int_equal(beneath_mkdir(root, "new/er", 0700), 0);
	assert_int_equal(beneath_link(root, "a/b/file", "new/er/file"), 0);
	assert_int_equal(beneath_link(root, "a/b/file", "new/er/file"), -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(beneath_rename(root, "new/er/file", "moved"), 0);
	assert_int_equal(beneath_rename(root, "moved", "a/b/file"), -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(beneath_rmdir(root, "new"), -1);
	assert_int_equal(errno, ENOTEMPTY);
	assert_int_equal(beneath_rmdir(root, "new/er"), 0);
	assert_int_equal(beneath_rmdir(root, "new"), 0);
	assert_int_equal(beneath_rmdir(root, "moved"), -1);
	assert_int_equal(errno, ENOTDIR);
	assert_int_equal(beneath_unlink(root, "moved"), 0);
	assert_int_equal(beneath_unlink(root, "moved"), -1);
	assert_int_equal(errno, ENOENT);
	/* A link goes itself, not what it leads to. */
	assert_int_equal(beneath_rename(root, "a/filelink", "filelink"), 0);
	assert_int_equal(beneath_unlink(root, "filelink"), 0);
	assert_int_equal(access(at("out/file"), F_OK), 0);
	assert_int_equal(symlink("../../out/file", at("real/a/filelink")), 0);
}

/* A disk that was mounted in there is no link. */
static void
test_mount(void **state)
{
	(void)state;
	assert_int_equal(mkdir(at("real/disk"), 0700), 0);
	if (mount(at("out"), at("real/disk"), "none", MS_BIND, NULL) == -1) {
		assert_int_equal(rmdir(at("real/disk")), 0);
		print_message("no right to mount: mounts not tested\n");
		skip();
	}
	assert_int_equal(try("disk/file", O_RDONLY), 0);
	assert_int_equal(beneath_mkdir(root, "disk/dir", 0700), 0);
	assert_int_equal(beneath_rmdir(root, "disk/dir"), 0);
	assert_int_equal(umount(at("real/disk")), 0);
	assert_int_equal(rmdir(at("real/disk")), 0);
}

static void
test_no_root(void **state)
{
	(void)state;
	assert_int_equal(beneath_open(at("none"), "a", O_RDONLY, 0), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(beneath_unlink(at("out/file"), "a"), -1);
	assert_int_equal(errno, ENOTDIR);
	assert_int_equal(beneath_symlink(at("none"), "a"), 0);
}

int
main(void)
{
	static const int	 refusals[] = { ENOSYS, EPERM };
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_no_change_outside),
		cmocka_unit_test(test_changes_inside),
		cmocka_unit_test(test_mount),
		cmocka_unit_test(test_no_root),
	};
	size_t			 i;
	int			 rc;

	rc = cmocka_run_group_tests(tests, setup, teardown);
	for (i = 0; i < COUNT(refusals); i++) {
		if (oldkernel_refuse(refusals[i]) ||
		    oldkernel_says() != refusals[i]) {
			print_message("no filters: the walk not tested\n");
			break;
		}
		rc += cmocka_run_group_tests(tests, setup, teardown);
	}
	return (rc);
}
