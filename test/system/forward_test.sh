#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Two clusters in one account, with one secret that reads both.  A thief of
# host B copies what A stored, which it cannot read, signs it at B's place,
# and waits for somebody to restore B.  Nothing of A is ever opened there.
#
# A's keys are those of the golden objects, in key files of version 1, so A
# has objects of header version 2 as well.  B's are renewed from them: the
# recipient is shared, the signer is B's own.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

command -v jq >/dev/null || skip "no jq"
[ -x "$T_BIN/forward" ] || skip "no forward: make the tools first"

GOLDEN=$T_TOP/test/data
OLD_ID=20261122T040001Z
SECRET="the secret of A"

# use CLUSTER [KEY=VALUE]...: its configuration, from here on
use()
{
	CONF=$T/$1.conf
	conf_write "key=$T/keys/$1.push" "restore_key=$T/keys/$1.restore" \
	    "public_key=$T/keys/$1.public" "data_directory=$T/$1" \
	    "conninfo=host=$T/$1.sock port=5432 $T_LOGIN" fetch_retry=0s \
	    wal_compression=none base_compression=none "${@:2}"
	sed -i "s/^\[main\]/[$1]/" "$CONF"
}

# The thief's SFTP, with the key of the database hosts.
sftp_as_b()
{
	printf '%s\n' "$@" | as sftp -q -F none -i "$T/ssh/push" \
	    -o IdentitiesOnly=yes -o BatchMode=yes \
	    -o UserKnownHostsFile="$T/ssh/known_hosts" -b - \
	    -P "$SSH_PORT" "$T_USER@127.0.0.1" >/dev/null
}

# object KEY PATH VERSION FILE: theirs, signed at B's place and stored there
object()
{
	run forward object "$T/keys/$1.push" b "$B_ID" "$2" "$3" \
	    <"$4" >"$T/loot/out" && store "$2"
}

# store PATH: what is in T/loot/out
store()
{
	local d=$REPO/b/$B_ID/$1

	chmod 644 "$T/loot/out"
	sftp_as_b "-mkdir ${d%/*/*}" "-mkdir ${d%/*}" "put $T/loot/out $d"
}

# What came out of it, anywhere but on A.
leaked()
{
	grep -rlaF "$SECRET" "$T/out" "$T/state" 2>/dev/null
}

# never WHAT NAME PATTERN: B does not get this WAL file
never()
{
	exits "$1" 207 run wal-fetch "$2" "$T/out/$2"
	has "... for the right reason" "$OUT" "$3"
	ok "... and nothing is there" test ! -e "$T/out/$2"
	is "... nor anywhere" "$(leaked)" ""
}

# never_base WHAT ID PATTERN
never_base()
{
	exits "$1" 7 run base-fetch --target immediate "$2" "$T/out/$2"
	has "... for the right reason" "$OUT" "$3"
	is "... and nothing of it is there" "$(leaked)" ""
	rm -rf "$T/out/$2"
}

# relabel ID MANIFEST PACKS: A's label, as one of B's
relabel()
{
	local len

	len=$((0x$(od -An -tx1 -j10 -N2 "$2" | tr -d ' ')))
	tail -n +2 "$T/loot/label" | jq -c --arg id "$1" --arg sys "$B_ID" \
	    --arg hash "$(head -c "$len" "$2" | b2sum -l 256 | cut -c1-64)" \
	    --argjson size "$(stat -c %s "$2")" --argjson packs "$3" \
	    '.id = $id | .server = "b" | .system_identifier = $sys |
	    .manifest_hash = $hash | .manifest_size = $size |
	    .packs = [{backup: $id, ranges: [1, $packs]}]' | tr -d '\n'
}

