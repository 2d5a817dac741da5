/* SPDX-License-Identifier: ISC */
/* What seawall-setup finds around it. */
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "tool/setupask.h"
#include "tool/setupreach.h"
#include "tool/tool.h"

#define PLAIN	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
		"0123456789/._-+"

extern char	**environ;

int
setupreach_user(struct err *e)
{
	if (geteuid() != 0 || getpwnam("postgres") == NULL)
		return (0);
	return (err_set(e, ERR_CONFIG, "found the user root, expected the one "
	    "that runs PostgreSQL, since all files will be its own; run it "
	    "as: sudo -u postgres seawall-setup ..."));
}

/* The path of another program of ours. */
static int
beside(char *buf, size_t size, const char *program, struct err *e)
{
	char	 self[PATH_MAX], dir[PATH_MAX];
	ssize_t	 n;

	if ((n = readlink("/proc/self/exe", self, sizeof(self) - 1)) == -1)
		return (err_sys(e, ERR_LOCAL, "/proc/self/exe"));
	self[n] = '\0';
	if (path_dir(dir, sizeof(dir), self, e) ||
	    path_join(buf, size, dir, program, e))
		return (-1);
	return (access(buf, X_OK) == 0 ? 0 : err_sys(e, ERR_LOCAL, "%s",
	    buf));
}

int
setupreach_command(char *buf, size_t size, const char *config,
    const char *server, struct err *e)
{
	const int	 usual = strcmp(config, CONF_PATH) == 0;
	char		 wal[PATH_MAX];

	if (beside(wal, sizeof(wal), "wal-push", e))
		return (-1);
	if (strspn(wal, PLAIN) != strlen(wal))
		return (err_set(e, ERR_CONFIG, "%.512s: expected a path of "
		    "letters, digits, '.', '_', '-', '+', since it will stand "
		    "in archive_command", wal));
	return (str_fmt(buf, size, e, "%s%s%s --server %s %%p", wal,
	    usual ? "" : " --config ", usual ? "" : config, server));
}

/*
 * 1 or 0; a failure that is no refusal proves nothing.  Only asks: the file
 * does not exist.
 */
static int
may_delete(struct store *st, struct err *e)
{
	static const char *const	 none[] = {
		"tmp/setup-asks-for-permission"
	};

	if (store_remove(st, none, 1, e) == 0)
		return (1);
	if (!err_of_one_file(e))
		return (err_ctx(e, "whether this SSH key may delete is not "
		    "known"));
	err_clear(e);
	return (0);
}

int
setupreach_load(struct server_conf *c, const struct conf_source *src,
    const char *repository, struct err *e)
{
	struct conf_set	*set = calloc(1, sizeof(*set));
	size_t		 i = 0;
	int		 rc = -1;

	if (set == NULL)
		return (err_sys(e, ERR_LOCAL, "read the configuration"));
	if (conf_load_set(set, src, e) == 0) {
		while (i < set->n &&
		    strcmp(set->conf[i].repository, repository) != 0)
			i++;
		conf_take(c, set, i < set->n ? i : 0);
		rc = 0;
	}
	free(set);
	return (rc);
}

static int
make_state(const struct server_conf *conf, struct err *e)
{
	if (io_mkdirs(conf->state_dir, 0700, e) == 0 &&
	    access(conf->state_dir, W_OK | X_OK) == 0)
		return (0);
	err_sys(e, ERR_LOCAL, "%s", conf->state_dir);
	return (err_ctx(e, "the state folder must be writable for this user; "
	    "as root: install -d -m 700 -o USER %s", conf->state_dir));
}

static int
look(const struct server_conf *conf, int append_only, int *left,
    struct err *e)
{
	const struct store_conf	 sc = conf_store(conf);
	struct store		*st = NULL;
	int			 may = 0, rc = -1;

	if (store_open(&st, &sc, e) || setupask_reached(st, e))
		goto out;
	if (append_only && (may = may_delete(st, e)) == -1)
		goto out;
	if (may) {
		setupask_step("", "this SSH key may delete there, expected "
		    "that it may only add: see the sample sshd_config");
		*left = 1;
	} else if (append_only)
		setupask_step("", "this SSH key may add, and not delete");
	rc = 0;
out:
	store_free(st);
	return (rc);
}

int
setupreach(const struct server_conf *conf, const struct showsetup_host *host,
    int *left, struct err *e)
{
	const struct passwd	*me = getpwuid(geteuid());
	struct showsetup_host	 h = *host;
	struct err		 unused = ERR_INIT;

	h.user = h.address->user[0] != '\0' ? h.address->user :
	    me != NULL ? me->pw_name : "seawall";
	if (make_state(conf, e))
		return (-1);
	while (look(conf, h.append_only, left, e)) {
		/* Of all that may be wrong this alone is cured over there. */
		if (e->kind != ERR_CONFIG || h.key[0] == '\0' ||
		    strstr(e->msg, "authorized_keys?") == NULL)
			return (-1);
		showsetup_host(stdout, &h);
		if (setupask_enter("Press Enter once that is done: ", &unused))
			return (err_ctx(e, "run the commands above on the "
			    "repository's host, then this one again"));
		err_clear(e);
	}
	return (0);
}

int
setupreach_check(const struct server_conf *c, struct err *e)
{
	const char	*of = c->repository_name;
	char		 path[PATH_MAX], conf[PATH_MAX + 16], name[256];
	char		 one[256], deep[] = "--deep";
	char		*argv[] = { path, conf, name, deep,
			    of == NULL ? NULL : one, NULL };
	pid_t		 pid;
	int		 status;

	if (beside(path, sizeof(path), "backup-check", e) ||
	    str_fmt(conf, sizeof(conf), e, "--config=%s", c->file) ||
	    str_fmt(name, sizeof(name), e, "--server=%s", c->name) ||
	    (of != NULL &&
	    str_fmt(one, sizeof(one), e, "--repository=%s", of)) ||
	    tool_flush(e))
		return (-1);
	if ((errno = posix_spawn(&pid, path, NULL, NULL, argv, environ)) != 0)
		return (err_sys(e, ERR_LOCAL, "%s", path));
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return (err_sys(e, ERR_LOCAL, "wait for %s", path));
	if (!WIFEXITED(status))
		return (err_set(e, ERR_LOCAL, "%s was killed", path));
	return (WEXITSTATUS(status));
}
