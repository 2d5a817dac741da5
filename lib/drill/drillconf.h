/* SPDX-License-Identifier: ISC */
#ifndef DRILL_DRILLCONF_H
#define DRILL_DRILLCONF_H

#include <stdint.h>

#include "crypt/key.h"
#include "drill/drillprimary.h"
#include "drill/drillreport.h"
#include "plan/choose.h"
#include "restore/basefetch.h"
#include "restore/recovery.h"
#include "store/store.h"

/* What a drill is asked for; all texts and pointers are borrowed. */
struct drillconf_sql {
	const char	*query, *expect;
};

struct drillconf {
	const struct store_conf	*store;
	const struct key	*key;		/* a .restore key */
	const char		*server, *state_dir;
	const struct basefetch_plan *plan;
	const struct choose_target *target;
	struct recovery		 recovery;	/* without its action */
	const char		*dir;		/* of the sandbox */
	const char		*bindir;	/* pg_bindir, or NULL */
	const char		*preload;	/* drill_preload */
	const char		*role;		/* a superuser, or NULL */
	unsigned		 jobs;
	struct spacelimits	*spaces;	/* of tablespaces, or NULL */
	unsigned		 port;		/* TCP, if kept; 0: none */
	int			 keep;		/* leave it running */
	const char	*const	*only;		/* databases; the others are */
	size_t			 nonly;		/* not restored */
	int			 check[DRILLREPORT_CHECKS];	/* asked for */
	const struct drillconf_sql *sql;
	size_t			 nsql;
	const char		*sql_db;	/* where they are asked */
	const char		*dump_db;	/* --dump; NULL: none */
	const char	*const	*dump_tables;
	size_t			 ndump_tables;
	const char		*dump_file;	/* --output */
	int64_t			 now_us;	/* when the plan was made */
	struct drillprimary	 primary;	/* as it was then */
	/* Called when something begins ("restores ..."); may be NULL. */
	void			(*step)(void *arg, const char *text);
	void			(*progress)(void *arg, uint64_t bytes);
	void			*arg;
};

#endif /* DRILL_DRILLCONF_H */
