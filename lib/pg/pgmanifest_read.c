/* SPDX-License-Identifier: ISC */
/*
 * backup_manifest line by line.  It is JSON, but PostgreSQL has written the
 * same lines in all versions; a reader of any JSON would need all of it in
 * memory, and would accept what no server writes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/parse.h"
#include "base/str.h"
#include "pg/lsn.h"
#include "pg/pgmanifest_read.h"

#define LINE_MAX_BYTES	(6 * 4096 + 512)	/* each byte may be \u001f */
#define PATH_BYTES	4096

/* Which line comes next. */
enum state { VERSION, SYSTEM, FILES, FILE_LINE, RANGES, RANGE_LINE, CHECKSUM,
    COMPLETE };

struct pgmanifest_read {
	const struct pgmanifest_read_events *on;
	void		*arg;
	enum state	 state;
	int		 more;		/* a comma says that one follows */
	uint64_t	 items;		/* of the list */
	uint8_t		 sum[32];
	size_t		 n;
	char		 line[LINE_MAX_BYTES + 1];
	char		 path[PATH_BYTES];
};

int
pgmanifest_read_new(struct pgmanifest_read **out,
    const struct pgmanifest_read_events *on, void *arg, struct err *e)
{
	struct pgmanifest_read	*r;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (err_sys(e, ERR_LOCAL, "backup_manifest"));
	r->on = on;
	r->arg = arg;
	*out = r;
	return (0);
}

void
pgmanifest_read_free(struct pgmanifest_read *r)
{
	free(r);
}

static int
wrong(const struct pgmanifest_read *r, struct err *e)
{
	char	 clean[80];

	return (err_set(e, ERR_CORRUPT, "backup_manifest: found \"%s\", "
	    "expected what PostgreSQL writes there",
	    str_clean(clean, sizeof(clean), r->line, strlen(r->line))));
}

/* Whether *at begins with "what"; then *at moves behind it. */
static int
skip(const char **at, const char *what)
{
	if (!str_begins(*at, what))
		return (0);
	*at += strlen(what);
	return (1);
}

/* Digits up to any other character. */
static int
number(const char **at, uint64_t *v)
{
	struct err	 unused = ERR_INIT;
	char		 text[24];
	size_t		 n = strspn(*at, "0123456789");

	if (n == 0 || n >= sizeof(text))
		return (0);
	memcpy(text, *at, n);
	text[n] = '\0';
	*at += n;
	return (parse_u64(text, 0, UINT64_MAX, v, "", &unused) == 0);
}

/* "n" bytes in hexadecimal. */
static int
hex(const char **at, uint8_t *to, size_t n)
{
	struct err	 unused = ERR_INIT;
	char		 text[65];

	if (n * 2 >= sizeof(text) || strnlen(*at, n * 2) < n * 2)
		return (0);
	memcpy(text, *at, n * 2);
	text[n * 2] = '\0';
	*at += n * 2;
	return (parse_hex(text, to, n, "", &unused) == 0);
}

/* One character behind a backslash; -1 if there is no such escape. */
static int
escaped(const char **at)
{
	static const char	 from[] = "\"\\/bfnrt";
	static const char	 to[] = "\"\\/\b\f\n\r\t";
	const char		*p;
	uint8_t			 code[2];

	if (**at != 'u') {
		if (**at == '\0' || (p = strchr(from, **at)) == NULL)
			return (-1);
		(*at)++;
		return (to[p - from]);
	}
	(*at)++;
	return (hex(at, code, 2) && code[0] == 0 && code[1] < 0x80 ? code[1] :
	    -1);
}

/* A path in quotation marks. */
static int
plain_path(const char **at, char path[PATH_BYTES])
{
	size_t	 n = 0;
	int	 c;

	while (**at != '"') {
		if ((uint8_t)**at < 0x20 || n == PATH_BYTES - 1)
			return (0);
		c = (uint8_t)*(*at)++;
		if (c == '\\' && (c = escaped(at)) <= 0)
			return (0);
		path[n++] = (char)c;
	}
	path[n] = '\0';
	return (n > 0);
}

