#!/bin/bash
# SPDX-License-Identifier: ISC
#
# WAL never waits behind a base backup: while one runs that may send little,
# segments arrive one after the other.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

base_runs()
{
	kill -0 "$BASE" 2>/dev/null && [ "$(packs)" -gt 0 ]
}

# Under way or there.
packs()
{
	find "$REPO" -type f ! -path '*/wal/*' ! -name system | wc -l
}

keygen main >/dev/null
sshd_start ""
conf_write "data_directory=$T/pg"
pg_init pg --wal-segsize=1
pg_archive pg
pg_start pg
pg_bench pg -i -s 5 -q

# What base-push may send would be enough for nothing else.
for agent in on off; do
	conf_write "data_directory=$T/pg" base_bandwidth_limit=100 \
	    base_compression=none "agent=$agent" wal_compression=zstd:1
	pg_archived pg || die "archiving does not work"
	background run base-push --fast >"$T/base.log" 2>&1
	BASE=$BG
	ok "agent $agent: a base backup runs" wait_for base_runs
	late=0
	for i in 1 2 3 4 5 6 7 8; do
		pg_bench pg -t 20 -n
		pg_archived pg || late=$((late + 1))
	done
	is "eight segments arrive meanwhile" "$late" 0
	ok "the base backup still runs" base_runs
	is "and is not there yet" "$(find "$REPO" -name label)" ""
	t_signal TERM "$BASE"
	wait "$BASE" 2>/dev/null || :
done
