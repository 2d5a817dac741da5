#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Lines of timelines beside the latest one: after a restore in place and after
# a failover nothing is refused; a copy that was promoted and archived while
# the cluster goes on does not take the restore.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

add()
{
	sql "$1" "insert into t values ($2)"
}

# t_has NAME ROW, for wait_for
t_has()
{
	[ "$(sql "$1" "select count(*) from t where n = $2" 2>&1)" = 1 ]
}

t_held()
{
	[ "$(sql pg "show archive_command")" = false ]
}

# windows: of the last backup-list, the first backup and timeline of each
windows()
{
	sed -n 's/^recovery window: .*(backup \(.*\)) to .*, timeline /\1 /p' \
	    <<<"$OUT"
}

keygen main
conf_write wal_compression=zstd:1 repository="$REPO"
pg_init pg -k --wal-segsize=1
pg_archive pg
pg_start pg
sql pg "create table t (n int)"
add pg 1
ok "first backup" run base-push --fast
FIRST=$(expr "$OUT" : 'backup \([0-9TZ-]*\)')
add pg 2
T2=$(pg_now pg)
add pg 3
T3=$(pg_now pg)
pg_archived pg || die "archive"
ok "second backup" run base-push --fast
SECOND=$(expr "$OUT" : 'backup \([0-9TZ-]*\)')
add pg 4
pg_archived pg || die "archive"

### A restore in place, with a newer backup beyond the target

pg_stop pg -m immediate
ok "restore in place" run base-fetch --delta --force --keep-archiving \
    --target-time "$T2" --target-action promote "$T/pg"
pg_start pg
ok "it promotes" wait_for t_primary pg
pg_archived pg || die "archive"
ok "nothing is refused before the first commit" run base-fetch -n "$T/back"
add pg 20
pg_archived pg || die "archive"
ok "nor behind it" run base-fetch -n "$T/back"
has "the timeline" "$OUT" "^timeline +2"
has "its newest backup" "$OUT" "timeline 2: newest backup $FIRST, ended 20"
has "what is left out" "$OUT" \
    "^beside +timeline 1: newest backup $SECOND, .*newest commit 20.*left out"
ok "the lines are listed" run backup-list
is "a window of each, the newest first" "$(windows)" \
    "$(printf '%s\n' "$FIRST 2" "$FIRST 1")"
has "the line of a backup" "$OUT" \
    "^  $SECOND +20[^ ]* .*[sm] +1  +[0-9.]+ [kM]B "
ok "a standby" run base-fetch -n --standby "$T/back"
has "follows the latest" "$OUT" "^recovery_target_timeline = 'latest'"
ok "the newest backup as it is" run base-fetch -n --target immediate "$T/back"
has "is on the other line" "$OUT" "^backup +$SECOND"
exits "a time that only the other line has" 1 \
    run base-fetch -n --target-time "$T3" "$T/back"
has "is said" "$OUT" "timeline 1 alone has the target time"
ok "its line is taken when named" \
    run base-fetch -n --target-time "$T3" --target-timeline 1 "$T/back"
ok "third backup" run base-push --fast

# Or else the standby would stop at the target, too.
sql pg "alter system reset all"
sql pg "select pg_reload_conf()" >/dev/null

### A failover; the old primary archives later what it still had

