/* SPDX-License-Identifier: ISC */
/*
 * Directories and names on an SFTP server.
 *
 * Listings are what catalogue and expiry wait for.  A repository has many
 * directories with few names, and each costs three answers in a row (open,
 * names, end), so LISTS of them are under way at a time.  READDIR has no
 * position: several may be sent for one handle, and each brings further names
 * until one says that there are no more.
 */
#include <stdlib.h>
#include <string.h>

#include "store/dirsync.h"
#include "store/sftp_dir.h"
#include "store/sftp_rename.h"
#include "store/sftp_server.h"

#define LISTS		96		/* directories read at a time */
#define SETTLES		16		/* in one flight */
#define READDIRS	4		/* of each; OpenSSH gives 100 names */
#define READDIRS_MANY	64		/* of one with many names */
#define NAME_LONGEST	255
#define REMOVES		128		/* under way at a time */

struct lists {
	struct sftp	*c;
	const char	*const *paths;
	const struct store_listing *to;
	struct err	*e;		/* of "each" */
	int		 stopped;	/* "each" has failed */
};

/* One directory; "all" is NULL where none is under way. */
struct list {
	struct lists		*all;
	size_t			 i;		/* its index, for "each" */
	struct ask		 open;
	unsigned		 reading;	/* READDIRs under way */
	unsigned		 answers;	/* with names */
	uint32_t		 names;		/* so far */
	int			 end;		/* READDIR has said so */
	int			 closed;	/* "each" knows of it, too */
	struct wire_status	 failed;
};

/* Hand one entry over, unless "each" has stopped. */
static void
hand_over(struct list *l, const struct wire_entry *w)
{
	struct store_entry	 entry;
	char			 name[NAME_LONGEST + 1];

	if (l->all->stopped || (w->n == 1 && w->name[0] == '.') ||
	    (w->n == 2 && w->name[0] == '.' && w->name[1] == '.'))
		return;
	memcpy(name, w->name, w->n);
	name[w->n] = '\0';
	entry.name = name;
	entry.size = w->attrs.size;
	entry.mtime = w->attrs.mtime;
	entry.is_dir = w->is_dir;
	if (l->all->to->each(l->all->to->arg, l->i, &entry, 0, l->all->e))
		l->all->stopped = 1;
}

/*
 * Take an answer with names.  A name becomes part of paths, so one with a
 * slash or a NUL would lead elsewhere; no honest server has one.
 */
static int
on_names(struct list *l, struct bytes *b, struct err *e)
{
	struct wire_entry	 w;
	uint32_t		 i, n;

	l->answers++;
	n = wire_get_count(b);
	for (i = 0; i < n; i++) {
		if (wire_get_entry(b, &w) || w.n == 0 ||
		    w.n > NAME_LONGEST || memchr(w.name, '\0', w.n) != NULL ||
		    memchr(w.name, '/', w.n) != NULL)
			return (err_set(e, ERR_REMOTE,
			    "a damaged list of names"));
		if (++l->names > l->all->c->names_max)
			return (err_set(e, ERR_REMOTE, "a directory of more "
			    "than %u names: \"%s\"; find out who made them, "
			    "and remove those that are not needed",
			    (unsigned)l->all->c->names_max,
			    l->all->paths[l->i]));
		hand_over(l, &w);
	}
	/* An answer without names would make us ask for ever. */
	if (n == 0 || !bytes_ok(b))
		return (err_set(e, ERR_REMOTE, "a damaged list of names"));
	return (0);
}

static int
on_readdir(void *arg, uint8_t type, struct bytes *b, struct err *e)
{
	struct list		*l = arg;
	struct wire_status	 st;

	l->reading--;
	if (type == WIRE_NAME)
		return (on_names(l, b, e));
	if (type != WIRE_STATUS || wire_get_status(b, &st) ||
	    st.code == WIRE_OK)
		return (err_set(e, ERR_REMOTE,
		    "an answer of type %u to a listing, or damaged", type));
	l->end = 1;
	if (st.code != WIRE_EOF && l->failed.code == WIRE_OK)
		l->failed = st;
	return (0);
}

static int
ask_names(struct sftp *c, struct list *l, struct err *e)
{
	uint8_t			 buf[WIRE_HEAD + 4 + WIRE_HANDLEMAX];
	struct bytes_out	 o;

	wire_begin(&o, buf, sizeof(buf), WIRE_READDIR);
	wire_put_handle(&o, &l->open.handle);
	l->reading++;
	return (request_send(c->r, o.p, o.n, on_readdir, l, e));
}

/*
 * Most directories end within the first few answers.  One that does not is
 * large: so many READDIRs are kept under way for it that round trips don't
 * matter.
 */
static unsigned
readdirs(const struct list *l)
{
	return (l->answers < READDIRS ? READDIRS : READDIRS_MANY);
}

/*
 * The server refuses to open or to read a directory.  That is the end, unless
 * the caller takes it.
 */
