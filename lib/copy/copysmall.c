/* SPDX-License-Identifier: ISC */
/* Small files: read whole, checked, and published with the same bytes. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "catalogue/pin.h"
#include "copy/copysmall.h"
#include "copy/vouchednames.h"
#include "crypt/sign.h"
#include "repo/layout.h"

/* Read a file of at most "max" bytes; 1 if there is none. */
struct loaded {
	uint8_t	*p;		/* owned */
	size_t	 n;
	int	 missing;
};

static int
on_loaded(void *arg, size_t i, const uint8_t *data, size_t n, struct err *e)
{
	struct loaded	*l = arg;

	(void)i;
	if ((l->missing = data == NULL) != 0)
		return (0);
	if ((l->p = malloc(n + 1)) == NULL)
		return (err_sys(e, ERR_LOCAL, "copy"));
	memcpy(l->p, data, n);
	l->n = n;
	return (0);
}

static int
load(struct loaded *l, struct archive *a, const char *path, size_t max,
    struct err *e)
{
	*l = (struct loaded){ .n = 0 };
	if (store_load(a->store, &path, 1, max, on_loaded, l, e))
		return (-1);
	return (l->missing);
}

/*
 * STATE/SERVER/SYSTEMID/copied-HEX: a file for each repository that was copied
 * to.  It is found by the address alone, since a bare mount point has no id.
 */
static int
memory_path(char path[PATH_MAX], const struct archive *to,
    const char *state_dir, struct err *e)
{
	const char	*address = store_name(to->store);
	char		 dir[PATH_MAX], name[48], hex[33];
	uint8_t		 hash[HASH_LEN];

	hash_of(hash, address, strlen(address));
	return (layout_state(dir, state_dir, to->server, to->system_id, e) ||
	    str_fmt(name, sizeof(name), e, "copied-%s", str_hex(hex, hash,
	    16)) || path_join(path, PATH_MAX, dir, name, e) ? -1 : 0);
}

static int
remember(const char *path, const char *suffix, const struct archive *to,
    struct err *e)
{
	char	 dir[PATH_MAX], file[PATH_MAX], text[PATH_MAX];

	if (str_fmt(dir, sizeof(dir), e, "%.*s",
	    (int)(path_base(path) - path - 1), path) ||
	    str_fmt(file, sizeof(file), e, "%s%s", path, suffix) ||
	    str_fmt(text, sizeof(text), e, "%s\n", store_name(to->store)) ||
	    io_mkdirs(dir, 0700, e) ||
	    io_save(file, 0600, text, strlen(text), 1, e))
		return (err_ctx(e, "state_dir must be writable to begin a "
		    "copy"));
	if (*suffix != '\0')
		(void)unlink(file);	/* nobody reads it: no harm if left */
	return (0);
}

static int
read_marker(struct marker *m, struct loaded *l, struct archive *a,
    struct err *e)
{
	int	 rc;

	if ((rc = load(l, a, LAYOUT_MARKER, MARKER_MAX, e)) != 0)
		return (rc);
	return (marker_parse(m, l->p, l->n, a, e) == -1 ?
	    err_ctx(e, "%s", store_name(a->store)) : 0);
}

/* Publish FROM's marker in TO, which this host has not copied to before. */
static int
begin(struct archive *to, const struct loaded *l, const char *path,
    struct err *e)
{
	struct err	 why = ERR_INIT;
	char		*text = NULL;
	size_t		 n;
	int		 rc;

	if ((rc = io_load(path, PATH_MAX, &text, &n, e)) == -1)
		return (-1);
	free(text);
	if (rc == 0)
		return (err_set(e, ERR_REMOTE, "%s: server %s was copied there "
		    "from this host, and now there is no file \"%s\"; is its "
		    "disk mounted? to begin anew there, remove %s",
		    store_name(to->store), to->server, LAYOUT_MARKER, path));
	/*
	 * First it is seen that the memory can be written.  A crash behind the
	 * marker leaves it out, and the next copy writes it.
	 */
	if (remember(path, ".new", to, e))
		return (-1);
	store_makes_base(to->store, 1);
	rc = archive_publish(to, LAYOUT_MARKER, l->p, l->n, &why);
	store_makes_base(to->store, 0);
	if (rc == -1 && why.kind != ERR_CONFLICT)
		return (err_set(e, why.kind, "%s", why.msg));
	return (remember(path, "", to, e) ? -1 : rc == -1);
}

