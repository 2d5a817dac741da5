/* SPDX-License-Identifier: ISC */
#ifndef BASE_JVAL_H
#define BASE_JVAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * JSON values (RFC 8259) over jansson, which no other file includes; the
 * name keeps clear of jansson's own json_*.
 *
 * Building: an object or a list is filled member by member, in the order
 * that the text will have.
 *
 *	if (jval_object(&j, e) ||
 *	    jval_set_str(j, "id", id, e) ||
 *	    jval_set_u64(j, "size", size, e) ||
 *	    jval_text(j, 0, &text, &n, e))
 *		goto out;
 *
 * Text that is not UTF-8 cannot be a JSON string: ERR_LOCAL.  Numbers are
 * at most INT64_MAX.
 *
 * Reading: jval_parse() takes text from outside and refuses duplicate keys,
 * trailing text and nesting deeper than jansson's limit.  The jval_get_*()
 * functions ask for a member that must be there with that type; anything
 * else is ERR_CORRUPT and names the member.  What they hand out is borrowed.
 *
 * A value made by jval_object(), jval_list() or jval_parse() is owned by
 * the caller until jval_free(), or until jval_set() or jval_add() took it;
 * these two own it also when they fail.
 */
struct jval;

int	 jval_object(struct jval **, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 jval_list(struct jval **, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 jval_free(struct jval *);			/* NULL is fine */

int	 jval_set(struct jval *, const char *key, struct jval *own,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 jval_set_str(struct jval *, const char *key, const char *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 jval_set_u64(struct jval *, const char *key, uint64_t,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 jval_set_bool(struct jval *, const char *key, int, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 jval_set_null(struct jval *, const char *key, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 jval_add(struct jval *list, struct jval *own, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 jval_add_str(struct jval *list, const char *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 jval_add_u64(struct jval *list, uint64_t, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* One line, or indented by two where "pretty".  The caller frees *out. */
int	 jval_text(const struct jval *, int pretty, char **out, size_t *n,
	    struct err *) __attribute__((warn_unused_result, nonnull));

int	 jval_parse(const char *, size_t, struct jval **, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 jval_has(const struct jval *, const char *key);
int	 jval_is_null(const struct jval *, const char *key);
int	 jval_get_str(const struct jval *, const char *key, const char **,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 jval_get_u64(const struct jval *, const char *key, uint64_t *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 jval_get_bool(const struct jval *, const char *key, int *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 jval_get_object(const struct jval *, const char *key,
	    const struct jval **, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 jval_get_list(const struct jval *, const char *key,
	    const struct jval **, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* A list's items; an item of another type than asked for is ERR_CORRUPT. */
size_t	 jval_count(const struct jval *list);
int	 jval_at_object(const struct jval *list, size_t,
	    const struct jval **, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 jval_at_str(const struct jval *list, size_t, const char **,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 jval_at_u64(const struct jval *list, size_t, uint64_t *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* BASE_JVAL_H */
