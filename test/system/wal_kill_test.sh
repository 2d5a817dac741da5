#!/bin/bash
# SPDX-License-Identifier: ISC
#
# wal-push and wal-fetch killed at many points, full disks, servers that stop
# answering, servers that only let add: what is visible is complete, and the
# next run is right.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

conf()
{
	# What is killed is to be what does the work.
	conf_write "data_directory=$T/pg" wal_compression=none \
	    fetch_retry=0s agent=off "$@"
}

# segment N: T/seg/NAME, a segment of the cluster; NAME is set.
segment()
{
	local at=$1

	NAME=$(printf '0000000100000000%08X' "$at")
	{
		head -c 8 "$T/first"
		printf '%b' "\\0000\\0000\\0$(printf '%o' \
		    $((at % 16 * 16)))\\0$(printf '%o' $((at / 16)))"
		printf '\0\0\0\0'
		tail -c +17 "$T/first" | head -c 499984
		head -c 548576 /dev/urandom
	} >"$T/seg/$NAME"
	chmod 644 "$T/seg/$NAME"
}

stored()
{
	find "$REPO" -path '*/wal/*' -type f 2>/dev/null | wc -l
}

# came_back WHAT: NAME is in the repository as it is here.  Read without SSH,
# which is quicker.
came_back()
{
	rm -f "$T/get/$NAME"
	if ! run wal-fetch --set "repository=$REPO" "$NAME" "$T/get/$NAME" ||
	    ! cmp -s "$T/seg/$NAME" "$T/get/$NAME"; then
		fail "$1: $NAME does not come back"
	fi
}

sshd_start ""
relay_start 2
keygen main >/dev/null
conf
as mkdir "$T/seg" "$T/get"
[ "$(id -u)" != 0 ] || chown root "$T/seg"
chmod 755 "$T/seg"
pg_init pg --wal-segsize=1
cp "$(find "$T/pg/pg_wal" -name '0000*' | sort | head -n 1)" "$T/first"

### wal-push killed

push_it()
{
	run wal-push "$T/seg/$NAME"
}

segment 200
run wal-push "$T/seg/$NAME" || fail "the first push"
pushes=0 early=0 wrong=0
segment 1
killed_one()
{
	pushes=$((pushes + 1))
	case $1 in
	0 | 137) ;;
	*) fail "push $pushes: status $1" ;;
	esac
	# Visible is complete, also before the next push.
	if [ "$(stored)" = $((pushes + 1)) ]; then
		early=$((early + 1))
		came_back "killed"
	fi
	run wal-push "$T/seg/$NAME" || fail "push $pushes once more: status $?"
	came_back "once more"
	[ "$(stored)" = $((pushes + 1)) ] || wrong=$((wrong + 1))
	segment $((pushes + 1))
}
kill_spread 60 push_it 2>/dev/null
ok "pushes were killed ($N_KILLED of $pushes, $early visible then)" \
    test "$N_KILLED" -ge 20
