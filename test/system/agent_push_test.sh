#!/bin/bash
# SPDX-License-Identifier: ISC
#
# wal-push's agent: started once, asked by all, gone when it should be; what
# it pushed ahead counts for that very file alone; and without it wal-push
# works as ever.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

conf()
{
	conf_write wal_compression=zstd:1 agent_linger=1h \
	    "data_directory=$T/pg" "$@"
}

# push NAME [OPTION]...: as PostgreSQL does, in the data directory.
push()
{
	run sh -c "cd $T/pg && exec wal-push \"\$@\"" - "${@:2}" "pg_wal/$1"
}

has_agents()
{
	[ "$(agents | wc -l)" = "$1" ]
}

is_stored()
{
	[ -n "$(find "$REPO" -path "*/wal/*" -name "$1")" ]
}

is_missing()
{
	! is_stored "$1"
}

is_tidy()
{
	[ -z "$(ls "$REPO"/main/*/tmp)" ]
}

stored()
{
	find "$REPO" -path '*/wal/*' -type f 2>/dev/null | wc -l
}

failures()
{
	sql pg "select failed_count from pg_stat_archiver"
}

has_failed()
{
	[ "$(failures)" -gt "$1" ]
}

# What is waited for is that the agent, not a file, is another one.
is_another()
{
	[ "$(agents)" != "$1" ]
}

no_agent()
{
	# shellcheck disable=SC2046	# several
	[ -z "$(agents)" ] || kill -KILL $(agents)
	wait_for has_agents 0
}

fresh()
{
	no_agent
	rm -rf "$REPO" "$T/state"
	as mkdir -m 700 "$T/state"
}

# The descriptors of a process, each with what it is; "why" of a leak.
descriptors()
{
	local f

	for f in "/proc/$1/fd"/*; do
		printf '%s %s\n' "${f##*/}" "$(readlink "$f")"
	done
}

# In D, at a moment when nothing is being pushed ahead.
descriptors_at_rest()
{
	D=$(descriptors "$A")
	! grep -q " $T/pg/" <<<"$D"
}

sshd_start ""
keygen main >/dev/null
conf

### Segments that wait: 1 MiB each, archiving fails until then

pg_init pg --wal-segsize=1
pg_conf pg "archive_mode = on" "archive_command = 'false'" \
    "wal_keep_size = 1GB" "log_min_messages = fatal"
pg_start pg
sql pg "create table t as select generate_series(1, 10) as n"
for ((i = 0; i < 14; i++)); do
	sql pg "insert into t select generate_series(1, 10);
	    select pg_switch_wal()" >/dev/null
done
mapfile -t SEG < <(cd "$T/pg/pg_wal/archive_status" &&
    printf '%s\n' *.ready | sed 's/\.ready$//')
ok "segments wait (${#SEG[@]})" test "${#SEG[@]}" -ge 14
STATUS=$(ls -l --full-time "$T/pg/pg_wal/archive_status")

### Started once, under ten calls at the same time

PIDS=()
for ((i = 0; i < 10; i++)); do
	push "${SEG[0]}" >>"$T/race.out" 2>&1 </dev/null &
	PIDS+=($!)
done
bad=0
for p in "${PIDS[@]}"; do
	wait "$p" || bad=$((bad + 1))
done
is "ten calls that race all succeed" "$bad" 0
is "... without a word" "$(cat "$T/race.out")" ""
is "... and start one agent" "$(agents | wc -l)" 1
A=$(agents)

### Limits of the process that starts it are not the limits of others

fresh
run sh -c "ulimit -S -f 8; ulimit -S -n 30; cd $T/pg &&
    exec wal-push 'pg_wal/${SEG[0]}'"
is "a push in tight limits" "$?" 0
A=$(agents)
is "... starts an agent without them" "$(awk '
    /^Max (file size|open files)/ { n += $4 != $5 } END { print n + 0 }' \
    "/proc/$A/limits")" 0
run sh -c "ulimit -f 100000; cd $T/pg && exec wal-push 'pg_wal/${SEG[0]}'"
is "a hard limit" "$?" 0
is "... makes an agent of its own" "$(agents | wc -l)" 2
fresh
push "${SEG[0]}"
A=$(agents)

### What it is

