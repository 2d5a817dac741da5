#!/bin/bash
# SPDX-License-Identifier: ISC
#
# backup-list and backup-expire over SSH, with a .public key alone: what they
# show and let go of a real cluster's backups.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

command -v jq >/dev/null || skip "no jq"
sshd_start --append-only
keygen main
conf_write
pg_init pg --wal-segsize=1 -k
pg_archive pg
pg_start pg
sql pg "create table t (a int, b text)"

backup()
{
	sql pg "insert into t select i, md5(i::text)
	    from generate_series(1, 20000) i"
	run base-push --fast --quiet --label "$1" >"$T/out" 2>&1 ||
	    die "base-push: $(cat "$T/out")"
	pg_archived pg
}

labels()
{
	find "$dir/base" -name label -printf '%h\n' | sed 's,.*/,,' | sort
}

pg_archived pg
ok "no backup yet" run backup-list
has "is said" "$OUT" "recovery window: none"
backup one
backup two
backup three

# From here on as an administrator would: no secret, another SSH key.
conf_write key= restore_key= ssh_key="$T/ssh/admin"
ok "three backups are listed" run backup-list
has "with their names" "$OUT" "^  [0-9]{8}T[0-9]{6}Z(-[0-9]+)? .* two  "
has "what expiry would do is not known here" "$OUT" " two    -\$"
has "all is well" "$OUT" "^status: ok; 3 backups, the newest [0-9]+[sm].* old"
has "and the window" "$OUT" \
    "^recovery window: from 20.*Z\) to WAL [0-9A-F]{24}, LSN .*, archived 20"
has "and timelines" "$OUT" "^  BACKUP +ENDED +AGE +TIMELINE +SIZE "
ok "with a policy" run backup-list -o "retention_policy=redundancy 1" \
    -o expire_grace=0
has "what expiry would keep" "$OUT" " three  one of the 1 newest\$"
has "and what not" "$OUT" " one    no: not needed for redundancy 1\$"
try run backup-expire -n -o "retention_policy=redundancy 1" -o expire_grace=0
has "as it says itself" "$OUT" "^  expire .*: not needed for redundancy 1\$"
ok "a picture" run backup-list --picture
has "of the one line" "$OUT" "^timeline 1 +●"
has "with what is not known" "$OUT" "^what expires is not known: no ret"
ok "a page" run backup-list --picture "$T/state/list.html"
is "and nothing here" "$OUT" ""
ok "another, in its place" run backup-list --picture "$T/state/list.html" \
    -o "retention_policy=recovery window of 7 days" -o expire_grace=0
has "with what expires" "$(cat "$T/state/list.html")" \
    "<p>expires next: $(jq -r '.[0].backups[0].id' <<<"$(run backup-list \
    --json)"), not before 20"

cp "$T/state/list.html" "$T/phone.html"
ok "a picture in a file" run backup-list --picture "$T/state/list.svg"
has "is SVG" "$(head -n 2 "$T/state/list.svg")" "^<svg "
exits "of what kind" 2 run backup-list --picture "$T/state/list.png"
exits "a file without it" 2 run backup-list "$T/state/list.svg"
exits "not in JSON" 2 run backup-list --picture --json
exits "a server that is not there" 1 run backup-list -o repository="$T/none" \
    --picture "$T/state/list.html"
has "is named in it" "$(cat "$T/state/list.html")" "server main is not known"

### The page in a browser, as wide as a telephone

BROWSER=$(command -v chromium chromium-browser google-chrome | head -n 1)
if [ -n "$BROWSER" ]; then
	mkdir "$T/browser"
	jq -Rrs '"<!DOCTYPE html><body style=margin:0><iframe id=f " +
	    "style=width:360px;height:800px;border:0 srcdoc=\"" + @html +
	    "\"></iframe><pre id=said></pre>"' "$T/phone.html" \
	    >"$T/browser/page.html"
	cat "$T_TOP/test/system/phone.html" >>"$T/browser/page.html"
	LOOKED=$(timeout "$T_HANG" "$BROWSER" --headless --no-sandbox \
	    --disable-gpu --disable-background-networking --no-first-run \
	    --user-data-dir="$T/browser/profile" --virtual-time-budget=2000 \
	    --dump-dom "file://$T/browser/page.html" 2>"$T/browser/log")
	is "what a browser finds wrong with the page" \
	    "$(sed -n 's,.*<pre id="said">\(.*\)</pre>.*,\1,p' \
	    <<<"$LOOKED")" "as it should be"
