/* SPDX-License-Identifier: ISC */
/* What both sources of a base backup say to the user. */
#include <stdarg.h>
#include <stdio.h>

#include "push/pushrun.h"

void
pushrun_note(const struct pushrun *b, const char *fmt, ...)
{
	va_list	 ap;
	char	 text[ERR_MSGMAX + 256];

	if (b->conf->note == NULL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	b->conf->note(b->conf->arg, text);
}

void
pushrun_pass_on(void *arg, const char *text)
{
	pushrun_note(arg, "%s", text);
}

void
pushrun_progress(const struct pushrun *b, enum basepush_phase phase,
    uint64_t done)
{
	const struct basepush_progress	 p = { phase, done,
	    phase == BASEPUSH_COPY ? b->total : 0 };

	if (b->conf->progress != NULL)
		b->conf->progress(b->conf->arg, &p);
}

void
pushrun_starting(void *arg)
{
	pushrun_progress(arg, BASEPUSH_CHECKPOINT, 0);
}

void
pushrun_awaiting(void *arg)
{
	pushrun_progress(arg, BASEPUSH_WAL, 0);
}
