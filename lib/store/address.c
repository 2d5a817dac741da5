/* SPDX-License-Identifier: ISC */
/* Parse the address of a repository. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/parse.h"
#include "base/str.h"
#include "store/address.h"

static int
refuse(const char *s, const char *why, struct err *e)
{
	char	 shown[160];

	return (err_set(e, ERR_CONFIG, "repository \"%s\": %s; expected /dir, "
	    "[user@]host:/dir or ssh://[user@]host[:port]/dir",
	    str_clean(shown, sizeof(shown), s, strlen(s)), why));
}

/* Copy "n" bytes as a string; -1 if there are none or they do not fit. */
static int
copy(char *to, size_t size, const char *from, size_t n)
{
	if (n == 0 || n >= size)
		return (-1);
	memcpy(to, from, n);
	to[n] = '\0';
	return (0);
}

/*
 * Only letters, digits and the characters of "others".  A host or user name
 * may reach a ProxyCommand, hence a shell, and ssh_config's own expansion:
 * so nothing that either could take for something else, and no leading dash,
 * which would be an option.
 */
static int
is_plain(const char *s, const char *others)
{
	if (*s == '-')
		return (0);
	for (; *s != '\0'; s++)
		if (!isalnum((unsigned char)*s) && strchr(others, *s) == NULL)
			return (0);
	return (1);
}

static int
take_dir(const char *s, const char *dir, struct address *a, struct err *e)
{
	size_t	 n = 0, len;

	if (*dir != '/')
		return (refuse(s, "the directory is not absolute", e));
	while (*(dir += strspn(dir, "/")) != '\0') {
		len = strcspn(dir, "/");
		if ((len == 1 && dir[0] == '.') ||
		    (len == 2 && dir[0] == '.' && dir[1] == '.'))
			return (refuse(s, "\".\" or \"..\" in the directory",
			    e));
		if (len + 2 > sizeof(a->dir) - n)
			return (refuse(s, "the directory is too long", e));
		a->dir[n++] = '/';
		memcpy(a->dir + n, dir, len);
		n += len;
		dir += len;
	}
	a->dir[n] = '\0';
	if (n == 0)
		return (refuse(s, "the directory is /, which can't hold "
		    "a repository", e));
	return (0);
}

/* Take "[user@]host" or "[user@][v6]" from "p"; *end is what follows it. */
static int
take_host(const char *s, const char *p, const char **end, struct address *a,
    struct err *e)
{
	const char	*at, *close;
	size_t		 n = strcspn(p, "/");

	/* The last one: a user name may hold an '@', a host name may not. */
	at = memrchr(p, '@', n);
	if (at != NULL) {
		if (copy(a->user, sizeof(a->user), p, (size_t)(at - p)) ||
		    !is_plain(a->user, "._-+@\\$"))
			return (refuse(s, "bad user name", e));
		p = at + 1;
	}
	if (*p == '[') {
		close = strchr(++p, ']');
		if (close == NULL ||
		    copy(a->host, sizeof(a->host), p, (size_t)(close - p)) ||
		    !is_plain(a->host, ":.%"))
			return (refuse(s, "bad IPv6 address", e));
		*end = close + 1;
		return (0);
	}
	n = strcspn(p, ":/");
	if (copy(a->host, sizeof(a->host), p, n) ||
	    !is_plain(a->host, "._-"))
		return (refuse(s, "bad host name", e));
	*end = p + n;
	return (0);
}

/* The length of "SCHEME://" in front of "s"; 0 if it does not begin so. */
static size_t
scheme_length(const char *s)
{
	size_t	 n = 0;

	if (!isalpha((unsigned char)*s))
		return (0);
	while (isalnum((unsigned char)s[n]) || (s[n] != '\0' &&
	    strchr("+-.", s[n]) != NULL))
		n++;
	return (str_begins(s + n, "://") ? n + 3 : 0);
}

static int
is_scheme(const char *s, size_t n, const char *scheme)
{
	return (n == strlen(scheme) && strncasecmp(s, scheme, n) == 0);
}

/* "p" is what follows "SCHEME://". */
static int
take_url(const char *s, const char *p, struct address *a, struct err *e)
{
	char		 port[8];
	uint64_t	 v;
	size_t		 n;

	if (take_host(s, p, &p, a, e))
		return (-1);
	if (*p == ':') {
		n = strcspn(++p, "/");
		if (copy(port, sizeof(port), p, n))
			return (refuse(s, "bad port", e));
		if (parse_u64(port, 1, 65535, &v, "port", e))
			return (err_ctx(e, "repository"));
		a->port = (unsigned)v;
		p += n;
	}
	return (take_dir(s, p, a, e));
}

static int
take_export(const char *s, const char *file, struct address *a,
    struct err *e)
{
	a->is_export = 1;
	if (strcmp(file, "-") != 0)
		return (take_dir(s, file, a, e));
	(void)copy(a->dir, sizeof(a->dir), file, 1);
	return (0);
}

int
address_parse(const char *s, struct address *out, struct err *e)
{
	struct address	 a;
	const char	*p, *file;
	char		 why[64];
	size_t		 n = scheme_length(s);

	memset(&a, 0, sizeof(a));
	if (strpbrk(s, "\n\r\t") != NULL)
		return (refuse(s, "control characters", e));
	if (is_scheme(s, n, "ssh://") || is_scheme(s, n, "sftp://")) {
		if (take_url(s, s + n, &a, e))
			return (-1);
	} else if ((file = address_export(s)) != NULL) {
		if (take_export(s, file, &a, e))
			return (-1);
	} else if (n > 0) {
		(void)snprintf(why, sizeof(why), "%.*s is not supported",
		    n < 32 ? (int)n : 32, s);
		return (refuse(s, why, e));
	} else if (*s == '/') {
		if (take_dir(s, s, &a, e))
			return (-1);
	} else {
		if (take_host(s, s, &p, &a, e))
			return (-1);
		if (*p != ':')
			return (refuse(s, "no colon behind the host", e));
		if (take_dir(s, p + 1, &a, e))
			return (-1);
	}
	*out = a;
	return (0);
}

const char *
address_export(const char *s)
{
	const size_t	 n = scheme_length(s);

	return (is_scheme(s, n, "export://") ? s + n : NULL);
}

int
address_same_account(const char *a, const char *b)
{
	struct address	 one, other;
	struct err	 unused = ERR_INIT;

	return (address_parse(a, &one, &unused) == 0 &&
	    address_parse(b, &other, &unused) == 0 &&
	    strcmp(one.host, other.host) == 0 &&
	    strcmp(one.user, other.user) == 0 && one.port == other.port);
}
