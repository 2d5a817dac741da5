#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Pushes that compare with the one before: whatever happened to the cluster in
# between, each backup restores by itself, passes pg_verifybackup, and has the
# same rows; and no doubt about the backup before ends in anything but a full
# push that says so.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

KEY=restore_key=$T/keys/main.restore
READER=$T/reader.conf		# has it; the pushing host's own has not

dump()
{
	as "$PGBIN/pg_dumpall" -h "$T/$1.sock" -p 5432 -U postgres \
	    --no-unlogged-table-data |
	    sed -E "s,$T/(ts|moved)/,/,g; /^.(un)?restrict /d"
}

# push WHAT [OPTION]...: ID is the new backup
push()
{
	ok "$1: push" run base-push --fast "${@:2}"
	ID=$(printf '%s\n' "$OUT" | sed -n 's/^backup \([0-9TZ-]*\):.*/\1/p')
	SAID=$OUT
}

# restores WHAT [CLUSTER]: the last backup, and all WAL since
restores()
{
	local from=${2:-pg} maps=() d

	for d in "$T"/ts/*; do
		[ ! -d "$d" ] ||
		    maps+=(--tablespace "${d##*/}:$T/moved/${d##*/}")
	done
	as rm -rf "$T/back" "$T/moved"
	as mkdir "$T/moved"
	pg_archived "$from" || fail "$1: WAL is archived"
	dump "$from" >"$T/dump.pg"
	ok "$1: restore" run base-fetch -c "$READER" ${maps[@]+"${maps[@]}"} \
	    "$ID" "$T/back"
	ok "$1: pg_verifybackup" as "$PGBIN/pg_verifybackup" "$T/back"
	if pg_launch back && wait_for t_primary back; then
		dump back >"$T/dump.back"
		same "$1: the same rows" "$T/dump.pg" "$T/dump.back"
		pg_stop back
	else
		fail "$1: it starts"
	fi
}

# since WHAT BACKUP: it was compared with that one
since()
{
	has "$1" "$SAID" "^since backup $2: "
}

# full WHAT WHY
full()
{
	has "$1" "$SAID" "^all of it is new: .*$2"
}

keygen main
sshd_start MaxSessions\ 100
CONF=$READER
conf_write jobs=2
CONF=$T/seawall.conf
conf_write jobs=2 wal_compression=zstd:1 restore_key=
pg_init pg
pg_archive pg
pg_conf pg "max_wal_size = 1GB"
pg_start pg
mkdir "$T/ts"
chown "$T_USER" "$T/ts"
pg_psql pg <<END
create table plain as select g, md5(g::text) x
    from generate_series(1, 200000) g;
create index on plain (g);
create table short as select * from plain;
create index short_idx on short (g);
create table gone as select * from plain;
create table wide (x text);
alter table wide alter x set storage plain;
create unlogged table lost as select * from plain limit 1000;
create table small (x int);
vacuum freeze;
checkpoint;
END
as sh -c "echo aaaaaaaa >'$T/pg/notes'"
as sh -c "echo bbbbbbbb >'$T/pg/other'"
GONE=$(sql pg "select pg_relation_filepath('gone')")
sleep 3				# what changed now must be at rest at the start

push "first"
FIRST=$ID
BASE=$(echo "$REPO"/main/*/base)
full "it says so" "no list of an earlier backup"
restores "first"

### Nothing changed

push "again"
since "compared with the first" "$FIRST"
has "it reads next to nothing" "$SAID" "not read; [0-9.]+ k?B read"
ok "and stores less" test "$(du -sb "$BASE/$ID" | cut -f1)" \
    -lt 200000
restores "again"
is "the copy is private" "$(stat -c %a "$T"/state/main/*/last-manifest)" 600

push "read all the same" --reread
has "all of it" "$SAID" " 0 files \(0 B\) unchanged"
since "and compared" "[0-9TZ-]*"

### What clusters go through

pg_psql pg <<END
update plain set x = x || 'y' where g % 1000 = 0;
delete from short where g > 1000;
vacuum short;
END
push "updated and truncated"
restores "updated and truncated"

