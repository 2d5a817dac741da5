/* SPDX-License-Identifier: ISC */
/* backup-keygen: make the keys of the three roles, or renew them. */
#include <limits.h>
#include <stdio.h>

#include "base/path.h"
#include "base/str.h"
#include "crypt/keygen.h"
#include "crypt/keyrenew.h"
#include "tool/program.h"
#include "tool/tool.h"

struct options {
	const char	*file;		/* with the passphrase; NULL: none */
	int		 ask;
	int		 renew, drill;
	struct keyrenew_conf next;
};

static int
passphrase(struct secret **pass, const struct options *o, struct err *e)
{
	if (o->file != NULL)
		return (secret_from_file(pass, o->file, e));
	return (o->ask ? secret_from_tty(pass, "passphrase for the restore "
	    "key: ", 1, e) : 0);
}

static void
explain(const char *base)
{
	(void)printf(
	    "%s.push\n"
	    "    goes to the database host (\"key\" in seawall.conf).  It "
	    "writes backups and\n"
	    "    can't read them.\n"
	    "%s.restore\n"
	    "    reads everything (\"restore_key\").  Move it off the database "
	    "host and keep\n"
	    "    two copies in safe places: without it no backup can be "
	    "restored.\n"
	    "%s.public\n"
	    "    is no secret (\"public_key\").  It lists, verifies and "
	    "expires, on admin\n"
	    "    and repository hosts, and renews a push key that is lost.\n",
	    base, base, base);
}

static void
explain_drill(const char *base)
{
	(void)printf(
	    "%s.drill\n"
	    "    signs the receipts of backup-drill (\"drill_key\"), and "
	    "nothing else.\n", base);
}

static int
generate(const struct options *o, const char *base, struct err *e)
{
	struct secret	*pass = NULL;
	int		 rc;

	if ((rc = passphrase(&pass, o, e)) == 0)
		rc = o->drill ? keygen_with_drill(base, pass, e) :
		    keygen_files(base, pass, e);
	secret_free(pass);
	if (rc == 0)
		explain(base);
	if (rc == 0 && o->drill)
		explain_drill(base);
	return (rc);
}

/* Ask for the passphrase of what --renew or --drill read, if it has one. */
static int
unseal(struct secret **pass, const char *old, struct err *e)
{
	char	 prompt[PATH_MAX];

	return (str_fmt(prompt, sizeof(prompt), e, "passphrase of "
	    "%s.restore: ", old) || secret_from_tty(pass, prompt, 0, e) ?
	    -1 : 0);
}

static int
add_drill(const struct options *o, const char *old, const char *next,
    struct err *e)
{
	struct secret	*pass = NULL;
	int		 rc;

	if (passphrase(&pass, o, e))
		return (-1);
	if ((rc = keyrenew_drill(old, next, pass, e)) == 1)
		rc = unseal(&pass, old, e) ? -1 :
		    keyrenew_drill(old, next, pass, e);
	secret_free(pass);
	if (rc == 0) {
		explain_drill(next);
		(void)printf("%s.public, %s.restore\n"
		    "    replace those of %s wherever they are used; %s.push "
		    "stays as it is.\n", next, next, old, old);
	}
	return (rc);
}

static void
explain_next(const struct keyrenew *d, const char *old, const char *next)
{
	if (d->push)
		(void)printf(
		    "%s.push\n"
		    "    goes to the database host in place of %s.push; it "
		    "signs as %s.\n"
		    "%s.public\n"
		    "    replaces %s.public wherever that is used.\n",
		    next, old, d->signer, next, old);
	if (d->restore)
		(void)printf(
		    "%s.restore\n"
		    "    replaces %s.restore and all copies of it: it reads "
		    "what the old push key\n"
		    "    wrote and what the new one (%s) writes.\n", next,
		    old, d->signer);
	else
		(void)printf(
		    "%s.restore\n"
		    "    was not made, since %s.restore is not here.  Copy "
		    "%s.public to where\n"
		    "    it is and run the same command there: %s.restore "
		    "refuses what the new push\n"
		    "    key writes.\n", next, old, next, old);
}

static int
renew(const struct options *o, const char *old, const char *next,
    struct err *e)
{
	struct secret	*pass = NULL;
	struct keyrenew	 done;
	size_t		 i;
	int		 rc = -1;

