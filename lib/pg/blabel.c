/* SPDX-License-Identifier: ISC */
/* Reads backup_label, which says where a backup starts. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/parse.h"
#include "base/str.h"
#include "pg/blabel.h"
#include "pg/lsn.h"

#define LIMIT	8192		/* a backup_label has about 250 bytes */

/* The lines that must occur once each. */
enum key {
	START, CHECKPOINT, METHOD, FROM, TIME, LABEL, TIMELINE, KEYS
};

static const char *const keys[KEYS] = {
	"START WAL LOCATION: ", "CHECKPOINT LOCATION: ", "BACKUP METHOD: ",
	"BACKUP FROM: ", "START TIME: ", "LABEL: ", "START TIMELINE: "
};

static int
wrong(enum key k, const char *value, struct err *e)
{
	char	 shown[80];

	return (err_set(e, ERR_CORRUPT, "backup_label: unexpected \"%s%s\"",
	    keys[k], str_clean(shown, sizeof(shown), value, strlen(value))));
}

/* "0/1100028 (file 000000010000000000000011)" */
static int
location(char *value, struct blabel *b)
{
	struct err	 ignored = ERR_INIT;
	char		*file = strstr(value, " (file ");
	size_t		 n;

	if (file == NULL)
		return (-1);
	*file = '\0';
	file += strlen(" (file ");
	n = strlen(file);
	if (n < 1 || file[n - 1] != ')')
		return (-1);
	file[n - 1] = '\0';
	if (lsn_parse(value, &b->start, &ignored) ||
	    walname_parse(file, &b->segment, &ignored))
		return (-1);
	return (b->segment.kind == WALNAME_SEGMENT ? 0 : -1);
}

/* Whether "value" is "yes"; -1 if it is neither of the two words. */
static int
either(const char *value, const char *no, const char *yes, int *out)
{
	*out = strcmp(value, yes) == 0;
	return (*out || strcmp(value, no) == 0 ? 0 : -1);
}

static int
timeline(const char *value, uint32_t *out)
{
	struct err	 ignored = ERR_INIT;
	uint64_t	 v;

	if (parse_u64(value, 1, UINT32_MAX, &v, "timeline", &ignored))
		return (-1);
	*out = (uint32_t)v;
	return (0);
}

static int
take(enum key k, char *value, struct blabel *b)
{
	struct err	 ignored = ERR_INIT;

	switch (k) {
	case START:
		return (location(value, b));
	case CHECKPOINT:
		return (lsn_parse(value, &b->checkpoint, &ignored));
	case METHOD:
		return (either(value, "pg_start_backup", "streamed",
		    &b->streamed));
	case FROM:
		/* PostgreSQL 13 calls a primary so. */
		return (either(value, strcmp(value, "master") == 0 ? "master" :
		    "primary", "standby", &b->standby));
	case TIME:
		return (str_fmt(b->time, sizeof(b->time), &ignored, "%s",
		    value));
	case LABEL:
		return (str_fmt(b->label, sizeof(b->label), &ignored, "%s",
		    value));
	case TIMELINE:
		return (timeline(value, &b->tli));
	case KEYS:
		break;
	}
	return (-1);
}

/*
 * Take one line.  A key that comes twice is refused, since a label with a line
 * feed in it could otherwise replace what PostgreSQL wrote.
 */
static int
line(char *text, struct blabel *b, unsigned *seen, struct err *e)
{
	char	 value[80];
	int	 k;

	if (str_begins(text, "INCREMENTAL FROM LSN: "))
		b->incremental = 1;
	for (k = 0; k < KEYS; k++)
		if (str_begins(text, keys[k]))
			break;
	if (k == KEYS)
		return (0);
	if (*seen & 1U << k)
		return (err_set(e, ERR_CORRUPT, "backup_label: found two "
		    "lines \"%s\", expected one", keys[k]));
	*seen |= 1U << k;
	/* take() changes the text, so the message's copy is made before. */
	text += strlen(keys[k]);
	(void)str_clean(value, sizeof(value), text, strlen(text));
	return (take((enum key)k, text, b) ? wrong((enum key)k, value, e) : 0);
}

/* Read the lines of "text", and check that none is missing. */
static int
all_lines(char *text, struct blabel *b, struct err *e)
{
	unsigned	 seen = 0;
	char		*eol;
	int		 k;

	for (; *text != '\0'; text = eol + 1) {
		if ((eol = strchr(text, '\n')) == NULL)
			return (err_set(e, ERR_CORRUPT,
			    "backup_label: cut short"));
		*eol = '\0';
		if (line(text, b, &seen, e))
			return (-1);
	}
	for (k = 0; k < KEYS; k++)
		if ((seen & 1U << k) == 0)
			return (err_set(e, ERR_CORRUPT, "backup_label: line "
			    "\"%s\" is missing", keys[k]));
	return (0);
}

/* Whether the file's name fits the start, and the checkpoint follows it. */
static int
agree(const struct blabel *b, uint32_t segsize, struct err *e)
{
	struct walname	 want = walname_at(b->tli, b->start, segsize);
	char		 found[WALNAME_TEXT], name[WALNAME_TEXT];
	char		 start[LSN_TEXT], checkpoint[LSN_TEXT];

	(void)walname_format(found, &b->segment);
	if (strcmp(found, walname_format(name, &want)) != 0)
		return (err_set(e, ERR_CORRUPT, "backup_label: starts in %s, "
		    "expected %s from its location and timeline", found,
		    name));
	if (b->checkpoint < b->start)
		return (err_set(e, ERR_CORRUPT, "backup_label: checkpoint at "
		    "%s, expected at the start %s or later",
		    lsn_format(checkpoint, b->checkpoint),
		    lsn_format(start, b->start)));
	return (0);
}

int
blabel_parse(const char *p, size_t n, uint32_t segsize, struct blabel *out,
    struct err *e)
{
	struct blabel	 b;
	char		 text[LIMIT];

	if (n >= sizeof(text))
		return (err_set(e, ERR_CORRUPT, "backup_label: %zu bytes, "
		    "expected less than %d", n, LIMIT));
	if (memchr(p, '\0', n) != NULL)
		return (err_set(e, ERR_CORRUPT, "backup_label: found a NUL "
		    "byte, expected text"));
	memcpy(text, p, n);
	text[n] = '\0';
	memset(&b, 0, sizeof(b));
	if (all_lines(text, &b, e) || agree(&b, segsize, e))
		return (-1);
	*out = b;
	return (0);
}
