/* SPDX-License-Identifier: ISC */
/* What of an export file is not content, compared with what it must be. */
#include <sys/stat.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "store/exportframe.h"

static int
read_at(int fd, const char *file, void *buf, size_t n, uint64_t off,
    struct err *e)
{
	struct err	 why = ERR_INIT;
	size_t		 got;

	if (io_read_at(fd, buf, n, off, &got, file, &why))
		return (err_set(e, ERR_REMOTE, "%s", why.msg));
	return (got == n ? 0 : err_set(e, ERR_CORRUPT, "%s: the export is cut "
	    "short", file));
}

static int
read_front(struct exportform *f, int fd, const char *file, struct err *e)
{
	uint8_t		 block[EXPORTFORM_BLOCK];
	uint64_t	 size;
	char		*text;

	if (read_at(fd, file, block, sizeof(block), 0, e))
		return (-1);
	if (exportform_first_size(block, &size, e))
		return (err_ctx(e, "%s", file));
	if ((text = malloc((size_t)size + 1)) == NULL)
		return (err_sys(e, ERR_LOCAL, "read the export"));
	if (read_at(fd, file, text, (size_t)size, sizeof(block), e)) {
		free(text);
		return (-1);
	}
	return (exportform_parse(f, text, (size_t)size, e) == -1 ?
	    err_ctx(e, "%s", file) : 0);
}

/* The "n" bytes that stand at "end" - n are as many of the end of "want". */
static int
same(int fd, const char *file, uint64_t end, const uint8_t *want, size_t n,
    struct err *e)
{
	uint8_t	 got[2 * EXPORTFORM_BLOCK];

	if (read_at(fd, file, got, n, end - n, e))
		return (-1);
	return (memcmp(got, want + 2 * EXPORTFORM_BLOCK - n, n) == 0 ? 0 :
	    err_set(e, ERR_CORRUPT, "%s: the export is damaged at byte %ju",
	    file, (uintmax_t)(end - n)));
}

/* All that is not content, and the size of the file. */
static int
check_frame(const struct exportform *f, int fd, const char *file,
    uint64_t size, struct err *e)
{
	uint8_t		 want[2 * EXPORTFORM_BLOCK] = { 0 };
	size_t		 before = exportform_padding(f->text_size), i;

	if (size != f->end + 2 * EXPORTFORM_BLOCK)
		return (err_set(e, ERR_CORRUPT, "%s: the file has %ju bytes, "
		    "expected %ju; the export is %s", file, (uintmax_t)size,
		    (uintmax_t)(f->end + 2 * EXPORTFORM_BLOCK), size < f->end ?
		    "cut short" : "damaged"));
	for (i = 0; i < f->n; i++) {
		exportform_header(want + EXPORTFORM_BLOCK, f, i);
		if (same(fd, file, f->v[i].at, want, EXPORTFORM_BLOCK +
		    before, e))
			return (-1);
		before = exportform_padding(f->v[i].size);
	}
	memset(want, 0, sizeof(want));
	return (same(fd, file, f->end, want, before, e) ||
	    same(fd, file, f->end + sizeof(want), want, sizeof(want), e) ?
	    -1 : 0);
}

int
exportframe_open(int *fd, struct exportform *f, const char *file,
    struct err *e)
{
	struct stat	 st;

	/* O_NONBLOCK: no FIFO must keep us waiting. */
	if ((*fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) == -1)
		return (err_sys(e, ERR_REMOTE, "open the export %s", file));
	if (fstat(*fd, &st) == -1)
		return (err_sys(e, ERR_REMOTE, "stat %s", file));
	if (!S_ISREG(st.st_mode))
		return (err_set(e, ERR_CONFIG, "%s: an export is a regular "
		    "file, or - for standard input", file));
	return (read_front(f, *fd, file, e) ||
	    check_frame(f, *fd, file, (uint64_t)st.st_size, e) ? -1 : 0);
}
