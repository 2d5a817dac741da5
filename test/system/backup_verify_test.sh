#!/bin/bash
# SPDX-License-Identifier: ISC
#
# backup-verify: silence about a good repository at every depth, and then a
# table of mutilations: the repository is broken in one way, and that very
# object must be named, at each depth that can see it and at no other.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

depth()
{
	case $1 in
	q) echo --quick ;;
	s) echo --signatures ;;
	h) echo --hashes ;;
	c) ;;
	esac
}

# Every mutilation is of the folder S; afterwards it is as before.
mend()
{
	as rm -rf "$REPO"
	as cp -a "$T/good" "$REPO"
}

# seen WHAT DEPTHS PATTERN [FINDINGS]: findings at these depths (letters of
# "qshc"), of which one matches; nothing at the others.
seen()
{
	local what=$1 depths=$2 pattern=$3 n=${4:-1} d

	for d in q s h c; do
		# shellcheck disable=SC2046
		case $depths in
		*$d*)
			exits "$what ($d)" 9 run backup-verify $(depth $d) all
			has "it is named" "$OUT" "^$pattern"
			has "and nothing else" "$OUT" ": $n findings?\$"
			;;
		*)
			ok "$what cannot be seen ($d)" \
			    run backup-verify $(depth $d) all
			;;
		esac
	done
	mend
}

### A good repository: two backups, a change of timeline between them, and
### another cluster's objects under the same keys.

keygen main
REPO_DIR=$REPO
repo_url() { printf '%s' "$REPO_DIR"; }
conf_write wal_compression=zstd:1 chunk_size=64k
pg_init pg -k --wal-segsize=1
pg_archive pg
pg_start pg

fill()
{
	sql "$1" "create table if not exists t (a int, b text);
	    insert into t select g, md5(g::text)
	    from generate_series(1, 12000) g"
}

backup()
{
	run base-push --fast --quiet --jobs 1 --label "$1" >"$T/out" 2>&1 ||
	    die "base-push: $(cat "$T/out")"
	sed -n 's/^backup \([0-9TZ-]*\).*/\1/p' "$T/out"
}

