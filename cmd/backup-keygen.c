/* SPDX-License-Identifier: ISC */
/* backup-keygen: make the keys of the three roles. */
#include <stdio.h>

#include "base/path.h"
#include "crypt/key.h"
#include "tool/opt.h"
#include "tool/tool.h"

static const struct opt_program program = {
	.name = "backup-keygen",
	.synopsis = "[OPTION]... DIR/NAME",
	.summary = "Make new keys: DIR/NAME.push, DIR/NAME.restore and "
	    "DIR/NAME.public.",
	.min_args = 1, .max_args = 1
};

static int
generate(const char *base, int ask, const char *file, struct err *e)
{
	struct secret	*pass = NULL;
	int		 rc;

	if (*path_base(base) == '\0')
		return (err_set(e, ERR_USAGE, "%.512s: expected DIR/NAME, "
		    "found no name", base));
	if (file != NULL ? secret_from_file(&pass, file, e) :
	    ask && secret_from_tty(&pass, "passphrase for the restore key: ",
	    1, e))
		return (-1);
	rc = key_generate(base, pass, e);
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

int
main(int argc, char *argv[])
{
	struct err		 e = ERR_INIT;
	const char		*file = NULL;
	int			 ask = 0;
	const struct opt	 opts[] = {
		{ "passphrase", 'p', OPT_FLAG, &ask, NULL,
		    "ask for a passphrase that will protect the restore key",
		    0, 0 },
		{ "passphrase-file", 'P', OPT_STRING, &file, "FILE",
		    "take the passphrase from the first line of FILE", 0, 0 },
		OPT_END
	};
	char			**args;
	size_t			 nargs;
	int			 rc;

	if ((rc = tool_init(&e)) == -1 ||
	    (rc = opt_parse(&program, opts, argc, argv, &args, &nargs,
	    &e)) != 0)
		return (tool_exit(program.name, rc == 1 ? 0 : -1, &e));
	if ((rc = generate(args[0], ask, file, &e)) == 0) {
		explain(args[0]);
		rc = tool_flush(&e);
	}
	return (tool_exit(program.name, rc, &e));
}