else
	is "no browser: only CI needs one" "${CI:-}" ""
fi

TZ=CET-1 ok "in the zone of this host" run backup-list --local
has "ends" "$OUT" " 20[0-9-]*T[0-9:]*\+0100 "
lacks "and nothing in UTC" "$OUT" ":[0-9][0-9]Z"
ok "as JSON" run backup-list --json
json=$OUT
is "one window" "$(jq -c '.[0].windows |
    map([.timeline, (.backups | length)])' <<<"$json")" "[[1,3]]"
is "the same as that of the newest line" \
    "$(jq -c '.[0].windows[0] | del(.timeline, .backups)' <<<"$json")" \
    "$(jq -c '.[0].recovery_window' <<<"$json")"
is "three" "$(jq -r '.[0].backups | length' <<<"$json")" 3
is "all with their WAL" \
    "$(jq -c '[.[0].backups[].wal_complete]' <<<"$json")" \
    "[true,true,true]"
is "no gaps" "$(jq -c '.[0].gaps' <<<"$json")" "[]"
one=$(jq -r '.[0].backups[0].id' <<<"$json")
two=$(jq -r '.[0].backups[1].id' <<<"$json")
three=$(jq -r '.[0].backups[2].id' <<<"$json")
sys=$(jq -r '.[0].system_identifier' <<<"$json")

ok "one is shown" run backup-show "$two"
has "its label" "$OUT" "^backup       $two, two\$"
has "its cluster" "$OUT" "^server       main, system identifier $sys\$"
has "its packs" "$OUT" "^packs        [0-9]+ of its own"
has "how far it can be recovered" "$OUT" \
    "^recovery     from 20.*Z to WAL [0-9A-F]{24}, LSN .*, archived 20"
ok "as JSON" run backup-show --json "$two"
is "the same facts" \
    "$(jq -c '[.id, .label, .wal_complete, .gaps]' <<<"$OUT")" \
    "[\"$two\",\"two\",true,[]]"
is "with its packs" "$(jq -r '[.packs[].backup] | index("'"$two"'") != null' \
    <<<"$OUT")" true
ok "the newest, if none is named" run backup-show
has "that is the third" "$OUT" "^backup       $three, three\$"
exits "no such backup" 1 run backup-show 20200101T000000Z
exits "no backup's name" 2 run backup-show three
is "the window begins with the first" \
    "$(jq -r '.[0].recovery_window.from_backup' <<<"$json")" "$one"
last=$(jq -r '.[0].recovery_window.to_wal' <<<"$json")
is "and ends with the last archived segment" "$last" \
    "$(cd "$REPO/main/$sys/wal" && find . -type f -name '0*' |
    sed 's,.*/,,' | grep -v '\.' | sort | tail -n 1)"

dir=$REPO/main/$sys
# Uploads under way do not count; an append-only server keeps the remains.
count() { find "$dir" -type f ! -path "*/tmp/*" | wc -l; }

exits "no policy, no expiry" 3 run backup-expire
before=$(count)
all() { find "$REPO" -printf '%p %T@ %C@\n' | sort; }
listing=$(all)
ok "dry run" run backup-expire -n -o expire_grace=0 \
    -o 'retention_policy=redundancy 2'
has "says what goes" "$OUT" "expire $one: not needed for redundancy 2"
has "and what stays" "$OUT" "keep   $two: one of the 2 newest"
has "and the window" "$OUT" "what remains can be recovered from 20"
has "and by which clock" "$OUT" "judged by this host's clock alone"
is "and writes nothing" "$(all)" "$listing"
exits "a slip in --keep" 2 run backup-expire --keep 20200101T000000Z \
    -o 'retention_policy=redundancy 1'
is "deletes nothing" "$(count)" "$before"

conf_write key= restore_key= expire_grace=0 \
    "retention_policy=redundancy 2"
exits "the pushing key may not" 5 run backup-expire
is "and nothing is gone" "$(count)" "$before"
conf_write key= restore_key= ssh_key="$T/ssh/admin" \
    expire_grace=0 "retention_policy=redundancy 2"
