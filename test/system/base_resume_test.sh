#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Pushes that are killed, cut off, or lose their disk's last seconds: the next
# one stores only what is missing, and what it stores restores.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

READER=$T/reader.conf

# Bytes of all packs.
packs()
{
	find "$REPO" -name 'pack-*' -printf '%s\n' |
	    awk '{ n += $1 } END { print n + 0 }'
}

labels()
{
	find "$REPO" -name label | wc -l
}

restores()
{
	as rm -rf "$T/back"
	pg_archived pg || fail "$1: WAL is archived"
	dump pg >"$T/dump.pg"
	ok "$1: restore" run base-fetch -c "$READER" latest "$T/back"
	ok "$1: pg_verifybackup" as "$PGBIN/pg_verifybackup" "$T/back"
	if pg_launch back && wait_for t_primary back; then
		dump back >"$T/dump.back"
		same "$1: the same rows" "$T/dump.pg" "$T/dump.back"
		pg_stop back -m immediate	# it is removed
	else
		fail "$1: it starts"
	fi
}

journals()
{
	find "$T/state" -name 'journal.*' ! -name '*.part*' | sort
}

# Nobody but base-push has a session.
in_backup()
{
	[ "$(sql pg "select count(*) from pg_stat_activity
	    where backend_type = 'client backend'
	    and pid <> pg_backend_pid()")" != 0 ]
}

# slowly [OPTION]...: in the background, a push of 3 MB a second.  A pack is
# published 10 s after it was begun, which is what most of this test waits for.
slowly()
{
	background run base-push --fast -o base_bandwidth_limit=3000 "$@" \
	    >"$T/push.out" 2>&1
}

some_packs()
{
	[ "$(find "$REPO/main" -name 'pack-*' | wc -l)" -gt "$1" ]
}

# killed WHAT: a slow push, once it has published two packs more
killed()
{
	local n

	n=$(find "$REPO/main" -name 'pack-*' | wc -l)
	slowly
	wait_for some_packs $((n + 1)) || fail "$1: packs are published"
	journalled 1
	bg_signal KILL
	wait "$BG" 2>/dev/null
	HAD=$(packs)
}

# journalled N: what N pushes know by now is on their disk, too; they write it
# there once a second.
journalled()
{
	touch "$T/now"
	wait_for are_newer "$1" || fail "$1 journals are written"
}

are_newer()
{
	[ "$(find "$T/state" -name 'journal.*' -newer "$T/now" |
	    sed 's/\.part.*//' | sort -u | wc -l)" -ge "$1" ]
}

# damage_one N HOW...: to the Nth journal of three
damage_one()
{
	local j

	j=$(journals | sed -n "$1p")
	shift
	[ -n "$j" ] || fail "there is a journal to damage"
	"$@" "$j"
}

# The second half never came to the disk.
zeros()
{
	local size

	size=$(stat -c %s "$1")
	as truncate -s $((size / 2)) "$1"
	as truncate -s "$size" "$1"
}

scribble()
{
	as sh -c "printf xxxx | dd of='$1' bs=1 seek=40 conv=notrunc" \
	    2>/dev/null
}

no_packs()
{
	as find "$REPO/main" -path "*/base/${1##*/journal.}/pack-*" -delete
}

# all_but WHAT BYTES: no more than so many were stored since it was killed
all_but()
{
	local more=$(($(packs) - HAD))

	ok "$1: only what was missing is stored ($more bytes to $HAD)" \
	    test "$more" -lt "$2"
}

keygen main
sshd_start MaxSessions\ 100
CONF=$READER
conf_write
CONF=$T/seawall.conf
conf_write jobs=2 wal_compression=zstd:1 restore_key= base_compression=none \
    retry_for=0
pg_init pg -k
pg_archive pg
pg_start pg
for i in 1 2 3 4 5 6 7 8; do
	sql pg "create table t$i as select g, md5(g::text) x
	    from generate_series(1, 130000) g"
done
sql pg "vacuum freeze"
sql pg checkpoint
sleep 3				# what changed now must be at rest at the start
ALL=$(du -sb "$T/pg/base" | cut -f1)

killed "the first"
is "no label" "$(labels)" 0
ok "something was stored ($HAD of $ALL bytes)" test "$HAD" -gt 10000000
ok "then it succeeds" run base-push --fast
has "and says what it resumes" "$OUT" "resuming: .* interrupted push .* stored"
has "also in the end" "$OUT" "^since the interrupted push "
all_but "the first" $((ALL - HAD + 12000000))
restores "the first"
is "no journal is left" "$(find "$T/state" -name 'journal.*')" ""

