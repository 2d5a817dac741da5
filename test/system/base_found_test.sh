#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Restore points and transactions that base-fetch looks for in the facts of
# WAL segments: across boundaries, too many for one header, on lines that were
# left; and what PostgreSQL does there.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

LOCAL="repository=$T/host/repo"

plan()
{
	run base-fetch -n "$@" "$T/back"
}

point()
{
	sql pg "select pg_create_restore_point('$1')" >/dev/null
}

t_gone()
{
	! pg_running back
}

# Whether a record that ends at this LSN began in the segment before.
crosses()
{
	[ $((0x${1#*/} % 1048576)) -lt 140 ]
}

keygen main
conf_write "$LOCAL" wal_compression=wal
pg_init pg -k --wal-segsize=1
pg_archive pg
pg_start pg
sql pg "create table t (n int)"
# So much WAL that about \$1 bytes of the segment are left.
sql pg "create function fill(want int) returns void language plpgsql as \$\$
    declare
	least int;
    begin
	loop
		least := 1048576 - mod(pg_current_wal_insert_lsn() -
		    '0/0'::pg_lsn, 1048576)::int;
		exit when least <= want;
		perform pg_logical_emit_message(false, '', repeat('x',
		    greatest(1, least(least - want - 56, 4000))));
	end loop;
    end \$\$"
point early
pg_archived pg || die "archive"
ok "first backup" run base-push --fast
FIRST=$(expr "$OUT" : 'backup \([0-9TZ-]*\)')

### Across the boundary of two segments

CROSSED=
for i in 1 2 3 4 5 6 7 8; do
	END=$(sql pg "select fill($((i * 8 + 16)));
	    select pg_create_restore_point('across $i')" | tail -n 1)
	crosses "$END" && CROSSED="$CROSSED $i"
done
has "restore points lie across boundaries" "$CROSSED" " [1-8] .*[1-8]"
for i in 1 2 3 4; do
	X=$(sql pg "begin; insert into t values ($i);
	    select txid_current(); select fill($((i * 8)));
	    commit; select pg_current_wal_insert_lsn()" | xargs)
	XID="${XID:-} ${X%% *}"
	crosses "${X##* }" && XCROSSED="${XCROSSED:-} ${X%% *}"
done
has "commits do, too" "${XCROSSED:-}" "[0-9]"
conf_write "$LOCAL" wal_compression=zstd:1
for i in $(seq 30); do
	echo "select pg_create_restore_point('many, and of a long name $i');"
done | pg_psql pg >/dev/null
point twice
sql pg "insert into t values (10)"
point twice
sql pg "insert into t values (11)"
pg_archived pg || die "archive"
ok "second backup" run base-push --fast
SECOND=$(expr "$OUT" : 'backup \([0-9TZ-]*\)')
point fork
sql pg "insert into t values (12)"
pg_archived pg || die "archive"

for i in 1 2 3 4 5 6 7 8; do
	ok "across $i" plan --target-name "across $i"
	has "across $i: from the first backup" "$OUT" "^backup +$FIRST"
	lacks "across $i: not read whole for want of facts" "$OUT" "whole"
done
for x in $XID; do
	ok "transaction $x" plan --target-xid "$x"
	has "transaction $x: where" "$OUT" "^target +at LSN "
done
for i in 1 9 29 30; do
	ok "number $i of many" plan --target-name "many, and of a long name $i"
done
exits "none of them" 1 plan --target-name "many, and of a long name 31"
exits "a part of a name" 1 plan --target-name "twic"
exits "before all backups" 1 plan --target-name early
has "is not there" "$OUT" "has no restore point \"early\""
ok "a name that was given twice" plan --target-name twice
has "stops at the first" "$OUT" "there are 2 restore points of this name"
ok "behind the second backup" plan --target-name fork
has "from that" "$OUT" "^backup +$SECOND"

### What PostgreSQL does there

i=${CROSSED##* }
as rm -rf "$T/back"
ok "across: restore" run base-fetch --target-name "across $i" \
    --target-action shutdown "$T/back"
pg_launch back
ok "it shuts down" wait_for t_gone
has "at the target" "$(cat "$T/back.log")" \
    "stopping at restore point \"across $i\""
as rm -rf "$T/back" "$T/back.log"
ok "twice: restore" run base-fetch --target-name twice \
    --target-action promote --keep-archiving "$T/back"
pg_start back
ok "it is promoted" wait_for t_primary back
is "at the first" "$(sql back "select max(n) from t")" 4
sql back "select pg_create_restore_point('on two')" >/dev/null
sql back "select pg_create_restore_point('on both')" >/dev/null
sql back "insert into t values (20)"
ok "it archives" pg_archived back
# As far as timeline 1 gets, so that both have each segment.
sql back "select pg_create_restore_point('on two, later')" >/dev/null
for i in 1 2 3 4; do
	sql back "insert into t values (20 + $i)"
	ok "and archives" pg_archived back
done
pg_stop back

### A line that was left

as rm -rf "$T/back"
point dead
point "on both"
sql pg "insert into t values (13)"
pg_archived pg || die "archive"
for n in dead fork; do
	exits "$n is on timeline 1 alone" 1 plan --target-name $n \
	    --target-timeline 2
	has "$n: it is not there" "$OUT" "has no restore point \"$n\""
	ok "$n: where it is" plan --target-name $n --target-timeline 1
done
ok "on two" plan --target-name "on two" --target-timeline 2
has "from the backup before" "$OUT" "^backup +$FIRST"
exits "not on one" 1 plan --target-name "on two" --target-timeline 1
ok "later on two" plan --target-name "on two, later" --target-timeline 2
exits "nor that on one" 1 plan --target-name "on two, later" \
    --target-timeline 1
ok "on both, of two" plan --target-name "on both" --target-timeline 2
TWO=$(sed -n 's/^target //p' <<<"$OUT")
ok "on both, of one" plan --target-name "on both" --target-timeline 1
lacks "is another" "$OUT" "^target $TWO"
X=$(sql pg "insert into t values (14) returning xmin")
pg_archived pg || die "archive"
ok "a transaction of one" plan --target-xid "$X" --target-timeline 1

### What replay comes to behind the newest backup

sql pg "drop function fill"
as mkdir "$T/space"
sql pg "alter system set max_connections = 117"
pg_stop pg
pg_start pg
sql pg "create tablespace later location '$T/space'"
point raised
sql pg "insert into t values (15)"
pg_archived pg || die "archive"
pg_stop pg
# Neither a data directory nor a label of a later backup shows it.
as mv "$T/pg" "$T/moved"
exits "a tablespace that was made later" 3 plan --target-name raised \
    --target-timeline 1
has "is in use" "$OUT" "$T/space: belongs to a tablespace that was made after"
ok "before it was made" plan --target-name dead --target-timeline 1
as rm -rf "$T/space"
as mkdir "$T/space"
ok "into an empty one" run base-fetch --target-name raised \
    --target-timeline 1 --target-action promote "$T/back"
pg_start back
ok "it is promoted" wait_for t_primary back
is "with the tablespace" "$(sql back "select count(*) from pg_tablespace
    where spcname = 'later'")" 1
pg_stop back
as rm -rf "$T/back" "$T/space"
ok "to pause there" run base-fetch --target-name raised \
    --target-timeline 1 --target-action pause "$T/back"
has "a setting was raised" "$OUT" "max_connections.* 117 .*archived WAL"

### All of them

ok "restore points are listed" run backup-list --restore-points
has "of timeline 2" "$OUT" "^  timeline 2: last commit 20"
has "on two" "$OUT" "^    20.*Z  [0-9A-F]+/[0-9A-F]+ +on two\$"
is "each across a boundary" "$(grep -c '  across [1-8]$' <<<"$OUT")" 16
is "all of many, on both lines" "$(grep -c 'many, and of a' <<<"$OUT")" 60
lacks "none before the first backup" "$OUT" "  early\$"
ok "as JSON" run backup-list --restore-points --json
is "one of each window" "$(jq -c 'map([.schema, .timeline, .read_whole,
    (.last_commit | type), (.restore_points[-1] | keys)])' <<<"$OUT")" \
    '[[1,2,0,"string",["lsn","name","time"]],'\
'[1,1,0,"string",["lsn","name","time"]]]'
exits "not without the restore key" 3 run backup-list --restore-points \
    -o restore_key=
