#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Restores over what is there: what comes out is what a restore into an empty
# directory gives, whatever was there, whenever it was killed; and what may
# not be touched is not.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

# What a directory holds, content, types, modes and links: all but times and
# what base-fetch itself makes differently each time.
shape()
{
	local written='./postgresql.auto.conf|./recovery.signal'

	written="$written|./global/pg_control"
	(cd "$1" && find . \( -name backup_manifest \) -prune -o \
	    \( -type d -printf 'd %m %p\n' -o -type l -printf 'l %p %l\n' -o \
	    -printf '%y %m %s %T@ %p\n' \) |
	    sed -E "s,$1,,; s,f (.*) [0-9.]* ($written)$,f \1 \2," |
	    sort)
}

# names DIR: sorted, a blank behind each
names()
{
	find "$1" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | tr '\n' ' '
}

# equal WHAT DIR: as the fresh restore, its tablespace included
equal()
{
	shape "$T/ref" >"$T/shape.ref"
	shape "$T/$2" >"$T/shape.$2"
	same "$1: the same names, types, modes, times" "$T/shape.ref" \
	    "$T/shape.$2"
	ok "$1: the same content" diff -r --no-dereference -x backup_manifest \
	    -x "$OID" "$T/ref" "$T/$2"
	ok "$1: the same content of the tablespace" diff -r \
	    --no-dereference "$T/ref.fast" "$T/$2.fast"
	ok "$1: pg_verifybackup" as "$PGBIN/pg_verifybackup" -q "$T/$2"
}

delta()
{
	run base-fetch --delta --tablespace "fast:$T/$1.fast" "${@:2}" \
	    "$T/$1"
}

copy()
{
	as rm -rf "$T/$1" "$T/$1.fast"
	as cp -a "$T/ref" "$T/$1"
	as cp -a "$T/ref.fast" "$T/$1.fast"
	as ln -sfn "$T/$1.fast" "$T/$1/pg_tblspc/$OID"
}

keygen main
sshd_start MaxSessions\ 100
conf_write jobs=2 wal_compression=zstd:1 retry_for=0
pg_init pg -k
pg_archive pg
pg_start pg
as mkdir "$T/pg.fast"
sql pg "create tablespace fast location '$T/pg.fast'"
sql pg "create extension amcheck"
sql pg "create table t as select g, md5(g::text) x
    from generate_series(1, 200000) g"
