/* SPDX-License-Identifier: ISC */
/* What a copy prints. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "show/show.h"
#include "show/showcopy.h"
#include "tool/tool.h"

int
showcopy_open(struct showcopy *s, struct err *e)
{
	return (s->json ? jval_list(&s->all, e) : 0);
}

int
showcopy_begin(struct showcopy *s, struct err *e)
{
	s->progress = progress_begin(s->program, "copied",
	    &s->want);
	return (s->json ? jval_list(&s->now, e) : 0);
}

static int
finding_json(struct jval *list, const char *path, const char *why,
    struct err *e)
{
	struct jval	*j = NULL;

	if (jval_object(&j, e))
		return (-1);
	if (show_json_text(j, "object", path, e) ||
	    show_json_text(j, "found", why, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

/* Whether it was printed by an earlier pass; without memory, not. */
static int
is_told(struct showcopy *s, const char *path, const char *why)
{
	uint8_t	 two[2][HASH_LEN], hash[HASH_LEN];
	size_t	 i;
	void	*p;

	hash_of(two[0], path, strlen(path));
	hash_of(two[1], why, strlen(why));
	hash_of(hash, two, sizeof(two));
	for (i = 0; i < s->ntold; i++)
		if (memcmp(s->told[i], hash, HASH_LEN) == 0)
			return (1);
	if ((p = reallocarray(s->told, s->ntold + 1, sizeof(*s->told))) !=
	    NULL) {
		s->told = p;
		memcpy(s->told[s->ntold++], hash, HASH_LEN);
	}
	return (0);
}

int
showcopy_finding(void *arg, const char *path, const char *why, struct err *e)
{
	struct showcopy	*s = arg;
	char		 a[SHOW_CLEAN], b[SHOW_CLEAN];

	s->findings = 1;
	if (s->json)
		return (finding_json(s->now, path, why, e));
	if (is_told(s, path, why))
		return (0);
	progress_end(&s->progress);
	(void)printf("%s: %s\n", show_clean(a, path), show_clean(b, why));
	return (0);
}

void
showcopy_note(void *arg, const char *text)
{
	const struct showcopy	*s = arg;

	progress_end(&s->progress);
	tool_note(s->program, "%s", text);
}

void
showcopy_progress(void *arg, uint64_t bytes, uint64_t total)
{
	struct showcopy	*s = arg;

	progress_show(&s->progress, bytes, total > bytes ? total : 0);
}

static void
print(const struct copy_conf *c, const struct copy_sum *m)
{
	char	 a[PROGRESS_SIZE], b[PROGRESS_SIZE];

	(void)printf("server %s, cluster %" PRIu64 ": %" PRIu64 " object%s "
	    "(%s) copied, %" PRIu64 " (%s) there already; %" PRIu64
	    " backup%s new there, %" PRIu64 " there already", c->server,
	    c->system_id, m->objects, str_plural(m->objects),
	    progress_size(a, m->bytes), m->there,
	    progress_size(b, m->there_bytes), m->backups,
	    str_plural(m->backups), m->backups_there);
	if (m->late > 0)
		(void)printf(", %" PRIu64 " not complete", m->late);
	if (m->expired > 0)
		(void)printf(", %" PRIu64 " being deleted there by expiry",
		    m->expired);
	(void)printf(": %" PRIu64 " finding%s\n", m->findings,
	    str_plural(m->findings));
	if (m->open > 0)
		(void)printf("the WAL of %" PRIu64 " segment%s that %s still "
		    "being streamed is not copied\n", m->open,
		    str_plural(m->open), m->open == 1 ? "is" : "are");
}

static int
sum_json(struct showcopy *s, const struct copy_conf *c,
    const struct copy_sum *m, int complete, struct err *e)
{
	struct archive	 a = { .key = c->key, .system_id = c->system_id };
	struct jval	*j = NULL, *findings = s->now;

	s->now = NULL;
	if (jval_object(&j, e) ||
	    str_fmt(a.server, sizeof(a.server), e, "%s", c->server) ||
	    show_json_cluster(j, &a, e) ||
	    show_json_text(j, "from", c->from->repository, e) ||
	    show_json_text(j, "to", c->to->repository, e) ||
	    jval_set_bool(j, "complete", complete, e) ||
	    show_json_sum(j, "copied", m->objects, m->bytes, e) ||
	    show_json_sum(j, "there", m->there, m->there_bytes, e) ||
	    jval_set_u64(j, "backups", m->backups, e) ||
	    jval_set_u64(j, "backups_there", m->backups_there, e) ||
	    jval_set_u64(j, "backups_late", m->late, e) ||
	    show_json_text(j, "late_because", m->late > 0 ? m->why_late :
	    NULL, e) ||
	    jval_set_u64(j, "backups_expired", m->expired, e) ||
	    jval_set_u64(j, "gone", m->gone, e) ||
	    jval_set_u64(j, "open", m->open, e)) {
		jval_free(findings);
		jval_free(j);
		return (-1);
	}
	if (jval_set(j, "findings", findings, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(s->all, j, e));
}

int
showcopy_end(struct showcopy *s, const struct copy_conf *c,
    const struct copy_sum *m, int complete, struct err *e)
{
	progress_end(&s->progress);
	if (s->json)
		return (sum_json(s, c, m, complete, e));
	if (!s->again || m->objects > 0 || m->backups > 0)
		print(c, m);
	return (0);
}

void
showcopy_skip(struct showcopy *s)
{
	progress_end(&s->progress);
	jval_free(s->now);
	s->now = NULL;
}

int
showcopy_close(struct showcopy *s, struct err *e)
{
	int	 rc = 0;

	progress_close(&s->progress);
	if (s->all != NULL)
		rc = tool_json(s->all, e);
	jval_free(s->all);
	jval_free(s->now);
	free(s->told);
	s->told = NULL;
	s->all = s->now = NULL;
	s->ntold = 0;
	return (rc);
}
