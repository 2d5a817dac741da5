#!/bin/bash
# SPDX-License-Identifier: ISC
#
# The main job, for real and on throwaway data: a shop archives over SSH and
# is backed up while customers buy; somebody forgets a WHERE and then drops
# the database; everything comes back as it was the moment before.  Then WAL is
# streamed, so that no commit is lost, and a drill proves that after the host is
# gone.  What is printed was measured in this run; what does not hold ends it
# with status 1.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

SHOP=pg
ACKS=$T/acks			# pgbench's log: one line a committed order
TRAPPED=

t_logs_of_harness=$(declare -f t_logs)
interrupted()
{
	TRAPPED=$1
	exit "$1"
}
trap 'interrupted 130' INT
trap 'interrupted 143' TERM HUP

# Logs help after a failure, not after Ctrl-C.
eval "demo_${t_logs_of_harness}"
t_logs()
{
	if [ -n "$TRAPPED" ]; then
		say "interrupted; everything is ended and removed"
	else
		demo_t_logs
	fi
}

### Telling

title()
{
	printf '\n%s\n' "$*"
}

tell()
{
	printf '  %s\n' "$@"
}

# A command as one would type it, then its output.  With MAYBE=9 that status is
# no failure: the command has found something.
show()
{
	local word rc

	printf '  $'
	for word; do
		case "$word" in
		*' '*) printf " '%s'" "$word" ;;
		*) printf ' %s' "$word" ;;
		esac
	done
	printf '\n'
	run "$@" >"$T/out" 2>&1 </dev/null
	rc=$?
	[ "$rc" = 0 ] || [ "$rc" = "${MAYBE:-0}" ] || {
		cat "$T/out" >&2
		die "$1 failed"
	}
	sed 's/^/  /' "$T/out"
}

now_us()
{
	echo $(($(date +%s%N) / 1000))
}

# seconds FROM TO, both in microseconds
seconds()
{
	awk -v us=$(($2 - $1)) 'BEGIN { printf "%.1f", us / 1000000 }'
}

### The shop

shop()
{
	pg_psql "$SHOP" -d shop -c "$1" </dev/null
}

# Its customers, every column of every row.
customers()
{
	shop "select count(*) || ' rows, md5 ' ||
	    md5(string_agg(md5(c::text), '' order by id)) from customers c"
}

# What double-entry bookkeeping says of pgbench's tables: all sums equal.
books()
{
	shop "select case when a = t and t = b and b = h then 'balanced'
	    else format('accounts %s, tellers %s, branches %s, history %s',
	    a, t, b, h) end from
	    (select sum(abalance) a from pgbench_accounts) w,
	    (select sum(tbalance) t from pgbench_tellers) x,
	    (select sum(bbalance) b from pgbench_branches) y,
	    (select sum(delta) h from pgbench_history) z"
}

# The orders whose commit pgbench was told of, until a time in microseconds.
acknowledged()
{
	cat "$ACKS".* | awk -v until="$1" '
	$5 * 1000000 + $6 <= until { print $1 "/" $2 }' | sort
}

open_shop()
{
	sql "$SHOP" "create database shop" || die "create database"
	as "$PGBIN/pgbench" -i -q -s 4 -h "$T/$SHOP.sock" -U postgres shop \
	    >"$T/init.log" 2>&1 || die "pgbench -i: see its log below"
	shop "create table customers as select id,
	    'customer ' || id as name,
	    md5(id::text) || '@example.com' as email,
	    round((random() * 1000)::numeric, 2) as credit
	    from generate_series(1, 50000) id" || die "customers"
	# What people type is logged; what programs do is not.
	sql "$SHOP" "create role alice superuser login" || die "create role"
	sql "$SHOP" "alter role alice set log_statement = 'all'" ||
	    die "alter role"
}

