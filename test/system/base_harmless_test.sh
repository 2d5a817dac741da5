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

# What the stopped copy is set to.
setting()
{
	as "$PGSERVER/postgres" -C "$1" -D "$T/back"
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
sql pg "alter system set max_prepared_transactions = 3"
pg_stop pg
pg_start pg
sql pg "insert into t values (4)"
pg_archived pg || die "archive"

fetched "to the end"
SAID=$OUT
has "it says that archiving is held" "$SAID" "^held: archiving"
has "and subscriptions" "$SAID" "^held: subscriptions"
has "and how to release both" "$SAID" "ALTER SYSTEM RESET archive_command;"
has "and that it may be empty then" "$SAID" \
    "see that archive_command is set: .* seawall-setup --apply sets it again"
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
# Not started: it would archive its timeline beside the original's.
has "archiving is as it was" "$(setting archive_command)" wal-push
is "subscriptions too" "$(setting max_logical_replication_workers)" 4
is "and hot standby" "$(setting hot_standby)" on

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
conf back "recovery_min_apply_delay = 0" "max_connections = 130" \
    "max_prepared_transactions = 3"
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

### A later backup knows what was raised

ok "a later backup" run base-push --fast
has "its label has the settings" "$(run backup-show)" \
    "^hot standby +max_connections 130,"
pg_archived pg || die "archive"
as rm -rf "$T/back"
ok "to pause before it: restore" run base-fetch --target-time "$T2" "$T/back"
has "the new value is named" "$OUT" \
    "^found: max_connections is 20 here, and the original later had 130 "
lacks "and no other" "$OUT" "^found: max_w[a-z_]+ is "
as rm -rf "$T/back"
ok "to promote: restore" run base-fetch --target-time "$T2" \
    --target-action promote "$T/back"
lacks "it does not matter" "$OUT" "^found: max_connections"
has "what stops recovery all the same does" "$OUT" "^found: \
max_prepared_transactions is 0 here, and the original later had 3 "

### Places of the original

as mkdir "$T/log" "$T/conf"
printf "external_pid_file = '%s'\n" "$T/home/pid" >"$T/conf/more.conf"
chmod 644 "$T/conf/more.conf"
as touch "$T/home/hba" && as cp "$T/pg/pg_hba.conf" "$T/home/hba"
conf pg "recovery_target_name = ''" "recovery_min_apply_delay = 0" \
    "data_directory = '$T/pg'" "hba_file = '$T/home/hba'" \
    "include '$T/conf/more.conf'" "log_directory = '$T/log'" \
    "synchronous_standby_names = 'far'"
pg_stop pg
pg_start pg
sql pg "set synchronous_commit = local; insert into t values (5)" >/dev/null
ok "backup" run base-push --fast
pg_archived pg || die "archive"
as rm -rf "$T/back"
ok "beside the original: restore" run base-fetch --target immediate \
    --target-action promote "$T/back"
has "data_directory is named" "$OUT" "^changed: data_directory was '$T/pg'"
has "hba_file, too" "$OUT" "^changed: hba_file was '$T/home/hba'"
has "a file of an include" "$OUT" "^changed: external_pid_file was"
has "and the include" "$OUT" "^found: .*includes '$T/conf/more.conf'"
has "log_directory" "$OUT" "^changed: log_directory was '$T/log'"
has "commits that would wait" "$OUT" "^found: synchronous_standby_names"
ok "backup_manifest is right" as "$PGBIN/pg_verifybackup" -n "$T/back"
PID=$(cat "$T/home/pid")
pg_start back
ok "it ends recovery" wait_for t_primary back
is "the copy runs on its own directory" \
    "$(sql back "show data_directory")" "$T/back"
is "with its own pg_hba.conf" "$(sql back "show hba_file")" \
    "$T/back/pg_hba.conf"
is "and its own log" "$(sql back "show log_directory")" log
is "the original's file is untouched" "$(cat "$T/home/pid")" "$PID"
is "the original runs on" "$(sql pg "show data_directory")" "$T/pg"
pg_stop back

# A second time, over the first: appended once.
ok "over it" run base-fetch --delta --force --target immediate \
    --target-action promote "$T/back"
is "appended once" "$(grep -c "^data_directory = '$T/back'" \
    "$T/back/postgresql.conf")" 1
ok "backup_manifest is right" as "$PGBIN/pg_verifybackup" -n "$T/back"

### A tablespace that was made after the backup

as mkdir "$T/later"
sql pg "set synchronous_commit = local;
    create table u (n int)" >/dev/null
sql pg "alter system set synchronous_commit = local"
sql pg "select pg_reload_conf()" >/dev/null
sql pg "create tablespace later location '$T/later'"
pg_archived pg || die "archive"
as rm -rf "$T/back"
exits "the original's tablespace is in the way" 3 run base-fetch "$T/back"
has "it is named" "$OUT" "$T/later: belongs to a tablespace that was made"
ok "nothing was made" test ! -e "$T/back"
ok "not for one that stops before it" run base-fetch -n --target immediate \
    "$T/back"

# In its own place it is no copy.
pg_stop pg
ok "in place" run base-fetch --delta --force --target immediate \
    --target-action promote "$T/pg"
lacks "nothing is changed" "$OUT" "^changed"
is "postgresql.conf neither" \
    "$(tail -n 1 "$T/pg/postgresql.conf")" "synchronous_standby_names = 'far'"
