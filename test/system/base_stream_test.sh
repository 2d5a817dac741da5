#!/bin/bash
# SPDX-License-Identifier: ISC
#
# base-push --source stream: a role with REPLICATION alone, and what it stores
# is what the data directory would have given.  Changing from one source to the
# other stores almost nothing; whatever goes wrong leaves no backup.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

LOGIN="port=5432 user=rep"

stream()
{
	conf_write jobs=2 wal_compression=zstd:1 source=stream \
	    conninfo=host=/nowhere \
	    "streaming_conninfo=host=$T/${1:-pg}.sock $LOGIN" "${@:2}"
}

files()
{
	conf_write jobs=2 wal_compression=zstd:1
}

# push WHAT [OPTION]...: ID is the new backup, NEW what it stored, in bytes
push()
{
	ok "$1: push" run base-push --fast "${@:2}"
	ID=$(printf '%s\n' "$OUT" | sed -n 's/^backup \([0-9TZ-]*\):.*/\1/p')
	SAID=$OUT
	NEW=$(du -sb "$BASE/$ID" | cut -f1)
}

# little WHAT: less than a hundredth of the first
little()
{
	ok "$1: $NEW bytes are new, of $ALL" test "$NEW" -lt $((ALL / 100))
}

# restores WHAT: the last backup, and all WAL since
restores()
{
	as rm -rf "$T/back" "$T/moved"
	pg_archived pg || fail "$1: WAL is archived"
	pg_rows pg >"$T/dump.pg"
	ok "$1: there are rows" test "$(wc -l <"$T/dump.pg")" -ge 3
	ok "$1: restore" run base-fetch --tablespace "$OID:$T/moved" "$ID" \
	    "$T/back"
	if [ "$VERSION" -lt 17 ] || [ -z "${PG_PACKAGE:-}" ]; then
		ok "$1: pg_verifybackup" as "$PGBIN/pg_verifybackup" "$T/back"
	fi
	if pg_launch back && wait_for t_primary back; then
		pg_rows back >"$T/dump.back"
		same "$1: the same rows" "$T/dump.pg" "$T/dump.back"
		pg_stop back
	else
		fail "$1: it starts"
	fi
}

labels()
{
	find "$BASE" -name label | sort
}

# none WHAT STATUS PATTERN [OPTION]...: refused, without a backup
none()
{
	local before

	before=$(labels)
	exits "$1: refused" "$2" run base-push --fast "${@:4}"
	has "$1: it says why" "$OUT" "$3"
	is "$1: no backup" "$(labels)" "$before"
}

keygen main
sshd_start MaxSessions\ 100
files
pg_init pg -k
pg_archive pg
pg_conf pg "max_wal_size = 1GB"
pg_start pg
say "$("$PGSERVER/postgres" --version)"
VERSION=$(cat "$T/pg/PG_VERSION")
as mkdir "$T/far"
pg_psql pg <<END
create role rep login replication;
create role poor login;
create tablespace far location '$T/far';
create table plain as select g, md5(g::text) x
    from generate_series(1, 600000) g;
create table there tablespace far as
    select g, md5(g::text) x from generate_series(1, 20000) g;
