/* SPDX-License-Identifier: ISC */
#ifndef TOOL_SYSTEMS_H
#define TOOL_SYSTEMS_H

#include "crypt/key.h"
#include "repo/archive.h"
#include "repo/layout.h"
#include "tool/conf.h"
#include "tool/opt.h"

/*
 * A server may have had several clusters, one after the other: each system
 * identifier below ROOT/SERVER is one.  These functions look at all of them,
 * over one connection.
 */

/* Called for one cluster; returns 0, or -1 with its own error to stop. */
typedef int	 systems_each(void *arg, struct archive *, struct err *);

/*
 * What lies beside the clusters under names like theirs and is none
 * (clusterids.h) is a finding: it is printed on stderr, and *found is set.
 */
struct systems_odd {
	const char	*program;
	int		*found;
};

/*
 * Call "each" for all clusters of the server.  With "odd" NULL what is none is
 * passed over in silence.  A cluster that cannot be read, or is damaged, does
 * not hide the others: they are visited, too, and the first failure is the
 * result.  ERR_ABSENT if the repository holds nothing of the server.
 */
int	 systems_visit(const struct server_conf *, const struct key *,
	    systems_each *each, struct systems_odd *odd, void *arg,
	    struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 3, 6)));

/*
 * The id of the backup that "text" means, a word or an id (backupword.h).  For
 * an id nothing is asked.  Fails as backupword_parse() and newest_settle() do.
 */
int	 systems_backup(const struct server_conf *, const struct key *,
	    const char *text, char id[LAYOUT_ID], struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The words in the options of one command, and what each of them means. */
struct systems_words {
	const char	*text[16];
	char		 id[16][LAYOUT_ID];
	size_t		 n;
};

/*
 * Check that one of the server's clusters has each of these backups, so that
 * a slip in a name is noticed before anything is done.  In place of a word
 * (backupword.h) the list gets an id in "words", which must outlive it; the
 * same word in a later call means the same backup.  ERR_USAGE, with "option"
 * in front, if one is missing.  Nothing is asked for an empty list.
 *
 * With "doomed" the backups are to be deleted: one whose label is refused
 * counts as well, and a word is ERR_USAGE with the id that it means, since it
 * would mean another backup when the same command is run again.
 */
int	 systems_need(const struct server_conf *, const struct key *,
	    struct opt_list *ids, int doomed, const char *option,
	    struct systems_words *words, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Find the one cluster that has timeline "tli": a history, WAL or a backup.
 * With *system_id not 0 only that cluster is looked at; else it is set.
 * ERR_USAGE if none has it, or several do.
 */
int	 systems_timeline(const struct server_conf *, const struct key *,
	    uint32_t tli, uint64_t *system_id, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* TOOL_SYSTEMS_H */
