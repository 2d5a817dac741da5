#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Recovery targets of base-fetch, carried out by PostgreSQL; what is refused
# before anything is written; timelines; a standby.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

# Where the history of table t stands.
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

# reached NAME ROWS: recovery stands still, or has ended, with these rows.
reached()
{
	wait_for t_reached "$2"
	is "$1" "$(rows back)" "$2"
}

t_reached()
{
	[ "$(rows back)" = "$1" ]
}

paused()
{
	[ "$(sql back "select pg_get_wal_replay_pause_state()")" = paused ]
}

back_down()
{
	! pg_running back
}

add()
{
	sql pg "insert into t values ($1)"
}

now()
{
	sql pg "select clock_timestamp()${1:-}"
}

keygen main
sshd_start MaxSessions\ 100
conf_write wal_compression=zstd:1
pg_init pg -k --wal-segsize=1
pg_conf pg "max_prepared_transactions = 2"
pg_archive pg
pg_start pg
sql pg "create table t (n int)"
add 1
X1=$(sql pg "select xmin from t")
T0=$(now)
ok "first backup" run base-push --fast
FIRST=$(expr "$OUT" : 'backup \([0-9TZ-]*\)')
add 2
T2=$(now)
sleep 0.01
X3=$(sql pg "begin; insert into t values (3); select txid_current(); commit")
add 4
sql pg "select pg_create_restore_point('before it')" >/dev/null
L4=$(sql pg "select pg_current_wal_insert_lsn()")
# It begins before the second backup, and ends behind it.
XQ=$(sql pg "begin; insert into t values (0); select txid_current();
    prepare transaction 'q'")
add 5
pg_archived pg || die "archive"
ok "second backup" run base-push --fast --label "the second"
has "which transactions had ended" "$(run backup-show)" \
    "^transactions all below [0-9]+ had ended, none from [0-9]+ on$"
SECOND=$(expr "$OUT" : 'backup \([0-9TZ-]*\)')
IDLE=$(now)
sql pg "select pg_create_restore_point('idle')" >/dev/null
pg_archived pg || die "archive"
exits "a time behind a backup, with nothing after it" 1 \
    run base-fetch -n --target-time "$IDLE" "$T/back"
has "its cure" "$OUT" \
    "leave the target out .*, or give --target immediate and backup $SECOND,"
sql pg "commit prepared 'q'"
XS=$(sql pg "do 'begin begin insert into t values (-1);
    perform set_config(\$\$t.x\$\$, xmin::text, false) from t where n = -1;
    exception when others then null; end; end';
    select current_setting('t.x')")
add 6
T6=$(now)
sleep 0.01
add 7
sleep 0.01
# What is no end of a transaction does not count.
T7=$(now)
XP=$(sql pg "begin; insert into t values (70); select txid_current();
    prepare transaction 'p'")
sql pg "select pg_create_restore_point('behind')" >/dev/null
sql pg checkpoint
pg_archived pg || die "archive"
LATE=$(now "+ interval '1 hour'")

### Refused before anything is written

exits "a target before all backups" 1 \
    run base-fetch --target-time "$T0" "$T/back"
has "says which is the first" "$OUT" "$FIRST"
exits "a time that is not archived" 1 \
    run base-fetch --target-time "$LATE" "$T/back"
has "says how far it goes" "$OUT" "archived WAL reaches to 20"
exits "an LSN that is not archived" 1 \
    run base-fetch --target-lsn F/0 "$T/back"
has "its cure" "$OUT" "leave the target out"
exits "a time behind the last transaction" 1 \
    run base-fetch --target-time "$T7" "$T/back"
has "PostgreSQL would not find it" "$OUT" \
    "no transaction in it ended after the target time .* would not find it"
has "its cure" "$OUT" "leave the target out .*, or give --target-lsn [0-9A-F]"
L7=$(grep -oE -- '--target-lsn [0-9A-F]+/[0-9A-F]+' <<<"$OUT" | cut -d' ' -f2)
E7=$(expr "$OUT" : '.*which ended \([-0-9T:.]*Z\)')
exits "the time of the last transaction" 1 \
    run base-fetch --target-time "$E7" "$T/back"
ok "which can be excluded" \
    run base-fetch -n --target-time "$E7" --target-exclusive "$T/back"
exits "a transaction to come" 1 \
    run base-fetch --target-xid $((XP + 1)) "$T/back"
has "PostgreSQL would not find it" "$OUT" \
    "transaction $((XP + 1)) had not begun"
exits "one that was prepared, and is open" 1 \
    run base-fetch --target-xid "$XP" "$T/back"
has "and why" "$OUT" "has no end of transaction $XP, .* running or prepared"
exits "a subtransaction" 1 run base-fetch --target-xid "$XS" "$T/back"
has "and why" "$OUT" "has no end of transaction $XS, .* a subtransaction"
ok "one that was prepared, and has ended" \
    run base-fetch -n --target-xid "$XQ" "$T/back"
# The end of the last segment is zeros, behind the record that switched.
END=$(run base-fetch -n "$T/back" |
    sed -n 's/.*; up to LSN 0\/\([0-9A-F]*\), .*/\1/p')
PAD=$(printf '0/%X' $((0x$END - 8)))
exits "an LSN behind the last record" 1 \
    run base-fetch --target-lsn "$PAD" "$T/back"
has "its cure" "$OUT" "or give --target-lsn .*, the last record"
LAST=$(grep -oE -- '--target-lsn [0-9A-F]+/[0-9A-F]+' <<<"$OUT" |
    cut -d' ' -f2)
exits "an LSN before all backups" 1 run base-fetch --target-lsn 0/1 "$T/back"
exits "an unknown backup" 1 run base-fetch 20200101T000000Z "$T/back"
has "is named" "$OUT" 20200101T000000Z
exits "no backup's name" 2 run base-fetch ../x "$T/back"
exits "a backup that ends behind the target" 1 \
    run base-fetch --target-time "$T2" "$SECOND" "$T/back"
exits "an unknown timeline" 1 run base-fetch --target-timeline 9 "$T/back"
exits "what is no LSN" 2 run base-fetch --target-lsn nine "$T/back"
exits "two targets" 2 run base-fetch --target-xid 9 --target-lsn 0/9 "$T/back"
exits "an action without a target" 2 \
    run base-fetch --target-action promote "$T/back"
exits "a running server's directory" 3 run base-fetch "$T/pg"
has "is called so" "$OUT" "a PostgreSQL server runs there"
as mkdir "$T/some"
as touch "$T/some/file"
exits "a directory with a file" 3 run base-fetch "$T/some"
ok "which is still there" test -e "$T/some/file"
ok "a transaction" run base-fetch -n --target-xid "$X3" "$T/back"
has "the backup that ended before it" "$OUT" "^backup +$FIRST"
lacks "nothing is doubted" "$OUT" "only PostgreSQL can find out|began before"
exits "another backup" 1 \
    run base-fetch -n --target-xid "$X3" "$SECOND" "$T/back"
has "ended behind it" "$OUT" "transaction $X3 had ended before the end of"
exits "a transaction before all backups" 1 \
    run base-fetch -n --target-xid "$X1" latest "$T/back"
has "is said" "$OUT" "before the end of the first backup $FIRST"
ok "one that ran meanwhile" run base-fetch -n --target-xid "$XQ" "$T/back"
has "is reached from the one before" "$OUT" "^backup +$FIRST"
ok "another one can be named" \
    run base-fetch -n --target-xid "$XQ" "$SECOND" "$T/back"
has "since it ended behind that" "$OUT" "^target +at LSN [0-9A-F]+/"
lacks "nothing is doubted" "$OUT" "began before"
ok "a restore point" run base-fetch -n --target-name "before it" "$T/back"
has "the backup that ended before it" "$OUT" "^backup +$FIRST"
has "where it lies" "$OUT" "^target +at LSN [0-9A-F]+/[0-9A-F]+, 20"
lacks "nothing is doubted" "$OUT" "only PostgreSQL can find out"
exits "another backup" 1 \
    run base-fetch -n --target-name "before it" "$SECOND" "$T/back"
has "ended behind it" "$OUT" "has no restore point \"before it\""
ok "one behind both" run base-fetch -n --target-name idle "$T/back"
has "the newest backup" "$OUT" "^backup +$SECOND"
exits "a restore point that never was" 1 \
    run base-fetch -n --target-name never "$T/back"
has "is not there" "$OUT" "backup $FIRST to LSN .* has no restore point \"never"
exits "nor from a named backup" 1 \
    run base-fetch -n --target-name never "$FIRST" "$T/back"
for t in "--target immediate" "--target-time 2020-01-01Z" "--target-xid 9"
do
	# shellcheck disable=SC2086	# an option and its value
	exits "a standby with $t" 2 run base-fetch --standby $t "$T/back"
	has "and why" "$OUT" "has no recovery target"
done
is "nothing was made" "$(ls -d "$T"/back* 2>/dev/null)" ""

### What is said

(cd "$T" && find . -path ./home -prune -o -path ./pg -prune -o -print |
    sort) >"$T/home/before"
ok "a dry run over nothing" run base-fetch --delta -n "$T/back"
has "all would be restored" "$OUT" "^would restore [1-9].* in [1-9][0-9]* files"
ok "a dry run" run base-fetch --dry-run --target-time "$T6" \
    --target-action promote "$T/back"
(cd "$T" && find . -path ./home -prune -o -path ./pg -prune -o -print |
    sort) >"$T/home/after"
same "changes nothing" "$T/home/before" "$T/home/after"
has "which backup" "$OUT" "^backup +$SECOND, the second, ended 20"
has "the last commit" "$OUT" \
    "^target +the last commit before it is at 20.*Z, LSN [0-9A-F]+/"
has "how much" "$OUT" "^size +[0-9.]+ MB in [0-9]+ files, stored in"
has "which WAL" "$OUT" "^WAL +[0-9]+ segments from .* on, none missing"
has "what is written" "$OUT" "^recovery_target_time = '20"
has "what runs" "$OUT" "^restore_command = '.*/wal-fetch .*%f.*%p"
has "archiving held" "$OUT" "^archive_command = 'false'"
has "the signal file" "$OUT" "^recovery.signal"
ok "a time without a zone" run env TZ=Asia/Tokyo base-fetch -n \
    --target-time "$(TZ=Asia/Tokyo date -d "$T6" "+%F %T.%6N")" "$T/back"
has "says which" "$OUT" "time zone, UTC\+09:00"
has "and means it" "$OUT" \
    "recovery_target_time = '$(date -u -d "$T6" "+%F %T.%6N")\+00'"

### To the target

fetched "time" --target-time "$T2"
reached "time" 2
ok "it pauses there" wait_for paused
sql back "select pg_wal_replay_resume()" >/dev/null
ok "and ends when told" wait_for t_primary back
is "archiving is held" "$(sql back "show archive_command")" false
pg_stop back

fetched "xid" --target-xid "$X3" --target-action promote
ok "it promotes" wait_for t_primary back
reached "xid" 3
pg_stop back

fetched "xid, exclusive" --target-xid "$X3" --target-exclusive "$FIRST"
reached "xid, exclusive" 2
pg_stop back

fetched "xid of the backup's time" --target-xid "$XQ" "$SECOND"
ok "it pauses there" wait_for paused
is "xid of the backup's time" \
    "$(sql back "select count(*) from t where n = 0"), $(rows back)" "1, 5"
pg_stop back

as rm -rf "$T/back"
ok "name: restore" run base-fetch --target-name "before it" \
    --target-action shutdown "$FIRST" "$T/back"
pg_launch back
ok "it shuts down" wait_for back_down
has "at the target" "$(cat "$T/back.log")" "restore point \"before it\""

fetched "name, without a backup's" --target-name "before it"
reached "name, without a backup's" 4
ok "it pauses there" wait_for paused
pg_stop back

fetched "LSN" --target-lsn "$L4" --target-action promote
reached "LSN" 4
pg_stop back

### Near the end of the archive

fetched "the last transaction" --target-lsn "$L7"
reached "the last transaction" 7
pg_stop back
fetched "before it" --target-time "$E7" --target-exclusive
reached "before it" 6
pg_stop back
fetched "the last record" --target-lsn "$LAST"
reached "the last record" 7
pg_stop back
# fetch_wrong KIND GOOD BAD: what was refused would have failed.
fetch_wrong()
{
	as rm -rf "$T/back" "$T/back.log"
	ok "$1 $3: restore" run base-fetch "--target-$1" "$2" "$T/back"
	as sed -i "s|^recovery_target_$1 = .*|recovery_target_$1 = '$3'|" \
	    "$T/back/postgresql.auto.conf"
	pg_launch back
	ok "$1 $3: PostgreSQL fails" wait_for back_down
	has "$1 $3: at the end of WAL" "$(cat "$T/back.log")" \
	    "recovery ended before configured recovery target was reached"
}
fetch_wrong time "$T6" "$T7"
fetch_wrong time "$T6" "${E7%Z}+00"
fetch_wrong lsn "$L7" "$PAD"
fetch_wrong xid "$XQ" $((XP + 1))
fetch_wrong xid "$XQ" "$XP"
fetch_wrong xid "$XQ" "$XS"
# What ends without a commit ends, too.
sql pg "rollback prepared 'p'"
pg_archived pg || die "archive"
fetched "a rollback behind the target" --target-time "$T7"
reached "a rollback behind the target" 7
ok "it pauses there" wait_for paused
pg_stop back

fetched "immediate" --target immediate --target-action promote "$FIRST"
ok "it promotes" wait_for t_primary back
reached "immediate" 1
pg_stop back

fetched "to the end" --keep-archiving
ok "it ends recovery" wait_for t_primary back
reached "to the end" 7
has "archiving goes on" "$(sql back "show archive_command")" wal-push
ok "its timeline is archived" pg_archived back
sql back "insert into t values (20)"
TB=$(sql back "select clock_timestamp()")
sleep 0.01
sql back "insert into t values (21)"
ok "and archived" pg_archived back
pg_stop back

### Timelines: 1 goes on beside 2

add 8
pg_archived pg || die "archive"
exits "not without being asked" 1 run base-fetch -n "$T/back"
has "another line goes on" "$OUT" "beside it timeline 1 has newer commits"
fetched "latest timeline" --target-action promote --target-time "$TB" \
    --target-timeline latest
reached "latest timeline" 20
pg_stop back
fetched "current timeline" --target-timeline current
ok "it ends recovery" wait_for t_primary back
reached "current timeline" 8
pg_stop back
fetched "timeline by number" --target-timeline 2
ok "it ends recovery" wait_for t_primary back
reached "timeline by number" 21
pg_stop back

# Without its history nobody knows whether timeline 2 is the latest.
H=$(echo "$REPO"/main/*/wal/00000002.history)
as cp -p "$H" "$T/history"
as chmod u+w "$H"
as truncate -s -1 "$H"
as rm -rf "$T/back"
exits "a damaged history" 7 run base-fetch "$T/back"
has "leaves the latest timeline open" "$OUT" \
    "00000002.history: .*timeline is not known"
ok "not the current one" run base-fetch -n --target-timeline current "$T/back"
as cp -fp "$T/history" "$H"

### A standby by the archive alone

fetched "standby" --standby --hold-archiving --target-timeline current
reached "standby" 8
add 9
pg_archived pg || die "archive"
reached "it follows" 9
is "as a standby" "$(sql back "select pg_is_in_recovery()")" t
sql pg "alter system set recovery_target_xid = '4711'"
conf_write wal_compression=zstd:1 \
    conninfo="host=$T/back.sock port=5432 user=postgres dbname=postgres"
background run base-push --fast --label standby >"$T/push.out" 2>&1
i=0
while kill -0 "$BG" 2>/dev/null && [ "$i" -lt 30 ]; do
	i=$((i + 1))
	add 10
	sql pg "select pg_switch_wal()" >/dev/null
	[ "$i" -gt 1 ] || sql pg checkpoint
	sleep 0.5
done
wait "$BG"
is "a standby is backed up" "$?" 0
conf_write wal_compression=zstd:1
ok "it is promoted" sql back "select pg_promote()"
is "and writes" "$(sql back "insert into t values (30) returning n")" 30
pg_stop back
STANDBY=$(sed -n 's/^backup \([0-9TZ-]*\):.*/\1/p' "$T/push.out")
fetched "its backup" --target-timeline current "$STANDBY"
ok "it ends recovery" wait_for t_primary back
reached "its backup" 10
pg_stop back

### An older target in postgresql.auto.conf; a gap

ok "a backup with an old target" run base-push --fast
fetched "old target" --target immediate --target-action promote
ok "it ends recovery" wait_for t_primary back
lacks "the old target is gone" "$(cat "$T/back/postgresql.auto.conf")" 4711
pg_stop back
as rm -rf "$T/back"
add 11
seg=$(pg_switch pg)
add 12
pg_archived pg || die "archive"
find "$REPO" -name "$seg" -exec rm -f {} +
exits "a gap" 1 run base-fetch --target-timeline current "$T/back"
has "is named" "$OUT" "WAL segment $seg is missing"
exits "a target behind it" 1 \
    run base-fetch --target-timeline current --target-lsn F/0 "$T/back"
has "cannot be left out" "$OUT" "$seg is missing behind that, so choose"
seg=$(run base-fetch -n --target immediate "$FIRST" "$T/back" |
    sed -n 's/^WAL .* segments from \([0-9A-F]*\) .*/\1/p')
find "$REPO" -name "$seg" -exec rm -f {} +
exits "a backup without its WAL" 1 run base-fetch "$FIRST" "$T/back"
has "is told" "$OUT" "$FIRST cannot be restored: it needs WAL segment $seg"
ok "nothing was made" test ! -e "$T/back"