# What lies there, each file once, whatever names it has.
stored() { find "$dir" -type f -printf '%i %s\n' | sort -u | awk '{ n += $2 }
    END { print n }'; }
was=$(stored)
ok "uploads have left second names" \
    test "$(find "$dir/tmp" -type f -links +1 | wc -l)" -gt 9
ok "the administrator's may" run backup-expire --json
is "and frees what it says" "$((was - $(stored)))" \
    "$(jq '.[0] | .backup_files.bytes + .wal_files.bytes +
    .unfinished_uploads.bytes' <<<"$OUT")"
is "at once: no second name is left" "$(find "$dir" -type f -links +1)" ""
is "the first is gone" "$(labels)" "$(printf '%s\n' "$two" "$three")"
ok "but for what the others need of it" \
    test ! -e "$dir/base/$one/manifest" -a -e "$dir/base/$one/pack-00000001"
first=$(jq -r '.[0].backups[1].start_wal' <<<"$json")
is "and the WAL before the second" \
    "$(find "$dir/wal" -type f | sed 's,.*/,,' | grep -v '\.' | sort |
    head -n 1)" "$first"
ok "nothing is missing afterwards" run backup-list
ok "once more" run backup-expire --json
is "there is nothing to do" \
    "$(jq -c '[.[0].backup_files.files, .[0].wal_files.files]' <<<"$OUT")" \
    "[0,0]"

conf_write
as mkdir "$T/back"
ok "what is kept is restored" run base-fetch "$two" "$T/back"
conf_write key= restore_key= ssh_key="$T/ssh/admin" \
    expire_grace=0 "retention_policy=redundancy 1"

# The segment before the third backup is lost.
third=$(jq -r '.[0].backups[2].start_wal' <<<"$json")
gap=$(find "$dir/wal" -type f ! -name '*.*' | sort | grep -B 1 "/$third\$" |
    head -n 1)
mv "$gap" "$T/gap"
exits "a gap is a finding" 9 run backup-list
has "and named" "$OUT" "^gap: WAL $(basename "$gap") to "
exits "as JSON too" 9 run backup-list --json
is "with its name" "$(jq -r '.[0].gaps[0].first' <<<"$OUT")" \
    "$(basename "$gap")"
is "and a window on each side" \
    "$(jq -c '[.[0].windows[].from_backup]' <<<"$OUT")" \
    "[\"$three\",\"$two\"]"
is "of which the newest is as before" \
    "$(jq -r '.[0].recovery_window.from_backup' <<<"$OUT")" "$three"
exits "one that is cut off" 9 run backup-show "$two"
has "shows where" "$OUT" "^gap: WAL $(basename "$gap") to "
mv "$T/gap" "$gap"
ok "mended" run backup-list

# A label is not what was signed.
label=$dir/base/$two/label
cp -p "$label" "$T/label"
chmod 600 "$label"
sed -i 's/"label":"two"/"label":"2"/' "$label"
exits "a changed label is a finding" 9 run backup-list
has "and named" "$OUT" "^refused: $two: label of $two: "
exits "nor is it shown" 7 run backup-show "$two"
before=$(count)
exits "nothing is expired then" 7 run backup-expire
has "and it says why" "$OUT" "nothing is deleted"
is "nothing is gone" "$(count)" "$before"
has "with a way out" "$OUT" "unless --delete $two sets that label aside"
ok "a dry run of it" run backup-expire -n --delete "$two"
has "names the label" "$OUT" "label of $two would be set aside"
ok "changes nothing" test -e "$label"
ok "set aside" run backup-expire --delete "$two"
has "with its new name" "$OUT" "set aside as base/$two/label.refused-"
ok "it is there" test -e "$dir/base/$two"/label.refused-*-*
ok "the label is not" test ! -e "$label"
is "nothing is gone" "$(count)" "$before"
lacks "it is refused no longer" "$(run backup-list)" "^refused"
ok "and expiry goes on" run backup-expire -n
exits "a second time it is no backup" 2 run backup-expire --delete "$two"
rm "$dir/base/$two"/label.refused-*-*
mkdir "$label"
exits "a directory in its place is a finding" 9 run backup-list
has "and named" "$OUT" "^refused: $two: label of $two: "
ok "the others are shown" run backup-show "$three"
ok "set aside, too" run backup-expire --delete "$two"
ok "so that it is gone" test ! -e "$label"
rmdir "$dir/base/$two"/label.refused-*-*
cp -p "$T/label" "$label"
ok "mended, the second goes" run backup-expire
is "one is left" "$(labels)" "$three"

# Not mounted is not empty.
mv "$REPO" "$REPO.away"
exits "the disk is away" 1 run backup-list
has "and is asked for" "$OUT" "is its disk mounted"
mv "$REPO.away" "$REPO"
