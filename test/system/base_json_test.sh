#!/bin/bash
# SPDX-License-Identifier: ISC
#
# base-push and base-fetch with --json: one object on standard output when the
# outcome is known, and else nothing there.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

command -v jq >/dev/null || skip "no jq"

# json WHAT STATUS COMMAND...: standard output is in JSON, the rest in ERR.
json()
{
	JSON=$("${@:3}" 2>"$T/json.err" </dev/null)
	RC=$?
	printf '%s\n' "$JSON" >>"$T/$4.json"
	ERR=$(cat "$T/json.err")
	is "$1" "$RC" "$2"
	[ "$RC" = "$2" ] || printf '%s\n' "$ERR"
}

# object WHAT STATUS COMMAND...: JSON is one object.
object()
{
	json "$@"
	is "$1: one object" "$(jq -cs 'map(type)' <<<"$JSON")" '["object"]'
}

# nothing WHAT STATUS COMMAND...
nothing()
{
	json "$@"
	is "$1: no output" "$JSON" ""
	has "$1: a message" "$ERR" .
}

get()
{
	jq -cr "$1" <<<"$JSON"
}

keygen main
conf_write repository="$T/repo" wal_compression=zstd:1
pg_init pg -k --wal-segsize=1
pg_archive pg
as mkdir "$T/log" "$T/fast" "$T/etc"
as cp "$T/pg/pg_hba.conf" "$T/etc/hba.conf"
pg_conf pg "log_directory = '$T/log'" "hba_file = '$T/etc/hba.conf'"
pg_start pg
sql pg "create tablespace fast location '$T/fast'"
sql pg "create table f tablespace fast as select generate_series(1, 999) g"
sql pg "create table t as select g, md5(g::text) x
    from generate_series(1, 20000) g"
sql pg checkpoint

### base-push