sql pg "create index on t (x)"
sql pg "create table f tablespace fast as select * from t where g < 50000"
sql pg "create unlogged table u as select * from t where g < 1000"
sql pg "create database other"
ok "backup" run base-push --fast
OID=$(sql pg "select oid from pg_tablespace where spcname = 'fast'")
REL=$(sql pg "select pg_relation_filepath('t')")
FAST=$(sql pg "select pg_relation_filepath('f')")
FAST=${FAST#pg_tblspc/"$OID"/}
PG_X=${FAST%%/*}
ok "restore into an empty directory" run base-fetch \
    --tablespace "fast:$T/ref.fast" "$T/ref"

### Over the same, untouched

copy d
ok "nothing differs" delta d
has "all is kept" "$OUT" "^kept +[0-9.]+ MB"
has "but the configuration" "$OUT" "^restored +[0-9.]+ ?k?B, in 1 file$"
equal "unchanged" d

### Over what came to harm

# By hash, not by time: a bit turned, and the time put back.
copy d
as cp -p "$T/d/$REL" "$T/stamp"
printf X | as dd of="$T/d/$REL" bs=1 seek=300000 conv=notrunc status=none
as touch -r "$T/stamp" "$T/d/$REL"
as truncate -s 8192 "$T/d.fast/$FAST"
printf 'more' >>"$T/d/base/1/1259"
as cp "$T/d/base/1/1259" "$T/d/base/1/99999"
as rm -r "$T/d/base/1/2600" "$T/d/global/1260"
as chmod 644 "$T/d/PG_VERSION"
as chmod 755 "$T/d/global"
# One type for another.
as rm "$T/d/base/1/1247"; as mkdir "$T/d/base/1/1247"
as touch "$T/d/base/1/1247/x"
as rm -r "$T/d/pg_wal"; as mkdir "$T/wal"; as touch "$T/wal/mine"
as ln -s "$T/wal" "$T/d/pg_wal"
as rm -r "$T/d/pg_stat"; as touch "$T/d/pg_stat"
as rm "$T/d/base/1/1249"; as touch "$T/outside"
as ln -s "$T/outside" "$T/d/base/1/1249"
as rm -r "$T/d/base/4"; as mkdir "$T/elsewhere"
as touch "$T/elsewhere/1"; as ln -s "$T/elsewhere" "$T/d/base/4"
as ln -s /etc/passwd "$T/d/base/link"
as mkfifo "$T/d/pipe"
# Not to be read, or not to be written.
as chmod 000 "$T/d/base/1/2601" "$T/d/pg_xact"
as chmod 400 "$T/d/base/1/2602"
# Under another name too: that one must keep what it has.
as cp "$T/d/base/1/1255" "$T/other"
printf Y | as dd of="$T/other" bs=1 seek=100 conv=notrunc status=none
as rm "$T/d/base/1/1255"; as ln "$T/other" "$T/d/base/1/1255"
as cp "$T/other" "$T/other.was"
# What old life leaves.
as touch "$T/d/standby.signal" "$T/d/tablespace_map" "$T/d/postmaster.opts" \
    "$T/d/backup_label.old" "$T/d.fast/not.ours" "$T/d.fast/$PG_X/extra"
as mkdir -p "$T/d.fast/PG_12_201909212/5" "$T/d/base/77"
as touch "$T/d/base/77/1" "$T/d.fast/PG_12_201909212/5/1"
as sh -c "echo x >'$T/d/backup_label'"

as chmod 700 "$T/d/pg_xact"
(cd "$T" && find d d.fast -printf '%y %m %n %s %T@ %C@ %p %l\n' |
    sort) >"$T/before"
ok "a dry run" delta d --dry-run
(cd "$T" && find d d.fast -printf '%y %m %n %s %T@ %C@ %p %l\n' |
    sort) >"$T/after"
same "changes nothing" "$T/before" "$T/after"
for f in standby.signal postmaster.opts base/1/99999 base/77 \
    "pg_tblspc/$OID/$PG_X/extra" base/1/1249 pg_stat pipe; do
	has "it would remove $f" "$OUT" "^remove +$f$"
done
for f in "$REL" "pg_tblspc/$OID/$FAST" base/1/1259 base/1/1255 \
    backup_label; do
	has "it would replace $f" "$OUT" "^replace +$f$"
done
has "and links" "$OUT" "^remove +pg_wal, a link; its target stays"
lacks "but not what is not ours" "$OUT" "not.ours|PG_12|postgresql.conf"
as chmod 000 "$T/d/pg_xact"
ok "it is restored" delta d
has "pg_wal was a link, and that is said" "$OUT" \
    "pg_wal was a link; its target is left"
ok "what links led to is left" test -e "$T/wal/mine" -a \
    -e "$T/elsewhere/1" -a -e "$T/outside"
same "and the other name of a file" "$T/other" "$T/other.was"
ok "and what is not ours beside the tablespace" \
    test -e "$T/d.fast/not.ours" -a -e "$T/d.fast/PG_12_201909212/5/1"
as rm -r "$T/d.fast/not.ours" "$T/d.fast/PG_12_201909212"
equal "harmed" d
pg_launch d || fail "it starts"
wait_for t_primary d || fail "it recovers"
is "all rows are there" "$(sql d "select count(*) from t")" 200000
ok "pg_amcheck" as "$PGBIN/pg_amcheck" -h "$T/d.sock" -p 5432 \
    -U postgres --heapallindexed postgres
is "and silent" "$OUT" ""

### Where a server runs, or may

exits "a server that runs" 3 delta d
has "is said" "$OUT" "a PostgreSQL server runs there \(process [0-9]+, by post"
as cp "$T/d/postmaster.pid" "$T/pid"
as mv "$T/d/postmaster.pid" "$T/d/was.pid"
exits "one that lost postmaster.pid" 3 delta d
has "is seen" "$OUT" "runs there \(process [0-9]+\), although postmaster.pid"
as mv "$T/d/was.pid" "$T/d/postmaster.pid"
exits "a database of one that runs" 3 run base-fetch --delta \
    --tablespace "fast:$T/x.fast" "$T/d/${REL%/*}"
has "is part of it" "$OUT" "lies in another data directory, $T/d;"
exits "its tablespace's" 3 run base-fetch --delta \
    --tablespace "fast:$T/x.fast" "$T/d.fast/${FAST%/*}"
has "as well" "$OUT" "lies in another data directory, .*/$PG_X;"
copy e
as ln -sfn "$T/d.fast" "$T/e/pg_tblspc/$OID"
exits "a tablespace of one that runs" 3 run base-fetch --delta \
    --tablespace "fast:$T/d.fast" "$T/e"
has "is not taken from it" "$OUT" "server \(process .* has a tablespace there"
exits "nor by a restore into an empty directory" 3 run base-fetch \
    --tablespace "fast:$T/d.fast" "$T/new"
has "which says why" "$OUT" "server \(process .* has a tablespace there"
sql d "update t set x = 'late' where g % 1000 = 0"
ok "and it lives" sql d "checkpoint"
pg_kill d
ok "a server that crashed left postmaster.pid" test -e "$T/d/postmaster.pid"
wait_for delta d --dry-run --force	# until its last process has gone
exits "its own timeline was never archived" 3 delta d
has "and is said" "$OUT" "pg_wal holds WAL that was never archived: 0000000"
ok "and is gone over" delta d --force
equal "crashed" d
sed '1s/.*/4194000/' "$T/pid" | as tee "$T/d/postmaster.pid" >/dev/null
exits "a process that is not on this host" 3 delta d
has "proves nothing" "$OUT" "names process 4194000, which is not on this host"
echo 1 | as tee "$T/d/postmaster.pid" >/dev/null
exits "the number of another process" 3 delta d
has "proves nothing" "$OUT" "names process 1, which is not PostgreSQL \("
echo "what?" | as tee "$T/d/postmaster.pid" >/dev/null
exits "what cannot be understood" 3 delta d
has "may be a server" "$OUT" "postmaster.pid cannot be parsed"
as chmod 000 "$T/d/postmaster.pid"
exits "what cannot be read" 3 delta d
as rm "$T/d/postmaster.pid"
shape "$T/d" >"$T/shape.d"
same "all this time nothing was changed" "$T/shape.ref" "$T/shape.d"

### What is no data directory of this cluster

as mkdir "$T/home2"
as touch "$T/home2/letter"
exits "a home" 3 run base-fetch --delta "$T/home2" --tablespace \
    "fast:$T/x.fast"
has "is none" "$OUT" "neither empty nor a PostgreSQL data directory"
is "and keeps what it has" "$(ls -A "$T/home2")" letter
pg_init strange
exits "another cluster" 3 delta strange
has "is said" "$OUT" "holds another cluster, [0-9]+, not [0-9]+"
ok "and can still start" pg_launch strange
pg_stop strange
as mv "$T/strange/global/pg_control" "$T/strange/other"
exits "one that has no pg_control" 3 delta strange
has "is not taken for ours" "$OUT" "its cluster cannot be identified \(no "
as sh -c "echo 14 >'$T/d/PG_VERSION'"
exits "another version" 3 delta d
has "is said" "$OUT" "not a data directory of PostgreSQL"
as mkdir "$T/stray"; as touch "$T/stray/letter"
copy e
exits "a tablespace's place that holds something else" 3 run base-fetch \
    --delta --tablespace "fast:$T/stray" "$T/e"
has "is said" "$OUT" "is not empty, and .* does not use it for this tablespace"
is "and keeps it" "$(ls -A "$T/stray")" letter
ok "nothing is left behind in the directory" test ! -e \
    "$T/e/restore-incomplete.seawall" -a -e "$T/e/global/pg_control"

# Killed with its mark beside what is not ours: that is let be, and told.
copy e
as mkdir "$T/e.fast/PG_14_202107181"
as touch "$T/e.fast/precious" "$T/e/restore-incomplete.seawall"
as rm "$T/e/global/pg_control"
as sh -c "printf 'A restore was not finished: nothing here is usable \
yet.\nIt goes to $T/e\n' >'$T/e.fast/restore-incomplete.seawall'"
exits "a place that another directory's restore has" 3 run base-fetch \
    --tablespace "fast:$T/e.fast" "$T/new"
has "is said" "$OUT" "interrupted restore into another directory than $T/new"
ok "its own begins anew there" run base-fetch \
    --tablespace "fast:$T/e.fast" "$T/e"
is "and clears its own alone" "$(names "$T/e.fast")" \
    "PG_14_202107181 $PG_X precious "
as rm -r "$T/e.fast/PG_14_202107181" "$T/e.fast/precious"
equal "begun anew" e

# The tablespace was elsewhere: that is left, and said.
as mkdir "$T/former"; as touch "$T/former/mine"
as ln -sfn "$T/former" "$T/e/pg_tblspc/$OID"
as rm -r "$T/e.fast"
ok "a tablespace that was elsewhere" delta e
has "is said" "$OUT" "pg_tblspc/$OID was a link; its target is left"
equal "moved tablespace" e
is "what was its place keeps what it has" "$(ls -A "$T/former")" mine
if [ "$(id -u)" = 0 ]; then
	mkdir "$T/roots"; cp "$T/e/PG_VERSION" "$T/roots/"
	exits "another user's directory" 3 run base-fetch --delta \
	    --tablespace "fast:$T/x.fast" "$T/roots"
	has "is said" "$OUT" "is owned by uid 0;"
fi

### What can be known before is not found half way

# untouched WHAT STATUS PATTERN: refused, also by a dry run, and sound
untouched()
{
	shape "$T/f" >"$T/was"
	exits "$1" "$2" delta f
	has "is said" "$OUT" "$3"
	exits "$1, a dry run" "$2" delta f --dry-run
	shape "$T/f" >"$T/is"
	same "$1: nothing was touched" "$T/was" "$T/is"
}

copy f
as rm "$T/f/global/1260"
M=$(find "$REPO" -name manifest)
mv "$M" "$M.gone"
untouched "no manifest" 7 "no backup is complete: .*/manifest is missing"
mv "$M.gone" "$M"
P=$(find "$REPO" -name pack-00000001)
mv "$P" "$P.gone"
untouched "no pack" 7 "no backup is complete: .*/pack-00000001 is missing"
mv "$P.gone" "$P"
as mkdir -p "$T/f/junk/deep"; as touch "$T/f/junk/deep/x"
as chmod 500 "$T/f/junk/deep"
untouched "what cannot be removed" 4 "remove what is in $T/f/junk/deep"
as chmod 700 "$T/f/junk/deep"; as rm -r "$T/f/junk"
shape "$T/f" >"$T/was"
as chmod 500 "$T/f.fast"
exits "a place that takes no mark" 4 delta f
as chmod 700 "$T/f.fast"
has "is said" "$OUT" "$T/f is unchanged: .*create $T/f.fast/restore-incom"
shape "$T/f" >"$T/is"
same "and it is as it was" "$T/was" "$T/is"
if [ "$(id -u)" = 0 ]; then
	mkdir "$T/f/pg_stat/roots"; touch "$T/f/pg_stat/roots/x"
	untouched "what root has there" 4 "remove what is in $T/f/pg_stat/ro"
	rm -r "$T/f/pg_stat/roots"
	chown root "$T/f/pg_stat"
	chmod 755 "$T/f/pg_stat"
	untouched "a directory of root's" 3 "pg_stat: is owned by uid"
	chown "$T_USER" "$T/f/pg_stat"; chmod 700 "$T/f/pg_stat"
fi
as mkdir "$T/f/dumps" "$T/real"; as touch "$T/real/precious"
if mount --bind "$T/real" "$T/f/dumps" 2>/dev/null; then
	T_MOUNTS+=("$T/f/dumps")
	untouched "a directory that is mounted there" 3 \
	    "f/dumps: does not belong .*, but something is mounted there"
	ok "all in it is there" test -e "$T/real/precious"
	umount "$T/f/dumps"
	as touch "$T/f/one.conf"
	mount --bind "$T/real/precious" "$T/f/one.conf"
	T_MOUNTS=("$T/f/one.conf")
	untouched "a file that is mounted there" 3 \
	    "f/one.conf: does not belong .*, but something is mounted there"
	umount "$T/f/one.conf"
	T_MOUNTS=()
	mkdir "$T/waldisk" "$T/waldisk/lost+found"
	chmod 700 "$T/waldisk/lost+found"
	as rm -r "$T/f/pg_wal"; as mkdir "$T/f/pg_wal"
	chown "$T_USER" "$T/waldisk"; chmod 700 "$T/waldisk"
	as touch "$T/waldisk/old"
	mount --bind "$T/waldisk" "$T/f/pg_wal"
	T_MOUNTS+=("$T/f/pg_wal")
	ok "pg_wal has a disk of its own" delta f
	is "which keeps what is the disk's alone" \
	    "$(names "$T/f/pg_wal" | sed "s,summaries ,,")" \
	    "archive_status lost+found "
	umount "$T/f/pg_wal"
	T_MOUNTS=()
	as mkdir "$T/f/pg_wal/archive_status"
else
	say "nothing can be mounted here"
fi
ok "then it is done" delta f
equal "in the end" f

### What is found only half way

# half DIR: neither what it was nor the backup, so nothing that starts
half()
{
	has "$1: and says so" "$OUT" \
	    "$T/$1 is incomplete and has no pg_control; .* command to resume"
	ok "$1: it has its mark and no pg_control" test ! -e \
	    "$T/$1/global/pg_control" -a -e "$T/$1/restore-incomplete.seawall"
	! pg_launch "$1" 2>/dev/null || fail "$1: half of it starts"
}

# Of the right size, and damaged: that shows when it is needed.
copy f
as find "$T/f/base" -type f -size +8k -exec truncate -s 100 {} +
as rm -rf "$T/g" "$T/g.fast"
half_of_pack=$(($(stat -c %s "$P") / 2))
flip "$P" "$half_of_pack"
exits "a damaged pack stops it half way" 7 delta f
half f
ok "whose cluster it was is still known" test -e \
    "$T/f/global/pg_control.taken"
exits "a restore into an empty directory" 3 run base-fetch \
    --tablespace "fast:$T/f.fast" "$T/f"
has "does not clear it away" "$OUT" "a restore with --delta was interrupted"
exits "and once more" 7 delta f
half f
exits "the same with nothing there" 7 delta g
half g
flip "$P" "$half_of_pack"
ok "mended, it goes on" delta f
equal "stopped half way" f
ok "and where nothing was" delta g
equal "stopped half way, from nothing" g

### What was committed last

LAST=$(sql pg "select pg_walfile_name(pg_current_wal_lsn())")
pg_stop pg
ok "after a clean shutdown nothing is lost" delta pg --dry-run
as mkdir "$T/kept"
ok "what is archived is told from what is not" test -e \
    "$T/pg/pg_wal/archive_status/$LAST.done"
pg_start pg
sql pg "create table late as select g from generate_series(1, 1000) g"
pg_kill pg
wait_for delta pg --dry-run --force
cp "$T/pg/global/pg_control" "$T/control"
exits "what was committed before a crash" 3 delta pg
has "is not removed" "$OUT" "never archived: [0-9A-F]{24}[^;]*; copy"
has "and how to keep it is said" "$OUT" \
    "back into pg_wal before you start PostgreSQL, then run again with --force"
same "and nothing was touched" "$T/control" "$T/pg/global/pg_control"
as cp -p "$T/pg/pg_wal/"0* "$T/kept"
ok "it goes if somebody says so" delta pg --force
has "with a warning" "$OUT" "pg_wal holds [0-9]+ WAL files? that"
as cp -p "$T/kept/"* "$T/pg/pg_wal/"
pg_launch pg || fail "it starts"
wait_for t_primary pg || fail "it recovers"
is "put back, it is all there" "$(sql pg "select count(*) from late")" 1000
pg_kill pg

### A disk that did not take what it was given

# thin_disk MB: a file system on $T/thin whose disk has room for so much alone
thin_disk()
{
	as mkdir -p "$T/thin" "$T/pool"
	mount -t tmpfs -o size=260m tmpfs "$T/pool" 2>/dev/null || return 1
	T_MOUNTS+=("$T/pool")
	truncate -s 220M "$T/pool/image"
	mkfs.ext4 -q -J size=8 "$T/pool/image" 2>/dev/null &&
	    mount -o loop,data=journal "$T/pool/image" "$T/thin" \
	    2>/dev/null || return 1
	T_MOUNTS=("$T/thin" "${T_MOUNTS[@]}")
	# Its journal and its inodes have their room: only data has not.
	cp -a "$T/ref" "$T/thin/x"
	sync -f "$T/thin"
	rm -r "$T/thin/x"
	sync -f "$T/thin"
	fstrim "$T/thin" && umount "$T/thin" &&
	    mount -o loop "$T/pool/image" "$T/thin" || return 1
	rmdir "$T/thin/lost+found"
	chown "$T_USER:$T_GID" "$T/thin"
	sync -f "$T/thin"
	mount -o "remount,size=$(($(du -m "$T/pool/image" |
	    cut -f 1) + $1))m" "$T/pool"
}

