#!/bin/bash
# SPDX-License-Identifier: ISC
#
# backup-drill: a rehearsed restore, its receipt, and nothing left behind.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

command -v jq >/dev/null || skip "no jq"

# What a drill would leave: processes, its folder.
left()
{
	local p

	for p in /proc/[0-9]*; do
		case "$(readlink "$p/cwd" 2>/dev/null)" in
		"$T/drill"*) echo "process ${p#/proc/}" ;;
		esac
	done
	[ ! -e "$T/drill" ] || echo "$T/drill"
}

# The shared memory of the sandbox's server.
segment()
{
	sed -n 7p "$T/drill/data/postmaster.pid" | awk '{ print $2 }'
}

# drill WHAT STATUS OPTION...: the receipt is in JSON, the rest in ERR.
drill()
{
	local what=$1 status=$2

	shift 2
	JSON=$(run backup-drill --dir "$T/drill" --json "$@" 2>"$T/err" \
	    </dev/null)
	RC=$?
	ERR=$(cat "$T/err")
	is "$what" "$RC" "$status"
	[ "$RC" = "$status" ] || printf '%s\n%s\n' "$JSON" "$ERR"
	is "$what: nothing is left" "$(left)" ""
}

get()
{
	jq -cr "$1" <<<"$JSON"
}

# found CHECK: "verdict: what was found"
found()
{
	jq -r --arg c "$1" '.checks[] | select(.check == $c) |
	    .verdict + ": " + .found' <<<"$JSON"
}

### Keys and a cluster

keygen main
ok "a drill key" run backup-keygen --drill "$T/keys/main" "$T/keys/next"
has "is explained" "$OUT" "signs the receipts of backup-drill"
is "modes" "$(cd "$T/keys" && stat -c '%n %a' next.*)" "next.drill 600
next.public 644
next.restore 600"
exits "a drill key cannot push" 3 run base-push --set key="$T/keys/next.drill"
conf_write repository="$T/repo" wal_compression=zstd:1 \
    restore_key="$T/keys/next.restore" public_key="$T/keys/next.public" \
    drill_key="$T/keys/next.drill"
pg_init pg -k --wal-segsize=1
pg_archive pg
as mkdir "$T/fast" "$T/etc"
# What would do harm, or not start, in a copy.
as cp "$T/pg/pg_hba.conf" "$T/etc/hba.conf"
pg_conf pg "hba_file = '$T/etc/hba.conf'" "max_prepared_transactions = 7" \
    "recovery_end_command = 'touch $T/harm'" \
    "archive_cleanup_command = 'touch $T/harm'" \
    "unix_socket_group = ''"
pg_start pg
sql pg "create tablespace fast location '$T/fast'"
sql pg "create table f tablespace fast as select generate_series(1, 999) g"
sql pg "create table t as select g, md5(g::text) x
    from generate_series(1, 2000) g"
sql pg "create index on t (g)"
sql pg 'create database "o ther"'
# For its next start, which a sandbox would be.
pg_conf pg "shared_preload_libraries = 'not_there'" "max_connections = 150"
ok "a backup" run base-push --fast --quiet
drill "by chance where nothing followed" 1 --target-time random
has "is explained" "$ERR" "no moment behind"
is "and proves nothing" "$(ls "$T/state/main/drilled" 2>/dev/null)" ""
sql pg "insert into t values (9001, 'later')"
sql pg "select pg_create_restore_point('here')"
XID=$(sql pg "with i as (insert into t values (9002, 'last') returning 1)
    select txid_current()")
sql pg "insert into t values (9003, 'end')"
sql pg 'alter database "o ther" rename to another'
pg_archived pg || die "archive"

### All is well

drill "a drill" 0 --sql 'select count(*) from t' --expect 2003 \
    --receipt "$T/state/one" --html "$T/state/one.html" \
    --rto-limit 1d --rpo-limit 1d
is "passed" "$(get .verdict)" passed
is "every check is made" "$(get '[.checks[] | .check + "=" + .verdict]')" \
    '["restored=ok","open=ok","target=ok","write=ok","inside=ok",'"\
\"amcheck=ok\",\"dump=ok\",\"sql=ok\",\"rows=ok\",\
\"pages=ok\",\"rpo=ok\",\"rto=ok\"]"
has "all was replayed" "$(found target)" "everything was replayed, to 0/"
has "of three databases" "$(found dump)" "^ok: 3 databases"
is "figures" "$(get '[.rpo_ms, .rto_ms, .ms.fetch, .ms.replay,
    .reached.bytes] | map(type) | unique')" '["number"]'
is "no command ran" "$(ls "$T/harm" 2>/dev/null)" ""
is "the original runs" "$(sql pg "select count(*) from f")" 999

jq -rf "$T_TOP/test/system/schema.jq" <<<"$JSON" | awk '{ print $1 }' |
    sort -u >"$T/seen"
sed -n '/^schema /,/^trouble/p' "$T_TOP/cmd/backup-drill.1" |
    awk '{ print $1 }' | sort -u >"$T/table"
is "what it prints is documented" "$(comm -23 "$T/seen" "$T/table")" ""

### Receipts

