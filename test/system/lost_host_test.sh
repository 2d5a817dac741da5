#!/bin/bash
# SPDX-License-Identifier: ISC
#
# The database host is lost in the middle of a backlog, again and again: what
# is in the repository then never has a gap, however many segments were on
# their way at a time.  A recovery would stop there for good.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

# All of our host at once: PostgreSQL, wal-push, the agent.
lose_host()
{
	local p

	pg_kill pg
	for p in $(agents) $(t_strays); do
		case "$(readlink "/proc/$p/exe")" in
		*/wal-push) kill -KILL "$p" 2>/dev/null ;;
		esac
	done
}

# What is stored, and the names that are missing between first and last.
gaps()
{
	find "$REPO" -path '*/wal/*' -type f -printf '%f\n' |
	    grep -E '^[0-9A-F]{24}$' | sort | awk '
	    { n = substr($0, 17); v = 0
	      for (i = 1; i <= 8; i++)
		v = v * 16 + index("0123456789ABCDEF", substr(n, i, 1)) - 1
	      if (NR > 1 && v != last + 1)
		print "nothing between", last, "and", v
	      last = v }'
}

some_stored()
{
	[ "$(find "$REPO" -path '*/wal/*' -type f | wc -l)" -gt "$1" ]
}

keygen main
sshd_start ""
conf_write wal_compression=xz:3 push_jobs=4
pg_init pg --wal-segsize=1
go="test -e $T/go && $T_BIN/wal-push --config $CONF %p"
pg_conf pg "archive_mode = on" "archive_command = '$go'"
pg_start pg
sql pg "create table t as select i, md5(i::text) x
    from generate_series(1, 500000) i"
: >"$T/go"
stored=0
for i in 1 2 3 4 5 6; do
	sql pg "select pg_switch_wal()" >/dev/null
	ok "round $i: archiving goes on" wait_for some_stored "$stored"
	sleep "0.$((RANDOM % 5))"
	lose_host
	sleep 0.5			# the server's last requests
	is "round $i: no gap" "$(gaps)" ""
	stored=$(find "$REPO" -path '*/wal/*' -type f | wc -l)
	rm -f "$T/pg/postmaster.pid"
	pg_start pg
	sql pg "update t set x = md5(x) where i <= 30000"
done
ok "all of it" pg_archived pg
is "no gap" "$(gaps)" ""
