/* SPDX-License-Identifier: ISC */
/* Lines for the log: few, however often something happens. */
#include <stdio.h>
#include <string.h>

#include "agent/notes.h"

void
notes_add(struct notes *n, const char *text)
{
	char	 line[NOTES_LINE];
	size_t	 i;

	if (text[0] == '\0')
		return;
	(void)snprintf(line, sizeof(line), "%s", text);
	for (i = 0; i < n->n; i++)
		if (strcmp(n->line[i].text, line) == 0) {
			n->line[i].times++;
			return;
		}
	if (n->n == NOTES_MAX)
		notes_drop(n);
	memcpy(n->line[n->n].text, line, sizeof(line));
	n->line[n->n++].times = 1;
}

int
notes_first(const struct notes *n, char buf[ERR_MSGMAX])
{
	if (n->n == 0)
		return (0);
	if (n->line[0].times == 1)
		(void)snprintf(buf, ERR_MSGMAX, "%s", n->line[0].text);
	else
		(void)snprintf(buf, ERR_MSGMAX, "%s (%u times)",
		    n->line[0].text, n->line[0].times);
	return (1);
}

void
notes_drop(struct notes *n)
{
	if (n->n == 0)
		return;
	n->n--;
	memmove(&n->line[0], &n->line[1], n->n * sizeof(n->line[0]));
}
