/* SPDX-License-Identifier: ISC */
/*
 * BASE_BACKUP and its answers.  Before PostgreSQL 15 each archive, and the
 * manifest, is a COPY OUT of its own.  From 15 on all of it is one, whose
 * messages begin with a letter: n (an archive begins), m (the manifest does),
 * d (data), p (progress).  See sendDir() and perform_base_backup() in
 * src/backend/backup/basebackup.c, and basebackup_copy.c there.
 *
 * The order is checked: an archive for each tablespace that was announced, the
 * data directory's as the last, whose last file is pg_control, and then the
 * manifest.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/parse.h"
#include "base/str.h"
#include "cluster/basebackup.h"
#include "cluster/pglabel.h"
#include "cluster/replfacts.h"
#include "cluster/sql.h"
#include "pg/lsn.h"

#define WHAT		"base backup"
#define TIMEOUT_MS	60000
#define QUIET_MS	600000		/* the server's disk may be busy */
#define NEW_SYNTAX	150000
#define SPACES_MAX	10000
#define LABEL_QUOTED	(2 * 1024 + 1)
#define MIN_KBPS	32		/* what MAX_RATE takes */
#define MAX_KBPS	1048576

enum state { NEXT_RESULT, COPYING, ENDED };

struct basebackup {
	struct sql		*sql;
	struct pgfacts		 facts;
	struct basebackup_conf	 conf;
	struct basebackup_space	*spaces;
	size_t			 nspaces;
	enum state		 state;
	size_t			 begun;		/* archives, of nspaces + 1 */
	int			 manifest;	/* it has begun */
	char			*buf;		/* the message of the piece */
};

int
basebackup_open(struct basebackup **out, const struct basebackup_conf *conf,
    struct err *e)
{
	const struct sql_conf	 sql = { conf->conninfo, "base-push",
	    TIMEOUT_MS };
	struct basebackup	*b;

	if ((b = calloc(1, sizeof(*b))) == NULL)
		return (err_sys(e, ERR_LOCAL, WHAT));
	b->conf = *conf;
	if (sql_open_replication(&b->sql, &sql, e) ||
	    replfacts_get(b->sql, &b->facts, e)) {
		basebackup_free(b);
		return (-1);
	}
	*out = b;
	return (0);
}

void
basebackup_free(struct basebackup *b)
{
	size_t	 i;

	if (b == NULL)
		return;
	PQfreemem(b->buf);
	sql_free(b->sql);
	for (i = 0; i < b->nspaces; i++)
		free((char *)(uintptr_t)b->spaces[i].path);
	free(b->spaces);
	free(b);
}

const struct pgfacts *
basebackup_facts(const struct basebackup *b)
{
	return (&b->facts);
}

/* The label between quotation marks, of which those inside are doubled. */
static void
quote(char out[LABEL_QUOTED], const char *label)
{
	size_t	 n = 0;

	for (; *label != '\0' && n < LABEL_QUOTED - 2; label++) {
		if (*label == '\'')
			out[n++] = '\'';
		out[n++] = *label;
	}
	out[n] = '\0';
}

/*
 * TABLESPACE_MAP keeps the links of tablespaces out of the archive, where
 * their targets could have 99 bytes only; the answer names them all.
 */
static int
command(const struct basebackup *b, const struct basebackup_opt *o,
    char *buf, size_t size, struct err *e)
{
	char		 label[LABEL_QUOTED], rate[48] = "";
	uint64_t	 kbps = o->max_kbps;
	const int	 new = b->facts.version >= NEW_SYNTAX;

	quote(label, o->label);
	if (kbps != 0 && kbps <= MAX_KBPS)
		(void)snprintf(rate, sizeof(rate), new ? "MAX_RATE %" PRIu64
		    ", " : "MAX_RATE %" PRIu64 " ",
		    kbps < MIN_KBPS ? (uint64_t)MIN_KBPS : kbps);
	if (new)
		return (str_fmt(buf, size, e, "BASE_BACKUP (LABEL '%s', "
		    "PROGRESS true, CHECKPOINT '%s', WAIT false, %s"
		    "TABLESPACE_MAP true, VERIFY_CHECKSUMS %s, "
		    "MANIFEST 'yes', MANIFEST_CHECKSUMS 'CRC32C')", label,
		    o->fast ? "fast" : "spread", rate,
		    o->verify ? "true" : "false"));
	return (str_fmt(buf, size, e, "BASE_BACKUP LABEL '%s' PROGRESS %s "
	    "NOWAIT %sTABLESPACE_MAP %sMANIFEST 'yes' MANIFEST_CHECKSUMS "
	    "'CRC32C'", label, o->fast ? "FAST" : "", rate,
	    o->verify ? "" : "NOVERIFY_CHECKSUMS "));
}

static int
unexpected(const char *what, struct err *e)
{
	return (err_set(e, ERR_PG, WHAT ": PostgreSQL sent %s", what));
}

