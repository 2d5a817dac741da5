# shellcheck shell=bash
# SPDX-License-Identifier: ISC
#
# What system tests stand on: a throwaway folder, real PostgreSQL clusters, a
# real sshd, a relay, assertions.  A test begins with
#
#	# shellcheck source=test/system/lib.sh
#	. "$(dirname "$0")/lib.sh"
#
# and ends by returning: the exit status says whether all assertions held, and
# everything that was started is ended and removed, also after a failure.
#
#	B	build folder (default: build)
#	KEEP=1	leave the folder, and say where
#	CI=true	a test that cannot run fails instead of being skipped
#
# PostgreSQL refuses to run as root, so as root everything (PostgreSQL, sshd,
# our programs) runs as T_USER; otherwise as the user that started the test.
#
# Variables for tests: T (the folder), T_USER, T_BIN (copies of our programs),
# PGBIN (PostgreSQL's programs) and PGSERVER (those of the server), SSH_PORT,
# REPO (the repository's directory on the "host"), CONF.

set -u
export LC_ALL=C

T_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd) || exit 1
T_NAME=$(basename "$0")
T_FAILED=0
T_DONE=0
T_PIDS=()
T_CLUSTERS=()
T_MOUNTS=()
T_LOGIN="user=postgres dbname=postgres"
SSH_PID=
SSH_PORT=
RELAY_PORT=

say()
{
	printf '%s: %s\n' "$T_NAME" "$*" >&2
}

die()
{
	say "FAILED: $*"
	T_FAILED=$((T_FAILED + 1))
	exit 1
}

# What cannot run here is skipped, but never silently in CI.
skip()
{
	[ "${CI:-}" != true ] || die "cannot run: $*"
	say "skipped: $*"
	T_DONE=-1
	exit 0
}

### The folder and the user

as()
{
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid "$T_USER" --regid "$T_GID" --clear-groups \
		    -- env HOME="$T/home" USER="$T_USER" "$@"
	else
		env HOME="$T/home" "$@"
	fi
}

t_choose_user()
{
	local u

	if [ "$(id -u)" != 0 ]; then
		T_USER=$(id -un)
	else
		T_USER=
		for u in postgres nobody; do
			id "$u" >/dev/null 2>&1 && T_USER=$u && break
		done
		[ -n "$T_USER" ] || skip "no user postgres or nobody"
		command -v setpriv >/dev/null || skip "no setpriv"
	fi
	T_GID=$(id -g "$T_USER")
}

# Below /tmp whatever TMPDIR is, since a socket's path has room for 107 bytes;
# T_ABOVE is for tests that need much room.
t_folder()
{
	local p

	T=$(mktemp -d "${T_ABOVE:-/tmp}/sw.XXXXXX") || exit 1
	chmod 755 "$T"
	T_BIN=$T/bin
	REPO=$T/host/repo
	CONF=$T/seawall.conf
	mkdir "$T/bin" "$T/home" "$T/host" "$T/keys" "$T/state"
	chmod 700 "$T/home" "$T/keys" "$T/state"
	# The build folder may be where T_USER cannot go (/root).
	for p in "$B"/* "$B"/test/bench/* "$B"/test/system/*; do
		if [ -f "$p" ] && [ -x "$p" ]; then
			cp "$p" "$T/bin/" || exit 1
		fi
	done
	[ "$(id -u)" != 0 ] || chown -R "$T_USER:$T_GID" "$T"
	cd "$T" || exit 1
}

# Every descendant of the processes given, and these themselves.
t_tree()
{
	# Not awk's own arguments: one that ended meanwhile would end awk.
	cat /proc/[0-9]*/status 2>/dev/null | awk -v want="$*" '
	BEGIN { n = split(want, q, " "); for (i in q) mine[q[i]] = 1 }
	/^Pid:/ { p = $2 }
	/^PPid:/ { parent[p] = $2 }
	END {
		do {
			more = 0
			for (p in parent)
				if (!(p in mine) && parent[p] in mine) {
					mine[p] = 1
					more = 1
				}
		} while (more)
		for (p in mine)
			print p
	}'
}

t_signal()
{
	local sig=$1 p

	shift
	for p in $(t_tree "$@"); do
		kill "-$sig" "$p" 2>/dev/null
	done
}

# Whether these processes and their descendants are stopped or have ended.
t_stopped()
{
	local p

	for p in $(t_tree "$@"); do
		case "$(ps -o stat= -p "$p")" in
		''|[TtZX]*) ;;
		*) return 1 ;;
		esac
	done
}

# Stop them, for wait_for, since kill does not wait until they are.  One may
# fork while they are listed; its child is in the second list, because nothing
# that was stopped behind the first one forks any more.
t_paused()
{
	t_signal STOP "$@"
	t_stopped "$@" && t_stopped "$@"
}

