#!/bin/bash
# SPDX-License-Identifier: ISC
#
# wal-receive as the only synchronous standby, while everything around it
# fails: the way to the repository is cut, stops and is slow; so is the
# server; both come back.  Commits go on by themselves, archive_command stores
# the same segments at the same time, a second receiver feeds another
# repository, nothing is missing at the end, and then the server is lost.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

STREAM="host=$T/pg.sock port=5432 user=postgres"

# Commits return again after what was done before.
goes_on()
{
	local before

	before=$(wc -l <"$T/acked.1")
	if wait_for eval "[ \$(wc -l <'$T/acked.1') -gt $((before + 3)) ]"; then
		pass "$1"
	else
		die "$1: no commit returns any more"
	fi
}

walsenders()
{
	sql pg "select pid from pg_stat_replication"
}

# shellcheck disable=SC2119
sshd_start
relay_start 2
# shellcheck disable=SC2119
keygen
conf_write streaming_conninfo="$STREAM" io_timeout=2s status_interval=1s \
    wal_compression=zstd:1 agent_linger=1s
pg_init pg --wal-segsize=1
pg_conf pg "max_wal_senders = 8" "max_replication_slots = 4" \
    "wal_keep_size = 2GB"
pg_archive pg
pg_start pg
pg_slim pg
sql pg "create table t (round int, client int, n int);
    create index on t (round, client, n);
    create table fill (x text)"
receiver --from-now
wait_for grep -q "streaming timeline 1" "$T/receive.log" ||
    die "it does not stream"
run base-push --fast --quiet || die "base-push"

# The second receiver and its repository, on a local disk.
FIRST=$CONF
CONF=$T/second.conf
conf_write streaming_conninfo="$STREAM" repository="$T/host/repo2" \
    state_dir="$T/home/state2" wal_compression=zstd:1 slot=seawall_two
background run wal-receive --from-now >>"$T/second.log" 2>&1
CONF=$FIRST
require pg "FIRST 2 (seawall_main, seawall_two)"
wait_for synced pg || die "it is no synchronous standby"
wait_for synced pg seawall_two || die "the second is none"

client pg 1 1 &
# So that there is something to stream all the time, unseen by clients.
as "$PGBIN/pgbench" -n -h "$T/pg.sock" -p 5432 -U postgres -T 900 -R 4 \
    -f /dev/stdin postgres >/dev/null 2>&1 <<'END' &
begin;
set local synchronous_commit = off;
insert into fill select md5(i::text) from generate_series(1, 300) i;
end;
END
goes_on "two receivers, and an archive_command"

### The way to the repository

kill -USR1 "$RELAY_PID"
goes_on "a cut connection to the repository"
said=$(wc -l <"$T/receive.log")
kill -USR2 "$RELAY_PID"
wait_for eval "[ \$(wc -l <'$T/receive.log') -gt $said ]" ||
    fail "silence is not noticed"
kill -USR2 "$RELAY_PID"
goes_on "a silent connection to the repository"
sshd_stop
said=$(wc -l <"$T/receive.log")
wait_for eval "[ \$(wc -l <'$T/receive.log') -gt $said ]"
sshd_again
goes_on "a repository's host that starts again"
sshd_pause
said=$(wc -l <"$T/receive.log")
wait_for eval "[ \$(wc -l <'$T/receive.log') -gt $said ]"
sshd_cont
goes_on "a repository's host that hangs"
relay_cut
relay_again 60
goes_on "a slow way to the repository"
relay_cut
relay_again 2
goes_on "and a fast one again"

### The server

for pid in $(walsenders); do
	sql pg "select pg_terminate_backend($pid)" >/dev/null
done
goes_on "a connection to the server that it ends"
wait_for synced pg
pids=$(walsenders)
# shellcheck disable=SC2086	# several
kill -STOP $pids
is "a commit waits while walsenders are stopped" \
    "$(timeout 2 "$PGBIN/psql" -X -h "$T/pg.sock" -p 5432 -U postgres \
    -c "insert into t values (0, 0, 0)" 2>&1)" ""
# shellcheck disable=SC2086
kill -CONT $pids
goes_on "a server that hangs"
# shellcheck disable=SC2046	# several
kill -STOP $(receivers)
sleep 0.5
# shellcheck disable=SC2046
kill -CONT $(receivers)
goes_on "a receiver that was stopped"
# shellcheck disable=SC2046
kill -KILL $(receivers)
receiver
CONF=$T/second.conf
background run wal-receive >>"$T/second.log" 2>&1
CONF=$FIRST
goes_on "a receiver that was killed"
pg_stop pg -m immediate
pg_start pg
client pg 1 2 &
goes_on "a server that crashes and starts again"

### A fast stop with the repository away, and WAL that waits to be read

# A server that archives waits for its archive_command.
sql pg "alter system set archive_command = 'true'"
sql pg "select pg_reload_conf()" >/dev/null
wait_for synced pg
sshd_pause
( sql pg "begin; set local synchronous_commit = off;
    insert into fill select md5(i::text) from generate_series(1, 40000) i;
    end" >/dev/null 2>&1
  echo filled >"$T/filled" ) &
wait_for test -s "$T/filled"
begin=$SECONDS
pg_stop pg -m fast
took=$((SECONDS - begin))
ok "a fast stop, while more waits than connections hold, took $took s" \
    test "$took" -le 5
sshd_cont
pg_start pg
wait_for synced pg
client pg 1 3 &
goes_on "all go on"

### Nothing is missing

end=$(pg_switch pg)
for r in "$REPO" "$T/host/repo2"; do
	wait_for eval "stored_segments '$r' | grep -qx '$end'" ||
	    fail "$r has no $end"
done
ok "what is stored is what the server has" same_wal pg 00000001
CONF=$T/second.conf
ok "in the second repository, too" same_wal pg 00000001 "$T/host/repo2"
CONF=$FIRST
lacks "no conflict" "$(cat "$T/receive.log" "$T/second.log" "$T/pg.log")" \
    "conflict|differs"

### And the end

pg_crash pg
# shellcheck disable=SC2046
kill -KILL $(receivers)
as rm -rf "$T/pg"
ok "a restore" run base-fetch --quiet latest "$T/pg"
pg_start pg
wait_for t_primary pg
is "every acknowledged commit of $(acked) is there" "$(missing pg 3)" ""
