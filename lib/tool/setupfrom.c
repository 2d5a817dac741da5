/* SPDX-License-Identifier: ISC */
/* Other tools' configurations, as far as they have words for the same. */
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/str.h"
#include "tool/confshow.h"
#include "tool/setupask.h"
#include "tool/setupfiles.h"
#include "tool/setupfrom.h"

#define FILEMAX		((size_t)1 << 20)
#define BLANKS		" \t\r"

/* "%s", at the end, takes their value. */
static const struct {
	const char	*theirs, *value;	/* value NULL: any */
	const char	*ours;
} words[] = {
	/* Barman */
	{ "retention_policy", NULL, "retention_policy=%s" },
	{ "minimum_redundancy", NULL, "minimum_redundancy=%s" },
	{ "conninfo", NULL, "conninfo=%s" },
	{ "streaming_conninfo", NULL, "streaming_conninfo=%s" },
	{ "parallel_jobs", NULL, "jobs=%s" },
	{ "bandwidth_limit", NULL, "base_bandwidth_limit=%s" },
	{ "backup_method", "postgres", "source=stream" },
	{ "backup_method", "rsync", "source=files" },
	/* pgBackRest */
	{ "pg1-path", NULL, "data_directory=%s" },
	{ "process-max", NULL, "jobs=%s" },
	{ "repo1-retention-full", NULL, "retention_policy=redundancy %s" },
	/* WAL-G */
	{ "PGDATA", NULL, "data_directory=%s" },
	{ "WALG_UPLOAD_CONCURRENCY", NULL, "jobs=%s" }
};

struct reading {
	struct setupfrom	*f;
	const char		*server;
	int			 sections;	/* of servers, so far */
	int			 seen;		/* ours is among them */
	int			 mine;		/* this section counts */
	int			 days;		/* retention is in days */
};

static int
add(char ***list, size_t *n, const char *text, struct err *e)
{
	char	**v = realloc(*list, (*n + 1) * sizeof(*v));

	if (v == NULL)
		return (err_sys(e, ERR_LOCAL, "read a configuration"));
	*list = v;
	if (str_dup(&v[*n], text, e))
		return (-1);
	(*n)++;
	return (0);
}

/* A later value, of the server's section, wins. */
static int
take(struct setupfrom *f, const char *text, struct err *e)
{
	size_t	 i, n = strcspn(text, "=") + 1;

	for (i = 0; i < f->nfound; i++)
		if (strncmp(f->found[i], text, n) == 0) {
			free(f->found[i]);
			f->found[i] = f->found[--f->nfound];
			break;
		}
	return (add(&f->found, &f->nfound, text, e));
}

/* pgBackRest counts full backups, or with another key days. */
static int
by_days(struct setupfrom *f, struct err *e)
{
	static const char	 counts[] = "retention_policy=redundancy ";
	char			 text[256];
	size_t			 i;

	for (i = 0; i < f->nfound; i++)
		if (str_begins(f->found[i], counts))
			return (str_fmt(text, sizeof(text), e,
			    "retention_policy=recovery window of %s days",
			    f->found[i] + strlen(counts)) ||
			    take(f, text, e) ? -1 : 0);
	return (0);
}

static int
on_word(struct reading *r, const char *name, const char *value,
    struct err *e)
{
	char	 text[1024];
	size_t	 i;

	if (strcmp(name, "repo1-retention-full-type") == 0) {
		r->days = strcmp(value, "time") == 0;
		return (0);
	}
	for (i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strcmp(words[i].theirs, name) != 0 ||
		    (words[i].value != NULL &&
		    strcmp(words[i].value, value) != 0))
			continue;
		if (words[i].value != NULL)
			return (take(r->f, words[i].ours, e));
		return (str_fmt(text, sizeof(text), e, "%.*s%s",
		    (int)(strlen(words[i].ours) - 2), words[i].ours,
		    value) || take(r->f, text, e) ? -1 : 0);
	}
	return (add(&r->f->rest, &r->f->nrest, name, e));
}

static void
on_section(struct reading *r, char *name)
{
	name[strcspn(name, "]")] = '\0';
	r->mine = 1;
	if (strcmp(name, "barman") == 0 || strcmp(name, "global") == 0)
		return;
	if (str_begins(name, "global:")) {	/* for one command */
		r->mine = 0;
		return;
	}
	r->sections++;
	r->mine = strcmp(name, r->server) == 0;
	r->seen |= r->mine;
}