create index on there (g) tablespace far;
create unlogged table lost as select * from there;
create table empty (x int);
vacuum freeze;
checkpoint;
END
OID=$(sql pg "select oid from pg_tablespace where spcname = 'far'")
run base-push --fast >/dev/null || die "base-push"
BASE=$(echo "$REPO"/main/*/base)
ALL=$(du -sb "$BASE" | cut -f1)

### From one source to the other, and back

stream
push "stream after files"
little "stream after files"
has "it was compared with the first" "$SAID" "^since backup "
restores "stream after files"
files
push "files after stream"
little "files after stream"
stream
push "stream again"
little "stream again"
push "and once more"
little "and once more"
sql pg "update plain set x = x || 'y' where g < 1000"
push "what changed"
ok "is stored: $NEW bytes" test "$NEW" -lt $((ALL / 2))
restores "what changed"
ok "verified to the last byte" run backup-verify

### The same from nothing

rm -r "$T/state/main"
push "all of it" -o restore_key=
has "all is new" "$SAID" "^all of it is new"
restores "all of it"
is "nothing is left in state_dir" \
    "$(find "$T/state/main" -name 'scratch*' -o -name 'journal*')" ""
OUT=$(run backup-show --json "$ID")
has "its label: a primary" "$OUT" '"from_standby": *false'
has "its label: the tablespace by its number" "$OUT" \
    "\"name\": *\"$OID\""
exits "no databases by name" 1 sh -c "run base-fetch --only-database postgres \
    '$ID' '$T/one' >/dev/null 2>&1 && exit 0; exit 1"

### What is refused

conf_write source=stream \
    "streaming_conninfo=host=$T/pg.sock port=5432 user=poor"
none "a role without REPLICATION" 8 "needs REPLICATION"
stream
none "no source" 2 "expected files or stream" --source tape
# Slow enough to be met at work.
stream pg base_bandwidth_limit=2048
BEFORE=$(labels)
background run base-push --fast >"$T/push.out" 2>&1
busy()
{
	[ "$(sql pg "select count(*) from pg_stat_replication
	    where state = 'backup'")" = 1 ]
}
wait_for busy || fail "the backup begins"
sql pg "select pg_terminate_backend(pid) from pg_stat_replication" >/dev/null
wait "$BG"
is "the server ends it" "$?" 8
has "it says so" "$(cat "$T/push.out")" "closed the connection|terminating"
is "no backup" "$(labels)" "$BEFORE"
stream
push "and the next one goes well"

### A tablespace with a limit

# slow COMMAND...: it takes as long as the limit of 1 MB/s asks for
slow()
{
	local began=${EPOCHREALTIME/./} least took

	least=$(($(du -sb "$T/far" | cut -f1) * 1000000 / 1048576))
	"$@"
	took=$((${EPOCHREALTIME/./} - began))
	ok "it took $took us, and no less than $least" \
	    test "$took" -ge "$least"
}
stream pg "tablespace_bandwidth_limit=$OID:1024,nothere:7"
slow push "a limited stream" --progress
has "no terminal: a line for each phase" "$SAID" \
    "base-push: waiting for .*checkpoint"
has "and how far it is" "$SAID" \
    "base-push: [0-9.]+ .?B of [0-9.]+ MB read \([0-9]+%\), "
has "a limit of nothing is said" "$SAID" "names nothere, and the backup has"
conf_write jobs=2 wal_compression=zstd:1 tablespace_bandwidth_limit=far:1024
slow push "limited files" --reread
lacks "nothing is said" "$SAID" "tablespace_bandwidth_limit"
as rm -rf "$T/back" "$T/moved"
slow ok "a limited restore" run base-fetch --tablespace "far:$T/moved" \
    "$ID" "$T/back"
ok "which is complete" diff -r "$T/far" "$T/moved"
stream

### A damaged page

FILE=$T/pg/$(sql pg "select pg_relation_filepath('plain')")
pg_stop pg
cp "$FILE" "$T/plain.good"
printf 'damaged' | dd of="$FILE" bs=1 seek=85000 conv=notrunc status=none
pg_start pg
none "a damaged page" 8 "checksum"
ok "unless nobody asks" run base-push --fast -o checksum=off
pg_stop pg
cp "$T/plain.good" "$FILE"
pg_start pg

### Nothing is archived, and WAL is received

# Stands in for wal-receive: what pg_receivewal completes goes to the archive.
received()
{
	local f

	for f in "$T"/received/0*; do
		case $f in
		*.partial | *'*') ;;
		*) run wal-push -o agent=off -o "data_directory=$T/pg" "$f" \
			>/dev/null 2>&1 && rm "$f" ;;
		esac
	done
}

# push_received WHAT: a push, while WAL is received
push_received()
{
	background run base-push --fast >"$T/push.out" 2>&1
	while kill -0 "$BG" 2>/dev/null; do
		received
		sleep 0.2
	done
	wait "$BG"
	is "$1: status" "$?" 0
	SAID=$(cat "$T/push.out")
	ID=$(sed -n 's/^backup \([0-9TZ-]*\):.*/\1/p' "$T/push.out")
}