/*
 * The next result, which must be rows, or with "copy" may be a COPY OUT.  The
 * start has no deadline: it lasts as long as a checkpoint.
 */
static int
result(struct basebackup *b, int start, ExecStatusType want, PGresult **res,
    struct err *e)
{
	const struct sql_ask	 a = { .what = WHAT, .need = "REPLICATION",
	    .timeout_ms = start ? 0 : QUIET_MS,
	    .tick = b->conf.tick, .arg = b->conf.arg };

	if (sql_result(b->sql, &a, res, e))
		return (-1);
	if (*res != NULL && PQresultStatus(*res) == want)
		return (0);
	PQclear(*res);
	*res = NULL;
	return (unexpected("another answer than was expected", e));
}

/* A row with an LSN and a timeline. */
static int
position(const PGresult *res, uint64_t *lsn, uint32_t *timeline,
    struct err *e)
{
	struct err	 why = ERR_INIT;
	uint64_t	 tli;

	if (PQntuples(res) != 1 || PQnfields(res) < 2 ||
	    lsn_parse(PQgetvalue(res, 0, 0), lsn, &why) ||
	    parse_u64(PQgetvalue(res, 0, 1), 1, UINT32_MAX, &tli, "", &why))
		return (unexpected("no valid position", e));
	*timeline = (uint32_t)tli;
	return (0);
}

/* One row of the tablespaces: OID, path, size in kB; both NULL: the last. */
static int
space_row(struct basebackup *b, const PGresult *res, int row, int last,
    uint64_t *bytes, struct err *e)
{
	struct basebackup_space	*s = &b->spaces[b->nspaces];
	struct err		 why = ERR_INIT;
	uint64_t		 oid, kb = 0;
	char			*path;

	if (!PQgetisnull(res, row, 2) && parse_u64(PQgetvalue(res, row, 2), 0,
	    UINT64_MAX / 2048, &kb, "", &why))
		return (unexpected("no valid size of a tablespace", e));
	*bytes += kb * 1024;
	if (PQgetisnull(res, row, 0))
		return (last ? 0 : unexpected("the data directory before a "
		    "tablespace", e));
	if (last || parse_u64(PQgetvalue(res, row, 0), 1, UINT32_MAX, &oid,
	    "", &why) || PQgetisnull(res, row, 1))
		return (unexpected("no valid list of tablespaces", e));
	if (str_dup(&path, PQgetvalue(res, row, 1), e))
		return (-1);
	s->oid = (uint32_t)oid;
	s->path = path;
	b->nspaces++;
	return (0);
}

static int
take_spaces(struct basebackup *b, const PGresult *res, uint64_t *bytes,
    struct err *e)
{
	const int	 n = PQntuples(res);
	int		 i;

	if (n < 1 || n > SPACES_MAX || PQnfields(res) < 3)
		return (unexpected("no valid list of tablespaces", e));
	b->spaces = calloc((size_t)n, sizeof(*b->spaces));
	if (b->spaces == NULL)
		return (err_sys(e, ERR_LOCAL, WHAT));
	for (i = 0; i < n; i++)
		if (space_row(b, res, i, i == n - 1, bytes, e))
			return (-1);
	return (0);
}

int
basebackup_start(struct basebackup *b, const struct basebackup_opt *o,
    struct basebackup_start *out, struct err *e)
{
	struct basebackup_start	 start = { .bytes = 0 };
	PGresult		*res = NULL;
	char			 text[LABEL_QUOTED + 512];
	int			 rc = -1;

	if (pglabel_check_text(o->label, e) ||
	    command(b, o, text, sizeof(text), e) ||
	    sql_send(b->sql, WHAT, text, e) ||
	    result(b, 1, PGRES_TUPLES_OK, &res, e) ||
	    position(res, &start.lsn, &start.timeline, e))
		goto out;
	PQclear(res);
	res = NULL;
	if (result(b, 0, PGRES_TUPLES_OK, &res, e) ||
	    take_spaces(b, res, &start.bytes, e))
		goto out;
	start.spaces = b->spaces;
	start.nspaces = b->nspaces;
	*out = start;
	rc = 0;
out:
	PQclear(res);
	return (rc);
}

/* The next archive of those that were announced, or the manifest. */
static int
begin(struct basebackup *b, int manifest, struct basebackup_piece *p,
    struct err *e)
{
	if (manifest) {
		if (b->manifest || b->begun != b->nspaces + 1)
			return (unexpected("its manifest too early or twice",
			    e));
		b->manifest = 1;
		p->what = BASEBACKUP_MANIFEST;
		return (0);
	}
	if (b->manifest || b->begun == b->nspaces + 1)
		return (unexpected("more archives than it announced", e));
	p->what = BASEBACKUP_ARCHIVE;
	p->space = b->begun < b->nspaces ? &b->spaces[b->begun] : NULL;
	b->begun++;
	return (0);
}

