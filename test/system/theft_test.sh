#!/bin/bash
# SPDX-License-Identifier: ISC
#
# A database host is stolen, with its keys.  The commands of the manual page
# seawall-after-a-theft(7) are run one by one, as they stand there; what the
# thief pushes does not count, in the repository and in copies of it.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=test/system/pages.sh
. "$T_TOP/test/system/pages.sh"

command -v jq >/dev/null || skip "no jq"
command -v sftp >/dev/null || skip "no sftp"

PAGE=$T_TOP/cmd/seawall-after-a-theft.7
SYS='' BAD=''

# keys NAME [KEY=VALUE]...: use these key files
keys()
{
	conf_write "key=$T/keys/$1.push" "restore_key=$T/keys/$1.restore" \
	    "public_key=$T/keys/$1.public" \
	    "conninfo=host=$T/${CLUSTER:-pg}.sock port=5432 $T_LOGIN" \
	    "${@:2}"
}

page_map()
{
	sed -e "s,/etc/seawall/,$T/keys/,g" \
	    -e "s,0123456789abcdef,$OLD," \
	    -e "s,2026-11-22 18:00:00+00,$UNTIL," \
	    -e "s,20261122T190000Z,$BAD," \
	    -e "s,/var/lib/postgresql/restored,$T/restored,"
}

stored()
{
	find "$REPO/main/$SYS" -path "*/$1" -type f -printf '%P\n' | sort
}

keygen main
sshd_start --append-only
keys main
pg_init pg --wal-segsize=1
pg_archive pg
pg_start pg
sql pg "create table t as select generate_series(1, 1000) n"
ok "a backup of ours" run base-push --fast
sql pg "insert into t values (1001)"
pg_archived pg
SYS=$(cd "$REPO/main" && echo [0-9]*)
LAST=$(stored 'wal/*' | tail -n 1)
OURS=$(stored 'base/*/label')

# All of this was an hour ago; what follows is now.
find "$REPO" -type f -exec touch -d '1 hour ago' {} +
UNTIL=$(date -u -d '30 minutes ago' '+%Y-%m-%d %H:%M:%S+00')

# The thief: WAL and a backup that look like ours.
sql pg "insert into t values (666666)"
ok "the thief's backup" run base-push --fast
pg_archived pg
THEFT=$(stored 'base/*/label' | grep -vxF "$OURS")
BAD=$(basename "$(dirname "$THEFT")")
FORGED=$(stored 'wal/*' | awk -v last="$LAST" '$0 > last' | head -n 1)
ok "... and its WAL came later" test -n "$FORGED"

# It makes a file at home, gives it an old time, and brings both.
NAME=0000000100000000000000AA
as cp "$REPO/main/$SYS/$FORGED" "$T/$NAME"
as touch -d '2 hours ago' "$T/$NAME"
D=$REPO/main/$SYS/wal/00000001/00000000
printf 'put -p %s %s\n' "$T/$NAME" "$D/$NAME" | as sftp -q -b - \
    -P "$SSH_PORT" -i "$T/ssh/push" -o BatchMode=yes \
    -o "UserKnownHostsFile=$T/ssh/known_hosts" 127.0.0.1 >/dev/null 2>&1
ok "it may add a file" test -f "$D/$NAME"
ok "... and cannot make it older" test "$D/$NAME" -nt "$REPO/main/$SYS/$LAST"
rm -f "$D/$NAME"
pg_end pg
t_agents_end

# Step by step.
OLD=
step 1 "backup-keygen --renew --retire all" 0
OLD=$(sed -n 's/^retired: //p' <<<"$OUT")
has "it names the signer" "$OLD" '^[0-9a-f]{16}$'
keys main2
exits "nothing counts now" 9 run backup-list
has "... for want of an inventory" "$OUT" \
    "signed by $OLD, which is retired in the key file .*no inventory"
has "... and the page is named" "$OUT" "seawall-after-a-theft\(7\)"
exits "a restore is refused" 7 run base-fetch --dry-run \
    "$(basename "$(dirname "$THEFT")")" "$T/none"
exits "--vouch needs --until" 2 run backup-verify --vouch "$OLD"
keys main2 key=
exits "... and the new push key" 3 run backup-verify --vouch "$OLD" \
    --until "$UNTIL"
keys main2 "key=$T/keys/main.push"
exits "... not the old one" 3 run backup-verify --vouch "$OLD" \
    --until "$UNTIL"
has "... which nobody believes" "$OUT" "no signer in service"
keys main2
step 2 "backup-verify --vouch" 0
has "it says what it lists" "$OUT" \
    "^vouched/$OLD-[0-9a-f]{16} vouches for [0-9]+ objects"
has "... and that others came later" "$OUT" \
    "; [1-9][0-9]* came later and do not count"
lacks "... over SSH without a word on the time" "$OUT" "proves nothing"

try run backup-verify --vouch "$OLD" --until "$UNTIL" --signatures \
    --set "ssh_key=$T/ssh/admin"
has "with a key that may delete the time is doubted" "$OUT" \
    "not append-only for this SSH key.*--until proves nothing"
is "... and two inventories of the same do no harm" "$RC" 0

