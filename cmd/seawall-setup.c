/* SPDX-License-Identifier: ISC */
/* seawall-setup: from nothing to the first archived segment of a server. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "show/showsetup.h"
#include "store/hostprint.h"
#include "tool/conf.h"
#include "tool/program.h"
#include "tool/setupask.h"
#include "tool/setupfiles.h"
#include "tool/setupfrom.h"
#include "tool/setupkeys.h"
#include "tool/setuppg.h"
#include "tool/setupreach.h"
#include "tool/tool.h"

struct job {
	const char		*dir, *server, *host_key, *from;
	struct opt_list		 set;
	struct setupfrom	 old;		/* another tool's */
	int			 append_only, apply, dry_run;
	const char		*repository;
	struct address		 address;
	struct setupfiles	 files;
	struct conf_source	 src;
	struct server_conf	 conf;		/* once it is written */
	int			 known;		/* it was, before */
	char			 shown[HOSTPRINT_MAX];
	char			 key[SSHKEYGEN_LINE];
	char			 command[PATH_MAX * 3];	/* archive_command */
	int			 left;		/* something is, to be done */
};

/* Without a repository on another host there is no SSH. */
static int
by_ssh(const struct job *j)
{
	return (j->address.host[0] != '\0');
}

/*
 * Whom to believe on the way there: nothing is written before the key that the
 * host shows is the one that was given, or that somebody has compared.
 */
static int
learn_host(struct job *j, struct err *e)
{
	const struct store_conf	 conf = {
		.repository = j->repository, .io_timeout_ms = 60000,
		.ssh_config = setupfiles_set(&j->set, "ssh_config")
	};
	const char		*type;

	if (!by_ssh(j) || setupfiles_set(&j->set, "host_key") != NULL ||
	    setupfiles_set(&j->set, "known_hosts") != NULL)
		return (0);
	if (j->dry_run) {
		setupask_step("host key", "would ask %s for it, and you",
		    j->address.host);
		return (0);
	}
	if (hostprint_get(j->shown, &type, &conf, e))
		return (-1);
	setupask_step("host key", "%s shows %s (%s)", j->address.host,
	    j->shown, type);
	return (setupask_key(j->shown, &j->host_key, e));
}

static int
write_conf(struct job *j, struct err *e)
{
	const struct setupfiles_section	 s = {
		.repository = j->repository, .host_key = j->host_key,
		.ssh = by_ssh(j), .set = &j->set
	};

	if (j->dry_run) {
		setupask_step("settings", "would write %s", j->files.part);
		return (0);
	}
	if (setupfiles_write(&j->files, &s, e))
		return (-1);
	setupask_step("settings", "wrote %s", j->files.part);
	return (0);
}

/* What every program reads now is what was asked for. */
static int
load(struct job *j, struct err *e)
{
	if (setupreach_load(&j->conf, &j->src, j->repository, e))
		return (-1);
	if (strcmp(j->conf.repository, j->repository) != 0)
		return (err_set(e, ERR_CONFLICT, "[%s] of %s has the "
		    "repository %s, expected %s; change it there, or set up "
		    "another --server", j->server, j->files.conf,
		    j->conf.repository, j->repository));
	if (j->host_key != NULL && j->conf.host_key != NULL &&
	    strcmp(j->host_key, j->conf.host_key) != 0)
		return (err_set(e, ERR_CONFLICT, "[%s] of %s has the host_key "
		    "%s, expected %s; change it there", j->server,
		    j->files.conf, j->conf.host_key, j->host_key));
	return (0);
}

/* What an earlier run left, or somebody wrote; it is taken as it is. */
static int
look_up(struct job *j, struct err *e)
{
	if ((j->known = conf_has(&j->src, j->server, e)) != 1)
		return (j->known);
	if (load(j, e))
		return (-1);
	setupask_step("settings", "found [%s] in %s%s", j->server,
	    j->files.conf, j->set.n > 0 ? ", as it is: --set and "
	    "--from change nothing" : "");
	if (j->conf.repository_name != NULL)
		setupask_step("", "this is its repository %s",
		    j->conf.repository_name);
	return (0);
}

