#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Power cuts at every moment of a program's work: what it writes, names and
# syncs is recorded, and what may be on the disk after a cut is looked at
# (test/lib/diskreplay.h says which states there are).  What was acknowledged is
# there; what is there is whole, or the next run makes it so.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

LOG=$T/disk.record
REPO=$T/disk/repo
as mkdir -p "$T/disk/repo" "$T/disk/state"
failing_copy
FEW=${FEW:-}		# FEW=20: so many states of each program at most

# recorded PROGRAM...: what it does is in LOG.
recorded()
{
	as env DISK_LOG="$LOG" DISK_NOSYNC=1 PATH="$T/failing:$PATH" \
	    SEAWALL_CONFIG="$CONF" "$@"
}

# begin DIR...
begin()
{
	as "$T_BIN/powercut" begin "$LOG" "$@" || die "powercut begin"
	touch "$T/recording"
}

# done_with WHAT COMMAND...: recorded, and from its end on acknowledged.
done_with()
{
	ok "$1" recorded "${@:2}"
	as "$T_BIN/powercut" mark "$LOG" "$1" || die "powercut mark"
}

# each_state MAX FUNCTION: called with the number of marks, in each state;
# NTH is the state's number.
each_state()
{
	local cut choice marks

	rm "$T/recording"
	as "$T_BIN/powercut" states "$LOG" "${FEW:-$1}" >"$T/states" ||
	    die "powercut states"
	NTH=0
	WRONG=0
	while read -r cut choice marks STATE; do
		as "$T_BIN/powercut" put "$LOG" "$cut" "$choice" ||
		    die "powercut put"
		NTH=$((NTH + 1))
		"$2" "$marks"
		[ "$WRONG" -lt 5 ] || break
	done <"$T/states"
	is "all of $NTH states are right" "$WRONG" 0
	ok "these are not few" test "$NTH" -ge 10
}

# right WHAT COMMAND...: in this state; a failure names it.
right()
{
	"${@:2}" >"$T/right.out" 2>&1 </dev/null && return 0
	fail "$STATE: $1"
	sed 's/^/\t/' "$T/right.out" | head -n 5
	WRONG=$((WRONG + 1))
	return 1
}

# every N: whether to take a longer look at this state.
every()
{
	[ $((NTH % $1)) = 0 ]
}

keygen main
conf_write repository="$REPO" state_dir="$T/disk/state" agent=off \
    retry_for=0 fetch_retry=0 wal_compression=zstd:1 \
    base_compression=zstd:1 expire_grace=0 \
    "retention_policy=redundancy 1"
pg_init pg --wal-segsize=1
pg_conf pg "archive_mode = on" "archive_command = 'exit 1'"
pg_start pg
pg_slim pg
cd "$T/pg" || die "cd"

### wal-push: the first file of a repository

sql pg "create table t as select generate_series(1, 1000) as n"
seg=$(pg_switch pg)
wal_push_state()
{
	local rc

	rm -f "$T/got"
	run wal-fetch "$seg" "$T/got" >/dev/null 2>&1
	rc=$?
	# 207 would be an object that is damaged.
	if [ "$1" -gt 0 ]; then
		right "it is there, status $rc" test "$rc" = 0
	else
		right "whole or absent, status $rc" \
		    test "$rc" = 0 -o "$rc" = 1 -o "$rc" = 205
	fi || return
	[ "$rc" != 0 ] || right "whole" cmp "pg_wal/$seg" "$T/got" || return
	right "pushed again" run wal-push "pg_wal/$seg" || return
	right "fetched then" run wal-fetch "$seg" "$T/got" || return
	right "whole then" cmp "pg_wal/$seg" "$T/got"
}
begin "$REPO" "$T/disk/state"
done_with "wal-push" wal-push "pg_wal/$seg"
each_state 40 wal_push_state

### base-push: another backup, which refers to the first one's packs

