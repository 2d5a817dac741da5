/* SPDX-License-Identifier: ISC */
/*
 * Configuration files in a manifest.  The manifest is authentic, but a thief
 * of a .push key writes authentic ones: sizes and paths are judged before
 * anybody takes memory for them or makes a file of that name.
 */
#include <string.h>

#include "backup/manifest_configs.h"

static int
bad(struct err *e, const char *what)
{
	return (err_set(e, ERR_CORRUPT, "manifest: configuration files: %s",
	    what));
}

static int
take_count(struct manifest_configs *c, struct bytes *b, struct err *e)
{
	size_t	 n = bytes_u16be(b);

	if (b->bad)
		return (1);
	/* Without any version 3 would be an earlier one. */
	if ((n < 1 && !c->none_ok) || n > MANIFEST_CONFIGS_MAX)
		return (bad(e, "none, or too many"));
	c->files = n;
	c->counted = 1;
	return (0);
}

static int
check(const struct manifest_configs *c, const struct manifest_config *f,
    struct err *e)
{
	if (!manifest_config_ok(f->path))
		return (bad(e, "path is not absolute and plain"));
	if (strcmp(c->path, f->path) >= 0)
		return (bad(e, "not in order"));
	if ((f->mode & ~07777U) != 0)
		return (bad(e, "mode is not of permission bits only"));
	if (f->size > MANIFEST_CONFIG_MAX ||
	    f->size > MANIFEST_CONFIG_SUM - c->sum)
		return (bad(e, "too large"));
	return (0);
}

/* The length of the path is judged first: a lie would never fit. */
static int
take_head(struct manifest_configs *c, struct bytes *b,
    const struct manifest_events *on, void *arg, struct err *e)
{
	char			 path[MANIFEST_PATH_MAX + 1];
	struct manifest_config	 f = { .path = path };
	size_t			 n = bytes_u16be(b);
	const uint8_t		*p;

	if (b->bad)
		return (1);
	if (n < 2 || n > MANIFEST_PATH_MAX)
		return (bad(e, "path is empty or too long"));
	if ((p = bytes_take(b, n)) == NULL)
		return (1);
	f.mode = bytes_u32be(b);
	f.mtime_us = (int64_t)bytes_u64be(b);
	f.size = bytes_u32be(b);
	if (b->bad)
		return (1);
	if (memchr(p, '\0', n) != NULL)
		return (bad(e, "path with a NUL byte"));
	memcpy(path, p, n);
	path[n] = '\0';
	if (check(c, &f, e))
		return (-1);
	memcpy(c->path, path, n + 1);
	c->files--;
	c->bytes = f.size;
	c->sum += f.size;
	return (on->config == NULL ? 0 : on->config(arg, &f, e));
}

static int
take_content(struct manifest_configs *c, struct bytes *b,
    const struct manifest_events *on, void *arg, struct err *e)
{
	size_t		 n = b->left < c->bytes ? b->left : c->bytes;
	const uint8_t	*p;

	if (n == 0 || (p = bytes_take(b, n)) == NULL)
		return (1);
	c->bytes -= n;
	return (on->content == NULL ? 0 : on->content(arg, p, n, e));
}

int
manifest_configs_take(struct manifest_configs *c, struct bytes *b,
    const struct manifest_events *on, void *arg, int *done, struct err *e)
{
	int	 rc;

	if (!c->counted)
		rc = take_count(c, b, e);
	else if (c->bytes > 0)
		rc = take_content(c, b, on, arg, e);
	else
		rc = take_head(c, b, on, arg, e);
	*done = c->counted && c->files == 0 && c->bytes == 0;
	return (rc);
}
