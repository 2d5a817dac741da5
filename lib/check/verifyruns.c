/* SPDX-License-Identifier: ISC */
/* The memory of what backup-verify found. */
#include <limits.h>
#include <string.h>

#include "base/jvalfile.h"
#include "base/str.h"
#include "check/verifyruns.h"

#define VERSION		1

static int
path_of(char buf[PATH_MAX], const char *state_dir, const char *server,
    struct err *e)
{
	return (str_fmt(buf, PATH_MAX, e, "%s/%s/verified", state_dir,
	    server));
}

const char *
verifyruns_depth(enum verify_depth depth)
{
	static const char *const	 name[] = {
		[VERIFY_QUICK] = "quick",
		[VERIFY_SIGNATURES] = "signatures",
		[VERIFY_HASHES] = "hashes",
		[VERIFY_CONTENTS] = "contents"
	};

	return (name[depth]);
}

static int
parse_depth(enum verify_depth *out, const char *text, struct err *e)
{
	enum verify_depth	 d;

	for (d = VERIFY_QUICK; d <= VERIFY_CONTENTS; d++)
		if (strcmp(verifyruns_depth(d), text) == 0) {
			*out = d;
			return (0);
		}
	return (err_set(e, ERR_CORRUPT, "depth: found \"%.16s\"", text));
}

/* A text of the file: bounded, and printable. */
static int
text_of(char *buf, size_t size, const struct jval *j, const char *key,
    struct err *e)
{
	const char	*text = "";

	buf[0] = '\0';
	if (jval_is_null(j, key))
		return (0);
	if (jval_get_str(j, key, &text, e))
		return (-1);
	(void)str_clean(buf, size, text, strlen(text));
	return (0);
}

static int
take(struct verifyruns *runs, const struct jval *list, size_t i,
    struct err *e)
{
	struct verifyrun	 run = { .at_us = 0 };
	const struct jval	*j;
	const char		*depth;
	uint64_t		 at;

	if (jval_at_object(list, i, &j, e) ||
	    jval_get_u64(j, "at_us", &at, e) ||
	    jval_get_str(j, "depth", &depth, e) ||
	    parse_depth(&run.depth, depth, e) ||
	    text_of(run.backup, sizeof(run.backup), j, "backup", e) ||
	    jval_get_bool(j, "complete", &run.complete, e) ||
	    jval_get_u64(j, "findings", &run.findings, e) ||
	    text_of(run.first, sizeof(run.first), j, "first", e))
		return (-1);
	run.at_us = (int64_t)at;
	if (runs->n < VERIFYRUNS_MOST)
		runs->v[runs->n++] = run;
	return (0);
}

static int
read_runs(struct verifyruns *runs, const struct jval *j, struct err *e)
{
	const struct jval	*list;
	size_t			 i;

	if (jval_get_list(j, "runs", &list, e))
		return (-1);
	for (i = 0; i < jval_count(list); i++)
		if (take(runs, list, i, e))
			return (-1);
	return (0);
}

int
verifyruns_load(struct verifyruns *out, const char *state_dir,
    const char *server, struct err *e)
{
	struct jval	*j = NULL;
	char		 path[PATH_MAX];
	int		 rc;

	memset(out, 0, sizeof(*out));
	if (path_of(path, state_dir, server, e))
		return (-1);
	if ((rc = jvalfile_load(&j, path, VERSION, e)) != 0)
		return (rc);
	if ((rc = read_runs(out, j, e)) != 0) {
		memset(out, 0, sizeof(*out));
		err_ctx(e, "%s", path);
	}
	jval_free(j);
	return (rc);
}

static void
remove_run(struct verifyruns *runs, size_t i)
{
	runs->n--;
	memmove(&runs->v[i], &runs->v[i + 1],
	    (runs->n - i) * sizeof(runs->v[0]));
}

void
verifyruns_add(struct verifyruns *runs, const struct verifyrun *run)
{
	size_t	 i;

	for (i = runs->n; run->complete && i-- > 0;)
		if (runs->v[i].depth <= run->depth && (run->backup[0] == '\0' ||
		    strcmp(runs->v[i].backup, run->backup) == 0))
			remove_run(runs, i);
	if (runs->n == VERIFYRUNS_MOST) {
		for (i = 0; i < runs->n && runs->v[i].findings > 0; i++)
			;
		remove_run(runs, i == runs->n ? 0 : i);
	}
	runs->v[runs->n++] = *run;
}

static int
add(struct jval *list, const struct verifyrun *run, struct err *e)
{
	struct jval	*j = NULL;

	if (jval_object(&j, e) ||
	    jval_set_u64(j, "at_us", run->at_us > 0 ? (uint64_t)run->at_us :
	    0, e) ||
	    jval_set_str(j, "depth", verifyruns_depth(run->depth), e) ||
	    (run->backup[0] == '\0' ? jval_set_null(j, "backup", e) :
	    jval_set_str(j, "backup", run->backup, e)) ||
	    jval_set_bool(j, "complete", run->complete, e) ||
	    jval_set_u64(j, "findings", run->findings, e) ||
	    jval_set_str(j, "first", run->first, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

static int
add_all(struct jval *to, const struct verifyruns *runs, struct err *e)
{
	struct jval	*list = NULL;
	size_t		 i;

	if (jval_list(&list, e))
		return (-1);
	for (i = 0; i < runs->n; i++)
		if (add(list, &runs->v[i], e)) {
			jval_free(list);
			return (-1);
		}
	return (jval_set(to, "runs", list, e));
}

int
verifyruns_record(const char *state_dir, const char *server,
    const struct verifyrun *run, struct err *e)
{
	struct verifyruns	 runs;
	struct err		 unused = ERR_INIT;
	struct jval		*j = NULL;
	char			 path[PATH_MAX];
	int			 rc;

	if (!run->complete && run->findings == 0)
		return (0);
	if (verifyruns_load(&runs, state_dir, server, &unused) != 0)
		runs.n = 0;
	verifyruns_add(&runs, run);
	rc = path_of(path, state_dir, server, e) ||
	    jval_object(&j, e) || jval_set_u64(j, "version", VERSION, e) ||
	    add_all(j, &runs, e) || jvalfile_save(j, path, e) ? -1 : 0;
	jval_free(j);
	return (rc);
}
