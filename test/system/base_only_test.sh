#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Some databases alone; and what a restore of little costs: what is asked of
# the host is counted in its sftp-server's own log.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

sqlin()
{
	as "$PGBIN/psql" -X -A -t -q -v ON_ERROR_STOP=1 -h "$T/$1.sock" \
	    -p 5432 -U postgres -d "$2" -c "$3" </dev/null
}

# from_packs WHAT: sum of bytes, or number of requests, of reads of packs
from_packs()
{
	awk -v what="$1" '
	/: read "[^"]*\/pack-/ {
		n++
		for (i = 1; i < NF; i++)
			if ($i == "len")
				bytes += $(i + 1)
	}
	END { print (what == "requests") ? n + 0 : bytes + 0 }' "$T/sftp.log"
}

file_bytes()
{
	find "$@" -type f -printf '%s\n' | awk '{ n += $1 } END { print n }'
}

keygen main
sshd_start --log MaxSessions\ 100
conf_write jobs=2 wal_compression=zstd:1 retry_for=0 \
    base_compression=none
pg_init pg -k
pg_archive pg
pg_start pg
as mkdir "$T/pg.fast"
sql pg "create tablespace fast location '$T/pg.fast'"
sql pg "create database wanted"
sql pg "create database other"
sql pg "create database \"o'dd näme\""
for db in wanted other "o'dd näme"; do
	sqlin pg "$db" "create table t as select g, md5(g::text) x
	    from generate_series(1, 200000) g"
	sqlin pg "$db" "create index on t (x)"
	sqlin pg "$db" "create table f tablespace fast as select * from t
	    where g < 30000"
done
ok "backup" run base-push --fast
# Recovery goes through changes of what is not there.
sqlin pg other "update t set x = 'new' where g % 100 = 0"
sqlin pg other "checkpoint"
sqlin pg other "update t set x = 'newer' where g % 50 = 0"
sqlin pg wanted "update t set x = 'new' where g % 100 = 0"
sql pg "create database late"
sqlin pg late "create table t as select 1 x"
pg_archived pg
OTHER=$(sql pg "select oid from pg_database where datname = 'other'")
WANTED=$(sql pg "select oid from pg_database where datname = 'wanted'")

exits "a name that is not there" 1 run base-fetch --only-database wnated \
    --tablespace "fast:$T/d.fast" "$T/d"
has "those that are, are told" "$OUT" \
    "has no database \"wnated\"; it has template1, .*postgres, wanted, other"
ok "nothing was touched" test ! -e "$T/d"
ok "one database" run base-fetch --only-database wanted \
    --tablespace "fast:$T/d.fast" "$T/d"
has "is said" "$OUT" "^databases 4 of 6; the others get only empty files"
ok "pg_verifybackup" as "$PGBIN/pg_verifybackup" "$T/d"
is "the others have no room on the disk" "$(du -s -k --exclude pg_* \
    --exclude PG_VERSION "$T/d/base/$OTHER" | awk '{ print ($1 < 64) }')" 1
is "but their sizes" "$(cd "$T/d/base/$OTHER" && find . -type f -size +1M |
    wc -l)" "$(cd "$T/pg/base/$OTHER" && find . -type f -size +1M | wc -l)"
same "what is wanted is there" "$T/d/base/$WANTED/PG_VERSION" \
    "$T/pg/base/$WANTED/PG_VERSION"
pg_launch d || fail "it starts"
wait_for t_primary d || fail "it recovers"
is "to the end" "$(sqlin d wanted \
    "select count(*), count(*) filter (where x = 'new') from t")" "200000|2000"
is "also in the tablespace" "$(sqlin d wanted "select count(*) from f")" 29999
is "a database that was made later" "$(sqlin d late "select x from t")" 1
exits "nobody can connect to the others" 2 sqlin d other "select 1"
has "they are refused" "$OUT" "FATAL: .*pg_filenode.map"
is "which does nothing to anybody else" "$(grep -c PANIC "$T/d.log")" 0
ok "the others can be dropped" sql d "drop database other"
ok "each of them" sql d "drop database \"o'dd näme\""
ok "and nothing is left of them" test ! -e "$T/d/base/$OTHER"
ok "a checkpoint" sql d checkpoint
pg_stop d

### A delta restore of little

ok "all of it" run base-fetch --tablespace "fast:$T/e.fast" "$T/e"
ALL=$(file_bytes "$T/e" "$T/e.fast")
REL=$(sqlin pg wanted "select pg_relation_filepath('t')")
# Three chunks, two of them neighbours.
for at in 300000 530000 3000000; do
	printf X | as dd of="$T/e/$REL" bs=1 seek=$at conv=notrunc status=none
done
: >"$T/sftp.log"
ok "three chunks differ" run base-fetch --delta --jobs 1 \
    --tablespace "fast:$T/e.fast" "$T/e"
has "all else is kept" "$OUT" "^restored [^,]*, in 2 files"
# Chunks of 256 KiB as they are; pg_control, the configuration, and a header
# of each pack that is opened.
got=$(from_packs bytes)
n=$(from_packs requests)
ok "they cost their own bytes ($got of $ALL)" test "$got" -gt $((3 * 262144)) \
    -a "$got" -lt $((3 * 262144 * 5 / 4 + 65536))
ok "and few requests ($n)" test "$n" -gt 0 -a "$n" -lt 20
# Neighbours are read in one go, as far as the server answers in one.
as rm "$T/e/$REL"
: >"$T/sftp.log"
ok "a file that is gone" run base-fetch --delta --jobs 1 \
    --tablespace "fast:$T/e.fast" "$T/e"
size=$(stat -c %s "$T/e/$REL")
got=$(from_packs bytes)
n=$(from_packs requests)
# Less than its size by the pages of zeros at its end, which PostgreSQL adds
# beforehand from 16 on.
ok "it costs its own bytes ($got for $size)" test \
    "$got" -ge $((size - size / 16)) \
    -a "$got" -lt $((size + size / 16 + 131072))
ok "in large requests ($n)" test "$n" -lt $((size / 200000 + 6))

# Over all of it, some databases alone.
ok "some databases, over all" run base-fetch --delta --only-database wanted \
    --tablespace "fast:$T/e.fast" "$T/e"
is "the others give their room back" "$(du -s -k "$T/e/base/$OTHER" |
    awk '{ print ($1 < 256) }')" 1
ok "pg_verifybackup" as "$PGBIN/pg_verifybackup" "$T/e"
