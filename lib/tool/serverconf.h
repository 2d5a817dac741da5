/* SPDX-License-Identifier: ISC */
#ifndef TOOL_SERVERCONF_H
#define TOOL_SERVERCONF_H

#include <stdint.h>

#include "backup/spacelimit.h"
#include "base/bucket.h"
#include "codec/codec.h"
#include "plan/retention_period.h"

/*
 * The settings of one server, as values.  tool/conf.h loads and frees them;
 * seawall.conf(5) describes each.
 */

/* What log_file gets: each has what those before it have. */
enum runlog_level {
	RUNLOG_ERROR,		/* why a program failed */
	RUNLOG_NOTICE,		/* and its warnings and notes */
	RUNLOG_INFO,		/* and what was run, and how it ended */
	RUNLOG_DEBUG		/* and that for each WAL file; hooks */
};

/* All texts are owned.  NULL means "not set". */
struct server_conf {
	char		*file;		/* the main file that was read */
	char		*name;		/* the server */

	char		*repository;	/* never NULL after conf_load() */
	char		*repository_name; /* of its section; NULL: no name */
	char		*repositories;	/* as written; NULL: there is one */
	uint64_t	 quorum;	/* 0: not set */
	int		 read_only;	/* nothing is written there */
	char		*key;		/* the .push file */
	char		*restore_key;	/* the .restore file */
	char		*public_key;	/* the .public file */
	char		*drill_key;	/* the .drill file; NULL: no receipts */
	char		*drill_preload;	/* never NULL: libraries of a sandbox */
	char		*pg_bindir;	/* of PostgreSQL; NULL: searched */
	char		*passphrase_file; /* of restore_key */
	char		*trust_signer;	/* a retired one; NULL: none */
	char		*state_dir;	/* never NULL; of this repository
					   alone if it has a name */
	char		*state_base;	/* as configured; never NULL */
	char		*data_directory; /* NULL: the current directory */
	char		*conninfo;	/* never NULL, may be "" */
	int		 stream;	/* base-push gets the files from there,
					   not from data_directory */
	char		*streaming_conninfo; /* never NULL; "": conninfo */
	char		*slot;		/* of wal-receive; NULL: by the name of
					   the server */
	uint64_t	 status_interval_ms;

	struct codec_spec wal_compression;
	int		 wal_compression_auto;	/* the one above as long as
						   archiving keeps up, zstd
						   when it falls behind */
	struct codec_spec base_compression;
	uint64_t	 jobs;		/* threads and connections */
	uint64_t	 chunk_size;	/* bytes, a power of two */
	uint64_t	 page_hashes_max; /* MB of 1048576 bytes; 0: none */
	uint64_t	 wal_wait_ms;
	uint64_t	 retry_for_ms;	/* base-push waits for the repository */
	int		 checksum;	/* verify page checksums */
	int		 idle_priority;	/* of base-push */
	uint64_t	 base_bandwidth_limit;	/* kB/s of 1024; 0: none */
	char		*tablespace_bandwidth_limit; /* as written */

	int		 agent;		/* use one */
	uint64_t	 agent_linger_ms;
	uint64_t	 push_jobs;	/* connections of wal-push's agent */
	uint64_t	 fetch_ahead;	/* segments; 0: none */
	uint64_t	 backlog_high;	/* files waiting; more: zstd */
	uint64_t	 wal_bandwidth_limit;	/* kB/s of 1024; 0: none */

	char		*ssh_key;
	char		*ssh_config;
	char		*known_hosts;
	char		*host_key;	/* "SHA256:..." */
	uint64_t	 io_timeout_ms;
	int		 require_fsync;
	uint64_t	 connections;	/* of this host's programs; 0: any */
	uint64_t	 fetch_retry_ms;

	char		*retention_policy; /* as written; NULL: keep all */
	uint64_t	 keep[RETENTION_PERIODS]; /* periods beside it */
	uint64_t	 minimum_redundancy;
	uint64_t	 expire_grace_ms;
	uint64_t	 abandoned_after_ms;

	char		*notify_command;
	uint64_t	 notify_again_ms;	/* 0: not again */
	uint64_t	 notify_timeout_ms;
	int		 notify_success;	/* also when a run succeeded */

	char		*before_base_push, *after_base_push;
	char		*before_base_fetch, *after_base_fetch;
	char		*before_expire, *after_expire;
	uint64_t	 hook_timeout_ms;

	char		*log_file;	/* or "syslog" */
	enum runlog_level log_level;

	/*
	 * The two limits, each shared by all stores of this process.  Owned;
	 * NULL: no limit.
	 */
	struct bucket	*base_limit, *wal_limit;
	struct spacelimits *spaces;	/* of single tablespaces; the same */
};

#endif /* TOOL_SERVERCONF_H */
