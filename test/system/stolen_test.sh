#!/bin/bash
# SPDX-License-Identifier: ISC
#
# A stolen push key.  Over the append-only server its thief adds labels, whole
# backups and rubbish; expiry runs from another key, and within expire_grace no
# genuine backup goes.

# shellcheck disable=SC2119
# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

command -v jq >/dev/null || skip "no jq"
sshd_start --append-only
keygen main
conf_write
pg_init pg --wal-segsize=1
pg_archive pg
pg_start pg
for i in 1 2 3; do
	[ "$i" = 1 ] || sleep 1		# ids are seconds
	ok "backup $i" run base-push --fast --quiet
	pg_switch pg
done
pg_archived pg || die "archive"
SYS=$(run backup-list --json | jq -r '.[0].system_identifier')
dir=$REPO/main/$SYS
cp "$CONF" "$T/thief.conf"

admin()
{
	conf_write key= restore_key= ssh_key="$T/ssh/admin" "$@"
}

labels()
{
	find "$dir/base" -name label -printf '%h\n' | sed 's,.*/,,' | sort
}

# What a restore of the genuine backups may need.
genuine()
{
	find "$dir/base" "$dir/wal" -type f -printf '%P %s\n' | sort
}

# forge ID FORM SECONDS: by the thief, ended so many seconds ago
forge()
{
	run forge "$T/thief.conf" "$SYS" "$1" "$2" $(($(date +%s) - $3))
}

# aged DAYS: as if all had lain there for so long
aged()
{
	find "$dir" -exec touch -h -d "$1 days ago" {} +
}

mapfile -t id < <(labels)
is "three backups" "${#id[@]}" 3

### Before: what was made just now makes nothing go

admin "retention_policy=redundancy 2"
as mkdir -m 0 "$dir/tmp/clock" || die "mkdir $dir/tmp/clock"
ok "fresh backups" run backup-expire --json
is "all stay" "$(labels | wc -l)" 3
is "as young ones" "$(jq -c '[.[0].backups[] | .young and .keep]' \
    <<<"$OUT")" "[true,true,true]"
newest=$(find "$dir/base/${id[0]}" -printf '%T@\n' | sort -n | tail -n 1)
is "until a time" "$(jq -r '.[0].backups[0].young_until' <<<"$OUT" |
    cut -c 1-10)" \
    "$(date -u -d "@$((${newest%.*} + 3 * 86400))" +%Y-%m-%d)"
ok "tmp/clock, which the thief had shut" as ls "$dir/tmp/clock"
ok "a dry run" run backup-expire -n
has "names them" "$OUT" \
    "keep   ${id[0]}: young, and counts for nothing before 20"
has "and says why all stay" "$OUT" "as after a copy of it: none expires"
aged 30
ok "once they have lain there" run backup-expire -n
has "the oldest would go" "$OUT" "expire ${id[0]}: not needed for redundancy 2"
has "for those that are newer" "$OUT" "keep   ${id[2]}: one of the 2 newest\$"

### The attack: two labels that are no more than text

admin "retention_policy=redundancy 3"
ok "WAL before the first one goes" run backup-expire
ok "one label" forge 20991230T000001Z label 0
ok "and one more" forge 20991230T000002Z label 0
was=$(genuine)
for policy in "redundancy 2" "redundancy 1"; do
	admin "retention_policy=$policy" minimum_redundancy=1
	exits "expiry with $policy" 9 run backup-expire --dry-run --json
	is "knows what is no backup" "$(jq -r '.[0].backups[] | .lacks //
	    empty' <<<"$OUT")" "$(printf 'base/%s/manifest is missing\n' \
	    20991230T000001Z 20991230T000002Z)"
	is "which pushes out none" "$(jq -r '[.[0].backups[] |
	    select(.keep | not) | .id] | join(" ")' <<<"$OUT")" \
	    "$(case $policy in *2) echo "${id[0]}" ;; *) \
	    echo "${id[0]} ${id[1]}" ;; esac)"
