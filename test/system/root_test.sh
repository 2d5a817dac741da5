#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Root at night: what it runs by hand for another user's cluster is refused,
# leaves nothing, and archiving goes on.  Where all is root's, root may.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] || skip "not root"

# root COMMAND...: as root, with this test's programs and configuration
root()
{
	env HOME=/root PATH="$T_BIN:$PATH" SEAWALL_CONFIG="$CONF" "$@"
}

roots()
{
	find "$T/state" "$T/host" "$T/pg" -user root
}

# refused WHAT STATUS COMMAND...
refused()
{
	local what=$1 status=$2

	shift 2
	exits "$what by root" "$status" root "$@"
	has "... names the user" "$OUT" "belongs to $T_USER"
	has "... and the cure" "$OUT" \
	    "sudo -u $T_USER $1, or runuser -u $T_USER"
	is "... and left nothing" "$(roots)" ""
}

# The folders are others' in turn, so that each is looked at.
keygen main
as mkdir "$REPO"
conf_write "repository=$REPO" "retention_policy=redundancy 1" \
    "data_directory=$T/pg"
pg_init pg --wal-segsize=1
pg_archive pg
pg_start pg
sql pg "create table t as select 1 as n"
pg_archived pg
ok "a backup by its user" run base-push --fast
NAME=$(sql pg "select last_archived_wal from pg_stat_archiver" | cut -c1-24)

as cp -p "$T/pg/pg_wal/$NAME" "$T/$NAME" || die "no segment"

cd "$T/pg" || die "no data directory"
refused "wal-push" 3 wal-push "pg_wal/$NAME"
refused "wal-push, without an agent," 3 wal-push --set agent=off "pg_wal/$NAME"
refused "wal-fetch" 203 wal-fetch "$NAME" "$T/x"
refused "base-push" 3 base-push --fast
refused "backup-expire" 3 backup-expire
refused "backup-verify" 3 backup-verify
cd "$T" || die "no folder"

# One of them is enough.
mkdir "$T/mine" "$T/mine/repo"
conf_write "repository=$T/mine/repo" "data_directory="
refused "base-push, the state folder alone," 3 base-push --fast
conf_write "repository=$T/mine/repo" "data_directory=" \
    "state_dir=$T/mine/state"
refused "base-push, the data directory alone," 3 base-push --fast
is "... before anything was made" "$(find "$T/mine" -mindepth 1)" \
    "$T/mine/repo"
conf_write "repository=$REPO" "data_directory=" "state_dir=$T/mine/state" \
    "retention_policy=redundancy 1"
refused "backup-expire, the repository alone," 3 backup-expire
chown root "$REPO"
exits "the server's folder in it" 3 root backup-expire
has "... is named" "$OUT" "the repository $REPO/main belongs to $T_USER"
chown "$T_USER" "$REPO"

# PostgreSQL never notices.
conf_write "repository=$REPO" "data_directory=$T/pg"
sql pg "insert into t values (2)"
pg_archived pg

# A container in which all is root's.  A copy of the cluster is enough.
pg_stop pg
cp -r "$T/pg" "$T/keys" "$T/$NAME" "$T/mine"
chown -R root:root "$T/mine"
conf_write "repository=$T/mine/repo" "data_directory=$T/mine/pg" \
    "state_dir=$T/mine/state" "key=$T/mine/keys/main.push" \
    "restore_key=$T/mine/keys/main.restore" \
    "public_key=$T/mine/keys/main.public" "fetch_retry=0"
cd "$T/mine/pg" || die "no copy"
ok "where all is root's, root pushes" root wal-push "$T/mine/$NAME"
ok "... and fetches" root wal-fetch "$NAME" "$T/mine/x"
same "... the same" "$T/mine/x" "$T/$NAME"
cd "$T" || die "no folder"
