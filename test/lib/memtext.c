/* SPDX-License-Identifier: ISC */
/* What was printed, for a comparison. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "memtext.h"

#define MASK	"<time>"

static char	*text;
static size_t	 size;

FILE *
memtext_open(void)
{
	FILE	*f;

	free(text);
	text = NULL;
	f = open_memstream(&text, &size);
	assert_non_null(f);
	return (f);
}

/* The length of the point in time at "s", or 0. */
static size_t
moment(const char *s)
{
	static const char	 form[] = "0000-00-00T00:00:00";
	size_t			 i;

	for (i = 0; form[i] != '\0'; i++)
		if (form[i] == '0' ? s[i] < '0' || s[i] > '9' :
		    s[i] != form[i])
			return (0);
	if (s[i] == '.')
		i += 1 + strspn(s + i + 1, "0123456789");
	return (s[i] == 'Z' ? i + 1 : 0);
}

static const char *
mask(char *s)
{
	char	*to = s, *from = s;
	size_t	 n;

	while (*from != '\0')
		if ((n = moment(from)) > 0) {
			memcpy(to, MASK, strlen(MASK));
			to += strlen(MASK);
			from += n;
		} else
			*to++ = *from++;
	*to = '\0';
	return (s);
}

const char *
memtext_close(FILE *f)
{
	assert_int_equal(fclose(f), 0);
	return (mask(text));
}

const char *
memtext_json(struct jval *j)
{
	struct err	 e = ERR_INIT;

	free(text);
	text = NULL;
	if (jval_text(j, 0, &text, &size, &e))
		fail_msg("%s", e.msg);
	jval_free(j);
	return (mask(text));
}
