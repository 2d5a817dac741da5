/* SPDX-License-Identifier: ISC */
/* The settings by which a restored cluster recovers. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "pg/autoconf.h"
#include "pg/recoveryoff.h"
#include "restore/recovery.h"

#define AUTO_MAX	((size_t)4 << 20)
#define LINE_MAX_	8192

/*
 * What stands in postgresql.auto.conf of these goes, beside the settings of
 * pg/recoveryoff.h: an earlier restore may have written it.
 */
static const char *const ours[] = { "recovery_prefetch", "hot_standby" };

#define IN_PLACE	"allow_in_place_tablespaces"

static const char *const in_place[] = { IN_PLACE };

static const char *const archiving[] = {
	"archive_command", "archive_library"
};

static const char *const subscriptions[] = {
	"max_logical_replication_workers"
};

/* Text that grows; "p" is NULL as long as it is empty. */
struct text {
	char	*p;
	size_t	 n;
};

static int
add(struct text *t, const char *p, size_t n, struct err *e)
{
	char	*more;

	if ((more = realloc(t->p, t->n + n + 1)) == NULL)
		return (err_sys(e, ERR_LOCAL, "postgresql.auto.conf"));
	memcpy(more + t->n, p, n);
	t->p = more;
	t->n += n;
	t->p[t->n] = '\0';
	return (0);
}

/* Add the line of a setting. */
static int
set(struct text *t, const char *name, const char *value, struct err *e)
{
	char	 line[LINE_MAX_];

	if (autoconf_setting(line, sizeof(line), name, value, e))
		return (-1);
	return (add(t, line, strlen(line), e));
}

static const char *
target_name(enum choose_kind kind)
{
	switch (kind) {
	case CHOOSE_TIME:
		return ("recovery_target_time");
	case CHOOSE_XID:
		return ("recovery_target_xid");
	case CHOOSE_NAME:
		return ("recovery_target_name");
	case CHOOSE_LSN:
		return ("recovery_target_lsn");
	case CHOOSE_IMMEDIATE:
		return ("recovery_target");
	case CHOOSE_END:
		break;
	}
	return (NULL);
}

/*
 * The timeline to recover along.  "current" where a number would do as well:
 * a number makes PostgreSQL ask for that timeline's history file, which is not
 * archived if archiving began after the promotion.
 */
static const char *
timeline(const struct recovery *r, char number[16], const char *none)
{
	if (r->current)
		return ("current");
	if (r->timeline == 0)
		return (none);
	(void)snprintf(number, 16, "%" PRIu32, r->timeline);
	return (number);
}

/* What a recovery setting is set to; NULL: no line is written here. */
static const char *
value_of(const struct recovery *r, const struct recoveryoff *s,
    char number[16])
{
	const char	*target = target_name(r->kind);

	if (strcmp(s->name, "restore_command") == 0)
		return (r->restore_command);
	if (target != NULL && strcmp(s->name, target) == 0)
		return (NULL);
	if (r->exclusive && strcmp(s->name, "recovery_target_inclusive") == 0)
		return ("off");
	if (strcmp(s->name, "recovery_target_timeline") == 0)
		return (timeline(r, number, s->none));
	if (r->action != NULL &&
	    strcmp(s->name, "recovery_target_action") == 0)
		return (r->action);
	return (r->standby && s->standby ? NULL : s->none);
}

/* Add a line for each recovery setting that this version knows. */
/*
 * Recovery panics where a tablespace is a directory (CheckTablespaceDirectory()
 * in xlogrecovery.c) unless this is on.  Both came with 15, 14.5 and 13.8;
 * earlier servers refuse the name, and take the directory.
 */
static int
sets_in_place(const struct recovery *r)
{
	return (r->in_place && r->postgresql >= 130008 &&
	    (r->postgresql < 140000 || r->postgresql >= 140005));
}

static int
settings(struct text *t, const struct recovery *r, struct err *e)
{
	const char			*target = target_name(r->kind);
	const struct recoveryoff	*s;
	const char			*value;
	char				 number[16];
	size_t				 i;

	for (i = 0; (s = recoveryoff_at(i, r->postgresql / 10000)) != NULL;
	    i++)
		if ((value = value_of(r, s, number)) != NULL &&
		    set(t, s->name, value, e))
			return (-1);
	/*
	 * The target comes behind the empty ones: PostgreSQL sets them in this
	 * order, and refuses another one, also an empty one, behind a target.
	 */
	if (target != NULL && set(t, target, r->kind == CHOOSE_IMMEDIATE ?
	    "immediate" : r->value, e))
		return (-1);
	/*
	 * Since 15 PostgreSQL reads WAL far ahead of what it replays, behind
	 * the target as well.  A gap there would end recovery early.
	 */
	if (r->gap && r->postgresql >= 150000 &&
	    set(t, "recovery_prefetch", "off", e))
		return (-1);
	if (sets_in_place(r) && set(t, IN_PLACE, "on", e))
		return (-1);
	/*
	 * With hot standby, recovery pauses for ever at a change of
	 * max_connections or its kin to more than is set here.  Without it,
	 * PostgreSQL would shut down where it is to pause.
	 */
	if (recovery_serves(r))
		return (r->standby ? 0 : set(t, "hot_standby", "on", e));
	return (set(t, "hot_standby", "off", e));
}