/* A path of any bytes, in hexadecimal. */
static int
coded_path(const char **at, char path[PATH_BYTES])
{
	size_t	 n;
	uint8_t	 c;

	for (n = 0; **at != '"'; n++) {
		if (n == PATH_BYTES - 1 || !hex(at, &c, 1) || c == 0)
			return (0);
		path[n] = (char)c;
	}
	path[n] = '\0';
	return (n > 0);
}

/*
 * The end of an item in a list: a comma announces another one.  Returns 0 if
 * the line has anything else.
 */
static int
item_ends(struct pgmanifest_read *r, const char *at)
{
	r->more = strcmp(at, ",") == 0;
	r->items++;
	return (r->more || *at == '\0');
}

/* The CRC's bytes are in the order of the server's memory: as ours. */
static int
file_line(struct pgmanifest_read *r, struct err *e)
{
	struct pgmanifest_seen	 f = { .path = r->path };
	const char		*at = r->line;
	uint8_t			 crc[4];
	size_t			 n;

	if (!skip(&at, "{ \"Path\": \"") ? !skip(&at, "{ \"Encoded-Path\": "
	    "\"") || !coded_path(&at, r->path) : !plain_path(&at, r->path))
		return (wrong(r, e));
	if (!skip(&at, "\", \"Size\": ") || !number(&at, &f.size) ||
	    !skip(&at, ", \"Last-Modified\": \""))
		return (wrong(r, e));
	n = strspn(at, "0123456789-: GMT");
	at += n;
	if (n == 0 || !skip(&at, "\", \"Checksum-Algorithm\": \"CRC32C\", "
	    "\"Checksum\": \"") || !hex(&at, crc, 4) || !skip(&at, "\" }") ||
	    !item_ends(r, at))
		return (wrong(r, e));
	memcpy(&f.crc32c, crc, sizeof(f.crc32c));
	return (r->on->file == NULL ? 0 : r->on->file(r->arg, &f, e));
}

/* An LSN. */
static int
location(const char **at, uint64_t *lsn)
{
	struct err	 unused = ERR_INIT;
	char		 text[LSN_TEXT];
	size_t		 n = strspn(*at, "0123456789ABCDEF/");

	if (n >= sizeof(text))
		return (0);
	memcpy(text, *at, n);
	text[n] = '\0';
	*at += n;
	return (lsn_parse(text, lsn, &unused) == 0);
}

static int
range_line(struct pgmanifest_read *r, struct err *e)
{
	const char	*at = r->line;
	uint64_t	 tli, start, end;

	if (!skip(&at, "{ \"Timeline\": ") || !number(&at, &tli) ||
	    tli == 0 || tli > UINT32_MAX ||
	    !skip(&at, ", \"Start-LSN\": \"") || !location(&at, &start) ||
	    !skip(&at, "\", \"End-LSN\": \"") || !location(&at, &end) ||
	    !skip(&at, "\" }") || !item_ends(r, at))
		return (wrong(r, e));
	return (r->on->range == NULL ? 0 : r->on->range(r->arg,
	    (uint32_t)tli, start, end, e));
}

static int
version_line(struct pgmanifest_read *r, struct err *e)
{
	const char	*at = r->line;
	uint64_t	 v;

	if (!skip(&at, "{ \"PostgreSQL-Backup-Manifest-Version\": ") ||
	    !number(&at, &v) || strcmp(at, ",") != 0)
		return (wrong(r, e));
	if (v != 1 && v != 2)
		return (err_set(e, ERR_CORRUPT, "backup_manifest: found "
		    "a version that is neither 1 nor 2"));
	r->state = v == 1 ? FILES : SYSTEM;
	return (0);
}

