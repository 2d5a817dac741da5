/* SPDX-License-Identifier: ISC */
/*
 * no_unshare PROGRAM [ARGUMENT]...: run a program that the kernel refuses
 * unshare(2), as where users may have no namespaces.  Status 77 if this kernel
 * has no such filters.
 */
#include <sys/syscall.h>

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "oldkernel.h"

int
main(int argc, char **argv)
{
	if (argc < 2) {
		(void)fprintf(stderr, "usage: no_unshare program ...\n");
		return (2);
	}
	if (oldkernel_refuse_call(SYS_unshare, EPERM))
		return (77);
	(void)execvp(argv[1], argv + 1);
	perror(argv[1]);
	return (127);
}
