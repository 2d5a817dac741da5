#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Single backups, whatever the policy: pinned, restored long after the policy
# let everything around them go, released, deleted.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

command -v jq >/dev/null || skip "no jq"
sshd_start --append-only
keygen main
conf_write
pg_init pg --wal-segsize=1 -k
pg_archive pg
pg_start pg
sql pg "create table t (n int)"

# backup LABEL N: with N rows in it, and WAL behind it
backup()
{
	sql pg "insert into t select generate_series(
	    (select count(*) from t) + 1, $2)"
	run base-push --fast --quiet --label "$1" >"$T/out" 2>&1 ||
	    die "base-push: $(cat "$T/out")"
	for i in 1 2 3; do
		sql pg "select pg_logical_emit_message(true, 'x', repeat('x',
		    300000)), pg_switch_wal()" >/dev/null
	done
	pg_archived pg
}

labels()
{
	find "$dir/base" -name label -printf '%h\n' | sed 's,.*/,,' | sort
}

# admin [KEY=VALUE]...: no secret, an SSH key that may delete
admin()
{
	conf_write key= restore_key= ssh_key="$T/ssh/admin" expire_grace=0 "$@"
}

# wal FROM TO: how many of these segments are there
wal()
{
	find "$dir/wal" -type f ! -name '*.*' | sed 's,.*/,,' |
	    awk -v a="$1" -v b="$2" '$0 >= a && $0 <= b' | wc -l
}

backup one 10
backup two 20
backup three 30
backup four 40
admin "retention_policy=redundancy 1"
ok "four backups are listed" run backup-list --json
json=$OUT
dir=$REPO/main/$(jq -r '.[0].system_identifier' <<<"$json")
for i in 0 1 2 3; do
	id[i]=$(jq -r ".[0].backups[$i].id" <<<"$json")
	start[i]=$(jq -r ".[0].backups[$i].start_wal" <<<"$json")
	stop[i]=$(jq -r ".[0].backups[$i].stop_wal" <<<"$json")
done

### Pins

exits "--until without --keep" 2 run backup-expire --until 2100-01-01T00:00Z
exits "a date that is past" 2 run backup-expire --keep "${id[1]}" \
    --until 2020-01-01T00:00Z
exits "one that a pin cannot spell" 2 run backup-expire --keep "${id[1]}" \
    --until 9999-12-31T23:59-10
exits "a backup that is not there" 2 run backup-expire \
    --keep 20200101T000000Z
exits "one that is not there beside one that is" 2 run backup-expire \
    --keep "${id[1]}" --release 20200101T000000Z
ok "dry run" run backup-expire -n --keep "${id[1]}"
ok "pins nothing" test ! -e "$dir/base/${id[1]}/label.withdrawn"
ok "a backup is pinned" run backup-expire --keep "${id[1]}"
is "and it says so" "$OUT" "${id[1]}: pinned"
ok "the newest one" run backup-expire --keep latest
is "by its name" "$OUT" "${id[3]}: pinned"
ok "is released" run backup-expire --release latest
is "by its name" "$OUT" "${id[3]}: released"
exits "and not deleted by mistake" 2 run backup-expire --delete latest
has "by that word" "$OUT" "latest now means ${id[3]}: give that id"
exits "nor by its name" 2 run backup-expire --delete "${id[3]}"
has "as the newest" "$OUT" "backup ${id[3]} is the newest"
ok "the one before it, and the second" run backup-expire -n --keep previous \
    --release "next:${id[0]}"
has "are what words say" "$OUT" "^${id[2]}: would be pinned\$"
has "of a neighbour, too" "$OUT" "^${id[1]}: would be released\$"
ok "a word shows" run backup-show oldest
has "the first" "$OUT" "^backup *${id[0]}"
exits "no word" 2 run backup-show newest
exits "nothing behind the last" 1 run backup-show "next:${id[3]}"
ok "a word is verified" run backup-verify --quick previous
ok "until a date" run backup-expire --keep "${id[1]}" \
    --until 2100-01-01T00:00Z --json
is "as JSON" "$(jq -c '.[0] | [.id, .pinned, .pinned_until]' <<<"$OUT")" \
    "[\"${id[1]}\",true,\"2100-01-01T00:00:00Z\"]"
ok "nothing else was done" test "$(labels | wc -l)" = 4
ok "it is listed" run backup-list
has "as pinned" "$OUT" "^${id[1]}: pinned until 2100-01-01T00:00:00Z\$"
ok "and shown" run backup-show "${id[1]}"
has "as pinned" "$OUT" "^expiry       pinned until 2100-01-01T00:00:00Z\$"
ok "as JSON" run backup-show --json "${id[0]}"
is "the others are not" "$(jq -c '[.pinned, .pinned_until]' <<<"$OUT")" \
    "[false,null]"

