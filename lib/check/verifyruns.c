/* SPDX-License-Identifier: ISC */
/* The memory of what backup-verify found. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/jval.h"
#include "base/path.h"
#include "base/str.h"
#include "check/verifyruns.h"

#define VERSION		1
#define SIZE_MOST	((size_t)64 << 10)

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
parse(struct verifyruns *runs, const char *text, size_t n, struct err *e)
{
	struct jval		*j = NULL;
	const struct jval	*list;
	uint64_t		 version;
	size_t			 i;
	int			 rc = -1;

	if (jval_parse(text, n, &j, e) ||
	    jval_get_u64(j, "version", &version, e) ||
	    jval_get_list(j, "runs", &list, e))
		goto out;
	if (version != VERSION) {
		err_set(e, ERR_CORRUPT, "version: found another than %d",
		    VERSION);
		goto out;
	}
	for (i = 0; i < jval_count(list); i++)
		if (take(runs, list, i, e))
			goto out;
	rc = 0;
out:
	jval_free(j);
	return (rc);
}

int
verifyruns_load(struct verifyruns *out, const char *state_dir,
    const char *server, struct err *e)
{
	char	 path[PATH_MAX], *text = NULL;
	size_t	 n;
	int	 rc;

	memset(out, 0, sizeof(*out));
	if (path_of(path, state_dir, server, e))
		return (-1);
	if ((rc = io_load(path, SIZE_MOST, &text, &n, e)) != 0)
		return (rc);
	if ((rc = parse(out, text, n, e)) != 0) {
		memset(out, 0, sizeof(*out));
		err_ctx(e, "%s", path);
	}
	free(text);
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
	char			 path[PATH_MAX], dir[PATH_MAX], *text = NULL;
	size_t			 n;
	int			 rc = -1;

	if (!run->complete && run->findings == 0)
		return (0);
	if (verifyruns_load(&runs, state_dir, server, &unused) != 0)
		runs.n = 0;
	verifyruns_add(&runs, run);
	if (path_of(path, state_dir, server, e) ||
	    jval_object(&j, e) || jval_set_u64(j, "version", VERSION, e) ||
	    add_all(j, &runs, e) || jval_text(j, 1, &text, &n, e) ||
	    path_dir(dir, sizeof(dir), path, e) || io_mkdirs(dir, 0700, e) ||
	    io_save(path, 0600, text, n, 1, e))
		goto out;
	rc = 0;
out:
	free(text);
	jval_free(j);
	return (rc);
}
