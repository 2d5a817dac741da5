/* SPDX-License-Identifier: ISC */
/* What a file in the place of a pin is, and what that means. */
#include <stdio.h>
#include <string.h>

#include "backup/label.h"
#include "base/clock.h"
#include "base/str.h"
#include "catalogue/pin.h"

/*
 * label_parse() checks the signature and the place, so that only this
 * backup's own label is taken for the proof that it was withdrawn.  A forged
 * one would make expiry sweep the directory of a backup that is under way.
 */
void
pin_judge(struct pin *p, const void *buf, size_t n, const char *id,
    const struct archive *a)
{
	struct label	*l = NULL;
	struct err	 why = ERR_INIT, ignore = ERR_INIT;

	memset(p, 0, sizeof(*p));
	p->until_us = PIN_FOREVER;
	if (pin_parse(buf, n, &p->until_us, &why) == 0) {
		p->kind = PIN_SET;
	} else if (label_parse(&l, buf, n, id, a, &ignore) == 0) {
		p->kind = PIN_WITHDRAWN;
		(void)snprintf(p->why, sizeof(p->why), "is the backup's own "
		    "label under a second name: an expiry was interrupted, or "
		    "somebody linked it there");
	} else {
		p->kind = PIN_UNREADABLE;
		(void)str_clean(p->why, sizeof(p->why), why.msg,
		    strlen(why.msg));
	}
	label_free(l);
}

/*
 * What cannot be read has no end that could be known, pin_judge() says
 * forever.  It keeps the backup: it may be a pin of a later version.
 */
int
pin_holds(const struct pin *p, int64_t now_us)
{
	switch (p->kind) {
	case PIN_NONE:
	case PIN_WITHDRAWN:
		return (0);
	case PIN_SET:
	case PIN_UNREADABLE:
		break;
	}
	return (p->until_us == PIN_FOREVER || p->until_us > now_us);
}

int
pin_is_bad(const struct pin *p)
{
	return (p->kind == PIN_UNREADABLE || p->kind == PIN_WITHDRAWN);
}

const char *
pin_format(char buf[PIN_TEXT], const struct pin *p)
{
	char	 t[CLOCK_TEXT];

	switch (p->kind) {
	case PIN_NONE:
	case PIN_WITHDRAWN:
		buf[0] = '\0';
		break;
	case PIN_SET:
		if (p->until_us == PIN_FOREVER)
			(void)snprintf(buf, PIN_TEXT, "pinned");
		else
			(void)snprintf(buf, PIN_TEXT, "pinned until %s",
			    clock_format(t, p->until_us));
		break;
	case PIN_UNREADABLE:
		(void)snprintf(buf, PIN_TEXT, "pinned by something that "
		    "cannot be read");
		break;
	}
	return (buf);
}
