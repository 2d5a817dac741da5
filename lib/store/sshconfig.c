/* SPDX-License-Identifier: ISC */
/*
 * Read ssh_config(5) for what libssh leaves out.
 *
 * The first value of an option counts, as in ssh(1).  A line counts if the
 * Host or Match above it applies to the host.  What cannot be decided here
 * counts as MAYBE: options that are refused are refused then, too.
 */
#include <sys/socket.h>

#include <ctype.h>
#include <fnmatch.h>
#include <glob.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/io.h"
#include "base/str.h"
#include "store/sshconfig.h"
#include "store/sshproxy.h"

#define FILE_MAX	((size_t)1 << 20)
#define DEPTH_MAX	16
#define SYSTEM_DIR	"/etc/ssh"

enum applies { NO, MAYBE, YES };

struct reader {
	struct sshconfig *c;
	const char	*name;			/* of the host, as addressed */
	char		 host[ADDRESS_HOSTMAX];	/* HostName */
	char		 user[ADDRESS_USERMAX];	/* User; "" so far */
	char		 local_user[ADDRESS_USERMAX];
	char		 home[PATH_MAX];
	int		 proxied;		/* a proxy or "none" was set */
	int		 has_family;
	const char	*file;			/* for messages */
	const char	*dir;			/* of relative includes */
	unsigned	 depth;
	enum applies	 applies;
};

static int	 read_file(struct reader *, const char *, struct err *);

/*
 * Take the next word from *p: bare, or in quotes, which go.  Returns 0 at the
 * end of the line.
 */
static int
next_word(const char **p, char *buf, size_t size)
{
	const char	*s = *p;
	size_t		 n;

	s += strspn(s, " \t\r");
	if (*s == '\0' || *s == '#')
		return (0);
	if (*s == '"') {
		n = strcspn(++s, "\"");
		*p = s + n + (s[n] == '"');
	} else {
		n = strcspn(s, " \t\r\"");
		*p = s + n;
	}
	if (n >= size)
		n = size - 1;
	memcpy(buf, s, n);
	buf[n] = '\0';
	return (1);
}

/* 1 if the pattern fits, -1 if it fits and is negated ("!..."), 0 if not. */
static int
pattern(const char *pat, const char *text)
{
	const int	 negated = *pat == '!';

	if (fnmatch(pat + negated, text, FNM_NOESCAPE | FNM_CASEFOLD) != 0)
		return (0);
	return (negated ? -1 : 1);
}

/* "Host PATTERN...": one fits, and none that is negated. */
static enum applies
host_line(const struct reader *r, const char *p)
{
	char		 word[512];
	enum applies	 a = NO;
	int		 m;

	while (next_word(&p, word, sizeof(word))) {
		if ((m = pattern(word, r->name)) == -1)
			return (NO);
		if (m == 1)
			a = YES;
	}
	return (a);
}

/* The same for "PATTERN,PATTERN..." of a Match. */
static enum applies
match_list(char *list, const char *text)
{
	char		*save = NULL, *one;
	enum applies	 a = NO;
	int		 m;

	for (one = strtok_r(list, ",", &save); one != NULL;
	    one = strtok_r(NULL, ",", &save)) {
		if ((m = pattern(one, text)) == -1)
			return (NO);
		if (m == 1)
			a = YES;
	}
	return (a);
}

/* The account's name and home, as ssh(1) finds them: not from HOME. */
static void
find_account(struct reader *r)
{
	struct passwd	 pw, *found = NULL;
	const char	*home = getenv("HOME");
	char		 buf[4096];

	if (getpwuid_r(getuid(), &pw, buf, sizeof(buf), &found) == 0 &&
	    found != NULL) {
		(void)snprintf(r->local_user, sizeof(r->local_user), "%s",
		    pw.pw_name);
		home = pw.pw_dir;
	}
	(void)snprintf(r->home, sizeof(r->home), "%s",
	    home == NULL ? "" : home);
}

/* Whether one criterion holds; takes its argument from *p. */
static enum applies
criterion(const struct reader *r, const char *what, const char **p)
{
	const char	*text;
	char		 list[512];

	if (strcasecmp(what, "all") == 0)
		return (YES);
	if (strcasecmp(what, "final") == 0 ||
	    strcasecmp(what, "canonical") == 0)
		return (MAYBE);
	if (!next_word(p, list, sizeof(list)))
		return (MAYBE);
	if (strcasecmp(what, "host") == 0)
		text = r->host;
	else if (strcasecmp(what, "originalhost") == 0)
		text = r->name;
	else if (strcasecmp(what, "user") == 0)
		text = r->user[0] != '\0' ? r->user : r->local_user;
	else if (strcasecmp(what, "localuser") == 0)
		text = r->local_user;
	else
		return (MAYBE);		/* exec, localnetwork, tagged, ... */
	return (match_list(list, text));
}