ok "the receipt is authentic" run backup-drill --verify "$T/state/one"
has "and printed" "$OUT" "server main: drill $(get .id) passed"
same "it is kept, too" "$T/state/one" "$T/state/main/receipts/$(get .id)"
N=$(stat -c %s "$T/state/one")
for at in 3 20 60 200 $((N / 2)) $((N - 1)); do
	flip "$T/state/one" "$at"
	exits "byte $at altered" 7 run backup-drill --verify "$T/state/one"
	flip "$T/state/one" "$at"
done
ok "and mended" run backup-drill --verify "$T/state/one"
exits "a key that names no drill signer" 3 run backup-drill \
    --verify "$T/state/one" --set public_key="$T/keys/main.public"
exits "a drill key is no public key" 3 run backup-drill \
    --verify "$T/state/one" --set public_key="$T/keys/next.drill"
has "as is said" "$OUT" "found a drill key, expected a public key"
ok "other keys" run backup-keygen --drill "$T/keys/other"
exits "another's drill signer" 7 run backup-drill --verify "$T/state/one" \
    --set public_key="$T/keys/other.public"
has "a page" "$(cat "$T/state/one.html")" "Rehearsed restore: passed"
has "backup-check knows" "$(run backup-check --only drill)" \
    "backup .* was restored"

### Targets

X=$(printf %4095s '' | tr ' ' x)
drill "immediate" 0 --immediate --check sql \
    --sql 'select count(*) from t' --expect 2000 \
    --sql "select '${X}y'" --expect "${X}y"
has "was met" "$(found target)" "reaching consistency"
drill "a name" 0 --target-name here --check sql \
    --sql 'select count(*) from t' --expect 2001
drill "a transaction" 0 --target-xid "$XID" --check sql \
    --sql 'select max(g) from t' --expect 9002
drill "by chance" 0 random --target-time random --seed 7 --check dump
is "is said" "$(get '[.target.kind, .target.seed]')" '["time",7]'
AT=$(get .target.value)
drill "by the same chance" 0 random --target-time random --seed 7 --check dump
is "the same" "$(get .target.value)" "$AT"
drill "a target that is not there" 1 --target-lsn FF/0

### Red

drill "another answer" 9 --check sql --sql 'select 1' --expect 2
is "is named" "$(get '[.verdict, .found]')" \
    '["failed","select 1: found \"1\", expected \"2\""]'
has "and backup-check says it" "$(run backup-check --only drill)" critical
drill "an answer that is longer" 9 --check sql --sql "select '${X}y'" \
    --expect "$X"
drill "a limit" 9 --check dump --rto-limit 1ms
has "is named" "$(get .found)" "the RTO is .* its limit is 0.0 s"
drill "nothing to ask" 9 --check sql
is "is no success" "$(get .verdict)" incomplete
drill "a database that is renamed later" 9 --only-database "o ther" \
    --check dump
is "is no success, either" "$(found dump)" \
    "skipped: database o ther is not there after recovery"

### The drill itself

drill "faults on purpose" 0 --check pages --self-test
has "are noticed" "$(found self-test)" "^ok: .*a missing WAL segment"
drill "at a target, too" 0 --immediate --check pages --self-test
has "they are noticed" "$(found self-test)" "^ok: .*a missing WAL segment"

### One table back, and a sandbox that stays

ok "a dump" run backup-drill --dir "$T/drill" --check dump --dump postgres \
    --table f --output "$T/state/f.dump"
has "of one table" "$("$PGBIN/pg_restore" -l "$T/state/f.dump")" \
    "TABLE DATA public f "
exits "a receipt is not replaced, either" 6 run backup-drill \
    --dir "$T/drill" --check sql --receipt "$T/state/one"
exits "none is replaced" 6 run backup-drill --dir "$T/drill" --check dump \
    --dump postgres --output "$T/state/f.dump"
is "nothing is left" "$(left)" ""
ok "kept" run backup-drill --dir "$T/drill" --keep --check pages
is "it answers" "$(as "$PGBIN/psql" -h "$T/drill/socket" -U postgres \
    -AtXc 'select count(*) from t')" 2003
exits "and is not replaced" 3 run backup-drill --dir "$T/drill"
ok "taken away" run backup-drill --end "$T/drill"
is "nothing is left of it" "$(left)" ""

### Killed

await_server()
{
	grep -q ready "$T/drill/data/postmaster.pid"
}

background run backup-drill --dir "$T/drill" --check sql \
    --sql 'select pg_sleep(900)' --expect x
wait_for await_server || die "no server"
SEGMENT=$(segment)
ok "its shared memory" ipcs -m -i "$SEGMENT"
bg_signal KILL
ok "what was killed has left something" test -e "$T/drill"
drill "the next drill" 0 --check dump
has "its shared memory is gone" "$(ipcs -m -i "$SEGMENT" 2>&1)" "not found"
as mkdir "$T/full"
as touch "$T/full/file"
exits "another's folder" 3 run backup-drill --dir "$T/full"
ok "is left alone" test -e "$T/full/file"

### A database that nobody may connect to

sql pg "alter database another allow_connections false"
pg_archived pg || die "archive"
drill "without one database" 9 --check dump
is "it is named" "$(found dump)" \
    "skipped: database another allows no connections"
