/* SPDX-License-Identifier: ISC */
/* Any text as a configuration file: if it is refused, the message names it. */
#include <stdint.h>
#include <stdlib.h>

#include "tool/confkey.h"
#include "tool/conftree.h"
#include "tool/inifile.h"

static int
section(void *arg, const char *name, unsigned line, struct err *e)
{
	(void)arg;
	(void)line;
	return (conftree_is_name(name) ? 0 : err_set(e, ERR_CONFIG, "name"));
}

static int
value(void *arg, const char *key, const char *text, unsigned line,
    struct err *e)
{
	size_t	 k = confkey_find(key);

	(void)line;
	return (k == SIZE_MAX ? 0 : confkey_set(arg, confkey_at(k), text, e));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct inifile_events	 events = { section, value };
	struct server_conf			 c = { 0 };
	struct err				 e = ERR_INIT;

	/* Any result is right, but a failure must name the file. */
	if (inifile_parse("f", (const char *)data, n, &events, &c, &e) == -1 &&
	    (e.kind == ERR_NONE || e.msg[0] != 'f' || e.msg[1] != ':'))
		abort();
	confkey_free(&c);
	return (0);
}