static int
system_line(struct pgmanifest_read *r, struct err *e)
{
	const char	*at = r->line;
	uint64_t	 id;

	if (!skip(&at, "\"System-Identifier\": ") || !number(&at, &id) ||
	    strcmp(at, ",") != 0)
		return (wrong(r, e));
	r->state = FILES;
	return (r->on->cluster == NULL ? 0 : r->on->cluster(r->arg, id, e));
}

/* A list begins: "what" and its bracket stand alone on the line. */
static int
list_line(struct pgmanifest_read *r, const char *what, enum state then,
    struct err *e)
{
	if (strcmp(r->line, what) != 0)
		return (wrong(r, e));
	r->state = then;
	r->items = 0;
	r->more = 0;
	return (0);
}

static int
sum_line(struct pgmanifest_read *r, struct err *e)
{
	const char	*at = r->line;

	if (!skip(&at, "\"Manifest-Checksum\": \"") || !hex(&at, r->sum, 32) ||
	    strcmp(at, "\"}") != 0)
		return (wrong(r, e));
	r->state = COMPLETE;
	return (0);
}

/* A list ends, or has one more item, as the comma of the last one said. */
static int
in_list(struct pgmanifest_read *r, enum state then,
    int (*item)(struct pgmanifest_read *, struct err *), struct err *e)
{
	if (strcmp(r->line, "],") == 0 && !r->more) {
		r->state = then;
		return (0);
	}
	return (r->items > 0 && !r->more ? wrong(r, e) : item(r, e));
}

static int
take_line(struct pgmanifest_read *r, struct err *e)
{
	switch (r->state) {
	case VERSION:
		return (version_line(r, e));
	case SYSTEM:
		return (system_line(r, e));
	case FILES:
		return (list_line(r, "\"Files\": [", FILE_LINE, e));
	case FILE_LINE:
		return (in_list(r, RANGES, file_line, e));
	case RANGES:
		return (list_line(r, "\"WAL-Ranges\": [", RANGE_LINE, e));
	case RANGE_LINE:
		return (in_list(r, CHECKSUM, range_line, e));
	case CHECKSUM:
		return (sum_line(r, e));
	case COMPLETE:
		break;
	}
	return (wrong(r, e));
}

/* The line is complete: hash it, unless it is the last one, and take it. */
static int
end_line(struct pgmanifest_read *r, struct err *e)
{
	if (memchr(r->line, '\0', r->n) != NULL)
		return (err_set(e, ERR_CORRUPT, "backup_manifest: found a "
		    "zero byte"));
	r->line[r->n] = '\n';
	if (r->state != CHECKSUM && r->on->hashed != NULL &&
	    r->on->hashed(r->arg, r->line, r->n + 1, e))
		return (-1);
	r->line[r->n] = '\0';
	r->n = 0;
	return (take_line(r, e));
}

int
pgmanifest_read_add(struct pgmanifest_read *r, const void *from, size_t n,
    struct err *e)
{
	const char	*p = from, *end;
	size_t		 take;

	while (n > 0) {
		end = memchr(p, '\n', n);
		take = end == NULL ? n : (size_t)(end - p);
		if (take > LINE_MAX_BYTES - r->n)
			return (err_set(e, ERR_CORRUPT, "backup_manifest: "
			    "found a line of more than %d bytes",
			    LINE_MAX_BYTES));
		memcpy(r->line + r->n, p, take);
		r->n += take;
		if (end != NULL) {
			take++;
			if (end_line(r, e))
				return (-1);
		}
		p += take;
		n -= take;
	}
	return (0);
}

int
pgmanifest_read_end(const struct pgmanifest_read *r, struct err *e)
{
	return (r->state == COMPLETE && r->n == 0 ? 0 : err_set(e,
	    ERR_CORRUPT, "backup_manifest: it is cut short"));
}

const uint8_t *
pgmanifest_read_sum(const struct pgmanifest_read *r)
{
	return (r->sum);
}
