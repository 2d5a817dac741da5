/* SPDX-License-Identifier: ISC */
/*
 * JSON values by jansson.  A struct jval is a json_t: the three casts below
 * are all that lies between them, so jansson stays in this file.
 */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/jval.h"
#include "base/str.h"

static json_t *
raw(struct jval *j)
{
	return ((json_t *)(void *)j);
}

static const json_t *
peek(const struct jval *j)
{
	return ((const json_t *)(const void *)j);
}

static const struct jval *
show(const json_t *j)
{
	return ((const struct jval *)(const void *)j);
}

static int
made(json_t *j, struct jval **out, struct err *e)
{
	if (j == NULL)
		return (err_set(e, ERR_LOCAL, "JSON: out of memory"));
	*out = (struct jval *)(void *)j;
	return (0);
}

int
jval_object(struct jval **out, struct err *e)
{
	return (made(json_object(), out, e));
}

int
jval_list(struct jval **out, struct err *e)
{
	return (made(json_array(), out, e));
}

void
jval_free(struct jval *j)
{
	json_decref(raw(j));
}

/* jansson's *_new functions release the value when they fail, also NULL. */
static int
put(struct jval *j, const char *key, json_t *v, struct err *e)
{
	if (json_object_set_new(raw(j), key, v) == -1)
		return (err_set(e, ERR_LOCAL,
		    "JSON: cannot store \"%s\": not UTF-8 or out of memory",
		    key));
	return (0);
}

static int
append(struct jval *list, json_t *v, struct err *e)
{
	if (json_array_append_new(raw(list), v) == -1)
		return (err_set(e, ERR_LOCAL,
		    "JSON: cannot store an item: not UTF-8 or out of memory"));
	return (0);
}

/* jansson's integers are signed; NULL makes the caller fail. */
static json_t *
number(uint64_t v)
{
	return (v > INT64_MAX ? NULL : json_integer((json_int_t)v));
}

int
jval_set(struct jval *j, const char *key, struct jval *own, struct err *e)
{
	return (put(j, key, raw(own), e));
}

int
jval_set_str(struct jval *j, const char *key, const char *s, struct err *e)
{
	return (put(j, key, json_string(s), e));
}

int
jval_set_u64(struct jval *j, const char *key, uint64_t v, struct err *e)
{
	return (put(j, key, number(v), e));
}

int
jval_set_bool(struct jval *j, const char *key, int v, struct err *e)
{
	return (put(j, key, json_boolean(v), e));
}

int
jval_set_null(struct jval *j, const char *key, struct err *e)
{
	return (put(j, key, json_null(), e));
}

int
jval_add(struct jval *list, struct jval *own, struct err *e)
{
	return (append(list, raw(own), e));
}

int
jval_add_str(struct jval *list, const char *s, struct err *e)
{
	return (append(list, json_string(s), e));
}

int
jval_add_u64(struct jval *list, uint64_t v, struct err *e)
{
	return (append(list, number(v), e));
}

int
jval_text(const struct jval *j, int pretty, char **out, size_t *n,
    struct err *e)
{
	char	*text;

	text = json_dumps(peek(j), pretty ? JSON_INDENT(2) : JSON_COMPACT);
	if (text == NULL)
		return (err_set(e, ERR_LOCAL, "JSON: out of memory"));
	*out = text;
	*n = strlen(text);
	return (0);
}

int
jval_parse(const char *text, size_t n, struct jval **out, struct err *e)
{
	json_error_t	 je;
	json_t		*j;
	char		 clean[120];

	/*
	 * Of two members with one name, jansson would keep the last and another
	 * reader perhaps the first: both could be shown signed text that says
	 * different things.
	 */
	j = json_loadb(text, n, JSON_REJECT_DUPLICATES, &je);
	if (j == NULL)
		return (err_set(e, ERR_CORRUPT, "JSON: line %d: %s", je.line,
		    str_clean(clean, sizeof(clean), je.text,
		    strlen(je.text))));
	return (made(j, out, e));
}

int
jval_has(const struct jval *j, const char *key)
{
	return (json_object_get(peek(j), key) != NULL);
}

int
jval_is_null(const struct jval *j, const char *key)
{
	return (json_is_null(json_object_get(peek(j), key)));
}

/* Also for a member that is missing, for which jansson returns NULL. */
static int
wrong(const char *key, const char *type, struct err *e)
{
	return (err_set(e, ERR_CORRUPT, "JSON: expected \"%s\" to be %s", key,
	    type));
}

static int
as_str(const json_t *v, const char *key, const char **out, struct err *e)
{
	/* As a C string, text that contains a NUL would end there. */
	if (!json_is_string(v) ||
	    strlen(json_string_value(v)) != json_string_length(v))
		return (wrong(key, "text", e));
	*out = json_string_value(v);
	return (0);
}

static int
as_u64(const json_t *v, const char *key, uint64_t *out, struct err *e)
{
	if (!json_is_integer(v) || json_integer_value(v) < 0)
		return (wrong(key, "a number", e));
	*out = (uint64_t)json_integer_value(v);
	return (0);
}

int
jval_get_str(const struct jval *j, const char *key, const char **out,
    struct err *e)
{
	return (as_str(json_object_get(peek(j), key), key, out, e));
}

int
jval_get_u64(const struct jval *j, const char *key, uint64_t *out,
    struct err *e)
{
	return (as_u64(json_object_get(peek(j), key), key, out, e));
}

int
jval_get_bool(const struct jval *j, const char *key, int *out, struct err *e)
{
	const json_t	*v = json_object_get(peek(j), key);

	if (!json_is_boolean(v))
		return (wrong(key, "true or false", e));
	*out = json_is_true(v);
	return (0);
}

int
jval_get_object(const struct jval *j, const char *key,
    const struct jval **out, struct err *e)
{
	const json_t	*v = json_object_get(peek(j), key);

	if (!json_is_object(v))
		return (wrong(key, "an object", e));
	*out = show(v);
	return (0);
}

int
jval_get_list(const struct jval *j, const char *key, const struct jval **out,
    struct err *e)
{
	const json_t	*v = json_object_get(peek(j), key);

	if (!json_is_array(v))
		return (wrong(key, "a list", e));
	*out = show(v);
	return (0);
}

size_t
jval_count(const struct jval *list)
{
	return (json_array_size(peek(list)));
}

int
jval_at_object(const struct jval *list, size_t i, const struct jval **out,
    struct err *e)
{
	const json_t	*v = json_array_get(peek(list), i);

	if (!json_is_object(v))
		return (wrong("item", "an object", e));
	*out = show(v);
	return (0);
}

int
jval_at_str(const struct jval *list, size_t i, const char **out,
    struct err *e)
{
	return (as_str(json_array_get(peek(list), i), "item", out, e));
}

int
jval_at_u64(const struct jval *list, size_t i, uint64_t *out, struct err *e)
{
	return (as_u64(json_array_get(peek(list), i), "item", out, e));
}
