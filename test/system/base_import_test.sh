#!/bin/bash
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2016
#
# Backups that others made: base-push --from takes an unpacked pg_basebackup
# and a snapshot with its backup_label, and refuses what proves no end.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

copy()
{
	as cp -a "$T/$1" "$T/$2"
}

keygen main
sshd_start MaxSessions\ 100
conf_write jobs=2 wal_compression=zstd:1 retry_for=0 wal_wait=5
pg_init pg -k --wal-segsize=1
as mkdir -p "$T/ts" "$T/far"
pg_start pg
sql pg "create tablespace near location '$T/ts'"
sql pg "create table t tablespace near as
    select g, md5(g::text) from generate_series(1, 5000) g"
# No archive at all in those days: the backup has its own WAL.
ok "pg_basebackup" as "$PGBIN/pg_basebackup" -D "$T/old" -X stream -c fast \
    -T "$T/ts=$T/old.near" -h "$T/pg.sock" -p 5432 -U postgres -l "of old"
sql pg "insert into t values (0, 'later')"
pg_psql pg -c "select pg_switch_wal()" >/dev/null
ROWS=5000
FIRST=$(sed -n 's/.*(file \(.*\))/\1/p' "$T/old/backup_label")

### What is no backup, or is damaged

exits "a running cluster" 3 run base-push --from "$T/pg"
has "is named" "$OUT" "a server|postmaster"
exits "an empty directory" 3 run base-push --from "$T/far"
has "is none" "$OUT" "no PG_VERSION"
exits "what does not go together" 2 run base-push --from "$T/old" --fast
copy old bad
as mv "$T/bad/backup_label" "$T/bad/backup_label.gone"
exits "no backup_label" 3 run base-push --from "$T/bad"
has "says the state" "$OUT" 'no backup_label, and its cluster is "'
as mv "$T/bad/backup_label.gone" "$T/bad/backup_label"
as mv "$T/bad/backup_manifest" "$T/bad.manifest"
exits "nothing says where it ends" 3 run base-push --from "$T/bad"
has "names the file that would" "$OUT" "pg_wal/$FIRST\..*\.backup"
as mv "$T/bad.manifest" "$T/bad/backup_manifest"
as mv "$T/bad/pg_wal/$FIRST" "$T/bad.wal"
exits "WAL that nobody has" 1 run base-push --from "$T/bad"
has "is named, too" "$OUT" "needs WAL segment $FIRST, and neither"
# The beginning of a segment is no segment.
as sh -c 'head -c 200 "$0"; head -c 1048376 /dev/zero' "$T/bad.wal" |
    as tee "$T/bad/pg_wal/$FIRST" >/dev/null
exits "nor a part of it" 1 run base-push --from "$T/bad"
has "is taken for the whole" "$OUT" "its records end before"
is "nothing was archived" "$(find "$REPO" -name "$FIRST*" | wc -l)" 0
as cp -a "$T/bad.wal" "$T/bad/pg_wal/$FIRST"
flip "$T/bad/PG_VERSION" 1
exits "a version that nobody has" 3 run base-push --from "$T/bad" --jobs 1
flip "$T/bad/PG_VERSION" 1
REL=$(sql pg "select pg_relation_filepath('pg_class')")
flip "$T/bad/$REL" 5000
exits "a bit that flipped" 8 run base-push --from "$T/bad"
has "is found by backup_manifest" "$OUT" "$REL differs from what was found"
flip "$T/bad/$REL" 5000
as mv "$T/bad/$REL" "$T/bad.rel"
exits "a file that is missing" 8 run base-push --from "$T/bad"
has "is named as well" "$OUT" "$REL is missing"
as mv "$T/bad.rel" "$T/bad/$REL"
as sh -c 'echo x >"$0"' "$T/bad/base/stranger"
exits "one too many" 8 run base-push --from "$T/bad"
has "by its name" "$OUT" "base/stranger was found and is not in it"
as rm "$T/bad/base/stranger"
as ln -s /etc "$T/bad/base/etc"
exits "a link that leads out" 3 run base-push --from "$T/bad"
has "is not followed" "$OUT" "base/etc is a symbolic link"
as rm "$T/bad/base/etc"
as chmod 0 "$T/bad/$REL"
if [ "$(id -u "$T_USER")" != 0 ]; then
	exits "a file that cannot be read" 4 run base-push --from "$T/bad"
	has "is named by the system" "$OUT" "$REL: Permission denied"
fi
is "no backup came of all that" "$(run backup-list 2>&1 |
    grep -c '^20')" 0

### The backup

ok "it is imported" run base-push --from "$T/old"
is "with its WAL" "$(find "$REPO" -name "$FIRST*" | wc -l)" 1
has "as a backup" "$OUT" "^backup [0-9TZ-]+: [0-9]+ files"
has "under its label" "$(run backup-list --json)" '"label": "of old"'
ok "what it needs is there" run backup-verify
as mkdir "$T/new.near"
OID=$(sql pg "select oid from pg_tablespace where spcname = 'near'")
ok "restored" run base-fetch -T "$OID:$T/new.near" "$T/new"
ok "pg_verifybackup" as "$PGBIN/pg_verifybackup" -n "$T/new"
pg_start new
wait_for t_primary new || fail "it recovers"
is "every row" "$(sql new "select count(*) from t")" "$ROWS"
pg_stop new
has "imported again, hardly anything is stored" \
    "$(run base-push --from "$T/old" 2>&1)" "stored in"

### A snapshot, whose end is in the history file of the backup

pg_archive pg
pg_conf pg "archive_mode = on"
pg_stop pg
pg_start pg
pg_psql pg >"$T/stop" <<-END
	\\pset format unaligned
	select pg_backup_start('snap', true);
	\\! cp -a $T/pg $T/snap; rm -f $T/snap/postmaster.pid
	select labelfile from pg_backup_stop();
END
if [ "$(cat "$T/pg/PG_VERSION")" -ge 15 ]; then
	sed -n '/^START WAL/,/^START TIMELINE/p' "$T/stop" |
	    as tee "$T/snap/backup_label" >/dev/null
	chown "$T_USER" "$T/snap"
	exits "where it ends is not known" 3 run base-push --from "$T/snap"
	as sh -c 'cp "$0"/pg/pg_wal/*.backup "$0/snap/pg_wal/"' "$T"
	pg_archived pg >/dev/null
	ok "the history file says it" run base-push --from "$T/snap"
	has "what is not proved is said" "$OUT" "has no backup_manifest"
	sql pg checkpoint
	as cp -a "$T/pg" "$T/late"
	as rm "$T/late/postmaster.pid"
	as cp "$T/snap/backup_label" "$T/late/"
	exits "a copy that was made later" 3 run base-push --from "$T/late"
	has "is found out" "$OUT" "after its backup had ended"
	ok "restored" run base-fetch --target immediate \
	    --target-action promote -T "$OID:$T/again.near" latest "$T/again"
	pg_start again
	wait_for t_primary again || fail "it recovers"
	is "every row of that day" "$(sql again "select count(*) from t")" \
	    $((ROWS + 1))
	pg_stop again
fi
