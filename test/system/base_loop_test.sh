#!/bin/bash
# SPDX-License-Identifier: ISC
#
# The base backup loop on a busy and an odd cluster: base-push while files
# appear, grow, shrink and vanish; base-fetch; pg_verifybackup; recovery;
# and the same rows in the end.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

ODD=$'odd\nname "q" \\ \xff\xc3\x28 end'

# What keeps a backup from being simple, until told to end.
storm()
{
	local i=10

	while [ ! -e "$T/calm" ]; do
		i=$((i + 1))
		gust $i
		printf 'line %s\n' {1..200} | as tee -a "$T/pg/log/grows" \
		    >/dev/null
		sleep 0.05
	done >"$T/storm.out" 2>&1
}

gust()
{
	pg_psql pg <<-END
	create table s$1 as select g, repeat(md5(g::text), 9) x
	    from generate_series(1, 2000) g;
	create index on s$1 (x);
	truncate s$(($1 - 2));
	drop table s$(($1 - 4));
	vacuum full filled;
	vacuum full pgbench_tellers;
	END
	case $(($1 % 3)) in
	0) sql pg "create database d$1" ;;
	1) sql pg "drop database if exists d$(($1 - 1))" ;;
	2) sql pg "create table far$1 tablespace near as
	    select * from generate_series(1, 1000)" ;;
	esac
}

# hashes DIR: of every relation's and catalogue's file
hashes()
{
	(cd "$1" && find base global pg_xact pg_multixact pg_tblspc/*/ -type f \
	    ! -name pg_internal.init ! -name pg_control ! -path '*pgsql_tmp*' \
	    -print0 | xargs -0 sha256sum | sort)
}

dump()
{
	as "$PGBIN/pg_dumpall" -h "$T/$1.sock" -p 5432 -U postgres \
	    --no-unlogged-table-data |
	    sed -E "s,$T/(ts|moved)/,/,g; /^.(un)?restrict /d"
}

keygen main
sshd_start MaxSessions\ 100
conf_write jobs=3 wal_compression=zstd:1
pg_init pg -k -g
pg_archive pg
as mkdir -p "$T/ts/near" "$T/ts/wide" "$T/etc" "$T/pg/log" "$T/pg/void/void"
as mv "$T/pg/postgresql.conf" "$T/etc/"
as ln -s "$T/etc/postgresql.conf" "$T/pg/postgresql.conf"
as sh -c "echo odd >\"\$0\"" "$T/pg/$ODD"
as sh -c "echo x >\"\$0\"" "$T/pg/void/restore-incomplete.seawall"
as sh -c "echo x >\"\$0\"" "$T/pg/restore-incomplete.seawall"
as chmod 600 "$T/pg/$ODD"
pg_start pg
pg_psql pg <<END
create tablespace near location '$T/ts/near';
create tablespace "we:ird ü" location '$T/ts/wide';
create extension if not exists amcheck;
create table filled tablespace "we:ird ü"
    as select g, md5(g::text) x from generate_series(1, 60000) g;
create index on filled (x) tablespace near;
create unlogged table lost as select generate_series(1, 5000) g;
create unlogged table lost2 (g int primary key) tablespace near;
insert into lost2 select generate_series(1, 5000);
END
pg_bench pg -i -s 8 -q
ok "a first backup" run base-push --fast --label "first: ü"
has "says what it did" "$OUT" "^backup [0-9TZ]+: [0-9]+ files, .* stored in"

### While everything moves

background storm
STORM=$BG
background pg_bench pg -c 2 -R 100 -T 3600
BENCH=$BG
for i in 1 2 3; do
	ok "backup $i in the storm" \
	    run base-push --fast --jobs $((i % 3 + 1))
	[ "$i" != 2 ] || STORMY=$(expr "$OUT" : 'backup \([0-9TZ-]*\)')
done
# A tablespace that comes while the backup runs is not the label's.
late()
{
	local i

	for i in 1 2 3 4 5 6; do
		as mkdir -p "$T/ts/late$i"
		pg_psql pg <<-END
		create tablespace late$i location '$T/ts/late$i';
		create table late$i tablespace late$i as select 1;
		END
		sleep 0.2
	done
}
background late
ok "a backup while tablespaces come" run base-push --fast --jobs 1
wait "$BG"
LATE=$(printf '%s\n' "$OUT" | sed -n 's/^backup \([0-9TZ-]*\):.*/\1/p')
: >"$T/calm"
wait "$STORM"
t_signal TERM "$BENCH"
wait "$BENCH" 2>/dev/null
ok "the storm was one" test "$(sql pg "select count(*) from pg_class
    where relname ~ '^s[0-9]'")" -gt 2
sql pg "alter system set recovery_target_name = 'of old'"
sql pg "checkpoint"
ok "a backup at rest" run base-push --fast
hashes "$T/pg" >"$T/hashes.pg"
ok "its WAL is archived" pg_archived pg
dump pg >"$T/dump.pg"
pg_stop pg

### Back

exits "the original place of a tablespace is not empty" 3 \
    run base-fetch "$T/back"
has "and says how to go elsewhere" "$OUT" "--tablespace .*:DIR"
ok "nothing was made" test ! -e "$T/back"
exits "an unknown tablespace" 2 run base-fetch --tablespace nil:/x "$T/back"
as mv "$T/ts/near" "$T/ts/was"
exits "two tablespaces in one place" 2 run base-fetch "$T/back" \
    --tablespace "we:ird ü:$T/moved/x" --tablespace "near:$T/moved/x/y"
has "named" "$OUT" " overlap; choose directories"
exits "a tablespace inside the cluster" 2 run base-fetch "$T/back" \
    --tablespace "we:ird ü:$T/back/ts"
lates=()
for d in "$T"/ts/late*; do
	lates+=(--tablespace "${d##*/}:$T/moved/${d##*/}")
done
ok "restore" run base-fetch --jobs 16 \
    --tablespace "we:ird ü:$T/moved/wide" "${lates[@]}" "$T/back"
has "archiving is held" "$OUT" "^held: archiving"
ok "pg_verifybackup" as "$PGBIN/pg_verifybackup" "$T/back"
is "group access" "$(stat -c %a "$T/back" "$T/back/base" \
    "$T/back/PG_VERSION" | xargs)" "750 750 640"
echo odd >"$T/odd"
same "the odd file" "$T/back/$ODD" "$T/odd"
is "its mode" "$(stat -c %a "$T/back/$ODD")" 600
ok "a link became a file" test -f "$T/back/postgresql.conf" -a \
    ! -L "$T/back/postgresql.conf"
same "with its content" "$T/etc/postgresql.conf" "$T/back/postgresql.conf"
ok "an empty directory" test -d "$T/back/void/void"
ok "and the ones that PostgreSQL wants" \
    test -d "$T/back/pg_wal/archive_status" -a -d "$T/back/pg_notify"
is "no mark of an incomplete restore" \
    "$(find "$T/back" "$T/moved" -maxdepth 1 -name '*incomplete*')" ""
ok "no directory of another restore is touched" \
    test -d "$T/ts/was/PG_15_202209061" -o -d "$T/ts/was"
is "tablespaces" "$(readlink "$T"/back/pg_tblspc/* | grep -v late | sort |
    xargs)" "$T/moved/wide $T/ts/near"
hashes "$T/back" >"$T/hashes.back"
# The main forks of unlogged tables are not there; all else is equal.
is "files are the same" "$(comm -13 "$T/hashes.pg" "$T/hashes.back")" ""
ok "and nearly all of them" test "$(($(wc -l <"$T/hashes.pg") -
    $(wc -l <"$T/hashes.back")))" -le 12
