/* SPDX-License-Identifier: ISC */
/* How a drill ended: the receipt, the state folder, the terminal. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/io.h"
#include "base/str.h"
#include "drill/drillrecord.h"
#include "show/showdrill.h"
#include "tool/drilled.h"
#include "tool/role.h"
#include "tool/tool.h"

static int
print(const struct jval *j, int json, struct err *e)
{
	return (json ? tool_json(j, e) : showdrill_text(stdout, j, e));
}

/* "path" is where the signed receipt lies; "": nothing was signed. */
static int
save(char path[PATH_MAX], const struct drilled_to *to,
    const struct receipt *r, const struct jval *j, struct err *e)
{
	char	 id[CLOCK_TEXT];

	path[0] = '\0';
	if (to->html != NULL && showdrill_html(to->html, j, e))
		return (-1);
	if (to->drill_key == NULL)
		return (0);
	if (str_fmt(path, PATH_MAX, e, "%s/%s/receipts", to->conf->state_dir,
	    to->conf->name) || io_mkdirs(path, 0700, e) ||
	    str_fmt(path, PATH_MAX, e, "%s/%s/receipts/%s",
	    to->conf->state_dir, to->conf->name, receipt_id(id, r)) ||
	    receipt_save(j, path, to->drill_key, e))
		return (-1);
	return (to->receipt == NULL ? 0 : receipt_save(j, to->receipt,
	    to->drill_key, e));
}

static uint64_t
seconds(uint64_t ms)
{
	return (ms == DRILLREPORT_NONE ? DRILLRECORD_NONE : ms / 1000);
}

/* The state folder learns how it ended, for backup-check. */
static int
record(const struct drilled_to *to, const struct receipt *r, struct err *e)
{
	const struct drillreport	*d = r->report;
	struct drillrecord		 x = { .at_us = r->ended_us };
	const char			*found = drillreport_found(d);

	x.passed = drillreport_all(d) == DRILLREPORT_OK;
	if (r->conf != NULL)
		memcpy(x.backup, r->conf->plan->label->id, LAYOUT_ID);
	x.rpo_s = seconds(d->rpo_ms);
	x.rto_s = seconds(d->rto_ms);
	(void)str_clean(x.found, sizeof(x.found), found, strlen(found));
	return (drillrecord_save(&x, to->conf->state_dir, to->conf->name, e));
}

int
drilled_tell(const struct drilled_to *to, const struct receipt *r,
    struct err *e)
{
	struct jval	*j = NULL;
	char		 path[PATH_MAX];
	int		 rc;

	rc = receipt_json(&j, r, e) || record(to, r, e) ||
	    save(path, to, r, j, e) || print(j, to->json, e) ? -1 : 0;
	jval_free(j);
	if (rc != 0 || to->json)
		return (rc);
	if (path[0] != '\0')
		(void)printf("receipt %s\n", path);
	else
		(void)printf("no receipt: drill_key is not set\n");
	if (to->kept != NULL)
		(void)printf("kept: psql -h %s -p %u -U %s\nto take it away: "
		    "backup-drill --end %s\n", to->sandbox->socket,
		    to->kept->port, to->kept->role, to->sandbox->dir);
	return (0);
}

int
drilled_verify(const struct server_conf *conf, const char *path, int json,
    struct err *e)
{
	struct key	*key = NULL;
	struct jval	*j = NULL;
	int		 rc = -1;

	if (role_key(&key, conf, KEY_PUBLIC, e) == 0 &&
	    receipt_load(&j, path, key, e) == 0 && print(j, json, e) == 0) {
		rc = TOOL_OK;
		if (!json)
			(void)printf("%s is authentic, by %s\n", path,
			    key_file(key));
	}
	jval_free(j);
	key_free(key);
	return (rc);
}

int
drilled_end(const char *dir, struct err *e)
{
	struct sandbox	 s;

	return (sandbox_end(&s, dir, e) || sandbox_close(&s, e) ? -1 :
	    TOOL_OK);
}
