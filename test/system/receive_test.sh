#!/bin/bash
# SPDX-License-Identifier: ISC
#
# wal-receive with a real server and a real sshd: commits wait for the
# repository and are acknowledged; a fast stop, a killed receiver, a repository
# that is away, slots that are taken, missing or invalidated, a promotion.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

LOG=$T/receive.log
STREAM="host=$T/pg.sock port=5432 user=postgres"

attached()
{
	[ "$(sql pg "select count(*) from pg_stat_replication")" = 1 ]
}

# The names of open objects in the repository.
opens()
{
	find "$REPO/main" -path '*/wal/*' -type f -printf '%f\n' |
	    grep -E '\.open-' | sort
}

stored()
{
	stored_segments | grep -qx "$1"
}

# shellcheck disable=SC2119
sshd_start
# shellcheck disable=SC2119
keygen
conf_write streaming_conninfo="$STREAM" io_timeout=3s status_interval=1s
pg_init pg --wal-segsize=1
pg_conf pg "wal_level = replica" "max_wal_senders = 5" \
    "max_replication_slots = 5" "wal_keep_size = 0"
pg_start pg

### Where it begins

exits "without a slot it refuses" 8 run wal-receive
has "and says what to do" "$OUT" "no slot seawall_main; create it with"
exits "a name that is no slot's is refused" 2 run wal-receive --slot A-B
receiver --from-now
wait_for grep -q "streaming timeline 1" "$LOG" || fail "it does not stream"
has "it says that nothing reaches further back" "$(cat "$LOG")" \
    "no recovery reaches further back"
require pg
wait_for synced pg || fail "it is no synchronous standby"

### Commits

sql pg "create table t (i int); insert into t values (1)" >/dev/null &&
    pass "a commit is acknowledged"
has "the segment under way is an open object" "$(opens)" "open-001"
ended=$(pg_switch pg)
wait_for stored "$ended" && pass "a segment that ended gets its name"
wait_for eval "! opens | grep -q '^$ended'" &&
    pass "and its open objects go"
sql pg "insert into t select generate_series(1, 100000)" >/dev/null &&
    pass "several segments are acknowledged"

### A slot that is taken


background run wal-receive >"$T/second.log" 2>&1
second=$BG
wait_for grep -q "slot seawall_main is taken" "$T/second.log" &&
    pass "a second receiver says that the slot is taken"
t_signal TERM "$second"
wait "$second"

### Killed

# shellcheck disable=SC2046	# one
kill -KILL $(receivers)
receiver
sql pg "insert into t values (3)" >/dev/null &&
    pass "killed and started again, it acknowledges"

### The repository away and back

sshd_pause
( sql pg "insert into t values (4)" >/dev/null; echo "done" >"$T/four" ) &
wait_for grep -qE "trying again" "$LOG" || fail "it does not notice"
is "no commit is acknowledged meanwhile" "$(cat "$T/four" 2>/dev/null)" ""
sshd_cont
wait_for test -s "$T/four" && pass "it comes back by itself"

### A fast stop

wait_for synced pg
begin=$SECONDS
pg_stop pg -m fast
is "a fast stop returns within 5 s" \
    "$((SECONDS - begin <= 5))" 1
pg_start pg
wait_for synced pg && pass "and it attaches again"
sshd_pause
begin=$SECONDS
pg_stop pg -m fast
is "also while the repository is away" "$((SECONDS - begin <= 6))" 1
sshd_cont
pg_start pg
wait_for synced pg && pass "and it attaches once more"

### The end

# shellcheck disable=SC2046	# one
kill -TERM $(receivers)
wait "$BG"
is "SIGTERM ends it with 0" $? 0
lsn=$(sql pg "select pg_current_wal_lsn()")
ok "--once ends when all is durable" run wal-receive --once "$lsn"

### Promotion

require pg ""
pg_standby two pg
pg_start two
wait_for attached
pg_stop pg -m fast
as "$PGSERVER/pg_ctl" -D "$T/two" -w -s promote >/dev/null
wait_for t_primary two
conf_write streaming_conninfo="host=$T/two.sock port=5432 user=postgres" \
    io_timeout=3s status_interval=1s
sql two "insert into t values (5)" >/dev/null
lsn=$(sql two "select pg_current_wal_lsn()")
ok "the new primary's timeline follows" run wal-receive --create-slot \
    --once "$lsn"
ok "its history file is there" test -f \
    "$REPO/main/$(pg_system_id two)/wal/00000002.history"
conf_write streaming_conninfo="$STREAM" io_timeout=3s status_interval=1s
pg_start pg
background run wal-receive >"$T/old.log" 2>&1
wait_for grep -q "is it a primary that was replaced" "$T/old.log" &&
    pass "the server that was replaced is refused"
bg_signal TERM

### A slot that nobody empties, and then an invalidated one

conf_write streaming_conninfo="host=$T/two.sock port=5432 user=postgres" \
    io_timeout=3s status_interval=1s \
    conninfo="host=$T/two.sock port=5432 $T_LOGIN"
pg_conf two "max_slot_wal_keep_size = 8MB"
sql two "select pg_reload_conf()" >/dev/null
sshd_stop
for _ in 1 2 3 4 5; do
	pg_switch two >/dev/null
	sql two "insert into t values (6)" >/dev/null
done
background run wal-receive >"$T/room.log" 2>&1
wait_for grep -qE "keeps [0-9] MiB .* gives it up in [0-9] MiB" \
    "$T/room.log" && pass "a slot that is about to be given up is warned of"
bg_signal TERM
wait "$BG"
sshd_again
pg_conf two "max_slot_wal_keep_size = 1MB"
sql two "select pg_reload_conf()" >/dev/null
for _ in 1 2 3 4 5; do
	pg_switch two >/dev/null
	sql two "insert into t values (6); checkpoint" >/dev/null
done
exits "a slot that was invalidated is an error" 8 run wal-receive
has "and says what is lost" "$OUT" "lost"
ok "the slot is dropped" run wal-receive --drop-slot
