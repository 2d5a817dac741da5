/* SPDX-License-Identifier: ISC */
/* A name that is accepted is formatted as it was, and contains no '/'. */
#include <stdlib.h>
#include <string.h>

#include "pg/walname.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct err	 e = ERR_INIT;
	struct walname	 w;
	char		 name[64], text[WALNAME_TEXT];

	if (n >= sizeof(name))
		n = sizeof(name) - 1;
	memcpy(name, p, n);
	name[n] = '\0';
	if (walname_parse(name, &w, &e))
		return (0);
	if (strcmp(walname_format(text, &w), name) != 0 ||
	    strchr(name, '/') != NULL)
		abort();
	if (walname_check(&w, 1 << 24, &e) == 0)
		w = walname_next(&w, 1 << 24);
	return (0);
}
