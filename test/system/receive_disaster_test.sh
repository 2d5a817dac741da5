#!/bin/bash
# SPDX-License-Identifier: ISC
#
# wal-receive as the only synchronous standby, clients writing, and then the
# server is gone with its disk: every commit that a client saw is there after
# a restore.  At every other disaster the receiver goes with the server, and
# what it remembers.  Each restored cluster is the next one's server, so the
# repository also sees timeline after timeline.
#
#	ROUNDS=20 SEED=4711 test/system/receive_disaster_test.sh

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

ROUNDS=${ROUNDS:-4}
RANDOM=${SEED:=$RANDOM}
CLIENTS=4

# shellcheck disable=SC2119
sshd_start
# shellcheck disable=SC2119
keygen
conf_write streaming_conninfo="host=$T/pg.sock port=5432 user=postgres" \
    status_interval=1s wal_compression=zstd:1
pg_init pg --wal-segsize=1
pg_conf pg "archive_mode = on" "archive_command = 'true'"
pg_start pg
pg_slim pg
pg_bench pg -i -q
sql pg "create table t (round int, client int, n int);
    create index on t (round, client, n)"
receiver --from-now
wait_for grep -q "streaming timeline 1" "$T/receive.log" ||
	die "it does not stream"
run base-push --fast --quiet || die "base-push"

say "SEED=$SEED"
all=0
for round in $(seq "$ROUNDS"); do
	if [ "$round" != 1 ]; then
		wait_for no_receivers || die "a receiver stays"
		receiver --create-slot
	fi
	receiver=$BG
	require pg
	wait_for synced pg || die "it is no synchronous standby"
	pids=()
	for c in $(seq "$CLIENTS"); do
		client pg "$c" "$round" &
		pids+=($!)
	done
	as "$PGBIN/pgbench" -h "$T/pg.sock" -p 5432 -U postgres -c 4 -T 900 \
	    postgres >/dev/null 2>&1 &
	pids+=($!)
	sleep "$((RANDOM % 3)).$((RANDOM % 10))"

	# The disaster
	[ $((round % 2)) = 1 ] || pg_crash pg
	# shellcheck disable=SC2046	# one
	kill -KILL $(receivers) 2>/dev/null
	[ $((round % 2)) = 0 ] || pg_crash pg
	wait "${pids[@]}" "$receiver" 2>/dev/null
	as rm -rf "$T/pg"
	if [ $((round % 2)) = 1 ]; then
		as rm -rf "$T/state"
		as mkdir -m 700 "$T/state"
	fi
	all=$((all + $(acked)))
	ok "$round: a restore" run base-fetch --quiet latest "$T/pg"
	pg_start pg
	wait_for t_primary pg || die "$round: recovery does not end"
	is "$round: every acknowledged commit of $(acked) is there" \
	    "$(missing pg "$round")" ""
done
ok "these were not few" test "$all" -ge "$((ROUNDS * 20))"
