#!/bin/bash
# SPDX-License-Identifier: ISC
#
# repo-copy: from a directory to an SSH host and back; what is there already;
# every way in which the source lies; kills, a full disk, two at once; and
# expiry on both sides meanwhile.  In the end each copy restores alone.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

command -v jq >/dev/null || skip "no jq"

# copy [OPTION]... FROM TO: with the .public key alone
copy()
{
	run repo-copy --quiet -o key= -o restore_key= "$@"
}

# files DIR: all objects, with the hashes of their bytes; no claims, and
# nothing of expiry's
files()
{
	(cd "$1" && find main -type f ! -name 'claim-*' ! -path '*/tmp/*' \
	    -print0 | LC_ALL=C sort -z | xargs -0 sha256sum)
}

# As if C had never been copied to; but not from here, if that is a mount.
anew()
{
	rm -rf "$C"
	rm -f "$T"/state/main/*/copied-* "$T"/state/main/*/seen-*
}

# nothing_in DIR: no upload was left behind
nothing_in()
{
	is "$1 has no uploads left" "$(find "$1"/main/*/tmp -type f | wc -l)" 0
}

backup()
{
	run base-push --fast --quiet --jobs 1 --label "$1" >"$T/out" 2>&1 ||
	    die "base-push: $(cat "$T/out")"
	sed -n 's/^backup \([0-9TZ-]*\).*/\1/p' "$T/out"
}

fill()
{
	sql pg "create table if not exists t (a int, b text);
	    insert into t select g, md5(g::text)
	    from generate_series(1, 6000) g"
}

### The original: two backups, the second of which needs packs of the first, a
### timeline between them, and WAL behind them.

keygen main
sshd_start --append-only
HOST=$(repo_url)
A=$T/host/a B2=$T/host/b C=$T/host/c
conf_write repository="$A" wal_compression=zstd:1 chunk_size=64k
as mkdir "$A"
pg_init pg -k --wal-segsize=1
pg_archive pg
pg_start pg
fill
pg_archived pg
OLD=$(backup old)
fill
pg_archived pg
as touch "$T/pg/standby.signal"
pg_conf pg "restore_command = '$T_BIN/wal-fetch --config $CONF %f %p'"
pg_stop pg
pg_start pg
as "$PGBIN/pg_ctl" -D "$T/pg" -w promote >/dev/null
wait_for t_primary pg
fill
NEW=$(backup new)
run backup-expire --keep "$OLD" --until forever >/dev/null ||
    run backup-expire --keep "$OLD" >/dev/null || die "keep"
