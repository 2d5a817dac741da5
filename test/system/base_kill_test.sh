#!/bin/bash
# SPDX-License-Identifier: ISC
#
# base-push and base-fetch killed, starved and cut off: no backup without a
# label, no cluster without all its files, and the same again succeeds.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

labels()
{
	find "$REPO" -path '*/base/*' -name label | wc -l
}

# Nobody but base-push has a session.
OTHERS="from pg_stat_activity where backend_type = 'client backend'
    and pid <> pg_backend_pid()"

in_backup()
{
	[ "$(sql pg "select count(*) $OTHERS")" != 0 ]
}

end_session()
{
	sql pg "select pg_terminate_backend(pid) $OTHERS"
}

keygen main
sshd_start MaxSessions\ 100
conf_write wal_compression=zstd:1 retry_for=0
pg_init pg -k
pg_archive pg
pg_start pg
pg_bench pg -i -s 6 -q

### base-push, killed

before=0
killed_one()
{
	# What was killed may have stored its label just before.
	if [ "$1" = 137 ] && [ "$(labels)" != "$before" ]; then
		ok "a label stands only for a whole backup" \
		    run base-fetch "$T/early"
		as rm -rf "$T/early"
	fi
	before=$(labels)
}
kill_spread 12 run base-push --fast
ok "killed at $N_KILLED points" test "$N_KILLED" -ge 4
ok "then it succeeds" run base-push --fast --label whole
ID=$(printf '%s\n' "$OUT" | sed -n 's/^backup \([0-9TZ-]*\):.*/\1/p')
no_session()
{
	! in_backup
}
ok "and no session is left" wait_for no_session
ok "what it stored is whole" run base-fetch "$ID" "$T/whole"
ok "pg_verifybackup" as "$PGBIN/pg_verifybackup" "$T/whole"

### base-fetch, killed

n=0
killed_one()
{
	[ "$1" = 137 ] || { as rm -rf "$T/back"; return; }
	n=$((n + 1))
	if [ -e "$T/back/global/pg_control" ]; then
		pass "it was killed when all was there"
		as rm -rf "$T/back"
	elif [ "$n" = 3 ]; then
		exits "PostgreSQL does not start from what is there" 1 \
		    pg_launch back
	fi
}
kill_spread 10 run base-fetch "$ID" "$T/back"
ok "killed at $n points" test "$n" -ge 3
ok "the same command completes" run base-fetch "$ID" "$T/back"
ok "pg_verifybackup" as "$PGBIN/pg_verifybackup" "$T/back"
is "nothing else is there" "$(cd "$T" && diff -rq whole back)" ""
# Killed between the last file and the end of the mark.
as touch "$T/back/restore-incomplete.seawall"
exits "a whole cluster is not removed" 3 run base-fetch "$ID" "$T/back"
has "and what to do is said" "$OUT" "start PostgreSQL on it, or move"
pg_start back
ok "it recovers" wait_for t_primary back
pg_stop back
as rm -rf "$T/back" "$T/whole"

# Given twice, as after a terminal that was lost: the second run must not
# clear away what the first is writing.
background run base-fetch --jobs 1 -o base_bandwidth_limit=1000 "$ID" \
    "$T/twice" >"$T/first.out" 2>&1
wait_for test -e "$T/twice/restore-incomplete.seawall" -a -e "$T/twice/base"
bg_signal STOP
if [ ! -e "$T/twice/global/pg_control" ]; then
	exits "a second run at the same time" 3 run base-fetch "$ID" "$T/twice"
	has "says so" "$OUT" "another base-fetch is restoring into it"
else
	fail "the first restore ended before it could be stopped"
fi
bg_signal CONT
wait "$BG"
is "the first ends well" "$?" 0
ok "with every file" as "$PGBIN/pg_verifybackup" "$T/twice"
as rm -rf "$T/twice"

### The session, the archive

before=$(labels)
as dd if=/dev/urandom of="$T/pg/ballast" bs=1M count=120 2>/dev/null
background run base-push --fast -o base_bandwidth_limit=2000 \
    >"$T/push.out" 2>&1
wait_for in_backup
sleep 0.3
end_session >/dev/null
wait "$BG"
is "a session that is ended" "$?" 8
has "is named" "$(cat "$T/push.out")" "session|connection|backend"
as rm "$T/pg/ballast"
sql pg "alter system set archive_command = 'exit 1'"
sql pg "select pg_reload_conf()" >/dev/null
exits "WAL that is not archived" 8 run base-push --fast -o wal_wait=4s
has "is no backup" "$OUT" \
    "was not archived within 4 s, so the backup was not completed"
sql pg "alter system set archive_command = ''"
sql pg "select pg_reload_conf()" >/dev/null
exits "no archive_command" 8 run base-push --fast
has "is told" "$OUT" "archive_command is empty"
sql pg "alter system reset archive_command"
pg_conf pg "archive_mode = off"
pg_stop pg
pg_start pg
exits "archive_mode = off" 8 run base-push --fast
has "is told" "$OUT" "archive_mode is off"
pg_conf pg "archive_mode = on"
pg_stop pg
exits "no server" 8 run base-push --fast
pg_start pg
exits "a label of two lines" 2 run base-push --label $'one\ntwo'
is "no label of any of them" "$(labels)" "$before"

### The repository

as dd if=/dev/urandom of="$T/pg/ballast" bs=1M count=60 2>/dev/null
before=$(labels)
background run base-push --fast --jobs 1 -o base_bandwidth_limit=2000 \
    >"$T/push.out" 2>&1
wait_for in_backup
sleep 0.2
sshd_stop
wait "$BG"
is "a server that goes" "$?" 5
sshd_start MaxSessions\ 100
background run base-push --fast -o io_timeout=3s \
    -o base_bandwidth_limit=2000 >"$T/push.out" 2>&1
wait_for in_backup
sleep 0.2
sshd_pause
wait "$BG"
is "a server that answers no more" "$?" 5
sshd_cont
is "no label" "$(labels)" "$before"
ok "then it succeeds" run base-push --fast

if small_disk "$T/full" 30m; then
	as mkdir -m 700 "$T/state2"
	conf_write repository="$T/full/repo" state_dir="$T/state2" \
	    retry_for=0
	sql pg "alter system set archive_command = 'exit 1'"
	sql pg "select pg_reload_conf()" >/dev/null
	exits "a repository that is full" 5 run base-push --fast
	has "says so" "$OUT" "[Nn]o space left"
	is "no label" "$(find "$T/full" -name label | wc -l)" 0
	sql pg "alter system reset archive_command"
	sql pg "select pg_reload_conf()" >/dev/null
	conf_write
	exits "a local disk that is full" 4 run base-fetch "$T/full/back"
	has "says so" "$OUT" "[Nn]o space left"
	ok "and no pg_control" test ! -e "$T/full/back/global/pg_control"
else
	say "no small disk: not root"
fi
as rm "$T/pg/ballast"

### The network, on the way back

background run base-fetch "$T/back" >"$T/fetch.out" 2>&1
sleep 0.25
sshd_stop
wait "$BG"
rc=$?
sshd_start MaxSessions\ 100
if [ "$rc" != 0 ]; then
	is "a server that goes during a restore" "$rc" 5
	ok "leaves no pg_control" test ! -e "$T/back/global/pg_control"
	ok "and the same again" run base-fetch "$T/back"
fi
ok "pg_verifybackup" as "$PGBIN/pg_verifybackup" "$T/back"
