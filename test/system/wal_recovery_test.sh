#!/bin/bash
# SPDX-License-Identifier: ISC
#
# PostgreSQL recovers with wal-fetch while the network dies, the repository's
# disk goes away, segments are damaged, swapped or lost: it must stop, must not
# open the database, and must recover fully once the fault is mended.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

conf()
{
	conf_write "data_directory=$T/pg" wal_compression=zstd:1 \
	    fetch_retry=1s "$@"
}

# clone NAME SIGNAL: the cold copy, about to recover from the archive.
clone()
{
	as cp -a "$T/base" "$T/$1"
	as touch "$T/$1/$2"
	pg_conf "$1" "archive_mode = off" \
	    "wal_retrieve_retry_interval = 500ms" \
	    "restore_command = '$T/restore %f %p'"
	rm -f "$T/reached" "$T/go"
}

rows()
{
	sql "$1" "select count(*) from t"
}

recovered()
{
	[ "$(sql "$1" "select pg_is_in_recovery()")" = f ]
}

# launch NAME: in the background; the restore of MID waits for "go".
launch()
{
	( trap - EXIT; pg_launch "$1" ) &
	LAUNCH=$!
	T_CLUSTERS+=("$1")
	wait_for test -e "$T/reached" || fail "$1: recovery begins"
}

go()
{
	as touch "$T/go"
}

ended()
{
	! pg_running "$1"
}

# stops NAME WHAT STATUS PATTERN: the recovery that was launched.
stops()
{
	local log

	go
	wait "$LAUNCH"
	ok "$2: PostgreSQL ends" wait_for ended "$1"
	log=$(cat "$T/$1.log")
	has "... since wal-fetch said so" "$log" "exit code $3"
	has "... and why" "$log" "wal-fetch: [0-9A-F]{24}: .*$4"
	lacks "... and the database was not opened" "$log" \
	    "archive recovery complete|selected new timeline"
	ok "... and recovery is still asked for" \
	    test -e "$T/$1/recovery.signal"
	is "... and there is no new timeline" \
	    "$(find "$T/$1/pg_wal" -name '*.history')" ""
}

# comes_back NAME ROWS
comes_back()
{
	pg_start "$1"
	ok "... mended, it recovers" wait_for recovered "$1"
	is "... with all rows" "$(rows "$1")" "$2"
	pg_stop "$1" -m immediate
	rm -rf "${T:?}/$1"
}

sshd_start ""
keygen main >/dev/null
conf
cat >"$T/restore" <<END
#!/bin/sh
if [ "\$1" = "\$(cat $T/mid)" ] && [ ! -e $T/go ]; then
	touch $T/reached
	while [ ! -e $T/go ]; do sleep 0.05; done
fi
exec $T_BIN/wal-fetch --config $CONF "\$1" "\$2"
END
chmod 755 "$T/restore"

### A cluster, a cold copy of it, and WAL since then

pg_init pg --wal-segsize=1
pg_archive pg
pg_start pg
sql pg "create table t (n int, s text)"
pg_stop pg -m fast
as cp -a "$T/pg" "$T/base"
pg_start pg
for i in 1 2 3 4 5 6; do
	sql pg "insert into t select i, md5(i::text)
	    from generate_series(1, 5000) i"
	[ "$i" != 3 ] || MID=$(sql pg \
	    "select pg_walfile_name(pg_current_wal_lsn())")
	pg_archived pg || fail "archive"
