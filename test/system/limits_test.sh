#!/bin/bash
# SPDX-License-Identifier: ISC
#
# What Seawall leaves to others: bandwidth limits, and the idle priority of
# base-push.  Time is asked only for not being too short.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

RATE=500				# kB/s

# CPU policy and I/O class of every thread, one line for all that are alike;
# 5 is SCHED_IDLE (sched.h), field 41 of proc(5)'s stat.
classes()
{
	local t

	for t in "/proc/$1/task"/*; do
		sed 's/.*) //' "$t/stat" 2>/dev/null | cut -d' ' -f39
		ionice -p "${t##*/}" 2>/dev/null
	done | sort -u | paste -sd' '
}

# The process id of our program, as soon as it has so many threads.
pid_of()
{
	local p

	for p in /proc/[0-9]*; do
		[ "$(readlink "$p/exe" 2>/dev/null)" = "$T_BIN/$1" ] &&
		    set -- "$1" "$2" "$p"/task/* && [ $# -ge $(($2 + 2)) ] &&
		    echo "${p#/proc/}" && return 0
	done
	return 1
}

now_ms()
{
	echo $(($(date +%s%N) / 1000000))
}

# slow WHAT BYTES COMMAND...: it takes as long as RATE demands, at least.
slow()
{
	local what=$1 bytes=$2 start ms

	shift 2
	start=$(now_ms)
	ok "$what" "$@"
	ms=$(($(now_ms) - start))
	[ "$ms" -ge $((bytes * 1000 / (RATE * 1024))) ]
	is "$what: $bytes bytes in $ms ms are not too fast" $? 0
}

stored()
{
	find "$REPO" -path "$1" -type f -printf '%s\n' |
	    awk '{ n += $1 } END { print n + 0 }'
}

# classes_of [OPTION]...: of a base-push that takes hours, until it is killed.
classes_of()
{
	background run base-push --fast -o base_bandwidth_limit=1 "$@" \
	    >"$T/base.log" 2>&1
	wait_for pid_of base-push 3 || die "base-push: $(cat "$T/base.log")"
	classes "$(pid_of base-push 3)"
	bg_signal KILL
	wait "$BG" 2>/dev/null
}

keygen main >/dev/null
sshd_start "MaxStartups 200"
pg_init pg --wal-segsize=1
conf_write data_directory="$T/pg" wal_compression=none
pg_archive pg
pg_start pg
pg_archived pg || die "archiving does not work"

### Base backups

conf_write data_directory="$T/pg" wal_compression=none jobs=2 \
    base_bandwidth_limit="$RATE"
is "base-push has idle priority, each thread" \
    "$(classes_of -o idle_priority=on)" "5 idle"
is "with idle_priority = off it is like others" "$(classes_of)" \
    "0 $(ionice -p $$)"
rm -rf "$REPO"/main/*/base "$T/state"/*
START=$(now_ms)
ok "base-push with a limit succeeds" run base-push --fast
MS=$(($(now_ms) - START))
BYTES=$(stored '*/base/*/pack-*')
[ "$BYTES" -gt $((RATE * 1024)) ]
is "$BYTES bytes are more than a second's worth" $? 0
[ "$MS" -ge $((BYTES * 1000 / (RATE * 1024))) ]
is "base-push: $BYTES bytes in $MS ms are not too fast" $? 0
# All of the second that may be made up for.
slow "base-fetch with a limit succeeds" $((BYTES - RATE * 1024)) \
    run base-fetch latest "$T/back"

### WAL

sql pg "alter system set archive_command = 'false'"
sql pg "select pg_reload_conf()" >/dev/null
sql pg "create table t (line text)"
for agent in off on; do
	conf_write data_directory="$T/pg" wal_compression=none \
	    wal_bandwidth_limit="$RATE" agent="$agent"
	sql pg "insert into t select md5(i::text)
	    from generate_series(1, 20000) i"
	SEG=$(pg_switch pg)
	as cp "$T/pg/pg_wal/$SEG" "$T/state/orig"
	slow "wal-push with a limit, agent $agent" 1048576 \
	    run wal-push "$T/pg/pg_wal/$SEG"
	slow "wal-fetch with a limit, agent $agent" 1048576 \
	    run wal-fetch "$SEG" "$T/state/seg"
	same "brings what was pushed" "$T/state/orig" "$T/state/seg"
done
