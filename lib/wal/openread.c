/* SPDX-License-Identifier: ISC */
/* Read an open object frame by frame, as far as it is authentic. */
#include <stdlib.h>
#include <string.h>

#include "codec/flushed.h"
#include "crypt/openframe.h"
#include "repo/layout.h"
#include "wal/openread.h"

#define STEP	((size_t)64 << 10)

struct openread {
	struct store_get	*get;
	struct openframe	*frames;
	struct flushed		*unpacker;
	struct sink		*to;		/* NULL: the end alone */
	struct openread_run	*run;
	uint64_t		 limit;		/* the segment's end */
	size_t			 n, at;		/* bytes in "in"; used */
	int			 ended;		/* of the file */
	uint8_t			 in[STEP];
	uint8_t			 packed[OPENFRAME_SEALED_MAX];
	uint8_t			 wal[OPENFRAME_WAL_MAX];
};

/*
 * Take the next "n" bytes of the file.  Returns 0; 1 if it ends before, or if
 * there is no file; or -1.
 */
static int
take(struct openread *r, uint8_t *to, size_t n, struct err *e)
{
	size_t	 len;
	int	 rc;

	while (n > 0) {
		if (r->at == r->n) {
			if (r->ended)
				return (1);
			rc = store_get_take(r->get, r->in, STEP, &r->n, e);
			if (rc != 0)
				return (rc);
			r->at = 0;
			r->ended = r->n < STEP;
			continue;
		}
		len = n < r->n - r->at ? n : r->n - r->at;
		memcpy(to, r->in + r->at, len);
		r->at += len;
		to += len;
		n -= len;
	}
	return (0);
}

/*
 * The header and the stream's.  Returns 0; 1 if the file ends before their
 * end, as a crash may leave it; or -1.
 */
static int
take_head(struct openread *r, struct archive *a, const char *path,
    struct err *e)
{
	struct head_place	 at = archive_place(a, path);
	struct head		 h;
	uint8_t			 buf[HEAD_MAX], stream[OPENFRAME_STREAM];
	size_t			 len = head_len_min(&at);
	int			 rc;

	/* Its length says how much there is to check. */
	if ((rc = take(r, buf, len, e)) != 0)
		return (rc);
	if ((size_t)(buf[10] << 8 | buf[11]) > len &&
	    (size_t)(buf[10] << 8 | buf[11]) <= HEAD_MAX) {
		rc = take(r, buf + len, (size_t)(buf[10] << 8 | buf[11]) - len,
		    e);
		len = (size_t)(buf[10] << 8 | buf[11]);
	}
	if (rc == 0)
		rc = head_decode(&h, buf, len, HEAD_OPEN, &at, a->key, e);
	if (rc == 0)
		rc = take(r, stream, sizeof(stream), e);
	if (rc != 0)
		return (rc);
	memcpy(r->run->signer, h.signer, KEY_ID_LEN);
	r->run->stored = h.len + sizeof(stream);
	if (r->to != NULL && flushed_decoder_new(&r->unpacker, h.codec, e))
		return (-1);
	return (openframe_read(&r->frames, &h, buf, stream, &at, a->key,
	    r->to != NULL, e));
}

static int
is_zero(const uint8_t *p, size_t n)
{
	while (n > 0 && p[n - 1] == 0)
		n--;
	return (n == 0);
}

/*
 * The next frame into its place, and its signature checked.  Returns 0; 1 if
 * the run ends before it; or -1.
 */
static int
take_frame(struct openread *r, uint32_t *wal, size_t *sealed, struct err *e)
{
	uint8_t	*p = openframe_room(r->frames);
	int	 rc;

	if ((rc = take(r, p, OPENFRAME_HEAD, e)) != 0)
		return (rc);
	if (!openframe_head(p, r->run->end, wal, sealed) ||
	    *wal > r->limit - r->run->end) {
		r->run->broken = !is_zero(p, OPENFRAME_HEAD);
		return (1);
	}
	rc = take(r, p + OPENFRAME_HEAD, *sealed + OPENFRAME_SIG, e);
	if (rc == 0 && !openframe_check(r->frames, *sealed))
		rc = r->run->broken = 1;
	return (rc);
}

