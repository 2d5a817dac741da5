/* SPDX-License-Identifier: ISC */
/* A base backup, and what this host remembers of the repository. */
#include "catalogue/rollbackpush.h"
#include "push/seenpush.h"

void
seenpush_before(struct connection *warm, const char *state_dir,
    void (*note)(void *arg, const char *text), void *arg)
{
	const struct rollbackpush_news	 news = { .note = note, .arg = arg,
	    .again = 1 };
	struct rollbackpush		*p;
	struct err			 unused = ERR_INIT;

	if (connection_up(warm, &unused))
		return;		/* the backup's next step reports it */
	rollbackpush_ask(&p, warm->a, state_dir);
	rollbackpush_answer(p, &news);
}

void
seenpush_after(struct connection *warm, const char *state_dir,
    const struct label *l)
{
	const struct rollbackpush_news	 news = { .label = l };
	struct rollbackpush		*p;
	struct err			 unused = ERR_INIT;

	if (connection_up(warm, &unused))
		return;		/* the backup exists all the same */
	rollbackpush_ask(&p, warm->a, state_dir);
	rollbackpush_answer(p, &news);
}
