/* SPDX-License-Identifier: ISC */
/* Reads any bytes as a manifest, in pieces whose size is the first byte. */
#include <stdint.h>
#include <string.h>

#include "backup/manifest.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static int
on_entry(void *arg, const struct manifest_entry *en, struct err *e)
{
	(void)e;
	*(size_t *)arg += strlen(en->path);
	return (0);
}

/* Of configuration files: bytes that were announced, and not more. */
static size_t	 due;

static int
on_config(void *arg, const struct manifest_config *c, struct err *e)
{
	(void)arg;
	(void)e;
	if (due != 0 || c->size > MANIFEST_CONFIG_MAX ||
	    !manifest_config_ok(c->path) || strstr(c->path, "/../") != NULL)
		__builtin_trap();
	due = c->size;
	return (0);
}

static int
on_content(void *arg, const void *p, size_t n, struct err *e)
{
	(void)arg;
	(void)p;
	(void)e;
	if (n == 0 || n > due)
		__builtin_trap();
	due -= n;
	return (0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const struct manifest_events	 on = { .entry = on_entry,
	    .config = on_config, .content = on_content };
	struct sink				*s = NULL;
	struct err				 e = ERR_INIT;
	size_t					 seen = 0, step, k;

	if (n < 1 || manifest_sink_open(&s, &on, &seen, &e) == -1)
		return (0);
	due = 0;
	step = (size_t)*p++ + 1;
	for (n--; n > 0; p += k, n -= k) {
		k = n < step ? n : step;
		if (sink_write(s, p, k, &e) == -1)
			break;
	}
	if (n == 0 && sink_finish(s, &e) == 0)
		seen++;
	sink_free(s);
	return (0);
}