ok "all but the newest expires" run backup-expire
has "the first" "$OUT" "^  expire ${id[0]}: not needed for redundancy 1"
has "but not the second" "$OUT" \
    "^  keep   ${id[1]}: pinned until 2100-01-01T00:00:00Z"
is "two are left" "$(labels)" "$(printf '%s\n' "${id[1]}" "${id[3]}")"
is "WAL before it went" "$(wal 0 "${start[1]%?}0")" 0
ok "its own stays" test "$(wal "${start[1]}" "${stop[1]}")" -ge 1
is "that of the third went" "$(wal "${start[2]}" "${stop[2]}")" 0
ok "which is no gap to backup-list" run backup-list
is "nor in its JSON" "$(run backup-list --json | jq -c '.[0].gaps')" "[]"
ok "nor to backup-show" run backup-show "${id[1]}"
ok "nor to backup-verify" run backup-verify --quick
has "the window begins with the newest" \
    "$(run backup-list)" "recovery window: from .* \(backup ${id[3]}\)"

is "nor if the policy kept the pinned one, too, for its WAL is gone" \
    "$(run backup-expire -n --json -o "retention_policy=redundancy 2" |
    jq -r '.[0].recovery_window_from')" \
    "$(jq -r '.[0].backups[3].stop_time' <<<"$json")"

conf_write
as mkdir "$T/back"
exits "to the end it cannot be restored" 1 run base-fetch "${id[1]}" "$T/back"
has "and a way is shown" "$OUT" "use --target immediate"
ok "to its own end it can" run base-fetch --target immediate \
    --target-action promote "${id[1]}" "$T/back"
pg_start back
ok "it starts" wait_for t_primary back
is "with what was there then" "$(sql back "select count(*) from t")" 20
pg_stop back

### What is no pin, where one would be

admin "retention_policy=redundancy 1"
as chmod 600 "$dir/base/${id[1]}/label.withdrawn"
as sh -c "echo mine >'$dir/base/${id[1]}/label.withdrawn'"
exits "it is a finding of backup-list" 9 run backup-list
has "with a way out" "$OUT" "^${id[1]}: pinned by something that cannot be re"
exits "and of backup-verify" 9 run backup-verify --quick
exits "and of backup-expire" 9 run backup-expire
is "which keeps the backup" "$(labels)" \
    "$(printf '%s\n' "${id[1]}" "${id[3]}")"

as chmod 000 "$dir/base/${id[1]}/label.withdrawn"
for kind in "a closed file" "a directory" "a large file"; do
	exits "$kind in the way is a finding" 9 run backup-list
	exits "$kind keeps the backup" 9 run backup-expire
	ok "and is released" run backup-expire --release "${id[1]}"
	ok "which is a pin that has ended" run backup-list
	has "since WAL behind it expired" "$OUT" "^${id[1]}: .*has passed\$"
	as rm "$dir/base/${id[1]}/label.withdrawn"
	if test "$kind" = "a closed file"; then
		as mkdir "$dir/base/${id[1]}/label.withdrawn"
	else
		as truncate -s 5M "$dir/base/${id[1]}/label.withdrawn"
	fi
done
conf_write
ok "it stands in no other backup's way" run base-fetch \
    --target immediate "${id[3]}" "$T/other"
admin "retention_policy=redundancy 1"

### A label in the place of its own pin

# squat: what a host that may only add files can do
squat()
{
	as rm -rf "$dir/base/${id[1]}/label.withdrawn"
	as ln "$dir/base/${id[1]}/label" "$dir/base/${id[1]}/label.withdrawn"
}

ok "what is no pin ends" run backup-expire --release "${id[1]}"
squat
exits "it is a finding of backup-list" 9 run backup-list
has "which says so" "$OUT" "^${id[1]}: not pinned, and cannot be, label.with"
exits "of backup-show" 9 run backup-show "${id[1]}"
exits "of backup-verify" 9 run backup-verify --quick
exits "and of backup-expire" 9 run backup-expire -n
exits "--keep refuses" 6 run backup-expire --keep "${id[1]}"
has "with a way out" "$OUT" "or --keep ${id[1]} --force"
ok "with --force the backup is pinned" run backup-expire \
    --keep "${id[1]}" --force