	if (passphrase(&pass, o, e))
		return (-1);
	if ((rc = keyrenew_files(&done, old, next, &o->next, pass,
	    e)) == 1)
		/* It is sealed; the next one will be so, too. */
		rc = unseal(&pass, old, e) ? -1 :
		    keyrenew_files(&done, old, next, &o->next, pass, e);
	secret_free(pass);
	if (rc == 0)
		explain_next(&done, old, next);
	for (i = 0; rc == 0 && i < done.nretired; i++)
		(void)printf("retired: %s\n    nothing that it signed counts "
		    "until backup-verify --vouch lists it: see\n    "
		    "seawall-after-a-theft(7).\n", done.retired[i]);
	if (rc == 0 && done.nsigners + 1 >= KEY_MAX)
		(void)printf("%zu of %d signers\n    are in these files now; "
		    "make room for the next ones with --drop.\n",
		    done.nsigners, KEY_MAX);
	return (rc);
}

static int
run(void *arg, char **args, size_t nargs, struct err *e)
{
	const struct options	*o = arg;
	size_t			 i;

	if (o->renew && o->drill)
		return (err_set(e, ERR_USAGE, "--renew and --drill are two "
		    "steps; begin with --renew"));
	if (!(o->drill && nargs == 2) && nargs != (o->renew ? 2 : 1))
		return (err_set(e, ERR_USAGE, "%s; see backup-keygen --help",
		    o->renew ? "--renew: expected OLD and NEW" :
		    "expected one DIR/NAME"));
	if ((o->next.recipient || o->next.retire != NULL ||
	    o->next.drop != NULL) && !o->renew)
		return (err_set(e, ERR_USAGE, "%s needs --renew",
		    o->next.recipient ? "--recipient" :
		    o->next.retire != NULL ? "--retire" : "--drop"));
	for (i = 0; i < nargs; i++)
		if (*path_base(args[i]) == '\0')
			return (err_set(e, ERR_USAGE, "%.512s: expected "
			    "DIR/NAME, found no name", args[i]));
	return ((o->renew ? renew(o, args[0], args[1], e) :
	    nargs == 2 ? add_drill(o, args[0], args[1], e) :
	    generate(o, args[0], e)) ? -1 : TOOL_OK);
}

static const struct program program = {
	.opt = {
		.name = "backup-keygen",
		.synopsis = "[OPTION]... DIR/NAME | --renew OLD NEW | "
		    "--drill OLD NEW",
		.summary = "Make new keys: DIR/NAME.push, DIR/NAME.restore "
		    "and DIR/NAME.public; or renew those of a host that was "
		    "lost or stolen.",
		.min_args = 1, .max_args = 2
	},
	.run = run
};

int
main(int argc, char *argv[])
{
	struct options		 o = { .file = NULL };
	const struct opt	 opts[] = {
		{ "passphrase", 'p', OPT_FLAG, &o.ask, NULL,
		    "Ask for a passphrase that protects the restore key.",
		    0, 0 },
		{ "passphrase-file", 'P', OPT_STRING, &o.file, "FILE",
		    "Take the passphrase from the first line of FILE.", 0, 0 },
		{ "renew", 0, OPT_FLAG, &o.renew, NULL,
		    "Make the files NEW.*: a new push key beside the one of "
		    "OLD.*, which still counts.", 0, 0 },
		{ "drill", 0, OPT_FLAG, &o.drill, NULL,
		    "Make a key, too, that signs receipts of backup-drill; "
		    "with OLD NEW: add one to OLD.*.", 0, 0 },
		{ "recipient", 0, OPT_FLAG, &o.next.recipient, NULL,
		    "With --renew: a new secret for reading, too.", 0, 0 },
		{ "retire", 0, OPT_STRING, &o.next.retire, "SIGNER|all",
		    "With --renew: what this signer of OLD.* signed counts "
		    "only if backup-verify --vouch lists it.", 0, 0 },
		{ "drop", 0, OPT_STRING, &o.next.drop, "SIGNER",
		    "With --renew: leave out a retired signer of which no "
		    "object is left.", 0, 0 },
		OPT_END
	};

	return (program_main(&program, opts, &o, argc, argv));
}
