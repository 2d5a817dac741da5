/* SPDX-License-Identifier: ISC */
/* Remember which directories need no fsync of those above them. */
#include <stdlib.h>
#include <string.h>

#include "store/settled.h"

int
settled_has(const struct settled *s, const char *dir)
{
	size_t	 i;

	for (i = 0; i < SETTLED_MAX; i++)
		if (s->dir[i] != NULL && strcmp(s->dir[i], dir) == 0)
			return (1);
	return (0);
}

void
settled_add(struct settled *s, const char *dir)
{
	if (settled_has(s, dir))
		return;
	free(s->dir[s->next]);
	s->dir[s->next] = strdup(dir);	/* NULL: not remembered, no harm */
	s->next = (s->next + 1) % SETTLED_MAX;
}

void
settled_clear(struct settled *s)
{
	size_t	 i;

	for (i = 0; i < SETTLED_MAX; i++) {
		free(s->dir[i]);
		s->dir[i] = NULL;
	}
}

int
settled_up(char *dir, const char *root)
{
	char	*slash = strrchr(dir, '/');

	if (strlen(dir) < strlen(root) || slash == NULL || dir[1] == '\0')
		return (0);
	slash[slash == dir ? 1 : 0] = '\0';
	return (1);
}
