#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Backups at the edges: a timeline whose history was never archived, a
# tablespace that comes while the backup runs, more small files than a
# process may have open.

# shellcheck disable=SC2119
# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

keygen
sshd_start
conf_write jobs=2
pg_init pg -k --wal-segsize=1

### Archiving begins on timeline 2, as when another tool was used before

pg_start pg
pg_stop pg
as touch "$T/pg/standby.signal"
pg_start pg
sql pg "select pg_promote()" >/dev/null
wait_for pg_running pg
pg_stop pg
pg_archive pg
pg_start pg
is "the cluster is on timeline 2" \
    "$(sql pg "select timeline_id from pg_control_checkpoint()")" 2
for i in 1 2 3 4 5 6; do
	sql pg "create database d$i"
done

# As after a power cut in the last moment of an earlier restore.
as touch "$T/pg/restore-incomplete.seawall"
as mkdir "$T/pg/odd"
as touch "$T/pg/odd/restore-incomplete.seawall"

### A tablespace that comes while the backup runs

as mkdir -p "$T/late"
as env PATH="$T_BIN:$PATH" SEAWALL_CONFIG="$CONF" base-push --fast --jobs 1 \
    >"$T/push.log" 2>&1 &
PUSH=$!
until compgen -G "$REPO/main/*/base/*" >/dev/null; do
	kill -0 "$PUSH" || break
done
t_signal STOP "$PUSH"
sql pg "create tablespace late location '$T/late'"
sql pg "create table t tablespace late as select generate_series(1, 1000) g"
t_signal CONT "$PUSH"
wait "$PUSH"
is "base-push went well" "$?" 0
sql pg "insert into t select generate_series(1, 10)"
pg_archived pg
pg_crash pg
relay_start 20
conf_write jobs=2
# A restore that died, with such a file deeper down.
as mkdir -p "$T/back/odd"
as touch "$T/back/restore-incomplete.seawall" \
    "$T/back/odd/restore-incomplete.seawall"
as mv "$T/late" "$T/was-late"
# What base-fetch --jobs 16 may have open at the same time is bounded.
ok "restored, with few descriptors" run sh -c \
    "ulimit -n 512; exec base-fetch --jobs 16 latest '$T/back'"
pg_start back
ok "it ends recovery" wait_for t_primary back
is "the rows are there" "$(sql back "select count(*) from t")" 1010