/* "Match CRITERION...": all hold. */
static enum applies
match_line(const struct reader *r, const char *p)
{
	char		 word[64];
	const char	*what;
	enum applies	 a = YES, one;

	while (next_word(&p, word, sizeof(word))) {
		what = word + (*word == '!');
		one = criterion(r, what, &p);
		if (what != word && one != MAYBE)
			one = one == YES ? NO : YES;
		if (one < a)
			a = one;
	}
	return (a);
}

static int
refuse(const struct reader *r, const char *option, const char *why,
    struct err *e)
{
	return (err_set(e, ERR_CONFIG, "%s: %s applies to %s, %s", r->file,
	    option, r->name, why));
}

/*
 * What would be ignored and matters: where the connection goes, and which
 * keys of the host are trusted.  "harmless" are the values without effect.
 */
static const struct {
	const char	*option;
	const char	*harmless;
} unsupported[] = {
	{ "BindAddress", "" },
	{ "BindInterface", "" },
	{ "CanonicalizeHostname", "no" },
	{ "KnownHostsCommand", "none" },
	{ "PKCS11Provider", "none" },
	{ "ProxyUseFdpass", "no" },
	{ "RevokedHostKeys", "none" },
};

static int
check_supported(const struct reader *r, const char *key, const char *value,
    struct err *e)
{
	size_t	 i;

	for (i = 0; i < sizeof(unsupported) / sizeof(unsupported[0]); i++)
		if (strcasecmp(key, unsupported[i].option) == 0 &&
		    strcasecmp(value, unsupported[i].harmless) != 0)
			return (refuse(r, unsupported[i].option,
			    "but is not supported; give the repository's host "
			    "a Host block without it", e));
	return (0);
}

/*
 * An option that is supported here, at "to".  It may not stand behind a
 * condition that is not evaluated.
 */
static int
take(const struct reader *r, const char *key, char *to, size_t size,
    const char *value, struct err *e)
{
	if (r->applies == MAYBE)
		return (refuse(r, key, "but its Match has a condition that is "
		    "not supported; use Host", e));
	if (*to != '\0' || strcasecmp(value, "none") == 0)
		return (0);
	return (str_fmt(to, size, e, "%s", value) ? err_ctx(e, "%s: %s",
	    r->file, key) : 0);
}

/* HostName, in which %h stands for the name so far. */
static int
take_host(struct reader *r, const char *value, struct err *e)
{
	if (strcmp(r->host, r->name) != 0)
		return (0);		/* it was set before */
	return (sshproxy_expand(r->host, sizeof(r->host), value, r->name, 0,
	    r->name, e));
}

/* The first of ProxyCommand and ProxyJump counts, even if it is "none". */
static int
take_proxy(struct reader *r, const char *key, char *to, size_t size,
    const char *value, struct err *e)
{
	if (r->proxied)
		return (0);
	if (take(r, key, to, size, value, e))
		return (-1);
	r->proxied = 1;
	return (0);
}

static int
take_family(struct reader *r, const char *value)
{
	if (!r->has_family)
		r->c->family = strcasecmp(value, "inet") == 0 ? AF_INET :
		    strcasecmp(value, "inet6") == 0 ? AF_INET6 : AF_UNSPEC;
	r->has_family = 1;
	return (0);
}

/* "all" is the rest of the line, "value" its first word. */
static int
take_option(struct reader *r, const char *key, const char *all,
    const char *value, struct err *e)
{
	struct sshconfig	*c = r->c;

	if (strcasecmp(key, "HostKeyAlias") == 0)
		return (take(r, "HostKeyAlias", c->host_key_alias,
		    sizeof(c->host_key_alias), value, e));
	if (strcasecmp(key, "CertificateFile") == 0)
		return (take(r, "CertificateFile", c->certificate,
		    sizeof(c->certificate), value, e));
	if (strcasecmp(key, "ProxyJump") == 0)
		return (take_proxy(r, "ProxyJump", c->proxy_jump,
		    sizeof(c->proxy_jump), value, e));
	if (strcasecmp(key, "ProxyCommand") == 0)
		return (take_proxy(r, "ProxyCommand", c->proxy_command,
		    sizeof(c->proxy_command), all, e));
	if (r->applies == YES && strcasecmp(key, "HostName") == 0)
		return (take_host(r, value, e));
	if (r->applies == YES && strcasecmp(key, "User") == 0 &&
	    r->user[0] == '\0')
		return (str_fmt(r->user, sizeof(r->user), e, "%s", value));
	if (r->applies == YES && strcasecmp(key, "AddressFamily") == 0)
		return (take_family(r, value));
	return (check_supported(r, key, value, e));
}

