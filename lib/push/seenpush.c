/* SPDX-License-Identifier: ISC */
/* A base backup, and what this host remembers of the repository. */
#include <stdio.h>

#include "catalogue/rollbackcheck.h"
#include "catalogue/rollbackpush.h"
#include "push/seenpush.h"

void
seenpush_before(struct connection *warm, const char *state_dir,
    void (*note)(void *arg, const char *text), void *arg)
{
	struct catalogue	*cat = NULL;
	struct rollbackcheck	 c;
	struct err		 unused = ERR_INIT;
	char			 line[ROLLBACKCHECK_LINE], text[ERR_MSGMAX];
	size_t			 i;

	if (connection_up(warm, &unused) == 0 &&
	    catalogue_load(&cat, warm->a, &unused) == 0 &&
	    rollbackcheck_run(&c, warm->a, cat, state_dir, 1,
	    &unused) == 0) {
		for (i = 0; i < c.n; i++) {
			(void)snprintf(text, sizeof(text), "%.500s; %.500s",
			    rollbackcheck_line(line, &c.v[i]), c.means);
			note(arg, text);
		}
		if (c.note[0] != '\0')
			note(arg, c.note);
	}
	catalogue_free(cat);
}

void
seenpush_after(struct connection *warm, const char *state_dir,
    const struct label *l)
{
	const struct rollbackpush_news	 news = { .label = l };
	struct rollbackpush		*p;
	struct err			 unused = ERR_INIT;

	if (connection_up(warm, &unused))
		return;
	rollbackpush_ask(&p, warm->a, state_dir);
	rollbackpush_answer(p, &news);
}