# Customers buy until the database is gone.  The transaction of pgbench, with
# its client and number, as in pgbench's log, in each row of history.
buy()
{
	cat >"$T/order.sql" <<-'END'
	\set n :n + 1
	\set aid random(1, 100000 * :scale)
	\set bid random(1, :scale)
	\set tid random(1, 10 * :scale)
	\set delta random(-5000, 5000)
	begin;
	update pgbench_accounts set abalance = abalance + :delta
	    where aid = :aid;
	update pgbench_tellers set tbalance = tbalance + :delta
	    where tid = :tid;
	update pgbench_branches set bbalance = bbalance + :delta
	    where bid = :bid;
	insert into pgbench_history values (:tid, :bid, :aid, :delta,
	    current_timestamp, :client_id || '/' || :n);
	end;
	END
	background as "$PGBIN/pgbench" -n -c 4 -j 2 -R 300 -T 600 -l \
	    -f "$T/order.sql" -D n=0 -s 4 --log-prefix="$ACKS" \
	    -h "$T/$SHOP.sock" -U postgres shop \
	    >"$T/pgbench.log" 2>&1
	wait_for bought 20 || die "nobody buys"
}

bought()
{
	[ "$(shop "select count(*) >= $1 from pgbench_history")" = t ]
}

alice()
{
	printf '  alice=# %s\n' "$2"
	as "$PGBIN/psql" -X -h "$T/$SHOP.sock" -U alice -d "$1" -c "$2" \
	    >"$T/out" 2>&1 </dev/null || die "alice: $(cat "$T/out")"
	sed 's/^/  /' "$T/out"
}

# When the server logged the statement, as people read it there.
logged_at()
{
	grep -F "statement: $1" "$T/$SHOP.log" | tail -n 1 |
	    grep -Eo '^[0-9-]+ [0-9:.]+ UTC'
}

recovered()
{
	[ "$(sql "$SHOP" "select pg_is_in_recovery()")" = f ]
}

# What base-fetch said: this cluster takes over.
release()
{
	local name

	for name in archive_command archive_library hot_standby \
	    max_logical_replication_workers; do
		sql "$SHOP" "alter system reset $name" || die "reset $name"
	done
	sql "$SHOP" "select pg_reload_conf()" >/dev/null
}

synchronous()
{
	[ "$(sql "$SHOP" "select sync_state from pg_stat_replication")" = sync ]
}

# stands CHECK: it is ok, whatever else backup-check finds on this machine.
stands()
{
	grep -Eq "^ok +$1: " "$T/out" || die "backup-check: $1 is not ok"
}

### The story

pg_find
began=$(now_us)
sshd_start --append-only
title "Seawall: the whole job, on real components"
version=$("$PGBIN/postgres" --version | sed 's/^postgres (\(.*\)) /\1 /')
tell "$version, archiving over SSH to" \
    "$(ssh -V 2>&1 | cut -d, -f1) at $(repo_url)" \
    "where the key that pushes can add, and neither change nor delete." \
    "All of it lies in $T and is gone at the end."

title "1. Keys: the database host gets one that writes and cannot read"
show backup-keygen "$T/keys/main"
conf_write "wal_compression=xz"

title "2. A shop opens; PostgreSQL archives with wal-push"
pg_init "$SHOP" -k
pg_archive "$SHOP"
pg_conf "$SHOP" "fsync = on" "log_timezone = 'UTC'" "shared_buffers = 64MB"
pg_start "$SHOP"
tell "archive_command = '$(sql "$SHOP" "show archive_command")'"
open_shop
tell "$(sql "$SHOP" "select pg_size_pretty(pg_database_size('shop'))") \
in database shop; its customers: $(customers | cut -d, -f1)"

title "3. A base backup, while customers buy"
buy
before=$(shop "select count(*) from pgbench_history")
t=$(now_us)
show base-push --fast --label "demo"
tell "$(seconds "$t" "$(now_us)") s; meanwhile \
$(($(shop "select count(*) from pgbench_history") - before)) orders were taken"
show backup-list
wait_for bought $((before + 900)) || die "nobody buys any more"

title "4. What every DBA fears"
was=$(customers)
alice shop "UPDATE customers SET credit = 0;"
[ "$(customers)" != "$was" ] || die "the accident did not happen"
sleep 1
alice postgres "DROP DATABASE shop WITH (FORCE);"
gone=$(now_us)

title "5. The moment before: PostgreSQL's log knows it"
moment=$(logged_at "UPDATE customers")
[ -n "$moment" ] || die "the log does not have the UPDATE"
moment_us=$(($(date -d "$moment" +%s%N) / 1000))
tell "$moment  UPDATE customers SET credit = 0;"
pg_stop "$SHOP" -m fast
if ls "$T/$SHOP/pg_wal/archive_status/"*.ready >/dev/null 2>&1; then
	die "PostgreSQL stopped with WAL that is not archived"
