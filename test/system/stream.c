/* SPDX-License-Identifier: ISC */
/*
 * What a receiver of WAL leaves in a repository: an open object.
 *
 *	stream SYSTEMID FILE BYTES NUMBER
 *		streams the first BYTES bytes of the WAL segment FILE, whose
 *		name is that of the segment, as its open object NUMBER, and
 *		prints the LSN up to which that is durable
 *
 * SEAWALL_CONFIG names the configuration.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/parse.h"
#include "base/path.h"
#include "pg/lsn.h"
#include "store/store_append.h"
#include "tool/conf.h"
#include "tool/role.h"
#include "wal/openwrite.h"

#define WAIT_MS	1000

struct stream {
	struct openwrite_spec	 spec;
	uint64_t		 system_id, bytes;
	struct archive		*a;
	struct openwrite	*w;
	int			 fd;
};

/* Frames of many sizes, up to two pages and a bit. */
static int
send_all(struct stream *s, struct err *e)
{
	uint8_t	 buf[17000];
	uint64_t off;
	size_t	 n, got, step = 1;

	for (off = 0; off < s->bytes; off += n) {
		step = step * 7 % sizeof(buf) + 1;
		n = s->bytes - off < step ? (size_t)(s->bytes - off) : step;
		if (io_read_at(s->fd, buf, n, off, &got, "segment", e))
			return (-1);
		if (got != n)
			return (err_set(e, ERR_LOCAL, "the file is shorter"));
		if (openwrite_add(s->w, buf, n, e))
			return (-1);
	}
	return (0);
}

static int
until_durable(struct stream *s, uint64_t *lsn, struct err *e)
{
	for (;;) {
		if (openwrite_step(s->w, lsn, e))
			return (-1);
		if (*lsn == openwrite_end(s->w))
			return (0);
		if (store_append_wait(s->a->store, NULL, 0, WAIT_MS, e))
			return (-1);
	}
}

static int
arguments(struct stream *s, char *argv[], struct err *e)
{
	struct stat	 st;
	uint64_t	 number;

	if (parse_u64(argv[1], 1, UINT64_MAX, &s->system_id, "SYSTEMID", e) ||
	    parse_u64(argv[3], 1, UINT32_MAX, &s->bytes, "BYTES", e) ||
	    parse_u64(argv[4], 1, LAYOUT_OPEN_LAST, &number, "NUMBER", e) ||
	    walname_parse(path_base(argv[2]), &s->spec.segment, e))
		return (-1);
	s->spec.number = (unsigned)number;
	s->spec.codec = (struct codec_spec){ CODEC_ZSTD, 3 };
	s->fd = open(argv[2], O_RDONLY | O_CLOEXEC);
	if (s->fd == -1 || fstat(s->fd, &st) == -1)
		return (err_sys(e, ERR_LOCAL, "%s", argv[2]));
	s->spec.segsize = (uint32_t)st.st_size;
	return (0);
}

static int
run(struct stream *s, char *argv[], struct err *e)
{
	const struct conf_source	 src = { .config = NULL };
	struct server_conf		 conf = { 0 };
	struct store_conf		 store;
	struct key			*key = NULL;
	char				 text[LSN_TEXT];
	uint64_t			 lsn;
	int				 rc = -1;

	if (arguments(s, argv, e) ||
	    conf_load(&conf, &src, e))
		return (-1);
	store = conf_store_wal(&conf);
	if (role_key(&key, &conf, KEY_PUSH, e) ||
	    archive_open(&s->a, &store, key, conf.name, s->system_id, e) ||
	    openwrite_open(&s->w, s->a, &s->spec, e) ||
	    send_all(s, e) || until_durable(s, &lsn, e))
		goto out;
	(void)printf("%s\n", lsn_format(text, lsn));
	rc = 0;
out:
	openwrite_free(s->w);
	archive_free(s->a);
	key_free(key);
	conf_free(&conf);
	return (rc);
}

int
main(int argc, char *argv[])
{
	struct stream	 s = { .fd = -1 };
	struct err	 e = ERR_INIT;
	int		 rc = 1;

	if (argc != 5)
		err_set(&e, ERR_USAGE, "expected SYSTEMID, FILE, BYTES and "
		    "NUMBER");
	else if (run(&s, argv, &e) == 0)
		rc = 0;
	if (rc != 0)
		(void)fprintf(stderr, "stream: %s\n", e.msg);
	if (s.fd != -1)
		(void)close(s.fd);	/* read only: nothing to lose */
	return (rc);
}