/* Blocks in an included file end with it; those around it go on. */
static int
include(struct reader *r, const char *p, struct err *e)
{
	const enum applies	 applies = r->applies;
	const char		*file = r->file;
	char			 word[PATH_MAX], path[PATH_MAX];
	glob_t			 g;
	size_t			 i;
	int			 rc = 0;

	while (rc == 0 && next_word(&p, word, sizeof(word))) {
		if (word[0] == '~' && word[1] == '/')
			rc = str_fmt(path, sizeof(path), e, "%s/%s",
			    r->home, word + 2);
		else if (word[0] == '/')
			rc = str_fmt(path, sizeof(path), e, "%s", word);
		else
			rc = str_fmt(path, sizeof(path), e, "%s/%s", r->dir,
			    word);
		if (rc == -1 || glob(path, 0, NULL, &g) != 0)
			continue;
		for (i = 0; rc == 0 && i < g.gl_pathc; i++) {
			rc = read_file(r, g.gl_pathv[i], e);
			r->applies = applies;
			r->file = file;
		}
		globfree(&g);
	}
	return (rc);
}

static int
take_line(struct reader *r, const char *line, struct err *e)
{
	char		 key[64], value[1024], all[1024];
	const char	*p = line, *rest;
	size_t		 n;

	p += strspn(p, " \t\r");
	n = strcspn(p, " \t\r=\"");
	if (*p == '#' || n == 0 || n >= sizeof(key))
		return (0);
	memcpy(key, p, n);
	key[n] = '\0';
	p += n;
	p += strspn(p, " \t\r");
	if (*p == '=')
		p++;
	p += strspn(p, " \t\r");
	if (strcasecmp(key, "Host") == 0)
		r->applies = host_line(r, p);
	else if (strcasecmp(key, "Match") == 0)
		r->applies = match_line(r, p);
	else if (r->applies == NO)
		return (0);
	else if (strcasecmp(key, "Include") == 0)
		return (include(r, p, e));
	else {
		n = strlen(p);
		while (n > 0 && isspace((unsigned char)p[n - 1]))
			n--;
		if (str_fmt(all, sizeof(all), e, "%.*s", (int)n, p))
			return (err_ctx(e, "%s: %s", r->file, key));
		rest = p;
		if (!next_word(&rest, value, sizeof(value)))
			return (0);
		return (take_option(r, key, all, value, e));
	}
	return (0);
}

/* A file that cannot be read is passed over, as ssh(1) does. */
static int
read_file(struct reader *r, const char *path, struct err *e)
{
	struct err	 unused = ERR_INIT;
	char		*text, *line, *save = NULL;
	size_t		 n;
	int		 rc = 0;

	if (r->depth >= DEPTH_MAX)
		return (err_set(e, ERR_CONFIG, "%s: too many nested Include",
		    path));
	if (io_load(path, FILE_MAX, &text, &n, &unused) != 0)
		return (0);
	r->depth++;
	r->file = path;
	for (line = strtok_r(text, "\n", &save); rc == 0 && line != NULL;
	    line = strtok_r(NULL, "\n", &save))
		rc = take_line(r, line, e);
	r->depth--;
	free(text);
	return (rc);
}

int
sshconfig_read(struct sshconfig *c, const char *file, const char *host,
    const char *user, struct err *e)
{
	struct reader	 r = { .c = c, .name = host, .applies = YES };
	char		 path[PATH_MAX], dir[PATH_MAX];

	memset(c, 0, sizeof(*c));
	find_account(&r);
	if (str_fmt(r.host, sizeof(r.host), e, "%s", host) ||
	    str_fmt(r.user, sizeof(r.user), e, "%s", user) ||
	    str_fmt(dir, sizeof(dir), e, "%s/.ssh", r.home) ||
	    str_fmt(path, sizeof(path), e, "%s/config", dir))
		return (-1);
	r.dir = dir;
	if (read_file(&r, file != NULL ? file : path, e))
		return (-1);
	if (file != NULL)
		return (0);
	r.applies = YES;
	r.dir = SYSTEM_DIR;
	return (read_file(&r, SYSTEM_DIR "/ssh_config", e));
}
