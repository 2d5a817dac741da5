/* SPDX-License-Identifier: ISC */
/*
 * An export that comes through a pipe.  What arrives is compared with what its
 * first member says must come, block by block.
 */
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "store/exportpipe.h"

#define STEP	((size_t)64 * 1024)

struct exportpipe {
	int		 fd;		/* borrowed */
	struct exportform form;
	uint8_t		*small;		/* owned: the small files, in order */
	size_t		*small_at;	/* owned: where each begins there */
	size_t		 next;		/* the file that comes next, or comes */
	int		 begun;		/* its header has come */
	uint64_t	 pos;		/* and so many of its bytes */
	int		 ended;		/* so has the end of it all */
	struct err	 why;		/* the failure */
};

/* Exactly "n" bytes of the pipe. */
static int
take(struct exportpipe *p, void *buf, size_t n)
{
	size_t	 got;

	if (io_read(p->fd, buf, n, &got, "the export", &p->why))
		return (-1);
	return (got == n ? 0 : err_set(&p->why, ERR_CORRUPT, "the export is "
	    "cut short"));
}

static int
zeros(struct exportpipe *p, size_t n)
{
	static const uint8_t	 none[2 * EXPORTFORM_BLOCK];
	uint8_t			 buf[sizeof(none)];

	if (take(p, buf, n))
		return (-1);
	return (memcmp(buf, none, n) == 0 ? 0 : err_set(&p->why, ERR_CORRUPT,
	    "the export is damaged behind a file"));
}

/* The header of the next file, if it has not come. */
static int
begin(struct exportpipe *p)
{
	uint8_t	 got[EXPORTFORM_BLOCK], want[EXPORTFORM_BLOCK];

	if (p->begun)
		return (0);
	exportform_header(want, &p->form, p->next);
	if (take(p, got, sizeof(got)))
		return (-1);
	if (memcmp(got, want, sizeof(got)) != 0)
		return (err_set(&p->why, ERR_CORRUPT, "the export is damaged "
		    "where %s should begin", p->form.v[p->next].path));
	p->begun = 1;
	p->pos = 0;
	return (0);
}

static int
content(struct exportpipe *p, void *buf, size_t n)
{
	if (take(p, buf, n))
		return (-1);
	p->pos += n;
	return (0);
}

/* To the end of the file that comes. */
static int
pass(struct exportpipe *p)
{
	const uint64_t	 size = p->form.v[p->next].size;
	uint8_t		 buf[STEP];

	if (begin(p))
		return (-1);
	while (p->pos < size)
		if (content(p, buf, size - p->pos < STEP ?
		    (size_t)(size - p->pos) : STEP))
			return (-1);
	if (zeros(p, exportform_padding(size)))
		return (-1);
	p->next++;
	p->begun = 0;
	return (0);
}

static int
read_front(struct exportpipe *p)
{
	uint8_t		 block[EXPORTFORM_BLOCK];
	uint64_t	 size;
	char		*text;

	if (take(p, block, sizeof(block)) ||
	    exportform_first_size(block, &size, &p->why))
		return (-1);
	if ((text = malloc((size_t)size + 1)) == NULL)
		return (err_sys(&p->why, ERR_LOCAL, "read the export"));
	if (take(p, text, (size_t)size)) {
		free(text);
		return (-1);
	}
	return (exportform_parse(&p->form, text, (size_t)size, &p->why) ||
	    zeros(p, exportform_padding(size)) ? -1 : 0);
}

static int
read_small(struct exportpipe *p)
{
	const struct exportform	*f = &p->form;
	size_t			 i, at = 0;

	if ((p->small_at = calloc(f->small + 1, sizeof(*p->small_at))) == NULL)
		return (err_sys(&p->why, ERR_LOCAL, "read the export"));
	for (i = 0; i < f->small; i++) {
		p->small_at[i] = at;
		at += (size_t)f->v[i].size;	/* of all: SMALL_MAX */
	}
	if ((p->small = malloc(at + 1)) == NULL)
		return (err_sys(&p->why, ERR_LOCAL, "read the export"));
	for (i = 0; i < f->small; i++)
		if (begin(p) || content(p, p->small + p->small_at[i],
		    (size_t)f->v[i].size) || pass(p))
			return (-1);
	return (0);
}

int
exportpipe_open(struct exportpipe **out, int fd, struct err *e)
{
	struct exportpipe	*p;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		return (err_sys(e, ERR_LOCAL, "read the export"));
	p->fd = fd;
	if (read_front(p) || read_small(p)) {
		*e = p->why;
		exportpipe_close(p);
		return (-1);
	}
	*out = p;
	return (0);
}

void
exportpipe_close(struct exportpipe *p)
{
	if (p == NULL)
		return;
	exportform_fini(&p->form);
	free(p->small);
	free(p->small_at);
	free(p);
}

const struct exportform *
exportpipe_form(const struct exportpipe *p)
{
	return (&p->form);
}

int
exportpipe_read(struct exportpipe *p, size_t i, uint64_t off, void *buf,
    size_t n, struct err *e)
{
	if (i < p->form.small) {
		memcpy(buf, p->small + p->small_at[i] + (size_t)off, n);
		return (0);
	}
	if (p->why.kind == ERR_NONE && (p->next > i ||
	    (p->next == i && p->begun && p->pos != off)))
		return (err_set(e, ERR_REMOTE, "%s has passed in the pipe; "
		    "import the export again", p->form.v[i].path));
	while (p->why.kind == ERR_NONE && p->next < i)
		(void)pass(p);
	if (p->why.kind == ERR_NONE && begin(p) == 0)
		(void)content(p, buf, n);
	if (p->why.kind == ERR_NONE)
		return (0);
	*e = p->why;
	return (-1);
}

/* Two blocks of zeros, and nothing behind them. */
static int
last(struct exportpipe *p)
{
	uint8_t	 byte;
	size_t	 got;

	if (zeros(p, 2 * EXPORTFORM_BLOCK) ||
	    io_read(p->fd, &byte, 1, &got, "the export", &p->why))
		return (-1);
	return (got == 0 ? 0 : err_set(&p->why, ERR_CORRUPT, "there is more "
	    "behind the end of the export"));
}

int
exportpipe_end(struct exportpipe *p, struct err *e)
{
	while (p->why.kind == ERR_NONE && p->next < p->form.n)
		(void)pass(p);
	if (p->why.kind == ERR_NONE && !p->ended && last(p) == 0)
		p->ended = 1;
	if (p->why.kind == ERR_NONE)
		return (0);
	*e = p->why;
	return (-1);
}