is "it is a session of its own" "$(ps -o sid= -p "$A" | tr -d ' ')" "$A"
is "... and nobody's child" "$(ps -o ppid= -p "$A" | tr -d ' ')" 1
if [ "$(id -u)" = 0 ]; then
	is "it works in /" "$(readlink "/proc/$A/cwd")" /
	wait_for descriptors_at_rest
	is "0 to 2 are /dev/null" "$(printf '%s\n' "$D" | grep -c \
	    '^[012] /dev/null$')" 3
	lacks "no file or pipe of ours is open" "$D" \
	    " ($T/pg/|$T/race|pipe:)"
	ok "it needs few descriptors ($(printf '%s\n' "$D" | wc -l))" \
	    test "$(printf '%s\n' "$D" | wc -l)" -le 16
fi
RUN=$T/state/run
is "its folder is private" "$(stat -c %a "$RUN")" 700
is "... with a socket and a lock" "$(find "$RUN" -type f -o -type s |
    sed 's/.*\.//' | sort | tr '\n' ' ')" "lock sock "

### The others were pushed ahead, and nothing else happened

for s in "${SEG[@]}"; do
	wait_for is_stored "$s" || fail "$s is not pushed ahead"
done
is "archive_status is untouched" \
    "$(ls -l --full-time "$T/pg/pg_wal/archive_status")" "$STATUS"
ok "nothing is left in tmp" wait_for is_tidy
sshd_pause				# so it must know
for ((i = 1; i < 6; i++)); do
	ok "${SEG[i]} was pushed ahead" push "${SEG[i]}"
	is "... without a word" "$OUT" ""
done
sshd_cont

### Only that very file

as cp -p "$T/pg/pg_wal/${SEG[6]}" "$T/good"
as sh -c "printf XYZ | dd of=$T/pg/pg_wal/${SEG[6]} bs=1 seek=700000 \
    conv=notrunc" 2>/dev/null
exits "the same name with other content" 6 push "${SEG[6]}"
has "... is a conflict" "$OUT" "^wal-push: ${SEG[6]}: .*other content"
as cp -p "$T/good" "$T/pg/pg_wal/${SEG[6]}"
ok "the right content under another inode" push "${SEG[6]}"
as cp -p "$T/pg/pg_wal/${SEG[7]}" "$T/copy"
as mkdir "$T/else"
as mv "$T/copy" "$T/else/${SEG[7]}"
ok "a copy elsewhere" run sh -c "cd $T/pg && wal-push $T/else/${SEG[7]}"
is "still one agent" "$(agents)" "$A"

### A bad neighbour

fresh
as cp -p "$T/pg/pg_wal/${SEG[2]}" "$T/good"
as sh -c ": >$T/pg/pg_wal/${SEG[2]}"
ok "the one before a bad one" push "${SEG[1]}"
ok "nothing behind it is stored unasked" is_missing "${SEG[9]}"
ok "the one behind it" push "${SEG[3]}"
exits "the bad one itself" 7 push "${SEG[2]}"
has "... with what is wrong with it" "$OUT" \
    "^wal-push: ${SEG[2]}: file has 0 bytes"
ok "... is not stored" is_missing "${SEG[2]}"
as cp -p "$T/good" "$T/pg/pg_wal/${SEG[2]}"
ok "made good, it is pushed" push "${SEG[2]}"

### Killed, told to go, idle

A=$(agents)
kill -KILL "$A"
ok "after SIGKILL the next call" push "${SEG[4]}"
ok "... has another one" is_another "$A"
A=$(agents)
kill -TERM "$A"
ok "on SIGTERM it leaves" wait_for has_agents 0
is "... and takes its socket along" "$(find "$RUN" -type s)" ""
conf agent_linger=1s
ok "a call" push "${SEG[5]}"
ok "it leaves when nobody calls" wait_for has_agents 0
conf

### What it depends on changes

ok "a call" push "${SEG[5]}"
A=$(agents)
sleep 0.1
conf push_jobs=3
ok "another configuration" push "${SEG[6]}"
ok "... another agent" is_another "$A"
ok "... and the old one goes" wait_for has_agents 1
A=$(agents)
as cp -p "$T/keys/main.push" "$T/keys/new"
as mv "$T/keys/new" "$T/keys/main.push"
ok "the key file replaced" push "${SEG[6]}"
ok "... the old one goes" wait_for has_agents 1
ok "... and another is there" is_another "$A"
A=$(agents)
as cp "$T_BIN/wal-push" "$T_BIN/wal-push.new"
as mv "$T_BIN/wal-push.new" "$T_BIN/wal-push"
ok "the program replaced" push "${SEG[7]}"
ok "... the old one goes" wait_for has_agents 1
ok "... and another is there" is_another "$A"
as cp "$T/keys/main.push" "$T/keys/kept"
as chmod 644 "$T/keys/main.push"
exits "a key that others may read" 3 push "${SEG[7]}"
is "... in one line" "$(printf '%s\n' "$OUT" | wc -l)" 1
as chmod 600 "$T/keys/main.push"
ok "... and after" push "${SEG[7]}"
no_agent
ok "a call" push "${SEG[7]}"
mv "$T/pg" "$T/away"
ok "the data directory gone, it leaves" wait_for has_agents 0
mv "$T/away" "$T/pg"

