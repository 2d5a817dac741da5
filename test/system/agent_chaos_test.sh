#!/bin/bash
# SPDX-License-Identifier: ISC
#
# PostgreSQL archives under load while everything around it fails at random
# moments: agents and wal-push killed, sshd gone or silent, the network cut,
# the repository's disk full, the cluster stopped.  At the end every segment
# is in the repository, as PostgreSQL had it, and recovery from them gives
# the same database.
#
#	SEED=n		the same moments and faults once more
#	ROUNDS=n	faults (default 14, about a minute)

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

SEED=${SEED:-$(date +%s%N | tail -c 7)}
SEED=$((10#$SEED))
RANDOM=$SEED
ROUNDS=${ROUNDS:-14}
SIZES=(1 1 4 16)
SEGSIZE=${SEGSIZE:-${SIZES[RANDOM % 4]}}
CODECS=(wal xz zstd:1 none)
CODEC=${CODEC:-${CODECS[RANDOM % 4]}}
say "SEED=$SEED (segments of $SEGSIZE MB, $CODEC)"

### What archive_command is here: a copy of the segment is kept before
### wal-push sees it; what wal-push says is noted, and believed never.

write_archiver()
{
	cat >"$T/archive" <<-END
	#!/bin/sh
	if [ -e $T/kept/\$2 ]; then
		cmp -s \$1 $T/kept/\$2 || echo "\$2 changed" >>$T/lies
	else
		cp \$1 $T/kept/tmp.\$\$ && mv $T/kept/tmp.\$\$ $T/kept/\$2
	fi
	$T_BIN/wal-push --config $CONF \$1
	rc=\$?
	echo \$rc >>$T/rcs
	if [ \$rc = 0 ]; then
		for f in $REPO/main/*/wal/\$2 $REPO/main/*/wal/*/*/\$2; do
			[ ! -s \$f ] || exit 0
		done
		echo "\$2 is not there" >>$T/lies
	fi
	# PostgreSQL waits longer for an archiver that a signal ended.
	[ \$rc -lt 126 ] || rc=1
	exit \$rc
	END
	chmod 755 "$T/archive"
	as mkdir "$T/kept"
}

### Load

WIDE="update wide set x = repeat(md5(random()::text || n), 12)
    where n between :n and :n + 60;"

load()
{
	printf '%s\n' '\set n random(1, 2000)' "$WIDE" >"$T/wide.sql"
	while [ ! -e "$T/calm" ]; do
		as "$PGBIN/pgbench" -h "$T/pg.sock" -p 5432 -U postgres -n \
		    -c 2 -R $((100 + 4 * SEGSIZE)) -T 3600 \
		    -b tpcb-like@1 -f "$T/wide.sql@2" \
		    postgres
		sleep 0.2
	done >/dev/null 2>&1
}

### Faults.  Each begins, lasts a while and ends; what it is about may be
### away or silent for longer than io_timeout.

kill_agent()
{
	local p n=0

	for p in $(agents); do
		kill -KILL "$p" 2>/dev/null && n=$((n + 1))
	done
	KILLED=$((KILLED + n))
}

# One that is silent, then goes on where it was.
stop_agent()
{
	local p pids

	pids=$(agents)
	for p in $pids; do
		kill -STOP "$p" 2>/dev/null
	done
	rest 500 4000
	for p in $pids; do
		kill -CONT "$p" 2>/dev/null
	done
}

# Whatever of ours runs at this moment, as the OOM killer may.
kill_push()
{
	local i

	for i in 1 2 3 4 5 6 7 8; do
		kill_some KILL wal-push
		rest 20 150
	done
}

# No byte more than is stored already.
fill_disk()
{
	local used

	if [ -z "$SMALL" ]; then
		restart_sshd
		return
	fi
	# What has come since the question may be more than that.
	until used=$(df -k --output=used "$SMALL" | tail -n 1)
	    mount -o "remount,size=$((used + RANDOM % 1500))k" "$SMALL" \
		2>/dev/null; do
		rest 1 10
	done
	rest 1000 6000
	mount -o remount,size=2g "$SMALL" || fail "the disk is large again"
}

# The archiver is to give up where it cannot go on, and be quick about it.
stop_fast()
{
	# The archiver first does what waits.
	as "$PGSERVER/pg_ctl" -D "$T/pg" -w -t "$T_HANG" -s -m fast stop \
	    >/dev/null 2>&1 || die "PostgreSQL does not stop"
	rest 10 1000
	pg_start pg
}

stop_immediate()
{
	pg_stop pg -m immediate
	rest 10 1000
	pg_start pg
}

checkpoint()
{
	sql pg checkpoint >/dev/null 2>&1
}

FAULTS=(kill_agent restart_sshd pause_sshd pause_relay drop_connections
    cut_network fill_disk stop_fast stop_immediate kill_push stop_agent
    term_agents)
ALONG=(kill_agent kill_agent kill_push term_agents checkpoint)

# Every fault once before any comes again; sometimes one more beside it.
chaos()
{
	local deck=() i f along beside

	for ((i = 0; i < ROUNDS; i++)); do
		[ "${#deck[@]}" -gt 0 ] || deck=("${FAULTS[@]}")
		f=$((RANDOM % ${#deck[@]}))
		set -- "${deck[f]}"
		deck=("${deck[@]:0:f}" "${deck[@]:f + 1}")
		along=
		[ $((RANDOM % 4)) != 0 ] || along=${ALONG[RANDOM % 5]}
		echo "$SECONDS s: $1${along:+, $along beside it};" \
		    "$(waiting) wait"
		if [ -n "$along" ]; then
			(trap - EXIT; rest 100 1500; "$along") &
			beside=$!
			"$1"
			wait "$beside"
		else
			"$1"
		fi
		rest 200 2500
		checkpoint
	done
}

waiting()
{
	find "$T/pg/pg_wal/archive_status" -name '*.ready' | wc -l
}

# PostgreSQL pauses for a minute after three failures unless WAL goes on.
none_waits()
{
	sql pg "select txid_current()" >/dev/null
	pg_switch pg >"$T/last"
	sleep 1
	[ "$(waiting)" = 0 ]
}

### The run

sshd_start ""
relay_start 1
SMALL=$T/host/small
if small_disk "$SMALL" 2g; then
	REPO=$SMALL/repo
else
	say "no right to mount: the disk does not fill up"
	SMALL=
fi
keygen main >/dev/null
conf()
{
	conf_write "data_directory=$T/pg" "wal_compression=$CODEC" "$@"
}
conf
write_archiver
pg_init pg "--wal-segsize=$SEGSIZE"
pg_conf pg "archive_mode = on" "archive_command = '$T/archive %p %f'" \
    "max_wal_size = $((SEGSIZE * 8 + 24))MB" "min_wal_size = 32MB"
pg_start pg
FIRST=$(sql pg "select pg_walfile_name(pg_current_wal_lsn())")
pg_bench pg -i -q
sql pg "create table wide as select n, repeat(md5(n::text), 4) x
    from generate_series(1, 2000) n; create index on wide (n)"
ok "a base backup" run base-push --fast

KILLED=0
conf io_timeout=2s
background load
LOAD=$BG
chaos 2>"$T/chaos.err"
: >"$T/calm"
t_signal TERM "$LOAD"
wait "$LOAD" 2>/dev/null
is "chaos itself had no trouble" "$(cat "$T/chaos.err")" ""
say "$(wc -l <"$T/rcs") calls, $KILLED agents killed, $(waiting) wait"

### What is left of it

# A machine that is busy with other things answers later than in two seconds.
conf
ok "archiving catches up" wait_for none_waits
while [ "$(find "$T/kept" -type f | wc -l)" -lt 12 ]; do
	sql pg "update wide set x = repeat(md5(x || n), 12)" >/dev/null
	wait_for none_waits || die "archiving stops"
done
LAST=$(cat "$T/last")
dump pg >"$T/dump.pg"
pg_stop pg -m fast
is "no agent died of itself" "$(grep -E 'agent.*(signal|bug)' "$T/pg.log")" ""
is "0 always meant stored, and what was stored stayed" \
    "$(cat "$T/lies" 2>/dev/null)" ""
# 128 and more are signals: the shell's way to say so.
is "no status but the documented" \
    "$(sort -u "$T/rcs" | grep -vxE '[0-9]|13[17]|143')" ""

# names DIR: of its WAL segments
names()
{
	find "$1" -type f -printf '%f\n' | grep -xE '[0-9A-F]{24}' | sort
}

names "$REPO/main" >"$T/stored"
names "$T/kept" >"$T/asked"
N=$(wc -l <"$T/stored")
ok "there were many segments ($N)" test "$N" -ge 10
is "what was asked for is stored" "$(comm -13 "$T/stored" "$T/asked")" ""
is "the first one" "$(head -n 1 "$T/stored")" "$FIRST"
awk -v per=$((4096 / SEGSIZE)) '
function hex(s,  i, n) {
	for (i = 1; i <= length(s); i++)
		n = n * 16 + index("0123456789ABCDEF", substr(s, i, 1)) - 1
	return n
}
{
	at = hex(substr($0, 9, 8)) * per + hex(substr($0, 17, 8))
	if (NR > 1 && at != last + 1)
		print "before " $0
	last = at
}' "$T/stored" >"$T/gaps"
is "no gap up to the last" "$(cat "$T/gaps")" ""
ok "$LAST and what was before it is there" grep -qx "$LAST" "$T/stored"
ok "backup-list" run backup-list --json
has "... knows no gap" "$(printf '%s' "$OUT" | tr -d ' \n')" '"gaps":\[\]'

as mkdir "$T/get"
BAD=
while read -r name; do
	run wal-fetch --set "repository=$REPO" --set fetch_retry=0s "$name" \
	    "$T/get/x" || BAD="$BAD $name:$?"
	cmp -s "$T/get/x" "$T/kept/$name" || BAD="$BAD $name"
done <<<"$(find "$T/kept" -type f ! -name 'tmp.*' -printf '%f\n' | sort)"
is "each one is what PostgreSQL had" "$BAD" ""

ok "the base backup comes back" run base-fetch "$T/back"
pg_start back
ok "recovery ends" wait_for t_primary back
dump back >"$T/dump.back"
same "with the same database" "$T/dump.pg" "$T/dump.back"
[ "$T_FAILED" = 0 ] || say "SEED=$SEED ROUNDS=$ROUNDS was it"