# What it did not take, memory still has, and its failure is told once.
if [ "$(id -u)" = 0 ] && PATH=$PATH:/sbin:/usr/sbin thin_disk 25; then
	exits "a disk that is full behind its file system" 4 delta thin
	has "says so" "$OUT" "thin is incomplete .* same command to resume"
	mount -o remount,size=260m "$T/pool"
	delta thin || delta thin || delta thin || fail "with room it goes on"
	umount "$T/thin"
	mount -o loop "$T/pool/image" "$T/thin"
	equal "what the disk has" thin
	umount "$T/thin"
	umount "$T/pool"
	T_MOUNTS=()
else
	say "no disk that is too small for its file system: nothing to mount"
fi

### Killed

# What was killed has its locks until the kernel is done with it.
nobody_restores()
{
	local p

	for p in $(t_strays); do
		[ "$(cat "/proc/$p/comm" 2>/dev/null)" != base-fetch ] ||
		    return 1
	done
}

as rm -rf "$T/k" "$T/k.fast"
killed=0
killed_one()
{
	wait_for nobody_restores || fail "a base-fetch outlives SIGKILL"
	if [ -e "$T/k/restore-incomplete.seawall" ]; then
		killed=$((killed + 1))
		[ -e "$T/k/global/pg_control" ] ||
		    ! pg_launch k || fail "half of it starts"
	else
		as rm -rf "$T/k" "$T/k.fast"
	fi
}
kill_spread 6 delta k -q 2>/dev/null
ok "it was killed on the way ($killed times)" test "$killed" -gt 0
ok "then it goes on" delta k
equal "killed, from nothing" k
copy k
differ()
{
	find "$T/k/base" -type f -size +64k | while read -r f; do
		printf Z | as dd of="$f" bs=1 seek=12345 conv=notrunc \
		    status=none
	done
}
differ
killed_one()
{
	wait_for nobody_restores || fail "a base-fetch outlives SIGKILL"
	[ "$1" = 137 ] || differ
}
kill_spread 5 delta k -q 2>/dev/null
ok "then it goes on" delta k
equal "killed, over another" k
if small_disk "$T/small" 40m; then
	as touch "$T/small/restore-incomplete.seawall"
	exits "a full disk" 4 run base-fetch --delta --tablespace \
	    "fast:$T/small.fast" "$T/small"
	has "says so, and how to go on" "$OUT" \
	    "small is incomplete .* the same command to resume.*No space left"
	ok "and leaves no pg_control" test ! -e "$T/small/global/pg_control"
else
	say "no small disk: not root"
fi
