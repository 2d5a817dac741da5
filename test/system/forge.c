/* SPDX-License-Identifier: ISC */
/*
 * A backup as a thief of a push key makes it: authentic, and worthless.
 *
 *	forge CONF SYSTEMID ID FORM STOPPED
 *
 * publishes a backup that says that it ended at STOPPED (seconds since 1970) of
 * the cluster that CONF names, with the key and by the connection of CONF.
 * FORM says what there is besides a label of one pack:
 *
 *	label		nothing
 *	manifest	a manifest
 *	junk		that, and a pack that is no pack
 *	cut		that, and a pack that is shorter than it says
 *	whole		that, and a pack and WAL, all of them rubbish
 *
 * WAL segments have 1 MiB.
 */
#include <sys/stat.h>

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup/label.h"
#include "base/parse.h"
#include "base/str.h"
#include "pg/walname.h"
#include "repo/layout.h"
#include "repo/object.h"
#include "tool/conf.h"
#include "tool/role.h"

#define SEGSIZE	(1U << 20)
#define START	((uint64_t)0xf00 * SEGSIZE)	/* the cluster is not there */
#define TEXT	"rubbish, but signed"

struct forging {
	struct archive	*a;
	const char	*id, *form;
	struct label	*l;
};

static int
is(const struct forging *f, const char *form)
{
	return (strcmp(f->form, form) == 0);
}

static int
put(struct archive *a, enum head_kind kind, const char *path, uint64_t *size,
    struct err *e)
{
	struct object_info	 info;
	struct sink		*s = NULL;
	int			 rc;

	rc = object_sink_open(&s, a, kind, path,
	    (struct codec_spec){ CODEC_NONE, 0 }, &info, e) ||
	    sink_write(s, TEXT, strlen(TEXT), e) || sink_finish(s, e) ? -1 : 0;
	sink_free(s);
	*size = rc == 0 ? info.stored : 0;
	return (rc);
}

struct cutting {
	struct forging	*f;
	const char	*path;
};

/* Publish the pack without its last byte. */
static int
on_pack(void *arg, size_t i, const uint8_t *data, size_t n, struct err *e)
{
	const struct cutting	*c = arg;

	(void)i;
	return (archive_publish(c->f->a, c->path, data, n - 1, e));
}

/* It is made whole below the working directory first. */
static int
put_cut(struct forging *f, const char *path, uint64_t *size, struct err *e)
{
	char			 dir[PATH_MAX], cwd[PATH_MAX];
	struct store_conf	 here = { .io_timeout_ms = 10000,
	    .repository = dir };
	struct archive		*a = NULL;
	struct cutting		 c = { f, path };
	int			 rc = -1;

	if (getcwd(cwd, sizeof(cwd)) == NULL)
		return (err_sys(e, ERR_LOCAL, "working directory"));
	if (str_fmt(dir, sizeof(dir), e, "%s/forge-%s", cwd, f->id))
		return (-1);
	if (mkdir(dir, 0700) == -1)
		return (err_sys(e, ERR_LOCAL, "%s", dir));
	if (archive_open(&a, &here, f->a->key, f->a->server, f->a->system_id,
	    e) == 0) {
		store_makes_base(a->store, 1);
		if (put(a, HEAD_PACK, path, size, e) == 0)
			rc = store_load(a->store, &path, 1, 65536, on_pack, &c,
			    e);
	}
	archive_free(a);
	return (rc);
}

static int
put_files(struct forging *f, struct err *e)
{
	char		 path[LAYOUT_PATH];
	uint64_t	 size = 0;

	if (is(f, "label"))
		return (0);
	if (put(f->a, HEAD_MANIFEST, layout_manifest(path, f->id),
	    &f->l->manifest_size, e))
		return (-1);
	(void)layout_pack(path, f->id, 1);
	if (is(f, "junk")) {
		size = strlen(TEXT);
		if (archive_publish(f->a, path, TEXT, size, e))
			return (-1);
	} else if (is(f, "cut") ? put_cut(f, path, &size, e) :
	    is(f, "whole") && put(f->a, HEAD_PACK, path, &size, e))
		return (-1);
	f->l->stored_size = f->l->manifest_size + size;
	return (0);
}

/* Its WAL, one segment, is rubbish as well. */
static int
put_wal(struct forging *f, struct err *e)
{
	const struct walname	 w = walname_at(1, START, SEGSIZE);
	char			 name[WALNAME_TEXT], path[LAYOUT_PATH];
	struct err		 was_there = ERR_INIT;
	uint64_t		 size;

	(void)snprintf(f->l->start_wal, LABEL_WALNAME, "%.24s",
	    walname_format(name, &w));
	memcpy(f->l->stop_wal, f->l->start_wal, LABEL_WALNAME);
	if (!is(f, "whole"))
		return (0);
	if (layout_wal(path, name, e))
		return (-1);
	if (put(f->a, HEAD_WAL, path, &size, &was_there) == 0 ||
	    was_there.kind == ERR_CONFLICT)
		return (0);
	return (err_set(e, was_there.kind, "%s", was_there.msg));
}

static int
forge(struct forging *f, uint64_t stopped, struct err *e)
{
	struct label	*l = f->l;

	(void)snprintf(l->id, sizeof(l->id), "%s", f->id);
	l->postgresql = 150010;
	l->stop_us = (int64_t)stopped * 1000000;
	l->start_us = l->stop_us - 1000000;
	l->timeline = 1;
	l->start_lsn = START;
	l->stop_lsn = START + 1000;
	l->wal_segment_size = SEGSIZE;
	l->chunk_size = 262144;
	return (label_refer(l, f->id, 1, 1, e) || put_files(f, e) ||
	    put_wal(f, e) || label_publish(l, f->a, e) ? -1 : 0);
}

static int
run(char *argv[], struct err *e)
{
	const struct conf_source source = { .config = argv[1] };
	struct forging		 f = { .id = argv[3], .form = argv[4] };
	struct server_conf	 conf = { 0 };
	struct store_conf	 store;
	struct key		*key = NULL;
	uint64_t		 id, stopped;
	int			 rc = -1;

	if (conf_load(&conf, &source, e) || role_key(&key, &conf, KEY_PUSH, e))
		goto out;
	store = conf_store(&conf);
	if (parse_u64(argv[2], 1, UINT64_MAX, &id, "SYSTEMID", e) ||
	    parse_u64(argv[5], 2, INT64_MAX / 1000000, &stopped, "STOPPED",
	    e) || archive_open(&f.a, &store, key, conf.name, id, e) ||
	    label_new(&f.l, e) || forge(&f, stopped, e))
		goto out;
	rc = 0;
out:
	label_free(f.l);
	archive_free(f.a);
	key_free(key);
	conf_free(&conf);
	return (rc);
}

int
main(int argc, char *argv[])
{
	struct err	 e = ERR_INIT;

	if (argc != 6 || !layout_id_ok(argv[3])) {
		(void)fprintf(stderr, "usage: forge CONF SYSTEMID ID FORM "
		    "STOPPED\n");
		return (2);
	}
	if (run(argv, &e)) {
		(void)fprintf(stderr, "forge: %s\n", e.msg);
		return (1);
	}
	return (0);
}
