#!/bin/bash
# SPDX-License-Identifier: ISC
#
# wal-receive follows a cluster: a switchover to a standby and back, a failover
# whose new primary archives its .partial file, the server that was replaced,
# another cluster in its place, one that was set back; and settings that it
# warns of.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

LOG=$T/receive.log

# Receive from that cluster from now on.
points_to()
{
	conf_write streaming_conninfo="host=$T/$1.sock port=5432 \
user=postgres" status_interval=1s wal_compression=zstd:1 agent_linger=1s
}

streams()
{
	[ "$(sql "$1" "select state from pg_stat_replication
	    where application_name = 'seawall_main'")" = streaming ]
}

stop_receivers()
{
	kill_some TERM wal-receive
	wait_for no_receivers || die "a receiver does not end"
}

# Promoted by itself, with its own WAL behind it.
promote()
{
	as "$PGSERVER/pg_ctl" -D "$T/$1" -w -s promote >/dev/null
	wait_for t_primary "$1" || die "$1 is not promoted"
	sql "$1" "set synchronous_commit = local;
	    insert into t select generate_series(1, 1000)"
}

# follow NAME OF: a cluster that was stopped is a standby of another one
follow()
{
	local from="host=$T/$2.sock port=5432 user=postgres"

	as touch "$T/$1/standby.signal"
	pg_conf "$1" "primary_conninfo = '$from'" \
	    "recovery_target_timeline = 'latest'"
	pg_start "$1"
	wait_for eval "[ \"\$(sql $2 \"select count(*) from
	    pg_stat_replication where application_name = 'walreceiver'\")\" \
	    = 1 ]" || die "$1 does not follow $2"
}

caught_up()
{
	local lsn

	lsn=$(sql "$1" "select pg_current_wal_lsn()")
	wait_for eval "[ \"\$(sql $1 \"select count(*) from
	    pg_stat_replication where flush_lsn >= '$lsn'\")\" = 2 ]" ||
	    die "standbys of $1 do not catch up"
}

# shellcheck disable=SC2119
sshd_start
# shellcheck disable=SC2119
keygen
points_to one
pg_init one --wal-segsize=1
pg_conf one "wal_keep_size = 1GB" "synchronous_commit = remote_apply" \
    "max_slot_wal_keep_size = 10GB"
pg_archive one
pg_start one
sql one "create table t (i int)"
receiver --from-now
wait_for streams one || die "it does not stream"
has "remote_apply is warned of" "$(cat "$LOG")" "remote_apply"
require one
sql one "insert into t values (1)" && pass "and commits return"
pg_standby two one
pg_start two

has "and of a limit" "$(cat "$LOG")" "max_slot_wal_keep_size is 10GB"

### A switchover, and back

caught_up one
begin=$SECONDS
pg_stop one -m fast
ok "a fast stop with two standbys" test $((SECONDS - begin)) -le 5
promote two
points_to two
stop_receivers
receiver --create-slot
wait_for streams two || die "it does not stream from two"
follow one two
sql two "insert into t select generate_series(1, 30000)"
caught_up two
pg_stop two -m fast
promote one
points_to one
stop_receivers
receiver
wait_for streams one && pass "a switchover to a standby, and back"
follow two one
is "remote_apply was warned of once by each receiver" \
    "$(grep -c remote_apply "$LOG")" 3
for tli in 2 3; do
	ok "the history of $tli" test -f \
	    "$REPO/main/$(pg_system_id one)/wal/0000000$tli.history"
done
caught_up one

### A failover in the middle of a segment, with archive_command on

pg_crash one
promote two
stop_receivers
points_to two
receiver
wait_for streams two || die "it does not stream after the failover"
pg_archived two
has "the new primary archived its .partial file" \
    "$(find "$REPO" -name '*.partial')" "partial"
end=$(pg_switch two)
wait_for eval "stored_segments | grep -qx '$end'" || fail "no $end"
stop_receivers
ok "timeline 4 is stored without a gap" same_wal two 00000004
lacks "no conflict" "$(cat "$LOG" "$T/one.log" "$T/two.log")" \
    "conflict|differs"
ok "no gap is listed" run backup-list
lacks "none at all" "$OUT" "gap"

### The server that was replaced, and others that are not the one

points_to one
pg_start one
background run wal-receive >"$T/old.log" 2>&1
wait_for grep -q "is it a primary that was replaced" "$T/old.log" &&
    pass "the server that was replaced is not acknowledged"
stop_receivers
pg_stop one -m fast

# Two is set back: to what it was, and then another history.
points_to two
receiver
wait_for streams two
pg_stop two -m fast
stop_receivers
as cp -a "$T/two" "$T/before"
pg_start two
receiver
wait_for streams two
sql two "insert into t select generate_series(1, 30000)"
lsn=$(sql two "select pg_current_wal_lsn()")
wait_for eval "[ \"\$(sql two \"select flush_lsn >= '$lsn' from
    pg_stat_replication\")\" = t ]"
pg_stop two -m immediate
stop_receivers
as rm -rf "$T/two"
as mv "$T/before" "$T/two"
pg_start two
exits "a server that was set back is refused" 6 run wal-receive
has "and it says so" "$OUT" "was set back to an earlier state"
as rm -rf "$T/state"
as mkdir -m 700 "$T/state"
exits "also by a host that remembers nothing" 6 run wal-receive
pg_stop two -m fast

pg_init three --wal-segsize=1
pg_start three
points_to three
echo "1234567890123456789 4 0/1000000" >"$T/state.new"
as mkdir -p "$T/state/main"
as cp "$T/state.new" "$T/state/main/received-seawall_main"
exits "another cluster is refused" 6 run wal-receive --create-slot
has "and named" "$OUT" "expected 1234567890123456789"
