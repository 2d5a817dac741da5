/* SPDX-License-Identifier: ISC */
/*
 * What may be on a disk after a power cut, for system tests.
 *
 *	powercut begin LOG DIR...	begin a log of these directories
 *	powercut mark LOG TEXT		say that something is so by now
 *	powercut states LOG [MAX]	"CUT CHOICE MARKS TEXT" for each state
 *	powercut put LOG CUT CHOICE	make the directories that
 *	powercut show LOG		the log as text
 *	powercut unsynced LOG [BUT]	what a cut now could change; 1 if any
 *
 * diskreplay.h says what these words mean.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/diskreplay.h"

static int
states(const char *log, size_t max)
{
	struct diskreplay	*d = diskreplay_load(log);
	struct diskreplay_state	*v;
	char			 text[1024];
	size_t			 i, n = diskreplay_states(d, max, &v);

	for (i = 0; i < n; i++) {
		diskreplay_describe(d, &v[i], text, sizeof(text));
		(void)printf("%zu %u %u %s\n", v[i].cut, v[i].choice,
		    v[i].marks, text);
	}
	free(v);
	diskreplay_free(d);
	return (0);
}

static int
put(const char *log, const char *cut, const char *choice)
{
	struct diskreplay	*d = diskreplay_load(log);
	struct diskreplay_state	 s = { .cut = strtoul(cut, NULL, 10),
				    .choice = (unsigned)strtoul(choice, NULL,
				    10) };

	diskreplay_put(d, &s);
	diskreplay_free(d);
	return (0);
}

static int
show(const char *log)
{
	struct diskreplay	*d = diskreplay_load(log);

	diskreplay_print(d);
	diskreplay_free(d);
	return (0);
}

static int
unsynced(const char *log, const char *but)
{
	struct diskreplay	*d = diskreplay_load(log);
	char			 text[1024];
	int			 r;

	if ((r = diskreplay_unsynced(d, but, text, sizeof(text))) == 1)
		(void)printf("%s\n", text);
	diskreplay_free(d);
	return (r);
}

int
main(int argc, char *argv[])
{
	const char	*verb = argc > 2 ? argv[1] : "";

	if (strcmp(verb, "begin") == 0 && argc > 3) {
		diskreplay_begin(argv[2], (const char *const *)argv + 3,
		    (size_t)argc - 3);
		return (0);
	}
	if (strcmp(verb, "mark") == 0 && argc == 4) {
		diskreplay_mark(argv[2], argv[3]);
		return (0);
	}
	if (strcmp(verb, "states") == 0)
		return (states(argv[2], argc > 3 ? strtoul(argv[3], NULL, 10) :
		    0));
	if (strcmp(verb, "put") == 0 && argc == 5)
		return (put(argv[2], argv[3], argv[4]));
	if (strcmp(verb, "show") == 0)
		return (show(argv[2]));
	if (strcmp(verb, "unsynced") == 0)
		return (unsynced(argv[2], argc > 3 ? argv[3] : NULL));
	(void)fprintf(stderr, "usage: powercut begin|mark|states|put|show|"
	    "unsynced LOG ...\n");
	return (2);
}
