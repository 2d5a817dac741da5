/* SPDX-License-Identifier: ISC */
/* backup-keygen: make the keys of the three roles. */
#include <stdio.h>

#include "base/path.h"
#include "crypt/keygen.h"
#include "tool/program.h"
#include "tool/tool.h"

struct options {
	const char	*file;		/* with the passphrase; NULL: none */
	int		 ask;
};

static int
generate(const struct options *o, const char *base, struct err *e)
{
	struct secret	*pass = NULL;
	int		 rc;

	if (*path_base(base) == '\0')
		return (err_set(e, ERR_USAGE, "%.512s: expected DIR/NAME, "
		    "found no name", base));
	if (o->file != NULL ? secret_from_file(&pass, o->file, e) :
	    o->ask && secret_from_tty(&pass, "passphrase for the restore key: ",
	    1, e))
		return (-1);
	rc = keygen_files(base, pass, e);
	secret_free(pass);
	return (rc);
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
	    "    and repository hosts.\n", base, base, base);
}

static int
run(void *arg, char **args, size_t nargs, struct err *e)
{
	(void)nargs;
	if (generate(arg, args[0], e))
		return (-1);
	explain(args[0]);
	return (TOOL_OK);
}

static const struct program program = {
	.opt = {
		.name = "backup-keygen",
		.synopsis = "[OPTION]... DIR/NAME",
		.summary = "Make new keys: DIR/NAME.push, DIR/NAME.restore "
		    "and DIR/NAME.public.",
		.min_args = 1, .max_args = 1
	},
	.run = run
};

int
main(int argc, char *argv[])
{
	struct options		 o = { NULL, 0 };
	const struct opt	 opts[] = {
		{ "passphrase", 'p', OPT_FLAG, &o.ask, NULL,
		    "Ask for a passphrase that protects the restore key.",
		    0, 0 },
		{ "passphrase-file", 'P', OPT_STRING, &o.file, "FILE",
		    "Take the passphrase from the first line of FILE.", 0, 0 },
		OPT_END
	};

	return (program_main(&program, opts, &o, argc, argv));
}
