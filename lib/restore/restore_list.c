/* SPDX-License-Identifier: ISC */
/* PostgreSQL's list of files, written while the files are restored. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "crypt/hash.h"
#include "pg/crc32c.h"
#include "pg/pgmanifest.h"
#include "restore/restore_list.h"
#include "stream/file.h"

#define CONF	"postgresql.conf"

struct restore_list {
	struct sink		*file;
	struct hash_sha256	*sha;		/* over what was written */
	struct pgmanifest	 pgm;
	struct pgmanifest_file	 conf;	/* postgresql.conf; "path" is NULL if
					   there is none */
};

static int
add_text(void *arg, const void *p, size_t n, struct err *e)
{
	struct restore_list	*l = arg;

	hash_sha256_add(l->sha, p, n);
	return (sink_write(l->file, p, n, e));
}

int
restore_list_open(struct restore_list **out, const char *dir, unsigned major,
    uint64_t system_id, struct err *e)
{
	struct restore_list	*l;
	char			 path[PATH_MAX];

	if ((l = calloc(1, sizeof(*l))) == NULL)
		return (err_sys(e, ERR_LOCAL, "backup_manifest"));
	if (path_join(path, sizeof(path), dir, "backup_manifest", e) ||
	    hash_sha256_new(&l->sha, e) ||
	    file_sink_open(&l->file, path, "backup_manifest", 0600, 0, e) ||
	    pgmanifest_begin(&l->pgm, major, system_id, add_text, l, e)) {
		restore_list_free(l);
		return (-1);
	}
	*out = l;
	return (0);
}

/* The CRC of one block is joined to itself: no terabyte of zeros is read. */
static uint32_t
crc_of_zeros(uint64_t size)
{
	static const uint8_t		 zeros[65536];
	const uint32_t			 part = crc32c_update(0, zeros,
	    sizeof(zeros));
	const struct crc32c_shift	 shift =
	    crc32c_shift_of(sizeof(zeros));
	uint32_t			 crc = 0;

	for (; size >= sizeof(zeros); size -= sizeof(zeros))
		crc = crc32c_join(crc, part, &shift);
	return (crc32c_update(crc, zeros, (size_t)size));
}

int
restore_list_file(struct restore_list *l, const struct manifest_entry *en,
    int zeros, struct err *e)
{
	const struct pgmanifest_file	 f = {
		.path = en->path, .size = en->size,
		.mtime = en->mtime_us / 1000000,
		.crc32c = zeros ? crc_of_zeros(en->size) : en->crc32c
	};

	/* It is listed last, when it is known what was appended to it. */
	if (strcmp(en->path, CONF) == 0) {
		l->conf = f;
		l->conf.path = CONF;
		return (0);
	}
	return (pgmanifest_file(&l->pgm, &f, e));
}

void
restore_list_appended(struct restore_list *l, const char *text)
{
	const size_t	 n = strlen(text);

	l->conf.crc32c = crc32c_update(l->conf.crc32c, text, n);
	l->conf.size += n;
}

int
restore_list_finish(struct restore_list *l, struct err *e)
{
	uint8_t	 sum[32];

	if (l->conf.path != NULL && pgmanifest_file(&l->pgm, &l->conf, e))
		return (-1);
	/* The list ends in the checksum of all that comes before it. */
	if (pgmanifest_end(&l->pgm, e))
		return (-1);
	hash_sha256_final(l->sha, sum);
	if (pgmanifest_seal(&l->pgm, sum, e))
		return (-1);
	return (sink_finish(l->file, e));
}

void
restore_list_free(struct restore_list *l)
{
	if (l == NULL)
		return;
	sink_free(l->file);
	hash_sha256_free(l->sha);
	free(l);
}
