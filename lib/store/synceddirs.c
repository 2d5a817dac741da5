/* SPDX-License-Identifier: ISC */
/*
 * Remember which directories need no fsync of those above them.  The oldest
 * entry is overwritten: objects come in runs that share few directories.
 */
#include <stdlib.h>
#include <string.h>

#include "store/synceddirs.h"

/* Its index; SYNCEDDIRS_MAX if it is not known. */
static size_t
place(const struct synceddirs *s, const char *dir)
{
	size_t	 i;

	for (i = 0; i < SYNCEDDIRS_MAX; i++)
		if (s->dir[i] != NULL && strcmp(s->dir[i], dir) == 0)
			break;
	return (i);
}

int
synceddirs_has(const struct synceddirs *s, const char *dir)
{
	return (place(s, dir) < SYNCEDDIRS_MAX);
}

void
synceddirs_add(struct synceddirs *s, const char *dir)
{
	if (synceddirs_has(s, dir))
		return;
	free(s->dir[s->next]);
	s->dir[s->next] = strdup(dir);	/* NULL: forgotten, no harm */
	memset(&s->id[s->next], 0, sizeof(s->id[0]));
	s->next = (s->next + 1) % SYNCEDDIRS_MAX;
}

void
synceddirs_clear(struct synceddirs *s)
{
	size_t	 i;

	for (i = 0; i < SYNCEDDIRS_MAX; i++) {
		free(s->dir[i]);
		s->dir[i] = NULL;
	}
}

void
synceddirs_now(struct synceddirs *s, const char *dir,
    const struct synceddirs_id *id)
{
	const size_t			 i = place(s, dir);
	const struct synceddirs_id	*was;

	if (i == SYNCEDDIRS_MAX)
		return;
	was = &s->id[i];
	if (was->ino == 0)
		s->id[i] = *id;
	else if (was->dev != id->dev || was->ino != id->ino ||
	    was->sec != id->sec || was->nsec != id->nsec)
		synceddirs_clear(s);
}

int
synceddirs_up(char *dir, const char *root)
{
	char	*slash = strrchr(dir, '/');

	if (strlen(dir) < strlen(root) || slash == NULL || dir[1] == '\0')
		return (0);
	slash[slash == dir ? 1 : 0] = '\0';
	return (1);
}
