#!/bin/bash
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2016
#
# A data directory as tar: base-fetch --tar and --tar-dir, GNU tar, PostgreSQL,
# and archives that must not come about.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

# into FILE COMMAND...: its standard output
into()
{
	local file=$1

	shift
	run sh -c 'f=$1; shift; exec "$@" >"$f"' sh "$file" "$@"
}

# unpack FILE DIR
unpack()
{
	as mkdir -m 700 "$2" && as tar -xf "$1" -C "$2"
}

# rows NAME: what has to be there
rows()
{
	sql "$1" "select count(*), sum(g) from near"
	sql "$1" "select count(*), sum(g) from t"
}

left()
{
	find "$@" -name 'seawall-tar.*' -o -name '*.tar.????????????????' |
	    wc -l
}

keygen main
sshd_start MaxSessions\ 100
conf_write jobs=3 wal_compression=zstd:1 retry_for=0
pg_init pg -k --wal-segsize=1
pg_archive pg
as mkdir -p "$T/ts" "$T/out" "$T/pg/conf.d"
LONG=$(printf 'a%.0s' {1..120})
as mkdir -p "$T/pg/$LONG/$LONG"
as sh -c 'printf long >"$0"; : >"$0.empty"' "$T/pg/$LONG/$LONG/$LONG"
as chmod 640 "$T/pg/$LONG/$LONG/$LONG"
printf '%s\n' "work_mem = '5MB'" | as tee "$T/pg/conf.d/more.conf" >/dev/null
pg_conf pg "include_dir 'conf.d'" "external_pid_file = '$T/pg.external'"
pg_start pg
sql pg "create tablespace near location '$T/ts'"
sql pg "create table near tablespace near as
    select generate_series(1, 3000) g"
sql pg "create table t as select g, md5(g::text) from
    generate_series(1, 20000) g"
sql pg "create database other"
ok "a backup" run base-push --fast
sql pg "insert into t select g, 'later' from generate_series(20001, 20010) g"
pg_switch pg
ok "its WAL is archived" pg_archived pg
rows pg >"$T/rows"

### One archive, by way of standard output and as a file

exits "a word that is no backup" 2 run base-fetch --tar "$T/out/a" some/dir
exits "what does not go together" 2 run base-fetch --tar "$T/out/a" --delta
exits "nor that" 2 run base-fetch --tar "$T/out/a" -T "near:$T/x"
exits "two programs on one output" 2 run base-fetch --tar - --json
ok "a plan" run base-fetch --tar "$T/out/a.tar" --dry-run
has "says where to" "$OUT" "^into +tar archive $T/out/a.tar"
ok "and writes nothing" test ! -e "$T/out/a.tar"
ok "to standard output" into "$T/out/a.tar" base-fetch --tar -
has "what it says is elsewhere" "$OUT" "the archive is complete"
ok "as a file" run base-fetch --tar "$T/out/b.tar"
has "is told" "$OUT" "written; $T/out/b.tar is complete"
is "its mode" "$(stat -c %a "$T/out/b.tar")" 600
exits "never replaced" 3 run base-fetch --tar "$T/out/b.tar"
has "is refused beforehand" "$OUT" "b.tar exists"
tar -tvf "$T/out/a.tar" >"$T/list.a" || fail "tar takes it"
is "pg_control is the last member" "$(tail -n 1 "$T/list.a" |
    awk '{ print $NF }')" global/pg_control
has "the owner" "$(head -n 1 "$T/list.a")" postgres/postgres
lacks "no links" "$(cat "$T/list.a")" ^l
is "two blocks of zeros end it" "$(tail -c 1024 "$T/out/a.tar" |
    tr -d '\0' | wc -c)" 0
# All but the time at which the configuration was written.
is "both are the same" "$(tar -tvf "$T/out/b.tar" | awk '{ print $1, $3, $6 }' |
    sort | md5sum)" "$(awk '{ print $1, $3, $6 }' "$T/list.a" | sort | md5sum)"

ok "GNU tar unpacks it" unpack "$T/out/a.tar" "$T/a"
ok "pg_verifybackup" as "$PGBIN/pg_verifybackup" -n "$T/a"
ok "a directory to compare with" run base-fetch -T "near:$T/d.near" "$T/d"
listed()
{
	(cd "$1" && find . -mindepth 1 ! -path './pg_tblspc/*' \
	    ! -name 'postgresql*.conf' ! -name recovery.signal \
	    ! -name backup_manifest ! -name pg_control ! -type d \
	    -printf '%P %m %s %T@\n'; find . -mindepth 1 -type d \
	    ! -path './pg_tblspc/*' -printf '%P %m\n') | sed 's/\.[0-9]*$//' |
	    sort
}
is "names, modes, sizes and times are those of a restored directory" \
    "$(listed "$T/a" | md5sum)" "$(listed "$T/d" | md5sum)"