int
copysmall_marker(struct archive *to, struct archive *from,
    const struct copy_conf *c, struct err *e)
{
	struct loaded	 lf = { .n = 0 }, lt = { .n = 0 };
	struct marker	 mf, mt;
	struct err	 why = ERR_INIT;
	char		 path[PATH_MAX];
	int		 r, rc = -1;

	if ((r = read_marker(&mf, &lf, from, e)) == 1)
		err_set(e, ERR_REMOTE, "%s: no file \"%s\" of server %s; is "
		    "its disk mounted?", store_name(from->store),
		    LAYOUT_MARKER, from->server);
	if (r != 0 || memory_path(path, to, c->state_dir, e) ||
	    (r = read_marker(&mt, &lt, to, e)) == -1 ||
	    (r == 1 && (r = begin(to, &lf, path, e)) == -1))
		goto out;
	if (r == 1 && read_marker(&mt, &lt, to, e) != 0) {
		err_set(e, ERR_REMOTE, "%s: the marker came and went",
		    store_name(to->store));
		goto out;
	}
	if (lt.p != NULL && remember(path, "", to, &why))
		err_clear(&why);	/* it was begun: this must not fail */
	if (lt.p != NULL && mt.wal_segment_size != mf.wal_segment_size) {
		err_set(e, ERR_CONFLICT, "%s has segments of %llu bytes, %s of "
		    "%llu", store_name(from->store),
		    (unsigned long long)mf.wal_segment_size,
		    store_name(to->store),
		    (unsigned long long)mt.wal_segment_size);
		goto out;
	}
	rc = 0;
out:
	free(lf.p);
	free(lt.p);
	return (rc);
}

/* What was checked is what is published: the two lines, then the entries. */
static int
publish_inventory(struct archive *to, const char *path,
    const struct inventoryfile *r, struct err *e)
{
	struct store_put	*put = NULL;
	struct err		 why = ERR_INIT;
	int			 rc = -1;

	if (store_put_open(&put, to->store, path, 0, &why) == 0 &&
	    store_put_write(put, r->front, r->at, &why) == 0 &&
	    (r->entries == 0 || store_put_write(put, r->entry,
	    (size_t)r->entries * HASH_LEN, &why) == 0))
		rc = store_put_publish(put, "", &why);
	store_put_free(put);
	if (rc == -1 && why.kind != ERR_CONFLICT)
		return (err_set(e, why.kind, "%s: %s", path, why.msg));
	return (rc == 0 ? 0 : 1);
}

static int
copy_inventory(struct archive *to, struct archive *from, const char *path,
    struct copy_sum *sum, struct err *e)
{
	struct inventoryfile	 r = { .n = 0 };
	int			 rc = vouchednames_read(&r, from, path, e);

	if (rc == 0 && (rc = publish_inventory(to, path, &r, e)) == 0) {
		sum->objects++;
		sum->bytes += r.at + r.entries * HASH_LEN;
	}
	inventoryfile_fini(&r);
	return (rc == -1 ? -1 : 0);
}

int
copysmall_vouched(struct archive *to, struct archive *from,
    struct copy_sum *sum, struct err *e)
{
	struct vouchednames	 f = { .n = 0 }, t = { .n = 0 };
	size_t			 i;
	int			 rc = -1;

	if (vouchednames_list(&f, from, e) ||
	    (f.n > 0 && vouchednames_list(&t, to, e)))
		goto out;
	for (i = 0; i < f.n; i++)
		if (!vouchednames_has(&t, f.v[i]) &&
		    copy_inventory(to, from, f.v[i], sum, e))
			goto out;
	rc = 0;
out:
	vouchednames_fini(&f);
	vouchednames_fini(&t);
	return (rc);
}

int
copysmall_label(struct archive *to, struct archive *from,
    const struct label *l, struct err *e)
{
	struct loaded	 f = { .n = 0 }, t = { .n = 0 };
	struct err	 why = ERR_INIT;
	char		 path[LAYOUT_PATH];
	uint8_t		 hash[HASH_LEN];
	int		 rc;

	(void)layout_label(path, l->id);
	if ((rc = load(&f, from, path, SIGN_MAX, e)) != 0)
		goto out;
	hash_of(hash, f.p, f.n);
	if (memcmp(hash, l->file_hash, HASH_LEN) != 0)
		rc = 1;
	else if ((rc = archive_publish(to, path, f.p, f.n, &why)) == -1 &&
	    why.kind != ERR_CONFLICT)
		err_set(e, why.kind, "%s: %s", path, why.msg);
	else if (rc == -1 && (rc = load(&t, to, path, SIGN_MAX, e)) == 0 &&
	    (t.n != f.n || memcmp(t.p, f.p, f.n) != 0))
		rc = err_set(e, ERR_CONFLICT, "%s has another label",
		    store_name(to->store));
out:
	free(f.p);
	free(t.p);
	return (rc);
}

int
copysmall_pin(struct archive *to, struct archive *from, const char *id,
    struct err *e)
{
	struct loaded	 f = { .n = 0 }, label = { .n = 0 };
	struct err	 why = ERR_INIT;
	struct pin	 pin;
	char		 path[LAYOUT_PATH];
	int		 rc;

	if ((rc = load(&label, to, layout_label(path, id), SIGN_MAX, e)) == 0)
		rc = load(&f, from, layout_withdrawn(path, id), SIGN_MAX, e);
	if (rc == 0) {
		pin_judge(&pin, f.p, f.n, id, from);
		if (pin.kind == PIN_SET &&
		    archive_publish(to, path, f.p, f.n, &why) == -1 &&
		    why.kind != ERR_CONFLICT)
			rc = err_set(e, why.kind, "%s: %s", path, why.msg);
	}
	free(label.p);
	free(f.p);
	return (rc == -1 ? -1 : 0);
}
