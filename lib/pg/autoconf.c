/* SPDX-License-Identifier: ISC */
/* Quotes for the shell, for % sequences, and for configuration files. */
#include <string.h>

#include "base/bytes.h"
#include "base/str.h"
#include "pg/autoconf.h"

/* No setting needs control characters; a line feed would end its line. */
static int
check(const char *s, struct err *e)
{
	char		 shown[80];
	const char	*p;

	for (p = s; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return (err_set(e, ERR_CONFIG, "cannot be quoted: "
			    "\"%s\" holds a line feed or another control "
			    "character", str_clean(shown, sizeof(shown), s,
			    strlen(s))));
	return (0);
}

/* Put the NUL; ERR_LOCAL if anything did not fit. */
static int
finish(struct bytes_out *o, const char *s, struct err *e)
{
	bytes_put_u8(o, '\0');
	if (!bytes_out_ok(o))
		return (err_set(e, ERR_LOCAL, "too long (more than %zu bytes "
		    "when quoted): %.64s", o->max - 1, s));
	return (0);
}

/* Put "s", with each character that is in "twice" doubled. */
static void
doubled(struct bytes_out *o, const char *s, const char *twice)
{
	for (; *s != '\0'; s++) {
		if (strchr(twice, *s) != NULL)
			bytes_put(o, s, 1);
		bytes_put(o, s, 1);
	}
}

int
autoconf_shell(char *buf, size_t size, const char *s, struct err *e)
{
	static const char	 plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@,+";
	struct bytes_out	 o = bytes_out_of(buf, size);
	const char		*p;

	if (check(s, e))
		return (-1);
	if (*s != '\0' && s[strspn(s, plain)] == '\0') {
		bytes_put(&o, s, strlen(s));
		return (finish(&o, s, e));
	}
	/* A quote ends the quoted part, stands escaped, and begins another. */
	bytes_put_u8(&o, '\'');
	for (p = s; *p != '\0'; p++)
		if (*p == '\'')
			bytes_put(&o, "'\\''", 4);
		else
			bytes_put(&o, p, 1);
	bytes_put_u8(&o, '\'');
	return (finish(&o, s, e));
}

int
autoconf_percent(char *buf, size_t size, const char *s, struct err *e)
{
	struct bytes_out	 o = bytes_out_of(buf, size);

	if (check(s, e))
		return (-1);
	doubled(&o, s, "%");
	return (finish(&o, s, e));
}

int
autoconf_setting(char *buf, size_t size, const char *name, const char *value,
    struct err *e)
{
	struct bytes_out	 o = bytes_out_of(buf, size);

	if (check(name, e) || check(value, e))
		return (-1);
	bytes_put(&o, name, strlen(name));
	bytes_put(&o, " = '", 4);
	doubled(&o, value, "'\\");
	bytes_put(&o, "'\n", 2);
	return (finish(&o, value, e));
}
