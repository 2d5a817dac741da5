#!/bin/bash
# SPDX-License-Identifier: ISC
#
# backup-export and backup-import: to a file and through a pipe, into another
# repository, and back to a cluster; a restore from the file alone, to each kind
# of target; files that lie; kills and full disks.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

command -v jq >/dev/null || skip "no jq"

# export, import: with the .public key alone
export_()
{
	run backup-export --quiet -o key= -o restore_key= "$@"
}

import()
{
	run backup-import --quiet -o key= -o restore_key= "$@"
}

# through COMMAND...: import what it writes
through()
{
	run bash -o pipefail -c "$1 | backup-import -q $2 -"
}

# files DIR: all objects, with the hashes of their bytes; no claims
files()
{
	(cd "$1" && find main -type f ! -name 'claim-*' ! -path '*/tmp/*' \
	    -print0 | LC_ALL=C sort -z | xargs -0 sha256sum)
}

labels()
{
	find "$1" -name label 2>/dev/null | wc -l
}

# anew: the other repository does not exist, and never did
anew()
{
	rm -rf "$B2"
	rm -f "$T"/state/main/*/copied-* "$T"/state/main/*/seen-*
}

backup()
{
	run base-push --fast --quiet --jobs 1 --label "$1" >"$T/out" 2>&1 ||
	    die "base-push: $(cat "$T/out")"
	sed -n 's/^backup \([0-9TZ-]*\).*/\1/p' "$T/out"
}

# restored ROWS [OPTION]...: from the file, and so many rows are there
restored()
{
	local rows=$1

	shift
	rm -rf "$T/back"
	ok "restore $*" run base-fetch -q "$@" "$T/back"
	has "by the file alone" "$(grep ^restore_command \
	    "$T/back/postgresql.auto.conf")" "--from-file $T/"
	ok "pg_verifybackup" as "$PGBIN/pg_verifybackup" -q -n "$T/back"
	pg_start back
	wait_for t_primary back
	is "its rows" "$(sql back "select count(*) from t")" "$rows"
	pg_stop back
}

### The original: two backups, the second of which needs packs of the first, and
### WAL behind it.

keygen main
A=$T/a B2=$T/b
conf_write repository="$A" wal_compression=zstd:1 chunk_size=64k agent=off
pg_init pg -k --wal-segsize=1
pg_archive pg
pg_start pg
sql pg "create table t (a int, b text);
    insert into t select g, md5(g::text) from generate_series(1, 3000) g"