# Programs of ours that went into the background by themselves.
t_strays()
{
	local p

	for p in /proc/[0-9]*; do
		case "$(readlink "$p/exe" 2>/dev/null)" in
		"$T"/*) echo "${p#/proc/}" ;;
		esac
	done
}

# The agents that this test's programs started, by their process ids.
agents()
{
	local p line

	for p in /proc/[0-9]*; do
		line=" $(tr '\0' ' ' 2>/dev/null <"$p/cmdline") "
		case "$line" in
		*" --agent "*) ;;
		*) continue ;;
		esac
		case "$line$(readlink "$p/exe")" in
		*"$T/"*) echo "${p#/proc/}" ;;
		esac
	done 2>/dev/null
}

# A zombie is gone.
t_gone()
{
	local p left

	left=" $(agents | xargs) "
	for p; do
		case "$left" in
		*" $p "*) return 1 ;;
		esac
	done
}

# An agent goes when it is told to, whatever the network is doing.  New ones
# may come as long as PostgreSQL runs.
t_agents_end()
{
	local p all

	all=$(agents)
	[ -n "$all" ] || return 0
	# shellcheck disable=SC2086	# several
	kill -TERM $all 2>/dev/null
	# shellcheck disable=SC2086
	wait_for t_gone $all && return 0
	for p in $all; do
		t_gone "$p" && continue
		fail "agent $p does not go on SIGTERM:" \
		    "$(ps -o args= -p "$p")"
		kill -KILL "$p"
	done
}

t_cleanup()
{
	local rc=$? c p

	trap '' INT TERM HUP
	trap - EXIT
	[ "$rc" = 0 ] || [ "$T_FAILED" != 0 ] || T_FAILED=1
	t_agents_end
	for c in ${T_CLUSTERS[@]+"${T_CLUSTERS[@]}"}; do
		pg_end "$c"
	done
	t_agents_end
	{				# the shell reports what it killed
		for p in ${SSH_PID:+"$SSH_PID"} ${T_PIDS[@]+"${T_PIDS[@]}"} \
		    $(t_strays); do
			t_signal KILL "$p"
		done
		wait
	} 2>/dev/null
	if [ "$T_FAILED" != 0 ]; then
		t_logs
	fi
	cd / || exit 1
	for p in ${T_MOUNTS[@]+"${T_MOUNTS[@]}"}; do
		umount "$p" || T_FAILED=1
	done
	if [ "${KEEP:-}" = 1 ]; then
		say "kept $T"
	else
		rm -rf "$T" || T_FAILED=1
	fi
	if [ "$T_FAILED" != 0 ]; then
		say "FAILED"
		exit 1
	fi
	[ "$T_DONE" -lt 0 ] || say "$T_DONE checks passed"
	exit 0
}

# The ends of all logs: what whoever reads a failed run asks for first.
t_logs()
{
	local f

	for f in "$T"/*.log; do
		if [ -s "$f" ]; then
			printf -- '--- the end of %s\n' "$f" >&2
			tail -n 15 "$f" >&2
		fi
	done
}

### Assertions

pass()
{
	T_DONE=$((T_DONE + 1))
	printf 'ok - %s\n' "$*"
}

# Count a failure and go on; die() where going on makes no sense.
fail()
{
	T_FAILED=$((T_FAILED + 1))
	printf 'not ok - %s\n' "$*"
}

# is WHAT GOT EXPECTED
is()
{
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		fail "$1"
		printf '\tgot:      %s\n\texpected: %s\n' "$2" "$3"
	fi
}

# has WHAT TEXT PATTERN: the text matches the extended regular expression.
has()
{
	if printf '%s\n' "$2" | grep -Eq -- "$3"; then
		pass "$1"
	else
		fail "$1"
		printf '\tgot:            %s\n\tdoes not match: %s\n' "$2" "$3"
	fi
}

# lacks WHAT TEXT PATTERN
lacks()
{
	if printf '%s\n' "$2" | grep -Eq -- "$3"; then
		fail "$1"
		printf '\tgot:         %s\n\tbut matches: %s\n' "$2" "$3"
	else
		pass "$1"
	fi
}

# same WHAT FILE FILE
same()
{
	local out

	if out=$(cmp "$2" "$3" 2>&1); then
		pass "$1"
	else
		fail "$1"
		printf '\t%s\n' "$out"
	fi
}

# Run a command; its output is in OUT, its status in RC.
try()
{
	OUT=$("$@" 2>&1 </dev/null)
	RC=$?
	return 0
}

# ok WHAT COMMAND...: exit status 0 expected.
ok()
{
	exits "$1" 0 "${@:2}"
}

# exits WHAT STATUS COMMAND...
exits()
{
	local what=$1 want=$2

	shift 2
	try "$@"
	if [ "$RC" = "$want" ]; then
		pass "$what"
	else
		fail "$what"
		printf '\tcommand: %s\n' "$*"
		printf '\tstatus:  %s, expected %s\n' "$RC" "$want"
		printf '%s\n' "$OUT" | sed 's/^/\toutput:  /'
	fi
}

# flip FILE OFFSET: one bit, whatever the file's mode; a second time mends it
flip()
{
	local mode byte

	mode=$(stat -c %a "$1")
	byte=$(od -An -tu1 -j "$2" -N1 "$1" | tr -d ' ')
	chmod u+w "$1"
	# shellcheck disable=SC2059
	printf "\\$(printf %03o $((byte ^ 4)))" |
	    dd of="$1" bs=1 seek="$2" conv=notrunc status=none
	chmod "$mode" "$1"
}

# wait_for COMMAND...: until it succeeds; 1 if it does not within T_HANG
# seconds, which no machine is too slow for: something hangs.
T_HANG=${T_HANG:-900}
wait_for()
{
	local end=$((SECONDS + T_HANG))

	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.1
	done
}

### Our programs

# As the ordinary user, with the programs in PATH and the test's CONF.
run()
{
	as env PATH="$T_BIN:$PATH" SEAWALL_CONFIG="$CONF" "$@"
}

# As PostgreSQL starts archive_command at its poorest: no environment at all.
poor()
{
	local prog=$T_BIN/$1

	shift
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid "$T_USER" --regid "$T_GID" --clear-groups \
		    -- env -i "$prog" "$@"
	else
		env -i "$prog" "$@"
	fi
}

# Run in the background until the test ends.  BG is the process id of a shell
# around it, good for "wait"; signals go through bg_signal.
background()
{
	"$@" </dev/null &
	BG=$!
	T_PIDS+=("$BG")
}

# bg_signal SIGNAL: to what background() started last, and its children.
bg_signal()
{
	t_signal "$1" "$BG"
}

# failing_copy: the programs whose system calls and store can be recorded and
# made to fail (test/lib/disk), in T/failing; T_BIN has powercut.
failing_copy()
{
	mkdir "$T/failing"
	cp "$B"/test/failing/* "$T/failing/" ||
	    die "no programs that fail: make them first"
}

# small_disk DIR SIZE: mount a file system of that size on a new directory of
# the user's; 1 where this is not permitted.
small_disk()
{
	as mkdir -p "$1"
	mount -t tmpfs -o "size=$2,mode=700,uid=$(id -u "$T_USER")" tmpfs \
	    "$1" 2>/dev/null || return 1
	T_MOUNTS+=("$1")
}

# keygen [NAME]: the three key files T/keys/NAME.*
keygen()
{
	run backup-keygen "$T/keys/${1:-main}" ||
	    die "backup-keygen ${1:-main}"
}

# conf_write [KEY=VALUE]...: CONF for the server "main", whose cluster is
# T/pg, over SSH; values given replace ours or are added to its section.
# base-push has no idle priority: on a busy machine it would never end.
conf_write()
{
	local kv key
	local -A set=(
		[repository]=$(repo_url)
		[key]=$T/keys/main.push
		[restore_key]=$T/keys/main.restore
		[public_key]=$T/keys/main.public
		[ssh_key]=$T/ssh/push
		[known_hosts]=$T/ssh/known_hosts
		[conninfo]="host=$T/pg.sock port=5432 $T_LOGIN"
		[state_dir]=$T/state
		[idle_priority]=off
	)

	for kv in "$@"; do
		set[${kv%%=*}]=${kv#*=}
	done
	{
		printf '[seawall]\n[main]\n'
		for key in "${!set[@]}"; do
			[ -z "${set[$key]}" ] ||
			    printf '%s = %s\n' "$key" "${set[$key]}"
		done
	} >"$CONF.new" || die "cannot write $CONF.new"
	chmod 644 "$CONF.new"
	# In one step: a standby's wal-fetch may be reading the old one.
	mv "$CONF.new" "$CONF" || die "cannot write $CONF"
}

### PostgreSQL.  A cluster NAME is T/NAME, its socket T/NAME.sock, its log
### T/NAME.log.  Settings that differ between clusters are given at start, so
### that a restored one can run beside its origin.

# The newest of the distribution's, else what pg_config or PATH say.  With
# PG_PACKAGE (test/versions) only the clients: the server is in that file.
pg_find()
{
	local d

	PGBIN=
	for d in $(printf '%s\n' /usr/lib/postgresql/*/bin /usr/pgsql-*/bin |
	    sort -Vr) "$(pg_config --bindir 2>/dev/null)" \
	    "$(dirname "$(command -v initdb)")"; do
		if [ -x "$d/initdb" ] && [ -x "$d/postgres" ]; then
			PGBIN=$d
			PGSERVER=$d
			[ -z "${PG_PACKAGE:-}" ] || pg_unpack
			return 0
		fi
	done
	skip "no PostgreSQL server programs"
}

