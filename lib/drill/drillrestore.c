/* SPDX-License-Identifier: ISC */
/* From the plan to a data directory in a sandbox that can be started. */
#include <sys/stat.h>

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "drill/drillrestore.h"
#include "pg/autoconf.h"
#include "restore/configdir.h"
#include "restore/copyconf.h"
#include "restore/harmless.h"
#include "restore/onlydb.h"
#include "restore/restore.h"

#define ROOM_MORE	(UINT64_C(256) << 20)	/* WAL, logs */
#define MAIN		"postgresql.conf"

/* The places of tablespaces: all below the sandbox. */
struct places {
	struct restore_map	*v;
	char			(*dir)[PATH_MAX];
	size_t			 n;
};

static int
find_places(struct places *p, const struct label *l,
    const struct sandbox *s, struct err *e)
{
	size_t	 i;

	p->n = 0;
	p->v = calloc(l->ntablespaces + 1, sizeof(*p->v));
	p->dir = calloc(l->ntablespaces + 1, sizeof(*p->dir));
	if (p->v == NULL || p->dir == NULL)
		return (err_sys(e, ERR_LOCAL, "tablespaces"));
	for (i = 0; i < l->ntablespaces; i++) {
		if (!restore_conf_is_linked(&l->tablespaces[i]))
			continue;
		if (str_fmt(p->dir[p->n], PATH_MAX, e, "%s/%" PRIu32,
		    s->tablespaces, l->tablespaces[i].oid))
			return (-1);
		p->v[p->n].name = l->tablespaces[i].name;
		p->v[p->n].dir = p->dir[p->n];
		p->n++;
	}
	return (0);
}

/* What restore_run() calls back. */
struct back {
	const struct drillconf	*c;
	struct recovery		 recovery;
	struct harmless		*harmless;
};

static int
configure(void *arg, const char *dir, const char **appended, struct err *e)
{
	const struct harmless_place	 place = { dir, dir };
	struct back			*b = arg;

	if (harmless_write(&b->harmless, &b->recovery, &place,
	    b->c->plan->label->data_directory, e))
		return (-1);
	*appended = b->harmless->append;
	return (0);
}

static void
on_progress(void *arg, enum restore_phase phase, uint64_t bytes)
{
	const struct back	*b = arg;

	if (phase == RESTORE_COPY && b->c->progress != NULL)
		b->c->progress(b->c->arg, bytes);
}

static int
check_room(const struct drillconf *c, const struct sandbox *s, struct err *e)
{
	/* A restore of some databases takes less; nobody knows how much. */
	const uint64_t	 bytes = c->nonly > 0 ? 0 : c->plan->label->size;

	return (sandbox_room(s, bytes + ROOM_MORE, e));
}

int
drillrestore(struct drillreport *r, const struct drillconf *c,
    const struct sandbox *s, struct err *e)
{
	struct back		 b = { .c = c, .recovery = c->recovery };
	struct restore_conf	 rc = {
		.store = c->store, .key = c->key, .server = c->server,
		.system_id = c->plan->system_id, .archive = c->plan->archive,
		.label = c->plan->label, .dir = s->data,
		.config_dir = s->config, .jobs = c->jobs,
		.spaces = c->spaces,
		.configure = configure, .progress = on_progress, .arg = &b
	};
	struct restore_stats	 st = { .files = 0 };
	struct places		 p = { NULL, NULL, 0 };
	struct onlydb		*only = NULL;
	int			 result = -1;

	/* It opens by itself once it has what it needs. */
	b.recovery.action = c->target->kind == CHOOSE_END ? NULL : "promote";
	if (find_places(&p, c->plan->label, s, e) || (c->nonly > 0 &&
	    onlydb_load(&only, c->plan->archive, c->plan->label, c->only,
	    c->nonly, e)))
		goto out;
	rc.maps = p.v;
	rc.nmaps = p.n;
	rc.only = only;
	if (check_room(c, s, e) || restore_run(&rc, &st, e) ||
	    configdir_write(&rc, e))
		goto out;
	r->files = st.files;
	r->bytes = st.bytes;
	result = 0;
out:
	harmless_free(b.harmless);
	onlydb_free(only);
	free(p.v);
	free(p.dir);
	return (result);
}

static int
is_file(const char *path)
{
	struct stat	 st;

	return (stat(path, &st) == 0 && S_ISREG(st.st_mode));
}

/*
 * The directory of the restored postgresql.conf: the data directory, or where
 * it lay outside.  Returns 0, 1 if there is none, or -1.
 */
