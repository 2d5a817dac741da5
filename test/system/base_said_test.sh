#!/bin/bash
# SPDX-License-Identifier: ISC
#
# base-push and base-fetch say in time what would otherwise be found out an
# hour later: that WAL goes elsewhere, that archiving fails, what a target
# means.

# shellcheck disable=SC2119
# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

# archive COMMAND: as archive_command from now on.
archive()
{
	sql pg "alter system set archive_command = '$1'"
	sql pg "select pg_reload_conf()" >/dev/null
}

labels()
{
	find "$T/repo" -name label | wc -l
}

keygen
conf_write repository="$T/repo"
pg_init pg --wal-segsize=1
pg_archive pg
pg_start pg
sql pg "create table t (i int); insert into t values (1)"

### WAL that is archived elsewhere: base-push does not wait for an hour

archive /bin/true
begin=$SECONDS
exits "archive_command = /bin/true" 8 run base-push --fast
has "is told" "$OUT" "reports WAL segment [0-9A-F]{24} as archived, but the \
repository .*$T/repo, server main.* does not have it: archive_command"
lacks "and not after the whole wait" "$((SECONDS - begin))" "^[0-9]{4}"
as mkdir "$T/other"
archive "cp %p $T/other/%f"
exits "archiving that goes to another place" 8 run base-push --fast
has "is told" "$OUT" "stores WAL elsewhere"
is "no backup of these" "$(labels)" 0

### An archive that is slow, and not elsewhere

sql pg "alter system set archive_command =
    'sleep 4; $T_BIN/wal-push --config $CONF %p'"
sql pg "select pg_reload_conf()" >/dev/null
ok "slow archiving" run base-push --fast

### Archiving that begins to fail when the backup only waits for it

sql pg "alter system reset archive_command"
sql pg "select pg_reload_conf()" >/dev/null
pg_archived pg
# Does nothing until the first line is printed, and then fails.
archive "while test ! -e $T/go; do sleep 0.1; done; exit 1"
sql pg "insert into t values (2)"
pg_switch pg >/dev/null
background run base-push --fast >"$T/push.out" 2>&1
wait_for grep -q "waiting for WAL segment" "$T/push.out"
as touch "$T/go"
wait_for grep -q "PostgreSQL fails to archive" "$T/push.out"
has "archiving that fails during the wait is said" "$(cat "$T/push.out")" \
    "fails to archive [0-9A-F]{24}.*before that works"
sql pg "alter system reset archive_command"
sql pg "select pg_reload_conf()" >/dev/null
wait "$BG"
is "and when it works again the backup is there" "$?" 0
is "it is said once" \
    "$(grep -c "PostgreSQL fails to archive" "$T/push.out")" 1

### On a terminal the phases are shown, elsewhere nothing is

if command -v script >/dev/null; then
	try run script -qec "base-push --spread" "$T/home/tty.log"
	is "a push on a terminal" "$RC" 0
	OUT=$(cat "$T/home/tty.log")
	has "shows that it waits for the checkpoint" "$OUT" \
	    "waiting for PostgreSQL's checkpoint"
	has "and for the WAL" "$OUT" "waiting for the archive"
	try run script -qec "base-push --fast --quiet" "$T/home/tty.log"
	lacks "--quiet shows nothing" "$(cat "$T/home/tty.log")" "waiting for"
	try run script -qec "backup-expire -o 'retention_policy=redundancy 1' \
--simulate 2d" "$T/home/tty.log"
	is "a simulation on a terminal" "$RC" 0
	OUT=$(cat "$T/home/tty.log")
	has "shows what it reads" "$OUT" "reading labels and lists, [0-9]+ s"
	has "and takes that away before it prints" "$OUT" \
	    $'\r\033.Kserver main, system identifier'
fi
ok "a push that is not on a terminal" run base-push --fast
lacks "shows no progress" "$OUT" "waiting for PostgreSQL|counting"

### What stands in the way, and what does not

exits "DIR forgotten" 2 run base-fetch latest
has "is told" "$OUT" "latest names a backup, and DIR is missing"
exits "the same with an id" 2 run base-fetch 20261122T040001Z
as ln -s "$T/gone" "$T/pg/notes"
ok "a link to nothing of somebody's" run base-push --fast
has "is left out, and said" "$OUT" "notes: link to nothing, left out"
as mv "$T/pg/pg_hba.conf" "$T/hba"
as ln -s "$T/gone" "$T/pg/pg_hba.conf"
exits "a link to nothing that PostgreSQL needs is this host's" 4 \
    run base-push --fast
has "is named" "$OUT" "pg_hba.conf: is a link to nothing"
as rm "$T/pg/pg_hba.conf" "$T/pg/notes"
as mv "$T/hba" "$T/pg/pg_hba.conf"

as mkdir "$T/ts" "$T/mount" "$T/mount/lost+found" "$T/disk" \
    "$T/disk/lost+found" "$T/pg/lost+found"
as chmod 0 "$T/pg/lost+found"
sql pg "create tablespace ts location '$T/ts'"
sql pg "create table u (i int) tablespace ts"
ok "a data directory on a mount point" run base-push --fast
as chmod 700 "$T/pg/lost+found"
ok "a restore into mount points" run base-fetch --target immediate \
    -T "ts:$T/disk" latest "$T/mount"
ok "leaves their lost+found alone" test -d "$T/mount/lost+found" -a \
    -d "$T/disk/lost+found"
as mkdir -m 500 "$T/closed"
exits "a tablespace's place that cannot be made" 4 run base-fetch \
    -T "ts:$T/closed/ts" latest "$T/back"
has "says how to choose another" "$OUT" "--tablespace ts:DIR"
