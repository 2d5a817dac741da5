# shellcheck shell=bash
# SPDX-License-Identifier: ISC
#
# Recovery through the N segments of agent.sh.

# fetch_all SERIES CONF: as recovery asks for them, and nothing in between
fetch_all()
{
	agents_end
	as rm -rf "$T/fetched"
	as mkdir "$T/fetched"
	# shellcheck disable=SC2016,SC2086
	ours "$1" bash -c 'conf=$1; to=$2; shift 2
	    for seg; do
		wal-fetch --config "$conf" "$seg" "$to/$seg" || exit
	    done' bash "$2" "$T/fetched" $SEGMENTS
	cmp_all
}

cmp_all()
{
	local seg

	for seg in $SEGMENTS; do
		cmp "$T/fetched/$seg" "$T/pg/pg_wal/$seg" ||
		    die "$seg is not what was pushed"
	done
}

# What recovery waits for when it has something to do between two calls.
fetched_ahead()
{
	local seg series=ready.first

	agents_end
	as rm -rf "$T/fetched"
	as mkdir "$T/fetched"
	for seg in $SEGMENTS; do
		ours "$series" wal-fetch --config "$1" "$seg" \
		    "$T/fetched/$seg"
		series=ready
		sleep 0.2
	done
	cmp_all
}

# Nine of ten: the machine is not ours alone.
nine_of_ten()
{
	sort -n "$T/m/$1" | awk '{ v[NR] = $1 }
	END { i = int(NR * 0.9); print v[(i > 0) ? i : 1] / 1000 }'
}

log_ms()
{
	date -d "$(grep -m1 -E -- "$1" "$2" | cut -d' ' -f1-3)" +%s%3N
}

# replay SERIES COMMAND: from PostgreSQL's first word to "redo done", by its
# own clock.  With fsync, which the other clusters here go without: recovery
# waits until each restored segment is on the disk, by whichever way it came.
replay()
{
	local start end got

	agents_end
	as cp -a "$T/restored" "$T/replay" || die "cp"
	printf "restore_command = '%s'\nfsync = on\n" "$2" \
	    >>"$T/replay/postgresql.auto.conf"
	rm -f "$T/replay.log"
	sync -f "$T"
	pg_start replay
	wait_for t_primary replay || die "no end of recovery"
	start=$(log_ms 'LOG: ' "$T/replay.log")
	end=$(log_ms 'redo done at' "$T/replay.log")
	echo "$(((end - start) * 1000)) 0 0" >>"$T/m/$1"
	got=$(sql replay "select max(mtime) from pgbench_history")
	[ "${WANT:=$got}" = "$got" ] || die "$1: recovered to $got, not $WANT"
	pg_stop replay -m immediate
	as rm -rf "$T/replay"
}

# push_plain CONF
push_plain()
{
	local f

	agents_end
	forget_wal
	for f in "$T/plain"/*; do
		run wal-push --config "$1" "$f" || die "wal-push $f"
	done
}

# What lies there as columns is put together while recovery runs.
replay_wal()
{
	local i

	settings "$SSH_PORT" "$T/wal.conf" wal_compression=wal
	push_plain "$T/wal.conf"
	for ((i = 0; i < ROUNDS; i++)); do
		replay replay.wal \
		    "$T_BIN/wal-fetch --config $T/replay.conf %f %p"
		replay replay.wal.ref "cp $T/plain/%f %p"
	done
	agents_end
	ratio "replay by wal-fetch, codec wal / by cp" 1.1 replay.wal \
	    replay.wal.ref 1
}

bench_recovery()
{
	local i

	settings "$SSH_PORT" "$T/replay.conf" data_directory=
	archive_with ''
	push_plain "$NEAR"
	for ((i = 0; i < ROUNDS; i++)); do
		fetch_all in.order "$NEAR"
		fetch_all in.order.far "$FAR"
	done
	fetched_ahead "$NEAR"
	as rm -rf "$T/restored"
	run base-fetch --config "$T/replay.conf" latest "$T/restored" \
	    >/dev/null || die "base-fetch"
	WANT=
	replay warm "cp $T/plain/%f %p"
	for ((i = 0; i < ROUNDS; i++)); do
		replay replay "$T_BIN/wal-fetch --config $T/replay.conf %f %p"
		replay replay.ref "cp $T/plain/%f %p"
	done
	agents_end
	ratio "$N wal-fetch through the relay / without" 1.5 in.order.far \
	    in.order 1
	row "wal-fetch once prefetch runs, ms" "$(nine_of_ten ready)" 15 \
	    "$(ms ready 1)" "nine of ten"
	ratio "replay by wal-fetch / by cp" 1.1 replay replay.ref 1
	replay_wal
}
