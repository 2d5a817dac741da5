# shellcheck shell=bash
# SPDX-License-Identifier: ISC
#
# A backlog of N segments that PostgreSQL's own archiver works off.  The
# cluster makes them while archiving is not configured, so that each has
# its .ready file, and keeps them: what was archived gets its .ready file
# back for the next round.  Agents are ended between two rounds: they rightly
# remember what they stored, and we remove it.

STATUS=$T/pg/pg_wal/archive_status

agents_end()
{
	t_agents_end
	[ -z "$(agents)" ] || die "agents that do not end"
}

# A pause without a process: sleep(1) would take a part of what we measure.
tick()
{
	[ -e "$T/tick" ] || mkfifo "$T/tick" || die "mkfifo"
	[ -n "${TICK:-}" ] || exec {TICK}<>"$T/tick"
	read -r -t 0.01 -u "$TICK"
}

# In NOW, for the same reason.
now_us()
{
	NOW=${EPOCHREALTIME/[.,]/}
}

# As pgbench writes it where the tables are larger than what is written between
# two checkpoints, which are frequent here so that it goes quickly with small
# tables too.  That nobody waits for commits does not change the WAL.
backlog()
{
	local i last=0

	as mkdir -p "$T/plain"
	archive_with "cp %p $T/plain/%f && $T_BIN/wal-push --config $NEAR %p"
	pg_archived pg || die "archiving does not work"
	ours backup base-push --config "$NEAR" --quiet --fast
	pg_archived pg || die "archiving does not work"
	archive_with ''
	for ((i = 0; i < 500 && $(ready) < N; i++)); do
		[ $(($(ready) - last)) -lt 4 ] || {
			last=$(ready)
			sql pg checkpoint
		}
		PGOPTIONS='-c synchronous_commit=off' \
		    pg_bench pg -n -c 8 -j 2 -M prepared -T 1
	done
	[ "$(ready)" -ge "$N" ] || die "no more than $(ready) segments"
	# From here on none is recycled.
	sql pg "alter system set max_wal_size = '100GB'"
	sql pg "alter system set checkpoint_timeout = '1d'"
	sql pg "select pg_reload_conf()" >/dev/null
	SEGMENTS=$(find "$STATUS" -name '*.ready' -printf '%f\n' | sort |
	    head -n "$N" | sed 's/\.ready$//')
	find "$STATUS" -name '*.ready' | sort | tail -n "+$((N + 1))" |
	    xargs -r rm -f
	for i in $SEGMENTS; do
		as cp "$T/pg/pg_wal/$i" "$T/plain/" || die "cp $i"
	done
}

ready()
{
	find "$STATUS" -name '*.ready' | wc -l
}

again()
{
	local seg

	for seg in $SEGMENTS; do
		[ ! -e "$STATUS/$seg.done" ] ||
		    mv "$STATUS/$seg.done" "$STATUS/$seg.ready" || die "mv"
	done
}

# Processor time in microseconds and peak memory in KiB of the agents that
# live, which nobody waits for.
agents_used()
{
	local p cpu=0 mem=0 kib

	for p in $(agents); do
		cpu=$((cpu + $(sed 's/.*) //' "/proc/$p/stat" |
		    awk -v hz="$(getconf CLK_TCK)" \
		    '{ printf "%d", ($12 + $13) * 1000000 / hz }')))
		kib=$(awk '/^VmHWM:/ { print $2 }' "/proc/$p/status")
		mem=$((kib > mem ? kib : mem))
	done
	echo "$cpu $mem"
}

# No agent, and no session of sshd.
host_rests()
{
	agents_end
	while pgrep -P "$SSH_PID" >/dev/null; do
		tick
	done
}

# host_used: processor time in microseconds of sshd, its sessions and what ran
# in them.  The process of a session that ended is waited for by nobody, so they
# are asked while they live.
host_used()
{
	local all=$SSH_PID level=$SSH_PID

	while level=$(pgrep -P "${level// /,}" | paste -sd ' '); do
		[ -n "$level" ] || break
		all="$all $level"
	done
	for level in $all; do
		cat "/proc/$level/stat" 2>/dev/null
	done | sed 's/.*) //' | awk -v hz="$(getconf CLK_TCK)" '
	    { n += $12 + $13 + $14 + $15 }
	    END { printf "%d", n * 1000000 / hz }'
}

# one_connection SERIES: what the host works for all segments that come through
# one connection of ssh
one_connection()
{
	local before seg ssh="${HOST:?} -o ControlPath=$T/ssh/master"

	host_rests
	before=$(host_used)
	# shellcheck disable=SC2086	# words
	as $ssh -o ControlMaster=yes -N -f >/dev/null 2>&1 || die "ssh"
	for seg in $SEGMENTS; do
		as sh -c "zstd -3 -q -c $T/pg/pg_wal/$seg |
		    $ssh 'cat >$T/ref/$seg'" || die "ssh"
	done
	echo "$(($(host_used) - before)) 0 0" >>"$T/m/$1"
	# shellcheck disable=SC2086
	as $ssh -O exit 2>/dev/null
	rm -f "$T/ref"/0*
}

# two_loops SERIES: how long two processors compress all segments
two_loops()
{
	local start half

	half=$(((N + 1) / 2))
	now_us
	start=$NOW
	# shellcheck disable=SC2016,SC2086	# for the shell; words
	printf '%s\n' $SEGMENTS | xargs -n "$half" -P 2 sh -c 'for seg in "$@"
	    do zstd -3 -q -c "$0/$seg"; done' "$T/pg/pg_wal" >/dev/null
	now_us
	echo "$((NOW - start)) 0 0" >>"$T/m/$1"
}

