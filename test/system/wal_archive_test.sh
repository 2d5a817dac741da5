#!/bin/bash
# SPDX-License-Identifier: ISC
#
# WAL into the archive and out again: by a real PostgreSQL in an environment
# as poor as it gets, over a real sshd; and everything that must be refused.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

# A command as the ordinary user, without any environment.
bare()
{
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid "$T_USER" --regid "$T_GID" --clear-groups \
		    -- env -i "$@"
	else
		env -i "$@"
	fi
}

start_poor()
{
	T_CLUSTERS+=("$1")
	as mkdir -p "$T/$1.sock"
	bare "$PGBIN/pg_ctl" -D "$T/$1" -l "$T/$1.log" -w -t 90 -s -o \
	    "-c listen_addresses= -c port=5432 -k $T/$1.sock" start \
	    >/dev/null 2>&1 </dev/null || die "PostgreSQL $1 does not start"
}

conf()
{
	conf_write "data_directory=$T/c1" fetch_retry=0s "$@"
}

no_tmp()
{
	[ -z "$(find "$REPO" -path "$REPO/*/tmp/*")" ]
}

# What is stored.  An agent answers before its temporary file is gone.
files()
{
	wait_for no_tmp || fail "a temporary file stays"
	find "$REPO" -type f | wc -l
}

# fetch_all CLUSTER SYSTEMID: every stored file comes back as it was; the
# originals are in some cluster's pg_wal (but a .backup, which PostgreSQL
# removes once it is archived).
fetch_all()
{
	local f name n=0 bad=''

	as rm -rf "$T/out"
	as mkdir "$T/out"
	while read -r f; do
		name=$(basename "$f")
		run wal-fetch --set "data_directory=$T/$1" "$name" \
		    "$T/out/$name" || bad="$bad $name:$?"
		cmp -s "$T/out/$name" "$T/$1/pg_wal/$name" ||
		    cmp -s "$T/out/$name" "$T/twin/pg_wal/$name" ||
		    bad="$bad $name"
		n=$((n + 1))
	done <<<"$(find "$REPO/main/$2/wal" -type f ! -name '*.backup')"
	is "$1: all $n files come back as they were" "$bad" ""
}

sshd_start ""
keygen main >/dev/null
as mkdir "$T/seg"

### Segments of three sizes, four codecs in each archive

for size in 1 16 64; do
	conf wal_compression=xz
	pg_init "c$size" "--wal-segsize=$size"
	pg_conf "c$size" "wal_keep_size = 2GB"
	pg_archive "c$size"
	start_poor "c$size"
	sql "c$size" "create table t as select generate_series(1, 1000) as n"
	pg_archived "c$size" || fail "c$size: xz"
	for codec in wal:small zstd none; do
		conf "wal_compression=$codec"
		sql "c$size" "insert into t select generate_series(1, 1000)"
		pg_archived "c$size" || fail "c$size: $codec"
	done
	conf wal_compression=wal
	if [ "$size" = 1 ]; then
		sql c1 "select pg_backup_start('x', true);
		    select 1 from pg_backup_stop()" >/dev/null 2>&1
		pg_archived c1 || fail "c1: after a backup"
		pg_standby twin c1
		ID=$(pg_system_id c1)
	else
		pg_stop "c$size" -m fast
		fetch_all "c$size" "$(find "$REPO/main" -maxdepth 1 \
		    -mindepth 1 -not -name "$ID" -printf %f)"
		rm -rf "$T/c$size"
		find "$REPO/main" -maxdepth 1 -mindepth 1 -not -name "$ID" \
		    -exec rm -rf {} +
	fi
done
WAL=$REPO/main/$ID/wal

### A promotion: .history and .partial

pg_start twin
# Not at the end of a segment, or there would be no .partial.
sql c1 "create table p as select 1 as n"
ok "a standby streams" wait_for sql twin "select n from p"
as "$PGBIN/pg_ctl" -D "$T/twin" -w -s promote >/dev/null 2>&1
pg_archived twin || fail "the promoted one archives"
ok "the history is there" test -f "$WAL/00000002.history"
has "a .partial is there" "$(find "$WAL" -name '*.partial')" partial
F=$(find "$WAL" -name '*.backup')
ok "a .backup is there" run wal-fetch --set "data_directory=$T/c1" \
    "$(basename "$F")" "$T/label"
has "... and right" "$(cat "$T/label")" "^START WAL LOCATION: "
pg_stop twin -m fast
pg_stop c1 -m fast
fetch_all c1 "$ID"

### Once more, and other content

SEG=$(find "$WAL/00000001" -type f -name '????????????????????????' |
    sort | head -n 1)
NAME=$(basename "$SEG")
as cp "$T/c1/pg_wal/$NAME" "$T/seg/$NAME"
before=$(files)
ok "the same again" run wal-push "$T/seg/$NAME"
is "says nothing" "$OUT" ""
is "stores nothing" "$(files)" "$before"

# poke FILE OFFSET BYTES
poke()
{
	as sh -c "printf '$3' | dd of='$1' bs=1 seek=$2 conv=notrunc" \
	    2>/dev/null
}

# refuse WHAT STATUS PATTERN COMMAND...: and nothing is stored.
refuse()
{
	local n

	n=$(files)
	exits "$1" "$2" "${@:4}"
	has "... and says why" "$OUT" "$3"
	is "... in one line" "$(printf '%s\n' "$OUT" | wc -l)" 1
	is "... and stores nothing" "$(files)" "$n"
}

as cp "$SEG" "$T/stored"
poke "$T/seg/$NAME" 500000 X
refuse "other content" 6 "$NAME: .*holds other content.* than ours" \
    run wal-push "$T/seg/$NAME"
same "... and nothing is changed" "$SEG" "$T/stored"

### What must not be stored

NEXT=0000000100000000000000F0
as cp "$T/c1/pg_wal/$NAME" "$T/seg/$NEXT"
refuse "a renamed segment" 7 "$NEXT: .*expected 0/F000000" \
    run wal-push "$T/seg/$NEXT"
as cp "$T/c1/pg_wal/$NAME" "$T/seg/$NEXT"
poke "$T/seg/$NEXT" 8 '\000\000\000\017\000\000\000\000'
poke "$T/seg/$NEXT" 24 '\001'
refuse "another cluster's segment" 6 "$NEXT: .*system identifier" \
    run wal-push "$T/seg/$NEXT"
as sh -c "head -c 1048576 /dev/zero >$T/seg/$NEXT"
refuse "a segment of zeros" 7 "zeros" run wal-push "$T/seg/$NEXT"
as sh -c "head -c 500000 $T/c1/pg_wal/$NAME >$T/seg/$NEXT"
refuse "half a segment" 7 "500000 bytes.*1048576" \
    run wal-push "$T/seg/$NEXT"
as sh -c ": >$T/seg/$NEXT"
refuse "an empty file" 7 "0 bytes" run wal-push "$T/seg/$NEXT"
as sh -c ": >$T/seg/00000009.history"
refuse "an empty history" 7 "00000009.history" \
    run wal-push "$T/seg/00000009.history"
as sh -c "head -c 200 /dev/zero >$T/seg/00000009.history"
refuse "a history of zeros" 7 "00000009.history" \
    run wal-push "$T/seg/00000009.history"
refuse "a missing file" 4 "No such file" run wal-push "$T/seg/${NEXT%0}1"
as touch "$T/seg/postgresql.conf"
refuse "what is no WAL file" 2 "not a .*WAL file|no .*WAL file" \
    run wal-push "$T/seg/postgresql.conf"
as mkdir "$T/seg/00000008.history"
refuse "a directory" 4 "regular|directory" \
    run wal-push "$T/seg/00000008.history"

### Configuration

as cp "$T/c1/pg_wal/$NAME" "$T/seg/$NAME"
as touch "$T/nobody"
refuse "an unknown host" 3 "SHA256:" \
    run wal-push --set "known_hosts=$T/nobody" "$T/seg/$NAME"
as chmod 640 "$T/keys/main.push"
refuse "a key that others read" 3 "main.push.*0?600|main.push.*permission" \
    run wal-push "$T/seg/$NAME"
as chmod 600 "$T/keys/main.push"
refuse "no key" 3 "keys/none" \
    run wal-push --set "key=$T/keys/none" "$T/seg/$NAME"
refuse "another role's key" 3 "found a restore key, expected a push key" \
    run wal-push --set "key=$T/keys/main.restore" "$T/seg/$NAME"

### The repository is not there

mv "$REPO" "$T/host/away"
exits "no folder where it was" 5 run wal-push "$T/seg/$NAME"
has "... asks for its disk" "$OUT" "is its disk mounted"
ok "... and makes none" test ! -e "$REPO"
as mkdir "$REPO"
exits "an empty folder where it was" 5 run wal-push "$T/seg/$NAME"
has "... asks for its disk" "$OUT" "is its disk mounted"
is "... and it stays empty" "$(ls -A "$REPO")" ""
as mkdir "$T/get"
exits "nothing is absent there" 205 run wal-fetch "$NAME" "$T/get/x"
has "... asks for its disk" "$OUT" "is its disk mounted"
rmdir "$REPO"
mv "$T/host/away" "$REPO"
ok "it is back" run wal-push "$T/seg/$NAME"

M=$REPO/main/$ID/system
as cp -p "$M" "$T/marker"
as chmod 600 "$M"
sed -i 's/1048576/1048577/' "$M"
refuse "a marker that was changed" 7 "system" run wal-push "$T/seg/$NAME"
exits "... proves no absence" 207 run wal-fetch "$NEXT" "$T/get/x"
as cp "$T/marker" "$M"
as mkdir -m 500 "$T/locked"
if [ "$(id -u "$T_USER")" != 0 ]; then
	exits "a state folder that cannot be written" 4 run wal-push \
	    --set "repository=$T/host/second" --set "state_dir=$T/locked" \
	    "$T/seg/$NAME"
	has "... is named" "$OUT" "$T/locked"
	is "... and no repository begun" "$(find "$T/host/second" -type f \
	    2>/dev/null)" ""
fi

### wal-fetch

LAST=$(find "$WAL/00000001" -name '????????????????????????' | sort |
    tail -n 1)
HOLE=$(find "$WAL/00000001" -name '????????????????????????' | sort |
    tail -n 2 | head -n 1)
mv "$HOLE" "$T/hole"
exits "a gap is no end" 205 run wal-fetch "$(basename "$HOLE")" "$T/get/x"
has "... and is called one" "$OUT" "gap.*$(basename "$LAST")|$(basename \
    "$LAST").*gap"
mv "$T/hole" "$HOLE"
as mkdir "$WAL/00000001/00000001"
exits "an empty folder behind it is none" 1 run wal-fetch "$NEXT" "$T/get/x"

exits "absence is 1" 1 run wal-fetch 0000000100000000000000EF "$T/get/x"
is "... without a word" "$OUT" ""
exits "absence of a history is 1" 1 run wal-fetch 00000007.history "$T/get/x"
exits "the push key reads nothing" 203 run wal-fetch \
    --set "restore_key=$T/keys/main.push" "$NAME" "$T/get/x"
exits "no key" 203 run wal-fetch --set "restore_key=$T/keys/none" \
    "$NAME" "$T/get/x"
exits "no such option" 202 run wal-fetch --nonsense "$NAME" "$T/get/x"
exits "no name of a WAL file" 202 run wal-fetch ../../x "$T/get/x"
exits "no folder to write to" 204 run wal-fetch "$NAME" "$T/none/x"
exits "an unknown host" 203 run wal-fetch --set "known_hosts=$T/nobody" \
    "$NAME" "$T/get/x"
as cp -f "$SEG" "$T/stored"
as chmod 600 "$SEG"
size=$(stat -c %s "$SEG")
for at in 3 200 "$((size / 2))" "$((size - 1))"; do
	as cp "$T/stored" "$SEG"
	poke "$SEG" "$at" "\\$(printf %03o \
	    $((0x$(od -An -tx1 -j "$at" -N 1 "$SEG" | tr -d ' ') ^ 16)))"
	exits "a bit at $at of $size" 207 run wal-fetch "$NAME" "$T/get/x"
done
as sh -c "head -c $((size - 1)) $T/stored >$SEG"
exits "a byte less" 207 run wal-fetch "$NAME" "$T/get/x"
refuse "... does not count as stored" 7 "$NAME" run wal-push "$T/seg/$NAME"
as cp "$(find "$WAL/00000001" -name '????????????????????????' | sort |
    tail -n 1)" "$SEG"
exits "another segment in its place" 207 run wal-fetch "$NAME" "$T/get/x"
is "none of them left anything" "$(ls -A "$T/get")" ""
as cp "$T/stored" "$SEG"
ok "the right one" run wal-fetch "$NAME" "$T/get/x"
same "... is right" "$T/get/x" "$T/seg/$NAME"
is "... and private" "$(stat -c %a "$T/get/x")" 600

### A local repository, from the poorest environment

ok "a push into a local folder" poor wal-push --config "$CONF" \
    --set "repository=$T/host/local" --set "state_dir=$T/state2" \
    "$T/seg/$NAME"
ok "... and out again" poor wal-fetch --config "$CONF" \
    --set "repository=$T/host/local" "$NAME" "$T/get/x"
same "... the same" "$T/get/x" "$T/seg/$NAME"
is "... and nothing in tmp" "$(ls -A "$T/host/local/main/$ID/tmp")" ""
ok "nothing in the host's tmp" wait_for no_tmp
