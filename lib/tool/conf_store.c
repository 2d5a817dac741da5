/* SPDX-License-Identifier: ISC */
/* What a store needs to know of the configuration. */
#include "tool/conf.h"

struct store_conf
conf_store(const struct server_conf *c)
{
	const struct store_conf	 s = {
		.repository = c->repository,
		.ssh_key = c->ssh_key,
		.ssh_config = c->ssh_config,
		.known_hosts = c->known_hosts,
		.host_key = c->host_key,
		.io_timeout_ms = c->io_timeout_ms,
		.require_fsync = c->require_fsync,
		.connections = (unsigned)c->connections,
		.allowance_dir = c->state_base
	};

	return (s);
}

struct store_conf
conf_store_base(const struct server_conf *c)
{
	struct store_conf	 s = conf_store(c);

	s.limit = c->base_limit;
	s.early = 1;
	return (s);
}

struct store_conf
conf_store_wal(const struct server_conf *c)
{
	struct store_conf	 s = conf_store(c);

	s.limit = c->wal_limit;
	s.for_wal = 1;
	return (s);
}
