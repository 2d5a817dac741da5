/* SPDX-License-Identifier: ISC */
/*
 * no_openat2 PROGRAM [ARGUMENT]...: run a program that the kernel refuses
 * openat2(2), as the filter of a container does that does not know this call.
 * Status 77 if this kernel has no such filters.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "oldkernel.h"

int
main(int argc, char **argv)
{
	if (argc < 2) {
		(void)fprintf(stderr, "usage: no_openat2 program ...\n");
		return (2);
	}
	if (oldkernel_refuse(EPERM) || oldkernel_says() != EPERM)
		return (77);
	(void)execvp(argv[1], argv + 1);
	perror(argv[1]);
	return (127);
}
