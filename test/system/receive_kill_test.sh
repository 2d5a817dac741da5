#!/bin/bash
# SPDX-License-Identifier: ISC
#
# wal-receive killed at each call of the store, before it is done and behind
# it, and each call failing once: what the server was told to be durable can be
# read from the repository, and the next receiver needs no help.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

REPO=$T/repo
failing_copy

# One segment to its end, and a part of another.
write_wal()
{
	sql pg "select pg_switch_wal();
	    insert into t select generate_series(1, 100)" >/dev/null
	sql pg "select pg_current_wal_lsn()"
}

# receive FAIL: to the position LSN; FAIL is for STORE_FAIL, 0 for none
receive()
{
	rm -f "$T/trace"
	as env STORE_TRACE="$T/trace" STORE_FAIL="$1" \
	    PATH="$T/failing:$PATH" SEAWALL_CONFIG="$CONF" \
	    wal-receive --once "$LSN" >"$T/out" 2>"$T/err" </dev/null
}

# Of the calls of a run the last of each kind and place.
calls()
{
	awk '{
		what = $0
		sub(/ *$/, "", what)
		gsub(/[0-9A-Za-z]*[0-9][0-9A-Za-z]*/, "N", what)
		last[what] = NR
	}
	END {
		for (what in last)
			print last[what]
	}' "$T/trace" | sort -nu
}

# How far WAL can be read from the repository: as wal-fetch gives it to a
# recovery that ends with promotion.  "whole" for a complete segment.
readable()
{
	rm -f "$T/home/got" "$T/fake/seawall_padded"
	(cd "$T/fake" && run wal-fetch --set agent=off "$1" "$T/home/got" \
	    2>&1 </dev/null) >"$T/said" || { echo 0/0; return; }
	sed -n 's,.*up to \(LSN \)\?\([0-9A-F]*/[0-9A-F]*\).*,\2,p' \
	    "$T/said" | grep . || echo whole
}

# Whether all that the slot has released is there.
durable()
{
	local lsn seg at

	lsn=$(sql pg "select restart_lsn from pg_replication_slots")
	seg=$(sql pg "select pg_walfile_name('$lsn'::pg_lsn)")
	at=$(readable "$seg")
	[ "$at" != whole ] || return 0
	[ "$(sql pg "select '$at'::pg_lsn >= '$lsn' or
	    ('$lsn'::pg_lsn - '0/0') % 1048576 = 0")" = t ] && return 0
	echo "acknowledged: $lsn, readable: $at of $seg"
	return 1
}

# shellcheck disable=SC2119
keygen
conf_write repository="$REPO" streaming_conninfo="host=$T/pg.sock port=5432 \
user=postgres" status_interval=1s wal_compression=zstd:1 fetch_retry=0
pg_init pg --wal-segsize=1
pg_conf pg "wal_keep_size = 1GB"
pg_start pg
sql pg "create table t (i int)"
LSN=$(write_wal)
as mkdir -p "$T/fake/global" "$T/fake/pg_wal"
as cp "$T/pg/global/pg_control" "$T/fake/global/"
as cp "$T/pg/PG_VERSION" "$T/fake/"
as touch "$T/fake/recovery.signal"
ok "the first" run wal-receive --from-now --once "$LSN"

LSN=$(write_wal)
receive 0 || die "without a failure: $(cat "$T/err")"
durable || die "without a failure"
calls >"$T/calls"
count=0
wrong=0
for how in '!' '+!' '' '+'; do
	while read -r n; do
		LSN=$(write_wal)
		receive "$n$how"
		rc=$?
		grep -q ' FAILS' "$T/trace" || continue
		count=$((count + 1))
		what=$(grep ' FAILS' "$T/trace" | sed 's/ FAILS *$//')
		case "$how$rc" in
		*!137|0|+0) ;;
		*)	fail "$how $what: status $rc: $(cat "$T/err")"
			wrong=$((wrong + 1))
			;;
		esac
		if ! durable; then
			fail "$how $what: acknowledged and not durable"
			wrong=$((wrong + 1))
		fi
		[ "$wrong" -lt 5 ] || break 2
	done <"$T/calls"
done
is "$count calls that were not done, or not answered" "$wrong" 0
ok "these are not few" test "$count" -ge 30
LSN=$(write_wal)
ok "at last" run wal-receive --once "$LSN"
ok "what is stored is what the server has" same_wal pg 00000001