done
echo "$MID" >"$T/mid"
FOLDER=$(dirname "$(find "$REPO" -name "$MID")")
AFTER=$(find "$FOLDER" -type f | sort | grep -A 1 "$MID" | tail -n 1)
chmod 600 "$FOLDER"/*

### Faults during archive recovery

clone a1 recovery.signal
launch a1
sshd_stop 2>/dev/null
stops a1 "network lost" 205 "refused"
sshd_start ""
comes_back a1 30000

conf io_timeout=2s
clone a2 recovery.signal
launch a2
sshd_pause
stops a2 "server does not answer" 205 "2 s|time|answer"
sshd_cont
conf
comes_back a2 30000

clone b1 recovery.signal
launch b1
mv "$REPO" "$T/host/away"
as mkdir "$REPO"
stops b1 "disk unmounted" 205 "is its disk mounted"
rmdir "$REPO"
mv "$T/host/away" "$REPO"
comes_back b1 30000

clone c1 recovery.signal
cp -p "$FOLDER/$MID" "$T/stored"
size=$(stat -c %s "$T/stored")
at=$((size * 2 / 3))
byte=$((0x$(od -An -tx1 -j "$at" -N 1 "$T/stored" | tr -d ' ') ^ 1))
printf '%b' "\\0$(printf %o "$byte")" |
    dd of="$FOLDER/$MID" bs=1 seek="$at" conv=notrunc 2>/dev/null
is "one byte differs" "$(cmp -l "$FOLDER/$MID" "$T/stored" | wc -l)" 1
launch c1
stops c1 "a flipped bit" 207 "authentic|damaged|signed|tag|changed"
cp -p "$T/stored" "$FOLDER/$MID"
comes_back c1 30000

clone d1 recovery.signal
mv "$FOLDER/$MID" "$T/swap"
mv "$AFTER" "$FOLDER/$MID"
mv "$T/swap" "$AFTER"
launch d1
stops d1 "swapped segments" 207 "$(basename "$AFTER")"
mv "$FOLDER/$MID" "$T/swap"
mv "$AFTER" "$FOLDER/$MID"
mv "$T/swap" "$AFTER"
comes_back d1 30000

clone e1 recovery.signal
mv "$FOLDER/$MID" "$T/swap"
launch e1
stops e1 "a lost segment" 205 "gap"
mv "$T/swap" "$FOLDER/$MID"
comes_back e1 30000

### A short outage is waited for

conf fetch_retry=1h
clone f1 recovery.signal
launch f1
sshd_stop 2>/dev/null
go
sleep 1.5
sshd_start ""
wait "$LAUNCH"
ok "a short outage is waited for" wait_for recovered f1
is "... with all rows" "$(rows f1)" 30000
has "... and logged" "$(cat "$T/f1.log")" "trying again"
pg_stop f1 -m immediate
rm -rf "$T/f1"
conf

### A standby asks again

clone s1 standby.signal
go
pg_start s1
has_rows()
{
	[ "$(rows "$1")" = "$2" ]
}
ok "a standby follows" wait_for has_rows s1 30000
sshd_stop 2>/dev/null
sql pg "insert into t select 7, '' from generate_series(1, 5000)"
n=$(wc -l <"$T/s1.log")
asks()
{
	tail -n "+$((n + 1))" "$T/s1.log" | grep refused
}
ok "it asks through an outage" wait_for asks
is "... and stays a standby" "$(sql s1 "select pg_is_in_recovery()")" t
sshd_start ""
pg_archived pg || fail "the archiver comes back"
ok "... and catches up" wait_for has_rows s1 35000
mv "$REPO" "$T/host/away"
sleep 2
is "an unmounted disk does not promote it" \
    "$(sql s1 "select pg_is_in_recovery()")" t
mv "$T/host/away" "$REPO"

### Promoted, on a new timeline, which others follow

pg_stop pg -m fast
pg_stop s1 -m fast
pg_conf s1 "archive_mode = on" \
    "archive_command = '$T_BIN/wal-push --config $CONF %p'"
pg_start s1
as "$PGBIN/pg_ctl" -D "$T/s1" -w -t "$T_HANG" -s promote >/dev/null 2>&1
ok "it is promoted at the end of the archive" wait_for recovered s1
sql s1 "insert into t select 8, '' from generate_series(1, 5000)"
pg_archived s1 || fail "the promoted one archives"
is "on timeline 2" "$(find "$REPO" -name '*.history' -printf %f)" \
    00000002.history
clone n1 recovery.signal
go
pg_start n1
ok "another one follows the switch" wait_for recovered n1
is "... with the rows of both" "$(rows n1)" 40000
is "... on a timeline of its own" "$(sql n1 \
    "select timeline_id from pg_control_checkpoint()")" 3