lacks "an old target is gone" "$(cat "$T/back/postgresql.auto.conf")" "of old"
pg_start back
ok "it ends recovery" wait_for t_primary back
dump back >"$T/dump.back"
same "the same rows" "$T/dump.pg" "$T/dump.back"
is "unlogged tables are empty" \
    "$(sql back "select count(*) from lost; select count(*) from lost2" |
    xargs)" "0 0"
ok "and usable" sql back "insert into lost2 values (1)"
if [ -x "$PGBIN/pg_amcheck" ]; then
	ok "pg_amcheck" as "$PGBIN/pg_amcheck" -h "$T/back.sock" -p 5432 \
	    -U postgres -d postgres --heapallindexed --no-dependent-toast \
	    --no-strict-names
	is "is silent" "$OUT" ""
fi
pg_stop back
as rm -rf "$T/back" "$T/moved" "$T/ts/near"

# Replay makes later tablespaces where they were: not over the original's.
exits "the original's later tablespaces are in the way" 3 \
    run base-fetch "$STORMY" --tablespace "we:ird ü:$T/moved/wide" "$T/back"
has "and are named" "$OUT" "$T/ts/late[0-9]: belongs to a tablespace"
for id in "$STORMY" "$LATE"; do
	as rm -rf "$T"/ts/late*
	as mkdir "$T"/ts/late{1,2,3,4,5,6}
	as rm -rf "$T/back" "$T/moved" "$T/ts/near"
	as mkdir -m 700 "$T/back" "$T/moved"
	lates=()
	for d in $(grep -ao '"late[0-9]"' "$REPO"/*/*/base/"$id"/label |
	    tr -d '"'); do
		lates+=(--tablespace "$d:$T/moved/$d")
	done
	ok "restore the one in the storm, $id" run base-fetch "$id" \
	    --tablespace "we:ird ü:$T/moved/wide" \
	    ${lates[@]+"${lates[@]}"} "$T/back"
	ok "pg_verifybackup" as "$PGBIN/pg_verifybackup" "$T/back"
	pg_start back
	ok "it ends recovery" wait_for t_primary back
	dump back >"$T/dump.back"
	same "replay brings it to the same rows" "$T/dump.pg" "$T/dump.back"
	if [ -x "$PGBIN/pg_amcheck" ]; then
		ok "pg_amcheck" as "$PGBIN/pg_amcheck" -h "$T/back.sock" \
		    -p 5432 -U postgres -d postgres --heapallindexed
	fi
	pg_stop back
done
