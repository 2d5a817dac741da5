#!/bin/bash
# SPDX-License-Identifier: ISC
#
# backup-drill: what it says of rows, losses, settings, and damage of all kinds.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

command -v jq >/dev/null || skip "no jq"

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
	is "$what: nothing is left" "$(ls "$T/drill" 2>/dev/null)" ""
}

get()
{
	jq -cr "$1" <<<"$JSON"
}

found()
{
	jq -r --arg c "$1" '.checks[] | select(.check == $c) |
	    .verdict + ": " + .found' <<<"$JSON"
}

keygen main
conf_write repository="$T/repo" wal_compression=zstd:1
pg_init pg --wal-segsize=1
pg_archive pg
pg_start pg
sql pg "create table stays as select generate_series(1, 9) g"
sql pg "create table \"em pty\" as select 1 g"
sql pg "create table goes as select 1 g"
sql pg "create table parts (g int) partition by range (g)"
sql pg "create table p1 partition of parts for values from (0) to (10)"
sql pg "create table p2 partition of parts for values from (10) to (20)"
sql pg "insert into parts values (1), (11)"
# It would connect all the time, if it could.
sql pg "create subscription s connection 'host=$T/nowhere dbname=postgres'
    publication p with (connect = false)" 2>/dev/null
sql pg "alter subscription s enable"
# What a sandbox could not start with.
pg_conf pg "huge_pages = on" "ssl = on" "ssl_cert_file = 'gone.crt'" \
    "shared_buffers = '900GB'" "log_directory = '$T/nowhere'" \
    "shared_preload_libraries = 'not_there'" "logging_collector = on"
ok "a backup" run base-push --fast --quiet
pg_stop pg
pg_conf pg "huge_pages = off" "ssl = off" "shared_buffers = 16MB" \
    "shared_preload_libraries = ''" "logging_collector = off" \
    "max_connections = 60" "track_commit_timestamp = on"
pg_start pg
sql pg "insert into stays values (10)"
pg_archived pg || die "archive"

### Settings, and the RPO

drill "with settings of another host" 0 --check rows,sql \
    --sql "select current_setting('max_connections')::int >= 60,
	current_setting('max_logical_replication_workers'),
	(select subenabled from pg_subscription),
	(select count(*) from pg_stat_subscription where pid is not null)" \
    --expect 't|0|t|0'
is "it has no trouble" "$(get .trouble)" "[]"
is "nothing would be lost" "$(get '[.rpo_ms, .rpo_against]')" '[0,"wal"]'
has "there is nothing to compare with" "$(found rows)" \
    "^ok: 4 of 4 tables have rows, .* no drill of an earlier moment"
sql pg "insert into stays values (11)"
drill "what is not archived" 9 --check sql --sql 'select 1' --expect 1 \
    --rpo-limit 1ms
is "is measured against the last commit" "$(get .rpo_against)" commit
is "which is known" "$(get '.rpo_ms > 0 and .rpo_ms < 86400000')" true

### Rows

sql pg "truncate \"em pty\""
sql pg "drop table goes"
sql pg "drop table p2"
pg_archived pg || die "archive"
for again in "" " again"; do
	drill "lost rows$again" 9 --check rows
	has "are named$again" "$(found rows)" \
	    '^failed: 2 tables had rows .*public."em pty", which is empty'
done
sql pg "insert into stays values (12)"
pg_archived pg || die "archive"
drill "a later moment" 0 --check rows
has "compares with that" "$(found rows)" "^ok: 2 of 3 tables .* still has"
pg_stop pg
drill "without the primary" 0 --check sql --sql 'select 1' --expect 1
is "it is measured against now" "$(get .rpo_against)" now

### Damage

CLUSTER=$(dirname "$(find "$REPO" "$T/repo" -name label -printf '%h\n' \
    2>/dev/null | head -n 1)")
ID=$(basename "$(find "$CLUSTER" -name label -printf '%h\n' | head -n 1)")
BACKUP=$CLUSTER/$ID
PACK=$(find "$T/repo" -path '*pack*' -type f -size +20k | sort | tail -n 1)
mapfile -t WAL < <(find "$T/repo" -path '*/wal/*' -type f |
    grep -E '/[0-9A-F]{24}$' | sort)
MIDDLE=${WAL[$((${#WAL[@]} - 2))]}

# harm WHAT FILE HOW CHECK PATTERN: red, and it says what
harm()
{
	local what=$1 file=$2 how=$3 check=$4 pattern=$5

	[ -f "$file" ] || die "$what: no file"
	cp -p "$file" "$T/saved"
	case $how in
	flip) flip "$file" $(($(stat -c %s "$file") / 2)) ;;
	cut)
		chmod u+w "$file"
		truncate -s "$(($(stat -c %s "$file") / 2))" "$file"
		;;
	empty) chmod u+w "$file" && truncate -s 0 "$file" ;;
	gone) rm -f "$file" ;;
	esac
	drill "$what" 9 --check sql --sql 'select 1' --expect 1
	has "$what is named" "$(found "$check")" "^failed: .*$pattern"
	rm -f "$file"
	cp -p "$T/saved" "$file"
}

harm "a flipped byte in a pack" "$PACK" flip restored "$(basename "$PACK")"
harm "a pack that is cut" "$PACK" cut restored \
    "base/$ID have [0-9]* bytes together, expected"
harm "a pack that is gone" "$PACK" gone restored "$(basename "$PACK")"
harm "an empty pack" "$PACK" empty restored \
    "base/$ID have [0-9]* bytes together, expected"
harm "a flipped byte in the manifest" "$BACKUP/manifest" flip restored \
    "manifest"
harm "no manifest" "$BACKUP/manifest" gone restored "manifest"
harm "a flipped byte in the label" "$BACKUP/label" flip restored label
harm "a flipped byte in WAL" "$MIDDLE" flip open "$(basename "$MIDDLE")"
harm "WAL that is cut" "$MIDDLE" cut open "$(basename "$MIDDLE")"
harm "WAL that is gone" "$MIDDLE" gone restored "$(basename "$MIDDLE")"
drill "all is mended" 0 --check sql --sql 'select max(g) from stays' \
    --expect 12