### Without an agent

fresh
conf agent=off
ok "agent = off" push "${SEG[0]}"
is "... without a word" "$OUT" ""
is "... and without an agent" "$(agents)" ""
is "... or a folder for it" "$(ls -d "$RUN" 2>/dev/null)" ""
is "... nothing is pushed ahead" "$(stored)" 1
conf agent=off wal_compression=auto
ok "auto without an agent" push "${SEG[1]}"
conf
as mkdir -m 755 "$RUN"
ok "a folder that others may enter" push "${SEG[2]}"
has "... is why there is no agent" "$OUT" "^wal-push: agent: .*run"
is "... in one line" "$(printf '%s\n' "$OUT" | wc -l)" 1
rmdir "$RUN"
if [ "$(id -u "$T_USER")" != 0 ]; then
	as mkdir -m 700 "$RUN"
	as chmod 500 "$RUN"
	ok "a folder that cannot be written" push "${SEG[3]}"
	has "... is why there is no agent" "$OUT" "^wal-push: agent: .*run"
	as chmod 700 "$RUN"
fi
ok "a call" push "${SEG[4]}"
SOCK=$(find "$RUN" -type s)
no_agent
rm -f "$SOCK"
as sh -c "echo mine >$SOCK"
ok "a foreign file in the socket's place" push "${SEG[5]}"
has "... is why there is no agent" "$OUT" "^wal-push: agent: .*\\.sock"
is "... and is left alone" "$(cat "$SOCK")" mine
rm -f "$SOCK"
exits "started by hand it refuses" 1 run sh -c \
    "wal-push --agent --config $CONF --server main $T/pg 3</dev/null \
    4</dev/null"
is "... in one line" "$(printf '%s\n' "$OUT" | wc -l)" 1

### Two servers in one configuration, two clusters of one name

fresh
{
	cat "$CONF"
	sed -n '/^\[main\]/,$p' "$CONF" | sed 's/^\[main\]/[other]/'
} >"$T/two.conf"
as cp "$T/two.conf" "$T/two"
ok "one server" push "${SEG[0]}" --config "$T/two" --server main
ok "another one" push "${SEG[0]}" --config "$T/two" --server other
is "have an agent each" "$(agents | wc -l)" 2
ok "... with its own repository" test -d "$REPO/other"
no_agent
pg_init twin --wal-segsize=1
pg_conf twin "archive_mode = on" "archive_command = 'false'"
pg_start twin
sql twin "select pg_switch_wal()" >/dev/null
TWIN=$(find "$T/twin/pg_wal/archive_status" -name '*.ready' -printf '%f\n' |
    sed 's/\.ready$//' | sort | head -n 1)
conf data_directory=
ok "a cluster" push "${SEG[0]}"
ok "another of the same name" run sh -c \
    "cd $T/twin && wal-push pg_wal/$TWIN"
is "have an agent each" "$(agents | wc -l)" 2
is "... and a folder each" "$(find "$REPO/main" -mindepth 1 -maxdepth 1 |
    wc -l)" 2
pg_stop twin -m immediate

### PostgreSQL's own archiver, and an outage

conf
fresh
sql pg "alter system set archive_command =
    '$T_BIN/wal-push --config $CONF %p'" >/dev/null
sql pg "select pg_reload_conf()" >/dev/null
ok "PostgreSQL archives what waited" pg_archived pg
FAILURES=$(failures)
sshd_stop
sql pg "insert into t select 1; select pg_switch_wal()" >/dev/null
ok "an outage is one for PostgreSQL" wait_for has_failed "$FAILURES"
SSH_PORT_WAS=$SSH_PORT
sshd_again
is "at the same port" "$SSH_PORT" "$SSH_PORT_WAS"
ok "after an outage it goes on" pg_archived pg
sql pg "alter system set archive_command = 'false'" >/dev/null
pg_stop pg -m fast
bad=
while read -r s; do
	run wal-fetch --set "repository=$REPO" "$s" "$T/home/x" &&
	    cmp -s "$T/home/x" "$T/pg/pg_wal/$s" || bad="$bad $s"
done < <(find "$REPO" -path '*/wal/*' -type f -printf '%f\n')
is "all $(stored) that are stored are as they were" "$bad" ""