/* An archive's message: its name and the tablespace's path, as texts. */
static int
named(struct basebackup *b, struct bytes *m, struct basebackup_piece *p,
    struct err *e)
{
	const char	*name = (const char *)m->p, *path;
	char		 want[32] = "base.tar";
	size_t		 n = strnlen(name, m->left);

	if (begin(b, 0, p, e))
		return (-1);
	if (n >= m->left)
		return (unexpected("an archive without a name", e));
	path = name + n + 1;
	if (p->space != NULL)
		(void)snprintf(want, sizeof(want), "%" PRIu32 ".tar",
		    p->space->oid);
	if (strcmp(name, want) != 0 ||
	    strnlen(path, m->left - n - 1) != m->left - n - 2 ||
	    strcmp(path, p->space == NULL ? "" : p->space->path) != 0)
		return (unexpected("another archive than was expected", e));
	return (0);
}

/* From 15 on.  Returns 1 for a message that means nothing to us. */
static int
message(struct basebackup *b, size_t n, struct basebackup_piece *p,
    struct err *e)
{
	struct bytes	 m = bytes_of(b->buf, n);

	switch (bytes_u8(&m)) {
	case 'n':
		return (named(b, &m, p, e));
	case 'm':
		return (begin(b, 1, p, e));
	case 'd':
		if (b->begun == 0)
			return (unexpected("data before an archive", e));
		p->what = BASEBACKUP_DATA;
		p->data = m.p;
		p->n = m.left;
		return (m.left == 0);
	case 'p':
		return (1);
	}
	return (unexpected("an unknown kind of message", e));
}

/* The end of the copying: a row with the position, success, and no more. */
static int
end(struct basebackup *b, PGresult *res, struct basebackup_piece *p,
    struct err *e)
{
	const struct sql_ask	 a = { .what = WHAT, .timeout_ms = QUIET_MS };
	PGresult		*more = NULL;
	int			 rc;

	rc = position(res, &p->stop_lsn, &p->stop_timeline, e);
	PQclear(res);
	if (rc == -1)
		return (-1);
	if (b->begun != b->nspaces + 1 || !b->manifest)
		return (unexpected("fewer archives than it announced, or no "
		    "manifest", e));
	if (result(b, 0, PGRES_COMMAND_OK, &more, e))
		return (-1);
	PQclear(more);
	if (sql_result(b->sql, &a, &more, e))
		return (-1);
	if (more != NULL) {
		PQclear(more);
		return (unexpected("more than was asked for", e));
	}
	b->state = ENDED;
	p->what = BASEBACKUP_END;
	return (0);
}

/* Between two COPY OUTs, before the first, or behind the last. */
static int
next_result(struct basebackup *b, struct basebackup_piece *p, struct err *e)
{
	const struct sql_ask	 a = { .what = WHAT, .need = "REPLICATION",
	    .timeout_ms = QUIET_MS };
	PGresult		*res;

	if (sql_result(b->sql, &a, &res, e))
		return (-1);
	if (res == NULL)
		return (unexpected("no end of the backup", e));
	if (PQresultStatus(res) == PGRES_TUPLES_OK)
		return (end(b, res, p, e));
	if (PQresultStatus(res) != PGRES_COPY_OUT) {
		PQclear(res);
		return (unexpected("another answer than was expected", e));
	}
	PQclear(res);
	b->state = COPYING;
	if (b->facts.version >= NEW_SYNTAX)
		return (b->begun == 0 ? 1 : unexpected("a second copy", e));
	return (begin(b, b->begun == b->nspaces + 1, p, e));
}

/* Returns 1 if there was nothing of interest. */
static int
next_copied(struct basebackup *b, struct basebackup_piece *p, struct err *e)
{
	const struct sql_ask	 a = { .what = WHAT, .timeout_ms = QUIET_MS };
	enum sql_copied		 what;
	size_t			 n;

	if (sql_copy(b->sql, &a, &what, &b->buf, &n, e))
		return (-1);
	switch (what) {
	case SQL_COPY_IDLE:
		p->what = BASEBACKUP_IDLE;
		return (0);
	case SQL_COPY_END:
		b->state = NEXT_RESULT;
		return (1);
	case SQL_COPY_DATA:
		break;
	}
	if (b->facts.version >= NEW_SYNTAX)
		return (message(b, n, p, e));
	p->what = BASEBACKUP_DATA;
	p->data = b->buf;
	p->n = n;
	return (n == 0);
}

int
basebackup_next(struct basebackup *b, struct basebackup_piece *p,
    struct err *e)
{
	int	 rc;

	do {
		PQfreemem(b->buf);
		b->buf = NULL;
		memset(p, 0, sizeof(*p));
		switch (b->state) {
		case NEXT_RESULT:
			rc = next_result(b, p, e);
			break;
		case COPYING:
			rc = next_copied(b, p, e);
			break;
		case ENDED:
			return (unexpected("its end already", e));
		}
	} while (rc == 1);
	return (rc);
}
