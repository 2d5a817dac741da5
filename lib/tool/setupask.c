/* SPDX-License-Identifier: ISC */
/* Steps on standard output, answers from the terminal. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tool/setupask.h"

#define COLUMN	13

void
setupask_step(const char *what, const char *fmt, ...)
{
	va_list	 ap;

	(void)printf("%-*s", COLUMN, what);
	va_start(ap, fmt);
	(void)vprintf(fmt, ap);
	va_end(ap);
	(void)printf("\n");
	(void)fflush(stdout);
}

int
setupask_reached(struct store *st, struct err *e)
{
	struct store_about	 a;

	if (store_about(st, &a, e))
		return (-1);
	setupask_step("repository", "reached %s", store_name(st));
	setupask_step("", "it can%s make files durable, and can%s publish by "
	    "link", a.fsync ? "" : "not", a.hardlink ? "" : "not");
	if (!a.fsync)
		setupask_step("", "so what was stored shortly before a power "
		    "cut there may be lost, as require_fsync = no accepts");
	if (!a.hardlink)
		setupask_step("", "so names are given by RENAME, and an SSH "
		    "key that may only add cannot store anything");
	if (a.space)
		setupask_step("", "%" PRIu64 " of %" PRIu64 " MiB are free",
		    a.bytes_free >> 20, a.bytes >> 20);
	else
		setupask_step("", "it does not say how much is free, so "
		    "nothing warns before its disk is full");
	return (0);
}

static int
answer(char *buf, size_t size, const char *prompt, struct err *e)
{
	if (!isatty(STDIN_FILENO))
		return (err_set(e, ERR_CONFIG, "standard input is no "
		    "terminal"));
	(void)printf("%s", prompt);
	(void)fflush(stdout);
	if (fgets(buf, (int)size, stdin) == NULL)
		return (err_set(e, ERR_CONFIG, "found no answer"));
	return (0);
}

int
setupask_key(const char *shown, const char **expected, struct err *e)
{
	char	 line[16];

	if (*expected != NULL && strcmp(*expected, shown) == 0)
		return (0);
	if (*expected != NULL)
		return (err_set(e, ERR_CONFIG, "--host-key: found %.128s, but "
		    "the host shows %s; compare that one, on the host itself",
		    *expected, shown));
	if (!isatty(STDIN_FILENO))
		return (err_set(e, ERR_CONFIG, "found nobody to compare the "
		    "host's key; run this at a terminal, or give --host-key "
		    "%s once you have compared it on that host", shown));
	if (answer(line, sizeof(line), "On that host, \"for f in /etc/ssh/"
	    "ssh_host_*_key.pub; do ssh-keygen -lf $f; done\"\nprints its "
	    "keys.  Is this one of them (yes/no)? ", e))
		return (-1);
	if (strcmp(line, "yes\n") != 0)
		return (err_set(e, ERR_CONFIG, "expected yes, found another "
		    "answer; nothing was written"));
	*expected = shown;
	return (0);
}

int
setupask_enter(const char *prompt, struct err *e)
{
	char	 line[256];

	return (answer(line, sizeof(line), prompt, e));
}