ok "and listed" run backup-list
has "as pinned" "$OUT" "^${id[1]}: pinned\$"
ok "and released" run backup-expire --release "${id[1]}"
squat
ok "--release mends it" run backup-expire --release "${id[1]}"
ok "by removing the second name" test ! -e \
    "$dir/base/${id[1]}/label.withdrawn"
ok "the backup stands" test -e "$dir/base/${id[1]}/label"
lacks "and nothing is found of it" "$(run backup-list)" "withdrawn"

### Released, deleted

ok "pinned" run backup-expire --keep "${id[1]}"
ok "released" run backup-expire --release "${id[1]}"
ok "once more" run backup-expire --release "${id[1]}"
ok "the WAL behind it is no gap" run backup-verify --quick
ok "it expires" run backup-expire
is "one is left" "$(labels)" "${id[3]}"
conf_write
backup five 50
backup six 60
admin minimum_redundancy=3
id[4]=$(labels | sed -n 2p)
id[5]=$(labels | sed -n 3p)
exits "the minimum is held" 2 run backup-expire --delete "${id[4]}"
has "with a way around it" "$OUT" "-o minimum_redundancy=2"
admin
exits "the newest is not deleted by mistake" 2 run backup-expire \
    --delete "${id[5]}"
has "with a way around it" "$OUT" "add --force"
ok "a pinned one" run backup-expire --keep "${id[4]}"
exits "is not deleted" 2 run backup-expire --delete "${id[4]}" --force
ok "released" run backup-expire --release "${id[4]}"
ok "dry run" run backup-expire -n --delete "${id[3]}"
has "says what it costs" "$OUT" \
    "the recovery window began at 20.*, and would begin at 20"
is "nothing is gone" "$(labels | wc -l)" 3
ok "deleted" run backup-expire --delete "${id[3]}" --json
is "with the window that was" "$(jq -r '.[0].recovery_window_was' \
    <<<"$OUT")" "$(jq -r '.[0].backups[3].stop_time' <<<"$json")"
is "it alone is gone" "$(labels)" "$(printf '%s\n' "${id[4]}" "${id[5]}")"
ok "and its WAL" test ! -e "$dir/wal/00000001/00000000/${start[3]}"
ok "with --force the newest" run backup-expire --delete "${id[5]}" --force
is "is deleted" "$(labels)" "${id[4]}"
ok "nothing is missing" run backup-verify --quick

### All at once

conf_write
sleep 1		# ids are seconds, and the last one's claim may be there
backup seven 70
backup eight 80
conf_write "retention_policy=redundancy 1" expire_grace=0 \
    ssh_key="$T/ssh/admin"
background run base-push --fast --quiet >"$T/push.out" 2>&1
push=$BG
background run backup-expire >"$T/expire1.out" 2>&1
first=$BG
background run backup-expire >"$T/expire2.out" 2>&1
second=$BG
wait "$push"
is "a push, beside two expiries" "$?" 0
wait "$first"
is "goes well, as does the one" "$?" 0
wait "$second"
is "and the other" "$?" 0
ok "nothing is missing" run backup-verify
ok "once more" run backup-expire
is "one is left" "$(labels | wc -l)" 1
ok "and is whole" run backup-verify

### Beside a pin, a push that died as soon as it had begun

conf_write
# A push that found its backup gone left a claim there, and counts as one that
# is under way itself: expiry would let no WAL go.
for d in "$dir"/base/*; do
	[ -e "$d/label" ] || [ -e "$d/label.withdrawn" ] || as rm -r "$d"
done
sleep 1
backup nine 90
backup ten 100
sleep 1
dead=$dir/base/$(date -u +%Y%m%dT%H%M%SZ)
as mkdir "$dead"
sleep 1
backup eleven 110
nine=$(labels | tail -3 | head -1)
admin "retention_policy=redundancy 1"
ok "pinned" run backup-expire --keep "$nine"
ok "all but this one and the newest go" run backup-expire
is "and two are left" "$(labels | wc -l)" 2
for i in first second; do
	ok "no gap, the $i time" run backup-list
	is "nothing to mail, the $i time" "$(run backup-verify --quick 2>&1 |
	    grep -v ': 0 findings$')" ""
	ok "expired again" run backup-expire
done

# A standby writes no .backup file, so none says where its backup began.
as find "$dir/wal" -name '*.backup' -delete
ok "no gap if the backup was a standby's" run backup-list
is "nothing to mail" "$(run backup-verify --quick 2>&1 |
    grep -v ': 0 findings$')" ""
as rmdir "$dead"
exits "without the push nothing explains it" 9 run backup-list
ok "expired again" run backup-expire
ok "it has ended" run backup-list
