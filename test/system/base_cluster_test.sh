#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Another cluster under the name of the same server, and what a base-push that
# is refused leaves in the repository: nothing.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

ABSENT=20200101T000000Z

# All that is in the repository, directories too.
all()
{
	[ ! -e "$REPO" ] || (cd "$REPO" && find . -mindepth 1 | LC_ALL=C sort)
}

# of NAME: the configuration is for this cluster
of()
{
	conf_write wal_compression=zstd:1 \
	    "conninfo=host=$T/$1.sock port=5432 $T_LOGIN" "${@:2}"
}

# refused WHAT STATUS PATTERN OPTIONS...
refused()
{
	local before

	before=$(all)
	exits "$1" "$2" run base-push --fast "${@:4}"
	has "$1: it says why" "$OUT" "$3"
	is "$1: it leaves nothing" "$(all)" "$before"
}

t_noted()
{
	grep -q "wal-push: cluster $2 is new" "$T/$1.log"
}

t_names()
{
	grep -c "is new; server main has had another one" "$T/$1.log"
}

keygen main
sshd_start
of pg
pg_init pg -k --wal-segsize=1

### Nothing is there yet, and nothing is begun by a push that is refused

pg_start pg
refused "archiving is off" 8 "archive_mode is off"
pg_stop pg
pg_conf pg "archive_mode = on" "archive_command = 'exit 1'"
pg_start pg
OLD=$(pg_system_id pg)
refused "no such backup" 1 "--base $ABSENT: found no backup" --base "$ABSENT"
refused "with the key to fetch its list" 1 "found no backup $ABSENT" \
    --base "$ABSENT" -o "restore_key=$T/keys/main.restore"
refused "a label that PostgreSQL refuses" 2 "control character" \
    --label "a
b"
sql pg "create role weak login"
sql pg "grant pg_read_all_settings to weak"
refused "a role that may not" 8 "role weak needs EXECUTE on function pg_" \
    -o "conninfo=host=$T/pg.sock port=5432 user=weak dbname=postgres"
as mkdir "$T/elsewhere" "$T/elsewhere/global"
as cp "$T/pg/PG_VERSION" "$T/elsewhere"
as cp "$T/pg/global/pg_control" "$T/elsewhere/global"
printf '\001' | as dd of="$T/elsewhere/global/pg_control" conv=notrunc \
    status=none
refused "another cluster's data directory" 7 "pg_control" \
    -o "data_directory=$T/elsewhere"
as touch "$T/nothing"
refused "no state folder" 4 "nothing" -o "state_dir=$T/nothing/state"

# The server takes no files: the directories that were made for them go again.
sshd_stop
sshd_start --deny hardlink,rename,posix-rename
refused "a server that refuses" 3 "denies RENAME" -o retry_for=0
sshd_stop
sshd_start

### The first cluster

pg_conf pg "archive_command = '$T_BIN/wal-push --config $CONF %p'"
pg_stop pg
pg_start pg
sql pg "create table t (n int)"
ok "first backup" run base-push --fast
lacks "there was none before" "$OUT" "is new;"
FIRST=$(printf '%s\n' "$OUT" | sed -n 's/^backup \([0-9TZ-]*\).*/\1/p')
pg_archived pg		# the first one's .backup file, too
refused "no such backup beside others" 1 "found no backup $ABSENT" \
    --base "$ABSENT"
sql pg "insert into t values (1)"
pg_archived pg || die "archive"
TOLD=$(pg_now pg)
sql pg "select pg_create_restore_point('of the old one')" >/dev/null
LSN=$(sql pg "select pg_current_wal_lsn()")
sql pg "insert into t values (2)"
pg_archived pg || die "archive"
is "nor for wal-push" "$(t_names pg)" 0
pg_stop pg

### After an initdb: said once by wal-push, and by base-push up to a backup

pg_init new -k --wal-segsize=1
of new
pg_archive new
pg_start new
NEW=$(pg_system_id new)
sql new "create table t (n int)"
pg_archived new || die "archive"
ok "the first wal-push says it" wait_for t_noted new "$NEW"
has "which one there was" "$(cat "$T/new.log")" \
    "$OLD \(in the repository since [0-9TZ:.-]+, last backup $FIRST\)"
ok "no backup yet: the old one" run base-fetch -n "$T/back"
has "is what the plan says" "$OUT" "^cluster +$OLD \(of 2 "
has "and which has none" "$OUT" "^ +$NEW has no backup"
ok "first backup of the new one" run base-push --fast
has "base-push says it, too" "$OUT" \
    "base-push: cluster $NEW is new; server main has had another one, system"
lacks "in words that fit" "$OUT" "chunk_size"
ok "second backup" run base-push --fast
lacks "no more now" "$OUT" "is new;"
pg_archived new || die "archive"
is "wal-push neither" "$(t_names new)" 1

### A target that lies in the other cluster

exits "a time of the old cluster" 1 run base-fetch -n --target-time "$TOLD" \
    "$T/back"
has "it is named" "$OUT" "from backup $FIRST: --system-id $OLD"
has "and the chosen one" "$OUT" "cluster $NEW: target time"
ok "as it says" run base-fetch -n --system-id "$OLD" --target-time "$TOLD" \
    "$T/back"
has "with the old backup" "$OUT" "^backup +$FIRST"
exits "the same of an LSN, the other way" 1 run base-fetch -n \
    --system-id "$OLD" --target-lsn FF/0 "$T/back"
has "neither has it" "$OUT" "no other cluster of this server \(1\)"
ok "a backup's name finds its cluster" run base-fetch -n "$FIRST" "$T/back"
has "which is said" "$OUT" "^cluster +$OLD \(of 2"
ok "an LSN of both" run base-fetch -n --system-id "$OLD" --target-lsn "$LSN" \
    "$T/back"
exits "a restore point of the old cluster" 1 run base-fetch -n \
    --target-name "of the old one" "$T/back"
has "it is named" "$OUT" "from backup $FIRST: --system-id $OLD"
exits "one of neither" 1 run base-fetch -n --target-name x "$T/back"
has "is nowhere" "$OUT" "no other cluster of this server \(1\)"
ok "the list has both" run backup-list
is "each with its backups" "$(printf '%s\n' "$OUT" |
    grep -c '^server main, system identifier')" 2
is "and a line between them" "$(printf '%s\n' "$OUT" | grep -c '^$')" 1

### Without an agent it is the same

pg_stop new
pg_init third -k --wal-segsize=1
of third agent=off
pg_archive third
pg_start third
pg_archived third || die "archive"
ok "said without an agent" wait_for t_noted third "$(pg_system_id third)"
has "there are two now" "$(cat "$T/third.log")" " and 1 more, as after"

### What an append-only server keeps: nothing, since nothing was made

pg_stop third
pg_init fourth -k --wal-segsize=1
sshd_stop
sshd_start --append-only
of fourth
pg_conf fourth "archive_mode = on" "archive_command = 'exit 1'"
pg_start fourth
refused "append-only, no such backup" 1 "found no backup" --base "$ABSENT"
refused "append-only, not this cluster's" 1 "found no backup" \
    --base "$FIRST"
# An earlier version left this, for ever: it is no cluster.
as mkdir -p "$REPO/main/$(pg_system_id fourth)/tmp"
ok "an empty directory disturbs no list" run backup-list
ok "and no restore" run base-fetch -n "$T/back"