is "each was done by the next run, once" "$wrong" 0
is "there is nothing else" "$(find "$REPO"/main/* -type f ! -name system \
    ! -path "$REPO/main/*/wal/*" ! -path "$REPO/main/*/tmp/*")" ""

### The very first push killed

nothing_there()
{
	rm -rf "$REPO" "$T/state"
	as mkdir -m 700 "$T/state"
}

pushes=0 wrong=0
nothing_there
killed_one()
{
	pushes=$((pushes + 1))
	run wal-push "$T/seg/$NAME" || fail "first push $pushes: status $?"
	came_back "first push"
	[ "$(stored)" = 1 ] || wrong=$((wrong + 1))
	nothing_there
}
kill_spread 20 push_it 2>/dev/null
ok "first pushes were killed ($N_KILLED)" test "$N_KILLED" -ge 8
is "each was done by the next run" "$wrong" 0

### wal-fetch killed

fetch_it()
{
	run wal-fetch "$NAME" "$T/get/x"
}

run wal-push "$T/seg/$NAME" || fail "push"
rm -f "$T/get"/*
wrong=0
killed_one()
{
	[ ! -e "$T/get/x" ] || cmp -s "$T/get/x" "$T/seg/$NAME" ||
	    wrong=$((wrong + 1))
	# PostgreSQL removes these at its next start.
	[ -z "$(find "$T/get" -type f ! -name x ! -name 'xlogtemp*')" ] ||
	    wrong=$((wrong + 1))
	run wal-fetch "$NAME" "$T/get/x" || fail "fetch: status $?"
	cmp -s "$T/get/x" "$T/seg/$NAME" || wrong=$((wrong + 1))
	rm -f "$T/get"/*
}
kill_spread 30 fetch_it 2>/dev/null
ok "fetches were killed ($N_KILLED)" test "$N_KILLED" -ge 10
is "none left anything incomplete" "$wrong" 0

### Servers that stop answering, connections that drop

conf io_timeout=2s
segment 210
for at in 0.02 0.06 0.12; do
	background run wal-push "$T/seg/$NAME" 2>"$T/push.err"
	sleep "$at"
	kill -USR2 "$RELAY_PID"
	wait "$BG"
	rc=$?
	kill -USR2 "$RELAY_PID"
	if [ "$rc" != 0 ]; then
		is "silence after $at s is" "$rc" 5
		has "... called so" "$(cat "$T/push.err")" "2 s|time"
	fi
done
for at in 0.02 0.06 0.12; do
	background run wal-push "$T/seg/$NAME" 2>"$T/push.err"
	sleep "$at"
	kill -USR1 "$RELAY_PID"
	wait "$BG"
	rc=$?
	[ "$rc" = 0 ] || is "a connection dropped after $at s is" "$rc" 5
done
conf
ok "the next one is right" run wal-push "$T/seg/$NAME"
came_back "after silence"
conf io_timeout=2s
sshd_pause
exits "a stopped server" 5 run wal-push "$T/seg/$NAME"
has "... is waited for so long" "$OUT" "2 s"
exits "... also for wal-fetch" 205 run wal-fetch "$NAME" "$T/get/y"
sshd_cont
relay_stop 2>/dev/null
conf

### A server that only lets add

sshd_stop 2>/dev/null
sshd_start --append-only
segment 211
ok "an append-only server takes a push" run wal-push "$T/seg/$NAME"
is "... without a word" "$OUT" ""
ok "... and the same again" run wal-push "$T/seg/$NAME"
came_back "append-only"
n=$(stored)
head -c 100000 /dev/urandom |
    dd of="$T/seg/$NAME" bs=1000 seek=600 conv=notrunc 2>/dev/null
exits "... and refuses other content" 6 run wal-push "$T/seg/$NAME"
is "... and has no more than before" "$(stored)" "$n"
sshd_stop 2>/dev/null
sshd_start ""

### Full disks

if small_disk "$T/host/small" 3m; then
	REPO=$T/host/small/repo
	as mkdir -m 700 "$T/state2"
	conf "state_dir=$T/state2"
	for i in 220 221 222 223; do
		segment "$i"
		try run wal-push "$T/seg/$NAME"
		[ "$RC" = 0 ] || break
	done
	is "a full disk" "$RC" 5
	has "... is called so, and where" "$OUT" "no space left.*127.0.0.1"
	is "... and nothing incomplete stays" \
	    "$(find "$REPO"/main/*/tmp -type f)" ""
	rm "$(find "$REPO" -name "*$(printf %08X 220)")"
	ok "... with room again it works" run wal-push "$T/seg/$NAME"
	came_back "after a full disk"
	small_disk "$T/tiny" 512k
	exits "a full disk here" 204 run wal-fetch "$NAME" "$T/tiny/x"
	has "... is called so" "$OUT" "No space left"
	is "... and nothing stays" "$(ls -A "$T/tiny")" ""
else
	say "no right to mount: full disks not tested"
fi
