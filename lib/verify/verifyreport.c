/* SPDX-License-Identifier: ISC */
/* Findings and notes, made printable and handed to the caller. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "verify/verifyreport.h"
#include "verify/verifyvouch.h"

#define TEXT	1200

static const char *compose(char text[TEXT], const char *, va_list)
    __attribute__((format(printf, 2, 0)));

static const char *
compose(char text[TEXT], const char *fmt, va_list ap)
{
	char	 raw[TEXT];

	(void)vsnprintf(raw, sizeof(raw), fmt, ap);
	return (str_clean(text, TEXT, raw, strlen(raw)));
}

int
verifyreport_finding(struct verifyreport *t, const char *object,
    const char *means, const char *fmt, ...)
{
	struct verify_finding	 f = { .object = object, .means = means };
	char			 found[TEXT];
	va_list			 ap;

	va_start(ap, fmt);
	f.found = compose(found, fmt, ap);
	va_end(ap);
	t->sum->findings++;
	if (t->conf->vouch != NULL &&
	    verifyvouch_bad(t->conf->vouch, object, &t->failed))
		return (-1);
	return (t->conf->finding(t->conf->arg, &f, &t->failed));
}

void
verifyreport_note(struct verifyreport *t, const char *fmt, ...)
{
	char	 text[TEXT];
	va_list	 ap;

	va_start(ap, fmt);
	(void)compose(text, fmt, ap);
	va_end(ap);
	t->conf->note(t->conf->arg, text);
}

const char *
verifyreport_without(const char *msg, const char *path)
{
	size_t	 n = strlen(path);

	if (!str_begins(msg, path) ||
	    (!str_begins(msg + n, ": ") && !str_begins(msg + n, ", ")))
		return (msg);
	return (msg + n + 2);
}

const char *
verifyreport_wal(char buf[LAYOUT_PATH], const struct walname *w)
{
	struct err	 ignore = ERR_INIT;
	char		 name[WALNAME_TEXT];

	/* A name that was parsed has a place, so this cannot fail. */
	if (layout_wal(buf, walname_format(name, w), &ignore))
		buf[0] = '\0';
	return (buf);
}