# One large table: what is stored of it counts before all of it is.  Twice,
# and what was there changes in between.  Each push may run for 20 s before it
# is killed, 10 until its packs are published and 10 until its part is on disk,
# and must not be done by then.
sql pg "create table big as select g, md5(g::text) x
    from generate_series(1, 2000000) g"
sql pg "vacuum freeze big"
sql pg checkpoint
BIG=$(sql pg "select pg_relation_size('big')")
BEFORE=$(packs)
killed "a large table"
ok "it is begun ($((HAD - BEFORE)) of $BIG bytes)" \
    test $((HAD - BEFORE)) -gt 20000000
sql pg "update t1 set x = 'changed' where g % 1000 = 0"
sql pg checkpoint
FIRST=$HAD
killed "and again"
ok "the second went on ($((HAD - FIRST)) bytes more)" test "$HAD" -gt "$FIRST"
is "two journals" "$(journals | wc -l)" 2
ok "then it succeeds" run base-push --fast
has "and compares with the last backup, too" "$OUT" "^since backup "
HAD=$FIRST
# Without what either of the two had stored it would be 150000000.
all_but "twice" $((BIG + $(sql pg "select pg_relation_size('t1')")))
restores "killed twice"
sql pg "drop table big"

# Three that die at a time: a disk that lost the last seconds of one journal
# and gives back something else of another, and packs that are gone again.
sql pg "update t2 set x = md5(x)"
sql pg "update t3 set x = md5(x)"
sql pg checkpoint
n=$(find "$REPO/main" -name 'pack-*' | wc -l)
pids=
for i in 1 2 3; do
	slowly -o base_bandwidth_limit=1500
	pids="$pids $BG"
done
wait_for some_packs $((n + 5)) || fail "three: packs are published"
journalled 3
for p in $pids; do
	t_signal KILL "$p"
	wait "$p" 2>/dev/null
done
is "three journals" "$(journals | wc -l)" 3
damage_one 1 zeros
damage_one 2 scribble
damage_one 3 no_packs
ok "journals that are damaged, packs that are gone" run base-push --fast
restores "damaged"
is "no journal is left" "$(find "$T/state" -name 'journal.*')" ""

### Outages

sql pg "update t4 set x = md5(x)"
sql pg "update t5 set x = md5(x)"
sql pg checkpoint
before=$(labels)
slowly -o retry_for=1h -o base_bandwidth_limit=8000
wait_for in_backup
sshd_stop
wait_for grep -q "waiting up to" "$T/push.out"
sshd_start MaxSessions\ 100
wait "$BG"
is "an outage is waited for" "$?" 0
has "and said" "$(cat "$T/push.out")" "waiting up to 3600 s for the repository"
is "one backup more" "$(labels)" "$((before + 1))"
sql pg "update t1 set x = md5(x)"
sql pg checkpoint
slowly -o retry_for=3s
wait_for in_backup
sshd_stop
wait "$BG"
is "but not for ever" "$?" 5
sshd_start MaxSessions\ 100
if small_disk "$T/full" 20m; then
	as mkdir -m 700 "$T/state2"
	exits "a repository that is full" 5 run base-push --fast \
	    -o repository="$T/full/repo" -o state_dir="$T/state2" \
	    -o retry_for=1h
	lacks "is no outage that is waited for" "$OUT" "waiting up to"
else
	say "no small disk: not root"
fi

### Garbage

ok "expiry lets dead pushes be that are young" run backup-expire \
    -o expire_grace=0 -o retention_policy="redundancy 1"
dead=$(find "$REPO/main"/*/base -mindepth 1 -maxdepth 1 -type d \
    ! -exec test -e {}/label \; ! -exec test -e {}/label.withdrawn \; -print)
ok "there are some" test -n "$dead"
# shellcheck disable=SC2086	# words
find $dead -exec touch -h -d '8 days ago' {} +
ok "but not those that are old" run backup-expire \
    -o expire_grace=0 -o retention_policy="redundancy 1"
left=0
for d in $dead; do
	[ ! -d "$d" ] || left=$((left + 1))
done
ok "they are gone, but for what backups refer to ($left left)" \
    test "$left" -lt "$(printf '%s\n' "$dead" | wc -l)"
restores "an outage, and after expiry"