# The distribution's pg_receivewal knows no server of a later version.
if [ -z "${PG_PACKAGE:-}" ]; then
	pg_stop pg
	pg_conf pg "archive_mode = off"
	pg_start pg
	files
	sql pg "create table later as select 1; select pg_switch_wal()" \
	    >/dev/null
	none "nothing archives, nothing is received" 8 "archive_mode is off and"
	as mkdir "$T/received"
	as "$PGBIN/pg_receivewal" -D "$T/received" -h "$T/pg.sock" -p 5432 \
	    -U postgres --create-slot --slot seawall_main
	background as "$PGBIN/pg_receivewal" -D "$T/received" \
	    -h "$T/pg.sock" -p 5432 -U postgres --slot seawall_main \
	    2>"$T/received.log"
	RECEIVER=$BG
	sql pg "create table latest as select 2; select pg_switch_wal();
	    checkpoint" >/dev/null
	has_two()
	{
		received
		[ "$(find "$REPO" -path '*/wal/*' -newer "$T/push.err" \
		    -type f | wc -l)" -ge 1 ]
	}
	touch "$T/push.err"
	sql pg "create table more as select 2; select pg_switch_wal()" \
	    >/dev/null
	wait_for has_two || fail "WAL is received"
	push_received "files, archive_mode off"
	stream
	push_received "stream, archive_mode off"
	has "it says what it depends on" "$SAID" "wal-receive stores its WAL"
	sql pg "select pg_switch_wal()" >/dev/null
	stream pg wal_wait=3s
	none "the receiver stands still" 8 "was not received within 3 s"
	t_signal TERM "$RECEIVER"
	wait "$RECEIVER" 2>/dev/null
	received
	pg_stop pg
	pg_conf pg "archive_mode = on"
	sql_gone()
	{
		sql pg "select pg_drop_replication_slot('seawall_main')"
	}
	pg_start pg
	sql_gone >/dev/null
fi

### A standby, and its promotion meanwhile

if [ -z "${PG_PACKAGE:-}" ]; then
	as "$PGBIN/pg_basebackup" -D "$T/by" -R -X stream -c fast \
	    -h "$T/pg.sock" -p 5432 -U postgres -T "$T/far=$T/by.far" \
	    >"$T/by.copy" 2>&1 </dev/null || die "pg_basebackup"
	pg_start by "-c archive_mode=off"
	stream by
	background run base-push --fast >"$T/push.out" 2>&1
	# Until it is complete: the primary archives the WAL of its end.
	while kill -0 "$BG" 2>/dev/null; do
		sql pg "checkpoint; select pg_switch_wal()" >/dev/null
		sleep 0.3
	done
	wait "$BG"
	is "a standby is a source" "$?" 0
	ID=$(sed -n 's/^backup \([0-9TZ-]*\):.*/\1/p' "$T/push.out")
	NEW=$(du -sb "$BASE/$ID" | cut -f1)
	little "a standby's"
	has "the label says so" "$(run backup-show --json "$ID")" \
	    '"from_standby": *true'
	restores "a standby's"
	stream by base_bandwidth_limit=2048
	BEFORE=$(labels)
	background run base-push --fast >"$T/push.out" 2>&1
	busy()
	{
		[ "$(sql by "select count(*) from pg_stat_activity where
		    backend_type = 'walsender' and state = 'active'")" = 1 ]
	}
	wait_for busy || fail "the backup begins"
	sql by "select pg_promote()" >/dev/null
	wait "$BG"
	is "promoted meanwhile" "$?" 8
	has "it says so" "$(cat "$T/push.out")" "promoted"
	is "no backup of it" "$(labels)" "$BEFORE"
fi