# The package cannot hold links; it lists them instead.
pg_unpack()
{
	local from to

	PGSERVER=$T/server/package/native/bin
	mkdir "$T/server" || die "mkdir $T/server"
	tar -xzf "$PG_PACKAGE" -C "$T/server" || die "unpack $PG_PACKAGE"
	cd "$PGSERVER/../.." || die "cd"
	grep -o '"source":"[^"]*","target":"[^"]*"' native/pg-symlinks.json |
	    cut -d'"' -f4,8 | tr '"' ' ' | while read -r from to; do
		ln -s "$(basename "$from")" "$to" || exit 1
	done || die "links of $PG_PACKAGE"
	cd "$T" || die "cd"
}

# pg_init NAME [initdb options]: --wal-segsize=1, -k, ...
pg_init()
{
	local name=$1

	shift
	[ -n "${PGBIN:-}" ] || pg_find
	as "$PGSERVER/initdb" -D "$T/$name" -U postgres -A trust -E UTF8 \
	    --no-locale -N "$@" >"$T/$name.initdb" 2>&1 ||
	    die "initdb: $(tail -n 3 "$T/$name.initdb")"
	# Nothing here survives a power cut, and nothing has to.
	pg_conf "$name" "fsync = off" "shared_buffers = 16MB" \
	    "max_wal_senders = 4" "wal_level = replica" \
	    "max_connections = 20" "logging_collector = off" \
	    "checkpoint_timeout = 1h" "max_wal_size = 4GB" \
	    "log_min_messages = info" "log_line_prefix = '%m [%p] '" \
	    "autovacuum = off"
}

