#!/bin/bash
# SPDX-License-Identifier: ISC
#
# backup-check over days, and over what may be wrong with the backups in a
# repository: each turns the check of its name red, and no other one, and what
# the page gives as its cure makes it green again.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=test/system/checks.sh
. "$T_TOP/test/system/checks.sh"

OFFSET=0

# What came to the repository since the mark came as late as the clock says.
catch_up()
{
	local f

	find "$REPO" -newermt "@$MARK" ! -newermt "@$(($(date +%s) + 60))" |
	    while read -r f; do
		touch -d "@$(($(stat -c %Y "$f") + OFFSET))" "$f"
	    done
	# What comes next comes behind these, also in the same second.
	MARK=$(($(date +%s) - 2))
}

# pass_time SECONDS
pass_time()
{
	OFFSET=$((OFFSET + $1))
	later "$OFFSET"
}

night()
{
	sleep 1.1		# ids have seconds, and so differ
	run_later base-push --fast --quiet || die "base-push"
	work
	pg_archived pg || die "WAL is not archived"
	catch_up
}

ids()
{
	run_later backup-list --json | jq -r '.[0].backups[].id'
}

mkdir -p "$REPO"
[ "$(id -u)" != 0 ] || chown "$T_USER:$T_GID" "$REPO"
MARK=$(($(date +%s) - 2))
keygen main
conf_write "repository=$REPO" expire_grace=0 idle_priority=off
pg_init pg --wal-segsize=1 -k
pg_archive pg
start pg
pg_slim pg

### A week

for day in 1 2 3 4 5 6 7; do
	night
	green "day $day"
	pass_time 86400
	green "day $day, a day later"
done
has "the trend is seen" "$(found backup-size)" "off the median of the [4-6]"
check --only space-days
# What is free on this disk changes at any time.
DAYS=$(jq '.servers[].checks[].value * 2' <<<"$OUT")
check --warn "space-days=$DAYS"
red "a disk that fills" space-days=warning
has "the cure" "$(found space-days)" "retention_policy"
green "expiry deletes as much" --warn "space-days=$DAYS" \
    -o "retention_policy=redundancy 7"
has "what expiry would do" "$(found retention)" "would now delete [0-9] of 7"

### Backups

pass_time 97200			# 51 hours after the last one
check
red "no backup for 51 hours" backup-age=critical
has "the cure" "$(found backup-age)" "run base-push"
night
green "the cure"

check -o minimum_redundancy=9
red "fewer backups than there must be" redundancy=critical
has "the cure" "$(found redundancy)" "take a backup"
night
green "the cure" -o minimum_redundancy=9

sql pg "create table much as select repeat('x', 1000) a
    from generate_series(1, 30000)" >/dev/null
night
check
red "a backup of another size" backup-size=warning
has "the cure" "$(found backup-size)" "it passes with the next"
for i in 1 2 3 4; do
	night
done
green "it passed"

sql pg "create table hurt as select repeat('y', 1000) a
    from generate_series(1, 100)" >/dev/null
sql pg checkpoint
FILE=$(sql pg "select pg_relation_filepath('hurt')")
printf 'damage' | dd of="$T/pg/$FILE" bs=1 seek=20000 conv=notrunc status=none
sleep 1.1
exits "a push of a damaged page" 9 run_later base-push --fast --quiet
catch_up
check
red "a damaged page" damage=critical
has "the cure" "$(found damage)" "repair the table, then take a backup"
sql pg "drop table hurt"
night
green "the cure"
night

### What is stored

mapfile -t ID < <(ids)
cp -a "$REPO/main" "$T/whole"
CLUSTER=$REPO/main/$(ls "$REPO/main")
restore_repo()
{
	rm -rf "$REPO/main"
	cp -a "$T/whole" "$REPO/main"
}

as chmod 600 "$CLUSTER/base/${ID[1]}/label"
echo garbage >>"$CLUSTER/base/${ID[1]}/label"
check
red "a label that cannot be trusted" retention=critical
has "the cure" "$(found retention)" "backup-expire"
ok "the cure" run_later backup-expire --delete "${ID[1]}"
green "the cure"
restore_repo

PACK=$(find "$CLUSTER/base/${ID[-1]}" -name 'pack-*' | head -n 1)
rm -f "$PACK"
run_later backup-expire --dry-run -o "retention_policy=redundancy 2" >/dev/null
check
red "a backup that lost a pack" retention=warning
has "the cure" "$(found retention)" "--delete ${ID[-1]}"
restore_repo

NEEDED=$(run_later backup-show --json "${ID[-1]}" | jq -r .start_wal)
truncate -s 100 "$(find "$CLUSTER/wal" -name "$NEEDED")"
check
red "WAL of the newest backup that was cut short" gaps=critical
has "the cure" "$(found gaps)" "$NEEDED is not authentic.*take a backup"
restore_repo

as mkdir "$CLUSTER/base/${ID[2]}/label.withdrawn"
check
red "a pin that cannot be read" retention=warning
rmdir "$CLUSTER/base/${ID[2]}/label.withdrawn"
green "as it was"

cp -a "$REPO/main" "$T/yesterday"
night
green "before"
mv "$REPO/main" "$T/today"
mv "$T/yesterday" "$REPO/main"
check
red "a repository that was set back" rollback=critical archived=critical
has "the cure" "$(found rollback)" "if that is intended, remove"
rm -rf "$REPO/main"
mv "$T/today" "$REPO/main"
green "put back"

### Timelines

pg_standby pg3 pg
start pg3
as "$PGSERVER/pg_ctl" -D "$T/pg3" -w -s promote >/dev/null || die "promote"
wait_for t_primary pg3
wait_for test -e "$CLUSTER/wal/00000002.history"
pg_stop pg3 -m immediate
catch_up
check
red "a copy that was promoted and archived" timelines=critical
has "the cure" "$(found timelines)" "backup-expire --delete-timeline 2"
work
pg_archived pg
catch_up
# By the clock of the files, which is the repository's.
ok "the cure" run backup-expire --delete-timeline 2
green "the cure"