/* Cut blanks, and the quotes of a shell, off both ends. */
static char *
trim(char *s)
{
	size_t	 n;

	s += strspn(s, BLANKS);
	for (n = strlen(s); n > 0 && strchr(BLANKS, s[n - 1]) != NULL; n--)
		s[n - 1] = '\0';
	if (n > 1 && (*s == '"' || *s == '\'') && s[n - 1] == *s) {
		s[n - 1] = '\0';
		s++;
	}
	return (s);
}

static int
on_line(struct reading *r, char *line, struct err *e)
{
	char	*s = trim(line), *value;

	if (*s == '\0' || *s == '#' || *s == ';')
		return (0);
	if (*s == '[') {
		on_section(r, s + 1);
		return (0);
	}
	if (str_begins(s, "export "))
		s = trim(s + strlen("export "));
	if ((value = strchr(s, '=')) == NULL)
		return (err_set(e, ERR_CONFIG, "expected NAME = VALUE, or "
		    "[SECTION]"));
	*value++ = '\0';
	return (r->mine ? on_word(r, trim(s), trim(value), e) : 0);
}

static int
read_lines(struct reading *r, char *text, struct err *e)
{
	char	*line;
	size_t	 n = 0;

	while ((line = strsep(&text, "\n")) != NULL) {
		n++;
		if (on_line(r, line, e))
			return (err_ctx(e, "line %zu", n));
	}
	if (r->sections > 0 && !r->seen)
		return (err_set(e, ERR_CONFIG, "found no section [%.64s]; "
		    "--server names the one to take", r->server));
	return (0);
}

int
setupfrom_read(struct setupfrom *f, const char *path, const char *server,
    struct err *e)
{
	struct reading		 r = { .f = f, .server = server, .mine = 1 };
	char			*text = NULL;
	size_t			 n;
	int			 rc;

	if ((rc = io_load(path, FILEMAX, &text, &n, e)) == 1)
		return (err_set(e, ERR_CONFIG, "--from: %s: no such file",
		    path));
	rc = rc == -1 || read_lines(&r, text, e) ||
	    (r.days && by_days(f, e)) ? -1 : 0;
	free(text);
	return (rc == 0 ? 0 : err_ctx(e, "%s", path));
}

void
setupfrom_free(struct setupfrom *f)
{
	size_t	 i;

	for (i = 0; i < f->nfound; i++)
		free(f->found[i]);
	for (i = 0; i < f->nrest; i++)
		free(f->rest[i]);
	free(f->found);
	free(f->rest);
	memset(f, 0, sizeof(*f));
}

static int
merge(struct opt_list *set, const struct setupfrom *f,
    struct err *e)
{
	const char	**v;
	char		  key[64];
	size_t		  i;

	for (i = 0; i < f->nfound; i++) {
		if (str_fmt(key, sizeof(key), e, "%.*s",
		    (int)strcspn(f->found[i], "="), f->found[i]))
			return (-1);
		if (setupfiles_set(set, key) != NULL)
			continue;
		v = realloc(set->v, (set->n + 1) * sizeof(*v));
		if (v == NULL)
			return (err_sys(e, ERR_LOCAL, "keep a setting"));
		set->v = v;
		set->v[set->n++] = f->found[i];
	}
	return (0);
}

int
setupfrom(struct setupfrom *f, struct opt_list *set, const char *path,
    const char *server, struct err *e)
{
	size_t	 i, n;

	if (setupfrom_read(f, path, server, e) || merge(set, f, e))
		return (-1);
	for (i = 0; i < f->nfound; i++) {
		n = strcspn(f->found[i], "=") + 1;
		setupask_step(i == 0 ? "taken" : "", "%.*s%s", (int)n,
		    f->found[i], strstr(f->found[i], "conninfo=") != NULL &&
		    confshow_is_secret(f->found[i] + n) ?
		    "... (hidden: has a password)" : f->found[i] + n);
	}
	for (i = 0; i < f->nrest; i++)
		setupask_step(i == 0 ? "no equal" : "", "%s", f->rest[i]);
	return (0);
}
