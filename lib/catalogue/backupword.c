/* SPDX-License-Identifier: ISC */
/* Words in the place of a backup's id. */
#include <string.h>

#include "catalogue/backupword.h"
#include "repo/layout.h"

static const struct {
	const char		*word;
	enum backupword_kind	 kind;
	int			 of;	/* ":ID" may follow */
} words[] = {
	{ "latest", BACKUPWORD_LATEST, 0 },
	{ "oldest", BACKUPWORD_OLDEST, 0 },
	{ "previous", BACKUPWORD_PREVIOUS, 1 },
	{ "next", BACKUPWORD_NEXT, 1 },
};

int
backupword_parse(struct backupword *w, const char *text, struct err *e)
{
	size_t	 i, n;

	*w = (struct backupword){ BACKUPWORD_ID, text };
	if (layout_id_ok(text))
		return (0);
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		n = strlen(words[i].word);
		if (strncmp(text, words[i].word, n) != 0)
			continue;
		w->kind = words[i].kind;
		w->id = NULL;
		if (text[n] == '\0')
			return (0);
		w->id = text + n + 1;
		if (words[i].of && text[n] == ':' && layout_id_ok(w->id))
			return (0);
	}
	return (err_set(e, ERR_USAGE, "found \"%.64s\", expected a backup's "
	    "id as backup-list prints it, or latest, oldest, previous, next, "
	    "previous:ID or next:ID", text));
}

/* Where the word counts from: an index among the labels, or their number. */
static size_t
origin(const struct backupword *w, const struct catalogue *cat)
{
	const size_t	 n = catalogue_labels(cat);
	size_t		 i;

	if (w->id != NULL) {
		for (i = 0; i < n; i++)
			if (strcmp(catalogue_label(cat, i)->id, w->id) == 0)
				break;
		return (i);
	}
	return (w->kind == BACKUPWORD_LATEST ||
	    w->kind == BACKUPWORD_PREVIOUS ? n - 1 : 0);
}

int
backupword_find(const struct backupword *w, const struct catalogue *cat,
    const struct label **label, struct err *e)
{
	const size_t	 n = catalogue_labels(cat);
	const char	*why;
	size_t		 i;

	if (w->id != NULL && (why = catalogue_refused(cat, w->id)) != NULL)
		return (err_set(e, ERR_CORRUPT, "%s", why));
	if (n == 0 || (i = origin(w, cat)) == n)
		return (1);
	if (w->kind == BACKUPWORD_PREVIOUS && i == 0)
		return (err_set(e, ERR_ABSENT, "no backup precedes %s",
		    catalogue_label(cat, i)->id));
	if (w->kind == BACKUPWORD_NEXT && i == n - 1)
		return (err_set(e, ERR_ABSENT, "no backup follows %s",
		    catalogue_label(cat, i)->id));
	if (w->kind == BACKUPWORD_PREVIOUS)
		i--;
	else if (w->kind == BACKUPWORD_NEXT)
		i++;
	*label = catalogue_label(cat, i);
	return (0);
}
