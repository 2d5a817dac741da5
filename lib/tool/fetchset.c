/* SPDX-License-Identifier: ISC */
/* A WAL file from one of several repositories. */
#include <sys/stat.h>

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "tool/fetchagent.h"
#include "tool/fetchset.h"
#include "tool/padding.h"
#include "tool/tool.h"
#include "wal/walarchive.h"
#include "wal/walfetch.h"

#define AWAY_S	60

void
fetchset_agents(struct fetchset *f, const struct conf_source *src)
{
	struct conf_source	 one = *src;
	struct err		 why = ERR_INIT;
	size_t			 i;

	for (i = 0; i < f->set->n; i++) {
		/* An agent works for one repository. */
		one.repository = f->set->conf[i].repository_name;
		if (agentconf_new(&f->agent[i], &f->set->conf[i], 1, &one,
		    KEY_RESTORE, f->cluster, f->dir, &why) == -1)
			tool_note(f->program, "agent: %s", why.msg);
		err_clear(&why);
	}
}

/*
 * Fetch the file without an agent.  The key is loaded only here: a passphrase
 * makes that slow, and an agent has the key already.
 */
static int
by_itself(struct fetchset *f, size_t i, const char *name, const char *path,
    int pad, struct err *e)
{
	const struct server_conf *c = &f->set->conf[i];
	const struct store_conf	 store = conf_store_wal(c);
	struct archive		*a = NULL;
	int			 rc = -1;

	if ((f->key != NULL || role_key(&f->key, c, KEY_RESTORE, e) == 0) &&
	    archive_open(&a, &store, f->key, c->name, f->cluster->system_id,
	    e) == 0)
		rc = walarchive_fetch(a, name, path, e);
	if (rc == WALFETCH_STREAMED && pad)
		rc = padding_fetch(f->program, a, name, path, f->dir, e);
	archive_free(a);
	return (rc);
}

static int
fetch(struct fetchset *f, size_t i, const char *name, const char *path,
    int pad, struct err *e)
{
	struct err	 why = ERR_INIT;
	int		 rc = -1;

	if (f->agent[i] == NULL)
		return (by_itself(f, i, name, path, pad, e));
	if (fetchagent_ask(f->agent[i], name, path, &rc, e, &why) == 0) {
		if (rc == WALFETCH_STREAMED && pad)
			return (by_itself(f, i, name, path, pad, e));
		if (rc != -1 || e->kind != ERR_LOCAL)
			return (rc);
		/* The agent lacks something that this process may have. */
		why = *e;
		err_clear(e);
	}
	/* If both fail, the own failure is printed: one line, not two. */
	if ((rc = by_itself(f, i, name, path, pad, e)) == 0)
		tool_note(f->program, "agent: %s", why.msg);
	return (rc);
}

/*
 * Whether a repository could not be reached lately is the time of a file, since
 * each call is a process of its own.  Without it a file takes longer.
 */
static int
away_path(char path[PATH_MAX], const struct server_conf *c)
{
	struct err	 unused = ERR_INIT;

	return (path_join(path, PATH_MAX, c->state_dir, "away", &unused));
}

static int
is_away(const struct server_conf *c)
{
	struct stat	 st;
	char		 path[PATH_MAX];
	const time_t	 now = time(NULL);

	return (away_path(path, c) == 0 && stat(path, &st) == 0 &&
	    st.st_mtime <= now && now - st.st_mtime < AWAY_S);
}

static void
note_away(const struct server_conf *c, int away)
{
	struct err	 unused = ERR_INIT;
	char		 path[PATH_MAX];
	int		 fd;

	if (away_path(path, c) == -1)
		return;
	if (!away)
		(void)unlink(path);	/* it may not be there */
	else if (io_mkdirs(c->state_dir, 0700, &unused) == 0 &&
	    (fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) != -1) {
		(void)futimens(fd, NULL);	/* then it is asked first */
		(void)close(fd);		/* nothing was written */
	}
}

/* What the repositories have said so far. */
struct said {
	struct err	 err;		/* the one that decides */
	size_t		 failed;	/* how many have failed */
	size_t		 streamed, who;	/* how many have a part; the last */
};

static void
failed(struct said *s, const struct server_conf *c, const struct err *why)
{
	s->failed++;
	if (s->err.kind == ERR_REMOTE ||
	    (s->err.kind != ERR_NONE && why->kind != ERR_REMOTE))
		return;
	err_clear(&s->err);
	(void)err_set(&s->err, why->kind, "repository %s: %s; no other has "
	    "the file, and what this one has is not known; if it is lost for "
	    "good, restore with base-fetch --repository NAME from one that is "
	    "left", c->repository_name, why->msg);
}

static int
ask(struct fetchset *f, size_t i, const char *name, const char *path,
    struct said *s)
{
	const struct server_conf	*c = &f->set->conf[i];
	struct err			 why = ERR_INIT;
	const int			 rc = fetch(f, i, name, path, 0, &why);

	note_away(c, rc == -1 && why.kind == ERR_REMOTE);
	if (rc == -1)
		failed(s, c, &why);
	if (rc == WALFETCH_STREAMED) {
		s->streamed++;
		s->who = i;
	}
	return (rc);
}

int
fetchset_file(struct fetchset *f, const char *name, const char *path,
    struct err *e)
{
	const size_t	 n = f->set->n;
	struct said	 s = { .failed = 0 };
	unsigned	 away = 0;
	size_t		 i;
	int		 last;

	if (n == 1)
		return (fetch(f, 0, name, path, f->promotes, e));
	for (i = 0; i < n; i++)
		if (is_away(&f->set->conf[i]))
			away |= 1U << i;
	for (last = 0; last < 2; last++)
		for (i = 0; i < n; i++)
			if ((int)((away >> i) & 1) == last &&
			    ask(f, i, name, path, &s) == 0)
				return (0);
	if (s.failed > 0)
		return (err_set(e, s.err.kind, "%s", s.err.msg));
	if (s.streamed > 1)
		return (err_set(e, ERR_CONFLICT, "was streamed in part to "
		    "several repositories; choose one with --repository in "
		    "restore_command"));
	if (s.streamed == 0)
		return (1);
	return (!f->promotes ? WALFETCH_STREAMED :
	    by_itself(f, s.who, name, path, 1, e));
}

void
fetchset_fini(struct fetchset *f)
{
	size_t	 i;

	for (i = 0; i < CONFNAMES_MAX; i++)
		agentconf_free(f->agent[i]);
	key_free(f->key);
}
