/* SPDX-License-Identifier: ISC */
#ifndef TOOL_CONFKEY_H
#define TOOL_CONFKEY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "tool/serverconf.h"

/*
 * The table of all keys of the configuration: the only place that knows their
 * names, types, ranges and defaults.  A new key needs a line there, a field
 * in struct server_conf, and a paragraph in the sample file, which a test
 * compares with the table; and a row in confshow.c, as another test finds.
 */

#define CONFKEY_MAX	96		/* keys, at most */

enum confkey_kind {
	CONFKEY_TEXT,
	CONFKEY_PATH,		/* absolute: cron's directory is anybody's
				   guess */
	CONFKEY_FOLDER,		/* include_dir; has no field */
	CONFKEY_HOST_KEY,	/* a fingerprint */
	CONFKEY_ADDRESS,	/* of a repository */
	CONFKEY_REPOSITORIES,	/* names of them; kept as written */
	CONFKEY_POLICY,		/* for retention; kept as written */
	CONFKEY_RATES,		/* of tablespaces; kept as written */
	CONFKEY_LOG,		/* a path, or syslog */
	CONFKEY_LEVEL,		/* an enum runlog_level */
	CONFKEY_CODEC,
	CONFKEY_WAL_CODEC,	/* the same, or "auto" */
	CONFKEY_U64,
	CONFKEY_POWER,		/* a size that is a power of two */
	CONFKEY_SOURCE,		/* files or stream */
	CONFKEY_SPAN,		/* a time, in ms */
	CONFKEY_BOOL
};

struct confkey {
	const char		*name;
	enum confkey_kind	 kind;
	size_t			 field;		/* offset in server_conf */
	const char		*value;		/* the default; NULL: none */
	uint64_t		 min, max;	/* of numbers; bytes, ms */
	const char		*what;		/* what a message asks for */
};

/* The key with that index; NULL behind the last. */
const struct confkey *confkey_at(size_t i);

/* The index of the key "name", or SIZE_MAX. */
size_t	 confkey_find(const char *name);

/* Whether the key may stand in a section [repository NAME]: 1 or 0. */
int	 confkey_is_of_repository(const struct confkey *)
	    __attribute__((nonnull));

/*
 * Read "value" and put it into the key's field.  An empty text or path means
 * "not set", NULL.  ERR_CONFIG "key: found ..., expected ..." if it is no
 * value for this key.
 */
int	 confkey_set(struct server_conf *, const struct confkey *,
	    const char *value, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The text in the field of a text, path, address or policy; else NULL. */
const char *confkey_text(const struct server_conf *, const struct confkey *);

/*
 * Write the effective value of any key into "buf", in one spelling for equal
 * values; "" if it is not set or has no field.  ERR_LOCAL if "size" bytes are
 * too few.
 */
int	 confkey_format(char *buf, size_t size, const struct server_conf *,
	    const struct confkey *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Free all texts of the table and set them to NULL. */
void	 confkey_free(struct server_conf *);

#endif /* TOOL_CONFKEY_H */
