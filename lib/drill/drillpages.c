/* SPDX-License-Identifier: ISC */
/* Every page's checksum, of a server that was shut down. */
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/parse.h"
#include "base/path.h"
#include "datadir/walk.h"
#include "drill/drillpages.h"
#include "drill/patience.h"
#include "pg/control.h"
#include "pg/page.h"
#include "pg/relpath.h"

#define PIECE	(64 * PAGE_BYTES)

struct pages {
	const char	*data;
	struct control	 control;
	uint8_t		*buf;		/* PIECE bytes */
	uint64_t	 read, bad;	/* pages */
	char		 first[PATH_MAX + 32];	/* damaged: its file, block */
};

static int
read_control(struct pages *p, struct err *e)
{
	char	 path[PATH_MAX], *text = NULL;
	size_t	 n;
	int	 rc;

	if (path_join(path, sizeof(path), p->data, CONTROL_PATH, e))
		return (-1);
	if ((rc = io_load(path, CONTROL_SIZE, &text, &n, e)) == 1)
		return (err_set(e, ERR_LOCAL, "%s is missing", path));
	if (rc == 0)
		rc = control_parse((const uint8_t *)text, n, &p->control, e);
	free(text);
	return (rc);
}

/* A page that is cut short is damaged, too. */
static void
judge(struct pages *p, const char *path, size_t n, uint64_t block)
{
	const uint8_t	*page;
	size_t		 at;
	enum page_verdict v;

	for (at = 0; at < n; at += PAGE_BYTES, block++) {
		page = p->buf + at;
		v = n - at < PAGE_BYTES || block > UINT32_MAX ? PAGE_BAD :
		    page_verify(page, (uint32_t)block, UINT64_MAX);
		p->read++;
		if (v != PAGE_BAD && v != PAGE_SKIP)
			continue;
		if (p->bad++ == 0)
			(void)snprintf(p->first, sizeof(p->first), "%s, "
			    "block %" PRIu64, path, block);
	}
}

static int
read_file(struct pages *p, const struct walk_entry *en,
    const struct relpath *r, struct err *e)
{
	char		 path[PATH_MAX];
	uint64_t	 off = 0, first;
	size_t		 n;
	int		 fd, rc = -1;

	first = relpath_first_block(r, p->control.relseg_size);
	if (path_join(path, sizeof(path), p->data, en->path, e))
		return (-1);
	if ((fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)) == -1)
		return (err_sys(e, ERR_LOCAL, "open %s", path));
	do {
		if (patience_wait(0, e) ||
		    io_read_at(fd, p->buf, PIECE, off, &n, path, e))
			goto out;
		judge(p, en->path, n, first + off / PAGE_BYTES);
		off += n;
	} while (n == PIECE);
	rc = 0;
out:
	(void)close(fd);		/* read only: nothing to lose */
	return (rc);
}

static int
read_all(struct pages *p, struct walk *w, struct err *e)
{
	struct walk_entry	 en;
	struct relpath		 r;
	int			 rc;

	while ((rc = walk_next(w, &en, e)) == 0)
		if (en.type == WALK_FILE && relpath_parse(en.path, &r) &&
		    !r.temp && read_file(p, &en, &r, e))
			return (-1);
	return (rc == 1 ? 0 : -1);
}

static int
major_of(const char *data, unsigned *major, struct err *e)
{
	char		 path[PATH_MAX], *text = NULL;
	uint64_t	 v;
	size_t		 n;
	int		 rc = 0;

	if (path_join(path, sizeof(path), data, "PG_VERSION", e))
		return (-1);
	if (io_load(path, 64, &text, &n, e) != 0)
		return (err_set(e, ERR_LOCAL, "%s cannot be read", path));
	if (parse_leading(text, 1000, &v) == NULL)
		rc = err_set(e, ERR_CORRUPT, "%s holds no version", path);
	else
		*major = (unsigned)v;
	free(text);
	return (rc);
}

int
drillpages(struct drillreport *report, const char *data, struct err *e)
{
	struct pages	 p = { .data = data };
	struct walk_conf wc = { .dir = data };
	struct walk	*w = NULL;
	char		 version[RELPATH_VERSION_DIR];
	unsigned	 major = 0;
	int		 rc = -1;

	if (read_control(&p, e) || major_of(data, &major, e))
		return (-1);
	if (!p.control.checksums) {
		drillreport_set(report, DRILLREPORT_PAGES,
		    DRILLREPORT_SKIPPED, "the cluster has no data checksums");
		return (0);
	}
	wc.tablespace_dir = relpath_version_dir(version, major,
	    p.control.catalog);
	if ((p.buf = malloc(PIECE)) == NULL)
		return (err_sys(e, ERR_LOCAL, "memory for pages"));
	if (walk_open(&w, &wc, e) == 0)
		rc = read_all(&p, w, e);
	if (rc == 0 && p.bad > 0)
		drillreport_set(report, DRILLREPORT_PAGES, DRILLREPORT_FAILED,
		    "%" PRIu64 " of %" PRIu64 " pages are damaged; first: %s",
		    p.bad, p.read, p.first);
	else if (rc == 0 && p.read == 0)
		drillreport_set(report, DRILLREPORT_PAGES,
		    DRILLREPORT_SKIPPED, "no page was found");
	else if (rc == 0)
		drillreport_set(report, DRILLREPORT_PAGES, DRILLREPORT_OK,
		    "%" PRIu64 " pages have the right checksum", p.read);
	walk_free(w);
	free(p.buf);
	return (rc);
}