static int
main_dir(char dir[PATH_MAX], const struct drillconf *c,
    const struct sandbox *s, struct err *e)
{
	const struct label_config	*l = &c->plan->label->config;
	char				 path[PATH_MAX];
	size_t				 i;

	if (str_fmt(dir, PATH_MAX, e, "%s", s->data) ||
	    path_join(path, sizeof(path), dir, MAIN, e))
		return (-1);
	if (is_file(path))
		return (0);
	for (i = 0; i < l->nstored; i++) {
		if (strcmp(path_base(l->stored[i]), MAIN) != 0 ||
		    str_fmt(path, sizeof(path), e, "%s%s", s->config,
		    l->stored[i]) || !is_file(path))
			continue;
		return (path_dir(dir, PATH_MAX, path, e));
	}
	return (1);
}

/* The five settings of hot standby, and what includes the rest. */
static int
judge_conf(struct sandboxconf *conf, char *include, size_t size,
    struct drillreport *r, const struct drillconf *c, const char *dir,
    struct err *e)
{
	const struct hotsettings	*hot = &c->plan->label->hot;
	const struct hotneeds		*needs = &c->plan->hot;
	struct copyconf			*copy = NULL;
	const char			*astray;
	size_t				 i;
	int				 rc = 0;

	if (dir != NULL && copyconf_read(&copy, dir, e))
		return (-1);
	for (i = 0; i < HOTSETTINGS; i++)
		conf->hot[i] = sandboxconf_hot(i, hot->known ? hot->value[i] :
		    0, needs->backup[i] == NULL ? 0 : needs->value[i],
		    copy == NULL ? NULL : copyconf_get(copy,
		    hotsettings_name(i)));
	include[0] = '\0';
	astray = copy == NULL ? NULL : copyconf_astray(copy);
	if (astray != NULL)
		(void)snprintf(r->settings, sizeof(r->settings), "the "
		    "restored " MAIN " includes %.300s, so none of it was "
		    "used", astray);
	else if (copy == NULL)
		(void)snprintf(r->settings, sizeof(r->settings), "the backup "
		    "has no " MAIN);
	else {
		char	 path[PATH_MAX];

		rc = path_join(path, sizeof(path), dir, MAIN, e);
		if (rc == 0)
			rc = autoconf_setting(include, size, "include", path,
			    e);
	}
	copyconf_free(copy);
	return (rc);
}

static int
write_files(const struct drillrestore_files *f, const char *include,
    struct err *e)
{
	static const char	 hba[] = "local all all trust\n"
	    "host all all 127.0.0.1/32 trust\nhost all all ::1/128 trust\n";

	return (io_save(f->config, 0600, include, strlen(include), 1, e) ||
	    io_save(f->hba, 0600, hba, sizeof(hba) - 1, 1, e) ||
	    io_save(f->ident, 0600, "", 0, 1, e) ? -1 : 0);
}

int
drillrestore_settings(struct sandboxconf *conf, struct drillrestore_files *f,
    struct drillreport *r, const struct drillconf *c,
    const struct sandbox *s, struct err *e)
{
	char	 dir[PATH_MAX], include[2 * PATH_MAX + 32];
	int	 rc;

	*conf = (struct sandboxconf){
		.postgresql = (unsigned)c->plan->label->postgresql,
		.data = s->data, .socket = s->socket,
		.config_file = f->config, .hba_file = f->hba,
		.ident_file = f->ident, .port = c->port != 0 ? c->port : 5432,
		.tcp = c->port != 0, .preload = c->preload,
		.restore_command = c->recovery.restore_command
	};
	if ((rc = main_dir(dir, c, s, e)) == -1 ||
	    path_join(f->config, PATH_MAX, s->dir, MAIN, e) ||
	    path_join(f->hba, PATH_MAX, s->dir, "pg_hba.conf", e) ||
	    path_join(f->ident, PATH_MAX, s->dir, "pg_ident.conf", e) ||
	    judge_conf(conf, include, sizeof(include), r, c,
	    rc == 0 ? dir : NULL, e))
		return (-1);
	return (write_files(f, include, e));
}

void
drillrestore_hint(const struct drillconf *c, const struct sandbox *s,
    struct err *e)
{
	struct copyconf	*copy = NULL;
	struct err	 unused = ERR_INIT, was = *e;
	const char	*preload = NULL;
	char		 dir[PATH_MAX];

	if (strstr(e->msg, "resource manager") == NULL &&
	    strstr(e->msg, "shared_preload_libraries") == NULL)
		return;
	if (main_dir(dir, c, s, &unused) == 0 &&
	    copyconf_read(&copy, dir, &unused) == 0)
		preload = copyconf_get(copy, "shared_preload_libraries");
	if (preload != NULL && preload[0] != '\0') {
		err_clear(e);
		err_set(e, was.kind, "%.600s; the original preloads %.200s: "
		    "set drill_preload to what recovery needs", was.msg,
		    preload);
	}
	copyconf_free(copy);
}
