#!/bin/bash
# SPDX-License-Identifier: ISC
#
# wal-receive with a key that may only add, and a repository whose disk is
# full: no commit is acknowledged, and all goes on when there is room again.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

opens()
{
	find "$REPO/main" -name '*.open-*' -printf '%f\n' | sort
}

fills()
{
	! as dd if=/dev/zero of="$T/small/fill" bs=4096 conv=notrunc \
	    oflag=append 2>/dev/null
}

small_disk "$T/small" 24m || {
	# Without the privilege to mount there is no such disk.
	say "no small disk can be mounted: a directory instead"
	as mkdir -p "$T/small"
	fills()
	{
		as chmod 500 "$T/small/repo/main"/*/wal/*/*
	}
}
REPO=$T/small/repo
as mkdir -p "$REPO"
sshd_start --append-only
# shellcheck disable=SC2119
keygen
conf_write streaming_conninfo="host=$T/pg.sock port=5432 user=postgres" \
    status_interval=1s wal_compression=zstd:1 agent=off
pg_init pg --wal-segsize=1
pg_conf pg "wal_keep_size = 1GB"
pg_start pg
sql pg "create table t (round int, client int, n int)"
receiver --from-now
wait_for grep -q "streaming timeline 1" "$T/receive.log" ||
    die "it does not stream"
require pg
wait_for synced pg || die "it is no synchronous standby"
first=$(pg_switch pg)
sql pg "insert into t values (0, 0, 0)" && pass "commits return"
wait_for eval "stored_segments | grep -qx '$first'" ||
    fail "a segment has no name"
has "open objects stay where nothing can be removed" "$(opens)" "^$first"

client pg 1 1 &
wait_for test -s "$T/acked.1"
fills
wait_for grep -qE "full|No space|space|refused|ermission" "$T/receive.log" ||
    fail "nothing is said of a full disk"
before=$(wc -l <"$T/acked.1")
wait_for eval "[ \$(grep -c 'streaming timeline' '$T/receive.log') -ge 3 ]" ||
    fail "it does not try again"
is "no commit returns" "$(wc -l <"$T/acked.1")" "$before"
as rm -f "$T/small/fill"
as chmod -R u+w "$REPO"
wait_for eval "[ \$(wc -l <'$T/acked.1') -gt $((before + 10)) ]" &&
    pass "they return when there is room, without help"
last=$(pg_switch pg)
wait_for eval "stored_segments | grep -qx '$last'" ||
    fail "a segment has no name"
ok "what is stored is what the server has" same_wal pg 00000001