done
exits "as text" 9 run backup-expire -n
has "it is a finding" "$OUT" "keep   20991230T000001Z: incomplete, and "`
    `"counts for nothing: base/20991230T000001Z/manifest is missing"
has "with what to do" "$OUT" "2 backups are incomplete: find out why"
exits "backup-list does not call it a backup" 9 run backup-list
has "that can be restored" "$OUT" "backup 20991230T000002Z cannot be "`
    `"restored: it is incomplete: base/20991230T000002Z/manifest is missing"
is "nor count it in a window" "$(run backup-list --json |
    jq -c '.[0].windows[].backups | length')" 3
exits "nor does backup-show" 9 run backup-show 20991230T000002Z
has "it says why" "$OUT" "recovery     none: it is incomplete: "
conf_write
ok "base-fetch takes a genuine one" run base-fetch --dry-run latest "$T/back"
has "the newest" "$OUT" "backup    ${id[2]}"
has "and says so" "$OUT" "20991230T000002Z: left out, as it is incomplete: "
exits "by its name it is refused" 7 run base-fetch --dry-run \
    20991230T000001Z "$T/back"
is "nothing has gone" "$(genuine)" "$was"

### More of it: with a manifest, with packs that are none, and whole

ok "with a manifest" forge 20991230T000003Z manifest 0
ok "with a pack that is none" forge 20991230T000004Z junk 0
ok "with one that is cut short" forge 20991230T000005Z cut 0
ok "whole" forge 20991230T000006Z whole 0
ok "whole, once more" forge 20991230T000007Z whole 0
ok "whole, and as if it were old" forge 20991230T000008Z whole \
    $((20 * 86400))
was=$(genuine)
admin "retention_policy=redundancy 3"
exits "expiry" 9 run backup-expire --json
is "of the genuine none goes" "$(genuine)" "$was"
is "the others are young or incomplete" "$(jq -c '[.[0].backups[] |
    select(.id > "2099") | .young or (.lacks != null)] | all' <<<"$OUT")" \
    true
what_lacks()
{
	jq -r --arg id "$1" '.[0].backups[] | select(.id == $id) | .lacks' \
	    <<<"$OUT"
}
is "for a missing pack" "$(what_lacks 20991230T000003Z)" \
    "base/20991230T000003Z/pack-00000001 is missing"
is "for one that is none" "$(what_lacks 20991230T000004Z)" \
    "base/20991230T000004Z/pack-00000001 is not authentic, or cannot be read"
is "for a size" "$(what_lacks 20991230T000005Z | sed 's/[0-9]* bytes/N bytes/;
    s/expected [0-9]*/expected M/')" "base/20991230T000005Z/pack-00000001 "`
    `"has N bytes, expected M as its header says"
admin "retention_policy=recovery window of 1 week"
exits "under a recovery window" 9 run backup-expire
is "none goes either" "$(genuine)" "$was"
ok "the genuine ones stay" test "$(labels | grep -c -F -f \
    <(printf '%s\n' "${id[@]}"))" = 3
# The label that claims to have ended 20 days ago has lain there for 4 days.
find "$dir/base" -path '*20991230*' -exec touch -h -d "4 days ago" {} +
find "$dir/wal" -name '*F00' -exec touch -h -d "4 days ago" {} +
exits "after the grace, but not after the window" 9 run backup-expire
has "it begins no window" "$OUT" "keep   20991230T000008Z: in the repository "`
    `"for less than the recovery window"
is "so none goes" "$(genuine)" "$was"

### Afterwards: a person says what goes

for f in 1 2 3 4 5 6 7 8; do
	run backup-expire --delete "20991230T00000${f}Z" --force \
	    >"$T/out" 2>&1
done
is "only the genuine ones are left" "$(labels)" \
    "$(printf '%s\n' "${id[@]}")"
conf_write
as mkdir "$T/back"
ok "and restore" run base-fetch --quiet \
    --target immediate latest "$T/back"
admin "retention_policy=redundancy 1" expire_grace=0
ok "with no grace at all" run backup-expire
is "the policy rules" "$(labels)" "${id[2]}"