pg_psql pg <<END
vacuum full plain;
cluster short using short_idx;
create database more template template0;
insert into lost select * from plain limit 1000;
END
push "rewritten, a new database"
restores "rewritten, a new database"

as mkdir "$T/ts/near"
pg_psql pg <<END
create tablespace near location '$T/ts/near';
create table far tablespace near as select * from plain limit 50000;
drop database more;
END
push "tablespace added"
restores "tablespace added"
push "tablespace kept"
restores "tablespace kept"
pg_psql pg <<END
drop table far;
drop tablespace near;
END
as rm -r "$T/ts/near"
push "tablespace removed"
restores "tablespace removed"

# Past 1 GiB: the first file is filled up with pages of zeros.
sql pg "insert into wide select repeat('x', 7000) from generate_series(1, 200)"
WIDE=$(sql pg "select pg_relation_filepath('wide')")
pg_stop pg
as truncate -s 1G "$T/pg/$WIDE"
pg_start pg
push "just 1 GiB"
sql pg "insert into wide select repeat('z', 7000) from generate_series(1, 300)"
ok "a second file" test -s "$T/pg/$WIDE.1"
push "grown past 1 GiB"
restores "grown past 1 GiB"
sql pg "truncate wide"

# Another table under the number of one that was dropped.
sql pg "drop table gone"
sql pg "vacuum pg_class"
sql pg "vacuum pg_type"
sql pg "checkpoint"
pg_stop pg
as "$PGBIN/pg_resetwal" -o "${GONE##*/}" "$T/pg" >/dev/null ||
    fail "pg_resetwal"
pg_start pg
sql pg "create table fresh as select g, md5((g + 1)::text) x
    from generate_series(1, 200000) g"
is "another table has the number" \
    "$(sql pg "select pg_relation_filepath('fresh')")" "$GONE"
push "dropped and made anew"
restores "dropped and made anew"

# A file of the same size and time, as a restore from elsewhere leaves it.
was=$(stat -c '%i %Y' "$T/pg/notes")
as touch -r "$T/pg/notes" "$T/ref"
as sh -c "echo AAAAAAAA >'$T/pg/notes'"
as touch -r "$T/ref" "$T/pg/notes"
is "the same inode and time" "$(stat -c '%i %Y' "$T/pg/notes")" "$was"
as sh -c "echo BBBBBBBB >'$T/other'"
as touch -r "$T/pg/other" "$T/other"
as mv "$T/other" "$T/pg/other"
push "old times"
restores "old times"
same "new content, same inode" "$T/back/notes" "$T/pg/notes"
same "new content, other inode" "$T/back/other" "$T/pg/other"

# Page checksums from one push to the next: all pages are new, all verified.
pg_stop pg
as "$PGBIN/pg_checksums" --enable -D "$T/pg" >/dev/null 2>&1 ||
    fail "pg_checksums"
pg_start pg
push "checksums switched on"
restores "checksums switched on"
ok "every page has one" as "$PGBIN/pg_checksums" --check -D "$T/back"

### The backup before

