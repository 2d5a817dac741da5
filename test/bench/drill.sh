# shellcheck shell=bash
# SPDX-License-Identifier: ISC
#
# The rows about drills.

# by_hand SERIES: an RTO without a drill: fetch, start, replay, first write
by_hand()
{
	local start

	agents_end
	empty_back
	sync -f "$T"
	now_us
	start=$NOW
	run base-fetch --config "$NEAR" --quiet latest "$T/back" \
	    >>"$T/bench.log" 2>&1 || die "base-fetch"
	pg_launch back || die "what was restored does not start"
	until sql back "select txid_current()" >/dev/null 2>&1; do
		tick
	done
	now_us
	echo "$((NOW - start)) 0 0" >>"$T/m/$1"
	pg_stop back -m immediate
}

# The highest VmHWM of a process, in KiB, until it ends; it only grows.
peak_of()
{
	local key value unit

	PEAK=0
	while while read -r key value unit; do
		[ "$key" != VmHWM: ] || [ "$unit" != kB ] || PEAK=$value
	done <"/proc/$1/status"; do
		tick
	done 2>/dev/null
}

child_of()
{
	CHILD=$(ps -o pid= --ppid "$1" | xargs)
	[ -n "$CHILD" ]
}

# drill SERIES: the RTO that its receipt has, and its own peak memory
drill()
{
	local ms

	agents_end
	sync -f "$T"
	background run backup-drill --config "$NEAR" --dir "$T/drill" --json \
	    --check rows,pages >"$T/receipt" 2>>"$T/bench.log"
	wait_for child_of "$BG" || die "no drill"
	peak_of "$CHILD"
	wait "$BG" || die "backup-drill: $(grep '"found"' "$T/receipt")"
	ms=$(sed -n 's/^  "rto_ms": \([0-9]*\),$/\1/p' "$T/receipt")
	echo "$((ms * 1000)) 0 $PEAK" >>"$T/m/$1"
}

bench_drill()
{
	local i

	TRASH=${TRASH:-0}
	as mkdir -p "$T/trash"
	forget_wal
	copies 2
	archive_with "$T_BIN/wal-push --config $NEAR %p"
	pg_archived pg || die "archiving does not work"
	base_push for.drill "$NEAR"
	pg_bench pg -n -c 8 -j 2 -M prepared -t 4000
	pg_archived pg || die "archiving does not work"
	# Each side finds a disk from which a drill was removed.
	drill first.drill
	for ((i = 0; i < ROUNDS; i++)); do
		by_hand hand
		drill drill
	done
	agents_end
	ratio "RTO of a drill / base-fetch, start, replay" 1.15 drill hand 1
	memory "backup-drill, without PostgreSQL: peak memory" 64 drill
}
