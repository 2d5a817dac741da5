#!/bin/bash
# SPDX-License-Identifier: ISC
#
# wal-fetch's agent: what it fetches ahead and where, what it says when the
# network, the repository or it itself fails, and when it leaves; pg_rewind.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

conf()
{
	conf_write "data_directory=$T/pg" wal_compression=zstd:1 \
	    fetch_retry=1s agent_linger=1h "$@"
}

# A cluster's folder as wal-fetch finds it when a server recovers there.
follower()
{
	as mkdir -p -m 700 "$T/f/global" "$T/f/pg_wal" || die "mkdir"
	as cp "$T/pg/global/pg_control" "$T/f/global/"
	as touch "$T/f/postmaster.pid"
}

fetch()
{
	as sh -c "cd $T/f && exec $T_BIN/wal-fetch --config $CONF \$0 \$1" \
	    "$1" "${2:-pg_wal/RECOVERYXLOG}"
}

# gets NAME: identical to what the cluster had.
gets()
{
	ok "${2:-fetch $1}" fetch "$1"
	lacks "... without a word" "$OUT" .
	same "... identical" "$T/f/pg_wal/RECOVERYXLOG" "$T/seg/$1"
	rm -f "$T/f/pg_wal/RECOVERYXLOG"
}

ahead()
{
	find "$T/f/seawall_prefetch" -type f 2>/dev/null | wc -l
}

has_ahead()
{
	[ "$(ahead)" = "$1" ]
}

agent_pids()
{
	local p

	for p in $(t_strays); do
		! tr '\0' ' ' <"/proc/$p/cmdline" 2>/dev/null |
		    grep -q "wal-fetch --agent.* $T/f " || echo "$p"
	done
}

agent_left()
{
	[ -z "$(agent_pids)" ]
}

kill_agent()
{
	local p

	for p in $(agent_pids); do
		kill "-$1" "$p"
	done
}

sshd_start --log
keygen main >/dev/null
conf
pg_init pg --wal-segsize=1 -k
pg_archive pg
pg_conf pg "wal_keep_size = '1GB'"	# until we have copied it
pg_start pg
sql pg "create table t (n int, s text)"
as mkdir "$T/seg"
pg_archived pg
FIRST=
for i in $(seq 24); do
	sql pg "insert into t select i, md5(i::text)
	    from generate_series(1, 500) i"
	f=$(sql pg "select pg_walfile_name(pg_current_wal_insert_lsn())")
	sql pg "select pg_switch_wal()" >/dev/null
	as cp "$T/pg/pg_wal/$f" "$T/seg/"
	FIRST=${FIRST:-$f}
