/* SPDX-License-Identifier: ISC */
/* A list of repositories, by their names. */
#include <string.h>

#include "base/str.h"
#include "repo/layout.h"
#include "tool/confnames.h"

static int
add(struct confnames *l, const char *p, size_t n, struct err *e)
{
	char	 clean[HEAD_SERVER_MAX + 1], *name = l->name[l->n];
	size_t	 i;

	if (n <= HEAD_SERVER_MAX) {
		memcpy(name, p, n);
		name[n] = '\0';
	}
	if (n > HEAD_SERVER_MAX || !layout_server_ok(name))
		return (err_set(e, ERR_CONFIG, "found \"%s\", expected the "
		    "name of a section [repository NAME]",
		    str_clean(clean, sizeof(clean), p, n)));
	for (i = 0; i < l->n; i++)
		if (strcmp(l->name[i], name) == 0)
			return (err_set(e, ERR_CONFIG, "found \"%s\" again, "
			    "expected each repository once", name));
	l->n++;
	return (0);
}

int
confnames_parse(struct confnames *l, const char *text, struct err *e)
{
	size_t	 n, blanks;

	l->n = 0;
	for (;; text++) {
		text += strspn(text, " \t");
		n = strcspn(text, ",");
		for (blanks = 0; blanks < n && (text[n - blanks - 1] == ' ' ||
		    text[n - blanks - 1] == '\t'); blanks++)
			;
		if (l->n == CONFNAMES_MAX)
			return (err_set(e, ERR_CONFIG, "found more than %d "
			    "repositories, expected fewer", CONFNAMES_MAX));
		if (add(l, text, n - blanks, e))
			return (-1);
		text += n;
		if (*text == '\0')
			return (0);
	}
}