# drain SERIES CONF: from the moment at which PostgreSQL may archive until
# the last .ready file is gone.  Processor time is that of every wal-push,
# each waited for by "measure", and of the agent; that of the host goes into
# SERIES.host.
drain()
{
	local start end calls used seg before

	host_rests
	forget_wal
	before=$(host_used)
	again
	rm -f "$T/m/calls"
	sync -f "$T"
	now_us
	start=$NOW
	archive_with "$T_BIN/measure $T/m/calls $T_BIN/wal-push --config $2 %p"
	for seg in $SEGMENTS; do
		while [ -e "$STATUS/$seg.ready" ]; do
			now_us
			[ $((NOW - start)) -lt 600000000 ] ||
			    die "$1: $(ready) segments left after ten minutes"
			tick
		done
	done
	now_us
	end=$NOW
	used=$(agents_used)
	echo "$(($(host_used) - before)) 0 0" >>"$T/m/$1.host"
	calls=$(awk '{ n += $2 } END { print n }' "$T/m/calls")
	echo "$((end - start)) $((calls + ${used% *})) ${used#* }" \
	    >>"$T/m/$1"
	archive_with ''
	for seg in $SEGMENTS; do
		[ -e "$(find "$REPO" -path "*/wal/*/$seg")" ] ||
		    die "$1: $seg is not in the repository"
	done
}

# theirs_all SERIES PIPELINE: for each segment in $seg, one after the other;
# the sum of all is one line of the series.
theirs_all()
{
	local name

	rm -f "$T/m/$1.each"
	for name in $SEGMENTS; do
		theirs "$1.each" "seg=$T/pg/pg_wal/$name; ref=$T/ref/$name
		    ${*:2}"
	done
	awk '{ w += $1; c += $2 } END { printf "%d %d 0\n", w, c }' \
	    "$T/m/$1.each" >>"$T/m/$1"
	rm -f "$T/ref"/0*
}

# A column of a series, as another one's wall time: half of processor time.
halved()
{
	awk '{ printf "%d 0 0\n", $2 / 2 }' "$T/m/$1" >"$T/m/$2"
}

stable()
{
	local before=$HAVE

	HAVE=$(find "$REPO" -path '*/wal/*/0*' -type f | wc -l)
	sleep 0.5
	[ "$HAVE" = "$before" ]
}

# What a call costs where the agent was there before PostgreSQL.
pushed_ahead()
{
	local seg first=1

	agents_end
	forget_wal
	again
	for seg in $SEGMENTS; do
		[ -n "$first" ] ||
		    [ -e "$(find "$REPO" -path "*/wal/*/$seg")" ] || continue
		ours "ahead${first:+.first}" wal-push --config "$1" \
		    "$T/pg/pg_wal/$seg"
		if [ -n "$first" ]; then
			first=
			HAVE=-1
			wait_for stable || die "the agent does not stop"
		fi
	done
	[ -e "$T/m/ahead" ] || cp "$T/m/ahead.first" "$T/m/ahead"
}

least()
{
	sort -n -k "$2,$2" "$T/m/$1" | head -n 1 | cut -d' ' -f"$2"
}

# one SERIES WHAT BAR: the median wall time in ms
one()
{
	row "$2" "$(awk -v v="$(median "$1" 1)" 'BEGIN { print v / 1000 }')" \
	    "$3" "$(ms "$1" 1)" ""
}

bench_agent()
{
	local i

	settings "$SSH_PORT" "$T/near1.conf" wal_compression=zstd:1
	settings "$RELAY_PORT" "$T/far1.conf" wal_compression=zstd:1
	settings "$SSH_PORT" "$T/xz.conf" wal_compression=xz
	settings "$SSH_PORT" "$T/near3.conf" wal_compression=zstd:3
	settings "$RELAY_PORT" "$T/far3.conf" wal_compression=zstd:3
	for ((i = 0; i < ROUNDS; i++)); do
		drain drain "$T/near1.conf"
		# shellcheck disable=SC2016
		theirs_all drain.ref "zstd -1 -q -c \$seg |
		    $HOST \"cat > \$ref && sync \$ref\""
		drain drain.far "$T/far1.conf"
		theirs_all zstd "zstd -1 -q -c \$seg >/dev/null"
		drain drain.3 "$T/near3.conf"
		drain drain.3.far "$T/far3.conf"
		one_connection host.ref
		two_loops loops
		drain drain.xz "$T/xz.conf"
		theirs_all xz1 "xz --format=xz -k -c \
		    --lzma2=preset=0,lc=1,lp=3,pb=3 -T1 \$seg >/dev/null"
	done
	halved xz1 xz1.half
	pushed_ahead "$T/near1.conf"
	one ahead "wal-push of what was pushed ahead, ms" 10
	ratio "$N segments, zstd:1 / zstd | ssh" 0.12 drain drain.ref 1
	ratio "$N segments, xz / half of xz's CPU" 1.15 drain.xz xz1.half 1
	ratio "$N segments through the relay / without" 1.5 drain.far drain 1
	ratio "$N segments, zstd:1 / zstd -1, CPU" 3 drain zstd 2
	ratio "$N segments, zstd:3 / two loops of zstd" 1.25 drain.3 loops 1
	ratio "$N segments, zstd:3, relay / without" 1.25 drain.3.far drain.3 1
	ratio "the host, of zstd:3 / ssh of the same, CPU" 1.0 \
	    drain.3.host host.ref 1
	[ "$(least drain.xz 3)" -gt 0 ] || die "there was no agent"
	memory "agent with xz, 2 jobs, peak memory" 48 drain.xz
	agents_end
}