# pg_standby NAME FROM: a streaming standby of a running cluster, not started.
# A pg_basebackup that is older than the server refuses; then the cluster is
# stopped to be copied.  What -R writes is not for an older server.
pg_standby()
{
	if [ "$("$PGBIN/pg_basebackup" --version | tr -dc '0-9.' |
	    cut -d . -f 1)" -lt "$(cat "$T/$2/PG_VERSION")" ]; then
		pg_stop "$2" -m fast
		as cp -a "$T/$2" "$T/$1" || die "copy of $2"
		pg_start "$2"
	else
		as "$PGBIN/pg_basebackup" -D "$T/$1" -X stream -c fast \
		    -h "$T/$2.sock" -p 5432 -U postgres >"$T/$1.copy" 2>&1 \
		    </dev/null ||
		    die "pg_basebackup: $(tail -n 3 "$T/$1.copy")"
	fi
	pg_conf "$1" \
	    "primary_conninfo = 'host=$T/$2.sock port=5432 user=postgres'"
	as touch "$T/$1/standby.signal"
}

# pg_conf NAME SETTING...: later ones win.
pg_conf()
{
	local name=$1

	shift
	printf '%s\n' "$@" >>"$T/$name/postgresql.conf" || die "postgresql.conf"
}

# pg_archive NAME: its WAL goes to the repository by wal-push.
pg_archive()
{
	pg_conf "$1" "archive_mode = on" \
	    "archive_command = '$T_BIN/wal-push --config $CONF %p'"
}

# pg_launch NAME [postgres options]: 1 if it does not start.
pg_launch()
{
	local name=$1 c known=

	shift
	[ -n "${PGBIN:-}" ] || pg_find
	for c in ${T_CLUSTERS[@]+"${T_CLUSTERS[@]}"}; do
		[ "$c" != "$name" ] || known=1
	done
	[ -n "$known" ] || T_CLUSTERS+=("$name")
	as mkdir -p "$T/$name.sock" || return 1
	as "$PGSERVER/pg_ctl" -D "$T/$name" -l "$T/$name.log" \
	    -w -t "$T_HANG" -s \
	    -o "-c listen_addresses= -c port=5432 -k $T/$name.sock $*" start \
	    >/dev/null 2>&1 </dev/null
}

pg_start()
{
	pg_launch "$@" || die "PostgreSQL $1 does not start"
}

# pg_stop NAME [-m MODE]
pg_stop()
{
	local name=$1

	shift
	as "$PGSERVER/pg_ctl" -D "$T/$name" -w -t "$T_HANG" -s "$@" stop \
	    >/dev/null 2>&1 ||
	    die "PostgreSQL $name does not stop"
}

pg_pid()
{
	head -n 1 "$T/$1/postmaster.pid" 2>/dev/null
}

# Every process of a cluster killed at once.
pg_kill()
{
	local pid

	pid=$(pg_pid "$1")
	case "$pid" in
	''|*[!0-9]*) return 0 ;;
	esac
	[ "$(readlink "/proc/$pid/cwd")" = "$T/$1" ] || return 0
	# So that it does not see its processes go, and begin anew with other
	# shared memory.
	kill -STOP "$pid" 2>/dev/null
	t_signal KILL "$pid"
	wait_for test ! -e "/proc/$pid"
}

