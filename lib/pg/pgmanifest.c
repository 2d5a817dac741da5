/* SPDX-License-Identifier: ISC */
/* Writes PostgreSQL's backup_manifest piece by piece. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "base/str.h"
#include "pg/lsn.h"
#include "pg/pgmanifest.h"

#define PATH_LIMIT	4095
#define ESCAPED		6			/* \u001f */
#define ENTRY		(ESCAPED * PATH_LIMIT + 256)

static int
put_text(struct pgmanifest *m, const char *s, struct err *e)
{
	return (m->write(m->ctx, s, strlen(s), e));
}

int
pgmanifest_begin(struct pgmanifest *m, unsigned major, uint64_t sysid,
    int (*write)(void *, const void *, size_t, struct err *), void *ctx,
    struct err *e)
{
	struct pgmanifest	 fresh = { write, ctx, 0, 0, 0 };
	char			 head[128], id[64] = "";

	/* manifest_version 2 came with PostgreSQL 17, as this member did. */
	if (major >= 17 && str_fmt(id, sizeof(id), e,
	    "\"System-Identifier\": %" PRIu64 ",\n", sysid))
		return (-1);
	*m = fresh;
	if (str_fmt(head, sizeof(head), e,
	    "{ \"PostgreSQL-Backup-Manifest-Version\": %d,\n%s\"Files\": [",
	    major >= 17 ? 2 : 1, id))
		return (-1);
	return (put_text(m, head, e));
}

static int
is_utf8(const char *s)
{
	size_t	 n = 1;

	for (; *s != '\0' && n > 0; s += n)
		n = str_utf8(s, strlen(s));
	return (n > 0);
}

static void
put_escaped(struct bytes_out *o, const char *s)
{
	char	 code[8];

	for (; *s != '\0'; s++) {
		if ((uint8_t)*s < 0x20) {
			(void)snprintf(code, sizeof(code), "\\u%04x",
			    (unsigned)(uint8_t)*s);	/* six characters */
			bytes_put(o, code, strlen(code));
			continue;
		}
		if (*s == '"' || *s == '\\')
			bytes_put(o, "\\", 1);
		bytes_put(o, s, 1);
	}
}

static void
put_path(struct bytes_out *o, const char *path)
{
	char	 hex[3];

	if (is_utf8(path)) {
		bytes_put(o, "{ \"Path\": \"", 11);
		put_escaped(o, path);
	} else {
		bytes_put(o, "{ \"Encoded-Path\": \"", 19);
		for (; *path != '\0'; path++)
			bytes_put(o, str_hex(hex, (const uint8_t *)path, 1),
			    2);
	}
	bytes_put(o, "\"", 1);
}

/*
 * A time outside the years 0 to 9999 becomes 1970: no program checks it, and
 * a manifest that cannot be parsed would be worse.
 */
static const char *
date(char *buf, size_t size, int64_t mtime)
{
	time_t		 t = (time_t)mtime;
	struct tm	 tm;

	if (gmtime_r(&t, &tm) == NULL || tm.tm_year < -1900 ||
	    tm.tm_year > 8099 ||
	    strftime(buf, size, "%Y-%m-%d %H:%M:%S GMT", &tm) == 0)
		(void)snprintf(buf, size, "1970-01-01 00:00:00 GMT");
	return (buf);
}

int
pgmanifest_file(struct pgmanifest *m, const struct pgmanifest_file *f,
    struct err *e)
{
	char			 entry[ENTRY], rest[192], when[48], crc[9];
	uint8_t			 raw[4];
	struct bytes_out	 o = bytes_out_of(entry, sizeof(entry));

	if (strlen(f->path) > PATH_LIMIT)
		return (err_set(e, ERR_LOCAL, "backup_manifest: path of %zu "
		    "bytes, expected at most %d: %.64s...",
		    strlen(f->path), PATH_LIMIT, f->path));
	/* PostgreSQL prints a CRC's bytes in the order of its memory. */
	memcpy(raw, &f->crc32c, sizeof(raw));
	if (str_fmt(rest, sizeof(rest), e, ", \"Size\": %" PRIu64
	    ", \"Last-Modified\": \"%s\", \"Checksum-Algorithm\": "
	    "\"CRC32C\", \"Checksum\": \"%s\" }", f->size,
	    date(when, sizeof(when), f->mtime), str_hex(crc, raw, 4)))
		return (-1);
	/* The comma precedes an entry: which one is the last is not known. */
	if (m->files++ > 0)
		bytes_put(&o, ",", 1);
	bytes_put(&o, "\n", 1);
	put_path(&o, f->path);
	bytes_put(&o, rest, strlen(rest));
	if (!bytes_out_ok(&o))
		return (err_set(e, ERR_LOCAL, "backup_manifest: the entry "
		    "of %.64s... exceeds %d bytes", f->path, ENTRY));
	return (m->write(m->ctx, entry, o.n, e));
}

/* End the list of files and begin that of WAL, unless that was done. */
static int
begin_ranges(struct pgmanifest *m, struct err *e)
{
	if (m->in_ranges)
		return (0);
	m->in_ranges = 1;
	return (put_text(m, "\n],\n\"WAL-Ranges\": [", e));
}

int
pgmanifest_range(struct pgmanifest *m, const struct pgmanifest_range *r,
    struct err *e)
{
	char	 text[192], start[LSN_TEXT], end[LSN_TEXT];

	if (begin_ranges(m, e) || str_fmt(text, sizeof(text), e,
	    "%s{ \"Timeline\": %" PRIu32 ", \"Start-LSN\": \"%s\", "
	    "\"End-LSN\": \"%s\" }", m->ranges++ == 0 ? "\n" : ",\n", r->tli,
	    lsn_format(start, r->start), lsn_format(end, r->end)))
		return (-1);
	return (put_text(m, text, e));
}

int
pgmanifest_end(struct pgmanifest *m, struct err *e)
{
	/* The checksum covers all lines before its own. */
	if (begin_ranges(m, e))
		return (-1);
	return (put_text(m, "\n],\n", e));
}

int
pgmanifest_seal(struct pgmanifest *m, const uint8_t sha256[32],
    struct err *e)
{
	char	 line[128], hex[65];

	if (str_fmt(line, sizeof(line), e, "\"Manifest-Checksum\": \"%s\"}\n",
	    str_hex(hex, sha256, 32)))
		return (-1);
	return (put_text(m, line, e));
}
