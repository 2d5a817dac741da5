# shellcheck shell=bash
# SPDX-License-Identifier: ISC
#
# For the tests of backup-check: a clock that the test sets, and which checks
# are red.  To be read behind lib.sh.

LATER=$T/laterclock.so
cp "$B/test/laterclock.so" "$LATER" || die "no laterclock.so"
chmod 755 "$LATER"
printf '%020d' 0 >"$T/later"
chmod 644 "$T/later"

# later SECONDS: from now on that is the clock of the server and of run_later.
later()
{
	printf '%020d' "$1" | dd of="$T/later" conv=notrunc status=none
}

run_later()
{
	run "$T_BIN/later" "$LATER" "$T/later" "$@"
}

# The server is started with that clock, and so is what it starts.
start()
{
	local name=$1

	shift
	as mkdir -p "$T/$name.sock"
	[[ " ${T_CLUSTERS[*]-} " == *" $name "* ]] || T_CLUSTERS+=("$name")
	as "$T_BIN/later" "$LATER" "$T/later" "$PGSERVER/pg_ctl" \
	    -D "$T/$name" -l "$T/$name.log" -w -t "$T_HANG" -s \
	    -o "-c listen_addresses= -c port=5432 -k $T/$name.sock $*" start \
	    >/dev/null 2>&1 </dev/null || die "PostgreSQL $name"
}

# How full the disk of this machine is does not matter.
ANY=(--warn space=off --critical space=off)

check()
{
	try run_later backup-check --format json "${ANY[@]}" "$@"
}

# red WHAT [NAME=STATUS...]: these are the findings, and there is no other.
red()
{
	local what=$1 want

	shift
	want=$(printf '%s\n' "$@" | sort | xargs)
	is "$what" "$(jq -r '.servers[].checks[] | select(.status ==
	    "warning" or .status == "critical") | .name + "=" + .status' \
	    <<<"$OUT" | sort | xargs)" "$want"
	is "$what: exit status" "$RC" "$([ -n "$want" ] && echo 9 || echo 0)"
}

green()
{
	local what=$1

	shift
	check "$@"
	red "$what is green"
}

# found NAME: what it says, and the cure.
found()
{
	jq -r ".servers[].checks[] | select(.name == \"$1\") |
	    .found + \"; \" + (.cure // \"\")" <<<"$OUT"
}

status()
{
	jq -r ".servers[].checks[] | select(.name == \"$1\") | .status" \
	    <<<"$OUT"
}

work()
{
	sql pg "select pg_logical_emit_message(true, 'x', repeat('x', 300000)),
	    pg_switch_wal()" >/dev/null
}

backup()
{
	sleep 1.1		# ids have seconds, and so differ
	run base-push --fast --quiet || die "base-push"
	work
	pg_archived pg || die "WAL is not archived"
}

setting()
{
	sql pg "alter system set $1"
	sql pg "select pg_reload_conf()" >/dev/null
	wait_for t_set "${1%% =*}" "${1#*= }"
}

t_set()
{
	[ "'$(sql pg "show $1")'" = "$2" ] || [ "$(sql pg "show $1")" = "$2" ]
}

# Whether a push has begun as the backup of that number, for wait_for.
t_begun()
{
	[ -n "$(find "$T/state" -name "journal.*Z")" ] && [ "$(find "$REPO" \
	    -path "*/base/*Z" -type d | wc -l)" = "$1" ]
}

# Whether nothing waits to be archived.
t_idle()
{
	[ "$(sql pg "select count(*) from pg_ls_archive_statusdir()
	    where name like '%.ready'")" = 0 ]
}

t_failed()
{
	[ "$(sql pg "select count(*) from pg_stat_archiver where
	    last_failed_time > coalesce(last_archived_time, '-infinity')")" \
	    = 1 ]
}