static int
configure(struct job *j, struct err *e)
{
	if (j->known)
		return (0);
	if (learn_host(j, e) || write_conf(j, e))
		return (-1);
	return (j->dry_run ? 0 : load(j, e));
}

static int
set_up(struct job *j, struct err *e)
{
	const struct showsetup_host	 host = {
		.address = &j->address, .server = j->server, .key = j->key,
		.append_only = j->append_only
	};

	if ((j->from != NULL && setupfrom(&j->old, &j->set, j->from,
	    j->server, e)) ||
	    setupfiles_name(&j->files, j->dir, j->server, &j->set, e) ||
	    address_parse(j->repository, &j->address, e) ||
	    setupreach_command(j->command, sizeof(j->command), j->files.conf,
	    j->server, e))
		return (-1);
	j->src.config = j->files.conf;
	j->src.server = j->server;
	if (look_up(j, e) ||
	    (!j->dry_run && setupfiles_folders(&j->files, e)) ||
	    setupkeys(j->key, &j->files, j->known ? &j->conf : NULL,
	    by_ssh(j), j->dry_run, e) || configure(j, e) ||
	    (!j->dry_run && setupreach(&j->conf, &host, &j->left, e)) ||
	    (!j->dry_run && setuppg(j->conf.conninfo, j->command, j->apply,
	    &j->left, e)))
		return (-1);
	if (j->dry_run) {
		setupask_step("repository", "would reach %s, and ask what "
		    "it can do", j->repository);
		setupask_step("PostgreSQL", "would %s archive_command = '%s'",
		    j->apply ? "set" : "ask for", j->command);
		setupask_step("check", "would run backup-check --deep");
		return (TOOL_OK);
	}
	if (j->left) {
		setupask_step("left", "do what is said above, then run this "
		    "command again");
		return (TOOL_FINDINGS);
	}
	return (setupreach_check(&j->conf, e));
}

static int
run(void *arg, char **args, size_t nargs, struct err *e)
{
	struct job	*j = arg;
	int		 rc;

	j->repository = args[nargs - 1];
	rc = setupreach_user(e) ? -1 : set_up(j, e);
	conf_free(&j->conf);
	setupfrom_free(&j->old);
	return (rc);
}

static const struct program program = {
	.opt = {
		.name = "seawall-setup",
		.synopsis = "[OPTION]... [USER@]HOST:/PATH | /PATH",
		.summary = "Set up a server's archive in this repository, as "
		    "the user that runs PostgreSQL.  What is there is kept; "
		    "interrupted and run again it goes on.",
		.min_args = 1, .max_args = 1
	},
	.run = run
};

int
main(int argc, char *argv[])
{
	struct job		 j = {
		.dir = "/etc/seawall", .server = "main"
	};
	const struct opt	 opts[] = {
		{ "server", 's', OPT_STRING, &j.server, "NAME",
		    "The server's name in the repository (main).", 0, 0 },
		{ "config", 'c', OPT_STRING, &j.dir, "DIR",
		    "Keys and seawall.conf go here (/etc/seawall).", 0, 0 },
		{ "set", 'o', OPT_LIST, &j.set, "KEY=VALUE",
		    "Write this key into the configuration, too.", 0, 0 },
		{ "from", 0, OPT_STRING, &j.from, "FILE",
		    "Take what has an equal from a barman.conf, a "
		    "pgbackrest.conf or WAL-G's variables.", 0, 0 },
		{ "append-only", 0, OPT_FLAG, &j.append_only, NULL,
		    "The SSH key of this host may add, and not delete.",
		    0, 0 },
		{ "host-key", 0, OPT_STRING, &j.host_key, "FINGERPRINT",
		    "The repository host's, which you have compared.", 0, 0 },
		{ "apply", 0, OPT_FLAG, &j.apply, NULL,
		    "Set PostgreSQL's settings by ALTER SYSTEM.", 0, 0 },
		{ "dry-run", 'n', OPT_FLAG, &j.dry_run, NULL,
		    "Print the steps and do none.", 0, 0 },
		OPT_END
	};

	return (program_main(&program, opts, &j, argc, argv));
}
