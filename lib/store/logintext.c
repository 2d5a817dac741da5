/* SPDX-License-Identifier: ISC */
/* What a login script printed in front of SFTP, as one line for a message. */
#include "base/str.h"
#include "store/logintext.h"

void
logintext_show(char *to, size_t size, const uint8_t *p, size_t n)
{
	uint8_t	 line[LOGINTEXT_MAX];
	size_t	 i, len = 0;

	for (i = 0; i < n && p[i] != '\0' && len < sizeof(line); i++)
		if (p[i] != '\n' && p[i] != '\r' && p[i] != '\t' &&
		    p[i] != ' ')
			line[len++] = p[i];
		else if (len > 0 && line[len - 1] != ' ')
			line[len++] = ' ';
	while (len > 0 && line[len - 1] == ' ')
		len--;
	(void)str_clean(to, size, line, len);
}