# The end of a cluster that leaves no shared memory behind, as pg_kill does.
pg_end()
{
	if [ -d "$T/$1" ] && [ -n "$(pg_pid "$1")" ]; then
		as "$PGSERVER/pg_ctl" -D "$T/$1" -m immediate -w -t 10 -s stop \
		    >/dev/null 2>&1 </dev/null
	fi
	pg_kill "$1"
}

# As a power cut, as far as processes go; can be started again.
pg_crash()
{
	pg_kill "$1"
	rm -f "$T/$1/postmaster.pid"
}

pg_running()
{
	as "$PGSERVER/pg_ctl" -D "$T/$1" status >/dev/null 2>&1
}

# pg_psql NAME [psql options]: reads standard input where no -c or -f.
pg_psql()
{
	local name=$1

	shift
	as "$PGBIN/psql" -X -A -t -q -v ON_ERROR_STOP=1 -h "$T/$name.sock" \
	    -p 5432 -U postgres -d postgres "$@"
}

# sql NAME STATEMENTS [psql options]
sql()
{
	pg_psql "$1" -c "$2" "${@:3}" </dev/null
}

# pg_rows NAME: every row of every user's table, by database, as a count and a
# sum.  Other than pg_dumpall it takes any server.  Unlogged tables
# are left out.
pg_rows()
{
	local db

	for db in $(sql "$1" "select datname from pg_database
	    where datallowconn and datname <> 'template1' order by 1"); do
		pg_psql "$1" -d "$db" <<-'END' || return 1
		select format('select %L, count(*), md5(string_agg(md5(t::text),
		    '''' order by md5(t::text))) from %I.%I t',
		    current_database() || '.' || relname, nspname, relname)
		from pg_class c join pg_namespace n on n.oid = relnamespace
		where relkind in ('r', 'm') and relpersistence = 'p' and
		    nspname not in ('pg_catalog', 'pg_toast',
		    'information_schema') order by 1 \gexec
		END
	done
}

# pg_slim NAME: without its templates it has a third of the files.
pg_slim()
{
	sql "$1" "update pg_database set datistemplate = false"
	sql "$1" "drop database template0"
	sql "$1" "drop database template1"
}

# pg_bench NAME [pgbench options]
pg_bench()
{
	local name=$1

	shift
	as "$PGBIN/pgbench" -h "$T/$name.sock" -p 5432 -U postgres "$@" \
	    postgres >/dev/null 2>"$T/$name.pgbench" ||
	    die "pgbench: $(tail -n 3 "$T/$name.pgbench")"
}

# pg_switch NAME: end the current WAL segment, and print the name of the last
# one that has ended.  The position that pg_switch_wal() returns is the byte
# behind it, so at a boundary, which pg_walfile_name() puts into the segment
# that begins there from PostgreSQL 17 on.  pg_lsn - integer came with 14.
pg_switch()
{
	sql "$1" "select pg_walfile_name((to_hex(div(n, 4294967296)::bigint)
	    || '/' || to_hex(mod(n, 4294967296)::bigint))::pg_lsn)
	    from (select pg_switch_wal() - '0/1'::pg_lsn as n) as last"
}

# pg_archived NAME: switch, and wait until all WAL so far is archived.
pg_archived()
{
	local f

	f=$(pg_switch "$1") || return 1
	wait_for t_archived "$1" "$f"
}

# pg_now NAME: its time, to recover to; nothing else happens within 10 ms.
pg_now()
{
	sleep 0.01
	sql "$1" "select clock_timestamp()"
	sleep 0.01
}

# pg_system_id NAME
pg_system_id()
{
	sql "$1" "select system_identifier from pg_control_system()"
}

# dump NAME: all that is in a cluster, to compare with another's.
dump()
{
	as "$PGBIN/pg_dumpall" -h "$T/$1.sock" -p 5432 -U postgres |
	    sed -E '/^.(un)?restrict /d'
}

# Whether recovery has ended, for wait_for.
t_primary()
{
	[ "$(sql "$1" "select pg_is_in_recovery()")" = f ]
}

t_archived()
{
	[ "$(sql "$1" "select count(*) from pg_stat_archiver
	    where last_archived_wal >= '$2' and
	    last_archived_wal ~ '^[0-9A-F]{24}'")" = 1 ]
}

### sshd, on loopback, as the ordinary user (root would need a privilege
### separation folder, and accounts that are not locked).  Keys: T/ssh/push,
### restricted where --append-only, and T/ssh/admin, never restricted.

free_port()
{
	local p i

	for i in 1 2 3 4 5 6 7 8 9 10; do
		p=$((20000 + (RANDOM * 32768 + RANDOM + i) % 12000))
		(exec 3<>"/dev/tcp/127.0.0.1/$p") 2>/dev/null || {
			echo "$p"
			return 0
		}
	done
	return 1
}

ssh_find()
{
	local d

	SSHD=
	for d in /usr/sbin/sshd /usr/local/sbin/sshd "$(command -v sshd)"; do
		[ ! -x "$d" ] || { SSHD=$d; break; }
	done
	[ -n "$SSHD" ] || skip "no sshd"
	SFTP_SERVER=
	for d in /usr/lib/openssh /usr/libexec/openssh /usr/lib/ssh; do
		[ ! -x "$d/sftp-server" ] || SFTP_SERVER=$d/sftp-server
	done
}

ssh_keys()
{
	local k

	[ ! -d "$T/ssh" ] || return 0
	as mkdir -m 700 "$T/ssh" || die "mkdir $T/ssh"
	for k in host push admin; do
		as ssh-keygen -q -t ed25519 -N '' -C "$k" -f "$T/ssh/$k" ||
		    die "ssh-keygen"
	done
}

# What a key that only adds may not do.
APPEND_ONLY=remove,rmdir,rename,posix-rename,setstat,fsetstat,lsetstat
APPEND_ONLY=$APPEND_ONLY,copy-data,symlink

# sshd_start [--append-only] [--deny REQUESTS] [--box KIND] [--log]
#     [SSHD OPTION]...
#	--deny		the server does not offer these (fsync, hardlink)
#	--box		it behaves like another one: sftpbox.c
#	--log		every SFTP request is in T/sftp.log
#	"MaxStartups 1"	any line of sshd_config, winning over ours
sshd_start()
{
	local deny='' append='' log='' box='' line lines='' i cmd

	[ -n "${SSHD:-}" ] || ssh_find
	ssh_keys
	while [ $# -gt 0 ]; do
		case "$1" in
		--append-only) append=1 ;;
		--deny) deny=$2; shift ;;
		--box) box="$T_BIN/sftpbox $2 "; shift ;;
		--log) log=1 ;;
		*) lines="$lines$1
" ;;
		esac
		shift
	done
	cmd="internal-sftp"
	if [ -n "$log$box" ]; then
		[ -n "$SFTP_SERVER" ] || skip "no sftp-server"
		cmd=$box$SFTP_SERVER
	fi
	if [ -n "$log" ]; then
		as touch "$T/sftp.log"
		cmd="$cmd -e -l DEBUG3 2>>$T/sftp.log"
	fi
	line=${append:+$APPEND_ONLY}${append:+${deny:+,}}$deny
	{
		[ -z "$append" ] ||
		    printf 'command="%s",restrict ' "$(t_sftp "$cmd" "$line")"
		cat "$T/ssh/push.pub"
		cat "$T/ssh/admin.pub"
	} >"$T/ssh/authorized_keys"
	for i in 1 2 3 4 5; do
		SSH_PORT=${SSH_PORT:-$(free_port)}
		t_sshd_config "$lines" "$(t_sftp "$cmd" "$deny")"
		t_sshd_launch && return 0
		SSH_PORT=		# taken meanwhile: another one
		[ "$i" -lt 5 ] || break
	done
	die "sshd does not start"
}

# The server's command with its -P in front of a redirection.
t_sftp()
{
	[ -n "$2" ] || { printf '%s' "$1"; return; }
	case "$1" in
	*' 2>>'*) printf '%s -P %s 2>>%s' "${1%% 2>>*}" "$2" "${1##* 2>>}" ;;
	*) printf '%s -P %s' "$1" "$2" ;;
	esac
}

# A shell as deep as SHLVL says does not read ~/.bashrc, where anything may be.
t_sshd_config()
{
	cat >"$T/ssh/sshd_config" <<-END
	$1
	Port $SSH_PORT
	ListenAddress 127.0.0.1
	HostKey $T/ssh/host
	PidFile none
	AuthorizedKeysFile $T/ssh/authorized_keys
	StrictModes no
	UsePAM no
	PasswordAuthentication no
	KbdInteractiveAuthentication no
	PubkeyAuthentication yes
	MaxStartups 200
	MaxSessions 200
	LogLevel VERBOSE
	SetEnv SHLVL=2
	Subsystem sftp $2
	END
	# Since 9.8 sshd penalises the address of connections that break, which
	# tests do all the time; an older one refuses options it doesn't know.
	if as "$SSHD" -t -f "$T/ssh/sshd_config" -o PerSourcePenalties=no \
	    >/dev/null 2>&1; then
		echo "PerSourcePenalties no" >>"$T/ssh/sshd_config"
	fi
	t_known_hosts "$SSH_PORT" ${RELAY_PORT:+"$RELAY_PORT"}
}

# The host key under each port that leads to the server.
t_known_hosts()
{
	local p

	for p in "$@"; do
		printf '[127.0.0.1]:%s %s\n' "$p" \
		    "$(cut -d' ' -f1,2 "$T/ssh/host.pub")"
	done >"$T/ssh/known_hosts"
	chmod 644 "$T/ssh/known_hosts"
}

t_sshd_launch()
{
	# The shell that we start stays; sshd must be the process we know.
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid "$T_USER" --regid "$T_GID" --clear-groups \
		    -- "$SSHD" -D -e -f "$T/ssh/sshd_config" \
		    >/dev/null 2>>"$T/sshd.log" </dev/null &
	else
		"$SSHD" -D -e -f "$T/ssh/sshd_config" \
		    >/dev/null 2>>"$T/sshd.log" </dev/null &
	fi
	SSH_PID=$!
	wait_for t_answers "$SSH_PID" "$SSH_PORT"
	! t_ended "$SSH_PID" && return 0
	t_signal KILL "$SSH_PID"
	wait "$SSH_PID" 2>/dev/null
	SSH_PID=
	return 1
}

# Whether a child of this shell has ended (a zombie has).
t_ended()
{
	case "$(ps -o stat= -p "$1")" in
	''|Z*) return 0 ;;
	esac
	return 1
}

# t_answers PID PORT: whether that process listens there, or has ended.  It
# is not tried by a connection, which sshd may count as an attack.
t_answers()
{
	local inode

	t_ended "$1" && return 0
	inode=$(awk -v port=":$(printf %04X "$2")$" \
	    '$2 ~ port && $4 == "0A" { print $10 }' /proc/net/tcp)
	[ -n "$inode" ] && find "/proc/$1/fd" -lname "socket:\[$inode\]" |
	    grep -q .
}

# The server and every connection, gone without a word.
sshd_stop()
{
	[ -n "$SSH_PID" ] || return 0
	# A session that is forked while they are listed would live on.
	wait_for t_paused "$SSH_PID" || fail "sshd does not stop"
	t_signal KILL "$SSH_PID"
	wait "$SSH_PID" 2>/dev/null
	SSH_PID=
}

# The same server once more, at the same port.
sshd_again()
{
	wait_for t_sshd_launch || die "sshd does not start again"
}

# The server and every connection stop answering, without closing.
sshd_pause()
{
	wait_for t_paused "$SSH_PID" || die "sshd does not stop"
}

sshd_cont()
{
	t_signal CONT "$SSH_PID"
}

repo_url()
{
	printf 'ssh://%s@127.0.0.1:%s%s' "$T_USER" \
	    "${RELAY_PORT:-${SSH_PORT:-22}}" "$REPO"
}

# relay_start MS [FAULT=N]...: a way to sshd that is MS milliseconds longer,
# each way, with faults of its own: test/bench/relay.c has them.  From then on
# repo_url leads there; RELAY_PID takes SIGUSR1 (drop all connections) and
# SIGUSR2 (stop and resume forwarding).  T/relay.log says what befell whom.
relay_start()
{
	local i

	[ -x "$T_BIN/relay" ] || skip "no relay: make the tools first"
	for i in 1 2 3 4 5; do
		RELAY_PORT=$(free_port)
		t_relay_launch "$@" && break
		RELAY_PORT=
	done
	[ -n "$RELAY_PORT" ] || die "the relay does not start"
	t_known_hosts "$SSH_PORT" "$RELAY_PORT"
}

# The way there is cut, and nobody listens any more; the address stays.
relay_cut()
{
	t_signal KILL "$RELAY_PID"
	wait "$RELAY_PID" 2>/dev/null
}

t_relay_launch()
{
	"$T_BIN/relay" "$RELAY_PORT" "$SSH_PORT" "$@" \
	    2>>"$T/relay.log" </dev/null &
	RELAY_PID=$!
	wait_for t_answers "$RELAY_PID" "$RELAY_PORT"
	! t_ended "$RELAY_PID" || return 1
	T_PIDS+=("$RELAY_PID")
}

# relay_again MS [FAULT=N]...: after relay_cut, at the same port.
relay_again()
{
	wait_for t_relay_launch "$@" || die "the relay does not start again"
}

relay_stop()
{
	kill "$RELAY_PID" 2>/dev/null
	wait "$RELAY_PID" 2>/dev/null
	RELAY_PORT=
}

### wal-receive, of the slot seawall_main, and clients that write

# receiver [OPTION]...: in the background; T/receive.log has what it says
receiver()
{
	background run wal-receive "$@" >>"$T/receive.log" 2>&1
}

# The receivers themselves, not the shells around them.
receivers()
{
	local p

	for p in $(t_strays); do
		case "$(readlink "/proc/$p/exe")" in
		*/wal-receive) echo "$p" ;;
		esac
	done
}

no_receivers()
{
	[ -z "$(receivers)" ]
}

# synced NAME [SLOT]: whether it is a synchronous standby, for wait_for
synced()
{
	[ "$(sql "$1" "select sync_state from pg_stat_replication
	    where application_name = '${2:-seawall_main}'")" = sync ]
}

# require NAME [VALUE]: commits wait for these standbys
require()
{
	sql "$1" "alter system set synchronous_standby_names =
	    '${2-seawall_main}'" || die "synchronous_standby_names"
	sql "$1" "select pg_reload_conf()" >/dev/null
}

# client NAME NUMBER ROUND: one row of table t after the other; T/acked.NUMBER
# has the number of each whose commit has returned.
client()
{
	local n=0

	while n=$((n + 1)); do
		printf 'insert into t values (%s, %s, %s);\n\\echo %s\n' \
		    "$3" "$2" "$n" "$n"
	done 2>/dev/null | pg_psql "$1" >"$T/acked.$2" 2>/dev/null
}

# How many rows were acknowledged to all clients.
acked()
{
	cat "$T"/acked.* | wc -l
}

# missing NAME ROUND: rows that a client saw committed and that are not there.
missing()
{
	local f n

	for f in "$T"/acked.*; do
		n=$(tail -n 1 "$f")
		sql "$1" "select ${f##*.}, i from generate_series(1, ${n:-0}) i
		    where not exists (select from t where round = $2 and
		    client = ${f##*.} and n = i)"
	done
}

# stored_segments [REPO]: their names, sorted
stored_segments()
{
	find "${1:-$REPO}/main" -path '*/wal/*' -type f -printf '%f\n' |
	    grep -E '^[0-9A-F]{24}$' | sort
}

# same_wal NAME TIMELINE [REPO]: all complete segments of that timeline that the
# server still has are stored from the first stored one on, and are the same.
same_wal()
{
	local f first now n=0

	first=$(stored_segments "${3:-}" | grep "^$2" | head -n 1)
	# Past the end of a segment: its name alone is one of two before 17.
	sql "$1" "select pg_create_restore_point('now')" >/dev/null
	now=$(sql "$1" "select pg_walfile_name(pg_current_wal_insert_lsn())")
	for f in $(find "$T/$1/pg_wal" -name "$2????????????????" \
	    -printf '%f\n' | sort); do
		[[ "$f" < "$first" || ! "$f" < "$now" ]] && continue
		rm -f "$T/home/same"
		if ! (cd "$T/$1" && run wal-fetch --set agent=off "$f" \
		    "$T/home/same" >/dev/null 2>&1) ||
		    ! cmp -s "$T/$1/pg_wal/$f" "$T/home/same"; then
			fail "$f is not stored as the server has it"
			return 1
		fi
		n=$((n + 1))
	done
	[ "$n" -gt 0 ]
}

### What is killed at many moments of its life

# kill_spread RUNS COMMAND...: run it so often, killed (SIGKILL, with all that
# it started) after longer and longer parts of the time that it takes.  That is
# learnt from the runs that end by themselves, the first of which nobody kills.
# Behind each run "killed_one RC" is called, a function of the test; 137 means
# killed.  N_KILLED says how many were.
kill_spread()
{
	local runs=$1 i=0 began rc took

	shift
	N_KILLED=0
	took=0
	while [ "$i" -le "$runs" ]; do
		began=$(t_now_ms)
		background "$@" >/dev/null 2>&1
		if [ "$took" != 0 ]; then
			sleep "$(t_seconds $((took * i / runs)))"
			bg_signal KILL
		fi
		wait "$BG" 2>/dev/null
		rc=$?
		[ "$rc" = 137 ] || took=$(($(t_now_ms) - began))
		[ "$rc" != 137 ] || N_KILLED=$((N_KILLED + 1))
		i=$((i + 1))
		killed_one "$rc"
	done
}

t_now_ms()
{
	echo $(($(date +%s%N) / 1000000))
}

# Milliseconds as seconds.
t_seconds()
{
	printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000))
}

### What goes wrong by chance, as RANDOM has it

# pick FROM TO: a random number of milliseconds, as seconds.
pick()
{
	local ms=$(($1 + RANDOM % ($2 - $1)))

	PICKED=$((ms / 1000)).$(printf %03d $((ms % 1000)))
}

rest()
{
	pick "$@"
	sleep "$PICKED"
}

# kill_some SIGNAL PROGRAM: what runs of it at this moment, agents and all.
kill_some()
{
	local p

	for p in $(t_strays); do
		case "$(readlink "/proc/$p/exe")" in
		"$T_BIN/$2"*) kill "-$1" "$p" 2>/dev/null ;;
		esac
	done
}

term_agents()
{
	local p

	for p in $(agents); do
		kill -TERM "$p" 2>/dev/null
	done
}

restart_sshd()
{
	sshd_stop
	rest 100 4000
	sshd_again
}

pause_sshd()
{
	sshd_pause
	rest 500 5000
	sshd_cont
}

pause_relay()
{
	kill -USR2 "$RELAY_PID"
	rest 500 5000
	kill -USR2 "$RELAY_PID"
}

drop_connections()
{
	local i

	for i in 1 2 3 4; do
		kill -USR1 "$RELAY_PID"
		rest 50 800
	done
}

cut_network()
{
	relay_cut
	rest 100 4000
	relay_again 1
}

B=${B:-build}
case "$B" in
/*) ;;
*) B=$T_TOP/$B ;;
esac
t_choose_user
trap t_cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
t_folder
