#!/bin/bash
# SPDX-License-Identifier: ISC
#
# backup-check of a cluster whose WAL is received and not archived: green while
# wal-receive runs; each thing that breaks turns the check of its name red, and
# no other one; and what the page gives as its cure makes it green again.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=test/system/checks.sh
. "$T_TOP/test/system/checks.sh"

# receive [OPTION]...: until it is the server's standby
receive()
{
	receiver "$@"
	wait_for received || die "it does not receive"
}

# Whether a receiver is connected and all is acknowledged.
received()
{
	[ "$(sql pg "select count(*) from pg_stat_replication where
	    flush_lsn >= pg_current_wal_flush_lsn()")" = 1 ]
}

stop_receiver()
{
	# shellcheck disable=SC2046	# one
	kill -TERM $(receivers)
	wait "$BG"
}

full_backup()
{
	run base-push --fast --quiet || die "base-push"
}

as mkdir -p "$REPO"
keygen main
conf_write repository="$REPO" streaming_conninfo="host=$T/pg.sock port=5432 \
user=postgres" status_interval=1s wal_compression=zstd:1
pg_init pg --wal-segsize=1 -k
pg_conf pg "wal_keep_size = 0" "min_wal_size = 2MB" "max_wal_size = 2MB"
start pg
pg_slim pg
receive --from-now
work
wait_for received
full_backup
work
sql pg "create table t (i int)"
wait_for received

### All is well

green "WAL that is received" --deep
has "it is said" "$(found settings)" "archive_mode is off, and WAL is received"
has "the receiver" "$(found receiver)" "it is connected to slot seawall_main"
has "no archiver" "$(found archiver)" "archive_mode is off; see receiver"
is "what is known" "$(status receiver),$(status slot),$(status archived)" \
    ok,ok,ok
sql pg "insert into t values (1)"
wait_for received
green "a part of a segment"
has "what was streamed counts" "$(found recoverable)" \
    "streamed to LSN .*would lose 0 bytes"

METRICS=$(run backup-check "${ANY[@]}" --format prometheus)
has "a metric" "$METRICS" '^seawall_receiver_seconds\{server="main"\} 0$'
has "and another" "$METRICS" '^seawall_slot_bytes\{server="main"\} [0-9]+$'

### What was acknowledged and is not there

OPEN=$(find "$REPO" -name '*.open-*' | tail -n 1)
cp -p "$OPEN" "$T/open"
as chmod u+w "$OPEN"
truncate -s 600 "$OPEN"
check
red "a part that was cut" receiver=critical
has "how far" "$(found receiver)" "acknowledged, and the repository has it"
work
wait_for received
green "the cure"

### The receiver

stop_receiver
work
green "no receiver, while one may come back"
later 50
check --warn receiver=off --critical receiver=off
red "no receiver" receiver=warning
later 121
check
red "two minutes later" receiver=critical
has "the cure" "$(found receiver)" "what wal-receive last said, and start it"
check --critical wal-space=1000000000 --warn slot=1
red "with little space" receiver=critical wal-space=critical slot=warning
later 0
receive
green "the cure"

### The slot

stop_receiver
sql pg "select pg_drop_replication_slot('seawall_main')" >/dev/null
check
red "a slot that is gone" slot=critical
has "the cure" "$(found slot)" "wal-receive --create-slot"
receive --create-slot
full_backup
work
wait_for received
green "the cure"

stop_receiver
setting "max_slot_wal_keep_size = '1MB'"
for i in 1 2 3 4 5 6; do
	work
done
sql pg checkpoint
check
red "a slot that was given up" slot=critical
has "the cure" "$(found slot)" "drop-slot, then wal-receive --create-slot"
setting "max_slot_wal_keep_size = '-1'"
OLD=$(run backup-list --json | jq -r '.[0].backups[].id')
ok "drop" run wal-receive --drop-slot
receive --create-slot
work
wait_for received
sleep 1.1			# ids have seconds, and so differ
full_backup
work
wait_for received
for id in $OLD; do
	run backup-expire --delete "$id" || die "--delete"
done >/dev/null
green "the cure"

### No more

stop_receiver
ok "the slot is dropped" run wal-receive --drop-slot
ok "and once more" run wal-receive --drop-slot
check
red "neither received nor archived" slot=critical
pg_stop pg
pg_archive pg
start pg
work
pg_archived pg
green "archived from now on"
has "no slot is missed" "$(found slot)" "not used"
check -o slot=seawall_main
red "but where it is configured" slot=critical
receive --create-slot
work
pg_archived pg
wait_for received
green "both archived and received"

### A slot of somebody else

later 0
sql pg "select pg_create_physical_replication_slot('forgotten', true)" \
    >/dev/null
for i in 1 2 3 4; do
	work
done
pg_archived pg
wait_for received
green "a slot that somebody may read from" --warn slot=1M
later 400
green "little is kept"
check --warn slot=1M
red "a forgotten slot" wal-space=warning
has "it is named" "$(found wal-space)" "slot forgotten.* [0-9.]+ MiB of WAL"
if [ "$(sql pg "show server_version_num")" -ge 170000 ]; then
	has "since when" "$(found wal-space)" "forgotten since 20[^ ]+, for"
fi
check --critical wal-space=1000000000
red "and it fills the disk" wal-space=critical
has "in time" "$(found wal-space)" "slot forgotten.* last for [0-9]+ minutes"
has "the cure" "$(found wal-space)" "pg_drop_replication_slot.'forgotten'"
setting "max_slot_wal_keep_size = '64MB'"
green "given up before the disk is full" --critical wal-space=1000000000
setting "max_slot_wal_keep_size = '-1'"
sql pg "select pg_drop_replication_slot('forgotten')" >/dev/null
green "the cure" --warn slot=1M
later 0
