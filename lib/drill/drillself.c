/* SPDX-License-Identifier: ISC */
/* Faults that are made on purpose, in a copy that goes away. */
#include <sys/stat.h>

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "drill/drillpages.h"
#include "drill/drillrestore.h"
#include "drill/drillself.h"
#include "drill/drillstart.h"
#include "pg/page.h"
#include "pg/relpath.h"
#include "pg/walname.h"

#define COMMAND	(2 * PATH_MAX)

/* A report of its own for what a check says of a fault. */
static int
begin(struct drillreport **out, const struct drillcheck *d, struct err *e)
{
	if ((*out = malloc(sizeof(**out))) == NULL)
		return (err_sys(e, ERR_LOCAL, "memory for a report"));
	drillreport_init(*out);
	(*out)->postgresql = d->report->postgresql;
	return (0);
}

static void
judge(const struct drillcheck *d, const char *fault, int noticed)
{
	if (noticed)
		drillreport_set(d->report, DRILLREPORT_SELF, DRILLREPORT_OK,
		    "the faults that were made were noticed; last: %s",
		    fault);
	else
		drillreport_set(d->report, DRILLREPORT_SELF,
		    DRILLREPORT_FAILED, "%s was made on purpose, and no check "
		    "noticed it", fault);
}

int
drillself_answer(const struct drillcheck *d, struct err *e)
{
	static const struct drillconf_sql	 wrong = { "SELECT 1", "2" };
	struct drillconf			 conf = *d->conf;
	struct drillcheck			 k = *d;
	int					 rc;

	if (begin(&k.report, d, e))
		return (-1);
	memset(conf.check, 0, sizeof(conf.check));
	conf.check[DRILLREPORT_SQL] = 1;
	conf.sql = &wrong;
	conf.nsql = 1;
	conf.sql_db = "template1";
	k.conf = &conf;
	rc = drillcheck_open(&k, e);
	if (rc == 0)
		judge(d, "a wrong expectation",
		    k.report->line[DRILLREPORT_SQL].verdict ==
		    DRILLREPORT_FAILED);
	free(k.report);
	return (rc);
}

/* Flip the last byte of the first page, which must not be a new one. */
static int
flip(const char *path, struct err *e)
{
	uint8_t	 page[PAGE_BYTES];
	size_t	 n;
	int	 fd, rc;

	if ((fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC)) == -1)
		return (err_sys(e, ERR_LOCAL, "open %s", path));
	if ((rc = io_read_at(fd, page, PAGE_BYTES, 0, &n, path, e)) == 0) {
		page[PAGE_BYTES - 1] ^= 0xff;
		rc = io_write_at(fd, page, PAGE_BYTES, 0, path, e);
	}
	return (rc == 0 ? io_close(&fd, path, e) : (close(fd), -1));
}

/* A relation of template1 that has a page; 1 if there is none. */
static int
find_relation(char path[PATH_MAX], const char *data, struct err *e)
{
	char		 dir[PATH_MAX], name[64];
	struct relpath	 r;
	struct stat	 st;
	struct dirent	*en;
	DIR		*d;
	int		 rc = 1;

	if (path_join(dir, sizeof(dir), data, "base/1", e))
		return (-1);
	if ((d = opendir(dir)) == NULL)
		return (err_sys(e, ERR_LOCAL, "read directory %s", dir));
	while (rc == 1 && (en = readdir(d)) != NULL) {
		if (strlen(en->d_name) > 20 || str_fmt(name, sizeof(name), e,
		    "base/1/%s", en->d_name) || !relpath_parse(name, &r) ||
		    r.fork != RELPATH_MAIN ||
		    path_join(path, PATH_MAX, data, name, e))
			continue;
		rc = stat(path, &st) == -1 || st.st_size < PAGE_BYTES;
	}
	(void)closedir(d);		/* read only: nothing to lose */
	return (rc);
}

int
drillself_page(const struct drillcheck *d, struct err *e)
{
	const char		*data = d->server->at->data;
	struct drillreport	*r;
	enum drillreport_verdict v;
	char			 path[PATH_MAX];
	int			 rc;

	if (find_relation(path, data, e) != 0)
		return (err_set(e, ERR_LOCAL, "%s has no relation to damage",
		    data));
	if (begin(&r, d, e))
		return (-1);
	rc = flip(path, e) || drillpages(r, data, e) || flip(path, e) ?
	    -1 : 0;
	v = r->line[DRILLREPORT_PAGES].verdict;
	if (rc == 0 && v != DRILLREPORT_SKIPPED)
		judge(d, "a damaged page", v == DRILLREPORT_FAILED);
	free(r);
	return (rc);
}

/* The command with one segment left out, which "exit 1" says is absent. */
static int
without(char command[COMMAND], const struct drillcheck *d, struct err *e)
{
	const uint32_t	 size =
	    (uint32_t)d->conf->plan->label->wal_segment_size;
	struct walname	 w = walname_at(d->conf->plan->tli,
	    (d->report->lsn - 1) / size * size, size);
	char		 name[WALNAME_TEXT];

	return (str_fmt(command, COMMAND, e, "test %%f != %s && %s",
	    walname_format(name, &w), d->conf->recovery.restore_command));
}

/* Recover, as far as that goes; whatever fails is what is hoped for. */
static int
recover(struct drillcheck *k, const struct sandbox *s, struct err *e)
{
	struct err	 why = ERR_INIT;
	int		 rc;

	if ((rc = drillstart(k, s, 0, &why)) == 1)
		return (err_set(e, ERR_LOCAL, "%s",
		    k->report->line[DRILLREPORT_INSIDE].found));
	if (rc == -1) {
		if (why.kind != ERR_PG)
			return (err_set(e, why.kind, "%s", why.msg));
		drillreport_set(k->report, DRILLREPORT_OPEN,
		    DRILLREPORT_FAILED, "%s", why.msg);
		return (0);
	}
	return (drillcheck_target(k, e));
}

int
drillself_segment(const struct drillcheck *d, struct sandbox *s,
    struct err *e)
{
	struct drillconf	 conf = *d->conf;
	struct drillcheck	 k = *d;
	char			 command[COMMAND];
	int			 rc = -1;

	if (begin(&k.report, d, e))
		return (-1);
	conf.recovery.restore_command = command;
	k.conf = &conf;
	if (without(command, d, e) == 0 && sandbox_renew(s, e) == 0 &&
	    drillrestore(k.report, &conf, s, e) == 0)
		rc = recover(&k, s, e);
	sandboxserver_kill(k.server);
	if (rc == 0)
		judge(d, "a missing WAL segment",
		    drillreport_all(k.report) == DRILLREPORT_FAILED);
	free(k.report);
	return (rc);
}
