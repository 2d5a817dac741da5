#!/bin/bash
# SPDX-License-Identifier: ISC
#
# A restored copy does no harm to the cluster that it came from, and is not
# ruled by what that cluster's configuration has left of earlier days.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

rows()
{
	sql "$1" "select coalesce(max(n), 0) from t" 2>&1
}

# fetched WHAT OPTIONS...: into T/back, and started
fetched()
{
	as rm -rf "$T/back"
	ok "$1: restore" run base-fetch "${@:2}" "$T/back"
	pg_start back
}

t_rows()
{
	[ "$(rows "$1")" = "$2" ]
}

# conf NAME LINE...: more lines for postgresql.conf, as they might be there
conf()
{
	printf '%s\n' "${@:2}" >>"$T/$1/postgresql.conf"
}

keygen main
sshd_start MaxSessions\ 100
conf_write wal_compression=zstd:1
pg_init pg -k --wal-segsize=1
pg_archive pg
pg_start pg
sql pg "create table t (n int)"
sql pg "insert into t values (1)"

### Settings of an earlier recovery, without effect on a primary

VERSION=$(sql pg "show server_version_num")
conf pg "recovery_target_name = 'long ago'" \
    "recovery_min_apply_delay = '6h'" \
    "recovery_end_command = 'touch $T/home/end'" \
    "archive_cleanup_command = 'touch $T/home/cleanup'" \
    "recovery_target_action = 'shutdown'" \
    "recovery_target_inclusive = off" \
    "primary_slot_name = 'mine'"
[ "$VERSION" -ge 160000 ] || conf pg "promote_trigger_file = '$T/home/trigger'"
as touch "$T/home/trigger"
pg_stop pg
pg_start pg
ok "backup" run base-push --fast
sql pg "insert into t values (2)"
T2=$(sql pg "select clock_timestamp()")
sleep 0.01
sql pg "insert into t values (3)"

# Raised after the backup: with hot standby recovery would pause for ever.
sql pg "alter system set max_connections = 130"
pg_stop pg
pg_start pg
sql pg "insert into t values (4)"
pg_archived pg || die "archive"

fetched "to the end"
SAID=$OUT
has "it says that archiving is held" "$SAID" "^held: archiving"
has "and subscriptions" "$SAID" "^held: subscriptions"
has "and how to release both" "$SAID" "ALTER SYSTEM RESET archive_command;"
has "and that it is not open before the end" "$SAID" "hot_standby = off"
ok "recovery ends" wait_for t_primary back
is "all rows" "$(rows back)" 4
is "subscriptions are held" \
    "$(sql back "show max_logical_replication_workers")" 0
printf '%s\n' "$SAID" | sed -n 's/^    \(ALTER .*;\)$/\1/p' >"$T/release"
while read -r s; do
	ok "$s" sql back "$s"
done <"$T/release"
pg_stop back
pg_start back
has "archiving is as it was" "$(sql back "show archive_command")" wal-push
is "subscriptions too" \
    "$(sql back "show max_logical_replication_workers")" 4
is "and hot standby" "$(sql back "show hot_standby")" on
pg_stop back

fetched "to a time" --target-time "$T2" --target-action promote
ok "recovery ends" wait_for t_primary back
is "rows up to then" "$(rows back)" 2
pg_stop back
fetched "to a time, paused" --target-time "$T2"
ok "it answers there" wait_for t_rows back 2
is "and pauses" "$(sql back "show recovery_target_action")" pause
pg_stop back
ok "no command of the original ran" test ! -e "$T/home/end"
ok "not this one either" test ! -e "$T/home/cleanup"

### A standby keeps what a standby needs, and archives once it is promoted

as rm -rf "$T/back"
ok "standby: restore" run base-fetch --standby "$T/back"
has "its archiving is not held" "$OUT" "archiving is not held"
lacks "nothing is held" "$OUT" "^held"
conf back "recovery_min_apply_delay = 0" "max_connections = 130"
pg_start back
ok "it replays everything" wait_for t_rows back 4
is "it is up and in recovery" "$(sql back "select pg_is_in_recovery()")" t
is "its slot stays" "$(sql back "show primary_slot_name")" mine
has "its archiving too" "$(sql back "show archive_command")" wal-push
sql back checkpoint
ok "no foreign clean-up" test ! -e "$T/home/cleanup"
pg_stop back
as rm -rf "$T/back"
ok "held: restore" run base-fetch --standby --hold-archiving "$T/back"
has "it is said" "$OUT" "^held: archiving"
has "and done" "$(cat "$T/back/postgresql.auto.conf")" \
    "^archive_command = 'false'"
exits "not both" 2 run base-fetch --keep-archiving --hold-archiving "$T/back"
