#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Changed blocks only: where PostgreSQL 17 or later makes WAL summaries, a push
# reads of changed files only what changed, and what it stores is the same.
# Before 17, all is read, and nothing is said of it.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

# push WHAT [OPTION]...: SAID is its report, NOTES its notes
push()
{
	SAID=$(run base-push --fast --json "${@:2}" 2>"$T/push.err") ||
	    die "$1: push: $(tail -n 1 "$T/push.err")"
	ID=$(jq -r .id <<<"$SAID")
	NOTES=$(jq -r '.notes[]' <<<"$SAID")
}

# of KEY: a number of the report
of()
{
	jq -r ".$1" <<<"$SAID"
}

# A manifest that the distribution's pg_verifybackup understands: version 1,
# which is version 2 without the system identifier.
old_manifest()
{
	local text

	text=$(sed -e '1s/: 2,/: 1,/' -e '2{/"System-Identifier"/d}' -e '$d' \
	    "$T/back/backup_manifest"; echo x)
	text=${text%x}
	printf '%s"Manifest-Checksum": "%s"}\n' "$text" \
	    "$(printf '%s' "$text" | sha256sum | cut -d' ' -f1)"
}

# fetch WHAT: the last backup into T/back, and its CRCs are right
fetch()
{
	as rm -rf "$T/back" "$T/moved"
	ok "$1: restore" run base-fetch --tablespace "far:$T/moved" "$ID" \
	    "$T/back"
	old_manifest >"$T/manifest"
	chmod 644 "$T/manifest"
	ok "$1: every CRC is right" as "$PGBIN/pg_verifybackup" -q -n \
	    -m "$T/manifest" "$T/back"
}

# restores WHAT: the last backup and all WAL since have the same rows
restores()
{
	pg_archived pg || fail "$1: WAL is archived"
	pg_rows pg >"$T/dump.pg"
	ok "$1: there are rows" test "$(wc -l <"$T/dump.pg")" -ge 5
	fetch "$1"
	if pg_launch back && wait_for t_primary back; then
		pg_rows back >"$T/dump.back"
		same "$1: the same rows" "$T/dump.pg" "$T/dump.back"
		# Index-only scans believe the visibility map.
		is "$1: by index alone" "$(sql back "$BY_INDEX")" \
		    "$(sql pg "$BY_INDEX")"
		pg_stop back
	else
		fail "$1: it starts"
	fi
}
BY_INDEX="set enable_seqscan = off; set enable_bitmapscan = off;
select count(*), sum(g) from plain where g > 0"

# exact WHAT: with nothing replayed, each user's table in the last backup has
# every byte that it has in the cluster, which is idle
exact()
{
	local f n=0

	fetch "$1"
	for f in $(cd "$T/pg" && find -L base pg_tblspc -type f |
	    grep -E '/[0-9]{5,}(\.[0-9]+)?$'); do
		[ ! -e "$T/pg/${f}_init" ] || continue
		n=$((n + 1))
		cmp -s "$T/pg/$f" "$T/back/$f" ||
		    fail "$1: $f is another one in the backup"
	done
	ok "$1: $n files were compared" test "$n" -gt 8
}

# Whatever changes blocks; the data is read once, so that hint bits are set,
# and written.
churn()
{
	pg_psql pg <<-END
	delete from plain where g % 50 = 3 and g between 200000 and 210000;
	update plain set x = 'new' where g between 5000 and 5100;
	delete from there where g > 15000;
	vacuum there;
	truncate gone;
	insert into gone select g, 'again' from generate_series(1, 20000) g;
	drop table old;
	create table young as select g, md5(g::text) x
	    from generate_series(1, 30000) g;
	create index on young (x);
	insert into lost select g, 'lost' from generate_series(1, 9999) g;
	alter table moving set tablespace pg_default;
	alter table becoming set logged;
	drop database first;
	create database first strategy file_copy;
	create database second strategy wal_log;
	select nextval('counter') from generate_series(1, 40);
	END
	sql pg "create table here as
	    select g from generate_series(1, 50000) g" -d first
	pg_rows pg >/dev/null
	sql pg checkpoint
}

# scenario [OPTION]...: of initdb
scenario()
{
	pg_init pg "$@"
	pg_archive pg
	pg_conf pg "max_wal_size = 1GB" "autovacuum = off"
	[ "$NEW" = 0 ] || pg_conf pg "summarize_wal = on"
	pg_start pg
	as mkdir -p "$T/far"
	pg_psql pg <<-END
	create tablespace far location '$T/far';
	create table plain as select g, md5(g::text) x
	    from generate_series(1, 600000) g;
	create index on plain (g);
	create table there tablespace far as
	    select g, md5(g::text) x from generate_series(1, 40000) g;
	create table gone as select g, 'x' x from generate_series(1, 50000) g;
	create table old as select g, 'x' x from generate_series(1, 50000) g;
	create table moving tablespace far as
	    select g, 'x' x from generate_series(1, 50000) g;
	create unlogged table lost as select * from there;
	create unlogged table becoming as select * from there;
	create sequence counter;
	create database first;
	vacuum freeze;
	END
	push "the first"
	is "the first: no note" "$NOTES" ""
}

