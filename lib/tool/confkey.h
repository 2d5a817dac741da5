/* SPDX-License-Identifier: ISC */
#ifndef TOOL_CONFKEY_H
#define TOOL_CONFKEY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "tool/serverconf.h"

/*
 * The table of all keys of the configuration: the one place that knows their
 * names, types, ranges and defaults.  A new key is a line here, a field of
 * struct server_conf and a paragraph of the sample, which a test compares
 * with this table.
 */

#define CONFKEY_MAX	64		/* keys, at most */

enum confkey_kind {
	CONFKEY_TEXT,
	CONFKEY_PATH,		/* absolute: nobody knows cron's directory */
	CONFKEY_FOLDER,		/* include_dir; has no field */
	CONFKEY_HOST_KEY,	/* a fingerprint */
	CONFKEY_ADDRESS,	/* where a repository is */
	CONFKEY_POLICY,		/* of retention; kept as written */
	CONFKEY_CODEC,
	CONFKEY_WAL_CODEC,	/* the same, or auto */
	CONFKEY_U64,
	CONFKEY_POWER,		/* a size that is a power of two */
	CONFKEY_SPAN,
	CONFKEY_BOOL
};

struct confkey {
	const char		*name;
	enum confkey_kind	 kind;
	size_t			 field;		/* offset in server_conf */
	const char		*value;		/* the default; NULL: none */
	uint64_t		 min, max;	/* of numbers; bytes, ms */
	const char		*what;		/* for messages */
};

/* The key of that index, NULL behind the last. */
const struct confkey *confkey_at(size_t);

/* The index of that name, or SIZE_MAX. */
size_t	 confkey_find(const char *name);

/*
 * Put a value into its field.  ERR_CONFIG "key: found ..., expected ..." if
 * it isn't one.  An empty text or path is "not set", NULL.
 */
int	 confkey_set(struct server_conf *, const struct confkey *,
	    const char *value, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The text in a field of a text-like kind, or NULL. */
const char *confkey_text(const struct server_conf *, const struct confkey *);

/*
 * The effective value of any key, in one spelling for equal values, "" where
 * it is not set or has no field.  ERR_LOCAL if "buf" has no room for it.
 */
int	 confkey_format(char *buf, size_t size, const struct server_conf *,
	    const struct confkey *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Release all texts of the table. */
void	 confkey_free(struct server_conf *);

#endif /* TOOL_CONFKEY_H */