# What PostgreSQL archives meanwhile is recorded, too.
cat >"$T/archive" <<END
#!/bin/sh
[ ! -e "$T/recording" ] || export DISK_LOG="$LOG" DISK_NOSYNC=1
exec "$T/failing/wal-push" --config "$CONF" "\$1"
END
chmod 755 "$T/archive"
sql pg "alter system set archive_command = '$T/archive %p'"
sql pg "select pg_reload_conf()" >/dev/null
# What PostgreSQL has archived is gone, so recovery begins with a backup.
fresh()
{
	as rm -rf "$REPO" "$T/disk/state"
	as mkdir "$REPO" "$T/disk/state"
	pg_archived pg
}
fresh
backup()
{
	sql pg "insert into t select generate_series(1, 1000)"
	"$1" base-push --fast --quiet --jobs 1
}
backup run || die "base-push"
pg_archived pg
labels()
{
	find "$REPO" -name label | wc -l
}
base_push_state()
{
	[ "$1" = 0 ] || right "its label is there" test "$(labels)" = 2 ||
	    return
	right "each backup is whole" run backup-verify all || return
	every 12 || return 0
	right "the next backup" backup run || return
	right "is whole" run backup-verify latest
}
begin "$REPO" "$T/disk/state"
ok "base-push" backup recorded
as "$T_BIN/powercut" mark "$LOG" "base-push"
pg_archived pg
each_state 30 base_push_state

### backup-expire: the oldest of three goes, and what only it needed

fresh
for i in 1 2 3; do
	backup run || die "base-push $i"
done
pg_archived pg
is "three backups" "$(labels)" 3
listing()
{
	find "$REPO" -type f ! -path '*/tmp/*' -printf '%P\n' | sort
}
expire_state()
{
	right "a backup" test "$(labels)" -ge 1 || return
	right "each backup is whole" run backup-verify all || return
	right "the next expiry" run backup-expire || return
	right "ends where the first one did" test "$(listing)" = "$after"
}
begin "$REPO" "$T/disk/state"
done_with "backup-expire" backup-expire
after=$(listing)
is "one backup is left" "$(labels)" 1
each_state 30 expire_state

### base-fetch

as mkdir "$T/disk/back"
ok "a restore to compare with" run base-fetch "$T/whole"
# restore_command names the program beside the one that wrote it.
base_fetch_state()
{
	local d=$T/disk/back/pg

	if [ "$1" -gt 0 ] || [ -e "$d/global/pg_control" ]; then
		right "all files" diff -rq -x postgresql.auto.conf \
		    -x restore-incomplete.seawall "$T/whole" "$d" || return
		right "with their content" test -s "$d/postgresql.auto.conf" ||
		    return
		[ "$1" = 0 ] || right "no mark" \
		    test ! -e "$d/restore-incomplete.seawall"
		return
	fi
	every 10 || return 0
	right "restored again" run base-fetch "$d" || return
	right "all files then" diff -rq -x postgresql.auto.conf "$T/whole" \
	    "$d"
}
begin "$T/disk/back"
done_with "base-fetch" base-fetch --jobs 1 --quiet "$T/disk/back/pg"
each_state 40 base_fetch_state

### backup-keygen: a push key only beside those that read what it writes

as mkdir "$T/disk/keys"
keygen_state()
{
	local f n=0

	for f in restore public push; do
		[ ! -e "$T/disk/keys/a.$f" ] || n=$((n + 1))
	done
	[ ! -e "$T/disk/keys/a.push" ] && [ "$1" = 0 ] ||
	    right "all of them" test "$n" = 3 || return
	[ "$n" != 0 ] || right "made again" run backup-keygen \
	    "$T/disk/keys/a"
	[ "$n" != 3 ] || right "they work" run backup-keygen --renew \
	    "$T/disk/keys/a" "$T/disk/keys/b"
}
begin "$T/disk/keys"
done_with "backup-keygen" backup-keygen "$T/disk/keys/a"
each_state 30 keygen_state
pg_stop pg -m immediate