end_scenario()
{
	pg_stop pg
	as rm -rf "$T/pg" "$T/pg.sock" "$T/back" "$T/far" "$T/state/main" \
	    "$T/host/repo"
}

keygen main
sshd_start "MaxSessions 100"
conf_write jobs=2 wal_compression=zstd:1 base_compression=zstd:1 \
    chunk_size=64k
pg_find
VERSION=$("$PGSERVER/postgres" --version | sed -E 's/[^0-9]*([0-9]+).*/\1/')
say "$("$PGSERVER/postgres" --version)"
NEW=$((VERSION >= 17))

if [ "$NEW" = 0 ]; then
	scenario -k
	sql pg "update plain set x = 'y' where g between 100 and 6100"
	push "before 17"
	is "before 17: nothing is vouched for" "$(of bytes_vouched)" 0
	is "before 17: no note" "$NOTES" ""
	restores "before 17"
	ok "before 17: no sums are kept" test ! -e "$T"/state/main/*/last-sums
	exit 0
fi

### With page checksums

scenario -k
sql pg "update plain set x = 'y' where g between 100000 and 105999"
push "one range"
is "one range: no note" "$NOTES" ""
ALL=$(of size)
ok "one range: $(of bytes_read) of $ALL bytes were read" \
    test "$(($(of bytes_read) * 100))" -le $((ALL * 4))
ok "one range: something is vouched for" test "$(of bytes_vouched)" -gt 0
is "one range: it adds up" "$(of size)" "$(($(of bytes_read) +
    $(of bytes_vouched) + $(of bytes_unchanged)))"
pg_rows pg >/dev/null
restores "one range"
churn
push "churn"
is "churn: no note" "$NOTES" ""
ok "churn: something is vouched for" test "$(of bytes_vouched)" -gt 0
exact "churn"
restores "churn"
push "the same to the last byte" --reread
is "reread: nothing is vouched for" "$(of bytes_vouched)" 0

# Kept files hand their sums on.
push "idle"
push "idle again"
sql pg "update plain set x = 'z' where g = 77"
push "after idle ones"
ok "after idle ones: something is vouched for" \
    test "$(of bytes_vouched)" -gt 0
fetch "after idle ones"

### What makes summaries useless

rewrite()
{
	sql pg "update plain set x = x where g between 50 and 60; checkpoint"
}

useless()
{
	is "$1: nothing is vouched for" "$(of bytes_vouched)" 0
	has "$1: it says so" "$NOTES" "^changed files are read whole: .*$2"
}
rewrite
rewrite
SUMMARY=$(find "$T/pg/pg_wal/summaries" -name '*.summary' | sort | tail -n 1)
as rm "$SUMMARY"
rewrite
push "a summary is missing"
useless "a summary is missing" "has no WAL summary of"
rewrite
as rm "$T"/state/main/*/last-sums
push "no sums"
useless "no sums" "state_dir has no sums"
rewrite
printf x | as dd of="$(echo "$T"/state/main/*/last-sums)" bs=1 seek=99 \
    conv=notrunc status=none
push "damaged sums"
useless "damaged sums" "last-sums is damaged"
rewrite
push "and then"
ok "and then it goes on: something is vouched for" \
    test "$(of bytes_vouched)" -gt 0

# The timeline is another one.
pg_stop pg
touch "$T/pg/standby.signal"
chown --reference="$T/pg/PG_VERSION" "$T/pg/standby.signal"
pg_launch pg || die "start as a standby"
sql pg "select pg_promote()" >/dev/null
wait_for t_primary pg || fail "promoted"
rewrite
push "promoted"
useless "promoted" "timeline 1, this one of 2"
restores "promoted"

# Somebody turned them off.
off()
{
	[ "$(sql pg "show summarize_wal")" = off ]
}
sql pg "alter system set summarize_wal = off" &&
    sql pg "select pg_reload_conf()" >/dev/null
wait_for off || fail "summarize_wal is off"
rewrite
push "no summaries any more"
is "no summaries any more: nothing is vouched for" "$(of bytes_vouched)" 0
is "no summaries any more: no note" "$NOTES" ""
end_scenario

### Without page checksums: hint bits may differ, rows may not

NONE=--no-data-checksums
[ "$VERSION" -ge 18 ] || NONE=-N
scenario "$NONE"
sql pg "select count(x) from plain, pg_sleep(0)" >/dev/null
churn
push "without checksums"
is "without checksums: no note" "$NOTES" ""
ok "without checksums: something is vouched for" \
    test "$(of bytes_vouched)" -gt 0
restores "without checksums"
end_scenario