static int
unlisted(struct sftp *c, struct list *l, const char *verb, const char *path,
    const struct wire_status *status, struct err *e)
{
	const struct store_listing	*to = l->all->to;
	struct err			 why = ERR_INIT;

	sftp_server_fail(c, verb, path, status, &why);
	if (to->unlisted == NULL || why.kind == ERR_LOCAL)
		return (err_set(e, why.kind, "%s", why.msg));
	return (to->unlisted(to->arg, l->i, &why, e));
}

/*
 * Send what may be sent for one directory; *done once it was read to its end,
 * which "each" then learns.
 */
static int
advance(struct sftp *c, struct list *l, const char *path, int *done,
    struct err *e)
{
	const struct store_listing	*to = l->all->to;
	int				 missing;

	*done = 0;
	if (l->open.waiting)
		return (0);
	missing = l->open.status.code == WIRE_NO_SUCH_FILE;
	if (l->open.status.code != WIRE_OK && !missing) {
		*done = 1;
		return (unlisted(c, l, "open directory", path,
		    &l->open.status, e));
	}
	/* READDIRs behind the end cost nothing: they are answered at once. */
	while (!missing && !l->end && l->reading < readdirs(l))
		if (ask_names(c, l, e))
			return (-1);
	if (l->reading > 0)
		return (0);
	*done = 1;
	if (!missing && ask_handle(c->r, WIRE_CLOSE, &l->open.handle, NULL,
	    e))
		return (-1);
	l->closed = 1;
	if (l->failed.code != WIRE_OK)
		return (unlisted(c, l, "read directory", path, &l->failed,
		    e));
	return (to->each(to->arg, l->i, NULL, missing, e));
}

/* Give a listing up: take its answers, close its handle. */
static void
drain(struct sftp *c, struct list *l)
{
	struct err	 e = ERR_INIT;

	ask_drain(&l->open);
	while (l->reading > 0 && !request_broken(c->r))
		if (request_wait(c->r, &e))
			return;
	if (!l->closed && l->open.r != NULL && !l->open.waiting &&
	    l->open.status.code == WIRE_OK && !request_broken(c->r) &&
	    ask_handle(c->r, WIRE_CLOSE, &l->open.handle, NULL, &e))
		err_clear(&e);		/* lost: nothing to close */
}

static int
begin(struct sftp *c, struct list *l, struct lists *all, size_t i,
    const char *path, struct err *e)
{
	char	 full[STORE_PATHMAX];

	memset(l, 0, sizeof(*l));
	l->all = all;
	l->i = i;
	if (backend_full(&c->base, path, full, e))
		return (-1);
	return (ask_path(c->r, WIRE_OPENDIR, full, &l->open, e));
}

/* Visit each place once: advance its directory, or begin the next one. */
static int
round_of_lists(struct sftp *c, struct list *place, struct lists *all,
    const char *const *paths, size_t n, size_t *next, size_t *open,
    struct err *e)
{
	struct list	*l;
	int		 done;

	for (l = place; l < place + LISTS; l++) {
		if (all->stopped)
			return (-1);
		if (l->all != NULL) {
			if (advance(c, l, paths[l->i], &done, e))
				return (-1);
			if (!done)
				continue;
			l->all = NULL;
			(*open)--;
		}
		if (*next == n)
			continue;
		if (begin(c, l, all, *next, paths[*next], e))
			return (-1);
		(*next)++;
		(*open)++;
	}
	return (0);
}

