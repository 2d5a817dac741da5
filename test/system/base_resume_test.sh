#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Pushes that are killed, cut off, or lose their disk's last seconds: the next
# one stores only what is missing, and what it stores restores.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

READER=$T/reader.conf

dump()
{
	as "$PGBIN/pg_dumpall" -h "$T/$1.sock" -p 5432 -U postgres |
	    sed -E "/^.(un)?restrict /d"
}

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
	if pg_launch back && wait_for 60 t_primary back; then
		dump back >"$T/dump.back"
		same "$1: the same rows" "$T/dump.pg" "$T/dump.back"
		pg_stop back
	else
		fail "$1: it starts"
	fi
}

journals()
{
	find "$T/state" -name 'journal.*' ! -name '*.part*' | sort
}

# slowly [OPTION]...: in the background, a push that takes about 30 s
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
	wait_for 60 some_packs $((n + 1)) || fail "$1: packs are published"
	sleep 1.5			# what is known of them is on disk
	bg_signal KILL
	wait "$BG" 2>/dev/null
	HAD=$(packs)
}

# all_but WHAT BYTES: no more than so many were stored since it was killed
all_but()
{
	local more=$(($(packs) - HAD))

	ok "$1: only what was missing is stored ($more bytes, $HAD were there)" \
	    test "$more" -lt "$2"
}

keygen main
sshd_start MaxSessions\ 100
CONF=$READER
conf_write
CONF=$T/seawall.conf
conf_write jobs=2 wal_compression=zstd:1 restore_key= base_compression=none \
    idle_priority=off retry_for=0 io_timeout=5s
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
has "and says what it goes on with" "$OUT" "going on with what push .* had"
has "also in the end" "$OUT" "^since the interrupted push "
all_but "the first" $((ALL - HAD + 12000000))
restores "the first"
is "no journal is left" "$(find "$T/state" -name 'journal.*')" ""

# One large table: what is stored of it counts before all of it is.
sql pg "create table big as select g, md5(g::text) x
    from generate_series(1, 1200000) g"
sql pg "vacuum freeze big"
sql pg checkpoint
BIG=$(sql pg "select pg_relation_size('big')")
BEFORE=$(packs)
slowly --jobs 1
sleep 25
bg_signal KILL
wait "$BG" 2>/dev/null
HAD=$(packs)
ok "a large table is begun ($((HAD - BEFORE)) of $BIG bytes)" \
    test $((HAD - BEFORE)) -gt 20000000
ok "then it succeeds" run base-push --fast
all_but "the large table" $((BIG - 15000000))
restores "the large table"
sql pg "drop table big"

# Twice, and what was there changes in between.
for i in 1 2 3 4 5 6 7 8; do
	sql pg "update t$i set x = md5(x)"
done
sql pg "vacuum"
sql pg checkpoint
sleep 3
killed "again"
sql pg "update t1 set x = 'changed' where g % 1000 = 0"
sql pg checkpoint
FIRST=$HAD
killed "and again"
ok "the second went on ($((HAD - FIRST)) bytes more)" test "$HAD" -gt "$FIRST"
is "two journals" "$(journals | wc -l)" 2
ok "then it succeeds" run base-push --fast
has "and compares with the last backup, too" "$OUT" "^since backup "
restores "killed twice"

# A disk that lost the last seconds, or gives back something else.
sql pg "update t2 set x = md5(x)"
sql pg "update t3 set x = md5(x)"
sql pg "update t4 set x = md5(x)"
sql pg "vacuum"
sql pg checkpoint
killed "power cut"
j=$(journals)
size=$(stat -c %s "$j")
as truncate -s $((size / 2)) "$j"
as truncate -s "$size" "$j"
ok "a journal that ends in zeros" run base-push --fast
restores "power cut"
killed "damage" 2>/dev/null || :
as sh -c "printf xxxx | dd of='$(journals | head -n 1)' bs=1 seek=40 conv=notrunc 2>/dev/null"
ok "a journal that is damaged" run base-push --fast
restores "damage"

# Packs that were stored are gone again: not relied on.
sql pg "update t5 set x = md5(x)"
sql pg "update t6 set x = md5(x)"
sql pg "update t7 set x = md5(x)"
sql pg checkpoint
killed "emptied"
id=$(journals | tail -n 1 | sed 's/.*journal\.//')
as find "$REPO/main" -path "*/base/$id/pack-*" -delete
ok "packs of a dead push that are gone" run base-push --fast
restores "emptied"

### Outages

sql pg "update t1 set x = md5(x)"
sql pg "update t2 set x = md5(x)"
sql pg "update t3 set x = md5(x)"
sql pg checkpoint
before=$(labels)
slowly -o retry_for=60s
sleep 6
sshd_stop
sleep 8
sshd_start MaxSessions\ 100
wait "$BG"
is "an outage is waited for" "$?" 0
has "and said" "$(cat "$T/push.out")" "waiting up to 60 s for the repository"
is "one backup more" "$(labels)" "$((before + 1))"
restores "an outage"
sql pg "update t1 set x = md5(x)"
sql pg checkpoint
slowly -o retry_for=3s
sleep 2
sshd_stop
wait "$BG"
is "but not for ever" "$?" 5
sshd_start MaxSessions\ 100
if small_disk "$T/full" 20m; then
	as mkdir -m 700 "$T/state2"
	began=$SECONDS
	exits "a repository that is full" 5 run base-push --fast \
	    -o repository="$T/full/repo" -o state_dir="$T/state2" \
	    -o retry_for=1h
	ok "is no outage" test $((SECONDS - began)) -lt 40
else
	say "no small disk: not root"
fi

### Garbage

ok "expiry lets dead pushes be that are young" run backup-expire \
    -o retention_policy="redundancy 1"
dead=$(find "$REPO/main"/*/base -mindepth 1 -maxdepth 1 -type d \
    ! -exec test -e {}/label \; ! -exec test -e {}/label.withdrawn \; -print)
ok "there are some" test -n "$dead"
# shellcheck disable=SC2086	# words
find $dead -exec touch -h -d '8 days ago' {} +
ok "but not those that are old" run backup-expire \
    -o retention_policy="redundancy 1"
left=0
for d in $dead; do
	[ ! -d "$d" ] || left=$((left + 1))
done
ok "they are gone, but for what backups refer to ($left left)" \
    test "$left" -lt "$(printf '%s\n' "$dead" | wc -l)"
restores "after expiry"