object "a first push" 0 run base-push --fast --json --label "nächtlich"
FIRST=$(get .id)
SYSTEM=$(basename "$T"/repo/main/*)
ok "its label stands" test -f "$T/repo/main/$SYSTEM/base/$FIRST/label"
is "its cluster" "$(get '[.server, .system_identifier]')" \
    "[\"main\",\"$SYSTEM\"]"
is "its text" "$(get .label)" "nächtlich"
is "its tablespace" "$(get '.tablespaces | map([.name, .path])')" \
    "[[\"fast\",\"$T/fast\"]]"
is "configuration from elsewhere" "$(get .configuration)" \
    "{\"stored\":[\"$T/etc/hba.conf\"],\"missing\":[]}"
has "it is all new" "$(get .all_new_because)" "no earlier backup"
is "nothing was compared or reused" \
    "$(get '[.compared_with, .resumed, .bytes_reused]')" "[null,null,0]"
is "no page is damaged" "$(get .damaged)" '{"files":0,"pages":0,"first":[]}'
is "its time" "$(get '.seconds | type')" number
REPORT=$JSON
json "backup-show" 0 run backup-show --json "$FIRST"
is "shows the same of it" \
    "$(jq -c --argjson r "$REPORT" '. as $l |
    [$r | to_entries[] | select(.key | in($l)) | select(.value != $l[.key]) |
    .key]' <<<"$JSON")" "[]"

as ln -s "$T/gone" "$T/pg/notes"
object "a second one" 0 run base-push --fast --json
as rm "$T/pg/notes"
is "is compared with the first" "$(get .compared_with)" "$FIRST"
is "what is reused and what is new is all" \
    "$(get '.bytes_reused > 0 and .bytes_reused + .bytes_new == .size')" true
has "a note is in it" "$(get '.notes[]')" "^notes: link to nothing, left out"
has "and on standard error" "$ERR" "notes: link to nothing, left out"

nothing "a backup that is not there" 1 run base-push --json \
    --base 20200101T000000Z

FILE=$(sql pg "select pg_relation_filepath('t')")
pg_stop pg
flip "$T/pg/$FILE" 8200
flip "$T/pg/$FILE" 90000
pg_start pg
object "damaged pages" 9 run base-push --fast --json
LAST=$(get .id)
is "are in it" "$(get .damaged)" \
    "{\"files\":1,\"pages\":2,\"first\":[\"$FILE\"]}"
has "and named on standard error" "$ERR" "warning: $FILE: page checksums"
sql pg "select pg_create_restore_point('some')" >/dev/null
sql pg "insert into f values (1000)"
pg_archived pg || die "archive"
pg_stop pg

### backup-show --files

ok "its files" run backup-show --files data latest
FILES=$OUT
has "the damaged one" "$OUT" "^file  0600 .*Z  damaged  $FILE\$"
has "one that is not" "$OUT" "^file  0600 .*Z  checked  base/"
has "a directory" "$OUT" "^dir   0700 +0  .*  base/1\$"
has "a tablespace" "$OUT" "^link .*  pg_tblspc/[0-9]+ -> $T/fast\$"
has "configuration" "$OUT" "^conf  0600 .*  $T/etc/hba.conf\$"
json "as JSON, with WAL" 0 run backup-show --json --files all latest
is "one a line" "$(jq -cs 'map(.schema) | unique' <<<"$JSON")" "[1]"
is "the last counts them" "$(jq -s '.[-1].kind == "sum" and
    .[-1].entries == length - 1 and
    .[-1].bytes == (.[:-1] | map(.size) | add)' <<<"$JSON")" true
is "the same files" "$(jq -rs '.[] | select(.kind == "file") | .path' \
    <<<"$JSON")" "$(sed -n 's/^file .*  //p' <<<"$FILES")"
is "as many as the label says" "$(jq -s 'map(select(.kind == "file")) |
    length' <<<"$JSON")" "$(run backup-show --json latest | jq .files)"
is "its WAL" "$(jq -rs '.[] | select(.kind == "wal") | .path' <<<"$JSON" |
    head -n 1)" "wal/00000001/00000000/$(run backup-show --json latest |
    jq -r .start_wal)"
exits "without the restore key" 3 run backup-show --files data \
    -o restore_key= latest
has "is refused" "$OUT" "restore_key is not set"
ok "but for WAL" run backup-show --files wal -o restore_key= latest
exits "what else" 2 run backup-show --files most latest

### repo-copy

json "repo-copy" 0 run repo-copy --json "$T/repo" "$T/copied"
is "has copied all" "$(get '.[0] | [.complete, .backups, .findings]')" \
    "[true,3,[]]"
flip "$T/copied/main/$SYSTEM/base/$FIRST/manifest" 300
json "repo-copy onto other content" 9 run repo-copy --json "$T/repo" \
    "$T/copied"
is "names it" "$(get '.[0].findings | map(.object)')" \
    "[\"base/$FIRST/manifest\"]"

### backup-export, backup-import

object "backup-export" 0 run backup-export --json latest "$T/export"
is "is of the last backup" "$(get .backup)" "$LAST"
json "backup-import" 0 run backup-import --json \
    -o repository="$T/imported" "$T/export"
is "has it all" "$(get '.[0] | [.complete, .backups, .findings]')" \
    "[true,1,[]]"

### base-fetch: the plan

json "backup-show" 9 run backup-show --json "$LAST"
SHOWN=$JSON
object "a plan" 0 run base-fetch --dry-run --json -T "fast:$T/b.fast" "$T/back"
ok "and nothing more" test ! -e "$T/back"
is "it is one" "$(get .dry_run)" true
is "of the last backup" "$(get .backup.id)" "$LAST"
is "all of it as its label has it" \
    "$(jq -c --argjson s "$SHOWN" '[.backup | to_entries[] |
    select(.value != $s[.key]) | .key]' <<<"$JSON")" "[]"
is "WAL as backup-show has it" \
    "$(get '.recovery | {from, to_wal, to_lsn}')" \
    "$(jq -c '.recovery | {from, to_wal, to_lsn}' <<<"$SHOWN")"
has "and when it was archived" "$(get .recovery.to_archived)" "^20.*Z$"
is "no segment is missing" "$(get .recovery.missing_wal)" null
is "to the end" "$(get .target)" \
    '{"kind":"end","value":null,"inclusive":true,"action":"promote",'\
'"proved":true,"found_lsn":null,"found_at":null}'
is "along its timeline" "$(get '[.timeline, .timelines_left_out]')" "[1,[]]"
is "where to" "$(get '[.directory, (.tablespaces[] | .name, .path,
    .recorded_path)]')" "[\"$T/back\",\"fast\",\"$T/b.fast\",\"$T/fast\"]"
is "how much" "$(get '.restored == {files: .backup.files,
    bytes: .backup.size}')" true
is "what is held" "$(get '.held | map(.what) | unique')" \
    '["archiving","queries","subscriptions"]'
has "how it finds its WAL" "$(get '.settings[] |
    select(.name == "restore_command").value')" "wal-fetch .*%f %p"
is "not yet what is found" "$(get '[.found, .changed, .seconds]')" \
    "[null,null,null]"

TIME=$(get .backup.stop_time)
object "a target" 0 run base-fetch -n --json --target immediate \
    --only-database postgres -T "fast:$T/b.fast" "$FIRST" "$T/back"
is "is in it" "$(get '[.target.kind, .target.action]')" \
    '["immediate","pause"]'
is "with the named backup" "$(get .backup.id)" "$FIRST"
is "queries are answered" "$(get '.held | map(.what) | unique')" \
    '["archiving","subscriptions"]'
is "some databases" "$(get .databases)" '{"restored":3,"of":3}'
object "a time" 0 run base-fetch -n --json --target-time "$TIME" \
    --target-exclusive -T "fast:$T/b.fast" "$T/back"
is "is in UTC, and WAL proves it" \
    "$(get '.target | [.value, .inclusive, .proved]')" \
    "[\"$TIME\",false,true]"
object "a restore point" 0 run base-fetch -n --json --target-name some \
    -T "fast:$T/b.fast" "$T/back"
is "is found" "$(get '.target | [.value, .proved, (.found_lsn | type),
    (.found_at | type)]')" '["some",true,"string","string"]'
nothing "a restore point that never was" 1 run base-fetch -n --json \
    --target-name never -T "fast:$T/b.fast" "$T/back"

### base-fetch: refusals

nothing "a time that WAL does not reach" 1 run base-fetch -n --json \
    --target-time 2100-01-01T00:00Z "$T/back"
as mkdir "$T/full" "$T/full/of"
nothing "a directory that is not empty" 3 run base-fetch --json \
    -T "fast:$T/b.fast" "$T/full"

### base-fetch: configuration files alone

object "the plan" 0 run base-fetch -n --json --config-dir "$T/a.conf" latest
is "names the backup" "$(get '[.dry_run, .backup.id, .config_dir]')" \
    "[true,\"$LAST\",\"$T/a.conf\"]"
ok "nothing is made" test ! -e "$T/a.conf"
object "the files" 0 run base-fetch --json --config-dir "$T/a.conf" latest
is "is all that it has" "$(get keys)" '["backup",'\
'"cluster_without_backup","clusters","config_dir",'\
'"dry_run","schema","seconds","server","system_identifier"]'
same "they are there" "$T/etc/hba.conf" \
    "$(get .config_dir)$(get '.backup.configuration.stored[]')"
nothing "a second time" 3 run base-fetch --json --config-dir "$T/a.conf" latest

### base-fetch: the result

object "a restore" 0 run base-fetch --json -T "fast:$T/b.fast" \
    --config-dir "$T/b.conf" "$T/back"
same "with its configuration" "$T/etc/hba.conf" \
    "$(get .config_dir)/$T/etc/hba.conf"
is "it is done" "$(get .dry_run)" false
ok "really" test -f "$T/back/global/pg_control"
is "all of it" "$(get '.restored.files > 500 and .restored.bytes >
    .backup.size / 2 and .kept.bytes == 0')" true
is "its time" "$(get '.seconds | type')" number
is "it is not root's" "$(get .owned_by_root)" false
is "what was changed" "$(get '.changed[] | select(.setting ==
    "log_directory")')" "{\"setting\":\"log_directory\",\"was\":\"$T/log\",\
\"now\":\"log\",\"file\":\"postgresql.auto.conf\"}"
is "what rules earlier" "$(get '.changed[] | select(.setting ==
    "hba_file") | [.was, .now, .file]')" \
    "[\"$T/etc/hba.conf\",\"$T/back/pg_hba.conf\",\"postgresql.conf\"]"
is "the same among the settings" "$(get '.settings[] |
    select(.name == "log_directory").value')" log
is "what was found" "$(get .found)" "[]"
ok "the signal file" test -f "$T/back/$(get .signal_file)"
RELEASE=$(get '.release[]')
pg_start back
wait_for t_primary back || die "recovery"
# All but the last, which would archive the copy's timeline.
is "the last statement" "$(tail -n 1 <<<"$RELEASE")" \
    "SELECT pg_reload_conf();"
sed '$d' <<<"$RELEASE" >"$T/release"
while read -r s; do
	ok "$s" sql back "$s"
done <"$T/release"
lacks "nothing of it is left" "$(cat "$T/back/postgresql.auto.conf")" \
    "^(archive_command|hot_standby|max_logical)"
sql back "create table u as select generate_series(1, 99) g"
pg_stop back

### base-fetch: over what is there

nothing "WAL that was never archived" 3 run base-fetch --delta --json \
    -T "fast:$T/b.fast" "$T/back"
as touch "$T/back/mine" "$T/back/mi"$'\xff'"ne"
as sh -c "echo 99 >'$T/back/PG_VERSION.old'; echo >>'$T/back/pg_hba.conf'"
object "the plan of a delta restore" 0 run base-fetch -n --delta --force \
    --json -T "fast:$T/b.fast" "$T/back"
ok "changes nothing" test -f "$T/back/mine" -a -f "$T/back/global/pg_control"
is "it names what it would replace" \
    "$(get '.changes.replace | index("pg_hba.conf") != null')" true
is "and remove" "$(get '.changes.remove |
    map(select(startswith("mi") or startswith("PG_VERSION"))) | sort')" \
    '["PG_VERSION.old","mi?ne","mine"]'
is "no links" "$(get .changes.remove_links)" "[]"
is "WAL that goes" "$(get '.unarchived_wal.files > 0')" true
PLAN=$(get '[.restored, .kept]')
object "a delta restore" 0 run base-fetch --delta --force --json \
    -T "fast:$T/b.fast" "$T/back"
is "does that" "$(get '[.dry_run, .delta, .changes]')" "[false,true,null]"
is "as planned" "$(get '[.restored, .kept]')" "$PLAN"
ok "what was too much is gone" test ! -e "$T/back/mine"
has "a warning on standard error" "$ERR" "warning: .*never archived"

### The other programs

json "backup-expire" 0 run backup-expire -n --json \
    -o "retention_policy=redundancy 1"
json "with a pin" 0 run backup-expire --json --keep latest \
    --until 2100-01-01T00:00Z
json "to come" 0 run backup-expire --json --simulate 3d \
    -o "retention_policy=redundancy 1" -o keep_daily=2
json "by name" 0 run backup-expire -n --json --delete "$FIRST"
json "backup-list" 0 run backup-list --json \
    -o "retention_policy=recovery window of 7 days"
json "backup-verify" 0 run backup-verify --json --target-time "$TIME"
# A gap, a label that is refused, a push under way.
find "$T/repo/main/$SYSTEM/wal" -name '0*' -type f | sort | sed -n 3p |
    xargs rm
for id in 20200101T000000Z 20200102T000000Z; do
	as mkdir "$T/repo/main/$SYSTEM/base/$id"
done
as sh -c "echo forged >'$T/repo/main/$SYSTEM/base/$id/label'"
json "backup-list with findings" 9 run backup-list --json \
    -o "retention_policy=redundancy 1"
json "backup-show with a gap" 9 run backup-show --json "$LAST"
json "backup-verify with findings" 9 run backup-verify --json --quick
json "backup-check" 9 run backup-check --format json

### All of it is as the manual pages say

# documented PROGRAM [N]: the lines of the table in its page, or of the Nth,
# "path type"; members of labels are written out.
documented()
{
	local path type prefix

	awk -v n="${2:-1}" '/^\.Sh /{on = /JSON SCHEMA/}
	    on && /^\.Bd/{i++} on && i == n && /^[a-z(]/{print $1, $2}' \
	    "$T_TOP/cmd/$1.1" |
	while read -r path type; do
		[ "$type" = label ] || { echo "$path $type"; continue; }
		prefix=$path.
		[ "$path" != "(itself)" ] || prefix=
		documented base-push | sed "s/^/$prefix/; /damaged.first/q"
	done
}

# as_documented PROGRAM OUTPUT [N]: what was printed is in the table, with that
# type, and what is in the table was printed, or can be.
as_documented()
{
	local path

	documented "$1" "${3:-}" >"$T/table"
	jq -rf "$T_TOP/test/system/schema.jq" "$2" | sort -u >"$T/seen"
	ok "$1: there is output" test -s "$T/seen"
	ok "$1: and a table" test -s "$T/table"
	is "$1: what it prints is documented" "$(awk '
	    NR == FNR { type[$1] = $2; next }
	    { t = type[$1]; null = sub(/\?$/, "", t) }
	    t == "1" && $1 == "schema" && $2 == "number" { next }
	    t == "" || ($2 == "null" ? !null : $2 != t &&
	    !(t == "text" && $2 == "time")) { print }
	    ' "$T/table" "$T/seen")" ""
	while read -r path; do
		path=${path%%[]}
		grep -qxF "\"${path##*.}\"" "$T/names" ||
		    ok "$1 can print $path" false
	done < <(awk 'NR == FNR { seen[$1]; next } !($1 in seen) { print $1 }
	    ' "$T/seen" "$T/table")
}

grep -rhoE '"[a-z_]+"' "$T_TOP/lib" | sort -u >"$T/names"
is "the schemas have a number" "$(jq -c 'if type == "array" then .[] else .
    end | .schema' "$T"/*.json | sort -u)" 1
jq -c 'select(.kind)' "$T/backup-show.json" >"$T/files.json"
jq -c 'select(.kind | not)' "$T/backup-show.json" >"$T/show.json"
as_documented backup-show "$T/show.json"
as_documented backup-show "$T/files.json" 2
for p in base-push base-fetch backup-list backup-expire backup-verify \
    backup-check repo-copy backup-export backup-import; do
	as_documented "$p" "$T/$p.json"
done