pg_standby sb pg
pg_start sb
add pg 21
wait_for t_has sb 21
pg_stop sb
sql pg "alter system set archive_command = 'false'"
sql pg "select pg_reload_conf()" >/dev/null
wait_for t_held
add pg 22
SEG=$(pg_switch pg)
pg_stop pg -m immediate
pg_start sb
ok "promoted" sql sb "select pg_promote()"
pg_archived sb || die "archive"
ok "right after a failover" run base-fetch -n "$T/back"
has "the new timeline" "$OUT" "^timeline +3"
(cd "$T/pg" && for f in pg_wal/archive_status/*.ready; do
	f=$(basename "$f" .ready)
	run wal-push "pg_wal/$f" || exit 1
done) || die "leftovers"
ok "$SEG is in the archive" \
    test -e "$(echo "$REPO"/main/*/wal/00000002/*/"$SEG")"
ok "leftovers that come late" run base-fetch -n "$T/back"
has "are named" "$OUT" "^beside +timeline 2: .*newest commit 20"
ok "the lines are listed" run backup-list
is "and they, too" "$(windows)" \
    "$(printf '%s\n' "$FIRST 3" "$FIRST 2" "$FIRST 1")"
add sb 30
pg_archived sb || die "archive"
ok "and behind the first commit" run base-fetch -n "$T/back"

### A copy is promoted and archives its timeline; the cluster goes on

ok "a copy" run base-fetch --keep-archiving "$T/copy"
pg_start copy
ok "it promotes" wait_for t_primary copy
add copy 100
pg_archived copy || die "archive"
pg_stop copy
ok "the copy's commits are the newest" run base-fetch -n "$T/back"
has "it is latest, and that is said" "$OUT" "^beside +timeline 2.*"
T30=$(pg_now sb)
add sb 31
pg_archived sb || die "archive"
LAST=$(find "$REPO"/main/*/wal/00000003 -type f ! -name '*.*' | sort |
    tail -n 1)
exits "newer commits beside the copy" 1 run base-fetch "$T/back"
has "both lines are named" "$OUT" "timeline 4 is the latest, but beside it \
timeline 3 has newer commits \(timeline 4: .*; timeline 3: .*newest commit 20"
has "and the way out" "$OUT" "--target-timeline 3 or --target-timeline 4"
conf_write wal_compression=zstd:1 repository="$REPO" \
    conninfo="host=$T/sb.sock port=5432 user=postgres dbname=postgres"
ok "fourth backup" run base-push --fast
FOURTH=$(expr "$OUT" : 'backup \([0-9TZ-]*\)')
ok "all lines are listed" run backup-list
is "once each" "$(windows)" "$(printf '%s\n' "$FIRST 4" "$FIRST 3" \
    "$FIRST 2" "$FIRST 1")"
mv "$LAST" "$T/lost"
exits "a gap on the cluster's line" 9 run backup-list
has "ends a window" "$(windows)" "^$FOURTH 3\$"
has "and is named" "$OUT" "^gap: WAL $(basename "$LAST") to "
exits "also by backup-verify" 9 run backup-verify --quick
has "with its line" "$OUT" "along timeline 3 ends at LSN .* before the end \
of backup $FOURTH"
mv "$T/lost" "$LAST"
exits "a newer backup beside the copy" 1 run base-fetch "$T/back"
has "is named" "$OUT" "timeline 3 has a backup that started after timeline 4 \
began.*timeline 3: newest backup $FOURTH"
exits "a standby as well" 1 run base-fetch --standby "$T/back"
exits "and a time" 1 run base-fetch --target-time "$T30" "$T/back"
ok "nothing was made" test ! -e "$T/back"
ok "a time before the fork is on both lines" \
    run base-fetch -n --target-time "$T2" "$T/back"
ok "the copy when named" run base-fetch -n --target-timeline 4 "$T/back"
ok "the newest backup as it is" run base-fetch --target immediate \
    --target-action promote "$T/back"
pg_start back
ok "it promotes" wait_for t_primary back
is "with its rows" "$(sql back "select max(n) from t")" 31
pg_stop back
as rm -rf "$T/back"
ok "the cluster's line" run base-fetch --target-timeline 3 "$T/back"
pg_start back
ok "it ends recovery" wait_for t_primary back
is "with its rows" "$(sql back "select max(n) from t")" 31
pg_stop back

### The copy's backups do not make the cluster's own expire

# conf NAME [KEY=VALUE]...: for the cluster NAME
conf()
{
	conf_write wal_compression=zstd:1 repository="$REPO" \
	    conninfo="host=$T/$1.sock port=5432 user=postgres dbname=postgres" \
	    data_directory="$T/$1" "${@:2}"
}