/* Add the lines that hold what the cluster would do once it is open. */
static int
held(struct text *t, const struct recovery *r, struct err *e)
{
	static const char	 title[] =
	    "# Held, so that a copy does no harm to the cluster that it came "
	    "from.  Remove\n# these lines once it has taken over:\n";
	size_t			 i;

	if ((!r->keep_archiving || !r->keep_subscriptions || r->nmore > 0) &&
	    add(t, title, sizeof(title) - 1, e))
		return (-1);
	if (!r->keep_archiving && set(t, "archive_command", "false", e))
		return (-1);
	/*
	 * Since 16 it is an error if both are set, and a library may have
	 * been; 15 was the first version that knows one.
	 */
	if (!r->keep_archiving && r->postgresql >= 150000 &&
	    set(t, "archive_library", "", e))
		return (-1);
	/* None of them: no subscription takes what the original's slot has. */
	if (!r->keep_subscriptions &&
	    set(t, "max_logical_replication_workers", "0", e))
		return (-1);
	for (i = 0; i < r->nmore; i++)
		if (set(t, r->more[i].name, r->more[i].value, e))
			return (-1);
	return (0);
}

int
recovery_serves(const struct recovery *r)
{
	return (r->standby || (r->kind != CHOOSE_END &&
	    (r->action == NULL || strcmp(r->action, "pause") == 0)));
}

int
recovery_lines(const struct recovery *r, char **out, struct err *e)
{
	struct text	 t = { NULL, 0 };

	if (settings(&t, r, e) || held(&t, r, e)) {
		free(t.p);
		return (-1);
	}
	*out = t.p;
	return (0);
}

/* Whether base-fetch sets this recovery setting, whatever it was. */
static int
is_recovery(const struct recovery *r, const char *line, size_t n)
{
	const struct recoveryoff	*s;
	size_t				 i;

	for (i = 0; (s = recoveryoff_at(i, 0)) != NULL; i++)
		if (strlen(s->name) == n &&
		    strncasecmp(s->name, line, n) == 0)
			return (!r->standby || !s->standby);
	return (0);
}

static int
is_one_of(const char *line, size_t n, const char *const *names, size_t count)
{
	size_t	 i;

	for (i = 0; i < count; i++)
		if (strlen(names[i]) == n &&
		    strncasecmp(names[i], line, n) == 0)
			return (1);
	return (0);
}

/*
 * Whether a line of postgresql.auto.conf stays.  ALTER SYSTEM writes "name =
 * 'value'"; a person may have written names in capitals.
 */
static int
keep_line(const struct recovery *r, const char *line)
{
	size_t	 n, i;

	line += strspn(line, " \t");
	n = strspn(line, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.");
	if (is_recovery(r, line, n) ||
	    is_one_of(line, n, ours, sizeof(ours) / sizeof(ours[0])) ||
	    (r->in_place && is_one_of(line, n, in_place, 1)))
		return (0);
	for (i = 0; i < r->nmore; i++)
		if (is_one_of(line, n, &r->more[i].name, 1))
			return (0);
	return ((r->keep_archiving || !is_one_of(line, n, archiving, 2)) &&
	    (r->keep_subscriptions || !is_one_of(line, n, subscriptions, 1)));
}

/* The lines that stay, and then ours. */
static int
merge(struct text *t, const struct recovery *r, const char *was,
    struct err *e)
{
	static const char	 title[] = "# Added by base-fetch:\n";
	char			*lines;
	size_t			 n;
	int			 rc;

	for (; *was != '\0'; was += n) {
		n = strcspn(was, "\n");
		n += was[n] == '\n';
		if (keep_line(r, was) && add(t, was, n, e))
			return (-1);
	}
	/* A last line without its end would swallow our first one. */
	if (t->n > 0 && t->p[t->n - 1] != '\n' && add(t, "\n", 1, e))
		return (-1);
	if (recovery_lines(r, &lines, e))
		return (-1);
	rc = add(t, title, sizeof(title) - 1, e) ||
	    add(t, lines, strlen(lines), e) ? -1 : 0;
	free(lines);
	return (rc);
}

int
recovery_write(const struct recovery *r, const char *dir, struct err *e)
{
	struct text	 t = { NULL, 0 };
	char		 path[PATH_MAX], sig[PATH_MAX], *was = NULL;
	size_t		 n;
	int		 rc = -1;

	if (path_join(path, sizeof(path), dir, "postgresql.auto.conf", e) ||
	    path_join(sig, sizeof(sig), dir, r->standby ? "standby.signal" :
	    "recovery.signal", e) ||
	    io_load(path, AUTO_MAX, &was, &n, e) == -1 ||
	    merge(&t, r, was == NULL ? "" : was, e) ||
	    io_save(path, 0600, t.p, t.n, 1, e) ||
	    io_save(sig, 0600, "", 0, 0, e))
		goto out;
	rc = 0;
out:
	free(was);
	free(t.p);
	return (rc);
}

int
recovery_command(char *buf, size_t size, const char *program,
    const struct recovery_source *s, struct err *e)
{
	const char	*const words[] = {
		program, "--config", s->config, "--server", s->server,
		"--repository", s->repository, "--from-file", s->file,
		"--trust-signer", s->trust
	};
	const size_t	 nwords = sizeof(words) / sizeof(words[0]);
	char		 word[PATH_MAX + 64], quoted[2 * PATH_MAX];
	size_t		 i, n = 0;

	for (i = 0; i < nwords; i++) {
		if (i + 1 < nwords && words[i + 1] == NULL) {
			i++;		/* an option without its value */
			continue;
		}
		if (autoconf_shell(word, sizeof(word), words[i], e) ||
		    autoconf_percent(quoted, sizeof(quoted), word, e) ||
		    str_fmt(buf + n, size - n, e, "%s ", quoted))
			return (-1);
		n += strlen(buf + n);
	}
	return (str_fmt(buf + n, size - n, e, "%%f %%p"));
}
