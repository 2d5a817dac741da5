/* SPDX-License-Identifier: ISC */
/* Other clusters of the server, looked for while the first backup is taken. */
#include <stdlib.h>

#include "backup/othercluster.h"
#include "base/crew.h"
#include "base/str.h"
#include "push/othernote.h"
#include "reuse/lastmanifest.h"

struct othernote {
	struct reuse_conf	 conf;
	struct connection	 cluster;	/* never connected */
	struct crew		*crew;
	/* These two are read only when the thread has ended. */
	int			 found;
	char			 text[OTHERCLUSTER_TEXT];
};

static int
ask(void *arg, struct err *e)
{
	struct othernote	*o = arg;
	const struct connection	*c = &o->cluster;
	struct err		 unused = ERR_INIT;

	(void)e;
	o->found = othercluster_text(o->text, c->store, c->key, c->server,
	    c->system_id, &unused) == 0;
	return (0);
}

/* Whether this host remembers a backup of the cluster. */
static int
remembered(const struct reuse_conf *c)
{
	struct archive		 a = { .key = c->warm->key,
	    .system_id = c->warm->system_id };	/* not connected */
	struct lastmanifest	*m = NULL;
	struct err		 unused = ERR_INIT;
	int			 rc;

	rc = str_fmt(a.server, sizeof(a.server), &unused, "%s",
	    c->warm->server) == 0 ?
	    lastmanifest_open(&m, &a, c->state_dir, &unused) : -1;
	lastmanifest_free(m);
	return (rc == 0);
}

int
othernote_start(struct othernote **out, const struct reuse_conf *conf,
    struct err *e)
{
	struct othernote	*o;

	*out = NULL;
	if (conf->base != NULL || remembered(conf))
		return (0);
	if ((o = calloc(1, sizeof(*o))) == NULL)
		return (err_sys(e, ERR_LOCAL, "look for other clusters"));
	o->conf = *conf;
	o->cluster = *conf->warm;
	o->cluster.a = NULL;
	if (crew_new(&o->crew, e) || crew_start(o->crew, ask, o, e)) {
		crew_free(o->crew);
		free(o);
		return (-1);
	}
	*out = o;
	return (0);
}

void
othernote_end(struct othernote *o)
{
	if (o == NULL)
		return;
	crew_free(o->crew);
	if (o->found)
		o->conf.note(o->conf.arg, o->text);
	free(o);
}
