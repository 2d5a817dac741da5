/* SPDX-License-Identifier: ISC */
/* Reads the log of a sandbox's server. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/parse.h"
#include "base/str.h"
#include "drill/drilllog.h"

#define FETCH	"wal-fetch: "
#define LOOK	"backup-drill: "
#define CODE	"exit code "
#define INPUT	4096		/* longer lines are cut */

/* The text behind "SEVERITY:  " if the line is of that severity, or NULL. */
static const char *
of(const char *line, const char *severity)
{
	const char	*p = strstr(line, "] ");
	const size_t	 n = strlen(severity);

	if (p == NULL || strncmp(p + 2, severity, n) != 0 ||
	    strncmp(p + 2 + n, ":  ", 3) != 0)
		return (NULL);
	return (p + 2 + n + 3);
}

void
drilllog_add(struct drilllog *l, const char *line)
{
	static const char *const	 bad[] = { "WARNING", "ERROR", "FATAL",
					    "PANIC" };
	const char			*text = of(line, "LOG");
	size_t				 i;

	if (text != NULL && str_begins(text, "recovery stopping "))
		(void)str_clean(l->stopped, DRILLLOG_LINE, text, strlen(text));
	if (str_begins(line, FETCH) && l->all++ < DRILLLOG_MOST)
		(void)str_clean(l->trouble[l->n++], DRILLLOG_LINE, line,
		    strlen(line));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (of(line, bad[i]) == NULL)
			continue;
		text = strstr(line, "] ") + 2;
		if (l->all++ < DRILLLOG_MOST)
			(void)str_clean(l->trouble[l->n++], DRILLLOG_LINE,
			    text, strlen(text));
	}
}

/* Call "take" with each line of the log, until it returns 1. */
static int
each_line(const char *path, int (*take)(void *arg, const char *line),
    void *arg, struct err *e)
{
	char	*line, *end;
	FILE	*f;
	int	 rc = 0, inside = 0;

	if ((f = fopen(path, "re")) == NULL)
		return (err_sys(e, ERR_LOCAL, "open %s", path));
	if ((line = malloc(INPUT)) == NULL) {
		(void)fclose(f);	/* read only: nothing to lose */
		return (err_sys(e, ERR_LOCAL, "%s", path));
	}
	while (rc == 0 && fgets(line, INPUT, f) != NULL) {
		end = strchr(line, '\n');
		if (end != NULL)
			*end = '\0';
		if (!inside)
			rc = take(arg, line);
		inside = end == NULL;
	}
	if (ferror(f))
		rc = err_sys(e, ERR_LOCAL, "read %s", path);
	free(line);
	(void)fclose(f);		/* the same */
	return (rc == 1 ? 0 : rc);
}

static int
add_line(void *arg, const char *line)
{
	drilllog_add(arg, line);
	return (0);
}

int
drilllog_read(struct drilllog *l, const char *path, struct err *e)
{
	memset(l, 0, sizeof(*l));
	return (each_line(path, add_line, l, e));
}

struct fatal {
	char	 fetch[DRILLLOG_LINE];	/* the last word of what fetches WAL,
					   or looks at it */
	char	 worst[DRILLLOG_LINE];	/* FATAL or PANIC */
	char	 error[DRILLLOG_LINE];	/* another ERROR */
	int	 hinted;
};

static int
find_fatal(void *arg, const char *line)
{
	struct fatal	*f = arg;
	const char	*text;
	size_t		 n;

	if (f->worst[0] == '\0' && (str_begins(line, FETCH) ||
	    str_begins(line, LOOK)))
		(void)snprintf(f->fetch, DRILLLOG_LINE, "%s", line);
	if (f->worst[0] != '\0') {
		/* Only what belongs to it is still of use. */
		n = strlen(f->worst);
		if (((text = of(line, "DETAIL")) != NULL ||
		    (text = of(line, "HINT")) != NULL) && n + 4 <
		    DRILLLOG_LINE)
			(void)snprintf(f->worst + n, DRILLLOG_LINE - n,
			    "; %s", text);
		return (text == NULL && ++f->hinted > 3);
	}
	if ((text = of(line, "FATAL")) != NULL ||
	    (text = of(line, "PANIC")) != NULL)
		(void)snprintf(f->worst, DRILLLOG_LINE, "%s", text);
	else if (f->error[0] == '\0' && (text = of(line, "ERROR")) != NULL)
		(void)snprintf(f->error, DRILLLOG_LINE, "%s", text);
	return (0);
}

int
drilllog_fatal(char why[DRILLLOG_LINE], int *status, const char *path)
{
	struct fatal	 f = { .worst = "" };
	struct err	 unused = ERR_INIT;
	const char	*text = f.worst, *code;
	uint64_t	 n;

	if (each_line(path, find_fatal, &f, &unused))
		return (1);
	if (text[0] == '\0')
		text = f.error;
	/* Where it could not go on it says so, and PostgreSQL only that. */
	*status = 0;
	if (str_begins(text, "could not restore file")) {
		code = strstr(text, CODE);
		if (code != NULL && parse_leading(code + strlen(CODE), 255,
		    &n) != NULL)
			*status = (int)n;
		text = f.fetch[0] != '\0' ? f.fetch : text;
	}
	(void)str_clean(why, DRILLLOG_LINE, text, strlen(text));
	return (text[0] == '\0');
}
