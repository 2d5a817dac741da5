#!/bin/bash
# SPDX-License-Identifier: ISC
#
# The full loop on one version of PostgreSQL (test/versions gives it in
# PG_PACKAGE): archive, back up, know what the WAL holds, lose the cluster,
# recover to a point, follow as a standby, back up the standby, be promoted
# while it is backed up.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

# How far table t got, with every page read and every index checked.
rows()
{
	sql "$1" "do \$\$ begin
	    perform bt_index_check('t_pkey', true);
	    perform bt_index_check('f_x_idx', true); end \$\$;
	    select count(*), sum(length(x)) from f;
	    select max(n) from t" 2>&1 | xargs
}

reached()
{
	[ "$(rows "$1")" = "50000|1600000 $2" ]
}

# stands WHAT NAME N: recovery of NAME comes to N, and no further
stands()
{
	wait_for reached "$2" "$3"
	is "$1" "$(rows "$2")" "50000|1600000 $3"
}

add()
{
	sql pg "insert into t values ($1)" || die "insert $1"
}

# pg_verifybackup of another version does not know what came after it.
verified()
{
	local known made

	known=$("$PGBIN/pg_verifybackup" --version | grep -o '[0-9]*' |
	    head -n 1)
	made=$(cat "$T/back/PG_VERSION")
	if [ "$made" -ge 17 ] && [ "$known" -lt 17 ]; then
		has "a manifest of version 2, for this cluster" \
		    "$(head -c 200 "$T/back/backup_manifest" | tr -d '\n')" \
		    "Manifest-Version\": 2,.*System-Identifier\": $SYSID"
		return 0
	fi
	ok "pg_verifybackup" as "$PGBIN/pg_verifybackup" "$T/back"
}

fetched()
{
	as rm -rf "$T/back" "$T/moved"
	ok "$1: restore" run base-fetch --tablespace "far:$T/moved" "${@:2}" \
	    "$T/back"
	verified
	pg_start back
}

keygen main
sshd_start MaxSessions\ 100
conf_write
pg_init pg -k --wal-segsize=4
pg_archive pg
pg_start pg
say "$("$PGSERVER/postgres" --version)"
as mkdir "$T/far"
SYSID=$(pg_system_id pg)
pg_psql pg <<END
create extension amcheck;
create tablespace far location '$T/far';
create table f tablespace far as
    select md5(g::text) x from generate_series(1, 50000) g;
create index on f (x);
create table t (n int primary key);
create unlogged table u as select 1;
END
add 1
ok "a backup" run base-push --fast
add 2
sql pg "select pg_create_restore_point('before the UPDATE')" >/dev/null
add 3
pg_archived pg || die "archive"
ok "another, of what changed" run base-push --fast
add 4
pg_archived pg || die "archive"
ok "listed" run backup-list
has "to the last WAL" "$OUT" "recovery window: from 20"
# By the facts in headers alone: they are right for this version's records.
ok "restore points" run backup-list --restore-points
has "the last commit" "$OUT" "timeline 1: last commit 20.*, at LSN 0/"
has "the restore point" "$OUT" "^    20.*  0/[0-9A-F]+ +before the UPDATE$"
is "no segment was read whole, each was understood" \
    "$(grep -cE "had no facts|not understood" <<<"$OUT")" 0
FIRST=$(run backup-list --json | grep -o '[0-9]\{8\}T[0-9]\{6\}Z' | sort -u |
    head -n 1)

### Disaster

exits "a restore point that is nowhere" 1 \
    run base-fetch -n --target-name elsewhere "$T/back"
has "is said from the facts" "$OUT" "has no restore point \"elsewhere\""
pg_kill pg
as mv "$T/pg" "$T/lost"
fetched "a restore point" --target-name "before the UPDATE" \
    --target-action promote "$FIRST"
stands "stands there" back 2
ok "it ends recovery" wait_for t_primary back
is "checksums" "$(sql back "select sum(checksum_failures) from
    pg_stat_database")" 0
pg_stop back
as mv "$T/lost" "$T/pg"
rm -f "$T/pg/postmaster.pid"
pg_start pg
add 5
pg_archived pg || die "archive"

### A standby

fetched "standby" --standby --target-timeline current
stands "follows" back 5
add 6
pg_archived pg || die "archive"
stands "goes on" back 6
conf_write conninfo="host=$T/back.sock port=5432 user=postgres dbname=postgres"
background run base-push --fast --label standby >"$T/push.out" 2>&1
i=0
while kill -0 "$BG" 2>/dev/null && [ "$i" -lt 60 ]; do
	i=$((i + 1))
	sql pg "insert into f values (md5('x'));
	    delete from f where x = md5('x'); select pg_switch_wal()" >/dev/null
	[ "$i" -gt 1 ] || sql pg checkpoint
	sleep 0.5
done
wait "$BG"
is "it is backed up" "$?" 0

### Promoted between the start and the end of another backup

labels()
{
	find "$REPO/main/$SYSID/base" -name label | sort
}
BEFORE=$(labels)
dirs=$(find "$REPO/main/$SYSID/base" -mindepth 1 -maxdepth 1 | wc -l)
# All of it is stored anew, and slowly, so that it cannot end before it is
# stopped.
background run base-push --fast --label promoted -o base_bandwidth_limit=500 \
    -o chunk_size=64k -o state_dir="$T/state2" >"$T/push2.out" 2>&1
PUSH=$BG
t_begun()
{
	[ "$(find "$REPO/main/$SYSID/base" -mindepth 1 -maxdepth 1 |
	    wc -l)" -gt "$dirs" ]
}
ok "another backup begins" wait_for t_begun
t_signal STOP "$PUSH"
conf_write
ok "the standby is promoted" sql back "select pg_promote()"
ok "and is a primary" wait_for t_primary back
t_signal CONT "$PUSH"
wait "$PUSH"
is "the backup fails" "$?" 8
has "and says why" "$(cat "$T/push2.out")" \
    "^base-push: .*the standby was promoted during the backup"
is "and has no label" "$(labels)" "$BEFORE"
is "what was promoted writes" \
    "$(sql back "insert into t values (30) returning n")" 30
pg_stop back
fetched "the standby's backup" --target-timeline current \
    "$(sed -n 's/^backup \([0-9TZ-]*\):.*/\1/p' "$T/push.out")"
ok "it ends recovery" wait_for t_primary back
stands "all of it" back 6
