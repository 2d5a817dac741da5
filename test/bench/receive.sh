# shellcheck shell=bash
# SPDX-License-Identifier: ISC
#
# The rows of wal-receive: commits that wait for it, beside commits that wait
# for pg_receivewal --synchronous, which writes into a local directory.  Far is
# the repository behind the relay for us, and PostgreSQL behind such a relay
# for pg_receivewal.

RECEIVE_SECONDS=${RECEIVE_SECONDS:-10}

# live SERIES CLIENTS: median and throughput of commits, a line for each round:
# microseconds, transactions per second.
live()
{
	local out tps

	rm -f "$T"/home/lat.*
	out=$(cd "$T/home" && as "$PGBIN/pgbench" -n -M prepared -c "$2" \
	    -j 2 -T "$RECEIVE_SECONDS" -l --log-prefix="$T/home/lat" \
	    -h "$T/live.sock" -p 5432 -U postgres postgres 2>&1) ||
	    die "pgbench: $out"
	tps=$(printf '%s\n' "$out" | sed -n 's/^tps = \([0-9.]*\).*/\1/p')
	cat "$T"/home/lat.* | sort -n -k 3,3 | awk -v tps="$tps" \
	    '{ v[NR] = $3 } END { print v[int((NR + 1) / 2)], tps }' \
	    >>"$T/m/$1"
}

# standby NAME: the only one that commits wait for; none if ""
standby()
{
	require live "$1"
	[ -z "$1" ] || wait_for synced live "$1" || die "no standby $1"
}

bench_receive()
{
	local i rss pid

	for i in "near $SSH_PORT" "far $RELAY_PORT"; do
		settings "${i#* }" "$T/${i% *}.receive.conf" \
		    streaming_conninfo="host=$T/live.sock port=5432 \
user=postgres" state_dir="$T/state.${i% *}" slot="seawall_${i% *}" \
		    repository="ssh://$T_USER@127.0.0.1:${i#* }$REPO.${i% *}"
		as mkdir -p -m 700 "$T/state.${i% *}"
	done
	pg_init live -k
	pg_conf live "fsync = on" "shared_buffers = 128MB" \
	    "max_wal_size = 4GB" "max_wal_senders = 10"
	pg_start live -c listen_addresses=127.0.0.1
	pg_bench live -i -q -s 10
	SSHD_RELAY=$RELAY_PORT
	RELAY_PORT=$(free_port)
	"$T_BIN/relay" "$RELAY_PORT" 5432 "$DELAY" 2>>"$T/relay.log" &
	T_PIDS+=("$!")
	as mkdir -p "$T/wal.near" "$T/wal.far"
	for i in near far; do
		background run wal-receive --config "$T/$i.receive.conf" \
		    --from-now >>"$T/receive.log" 2>&1
	done
	background as "$PGBIN/pg_receivewal" --synchronous -D "$T/wal.near" \
	    -d "host=$T/live.sock port=5432 user=postgres \
application_name=pg_near" >>"$T/pgr.log" 2>&1
	background as "$PGBIN/pg_receivewal" --synchronous -D "$T/wal.far" \
	    -d "host=127.0.0.1 port=$RELAY_PORT user=postgres \
application_name=pg_far" >>"$T/pgr.log" 2>&1
	RELAY_PORT=$SSHD_RELAY
	sql live checkpoint
	for ((i = 0; i < ROUNDS; i++)); do
		standby ""
		live one.none 1
		for s in seawall_near pg_near seawall_far; do
			standby "$s"
			live "one.$s" 1
		done
		for s in seawall_far pg_far; do
			standby "$s"
			live "many.$s" 16
		done
	done
	ratio "wal-receive / pg_receivewal, one client" 1.6 \
	    one.seawall_near one.pg_near 1
	row "wal-receive through the relay, one client, ms" "$(median \
	    one.seawall_far 1 | awk '{ print $1 / 1000 }')" "$(median \
	    one.none 1 | awk -v t="$TRIP" \
	    '{ print (t + 1.5 * $1 + 3000) / 1000 }')" \
	    "$(ms one.seawall_far 1)" "$(ms one.none 1)"
	row "pg_receivewal / wal-receive, 16 clients, far" "$(awk \
	    -v a="$(median many.pg_far 2)" -v b="$(median many.seawall_far 2)" \
	    'BEGIN { print a / b }')" 1.25 \
	    "$(median many.seawall_far 2) /s" "$(median many.pg_far 2) /s"
	rss=0
	for pid in $(receivers); do
		i=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status")
		[ "$i" -le "$rss" ] || rss=$i
	done
	row "wal-receive, peak memory" "$(awk -v k="$rss" \
	    'BEGIN { print k / 1024 }')" 32 "MiB" ""
	standby ""
	kill_some KILL wal-receive
	pg_stop live -m immediate
}