/*
 * What the frame holds, into the sink.  Returns as above; a lack of memory is
 * no end of the run.
 */
static int
pass_on(struct openread *r, uint32_t wal, size_t sealed, struct err *e)
{
	struct err	 why = ERR_INIT;

	if (!openframe_open(r->frames, sealed, r->packed))
		return (1);
	if (flushed_decode(r->unpacker, r->packed, sealed - OPENFRAME_EXTRA,
	    r->wal, wal, &why))
		return (why.kind == ERR_CORRUPT ? 1 :
		    err_set(e, why.kind, "%s", why.msg));
	return (sink_write(r->to, r->wal, wal, e));
}

static int
take_frames(struct openread *r, struct err *e)
{
	uint32_t	 wal;
	size_t		 sealed;
	int		 rc;

	while (r->run->end < r->limit) {
		rc = take_frame(r, &wal, &sealed, e);
		if (rc == 0 && r->to != NULL &&
		    (rc = pass_on(r, wal, sealed, e)) == 1)
			r->run->broken = 1;
		if (rc != 0)
			return (rc);
		r->run->end += wal;
		r->run->frames++;
		r->run->stored += OPENFRAME_HEAD + sealed + OPENFRAME_SIG;
	}
	return (1);
}

static int
read_all(struct openread *r, struct archive *a, const char *path,
    struct err *e)
{
	uint64_t	 size;
	int		 rc;

	if (store_get_open(&r->get, a->store, path, e) ||
	    (rc = store_get_size(r->get, &size, e)) == -1)
		return (-1);
	if (rc == 1)
		return (1);
	/*
	 * It may be growing.  What is read is what was there when its size
	 * was asked for; a file that shrinks is cut like any other.
	 */
	if (store_get_ask(r->get, 0, STORE_TO_END, e))
		return (-1);
	if ((rc = take_head(r, a, path, e)) == 0)
		rc = take_frames(r, e);
	if (rc == -1)
		return (-1);
	r->run->behind = size > r->run->stored ? size - r->run->stored : 0;
	return (0);
}

static int
run(struct openread_run *run, struct archive *a,
    const struct walname *segment, uint32_t segsize, unsigned number,
    struct sink *to, struct err *e)
{
	struct openread	*r;
	char		 path[LAYOUT_PATH], name[WALNAME_TEXT];
	int		 rc;

	if (walname_check(segment, segsize, e) ||
	    layout_wal_open(path, walname_format(name, segment), number, e))
		return (-1);
	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (err_sys(e, ERR_LOCAL, "%s", path));
	memset(run, 0, sizeof(*run));
	run->start = run->end = walname_lsn(segment, segsize);
	r->limit = run->start + segsize;
	r->to = to;
	r->run = run;
	if ((rc = read_all(r, a, path, e)) == -1)
		err_ctx(e, "%s", path);
	store_get_free(r->get);
	openframe_free(r->frames);
	flushed_free(r->unpacker);
	free(r);
	return (rc);
}

int
openread_end(struct openread_run *out, struct archive *a,
    const struct walname *segment, uint32_t segsize, unsigned number,
    struct err *e)
{
	return (run(out, a, segment, segsize, number, NULL, e));
}

int
openread_reaches(struct archive *a, const struct walname *segment,
    uint32_t segsize, unsigned number, uint64_t lsn, struct err *e)
{
	struct openread_run	 run;
	struct err		 why = ERR_INIT;
	int			 rc;

	rc = openread_end(&run, a, segment, segsize, number, &why);
	if (rc == -1 && why.kind != ERR_CORRUPT)
		return (err_set(e, why.kind, "%s", why.msg));
	return (rc == 0 && run.end >= lsn);
}

int
openread_wal(struct openread_run *out, struct archive *a,
    const struct walname *segment, uint32_t segsize, unsigned number,
    struct sink *to, struct err *e)
{
	return (run(out, a, segment, segsize, number, to, e));
}