step 3 backup-list 9
has "our backup counts" "$OUT" "signed by $OLD, retired"
has "the thief's does not" "$OUT" \
    "refused: $(basename "$(dirname "$THEFT")"): .*no inventory lists it"
try run backup-list --json
is "... nor as JSON" "$(jq -c '.[0] | [(.backups | length),
    .backups[0].signer, .backups[0].signer_retired,
    (.refused | length)]' <<<"$OUT")" "[1,\"$OLD\",true,1]"
ID=$(jq -r '.[0].backups[0].id' <<<"$OUT")
try run backup-show
has "... which backup-show says" "$OUT" "^signed by    $OLD, retired"
step 4 backup-verify 9
has "each file of the thief is named" "$OUT" "^$FORGED: signed by $OLD"
lacks "... and none of ours" "$OUT" "^$LAST: "

exits "recovery stops at the thief's WAL" 207 run sh -c "cd '$T/pg' &&
    wal-fetch --set agent=off '$(basename "$FORGED")' '$T/fetched'"
has "... with one line" "$(wc -l <<<"$OUT") $OUT" "^1 .*retired in the key"
exits "... and its backup is refused" 7 run base-fetch --dry-run \
    "$(basename "$(dirname "$THEFT")")" "$T/none"
exits "... nor does ours lead past its WAL" 1 run base-fetch --dry-run \
    "$ID" "$T/none"
has "... of which the first is named" "$OUT" \
    "WAL segment $(basename "$FORGED") does not count: "
try run base-fetch --dry-run --trust-signer "$OLD" \
    "$(basename "$(dirname "$THEFT")")" "$T/none"
is "... unless somebody insists" "$RC" 0
has "... which is loud" "$OUT" "warning: trusts the signer $OLD"

# Copies: the inventory goes with them, or nothing counts.
as cp -a "$REPO" "$T/copy"
keys main2 "repository=$T/copy"
exits "a copy says the same" 9 run backup-list --json
is "... of each" "$(jq -c '.[0] | [(.backups | length),
    (.refused | length)]' <<<"$OUT")" "[1,1]"
try run backup-verify --vouch "$OLD" --until "$UNTIL" --signatures
has "a directory's times are doubted" "$OUT" "until proves nothing"
rm -rf "$T/copy/main/$SYS/vouched"
exits "without it" 9 run backup-list --json
is "... none counts" "$(jq -c '.[0] | [(.backups | length),
    (.refused | length)]' <<<"$OUT")" "[0,2]"
BEFORE=$(cd "$T/copy" && find . -path '*/base/*' -o -path '*/wal/*' | sort)
try run backup-expire --set "retention_policy=redundancy 1"
is "... and expiry deletes nothing" "$(cd "$T/copy" &&
    find . -path '*/base/*' -o -path '*/wal/*' | sort)" "$BEFORE"

# Out of the way, as the page says.
while read -r f; do
	rm -f "$REPO/main/$SYS/$f"
done < <(stored 'wal/*' | awk -v last="$LAST" '$0 > last')
keys main
printf '1\t0/200000\tforged\n' | as tee "$T/pg/pg_wal/0000000A.history" \
    >/dev/null
ok "the thief makes a timeline, too" run sh -c \
    "cd '$T/pg' && wal-push pg_wal/0000000A.history"
keys main2 "ssh_key=$T/ssh/admin" "retention_policy=redundancy 1"
exits "nothing expires beside a refused history" 7 run backup-expire
has "... and how to go on is said" "$OUT" "--delete-timeline 10 sets it aside"
step 5 "backup-expire --delete" 0
has "the label is set aside" "$OUT" "label.refused-[0-9]+-[0-9]+"
step 6 "backup-expire --delete-timeline" 0
has "... and so is the history" "$OUT" "0000000A.history.refused-"
keys main2
try run backup-verify --quick
has "what is gone was seen, and how to accept that is said" "$OUT" \
    "if that is intended, remove $T/state/main/$SYS/seen-"
rm -f "$T/state/main/$SYS"/seen-*
ok "now expiry works again" run backup-expire --set \
    "ssh_key=$T/ssh/admin" --set "retention_policy=redundancy 1"

step 7 "base-fetch --dry-run" 0
has "our backup is chosen" "$OUT" "$ID"
step 8 "base-fetch" 0
CLUSTER=restored
keys main2
pg_start restored
wait_for t_primary restored
is "all of ours is back, and nothing of the thief" \
    "$(sql restored "select max(n) from t")" 1001
sql restored "alter system set archive_command =
    '$T_BIN/wal-push --config $CONF %p'"
sql restored "select pg_reload_conf()" >/dev/null
# As on a new host, which has no list of an earlier backup.
rm "$T/state/main/$SYS/last-manifest"
step 9 "base-push --fast" 0
has "it says why it stores everything" "$OUT" \
    "stored anew: .*signed by $OLD.*does not count for a push: see"
step 10 "backup-verify --quick" 0
try run backup-verify --hashes --json
is "everything is signed by one of the two" "$(jq -c '.[0] | [.findings,
    ([.signers[] | .retired] | sort)]' <<<"$OUT")" "[[],[false,true]]"
page_end 10