fill
pg_archived pg
ROWS=$(sql pg "select count(*) from t")
pg_stop pg
AS=$(echo "$A"/main/*)
SYSTEM=$(basename "$AS")
has "the second backup needs the first one's packs" \
    "$(run backup-show --json "$NEW" | jq -c '.packs | map(.backup)')" "$OLD"

### To an SSH host, and back from it

conf_write repository="$HOST"
ok "a copy to an append-only SSH host" copy "$A" "$HOST"
has "says what it did" "$OUT" "[0-9]+ objects .* copied, 0 .* there already; \
2 backups new there, 0 there already: 0 findings"
HOSTDIR=$REPO
is "byte for byte" "$(files "$HOSTDIR")" "$(files "$A")"
is "files cannot be written" "$(find "$HOSTDIR" -type f -perm /377 \
    ! -path '*/tmp/*' | head -n 1)" ""
ok "a second time" copy --json "$A" "$HOST"
is "nothing is to be copied" "$(jq -c '.[0] | [.schema, .complete,
    .copied.files, .there.files > 5, .backups, .backups_there]' <<<"$OUT")" \
    "[1,true,0,true,0,2]"
is "and no claim comes" "$(find "$HOSTDIR" -name 'claim-*-[5-9]??' |
    sed 's/.*claim-//' | sort -u | wc -l)" 1
ok "back" copy "$HOST" "$B2"
is "byte for byte, too" "$(files "$B2")" "$(files "$A")"
ok "it is sound, to its contents" run backup-verify -o repository="$B2"
ok "and has the pin" test -f "$B2/main/$SYSTEM/base/$OLD/label.withdrawn"

### What is wanted

anew
ok "one backup" copy --backup latest "$A" "$C"
is "it alone" "$(run backup-list -o repository="$C" --json |
    jq -cr '.[0].backups | map(.id)')" "[\"$NEW\"]"
ok "is sound" run backup-verify -o repository="$C"
ok "and the other one later" copy "$A" "$C"
has "which is new then" "$OUT" "1 backup new there, 1 there already"
is "all is the same" "$(files "$C")" "$(files "$A")"
anew
ok "since a time" copy --since "$(jq -r .stop_time < <(
    run backup-show -o repository="$A" --json "$NEW"))" "$A" "$C"
ok "has that backup" test -f "$C/main/$SYSTEM/base/$NEW/label"
exits "and not the other one" 1 test -f "$C/main/$SYSTEM/base/$OLD/label"
exits "none since then" 1 copy --since 2100-01-01T00:00:00Z "$A" "$C"
exits "no such backup" 1 copy --backup 20200101T000000Z "$A" "$C"
exits "no such word" 2 copy --backup newish "$A" "$C"
exits "two choices" 2 copy --backup latest --since 2020-01-01Z "$A" "$C"
exits "onto itself" 2 copy "$A" "$A"
exits "from nothing" 1 copy "$T/host/nothing" "$C"
rm -rf "$C"
as mkdir "$C"
exits "a copy whose disk is not mounted" 5 copy "$A" "$C"
has "is not begun anew" "$OUT" "is its disk mounted\? .* remove $T/state/"
is "not a byte is written" "$(find "$C" -mindepth 1 | wc -l)" 0
rm -f "$T"/state/main/*/copied-*

### A source that lies.  Each time it is one object, all else is copied, and
### no label promises what is not there.

# segment N: the Nth last segment of the second timeline
segment()
{
	(cd "$AS" && find wal -name '0000000200*' ! -name '*.*' | sort) |
	    tail -n "$1" | head -n 1
}

SEG=$(segment 1)
PACK=base/$OLD/$(basename "$(find "$AS/base/$OLD" -name 'pack-*' | head -1)")

# lies WHAT PATH PATTERN BACKUPS: 9, it is named; so many labels come
lies()
{
	anew
	exits "$1" 9 copy "$A.bad" "$C"
	has "$1: is named" "$OUT" "^$2: .*$3"
	is "$1: backups" "$(find "$C" -name label | wc -l)" "$4"
	exits "$1: nothing has its name" 1 test -e "$C/main/$SYSTEM/$2"
	nothing_in "$C"
	rm -rf "$A.bad"
	as cp -a "$A" "$A.bad"
}

as cp -a "$A" "$A.bad"
BAD=$A.bad/main/$SYSTEM
flip "$BAD/$PACK" 3000
lies "a flipped bit in a pack" "$PACK" "hash that was signed" 0
flip "$BAD/$SEG" 100
lies "one in a header" "$SEG" "sign" 2
chmod u+w "$BAD/$SEG" && truncate -s -1 "$BAD/$SEG"
lies "a segment without its end" "$SEG" "expected [0-9]+ as signed" 2
chmod u+w "$BAD/$SEG" && echo x >>"$BAD/$SEG"
lies "one with more" "$SEG" "expected [0-9]+ as signed" 2
chmod u+w "$BAD/$SEG" && as cp --remove-destination \
    "$BAD/$(segment 2)" "$BAD/$SEG"
lies "another one under its name" "$SEG" "moved or swapped" 2
as rm "$BAD/$SEG" && as ln -s /etc/passwd "$BAD/$SEG"
lies "a link" "$SEG" "link|directory|symbolic" 2
flip "$BAD/base/$NEW/label" 300
lies "a forged label" "base/$NEW/label" "sign" 1
as cp --remove-destination "$BAD/base/$OLD/manifest" "$BAD/base/$NEW/manifest"
lies "another backup's manifest" "base/$NEW/manifest" "." 1
as rm "$BAD/$PACK"
exits "a pack that is missing" 9 copy "$A.bad" "$C"
rm -rf "$A.bad"
anew

### Other content in TO is a conflict, and stays

copy "$A" "$C" >/dev/null || die "copy"
SEGC=$C/main/$SYSTEM/$SEG
as cp --remove-destination "$AS/$(segment 2)" "$SEGC"
SUM=$(sha256sum <"$SEGC")
exits "an object of another place in TO" 9 copy "$A" "$C"
has "is named" "$OUT" "^$SEG: in $C: "
is "and stays" "$(sha256sum <"$SEGC")" "$SUM"
as rm -f "$SEGC"
ok "one that got lost comes back" copy "$A" "$C"
is "all is the same again" "$(files "$C")" "$(files "$A")"

### Killed at any time, on a full disk, two at once: another run completes it

anew
for ms in 10 30 60 100 150; do
	as env SEAWALL_CONFIG="$CONF" timeout -s KILL "0.$(printf %03d $ms)" \
	    "$T_BIN/repo-copy" -q "$A" "$C" >/dev/null 2>&1
	for l in "$C"/main/*/base/*/label; do
		[ ! -e "$l" ] || ok "a label after $ms ms is true" run \
		    backup-verify --hashes -o repository="$C" \
		    "$(basename "$(dirname "$l")")"
	done
done
copy "$A" "$C" >"$T/one" 2>&1 &
ONE=$!
ok "two at once" copy "$A" "$C"
wait "$ONE" || fail "the other one: $(cat "$T/one")"
is "make the same" "$(files "$C")" "$(files "$A")"
D=$T/host/small
if small_disk "$D" 400k; then
	exits "a full disk" 5 copy -o retry_for=0s "$A" "$D"
	has "is named" "$OUT" "[Nn]o space left|full"
	is "no label" "$(find "$D" -name label | wc -l)" 0
	mount -o remount,size=64m "$D"
	ok "with more room" copy "$A" "$D"
	is "the rest comes" "$(files "$D")" "$(files "$A")"
fi

### Over a slow network whose connections drop

HERE=$REPO
REPO=$T/host/far
relay_start 20
FAR=$(repo_url)
conf_write repository="$FAR"
background copy -j 3 "$A" "$FAR" >"$T/far" 2>&1
wait_for sh -c "ls '$REPO'/main/*/wal/*/*/*"
kill -USR1 "$RELAY_PID"
wait "$BG"
has "dropped connections end nothing, or fail" "$?" "^[05]$"
ok "another run completes it" copy "$A" "$FAR"
is "all is the same" "$(files "$REPO")" "$(files "$A")"
relay_stop
REPO=$HERE
conf_write repository="$HOST"

### Expiry.  In TO it has withdrawn the first backup, and has not deleted its
### packs yet, which the second one needs.

anew
copy --backup "$OLD" "$A" "$C" >/dev/null || die "copy"
CS=$C/main/$SYSTEM
as rm -f "$CS/base/$OLD/label.withdrawn"
as mv "$CS/base/$OLD/label" "$CS/base/$OLD/label.withdrawn"
as rm -f "$CS/base/$OLD"/claim-*
exits "packs of a backup that is being deleted" 5 \
    copy --backup "$NEW" "$A" "$C"
has "are not relied upon" "$OUT" "run backup-expire there"
exits "there is no label" 1 test -f "$CS/base/$NEW/label"

# An interrupted copy of last week has left some of its files.  An expiry that
# looked before our claim may be deleting these, and none that this copy adds
# makes them any younger.  When expiry is through, all is copied again.
for left in "$PACK" "base/$OLD/manifest"; do
	anew
	copy --backup "$OLD" "$A" "$C" >/dev/null || die "copy"
	find "$CS/base/$OLD" -type f ! -path "$CS/$left" -delete
	as touch -d '8 days ago' "$CS/$left"
	exits "beside an old ${left##*/}" 5 copy --backup "$OLD" "$A" "$C"
	has "which is not relied upon" "$OUT" "run backup-expire there"
	exits "there is no label of it" 1 test -f "$CS/base/$OLD/label"
	exits "nor beside what this run has added to it" 5 \
	    copy --backup "$OLD" "$A" "$C"
	exits "there is none, either" 1 test -f "$CS/base/$OLD/label"
done
as find "$CS/base/$OLD" -depth -exec touch -d '8 days ago' {} +
as mkdir -m 700 "$T/state.w"
ok "an expiry of what was left" run backup-expire -o repository="$C" \
    -o state_dir="$T/state.w" -o "retention_policy=redundancy 1"
exits "deletes it" 1 test -f "$CS/$PACK"
ok "so it is copied again" copy --backup "$OLD" "$A" "$C"
ok "and is sound" run backup-verify -o repository="$C" "$OLD"

as rm -f "$CS/base/$OLD/label.withdrawn" "$CS/base/$OLD"/claim-*
ok "while the backup stands they are" copy --backup "$NEW" "$A" "$C"
ok "under a claim" test -n "$(find "$CS/base/$OLD" -name 'claim-*')"
as rm "$CS/base/$NEW/label"
# Its state folder is that of a host that has not looked there yet.
as mkdir -m 700 "$T/state.c"
expire()
{
	run backup-expire -o repository="$C" -o state_dir="$T/state.c" "$@"
}
ok "an expiry of the old one under the claim" \
    expire --delete "$OLD" --force
ok "leaves the packs" test -f "$CS/$PACK"
exits "which no other copy relies upon" 5 copy --backup "$NEW" "$A" "$C"
is "nor keeps" "$(find "$CS" -name 'claim-*' | sed 's/.*claim-//' |
    sort -u | wc -l)" 1
