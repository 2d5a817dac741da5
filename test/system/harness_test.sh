#!/bin/bash
# SPDX-License-Identifier: ISC
#
# The harness itself: what the other tests rest on must do what it says.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

ssh_to()
{
	as ssh -F none -i "$T/ssh/$1" -o IdentitiesOnly=yes \
	    -o UserKnownHostsFile="$T/ssh/known_hosts" \
	    -o StrictHostKeyChecking=yes -o BatchMode=yes \
	    -o ConnectTimeout="${PATIENCE:-600}" -p "$2" \
	    "$T_USER@127.0.0.1" "${@:3}"
}

# sftp_to KEY PORT COMMAND...
sftp_to()
{
	local key=$1 port=$2

	shift 2
	printf '%s\n' "$@" | as sftp -F none -i "$T/ssh/$key" \
	    -o IdentitiesOnly=yes -o BatchMode=yes \
	    -o UserKnownHostsFile="$T/ssh/known_hosts" -b - \
	    -P "$port" "$T_USER@127.0.0.1"
}

now_ms()
{
	echo $(($(date +%s%N) / 1000000))
}

### PostgreSQL

pg_init pg --wal-segsize=1 -k
pg_start pg
is "a cluster answers" "$(sql pg "select 6 * 7")" 42
is "options reach initdb" \
    "$(sql pg "select current_setting('wal_segment_size'),
    current_setting('data_checksums')")" "1MB|on"
sql pg "create table t as select 1 as n"
pg_crash pg
ok "a crashed cluster is gone" test ! -e "$T/pg/postmaster.pid"
pg_start pg
is "and comes back with its data" "$(sql pg "select n from t")" 1
as cp -a "$T/pg" "$T/twin"
rm -f "$T/twin/postmaster.pid"
pg_start twin
is "two clusters run side by side" "$(sql twin "select n from t")" 1
is "each in its folder" "$(sql twin "show data_directory")" "$T/twin"
pg_stop twin
pg_standby standby pg
pg_start standby
is "a standby follows" "$(sql standby "select pg_is_in_recovery()")" t
pg_stop pg -m fast
exits "a stopped one is not running" 3 pg_running pg

### the rest

background as sleep 3600
bg_signal KILL
wait "$BG"
is "what runs in the background can be killed" $? 137
if small_disk "$T/disk" 64k; then
	exits "a small disk fills up" 1 \
	    as dd if=/dev/zero of="$T/disk/f" bs=1k count=128
	has "and says so" "$OUT" "No space left"
fi

### sshd

sshd_start --append-only --log
ok "connect" ssh_to admin "$SSH_PORT" true
as mkdir -p "$REPO"
echo text >"$T/file"
ok "the restricted key writes" \
    sftp_to push "$SSH_PORT" "put $T/file $REPO/file"
exits "but does not remove" 1 sftp_to push "$SSH_PORT" "rm $REPO/file"
has "because it may not" "$OUT" "[Pp]ermission denied|failure"
try ssh_to push "$SSH_PORT" "echo ran >&2"
is "and runs nothing" "$OUT" ""
ok "the other key removes" sftp_to admin "$SSH_PORT" "rm $REPO/file"
has "the log has the requests" "$(cat "$T/sftp.log")" "REMOVE|remove name"
ok "the folder is known" test -d "$REPO"

### relay

relay_start 50
before=$(now_ms)
ok "connect through the relay" ssh_to admin "$RELAY_PORT" true
far=$(($(now_ms) - before))
ok "four round trips take their time ($far ms)" test "$far" -ge 400
head -c 50000000 /dev/zero >"$T/big"
as sh -c "cat $T/big" | ssh_to admin "$RELAY_PORT" "cat >$T/big2"
same "it passes on every byte" "$T/big" "$T/big2"

ssh_to admin "$RELAY_PORT" "echo \$\$ >$T/home/there; exec sleep 3600" \
    >/dev/null 2>&1 </dev/null &
long=$!
wait_for test -s "$T/home/there"
kill -USR1 "$RELAY_PID"
wait "$long"
is "dropped connections end" $? 255
kill "$(cat "$T/home/there")"
kill -USR2 "$RELAY_PID"
PATIENCE=3
exits "it can stop forwarding" 255 ssh_to admin "$RELAY_PORT" true
PATIENCE=
kill -USR2 "$RELAY_PID"
ok "and go on" ssh_to admin "$RELAY_PORT" true
relay_stop

sshd_pause
PATIENCE=3
exits "a paused server does not answer" 255 ssh_to admin "$SSH_PORT" true
PATIENCE=
sshd_cont
ok "until it is continued" ssh_to admin "$SSH_PORT" true
sshd_stop
exits "a stopped one refuses" 255 ssh_to admin "$SSH_PORT" true
has "at once" "$OUT" "refused"
