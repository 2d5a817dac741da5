/* SPDX-License-Identifier: ISC */
/* Labels: signed, proved to be readable, and published. */
#include <stdlib.h>

#include "backup/label.h"
#include "crypt/sign.h"

/*
 * Read the file that is about to be published, as any reader will: labels are
 * never replaced, so one that readers refuse would be a backup lost.
 */
static int
prove(const char *file, size_t n, const struct label *l,
    const struct archive *a, struct err *e)
{
	struct label	*back = NULL;
	int		 rc = label_parse(&back, file, n, l->id, a, e);

	label_free(back);
	return (rc == 0 ? 0 : err_ctx(e, "not published"));
}

int
label_publish(const struct label *l, struct archive *a, struct err *e)
{
	struct head_place	 place;
	char			*text = NULL, *file = NULL;
	char			 path[LAYOUT_PATH];
	size_t			 n;
	int			 rc = -1;

	place = archive_place(a, layout_label(path, l->id));
	if (label_text(l, a, &text, e) ||
	    sign_text(&file, &n, "label", &place, text, a->key, e) ||
	    prove(file, n, l, a, e) ||
	    archive_publish(a, path, file, n, e))
		goto out;
	rc = 0;
out:
	free(file);
	free(text);
	return (rc);
}
