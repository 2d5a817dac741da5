#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Two standbys follow a busy primary through wal-fetch alone, while the way
# to the repository fails and their agents are killed.  Then the primary
# crashes, the first is promoted, and the second follows it on the new
# timeline.  Neither ever ends recovery by itself.
#
#	SEED=n		the same faults once more
#	ROUNDS=n	faults before the switch, half as many behind it
#			(default 10, about half a minute)

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

SEED=${SEED:-$(date +%s%N | tail -c 7)}
SEED=$((10#$SEED))
RANDOM=$SEED
ROUNDS=${ROUNDS:-10}
SIZES=(1 1 2 16)
SEGSIZE=${SEGSIZE:-${SIZES[RANDOM % 4]}}
say "SEED=$SEED (segments of $SEGSIZE MB)"

# standby NAME
standby()
{
	run base-fetch --standby "$T/$1" >"$T/$1.fetch" 2>&1 ||
	    die "base-fetch: $(cat "$T/$1.fetch")"
	pg_conf "$1" "wal_retrieve_retry_interval = 200ms" \
	    "recovery_target_timeline = latest"
	printf '%s\n' "archive_mode = on" \
	    "archive_command = '$T_BIN/wal-push --config $CONF %p'" \
	    "restore_command = '$T_BIN/wal-fetch --config $CONF %f %p'" \
	    >>"$T/$1/postgresql.auto.conf"
	pg_start "$1"
}

# load NAME: until there is T/calm
load()
{
	printf '%s\n' '\set n random(1, 2000)' \
	    "update wide set x = repeat(md5(random()::text || n), 12) \
where n between :n and :n + 60;" >"$T/wide.sql"
	as "$PGBIN/pgbench" -h "$T/$1.sock" -p 5432 -U postgres -n \
	    -c 2 -R $((100 + 4 * SEGSIZE)) -T 3600 -b tpcb-like@1 \
	    -f "$T/wide.sql@2" postgres >/dev/null 2>&1
}

# begin_load NAME, end_load
begin_load()
{
	background load "$1"
	LOAD=$BG
}

end_load()
{
	t_signal TERM "$LOAD"
	wait "$LOAD" 2>/dev/null
}

### Faults

kill_agents()
{
	local p

	for p in $(agents); do
		kill -KILL "$p" 2>/dev/null
	done
}

hold_fetch()
{
	kill_some STOP wal-fetch
	rest 500 4000
	kill_some CONT wal-fetch
}

# Nothing is made where the repository was.
unmount()
{
	mv "$REPO" "$T/host/away"
	rest 200 2000
	[ ! -e "$REPO" ] ||
	    die "made where no repository is: $(find "$REPO" | head)"
	mv -T "$T/host/away" "$REPO" || die "the repository does not return"
}

restart_b()
{
	pg_stop b -m fast
	rest 10 500
	pg_start b
}

crash_b()
{
	pg_stop b -m immediate
	pg_start b
}

FAULTS=(kill_agents restart_sshd pause_sshd pause_relay drop_connections
    cut_network unmount restart_b crash_b hold_fetch term_agents)

# faults N STANDBY...: the standbys stay what they are.
faults()
{
	local n=$1 deck=() i f s

	shift
	for ((i = 0; i < n; i++)); do
		[ "${#deck[@]}" -gt 0 ] || deck=("${FAULTS[@]}")
		f=$((RANDOM % ${#deck[@]}))
		echo "$SECONDS s: ${deck[f]}"
		"${deck[f]}"
		deck=("${deck[@]:0:f}" "${deck[@]:f + 1}")
		for s; do
			[ "$(sql "$s" "select pg_is_in_recovery()")" = t ] ||
			    die "$s is no standby any more"
		done
		rest 200 2000
	done
}

### What to wait for

# replayed NAME LSN
replayed()
{
	[ "$(sql "$1" "select pg_last_wal_replay_lsn() >= '$2'")" = t ]
}

# The last segment in the repository was taken by that standby.
has_last()
{
	local last

	last=$(find "$REPO" -path '*/wal/*' -type f -printf '%f\n' |
	    grep -xE '[0-9A-F]{24}' | sort | tail -n 1)
	grep -q "restored log file \"$last\"" "$T/$1.log"
}

# Whatever waited has been archived; a switch wakes an archiver that rests.
none_waits()
{
	sql "$1" "select txid_current(); select pg_switch_wal()"
	sleep 1
	[ -z "$(find "$T/$1/pg_wal/archive_status" -name '*.ready')" ]
}

# What a standby's log must not have; what ends is a dump's connection.
bad_lines()
{
	grep -E 'FATAL|PANIC|archive recovery complete' "$T/$1.log" |
	    grep -vE 'terminating connection|by signal 3: Quit'
}

### The run

sshd_start ""
relay_start 1
keygen main >/dev/null
conf_write wal_compression=zstd:1
pg_init pg "--wal-segsize=$SEGSIZE"
pg_archive pg
pg_conf pg "max_wal_size = $((SEGSIZE * 8 + 24))MB" "min_wal_size = 32MB" \
    "hot_standby = on" "max_standby_archive_delay = -1"
pg_start pg
pg_bench pg -i -q
sql pg "create table wide as select n, repeat(md5(n::text), 12) x
    from generate_series(1, 2000) n; create index on wide (n)"
ok "a base backup" run base-push --fast
begin_load pg
standby a
standby b
# Shorter than what the faults last.
conf_write io_timeout=2s wal_compression=zstd:1
faults "$ROUNDS" a b

### The primary is gone; what it had not archived is lost

pg_crash pg
end_load
conf_write wal_compression=zstd:1
ok "a has all there is" wait_for has_last a
ok "b has all there is" wait_for has_last b
[ "$T_FAILED" = 0 ] || die "in the repository: $(find "$REPO" -path \
    '*/wal/*' -type f -printf '%f\n' | sort | tail -n 20 | xargs)"
is "a waits for more" "$(sql a "select pg_is_in_recovery()")" t
is "and so does b" "$(sql b "select pg_is_in_recovery()")" t
is "nothing bad in a's log" "$(bad_lines a)" ""
ok "a is promoted" as "$PGSERVER/pg_ctl" -D "$T/a" -w -t "$T_HANG" promote
begin_load a
conf_write io_timeout=2s wal_compression=zstd:1
faults $((ROUNDS / 2)) b
end_load
conf_write wal_compression=zstd:1

ok "a's archiving catches up" wait_for none_waits a
LSN=$(sql a "select pg_current_wal_lsn()")
sql a "select pg_create_restore_point('end')" >/dev/null
none_waits a >/dev/null
ok "b has followed" wait_for replayed b "$LSN"
has "to the new timeline" "$(cat "$T/b.log")" \
    'restored log file "00000002[0-9A-F]{16}"'
is "b is a standby still" "$(sql b "select pg_is_in_recovery()")" t
dump a >"$T/dump.a"
dump b >"$T/dump.b"
same "b is what a is" "$T/dump.a" "$T/dump.b"
ok "the load was one" test "$(sql b \
    "select count(*) from pgbench_history")" -gt 100
is "nothing bad in b's log" "$(bad_lines b)" ""
[ "$T_FAILED" = 0 ] || say "SEED=$SEED ROUNDS=$ROUNDS was it"