fi
segments=$(find "$REPO" -path '*/wal/*' -type f | wc -l)
tell "The server is stopped, which archives the rest of its WAL:" \
    "$segments files."
tell "Its directory is removed: what comes now, the repository alone gives."
rm -rf "${T:?}/$SHOP"

title "6. Back to that moment"
t=$(now_us)
show base-fetch --target-time "$moment" --target-action promote latest \
    "$T/$SHOP"
fetched=$(now_us)
verified=$(as "$PGBIN/pg_verifybackup" -n "$T/$SHOP" 2>&1) ||
    die "pg_verifybackup: $verified"
tell "pg_verifybackup: $verified"
pg_start "$SHOP"
wait_for recovered || die "recovery does not end"
shop "create table back as select now()" || die "no write is accepted"
back=$(now_us)
tell "base-fetch took $(seconds "$t" "$fetched") s; checking, starting and \
replaying WAL $(seconds "$fetched" "$back") s"

title "7. Is it all there?"
is_now=$(customers)
tell "customers before  $was" "customers now     $is_now"
[ "$is_now" = "$was" ] || die "the customers are not what they were"
sums=$(books)
tell "the books of the orders: $sums"
[ "$sums" = balanced ] || die "the books do not balance"
acknowledged "$moment_us" >"$T/ordered"
acknowledged "$gone" >"$T/ordered.later"
shop "select trim(filler) from pgbench_history" | sort >"$T/restored"
ordered=$(wc -l <"$T/ordered")
later=$(($(wc -l <"$T/ordered.later") - ordered))
lost=$(comm -23 "$T/ordered" "$T/restored" | wc -l)
tell "orders acknowledged before that moment $ordered, of these missing $lost"
[ "$ordered" -ge 900 ] || die "too few orders to prove anything"
[ "$lost" = 0 ] || die "$lost acknowledged orders are lost"
last=$(sql "$SHOP" "select round(extract(epoch from
    pg_last_xact_replay_timestamp()) * 1000000)")
[ "${last:-$((moment_us + 1))}" -le "$moment_us" ] ||
    die "the last commit restored, ${last:-unknown}, is after the moment"

measured=$(now_us)

title "8. Never again: WAL is streamed, and a commit waits until it is stored"
release
tell "\$ wal-receive --create-slot &"
background run wal-receive --create-slot >"$T/receive.log" 2>&1
sql "$SHOP" "alter system set synchronous_standby_names = 'seawall_main'"
sql "$SHOP" "select pg_reload_conf()" >/dev/null
wait_for synchronous || die "wal-receive does not stream"
show base-push --fast
t=$(now_us)
shop "insert into customers values (50001, 'the last one', 'l@example.com', 7)"
tell "one commit, durable on the other host before the client hears of it: \
$(seconds "$t" "$(now_us)") s, psql's start included"

title "9. Is this cluster recoverable right now?"
MAYBE=9 show backup-check
stands receiver
stands recoverable

title "10. The host burns, and a drill shows what that would have cost"
pg_kill "$SHOP"
bg_signal TERM
rm -rf "${T:?}/$SHOP"
show backup-drill --sql "select max(id) from customers" --expect 50001 \
    --sql-database shop
tell "Its last commit is there, although its segment was never completed."

title "Measured"
tell "The accident and its end, steps 4 to 7:" \
    "RPO   $lost orders acknowledged before the UPDATE are lost; the last" \
    "      commit restored is $(((moment_us - last) / 1000)) ms older" \
    "      than it.  Given up with the accident:" \
    "      the $later orders from the UPDATE to the end of DROP DATABASE." \
    "      (A burnt machine would have cost what was not archived yet:" \
    "      archive_timeout bounds that.)" \
    "RTO   $(seconds "$gone" "$back") s from DROP DATABASE to the first" \
    "      write accepted." \
    "      That took $(seconds "$began" "$measured") s from the start," \
    "      and all of it $(seconds "$began" "$(now_us)") s."
T_DONE=-1