is "what recovery is told, too" "$(grep -v in_place \
    "$T/a/postgresql.auto.conf")" "$(cat "$T/d/postgresql.auto.conf")"
has "no file of the original's" "$(cat "$T/a/postgresql.conf")" \
    "^external_pid_file = ''"
ok "recovery.signal" test -f "$T/a/recovery.signal"
pg_start a
wait_for t_primary a || fail "it recovers"
is "every row" "$(rows a)" "$(cat "$T/rows")"
is "the include counts" "$(sql a 'show work_mem')" 5MB
ok "the tablespace goes on" sql a \
    "insert into near values (1); checkpoint"
pg_stop a

### Where it will be unpacked

pg_conf pg "data_directory = '$T/pg'"
as head -c 2000000 /dev/urandom | as tee "$T/pg/zzz" >/dev/null
ok "a backup whose configuration says where it is" \
    run base-push --fast --jobs 1
exits "the place has to be known" 3 run base-fetch --tar "$T/out/c.tar"
has "says so" "$OUT" "data_directory = '$T/pg'.*--tar FILE latest"
ok "nothing is left" test ! -e "$T/out/c.tar"
ok "it is named" run base-fetch --tar "$T/out/c.tar" latest "$T/c"
ok "unpacked there" unpack "$T/out/c.tar" "$T/c"
has "the configuration leads there" "$(cat "$T/c/postgresql.conf")" \
    "^data_directory = '$T/c'"
ok "pg_verifybackup" as "$PGBIN/pg_verifybackup" -n "$T/c"
sed -i '/^data_directory/d' "$T/pg/postgresql.conf"

### One for each tablespace; some databases

BACKUP=$(run backup-list --json | grep -o '"id": "[^"]*"' | tail -n 1 |
    cut -d '"' -f 4)
OID=$(sql pg "select oid from pg_tablespace where spcname = 'near'")
exits "a directory with content" 3 run base-fetch --tar-dir "$T/out" "$T/e"
ok "archives in a directory" run base-fetch --tar-dir "$T/dir" --json \
    -T "near:$T/e.near" --only-database postgres latest "$T/e"
has "as JSON" "$OUT" '"path": "'"$T/e.near"'"'
is "are these" "$(cd "$T/dir" && echo *)" "$OID.tar backup_manifest base.tar"
ok "base.tar" unpack "$T/dir/base.tar" "$T/e"
ok "and the tablespace" unpack "$T/dir/$OID.tar" "$T/e.near"
is "tablespace_map says where that is" "$(cat "$T/e/tablespace_map")" \
    "$OID $T/e.near"
ok "no link yet" test ! -e "$T/e/pg_tblspc/$OID"
as ln -s "$T/e.near" "$T/e/pg_tblspc/$OID"
ok "pg_verifybackup" as "$PGBIN/pg_verifybackup" -n \
    -m "$T/dir/backup_manifest" "$T/e"
as rm "$T/e/pg_tblspc/$OID"
pg_start e
wait_for t_primary e || fail "it recovers"
is "every row again" "$(rows e)" "$(cat "$T/rows")"
is "PostgreSQL has made the link" "$(readlink "$T/e/pg_tblspc/$OID")" \
    "$T/e.near"
pg_stop e

### What must not come about

exits "a reader that goes away" 4 run sh -c \
    '{ base-fetch --tar - /srv/x 2>&3; echo $? >"$0"; } 3>&1 | head -c 100000 \
    >/dev/null; exit "$(cat "$0")"' "$T/state.rc"
ok "a full disk" test -c /dev/full
exits "is no success" 4 run sh -c 'base-fetch --tar - /srv/x >/dev/full'
if small_disk "$T/small" 8M; then
	exits "a small disk" 4 run base-fetch --tar "$T/small/x.tar" /srv/x
	is "has nothing afterwards" "$(find "$T/small" -mindepth 1 | wc -l)" 0
fi
# A pack that lies about the last file of all: what came before has left.
PACK=$(find "$REPO" -path "*$BACKUP*" -name 'pack-*' | sort | tail -n 1)
flip "$PACK" $(($(stat -c %s "$PACK") - 1000000))
exits "a damaged pack" 7 run base-fetch --tar "$T/out/bad.tar" /srv/x
has "is named" "$OUT" "pack-"
ok "there is no such file" test ! -e "$T/out/bad.tar"
exits "nor on standard output" 7 run sh -c 'base-fetch --tar - /srv/x >"$0"' \
    "$T/out/bad.tar"
tail -c 1024 "$T/out/bad.tar" >"$T/tail"
ok "whose archive has no end" test "$(tr -d '\0' <"$T/tail" | wc -c)" -gt 0
lacks "nor pg_control" "$(tar -tf "$T/out/bad.tar" 2>/dev/null)" \
    global/pg_control
flip "$PACK" $(($(stat -c %s "$PACK") - 1000000))
is "nothing temporary is left" "$(left "$T/out" "$T/dir" /var/tmp)" 0
