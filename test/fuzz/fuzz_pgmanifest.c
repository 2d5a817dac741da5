/* SPDX-License-Identifier: ISC */
/* A server's backup_manifest, in pieces whose size the first byte chooses. */
#include <string.h>

#include "pg/pgmanifest_read.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static int
file(void *arg, const struct pgmanifest_seen *f, struct err *e)
{
	(void)arg;
	(void)e;
	if (f->path[0] == '\0' || strlen(f->path) > 4095)
		__builtin_trap();
	return (0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const struct pgmanifest_read_events on = { .file = file };
	struct pgmanifest_read	*r = NULL;
	struct err		 e = ERR_INIT;
	size_t			 at, step;
	int			 rc = 0;

	if (n < 1 || pgmanifest_read_new(&r, &on, NULL, &e))
		return (0);
	step = (size_t)*p + 1;
	for (at = 1; rc == 0 && at < n; at += step)
		rc = pgmanifest_read_add(r, p + at, n - at < step ? n - at :
		    step, &e);
	if (rc == 0)
		rc = pgmanifest_read_end(r, &e);
	if (rc != 0 && e.kind != ERR_CORRUPT)
		__builtin_trap();
	pgmanifest_read_free(r);
	return (0);
}