as find "$CS/base/$OLD" -depth -exec touch -d '8 days ago' {} +
ok "when the claim is over" expire -o "retention_policy=redundancy 1"
exits "they go" 1 test -f "$CS/$PACK"
ok "and are copied again" copy --backup "$NEW" "$A" "$C"
ok "so the backup is sound" run backup-verify -o repository="$C" "$NEW"

### Expiry in TO has deleted the directories, and deletes the WAL after them,
### which was compared by then: the packs are still being copied.

rm -rf "$A.bad"
START=wal/00000002/00000000/$(run backup-show -o repository="$A" --json \
    "$NEW" | jq -r .start_wal)
for limit in 1024 200 40; do		# kB/s
	anew
	copy "$A" "$C" >/dev/null || die "copy"
	rm -r "$CS/base"
	background copy -j 1 -o base_bandwidth_limit=$limit "$A" "$C" \
	    >"$T/slow" 2>&1
	wait_for sh -c "find '$CS/tmp' '$CS/base' -size +60k | grep ."
	bg_signal STOP
	as rm "$CS/$START"
	[ -e "$CS/base/$NEW/label" ] || break
	bg_signal KILL		# this machine was too slow: once more
	wait "$BG"
done
bg_signal CONT
wait "$BG"
is "WAL that expires while packs are copied" "$?" 5
has "is named" "$(cat "$T/slow")" "WAL of $(basename "$START") was deleted"
exits "there is no label, either" 1 test -f "$CS/base/$NEW/label"
ok "another run copies it" copy "$A" "$C"
ok "so all is sound" run backup-verify -o repository="$C"