# of WAL and history: how many files of timeline 4 are there
of_4()
{
	find "$REPO"/main/*/wal -path '*/00000004*' -type f | wc -l
}

policy='retention_policy=redundancy 1'
conf copy
pg_start copy
ok "a backup of the copy" run base-push --fast
COPY=$(expr "$OUT" : 'backup \([0-9TZ-]*\)')
pg_archived copy || die "archive"
ok "expiry" run backup-expire -o "$policy" -o expire_grace=0
has "keeps the copy's, which is the newest" "$OUT" "keep +$COPY: "
has "and the cluster's" "$OUT" \
    "keep +$FOURTH: .*leads onto timeline 3, which is still fed"
has "but no older one" "$OUT" "expire $SECOND: "
ok "expiry with a restore key alone" \
    run backup-expire -o "$policy" -o expire_grace=0 -o key= -o public_key=
has "keeps both, too" "$OUT" "keep +$FOURTH: .*timeline 3, which is still fed"

### The way out

exits "a line that was fed last" 2 run backup-expire --delete-timeline 4 --force
has "is not deleted" "$OUT" "timeline 4 is the one that was fed last, at 20"
pg_stop copy
add sb 32
pg_archived sb || die "archive"
exits "a timeline with a backup" 2 run backup-expire --delete-timeline 4
has "takes force" "$OUT" "backup $COPY stands on timeline 4; add --force"
exits "the cluster's own" 2 run backup-expire --delete-timeline 3 --force
has "is needed" "$OUT" "timeline 4 descends from timeline 3"
exits "one that is not there" 2 run backup-expire --delete-timeline 9
ok "a pin" run backup-expire --keep "$COPY"
exits "keeps the timeline" 2 run backup-expire --delete-timeline 4 --force
has "and is named" "$OUT" "pinned: $COPY \(pinned.*--release"
ok "it is released" run backup-expire --release "$COPY"
n=$(of_4)
ok "a dry run" run backup-expire --delete-timeline 4 --force --dry-run
has "shows the backup" "$OUT" "expire $COPY: asked to go"
has "the WAL" "$OUT" "would delete $((n - 1)) files of WAL"
has "the history" "$OUT" "would delete the history file of timeline 4"
has "and what is latest then" "$OUT" "latest timeline would be 3"
is "and deletes nothing" "$(of_4)" "$n"
ok "the same as JSON" \
    run backup-expire --delete-timeline 4 --force --dry-run --json
has "names the timeline" "$OUT" '"deleted_timeline": ?4'
has "and what remains" "$OUT" '"latest_timeline": ?3'
has "and its history" "$OUT" '"history_files": ?[{]'
exits "the newest backup beside it" 2 run backup-expire --delete "$FOURTH"
has "is not deleted by mistake" "$OUT" \
    "$FOURTH is the newest that leads onto a timeline that is still fed, 3"
sshd_start --append-only
conf sb repository="$(repo_url)"
exits "a key that may not delete" 5 \
    run backup-expire --delete-timeline 4 --force
has "is told so" "$OUT" \
    "denied.*; if that was refused, use an SSH key that may delete"
is "and deletes nothing" "$(of_4)" "$n"
sshd_stop
conf sb
ok "it is deleted" run backup-expire --delete-timeline 4 --force
has "with its history" "$OUT" "deleted the history file of timeline 4"
is "and nothing of it is left" "$(of_4)" 0
ok "the catalogue is sound" run backup-verify --quick
ok "now the latest" run base-fetch --delta --force "$T/back"
lacks "is taken without a question" "$OUT" "timeline 4"
pg_start back
ok "it ends recovery" wait_for t_primary back
is "with its rows" "$(sql back "select max(n) from t")" 32
pg_stop back
ok "expiry goes on" run backup-expire -o "$policy" -o expire_grace=0
has "with one line" "$OUT" "keep +$FOURTH: one of the 1 newest"
