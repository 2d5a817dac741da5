/* SPDX-License-Identifier: ISC */
/*
 * Writing an export.  The list of its objects comes first and binds: an object
 * that is not as it was listed ends the export.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "copy/copyproof.h"
#include "copy/exportrun.h"
#include "copy/exportsmall.h"
#include "repo/outage.h"

#define STEP	((size_t)64 * 1024)
#define AHEAD	4		/* objects asked for; each may hold STORE_AHEAD
				   bytes of memory */

struct run {
	const struct exportrun_conf *c;
	struct exportrun_sum *sum;
	struct sink	*to;		/* borrowed */
	struct archive	*a;		/* owned */
	struct copyside	 from;
	struct copyplan	 plan;
	struct exportsmall small;
	char		*text;		/* owned: the first member */
	struct exportform form;		/* what a reader makes of it */
	struct copyitem	**item;		/* owned: WAL, then packs */
	size_t		 n;
	struct store_get *get[AHEAD];	/* of items "at" to "at" + AHEAD */
	size_t		 at;		/* the item that is written */
	uint64_t	 pos;		/* bytes of it that were read */
	struct copyproof proof;
	struct outage	 outage;
};

static int
write_bytes(struct run *r, const void *p, size_t n, struct err *e)
{
	r->sum->size += n;
	return (sink_write(r->to, p, n, e));
}

static int
write_padding(struct run *r, uint64_t size, struct err *e)
{
	static const uint8_t	 zeros[EXPORTFORM_BLOCK];

	return (write_bytes(r, zeros, exportform_padding(size), e));
}

/* Ask for the item "at" + "k", from the first byte that is not there yet. */
static int
ask(struct run *r, size_t k, struct err *e)
{
	struct store_get	**g = &r->get[(r->at + k) % AHEAD];

	if (r->at + k >= r->n)
		return (0);
	if (*g == NULL && (store_get_open(g, r->a->store,
	    r->item[r->at + k]->path, e) || store_get_ask(*g, k == 0 ?
	    r->pos : 0, STORE_TO_END, e)))
		return (-1);
	(void)store_get_ready(*g);
	return (0);
}

static void
drop(struct run *r)
{
	size_t	 i;

	for (i = 0; i < AHEAD; i++) {
		store_get_free(r->get[i]);
		r->get[i] = NULL;
	}
}

/* The next bytes of the item; *n is less than STEP at its end. */
static int
take_once(struct run *r, uint8_t *buf, size_t *n, struct err *e)
{
	size_t	 k;
	int	 rc;

	for (k = 0; k < AHEAD; k++)
		if (ask(r, k, e))
			return (-1);
	rc = store_get_take(r->get[r->at % AHEAD], buf, STEP, n, e);
	return (rc == 1 ? err_set(e, ERR_ABSENT, "it has gone since it was "
	    "listed") : rc);
}

static int
reconnect(struct run *r, struct err *e)
{
	const struct exportrun_conf	*c = r->c;

	drop(r);
	archive_free(r->a);
	r->a = NULL;
	return (archive_open(&r->a, c->from, c->key, c->server, c->system_id,
	    e));
}

/* The same, over another connection where one was lost. */
static int
take(struct run *r, uint8_t *buf, size_t *n, struct err *e)
{
	struct err	 why;

	for (;;) {
		why = (struct err)ERR_INIT;
		if ((r->a != NULL || reconnect(r, &why) == 0) &&
		    take_once(r, buf, n, &why) == 0) {
			r->outage.in_vain = 0;
			r->pos += *n;
			return (0);
		}
		drop(r);
		archive_free(r->a);
		r->a = NULL;
		if (err_of_one_file(&why) || !outage_over(&r->outage, &why))
			break;
	}
	return (err_set(e, why.kind == ERR_ABSENT ? ERR_REMOTE : why.kind,
	    "%s: %s", r->item[r->at]->path, why.msg));
}

/* All bytes of the item, and their proof. */
static int
write_object(struct run *r, struct err *e)
{
	const struct copyitem	*it = r->item[r->at];
	struct copyproof	*p = &r->proof;
	uint8_t			 buf[STEP];
	size_t			 n, head;

	r->pos = 0;
	if (take(r, buf, &n, e))
		return (-1);
	if (copyproof_head(p, r->a, it, buf, n, e))
		return (err_ctx(e, "%s", it->path));
	for (head = p->head.len;; head = 0) {
		if (copyproof_add(p, buf + head, n - head, e))
			return (err_ctx(e, "%s", it->path));
		if (write_bytes(r, buf, n, e))
			return (-1);
		r->sum->bytes += n;
		r->c->progress(r->c->arg, r->sum->size, r->form.end);
		if (n < STEP)
			break;
		if (take(r, buf, &n, e))
			return (-1);
	}
	return (copyproof_end(p, e) ? err_ctx(e, "%s", it->path) : 0);
}