### A file in the place of a withdrawn label is none.

anew
copy --backup "$OLD" "$A" "$C" >/dev/null || die "copy"
as mkdir "$CS/base/$NEW"
as sh -c "echo x >'$CS/base/$NEW/label.withdrawn'"
exits "what bars a label" 9 copy --json "$A" "$C"
is "is named, and not passed for expiry" "$(jq -c '.[0] | [.complete,
    .backups_expired, (.findings | map(.object))]' <<<"$OUT")" \
    "[false,0,[\"base/$NEW/label.withdrawn\"]]"
as rm "$CS/base/$NEW/label.withdrawn"
ok "without it all is copied" copy "$A" "$C"
as mv "$CS/base/$NEW/label" "$CS/base/$NEW/label.withdrawn"
ok "one that expiry deletes" copy --json "$A" "$C"
is "is no finding, and not there" "$(jq -c '.[0] | [.complete,
    .backups_expired, .findings]' <<<"$OUT")" "[false,1,[]]"

### Expiry in FROM while the copy runs, whose claim on it comes too late: the
### packs are gone, so there is no label, and another run knows better.

anew
rm -rf "$A.bad"
as cp -a "$A" "$A.bad"
BAD=$A.bad/main/$SYSTEM
as mv -f "$BAD/base/$OLD/label" "$BAD/base/$OLD/label.withdrawn"
as rm "$BAD/$PACK"
exits "packs that expired" 9 copy "$A.bad" "$C"
has "are named" "$OUT" "base/$NEW/label: the backup is left out: $PACK is miss"
is "and there is no label" "$(find "$C" -name label | wc -l)" 0

### It follows

anew
background copy --watch --every 200ms "$A" "$C"
wait_for test -f "$CS/base/$NEW/label"
conf_write repository="$A"
pg_start pg
fill
# More WAL than one job of a copy takes at a time.
for ((i = 0; i < 80; i++)); do
	echo "insert into t values (0, ''); select pg_switch_wal();"
done | pg_psql pg >/dev/null
pg_archived pg
ROWS=$(sql pg "select count(*) from t")
pg_stop pg
LAST=$(segment 1)
wait_for test -f "$C/main/$SYSTEM/$LAST"
bg_signal TERM
wait "$BG"

### All WAL is missing, and many jobs copy it.

rm -r "$C"/main/*/wal
ok "WAL alone, by many jobs" copy --jobs 4 "$A" "$C"
ok "it gets its names in its order" sh -c "find '$C' -path '*/wal/*' -type f \
    -printf '%f %C@\n' | LC_ALL=C sort | cut -d ' ' -f 2 | sort -n -c"
is "all is the same there" "$(files "$C")" "$(files "$A")"

### After it, the copy alone restores

rm -rf "$A"
ok "a restore from the copy" run base-fetch --quiet \
    -o repository="$C" latest "$T/back"
pg_conf back "archive_mode = off" "port = 5433"
conf_write repository="$C"
pg_start back
wait_for t_primary back
is "has every row" "$(sql back "select count(*) from t")" "$ROWS"