OLD=$(backup old)
sql pg "insert into t values (1, 'a')"
NEW=$(backup new)
sql pg "insert into t values (2, 'b')"
sql pg "select pg_sleep(0.1)"
WHEN=$(sql pg "select now()")
# This segment comes behind that time, and has no commit behind it.
pg_archived pg
sql pg "insert into t values (3, 'c')"
pg_archived pg
sql pg "insert into t values (4, 'd')"
LSN=$(sql pg "select pg_current_wal_lsn()")
pg_archived pg
pg_archived pg
pg_stop pg
AS=$(echo "$A"/main/*)
SYSTEM=$(basename "$AS")

### Out

X=$T/x.seawall
ok "export" export_ latest "$X"
has "says what" "$OUT" "backup $NEW exported to $X: .* end of the backup"
exits "it is not replaced" 6 export_ latest "$X"
ok "but by force" export_ --json --force latest "$X"
is "in JSON" "$(jq -c '[.schema, .backup, .until, .until_time,
    .objects.files]' <<<"$OUT")" "[1,\"$NEW\",\"immediate\",null,$(tar tf \
    "$X" | grep -c ^main)]"
is "nothing is left beside it" "$(find "$T" -maxdepth 1 -name '.seawall*')" ""
as mkdir "$T/tar"
ok "tar reads it" as tar xf "$X" -C "$T/tar"
is "its objects are those of the repository" "$(cd "$T/tar" &&
    find main -type f -exec cmp {} "$A/{}" \; 2>&1)" ""
has "packs of the first backup among them" "$(ls "$T/tar/main/$SYSTEM/base")" \
    "$OLD"
exits "and no WAL behind the backup" 1 test -f "$(find "$T/tar" -name "$(
    find "$AS/wal" -name '0000*' -type f ! -name '*.*' -printf '%f\n' | sort |
    tail -n 1)")"
exits "no such backup" 1 export_ 20200101T000000Z "$T/y"
exits "no such WAL" 1 export_ --wal-until F/0 latest "$T/y"
has "says how far" "$OUT" "archived WAL reaches to LSN"
exits "before its end" 1 export_ --target-time 2020-01-01T00:00:00Z \
    latest "$T/y"
exits "to a device" 2 export_ --force latest /dev/null
exits "two targets" 2 export_ --target-time 2100-01-01T00:00:00Z \
    --wal-until 0/1 latest "$T/y"
exits "JSON to a pipe" 2 export_ --json latest -
ok "nothing of these is there" test ! -e "$T/y"
T_PACK=$AS/base/$OLD/pack-00000001
flip "$T_PACK" 3000
exits "a damaged pack" 7 export_ latest "$T/y"
has "is named" "$OUT" "pack-00000001: .* do not match the hash"
ok "and there is no export" test ! -e "$T/y"
flip "$T_PACK" 3000

### In

exits "a section of another name" 3 run bash -c \
    "sed 's/^\[main]/[other]/' '$CONF' >'$T/other' &&
    backup-import --config '$T/other' '$X'"
has "is told the name" "$OUT" "export of server main"
ok "import" import -o repository="$B2" "$X"
has "says what it did" "$OUT" "0 .* there already; 1 backup new there"
ok "it is sound, to its contents" run backup-verify -o repository="$B2"
ok "a second time" import --json -o repository="$B2" "$X"
is "nothing is to be done" "$(jq -c '.[0] | [.schema, .complete,
    .copied.files, .backups, .backups_there]' <<<"$OUT")" "[1,true,0,0,1]"
WAS=$(files "$B2")
anew
ok "through a pipe" through "backup-export latest -" "-o repository=$B2"
is "it is the same" "$(files "$B2")" "$WAS"
ok "and a second time" through "cat $X" "-o repository=$B2"
is "with nothing new" "$(files "$B2")" "$WAS"
rm -rf "$T/back"
ok "restore from there" run base-fetch -q -o repository="$B2" \
    --target immediate --target-action promote "$T/back"
ok "pg_verifybackup" as "$PGBIN/pg_verifybackup" -q -n "$T/back"
SEG=$(find "$B2" -name '0000*' -type f ! -name '*.*' | sort | head -n 1)
flip "$SEG" 100
exits "other content there" 9 import -o repository="$B2" "$X"
has "is a finding" "$OUT" "$(basename "$SEG"):"

### From the file alone, to each kind of target.  No repository is there.

ok "to a time" run backup-export -q --target-time "$WHEN" latest "$T/t.sw"
lacks "with the key to find it" "$OUT" "all WAL is exported"
ok "without" export_ --target-time "$WHEN" latest "$T/t2.sw"
has "all WAL is taken, and that is said" "$OUT" "all WAL is exported"
ok "the first is smaller" test "$(stat -c %s "$T/t.sw")" -lt \
    "$(stat -c %s "$T/t2.sw")"
ok "to a location" export_ --wal-until "$LSN" latest "$T/e.sw"
mv "$A" "$T/away"
restored 3001 --from-file "$X" --target-action promote
restored 3002 --from-file "$T/t.sw" --target-action promote
restored 3002 --from-file "$T/t2.sw" --target-action promote
restored 3004 --from-file "$T/e.sw"
has "backup-list reads it" "$(run backup-list -o repository="export://$X")" \
    "$NEW"
ok "backup-verify, too" run backup-verify -o repository="export://$X"
exits "no program writes to it" 3 run backup-expire --keep "$NEW" \
    -o repository="export://$X"
has "and says how to" "$OUT" "only read; import it"

# past FILE: what wal-fetch says of a segment behind all
past()
{
	run sh -c "cd '$T/pg' && wal-fetch --from-file '$1' \
	    0000000100000000000000F0 '$T/got'"
}
exits "behind what was left out nothing has ended" 201 past "$X"
has "and why" "$OUT" "recovery to the end of the backup"
exits "also with an agent" 201 run sh -c "cd '$T/pg' && wal-fetch -o agent=on \
    -o agent_linger=1s --from-file '$X' 0000000100000000000000F0 '$T/got'"
exits "not before a time" 201 past "$T/t.sw"
exits "behind all WAL that was asked for it has" 1 past "$T/e.sw"
exits "a history is absent" 1 run sh -c "cd '$T/pg' && wal-fetch \
    --from-file '$X' 00000009.history '$T/got'"
exits "a target that the file does not reach" 1 run base-fetch --from-file \
    "$X" --target-lsn "$LSN" "$T/back2"
exits "of another server" 2 run base-fetch -s other --from-file "$X" "$T/back2"
exits "no export" 7 run base-fetch --from-file "$CONF" "$T/back2"
mv "$T/away" "$A"

### Files that lie: one error, and no backup

# refused WHAT FILE: as a file and through a pipe
refused()
{
	anew
	exits "$1" 7 import -o repository="$B2" "$2"
	is "$1: no label" "$(labels "$B2")" 0
	exits "$1, through a pipe" 7 through "cat $2" "-o repository=$B2"
	is "$1, through a pipe: no label" "$(labels "$B2")" 0
	is "$1, through a pipe: one error" \
	    "$(grep -c ^backup-import <<<"$OUT")" 1
}
SIZE=$(stat -c %s "$X")
for n in 100 2000 $((SIZE / 2)) $((SIZE - 1024)) $((SIZE - 1)); do
	as sh -c "head -c $n '$X' >'$T/bad'"
	refused "cut at $n of $SIZE" "$T/bad"
done
as sh -c "(cat '$X'; echo) >'$T/bad'"
refused "a byte behind it" "$T/bad"
as sh -c "(head -c -1024 '$X'; tail -c 3072 '$X') >'$T/bad'"
refused "blocks behind it" "$T/bad"
as cp "$X" "$T/bad"
flip "$T/bad" "$(grep -abo ' wal/' "$X" | head -n 1 | cut -d: -f1)"
refused "other contents" "$T/bad"
as sh -c "cd '$T/tar' && tar cf '$T/bad' --format=ustar main"
refused "another tar" "$T/bad"
# A flipped bit of an object: it is bad, and so there is no backup.
as cp "$X" "$T/bad"
flip "$T/bad" $((SIZE - 3000))
for how in "$T/bad" -; do
	anew
	exits "damaged content ($how)" 9 run sh -c "backup-import -q \
	    -o repository='$B2' '$how' <'$T/bad'"
	has "is named" "$OUT" "pack-.* do not match the hash"
	is "no label" "$(labels "$B2")" 0
done
anew
ok "the true one afterwards" import -o repository="$B2" "$X"

### Killed at any time; full disks

for ms in 010 030 060 100; do
	anew
	as env SEAWALL_CONFIG="$CONF" timeout -s KILL "0.$ms" \
	    "$T_BIN/backup-import" -q -o repository="$B2" - <"$X" \
	    >/dev/null 2>&1
	is "a label after $ms ms is no lie" "$(labels "$B2")" \
	    "$(run backup-verify -o repository="$B2" >/dev/null 2>&1 &&
	    labels "$B2" || echo 0)"
	ok "another run completes it" import -o repository="$B2" "$X"
	is "it is the same" "$(files "$B2")" "$WAS"
	rm -f "$T/k.sw"
	as env SEAWALL_CONFIG="$CONF" timeout -s KILL "0.$ms" \
	    "$T_BIN/backup-export" -q latest "$T/k.sw" >/dev/null 2>&1
	[ ! -e "$T/k.sw" ] || ok "an export after $ms ms is whole" \
	    run backup-verify -o repository="export://$T/k.sw"
done
if small_disk "$T/small" 300k; then
	exits "export to a full disk" 4 export_ latest "$T/small/x"
	is "nothing is left" "$(ls -A "$T/small")" ""
	rm -f "$T"/state/main/*/copied-*
	exits "import into one" 5 import -o retry_for=0s \
	    -o repository="$T/small/r" "$X"
	is "no label" "$(labels "$T/small")" 0
	mount -o remount,size=64m "$T/small"
	ok "with more room" import -o repository="$T/small/r" "$X"
	is "the rest comes" "$(files "$T/small/r")" "$WAS"
fi

### To an append-only SSH host, and from it while its connections drop

sshd_start --append-only
conf_write agent=off
ok "import over SSH" import "$X"
is "it is the same" "$(files "$REPO")" "$WAS"
relay_start 20
FAR=$(repo_url)
background export_ -o repository="$FAR" latest "$T/far.sw" >"$T/far" 2>&1
wait_for sh -c "find '$T' -maxdepth 1 -name '.seawall-export.*' | grep -q ."
kill -USR1 "$RELAY_PID"
wait "$BG"
is "an export outlives that" "$?" 0
relay_stop
anew
ok "it is imported" import -o repository="$B2" "$T/far.sw"
is "and is the same, too" "$(files "$B2")" "$WAS"
