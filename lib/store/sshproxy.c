/* SPDX-License-Identifier: ISC */
/*
 * The commands that connect in our place.
 *
 * libssh 0.10 makes a command of ProxyJump, 0.11 connects by itself; neither
 * knows of our ssh_config, ssh_key and known_hosts on the way.  So the command
 * is made here, the same for both.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "store/sshproxy.h"

int
sshproxy_expand(char *buf, size_t size, const char *command,
    const char *host, unsigned port, const char *name, struct err *e)
{
	const char	*p, *add;
	char		 number[16];
	size_t		 n = 0, len, step;

	(void)snprintf(number, sizeof(number), "%u", port);
	for (p = command; *p != '\0'; p += step) {
		step = *p == '%' && p[1] != '\0' ? 2 : 1;
		add = step == 1 ? p : p[1] == 'h' ? host :
		    p[1] == 'p' ? number : p[1] == 'n' ? name : p;
		len = add == p ? step : strlen(add);
		if (len >= size - n)
			return (err_set(e, ERR_CONFIG, "ssh_config: \"%.60s\""
			    " is too long", command));
		memcpy(buf + n, add, len);
		n += len;
	}
	buf[n] = '\0';
	return (0);
}

/* Where ssh(1) is, which an archiver without PATH must find too. */
static int
find_ssh(char *buf, size_t size, struct err *e)
{
	const char	*path = getenv("PATH"), *p;
	size_t		 n;

	if (path == NULL)
		path = "/usr/local/bin:/usr/bin:/bin";
	for (p = path; *p != '\0'; p += n + (p[n] == ':')) {
		n = strcspn(p, ":");
		if (*p == '/' && str_fmt(buf, size, e, "%.*s/ssh", (int)n,
		    p) == 0 && access(buf, X_OK) == 0)
			return (0);
		err_clear(e);
	}
	return (err_set(e, ERR_CONFIG, "ProxyJump of ssh_config needs ssh, "
	    "the OpenSSH client, which is not installed here"));
}

/*
 * Add a path by the format "option", which has it in single quotes.  A shell
 * reads that, after libssh has replaced what stands behind '%'.
 */
static int
add_path(char *buf, size_t size, const char *before, const char *path,
    const char *after, struct err *e)
{
	size_t	 n = strlen(buf);

	if (path == NULL)
		return (0);
	if (strpbrk(path, "'\"%\\\n") != NULL)
		return (err_set(e, ERR_CONFIG, "%s: with ProxyJump of "
		    "ssh_config, a path may not have quotes, backslashes or "
		    "percent signs", path));
	return (str_fmt(buf + n, size - n, e, "%s%s%s", before, path, after));
}

static int
is_plain(const char *s)
{
	if (*s == '\0' || *s == '-')
		return (0);
	for (; *s != '\0'; s++)
		if (!isalnum((unsigned char)*s) &&
		    strchr("._-+@:[],/", *s) == NULL)
			return (0);
	return (1);
}

int
sshproxy_jump(char *buf, size_t size, const char *jump,
    const char *ssh_config, const char *ssh_key, const char *known_hosts,
    struct err *e)
{
	const char	*last = strrchr(jump, ',');
	char		 ssh[1024];
	size_t		 n;

	/* It becomes a part of a shell's command. */
	if (!is_plain(jump) || (last != NULL && last[1] == '\0'))
		return (err_set(e, ERR_CONFIG, "ssh_config: ProxyJump "
		    "\"%.100s\" is not understood; expected "
		    "[user@]host[:port],...", jump));
	if (find_ssh(ssh, sizeof(ssh), e) ||
	    str_fmt(buf, size, e, "%s -oBatchMode=yes -oLogLevel=ERROR "
	    "-oStrictHostKeyChecking=yes -oClearAllForwardings=yes", ssh) ||
	    add_path(buf, size, " -F '", ssh_config, "'", e) ||
	    add_path(buf, size, " -i '", ssh_key, "'", e) ||
	    /* The system's file, so that ssh_config can name the user's. */
	    add_path(buf, size, " -o'GlobalKnownHostsFile=\"", known_hosts,
	    "\"'", e))
		return (-1);
	n = strlen(buf);
	if (last != NULL && str_fmt(buf + n, size - n, e, " -J %.*s",
	    (int)(last - jump), jump))
		return (-1);
	n = strlen(buf);
	last = last == NULL ? jump : last + 1;
	return (str_fmt(buf + n, size - n, e, " -W '[%%h]:%%p' %s%s",
	    str_begins(last, "ssh://") ? "" : "ssh://", last));
}