push "another chunk_size" -o chunk_size=64k
full "is told" "has chunks of 262144 bytes, chunk_size is 65536"
restores "another chunk_size"
push "and back"
full "is told too" "has chunks of 65536 bytes"
push "then as ever"
LIST=$(echo "$T"/state/main/*/last-manifest)
as cp "$LIST" "$T/list"
as sh -c "printf x | dd of='$LIST' bs=1 seek=3000 conv=notrunc 2>/dev/null"
push "a list that was tampered with"
has "is told at once" "$SAID" \
    "^base-push: everything is stored anew: .*/last-manifest is damaged"
full "and in the end" "/last-manifest is damaged"
restores "a list that was tampered with"
as rm "$LIST"
push "a list that is lost"
full "is told" "no list of an earlier backup"
AFTER=$ID
as cp "$T/list" "$LIST"
push "an older list"
since "will do while its backup stands" "[0-9TZ-]*"
GONE=$ID
as mv "$BASE/$ID/label" "$BASE/$ID/label.withdrawn"
push "an expired one"
full "is told" "backup $GONE is no longer in the repository"
has "at once" "$SAID" "^base-push: everything is stored anew: backup $GONE"
restores "an expired one"
EXPIRED=$ID
as mv "$BASE/$ID/label" "$BASE/$ID/label.withdrawn"
push "with a restore key" -o "$KEY"
since "the next older one is fetched" "[0-9TZ-]*"
lacks "not the expired one" "$SAID" "since backup $EXPIRED"
has "and all is read" "$SAID" " 0 files \(0 B\) unchanged"
restores "with a restore key"
exits "--base needs a list" 3 run base-push --fast --base "$AFTER"
has "and says how" "$OUT" "set restore_key to fetch its list"
push "--base" --base "$AFTER" -o "$KEY"
since "that very one" "$AFTER"
restores "--base"
exits "--base of none" 1 run base-push --fast --base 20200101T000000Z -o "$KEY"
exits "--base of nonsense" 2 run base-push --fast --base yesterday

# A pack that is lost on the way is stored anew.
push "before a loss"
used=$(grep -ao '"backup":[ ]*"[^"]*"' "$BASE/$ID/label" | cut -d'"' -f4 |
    sed "s,^,$BASE/,")
# shellcheck disable=SC2086	# words
as rm "$(find $used -name 'pack-*' -printf '%s %p\n' | sort -n |
    tail -n 1 | cut -d' ' -f2)"
push "a lost pack"
has "is told" "$SAID" "packs? that backup .* missing or cut short"
restores "a lost pack"

### Expiry takes nothing that a backup refers to

sql pg "update plain set g = g where g % 500 = 0"
push "before expiry"
exits "all but one expire, and those that lost the pack" 9 run backup-expire \
    -o expire_grace=0 -o retention_policy="redundancy 1"
mapfile -t torn < <(sed -n 's/^  keep   \([0-9TZ-]*\): incomplete.*/\1/p' \
    <<<"$OUT")
for i in "${torn[@]}"; do
	run backup-expire --delete "$i" --force >"$T/out" 2>&1
done
ok "these go by name" run backup-expire \
    -o expire_grace=0 -o retention_policy="redundancy 1"
is "one label is left" "$(find "$REPO" -name label | wc -l)" 1
ok "and packs of others" test "$(find "$BASE" -name 'pack-*' \
    ! -path "*/$ID/*" | wc -l)" -gt 0
restores "after expiry"
LEFT=$ID
push "after expiry"
since "with the one that is left" "$LEFT"
restores "after expiry, again"

### Timelines

pg_standby twin pg
pg_conf twin "archive_mode = on"
pg_start twin
twin="host=$T/twin.sock port=5432 user=postgres dbname=postgres"
# another host: a state folder of its own
as mkdir -m 700 "$T/state2"
from_twin()
{
	background switch_often
	push "$1" -o conninfo="$twin" -o state_dir="$T/state2"
	t_signal TERM "$BG"
	wait "$BG" 2>/dev/null
}
switch_often()
{
	while sleep 0.5; do
		sql pg "insert into small values (1); select pg_switch_wal()"
	done >/dev/null 2>&1
}
from_twin "from a standby"
restores "from a standby"
sql pg "update plain set x = 'q' where g % 700 = 0"
push "the primary's turn"
restores "the primary's turn"
from_twin "the standby's turn"
since "its own last one" "[0-9TZ-]*"
restores "the standby's turn"
pg_stop pg
as "$PGBIN/pg_ctl" -D "$T/twin" -w -s promote >/dev/null
ok "promotion" wait_for t_primary twin
sql twin "update plain set x = 'p' where g % 600 = 0"
push "after promotion" -o conninfo="$twin" -o state_dir="$T/state2"
since "the last one of the old timeline" "[0-9TZ-]*"
has "on the new one" "$SAID" "WAL 00000002"
restores "after promotion" twin