int
sftp_dir_list(struct store *s, const char *const *paths, size_t n,
    const struct store_listing *to, struct err *e)
{
	struct sftp	*c = (struct sftp *)s;
	struct lists	 all = { c, paths, to, e, 0 };
	struct list	*place;
	size_t		 i, next = 0, open = 0;
	int		 rc = -1;

	if ((place = calloc(LISTS, sizeof(*place))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list directories"));
	do {
		if (round_of_lists(c, place, &all, paths, n, &next, &open,
		    e))
			goto out;
		if (open > 0 && request_wait(c->r, e))
			goto out;
	} while (next < n || open > 0);
	rc = 0;
out:
	for (i = 0; i < LISTS; i++)
		if (place[i].all != NULL)
			drain(c, &place[i]);
	free(place);
	return (rc);
}

static int
sync_names(struct sftp *c, const char *a, const char *b, struct err *e)
{
	struct dirsync	*da = NULL, *db = NULL;
	int		 rc = -1;

	if (dirsync_open(&da, c, a, e) || dirsync_open(&db, c, b, e) ||
	    dirsync_send(da, e) || dirsync_send(db, e) ||
	    dirsync_check(da, e) || dirsync_check(db, e))
		goto out;
	rc = 0;
out:
	dirsync_free(da);
	dirsync_free(db);
	return (rc);
}

/* Two flights for all of them, however many they are. */
static int
settle_some(struct sftp *c, const char *const *paths, size_t n,
    struct err *e)
{
	struct dirsync	*d[SETTLES] = { NULL };
	char		 full[STORE_PATHMAX];
	size_t		 i;
	int		 rc = 0;

	for (i = 0; rc == 0 && i < n; i++)
		rc = backend_full(&c->base, paths[i], full, e) ||
		    dirsync_open(&d[i], c, full, e) ? -1 : 0;
	for (i = 0; rc == 0 && i < n; i++)
		rc = dirsync_send(d[i], e);
	for (i = 0; rc == 0 && i < n; i++)
		rc = dirsync_check(d[i], e);
	for (i = 0; i < n; i++)
		dirsync_free(d[i]);
	return (rc);
}

int
sftp_dir_settle(struct store *s, const char *const *paths, size_t n,
    struct err *e)
{
	size_t	 i, k;

	for (i = 0; i < n; i += k) {
		k = n - i < SETTLES ? n - i : SETTLES;
		if (settle_some((struct sftp *)s, paths + i, k, e))
			return (-1);
	}
	return (0);
}

int
sftp_dir_rename(struct store *s, const char *from, const char *to,
    struct err *e)
{
	struct sftp	*c = (struct sftp *)s;
	struct ask	 a;
	int		 r;

	if (request_meet(c->r, e))
		return (-1);
	/* RENAME of version 3 may not replace; OpenSSH links and unlinks. */
	if ((!c->in_order || !c->can.hardlink) && sftp_rename_proved(c, e))
		return (-1);
	if (sftp_server_mkdirs(c, to, e) || ask_rename(c->r, from, to, &a, e) ||
	    ask_wait(&a, e))
		return (-1);
	if (a.status.code == WIRE_OK)
		return (sync_names(c, to, from, e));
	if (a.status.code == WIRE_NO_SUCH_FILE)
		return (err_set(e, ERR_ABSENT, "rename %s: no such file on "
		    "%s", from, c->host));
	/*
	 * "Failure" also means that "to" exists; look.  A server that denies
	 * permission would have done so either way.
	 */
	if ((r = sftp_server_exists(c, to, e)) == -1)
		return (-1);
	if (r == 0 && a.status.code != WIRE_PERMISSION_DENIED)
		return (err_set(e, ERR_CONFLICT, "%s exists already on %s",
		    to, c->host));
	return (sftp_server_fail(c, "rename", from, &a.status, e));
}

static int
removed(struct sftp *c, enum wire_type type, const char *path,
    struct ask *a, struct err *e)
{
	char	 full[STORE_PATHMAX];

	if (a->status.code == WIRE_OK ||
	    a->status.code == WIRE_NO_SUCH_FILE)
		return (0);
	/* SFTP has no status for "not empty", which is no error here. */
	if (type == WIRE_RMDIR && a->status.code == WIRE_FAILURE)
		return (0);
	if (backend_full(&c->base, path, full, e))
		return (-1);
	return (sftp_server_fail(c, type == WIRE_RMDIR ? "remove directory" :
	    "remove", full, &a->status, e));
}

/*
 * Remove files or directories, REMOVES of them under way.  Directories must
 * go in the order given, the lower ones first: one at a time if the server
 * may work on several at once.
 */
static int
remove_all(struct sftp *c, enum wire_type type, const char *const *paths,
    size_t n, struct err *e)
{
	struct ask	*a;
	char		 full[STORE_PATHMAX];
	size_t		 i, sent = 0, flight;
	int		 rc = 0;

	flight = type == WIRE_RMDIR && !c->in_order ? 1 : REMOVES;
	if ((a = calloc(REMOVES, sizeof(*a))) == NULL)
		return (err_sys(e, ERR_LOCAL, "remove"));
	for (i = 0; i < n; i++) {
		for (; sent < n && sent < i + flight; sent++)
			if (backend_full(&c->base, paths[sent], full, e) ||
			    ask_path(c->r, type, full, &a[sent % REMOVES],
			    e)) {
				rc = -1;
				goto out;
			}
		if (ask_wait(&a[i % REMOVES], e)) {
			rc = -1;
			goto out;
		}
		if (removed(c, type, paths[i], &a[i % REMOVES], e))
			rc = -1;	/* the others are still tried */
	}
out:
	for (i = 0; i < REMOVES; i++)
		ask_drain(&a[i]);
	free(a);
	return (rc);
}

int
sftp_dir_remove(struct store *s, const char *const *paths, size_t n,
    struct err *e)
{
	return (remove_all((struct sftp *)s, WIRE_REMOVE, paths, n, e));
}

int
sftp_dir_rmdir(struct store *s, const char *const *paths, size_t n,
    struct err *e)
{
	return (remove_all((struct sftp *)s, WIRE_RMDIR, paths, n, e));
}

int
sftp_dir_mkdir(struct store *s, const char *path, struct err *e)
{
	struct sftp	*c = (struct sftp *)s;
	struct ask	 a;
	int		 r;

	if (sftp_server_mkdirs(c, path, e) ||
	    ask_path(c->r, WIRE_MKDIR, path, &a, e) || ask_wait(&a, e))
		return (-1);
	if (a.status.code == WIRE_OK)
		return (0);
	if ((r = sftp_server_exists(c, path, e)) == -1)
		return (-1);
	if (r == 0)
		return (err_set(e, ERR_CONFLICT, "%s exists already on %s",
		    path, c->host));
	return (sftp_server_fail(c, "create directory", path, &a.status, e));
}