fill pg
pg_archived pg
OLD=$(backup old)
fill pg
pg_archived pg
pg_archived pg
as touch "$T/pg/standby.signal"
pg_conf pg "restore_command = '$T_BIN/wal-fetch --config $CONF %f %p'"
pg_stop pg
pg_start pg
as "$PGBIN/pg_ctl" -D "$T/pg" -w promote >/dev/null
wait_for t_primary pg
fill pg
NEW=$(backup new)
MOMENT=$(sql pg "select clock_timestamp()")
sleep 0.1
fill pg
pg_archived pg
fill pg
LATE=$(sql pg "select clock_timestamp()")
sleep 0.1
pg_archived pg
pg_stop pg
S=$(echo "$REPO"/main/*)

pg_init two -k --wal-segsize=1
pg_archive two
pg_start two
fill two
pg_archived two
conf_write conninfo="host=$T/two.sock port=5432 user=postgres dbname=postgres"
backup other >/dev/null
pg_stop two
conf_write wal_compression=zstd:1
for d in "$REPO"/main/*; do
	[ "$d" = "$S" ] || as mv "$d" "$T/other"
done
O=$T/other
OTHER=$(ls "$O/base")
as rm -rf "$S"/tmp/*
as cp -a "$REPO" "$T/good"

# The segments, of both timelines, and where the second one begins.
mapfile -t ONE < <(cd "$S" && find wal/00000001 -type f ! -name '*.*' | sort)
mapfile -t TWO < <(cd "$S" && find wal/00000002 -type f ! -name '*.*' | sort)
first=$(sed -n '2s/.*"start_wal":"\([0-9A-F]*\)".*/\1/p' \
    "$S/base/$OLD/label")
first=wal/00000001/00000000/$first
middle=${ONE[$((${#ONE[@]} - 2))]}
is "the middle is behind the first" "$([[ $middle > $first ]]; echo $?)" 0
new=$(sed -n '2s/.*"start_wal":"\([0-9A-F]*\)".*/\1/p' "$S/base/$NEW/label")
new=wal/00000002/00000000/$new
after=${TWO[$((${#TWO[@]} - 2))]}
last=${TWO[$((${#TWO[@]} - 1))]}
pack=base/$OLD/pack-00000001

seen "a good repository" "" ""
for id in "$OLD" "$NEW" latest; do
	for d in q s h c; do
		# shellcheck disable=SC2046
		ok "$id is good ($d)" run backup-verify $(depth $d) "$id"
	done
done
exits "no such backup" 1 run backup-verify 20200101T000000Z
has "is said" "$OUT" "no backup 20200101T000000Z in the repository"
exits "no backup's name" 2 run backup-verify nonsense

### A moment: proved by a transaction that ended behind it

ok "a moment" run backup-verify --target-time "$MOMENT"
has "is proved" "$OUT" \
    "^target time .*Z: backup $NEW, timeline 2, .*; proved: there is WAL"
ok "by the older backup as well" run backup-verify --target-time "$MOMENT" \
    "$OLD"
has "is proved" "$OUT" "backup $OLD, timeline 2, .*; proved: there is WAL"
ok "and in JSON" run backup-verify --json --target-time "$MOMENT" "$OLD"
has "is proved, too" "$OUT" '"proved": true'
ok "a moment by listing" run backup-verify --quick --target-time "$MOMENT"
has "is not proved" "$OUT" "not proved at this depth"
exits "a moment behind the last transaction" 9 \
    run backup-verify --target-time "$LATE"
has "PostgreSQL could not stop at" "$OUT" \
    "^target time .*: the WAL up to LSN .* holds no transaction that ended"
exits "a moment before the first backup" 9 \
    run backup-verify --target-time "2020-01-01 00:00Z"
has "cannot be reached" "$OUT" "does not lie after the end of the first"
exits "a moment to come" 9 run backup-verify --quick \
    --target-time "2100-01-01 00:00Z"
has "cannot be reached either" "$OUT" "archived WAL reaches to"
exits "no moment" 2 run backup-verify --target-time soon

### Broken off, it goes on

STATE=$T/state/main/$(basename "$S")/verify-contents
background run backup-verify --jobs 1 -o base_bandwidth_limit=1500
wait_for test -s "$STATE"
# The count of marks, at byte 28, is written now and then; the file has its
# size from the beginning.
enough()
{
	od -An -tx1 -j 28 -N 8 "$STATE" | grep -q "[1-9a-f]"
}
wait_for enough
bg_signal KILL
wait "$BG" 2>/dev/null
ok "what was proved is kept" test -s "$STATE"
ok "it goes on" run backup-verify --json
has "and says so" "$OUT" "resuming the verification that began at"
rest=$(grep -o '"bytes_read": [0-9]*' <<<"$OUT" | tr -dc 0-9)
ok "then it is forgotten" test ! -e "$STATE"
ok "and all is read again" run backup-verify --json
all=$(grep -o '"bytes_read": [0-9]*' <<<"$OUT" | tr -dc 0-9)
listed=$(grep -o '"bytes": [0-9]*' <<<"$OUT" | tr -dc 0-9)
ok "all of it, and each byte once but for headers" \
    test "$all" -gt "$listed" -a "$all" -lt $((listed + 16384))
ok "less was read when it went on" test "$((rest + 100000))" -lt "$all"

### Labels

L=base/$OLD/label
flip "$S/$L" 300
seen "a bit of a label" qshc "$L: .*cannot be restored"
as chmod u+w "$S/$L"
as truncate -s 400 "$S/$L"
seen "a label cut short" qshc "$L: .*backup $OLD cannot be restored"
as cp -fp "$S/base/$NEW/label" "$S/$L"
seen "another backup's label" qshc "$L: .*backup $OLD cannot be restored"
as cp -fp "$O/base/$OTHER/label" "$S/$L"
seen "another cluster's label" qshc "$L: .*cannot be restored"
as mv "$S/$L" "$S/$L.withdrawn"
exits "a backup that was withdrawn" 1 run backup-verify "$OLD"
seen "a withdrawn label" "" ""
run backup-verify --quick >"$T/out" 2>&1
mend

### Manifests

M=base/$OLD/manifest
size=$(stat -c %s "$S/$M")
as rm -f "$S/$M"
seen "no manifest" qshc "$M: missing; backup $OLD cannot be restored"
as chmod u+w "$S/$M"
as truncate -s $((size - 1)) "$S/$M"
seen "a manifest cut short" qshc \
    "$M: has $((size - 1)) bytes, expected $size as in its label"
as chmod u+w "$S/$M"
as truncate -s 0 "$S/$M"
seen "an empty manifest" qshc \
    "$M: has 0 bytes, expected $size as in its label"
as chmod u+w "$S/$M"
echo >>"$S/$M"
seen "a manifest with a byte more" qshc "$M: has $((size + 1)) bytes"
flip "$S/$M" 40
seen "a bit of a manifest's header" shc "$M: .*backup $OLD cannot be"
flip "$S/$M" $((size / 2 + 200))
seen "a bit of a manifest" hc "$M: .*; backup $OLD cannot be restored"

### Packs, which the newer backup refers to as well

BOTH="backups $OLD, $NEW"

size=$(stat -c %s "$S/$pack")
as rm -f "$S/$pack"
seen "no pack" qshc "$pack: missing; $BOTH cannot be restored completely" 1
as chmod u+w "$S/$pack"
as truncate -s $((size - 1)) "$S/$pack"
# A listing knows the sum of what a backup has stored.
seen "a pack cut short" qshc \
    "base/$OLD(/pack-00000001)?: .* [0-9]+ bytes together|$pack: the file has"
as chmod u+w "$S/$pack"
as truncate -s $((size + 4096)) "$S/$pack"
seen "a longer pack" qshc "base/$OLD(/pack-00000001)?: "
as chmod u+w "$S/$pack"
as truncate -s 0 "$S/$pack"
seen "an empty pack" qshc "$pack: has 0 bytes, expected [0-9]+ to"
flip "$S/$pack" 30
seen "a bit of a pack's header" shc "$pack: .*; $BOTH cannot"
flip "$S/$pack" $((size / 2))
seen "a bit of a pack" hc "$pack: .*; $BOTH cannot be restored completely"
flip "$S/$pack" $((size - 1))
seen "the last bit of a pack" hc "$pack: .*; $BOTH cannot be"
as cp -fp "$S/base/$NEW/pack-00000001" "$S/$pack"
seen "another backup's pack" qshc "base/$OLD(/pack-00000001)?: "
as cp -fp "$O/base/$OTHER/pack-00000001" "$S/$pack"
seen "another cluster's pack" qshc "base/$OLD(/pack-00000001)?: "
as mv "$S/$pack" "$S/base/$OLD/pack-00000007"
seen "a renamed pack" qshc "$pack: missing"

### WAL

as rm -f "$S/$first"
seen "no first segment" qshc "$first: missing; backup $OLD cannot be"
as rm -f "$S/$middle"
ends="ends at LSN 0/[0-9A-F]+: no later point can be reached"
seen "no middle segment" qshc \
    "$middle: missing; recovery from backup $OLD $ends \
before the end of backup $NEW"
as rm -f "$S/$new"
seen "no first segment of the newer one" qshc "$new: missing.*; backup $NEW \
cannot be restored, and recovery from backup $OLD ends at LSN"
as rm -f "$S/$after"
seen "no segment behind both" qshc \
    "$after: missing; recovery from backups $OLD, $NEW $ends\$"
as rm -f "$S/$last"
seen "no last segment, which was seen earlier" qshc \
    "$last: gone, although this host saw it, .* backup $OLD needs it"
as rm -f "$S/$last"
find "$T/state" -name 'seen-*' -delete
seen "the same, never seen: not archived yet, for all we know" "" ""
for f in "$first" "$middle" "$last"; do
	size=$(stat -c %s "$S/$f")
	as chmod u+w "$S/$f"
	as truncate -s 0 "$S/$f"
	seen "an empty segment" qshc "$f: has 0 bytes, expected"
	as chmod u+w "$S/$f"
	as truncate -s $((size - 1)) "$S/$f"
	seen "a segment cut short" shc \
	    "$f: (the file|payload) has [0-9]+ bytes"
	as chmod u+w "$S/$f"
	as truncate -s 3000000 "$S/$f"
	seen "a segment far too long" qshc "$f: has 3000000 bytes, expected"
	flip "$S/$f" 100
	seen "a bit of a segment's header" shc "$f: "
	flip "$S/$f" $((size - 20))
	seen "a bit of a segment" hc "$f: .*(recovery|cannot be restored)"
done
as mv "$S/$middle" "$S/x"
as cp -fp "$S/$last" "$S/$middle"
as cp -fp "$S/x" "$S/$last"
as rm -f "$S/x"
seen "two segments swapped" shc "$middle: .*recovery from backup $OLD" 2
as cp -fp "$O/$middle" "$S/$middle" 2>/dev/null ||
    as cp -fp "$(find "$O/wal" -type f ! -name '*.*' | head -n 1)" \
	"$S/$middle"
seen "another cluster's segment" shc "$middle: .*recovery from backup $OLD"
as mv "$S/$middle" "$S/$middle.bak"
seen "a renamed segment" qshc "$middle: missing"
H=wal/00000002.history
as rm -f "$S/$H"
seen "no history" qshc "$H: missing, although WAL of its timeline is stored" \
    '[0-9]+'
as chmod u+w "$S/$H"
as truncate -s 0 "$S/$H"
seen "an empty history" qshc "$H: " '[0-9]+'
flip "$S/$H" 90
seen "a bit of a history's header" qshc "$H: " '[0-9]+'
flip "$S/$H" $(($(stat -c %s "$S/$H") - 1))
seen "the last bit of a history" qshc "$H: " '[0-9]+'

### What nobody may open is a finding, and hides none

as chmod 000 "$S/$middle" "$S/$last"
flip "$S/$pack" 5000
for d in s h c; do
	# shellcheck disable=SC2046
	exits "unreadable ($d)" 9 run backup-verify $(depth $d)
	has "is said" "$OUT" "^$middle: .*ermission denied"
	has "of each" "$OUT" "^$last: .*ermission denied"
	[ "$d" = s ] || has "others are seen" "$OUT" "^$pack: .*cannot be"
done
mend
as chmod 000 "$S/$pack"
for d in s h c; do
	# shellcheck disable=SC2046
	exits "unreadable pack ($d)" 9 run backup-verify $(depth $d)
	has "is said" "$OUT" "^$pack: .*ermission denied"
done
exits "a moment whose backup cannot be read" 9 run backup-verify --json \
    --target-time "$MOMENT" "$OLD"
has "is not proved" "$OUT" '"proved": false'
mend

### What a failing disk keeps back is no finding, and hides none

failing_copy
flip "$S/$pack" 5000
for d in h c; do
	# shellcheck disable=SC2046
	exits "unreadable ($d)" 5 as env STORE_BAD="$S/$middle" \
	    SEAWALL_CONFIG="$CONF" "$T/failing/backup-verify" $(depth $d)
	has "is said" "$OUT" "^backup-verify: $middle could not be read: "
	has "others are seen" "$OUT" "^$pack: .*cannot be"
	has "and that it is not all" "$OUT" ": [12] findings? so far; "
done
mend

### The marker

flip "$S/system" 120
seen "a bit of the marker" qshc "system: "
as rm -f "$S/system"
seen "no marker" qshc "system: missing, although backups or WAL are stored"
as cp -fp "$O/system" "$S/system"
seen "another cluster's marker" qshc "system: "
as rm -rf "$S"
as mkdir "$S"
exits "nothing at all" 5 run backup-verify
has "is no finding" "$OUT" "is the repository's disk mounted"
mend

### Over SSH: what is under way when something bad is met

sshd_start MaxSessions\ 100
conf_write wal_compression=zstd:1 \
    repository="ssh://$T_USER@127.0.0.1:$SSH_PORT$REPO"
for d in q s h c; do
	# shellcheck disable=SC2046
	ok "good over SSH ($d)" run backup-verify $(depth $d)
done
size=$(stat -c %s "$S/$pack")
for i in 1 2 3 4 5 6 7 8 9; do
	flip "$S/$pack" $((size * i / 10))
done
flip "$S/$middle" 400
as rm -f "$S/base/$NEW/pack-00000001"
as chmod 000 "$S/$last"
exits "several things at once" 9 run backup-verify
has "bad chunks of a pack" "$OUT" "^$pack: byte [0-9]+: the chunk is not"
has "a missing pack" "$OUT" "^base/$NEW/pack-00000001: missing"
has "a bad segment" "$OUT" "^$middle: "
has "one that nobody may open" "$OUT" "^$last: .*ermission denied"
has "and that it is all" "$OUT" ": 4 findings"
mend

### The same without any secret: what no key can read is not looked at.

conf_write restore_key= key= wal_compression=zstd:1
for d in q s h; do
	# shellcheck disable=SC2046
	ok "good, by the public key ($d)" run backup-verify $(depth $d)
done
exits "contents need a restore key" 3 run backup-verify
flip "$S/$pack" 5000
exits "a bit of a pack" 9 run backup-verify --hashes
has "is seen by the public key" "$OUT" "^$pack: "
