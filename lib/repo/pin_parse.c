/* SPDX-License-Identifier: ISC */
/* Pins: what their bytes say. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/jval.h"
#include "base/str.h"
#include "repo/label.h"
#include "repo/pin.h"

#define FIRST_LEN	(sizeof(PIN_FIRST_LINE) - 1)

/* Times stand in one spelling, ours. */
static int
parse_time(const char *s, int64_t *us, const char *what, struct err *e)
{
	struct err	 why = ERR_INIT;
	char		 again[CLOCK_TEXT];

	if (clock_parse(s, us, NULL, NULL, &why) == 0 &&
	    strcmp(clock_format(again, *us), s) == 0)
		return (0);
	return (err_set(e, ERR_CORRUPT, "%s: expected a time like "
	    "2026-11-22T04:00:01Z", what));
}

static int
parse_until(const struct jval *j, int64_t *until_us, struct err *e)
{
	const char	*s;

	if (jval_is_null(j, "until")) {
		*until_us = PIN_FOREVER;
		return (0);
	}
	return (jval_get_str(j, "until", &s, e) ||
	    parse_time(s, until_us, "until", e) ? -1 : 0);
}

int
pin_parse(const void *buf, size_t n, int64_t *until_us, struct err *e)
{
	const char	*text = buf, *s;
	struct jval	*j = NULL;
	int64_t		 created, until;
	int		 rc = -1;

	if (n < FIRST_LEN || memcmp(text, PIN_FIRST_LINE, FIRST_LEN) != 0)
		return (err_set(e, ERR_CORRUPT, "is no pin of version 1"));
	if (text[n - 1] != '\n')
		return (err_set(e, ERR_CORRUPT, "the pin is cut short"));
	if (jval_parse(text + FIRST_LEN, n - FIRST_LEN, &j, e) ||
	    parse_until(j, &until, e) ||
	    jval_get_str(j, "created", &s, e) ||
	    parse_time(s, &created, "created", e) ||
	    jval_get_str(j, "seawall", &s, e))
		goto out;
	*until_us = until;
	rc = 0;
out:
	jval_free(j);
	return (rc);
}

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
	} else {
		p->kind = PIN_UNREADABLE;
		(void)str_clean(p->why, sizeof(p->why), why.msg,
		    strlen(why.msg));
	}
	label_free(l);
}

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
pin_is_aside(const char *name)
{
	return (str_begins(name, PIN_ASIDE) && strlen(name) < 64 &&
	    name[strspn(name, PIN_ASIDE "0123456789")] == '\0');
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
