/* SPDX-License-Identifier: ISC */
#ifndef BASE_JVAL_H
#define BASE_JVAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * JSON values (RFC 8259) on top of jansson, which no other file includes.
 * The names differ from jansson's own json_*.
 *
 * Building: an object or a list is filled member by member, in the order
 * that its text will have.
 *
 *	if (jval_object(&j, e) ||
 *	    jval_set_str(j, "id", id, e) ||
 *	    jval_set_u64(j, "size", size, e) ||
 *	    jval_text(j, 0, &text, &n, e))
 *		goto out;
 *
 * ERR_LOCAL if memory is short, if text is not UTF-8, which a JSON string
 * must be, or if a number exceeds INT64_MAX.
 *
 * Reading: jval_parse() takes text from outside.  The jval_get_*() functions
 * ask for a member that must exist and have that type; otherwise they fail
 * with ERR_CORRUPT and name the member.  What they return belongs to the
 * value that it is a part of.
 *
 * The caller owns a value from jval_object(), jval_list() or jval_parse(),
 * and frees it with jval_free() unless it gave it to jval_set() or
 * jval_add().  These two take ownership of "own", also when they fail.
 */
struct jval;

int	 jval_object(struct jval **out, struct err *e)
	    __attribute__((warn_unused_result, nonnull));
int	 jval_list(struct jval **out, struct err *e)
	    __attribute__((warn_unused_result, nonnull));
void	 jval_free(struct jval *j);			/* NULL is fine */

/* Set a member of an object; one of that name is replaced. */
int	 jval_set(struct jval *j, const char *key, struct jval *own,
	    struct err *e) __attribute__((warn_unused_result, nonnull));
int	 jval_set_str(struct jval *j, const char *key, const char *text,
	    struct err *e) __attribute__((warn_unused_result, nonnull));
int	 jval_set_u64(struct jval *j, const char *key, uint64_t v,
	    struct err *e) __attribute__((warn_unused_result, nonnull));
int	 jval_set_bool(struct jval *j, const char *key, int v, struct err *e)
	    __attribute__((warn_unused_result, nonnull));
int	 jval_set_null(struct jval *j, const char *key, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/* Append an item to a list. */
int	 jval_add(struct jval *list, struct jval *own, struct err *e)
	    __attribute__((warn_unused_result, nonnull));
int	 jval_add_str(struct jval *list, const char *text, struct err *e)
	    __attribute__((warn_unused_result, nonnull));
int	 jval_add_u64(struct jval *list, uint64_t v, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The value as text: one line, or with "pretty" indented by two blanks.  A
 * NUL that *n does not count follows.  The caller frees *out.
 */
int	 jval_text(const struct jval *j, int pretty, char **out, size_t *n,
	    struct err *e) __attribute__((warn_unused_result, nonnull));

/*
 * Parse "n" bytes, which must be one object or list.  ERR_CORRUPT if they
 * are not JSON, if an object has two members of one name, if text follows,
 * or if the nesting is deeper than jansson's limit.
 */
int	 jval_parse(const char *text, size_t n, struct jval **out,
	    struct err *e) __attribute__((warn_unused_result, nonnull));

/* Whether an object has the member, and whether it has it as null. */
int	 jval_has(const struct jval *j, const char *key);
int	 jval_is_null(const struct jval *j, const char *key);

int	 jval_get_str(const struct jval *j, const char *key, const char **out,
	    struct err *e) __attribute__((warn_unused_result, nonnull));
int	 jval_get_u64(const struct jval *j, const char *key, uint64_t *out,
	    struct err *e) __attribute__((warn_unused_result, nonnull));
int	 jval_get_bool(const struct jval *j, const char *key, int *out,
	    struct err *e) __attribute__((warn_unused_result, nonnull));
int	 jval_get_object(const struct jval *j, const char *key,
	    const struct jval **out, struct err *e)
	    __attribute__((warn_unused_result, nonnull));
int	 jval_get_list(const struct jval *j, const char *key,
	    const struct jval **out, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The number of items in a list, and item "i", counted from 0.  ERR_CORRUPT
 * if it does not exist or has another type.
 */
size_t	 jval_count(const struct jval *list);
int	 jval_at_object(const struct jval *list, size_t i,
	    const struct jval **out, struct err *e)
	    __attribute__((warn_unused_result, nonnull));
int	 jval_at_str(const struct jval *list, size_t i, const char **out,
	    struct err *e) __attribute__((warn_unused_result, nonnull));
int	 jval_at_u64(const struct jval *list, size_t i, uint64_t *out,
	    struct err *e) __attribute__((warn_unused_result, nonnull));

#endif /* BASE_JVAL_H */
