#!/bin/bash
# SPDX-License-Identifier: ISC
#
# A server is lost in the middle of a segment that was being streamed: listing,
# verification, plan and recovery know of it, and wal-push does not archive what
# wal-fetch has filled up.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

[ -x "$T_BIN/stream" ] || skip "no stream: make the tools first"

rows()
{
	sql "$1" "select count(*) from t" 2>&1
}

add()
{
	sql pg "insert into t values ($1)"
}

# stream BYTES NUMBER [FILE]: of the last segment.
stream()
{
	run stream "$SYSTEM" "${3:-$T/lost/$LAST}" "$1" "$2"
}

# The LSN so many bytes into the last segment.
lsn_at()
{
	printf '%X/%X' $((16#${LAST:8:8})) \
	    $((16#${LAST:16:8} * 1048576 + $1))
}

# name_behind NAME: of the next segment.
name_behind()
{
	printf '%s%08X' "${1:0:16}" $((16#${1:16:8} + 1))
}

# fetch NAME [OPTION]...: as PostgreSQL asks in T/r, into T/r/out.
fetch()
{
	local name=$1

	shift
	as rm -f "$T/r/out"
	(cd "$T/r" && run wal-fetch -o fetch_retry=0 "$@" "$name" out)
}

# filled WHAT BYTES: T/r/out has so many of the last segment, and then zeros.
filled()
{
	local tail

	ok "$1: as it was written" cmp -n "$2" "$T/r/out" "$T/lost/$LAST"
	tail=$(tail -c +$(($2 + 1)) "$T/r/out" | tr -d '\0' | wc -c)
	is "$1: then zeros" "$tail $(stat -c %s "$T/r/out")" "0 1048576"
	has "$1: noted" "$(tail -n 1 "$T/r/seawall_padded")" \
	    "^$LAST $(lsn_at "$2") [0-9a-f]{64}$"
}

# open_path NUMBER [SEGMENT]: of an open object, for the storage host.
open_path()
{
	printf '%s' "$DIR/wal/${LAST:0:8}/${LAST:8:8}/${2:-$LAST}.open-$1"
}

# bytes_of PATH N: the first bytes of the whole object are all of it.
bytes_of()
{
	as sh -c "chmod 600 '$1' && head -c $2 '$T/whole' >'$1' && \
	    chmod 400 '$1'"
}

keygen main
keygen other
sshd_start --append-only
conf_write wal_compression=zstd:1
pg_init pg --wal-segsize=1
pg_archive pg
pg_start pg
SYSTEM=$(pg_system_id pg)
DIR=$REPO/main/$SYSTEM
sql pg "create table t (n int)"
add 1
ok "backup" run base-push --fast
pg_archived pg
add 2
pg_archived pg
add 3
T3=$(pg_now pg)
X4=$(sql pg "begin; insert into t values (4); select txid_current(); commit")
L4=$(sql pg "select pg_current_wal_flush_lsn()")
sql pg "insert into t select generate_series(5, 100)"
END=$(sql pg "select pg_current_wal_flush_lsn()")
LAST=$(sql pg "select pg_walfile_name(pg_current_wal_flush_lsn())")
pg_crash pg
as cp -r "$T/pg/pg_wal" "$T/lost"
BYTES=$((16#${END#*/} % 1048576))
HALF=$((BYTES / 2))

### What is listed, before and after

before=$(run backup-list --json)
is "the second connection" "$(stream "$BYTES" 2)" "$END"
is "the first, which ended earlier" "$(stream "$HALF" 1)" "$(lsn_at "$HALF")"
exits "a third by the same name" 1 stream "$BYTES" 2
ok "backup-list" run backup-list
has "says how far" "$OUT" ", streamed to LSN $END, timeline 1$"
is "and so as JSON" "$(run backup-list --json |
    jq -r '.[0].recovery_window.streamed_to_lsn, .[0].windows[0].to_lsn')" \
    "$END
$(jq -r '.[0].windows[0].to_lsn' <<<"$before")"
is "backup-show" "$(run backup-show --json |
    jq -r .recovery.streamed_to_lsn)" "$END"
exits "with no secret" 0 run backup-list -o restore_key= -o key=
has "says the same" "$OUT" ", streamed to LSN $END,"
ok "verified by hashes" run backup-verify --hashes -o restore_key= -o key=
ok "verified by content" run backup-verify
has "among the WAL files" "$OUT" "WAL"
ok "a target time in it" run backup-verify --target-time "$T3"

### Asked for by hand, as PostgreSQL does

ok "restored" run base-fetch "$T/r"
ok "by the agent" fetch "$LAST"
has "says so" "$OUT" "^wal-fetch: $LAST: was streamed up to LSN $END, where"
filled "by the agent" "$BYTES"
ok "without an agent" fetch "$LAST" -o agent=off
filled "without" "$BYTES"
exits "the segment behind it" 1 fetch "$(name_behind "$LAST")"
as mv "$T/r/recovery.signal" "$T/r/standby.signal"
exits "for a standby it is not there" 1 fetch "$LAST"
exits "... without an agent either" 1 fetch "$LAST" -o agent=off
as touch "$T/r/recovery.signal"
exits "one that has both files is a standby" 1 fetch "$LAST"
as rm "$T/r/standby.signal" "$T/r/recovery.signal"
exits "without either" 1 fetch "$LAST"
as touch "$T/r/recovery.signal"
rewinds()
{
	(cd "$T/r" && run wal-fetch -o fetch_retry=0 "$LAST" "pg_wal/$LAST")
}
exits "for pg_rewind it is not there" 1 rewinds

### Cut, flipped, forged

OPEN=$(open_path 002)
as cp "$OPEN" "$T/whole"
SIZE=$(stat -c %s "$OPEN")
as mv "$(open_path 001)" "$T/first"
for n in 0 100 700 $((SIZE / 3)) $((SIZE - 1)); do
	bytes_of "$OPEN" "$n"
	try fetch "$LAST" -o agent=off
	if [ "$RC" = 1 ]; then
		[ "$n" -lt 1000 ] || fail "cut at $n: nothing is left"
		continue
	fi
	got=$(expr "$OUT" : ".*up to LSN \([0-9A-F/]*\)")
	filled "cut at $n" $((16#${got#*/} % 1048576))
done
bytes_of "$OPEN" $((SIZE / 3))
ok "a cut is no finding" run backup-verify --signatures
as mv "$T/first" "$(open_path 001)"
ok "the longer one counts" fetch "$LAST"
filled "the first" "$HALF"
as mv "$(open_path 001)" "$T/first"

as sh -c "chmod 600 '$OPEN' && cat '$T/whole' >'$OPEN' && printf x |
    dd of='$OPEN' bs=1 seek=$((SIZE - 40)) conv=notrunc status=none"
ok "flipped: what comes before" fetch "$LAST"
exits "a flip is a finding" 9 run backup-verify --hashes
has "and names the place" "$OUT" "$LAST.open-002: [0-9]+ bytes behind LSN \
[0-9A-F/]+ are not authentic; recovery ends"
as sh -c "printf x | dd of='$OPEN' bs=1 seek=30 conv=notrunc status=none"
exits "a damaged header stops recovery" 207 fetch "$LAST"
has "and is named" "$OUT" "$LAST.open-002"
exits "it is a finding" 9 run backup-verify --signatures
exits "of the list, too" 9 run backup-list
has "which says what it means" "$OUT" "^streamed: .*recovery to the end of WAL"
exits "a restore to the end is refused" 7 run base-fetch --dry-run "$T/x"
ok "not one to an earlier point" run base-fetch --dry-run \
    --target immediate "$T/x"

as sh -c "chmod 600 '$OPEN' && rm '$OPEN'"
as mkdir -p "$REPO/main/77"
is "of another cluster" "$(run stream 77 "$T/lost/$LAST" "$BYTES" 1)" "$END"
as sh -c "cp '$REPO/main/77/wal/${LAST:0:8}/${LAST:8:8}/$LAST.open-001' \
    '$OPEN'"
exits "is refused" 207 fetch "$LAST"
as sh -c "chmod 600 '$OPEN' && rm '$OPEN' && rm -r '$REPO/main/77'"
sed "s,main[.]push,other.push," "$CONF" >"$T/other.conf"
is "by another key" "$(run env SEAWALL_CONFIG="$T/other.conf" stream \
    "$SYSTEM" "$T/lost/$LAST" "$BYTES" 2)" "$END"
exits "is refused" 207 fetch "$LAST"
has "and named" "$OUT" "$LAST.open-002: .*signed by [0-9a-f]+, which is not a"
bytes_of "$OPEN" "$SIZE"
as mv "$T/first" "$(open_path 001)"
ok "all is as it was" fetch "$LAST"
filled "it" "$BYTES"

### What is in the way

NEXT=$(name_behind "$LAST")
as cp "$T/lost/$LAST" "$T/lost/$NEXT"
ok "the next segment" stream 1000 1 "$T/lost/$NEXT"
exits "makes it a gap" 205 fetch "$LAST"
has "by its name" "$OUT" "although WAL behind it is \\($NEXT.open-001\\)"
exits "a finding" 9 run backup-verify --signatures
has "of the segment" "$OUT" "$LAST: missing, and streamed up to LSN $END only"
exits "of the list, too" 9 run backup-list
exits "a restore to the end is refused" 1 run base-fetch --dry-run "$T/x"
has "and why" "$OUT" "$LAST is missing, though WAL behind it was streamed"
is "all of the segment" "$(stream 1048576 3)" "$(lsn_at 1048576)"
ok "is the segment" fetch "$LAST"
same "as it was written" "$T/r/out" "$T/lost/$LAST"
lacks "... and is not noted" "$(tail -n 1 "$T/r/seawall_padded")" "$NEXT"
ok "no finding" run backup-verify --signatures
as sh -c "rm -f '$(open_path 003)' '$(open_path 001 "$NEXT")'"

printf '1\t%s\tby hand\n' "$L4" | as tee "$T/r/pg_wal/00000002.history" \
    >/dev/null
pushes()
{
	(cd "$1" && run wal-push "pg_wal/$2")
}
ok "is pushed" pushes "$T/r" 00000002.history
exits "another timeline came from it" 205 fetch "$LAST"
has "which is named" "$OUT" "timeline 2 came from its timeline"
as rm -f "$DIR/wal/00000002.history" "$T/r/pg_wal/00000002.history"
ok "all is as it was" fetch "$LAST"

### Targets in it

ok "an LSN" run base-fetch --dry-run --target-lsn "$L4" "$T/x"
has "the plan" "$OUT" "streamed up to LSN $END"
exits "an LSN behind it" 1 run base-fetch --dry-run \
    --target-lsn "$(lsn_at $((BYTES + 8)))" "$T/x"
ok "a transaction" run base-fetch --dry-run --target-xid "$X4" "$T/x"
exits "one that never was" 1 run base-fetch --dry-run \
    --target-xid $((X4 + 1000)) "$T/x"
exits "a time behind it" 1 run base-fetch --dry-run \
    --target-time "$(date -u -d "+1 day" "+%F %T+00")" "$T/x"
has "is told what there is" "$OUT" "no transaction in it ended after the"
is "JSON" "$(run base-fetch --json --dry-run --target-lsn "$L4" "$T/x" |
    jq -r .recovery.streamed_to_lsn)" "$END"
ok "a time" run base-fetch --target-time "$T3" --target-action promote \
    "$T/back"
pg_start back
wait_for t_primary back
is "is reached" "$(rows back)" 3
pg_stop back
as rm -rf "$T/back"

### All of it, on a server that archives everything

ok "restore" run base-fetch "$T/back"
cat >>"$T/back/postgresql.auto.conf" <<END_OF_CONF
archive_mode = always
archive_command = '$T_BIN/wal-push --config $CONF %p'
END_OF_CONF
pg_start back
wait_for t_primary back
is "every commit is there" "$(rows back)" 100
has "the log says how far" "$(cat "$T/back.log")" \
    "wal-fetch: $LAST: was streamed up to LSN $END, where recovery ends"
sql back "insert into t values (101)"
NEW=$(pg_switch back)
wait_for t_archived back "$NEW"
is "archiving goes on, without a failure" "$(sql back \
    "select failed_count from pg_stat_archiver")" 0
has "past it" "$NEW" "^00000002"
has "which is said" "$(cat "$T/back.log")" "wal-push: $LAST: was filled up \
with zeros by wal-fetch, from LSN $END on; not archived"
NAME=$DIR/wal/${LAST:0:8}/${LAST:8:8}/$LAST
ok "it is not in the repository" test ! -e "$NAME"
ok "another recovery gets it, too" fetch "$LAST"
filled "though a timeline begins where it ends" "$BYTES"
ok "pushed again by hand" pushes "$T/back" "$LAST"
as rm -f "$(open_path 001)" "$(open_path 002)"
exits "not without what was streamed" 6 pushes "$T/back" "$LAST"
has "which is said" "$OUT" "no longer has what was streamed of it"

### The server was not lost after all

pg_start pg
sql pg "insert into t values (102)"
pg_archived pg || die "archive"
is "its segment is archived" "$(sql pg \
    "select failed_count from pg_stat_archiver")" 0
ok "and stands" test -e "$NAME"
ok "the other is taken for stored" pushes "$T/back" "$LAST"

### A backup that waits for what is streamed

sql pg "alter system set archive_command = '/bin/true'"
sql pg "select pg_reload_conf()" >/dev/null
NOW=$(sql pg "select pg_walfile_name(pg_current_wal_insert_lsn())")
for n in 1 2 3; do
	as cp "$T/lost/$LAST" "$T/lost/$NOW"
	stream 1000 "$n" "$T/lost/$NOW" >/dev/null
	NOW=$(name_behind "$NOW")
done
exits "archiving to another place does not end it" 8 \
    run base-push --fast -o wal_wait=10s
has "and what it waits for is named" "$OUT" "is streamed, and was not \
complete within 10 s"