static int
write_objects(struct run *r, struct err *e)
{
	uint8_t	 block[EXPORTFORM_BLOCK];
	int	 rc;

	for (r->at = 0; r->at < r->n; r->at++) {
		exportform_header(block, &r->form, r->form.small + r->at);
		if (write_bytes(r, block, sizeof(block), e))
			return (-1);
		rc = write_object(r, e);
		copyproof_fini(&r->proof);
		if (rc == -1 || write_padding(r, r->item[r->at]->size, e))
			return (-1);
		store_get_free(r->get[r->at % AHEAD]);
		r->get[r->at % AHEAD] = NULL;
		r->sum->files++;
	}
	return (0);
}

/* The first member and the small files. */
static int
write_front(struct run *r, struct err *e)
{
	uint8_t				 block[EXPORTFORM_BLOCK];
	const struct exportsmall_file	*f;
	size_t				 i;

	exportform_first(block, r->form.text_size);
	if (write_bytes(r, block, sizeof(block), e) ||
	    write_bytes(r, r->text, r->form.text_size, e) ||
	    write_padding(r, r->form.text_size, e))
		return (-1);
	for (i = 0; i < r->small.n; i++) {
		f = &r->small.v[i];
		exportform_header(block, &r->form, i);
		if (write_bytes(r, block, sizeof(block), e) ||
		    write_bytes(r, f->p, f->n, e) ||
		    write_padding(r, f->n, e))
			return (-1);
		r->sum->files++;
		r->sum->bytes += f->n;
	}
	return (0);
}

static int
add_items(struct run *r, struct exportform *f, struct copyitem_list *l,
    struct err *e)
{
	size_t	 i;

	for (i = 0; i < l->n; i++) {
		if (exportform_add(f, l->v[i].path, l->v[i].size, e))
			return (-1);
		r->sum->wal += l->v[i].kind == HEAD_WAL;
		if (l->v[i].kind == HEAD_WAL &&
		    l->v[i].wal.kind == WALNAME_SEGMENT)
			(void)walname_format(r->sum->last, &l->v[i].wal);
		r->item[r->n++] = &l->v[i];
	}
	return (0);
}

static int
make_text(struct run *r, struct exportform *f, size_t *n, struct err *e)
{
	const struct exportplan_want	*want = &r->c->want;
	size_t				 i;

	if (str_fmt(f->server, sizeof(f->server), e, "%s", r->c->server) ||
	    str_fmt(f->backup, sizeof(f->backup), e, "%s", want->id))
		return (-1);
	f->system_id = r->c->system_id;
	f->made_s = clock_now_us() / 1000000;
	f->until = want->until;
	f->until_us = want->until_us;
	for (i = 0; i < r->small.n; i++)
		if (exportform_add(f, r->small.v[i].path, r->small.v[i].n, e))
			return (-1);
	r->item = calloc(r->plan.wal.n + r->plan.packs.n + 1,
	    sizeof(*r->item));
	if (r->item == NULL)
		return (err_sys(e, ERR_LOCAL, "export"));
	if (add_items(r, f, &r->plan.wal, e) ||
	    add_items(r, f, &r->plan.packs, e))
		return (-1);
	return (exportform_text(f, &r->text, n, e));
}

/* The list of all, as every reader will read it. */
static int
list(struct run *r, struct err *e)
{
	struct exportform	 f = { .n = 0 };
	char			*copy;
	size_t			 n;
	int			 rc;

	rc = make_text(r, &f, &n, e);
	exportform_fini(&f);
	if (rc == -1)
		return (-1);
	if ((copy = malloc(n + 1)) == NULL)
		return (err_sys(e, ERR_LOCAL, "export"));
	memcpy(copy, r->text, n);
	return (exportform_parse(&r->form, copy, n, e));
}

static int
make(struct run *r, struct err *e)
{
	static const uint8_t	 zeros[2 * EXPORTFORM_BLOCK];
	const struct label	*l;

	if (reconnect(r, e))
		return (-1);
	r->from.a = r->a;
	if (copyside_load(&r->from, e) ||
	    exportplan_make(&r->plan, &l, &r->from, &r->c->want, e) ||
	    exportsmall_load(&r->small, r->a, l, e) ||
	    list(r, e))
		return (-1);
	if (r->from.index.nopen > 0 && r->c->want.until != EXPORTFORM_IMMEDIATE)
		r->c->note(r->c->arg, "WAL that is still being streamed is not "
		    "exported");
	return (write_front(r, e) || write_objects(r, e) ||
	    write_bytes(r, zeros, sizeof(zeros), e) ? -1 : 0);
}

int
exportrun(struct exportrun_sum *sum, const struct exportrun_conf *c,
    struct sink *to, struct err *e)
{
	struct run	 r = { .c = c, .sum = sum, .to = to, .outage = {
	    .store = c->from, .for_ms = c->retry_ms, .note = c->note,
	    .arg = c->arg } };
	int		 rc;

	memset(sum, 0, sizeof(*sum));
	rc = make(&r, e);
	drop(&r);
	free(r.item);
	free(r.text);
	exportform_fini(&r.form);
	exportsmall_fini(&r.small);
	copyplan_fini(&r.plan);
	copyside_fini(&r.from);
	archive_free(r.a);
	return (rc);
}
