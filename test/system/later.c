/* SPDX-License-Identifier: ISC */
/*
 * Runs a command by another clock: "later LIBRARY FILE COMMAND...".  LIBRARY is
 * laterclock.so, and FILE says by how many seconds it is later.  The command
 * hands both on to what it starts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int
main(int argc, char *argv[])
{
	if (argc < 4) {
		(void)fprintf(stderr, "usage: later LIBRARY FILE COMMAND\n");
		return (2);
	}
	if (setenv("LD_PRELOAD", argv[1], 1) == -1 ||
	    setenv("LATERCLOCK", argv[2], 1) == -1 ||
	    /* The sanitizers want to come first, and need not. */
	    setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1) == -1) {
		perror("later");
		return (1);
	}
	(void)execvp(argv[3], argv + 3);
	perror(argv[3]);
	return (127);
}