done
pg_archived pg || die "archive"
mapfile -t SEG < <(cd "$T/seg" && ls)
[ ${#SEG[@]} = 24 ] || die "${#SEG[@]} segments, expected 24"
follower

### Ahead

gets "${SEG[0]}"
ok "the segments behind it come" wait_for has_ahead 8
is "... into a folder of ours" \
    "$(stat -c %a "$T/f/seawall_prefetch")" 700
is "one agent" "$(agent_pids | wc -w)" 1
for i in 1 2 3 4; do
	gets "${SEG[i]}"
done
is "nothing is left beside the target" "$(ls "$T/f/pg_wal")" ""
is "one agent still" "$(agent_pids | wc -w)" 1

### Absence, polled

exits "a history that never was" 1 fetch 00000002.history
lacks "... without a word" "$OUT" .
n=$(grep -c 'session opened' "$T/sftp.log")
for i in 1 2 3 4 5; do
	exits "polled" 1 fetch 00000009.history
done
is "... over the connections that are there" \
    "$(grep -c 'session opened' "$T/sftp.log")" "$n"

### The agent is killed

kill_agent KILL
wait_for agent_left
gets "${SEG[5]}" "the agent was killed: a new one"
ok "... which fetches ahead" wait_for has_ahead 8
kill_agent STOP
ok "the agent hangs: without it" fetch "${SEG[6]}"
has "... and that is said" "$OUT" "wal-fetch: agent: "
same "... identical" "$T/f/pg_wal/RECOVERYXLOG" "$T/seg/${SEG[6]}"
kill_agent CONT
sleep 1
same "... and stays so when it wakes up" "$T/f/pg_wal/RECOVERYXLOG" \
    "$T/seg/${SEG[6]}"
is "... which leaves nothing beside it" "$(ls "$T/f/pg_wal")" RECOVERYXLOG

### Exit statuses through the agent

gets "${SEG[7]}"
wait_for has_ahead 8
sshd_stop 2>/dev/null
gets "${SEG[8]}" "without network: what is here"
exits "... and what is not" 205 fetch "${SEG[22]}"
has "... after trying again" "$OUT" "trying again"
as touch "$T/f/standby.signal"
exits "... on a standby" 1 fetch "${SEG[22]}"
has "... which is told why" "$OUT" "refused"
rm "$T/f/standby.signal"
sshd_start --log
gets "${SEG[9]}" "the network is back"
obj=$(find "$REPO" -name "${SEG[20]}")
cp -p "$obj" "$T/stored"
chmod 600 "$obj"
cp "$(find "$REPO" -name "${SEG[21]}")" "$obj"
exits "another segment's object" 207 fetch "${SEG[20]}"
has "... is named" "$OUT" "wal-fetch: ${SEG[20]}: "
head -c 300 "$T/stored" >"$obj"
exits "cut short" 207 fetch "${SEG[20]}"
mv "$obj" "$T/away"
exits "lost: a gap" 205 fetch "${SEG[20]}"
has "... is named" "$OUT" "this is a gap"
cp -p "$T/stored" "$obj"
gets "${SEG[20]}" "mended"
mv "$REPO" "$T/host/away"
as mkdir "$REPO"
exits "the repository's disk is not mounted" 205 fetch "00000007.history"
has "... is said" "$OUT" "is its disk mounted"
rmdir "$REPO"
mv "$T/host/away" "$REPO"
conf "restore_key=$T/keys/main.push"
exits "the wrong key" 203 fetch "${SEG[10]}"
conf agent=off
gets "${SEG[10]}" "agent = off"
conf

### When it leaves

gets "${SEG[11]}"
rm "$T/f/postmaster.pid"
ok "the server stops: the agent leaves" wait_for agent_left
ok "... and its folder with it" test ! -e "$T/f/seawall_prefetch"
as touch "$T/f/postmaster.pid"
gets "${SEG[12]}"
wait_for has_ahead 8
rm -rf "$T/f/seawall_prefetch"
ok "its folder is removed by somebody: without it" fetch "${SEG[13]}"
has "... and that is said" "$OUT" "wal-fetch: agent: "
same "... identical" "$T/f/pg_wal/RECOVERYXLOG" "$T/seg/${SEG[13]}"
rm -rf "$T/f"
ok "the data directory is gone: the agent leaves" wait_for agent_left
ok "... and nothing is left" test ! -e "$T/f"
is "... nor in the folder of agents" \
    "$(find "$T/state/run" -name 'main.fetch.*.sock')" ""

### pg_rewind reads the target's WAL, which is in the archive only

pg_conf pg "hot_standby = on"
pg_standby b pg
pg_conf b "archive_mode = off"
pg_start b
as "$PGSERVER/pg_ctl" -D "$T/b" -w promote >/dev/null
wait_for t_primary b
for i in 1 2 3 4 5; do
	sql pg "insert into t select i, 'lost' from generate_series(1, 500) i"
	pg_archived pg
done
pg_stop pg -m fast
last=$(as "$PGBIN/pg_controldata" "$T/pg" | awk '/REDO WAL file/ { print $NF }')
for f in "$T"/pg/pg_wal/0000*; do
	[ ! "${f##*/}" \< "$last" ] || rm -f "$f"
done
pg_conf pg "restore_command = '$T_BIN/wal-fetch --config $CONF %f %p'"
sql b "checkpoint"
ok "pg_rewind with wal-fetch" as "$PGBIN/pg_rewind" -c \
    --target-pgdata="$T/pg" \
    --source-server="host=$T/b.sock port=5432 user=postgres dbname=postgres"
ok "... leaves no folder" test ! -e "$T/pg/seawall_prefetch"
