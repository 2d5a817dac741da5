/* SPDX-License-Identifier: ISC */
/* The depths of a verification, and the options that choose them. */
#include "check/verifyruns.h"
#include "tool/depth.h"

int
depth_choose(enum verify_depth *out, const struct depth_options *o,
    const char *program, struct err *e)
{
	if (o->quick + o->signatures + o->hashes > 1)
		return (err_set(e, ERR_USAGE, "found more than one of "
		    "--quick, --signatures and --hashes; see %s --help",
		    program));
	*out = o->quick ? VERIFY_QUICK :
	    o->signatures ? VERIFY_SIGNATURES :
	    o->hashes ? VERIFY_HASHES : VERIFY_CONTENTS;
	return (0);
}

const char *
depth_name(enum verify_depth depth)
{
	return (verifyruns_depth(depth));
}