# backup KEY ID VERSION MANIFEST PACK...: A's backup at B's place
backup()
{
	local p

	for p in "${@:5}"; do
		object "$1" "base/$2/pack-${p##*-}" "$3" "$p" || return 1
	done
	object "$1" "base/$2/manifest" "$3" "$4" &&
	    relabel "$2" "$T/loot/out" $(($# - 4)) >"$T/loot/text" &&
	    run forward text "$T/keys/$1.push" b "$B_ID" "base/$2/label" \
	    label <"$T/loot/text" >"$T/loot/out" && store "base/$2/label"
}

### Two clusters

as mkdir "$T/loot" "$T/out"
for k in push restore public; do
	cp "$GOLDEN/golden.$k" "$T/keys/a.$k" || die "golden keys"
	chmod 600 "$T/keys/a.$k"
	[ "$(id -u)" != 0 ] || chown "$T_USER:$T_GID" "$T/keys/a.$k"
done
run backup-keygen --renew "$T/keys/a" "$T/keys/b" >/dev/null ||
    die "renewed keys"
is "both share the recipient" "$(grep ^recipient "$T/keys/b.push")" \
    "$(grep ^recipient "$T/keys/a.push")"
sshd_start --append-only
for c in a b; do
	use "$c"
	pg_init "$c" --wal-segsize=1
	pg_archive "$c"
	pg_start "$c"
	sql "$c" "create table t as select n, 'the secret of ' || upper('$c')
	    from generate_series(1, 100) n"
	ok "a backup of $c" run base-push --fast
	sql "$c" "insert into t select * from t"
	pg_archived "$c" || die "archive of $c"
done
A_ID=$(pg_system_id a)
B_ID=$(pg_system_id b)
SEGMENT=$(basename "$(find "$REPO/a" -path '*/wal/*' -type f -name \
    '????????????????????????' | sort | tail -n 1)")
LAST=$(sql a "select pg_walfile_name(pg_current_wal_lsn())")
while [ "$(sql b "select pg_walfile_name(pg_current_wal_lsn())")" \
    '<' "$LAST" ]; do
	sql b "insert into t values (0, '')"
	pg_archived b || die "archive of b"
done
A=$(basename "$(dirname "$(find "$REPO/a" -name label)")")
B=$(basename "$(dirname "$(find "$REPO/b" -name label)")")
pg_stop a
pg_stop b
t_agents_end
use a
ok "A's WAL can be read" run wal-fetch "$SEGMENT" "$T/loot/plain"
ok "... and holds the secret" grep -qaF "$SECRET" "$T/loot/plain"
use b

### What the thief copies

LOG=wal/00000001/00000000
sftp_as_b "get $REPO/a/$A_ID/$LOG/$SEGMENT $T/loot/segment" \
    "get $REPO/a/$A_ID/base/$A/label $T/loot/label" \
    "get $REPO/a/$A_ID/base/$A/manifest $T/loot/manifest" \
    "get $REPO/a/$A_ID/base/$A/pack-* $T/loot/" ||
    die "no loot"

### A segment at B's place

f=0000000100000000000000F
ok "a segment, signed by B" object b "$LOG/${f}0" 3 "$T/loot/segment"
never "... is not opened" "${f}0" "not authentic"
ok "the same by A's own key" object a "$LOG/${f}1" 3 "$T/loot/segment"
never "... is not opened" "${f}1" "not authentic"
ok "the same as version 2" object b "$LOG/${f}2" 2 "$T/loot/segment"
never "... is refused" "${f}2" "version 2 does not count from signer"
ok "... and where version 2 counts" object a "$LOG/${f}3" 2 \
    "$T/loot/segment"
never "... it is not opened" "${f}3" "not authentic"
use b agent=off
never "without an agent neither" "${f}0" "not authentic"
use b

### A backup at B's place

ok "a whole backup, signed by B" backup b "$A" 3 "$T/loot/manifest" \
    "$T"/loot/pack-*
never_base "... its manifest is not opened" "$A" "manifest.*not authentic"
exits "... and verified" 9 run backup-verify "$A"
has "... it is a finding" "$OUT" "base/$A/manifest: .*not authentic"

# The thief can write manifests: so a pack alone, below one that is genuine.
rm -f "$REPO/b/$B_ID/base/$B/pack-00000001"
ok "a pack in B's own backup" object b "base/$B/pack-00000001" 3 \
    "$T/loot/pack-00000001"
# Its size is not that of B's pack, so base-fetch need not even open it.
never_base "... is not opened" "$B" "chunk is not authentic|is incomplete"

### What A stored before, with header version 2

old=$GOLDEN/golden-2
ok "an old object, signed by B today" object b wal/00000002.history 2 \
    "$GOLDEN/golden-wal-2"
never "... is refused" 00000002.history "version 2 does not count from signer"
ok "an old backup" backup b "$OLD_ID" 2 "$old-manifest" \
    "$old-pack-00000001"
never_base "... is refused" "$OLD_ID" "version 2 does not count from signer"

# By the key that A had before it was renewed: this is why it must go.  A
# reader that says until when it counted refuses what is signed today.
ok "by the old key" object a wal/00000003.history 2 "$GOLDEN/golden-wal-2"
ok "... it counts" run wal-fetch 00000003.history "$T/loot/history"
sed "s/v2-until 9999-12-31T23:59:59Z/v2-until $(date -u -d '1 hour ago' \
    +%Y-%m-%dT%H:%M:%SZ)/; /^check/d" "$T/keys/b.restore" >"$T/loot/key"
sum=$(b2sum -l 256 "$T/loot/key" | cut -c1-8)
cat "$T/loot/key" - >"$T/keys/until.restore" <<<"check $sum"
chmod 600 "$T/keys/until.restore"
[ "$(id -u)" != 0 ] || chown "$T_USER:$T_GID" "$T/keys/until.restore"
use b "restore_key=$T/keys/until.restore"
never "... until v2-until says no" 00000003.history \
    "version 2 does not count from signer"
