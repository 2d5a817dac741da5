/* SPDX-License-Identifier: ISC */
#ifndef TEST_REPOENV_H
#define TEST_REPOENV_H

#include "crypt/key.h"
#include "pg/hotsettings.h"
#include "repo/archive.h"

/*
 * A local repository in a test's directory (testdir.h) with new keys of all
 * three roles, server "main", system identifier REPOENV_SYSTEM.  A failure
 * of anything here fails the test that called it.
 */
#define REPOENV_SYSTEM	UINT64_C(7301234567890123456)
#define REPOENV_ID	"20261122T040001Z"

struct repoenv {
	struct store_conf	 conf;
	char			 dir[512];	/* the repository's root */
	struct key		*push, *restore, *public;
	uint64_t		 system_id;	/* of the archives to come */
	struct hotsettings	 hot;		/* of the labels to come */
};

/* Make the directory and the keys; free and remove them. */
void		 repoenv_make(struct repoenv *env);
void		 repoenv_remove(struct repoenv *env);

/*
 * The same for cmocka, with a marker or without.  The state is the
 * environment:
 *
 *	cmocka_unit_test_prestate_setup_teardown(f, repoenv_setup,
 *	    repoenv_teardown, &env)
 */
int		 repoenv_setup(void **state);
int		 repoenv_setup_marked(void **state);
int		 repoenv_teardown(void **state);

/* Open it with one of the keys.  The caller calls archive_free(). */
struct archive	*repoenv_open(const struct repoenv *env,
		    const struct key *key);

/*
 * An object's path as testdir_*() functions take it.  The text lives until
 * the fourth call from here.
 */
const char	*repoenv_file(const char *path);

/* Publish the marker, with WAL segments of 1 MiB. */
void		 repoenv_marker(const struct repoenv *env);

/* Put any text under any name: listings do not look into files. */
void		 repoenv_put(const char *path, const char *text);

/* Publish an authentic object of type HEAD_WAL that holds the text. */
void		 repoenv_object(const struct repoenv *env, const char *path,
		    const char *text);

/* The same with the 1 MiB of a segment: zeros. */
void		 repoenv_segment(const struct repoenv *env, const char *path);

/* The same of any type. */
void		 repoenv_object_of(const struct repoenv *env,
		    enum head_kind kind, const char *path, const char *text);

/*
 * Publish a label: of a backup on timeline "tli" from LSN "start" to "stop",
 * which began "hour" hours after a moment 30 days ago and took one hour.
 * Packs 1 and 2 are its own.  If "old" is not NULL, it also refers to pack 1
 * of that backup.  The label has the sizes of its manifest and packs, if they
 * are there.
 */
void		 repoenv_label(const struct repoenv *env, const char *id,
		    uint32_t tli, uint64_t start, uint64_t stop,
		    unsigned hour, const char *old);

/* The same with the manifest and both packs, which are authentic. */
void		 repoenv_backup(const struct repoenv *env, const char *id,
		    uint32_t tli, uint64_t start, uint64_t stop,
		    unsigned hour, const char *old);

/*
 * Stream the first "n" bytes of a segment into an open object, in frames of
 * "frame" bytes.
 */
struct repoenv_stream {
	uint32_t	 tli;
	uint64_t	 start;		/* LSN: where the segment begins */
	unsigned	 number;	/* of the object */
	const uint8_t	*wal;		/* NULL: zeros */
	size_t		 n;
	size_t		 frame;		/* 0: one frame for all */
};
void		 repoenv_stream(const struct repoenv *env,
		    const struct repoenv_stream *);

/* Replace a published file's content behind the store's back. */
void		 repoenv_change(const char *path, const void *p, size_t n);

#endif /* TEST_REPOENV_H */
