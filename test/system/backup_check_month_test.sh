#!/bin/bash
# SPDX-License-Identifier: ISC
#
# A month of a cluster on which nobody writes, with a backup and an expiry each
# night, and of one that has both once a week: backup-check is green all the
# time.  The clocks of the server, the programs and the repository are set.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=test/system/checks.sh
. "$T_TOP/test/system/checks.sh"

DAY=86400

# Under the set clock a temporary name is old as soon as it is made, so expiry
# waits for the archiver: it would take the file that it is writing.
push()
{
	run_later base-push --fast --quiet >/dev/null || fail "base-push"
	wait_for t_idle
}

night()
{
	push
	run_later backup-expire "${OF[@]}" >"$T/expired" ||
	    fail "backup-expire: $(cat "$T/expired")"
}

export LATERFILES=1
as mkdir -p "$REPO"
keygen main
conf_write "repository=$REPO" idle_priority=off agent=off
pg_init pg --wal-segsize=1 -k
pg_archive pg "archive_timeout = 0"
start pg
pg_slim pg

### Each night

OF=(-o "retention_policy=redundancy 3" -o keep_weekly=2)
for day in {1..30}; do
	later $((day * DAY))
	night
	case $day in
	1 | 2 | 4 | 8 | 15 | 29 | 30)
		green "night $day" "${OF[@]}"
		later $((day * DAY + 86000))
		green "a day after night $day" "${OF[@]}"
	esac
done
has "expiry ran" "$(found retention)" "would now delete 0 of .* last ran here"
# Three, those of the last three days, which are young, and of two weeks.
ok "little is left" test "$(run_later backup-list --json |
    jq '.[0].backups | length')" -le 9

### Once a week, for six weeks

OF=(-o "retention_policy=recovery window of 2 weeks")
RARE=(--warn backup-age=170 --critical backup-age=200)
for week in 5 6 7 8 9 10; do
	later $((week * 7 * DAY))
	night
	green "week $week" "${OF[@]}" "${RARE[@]}"
	later $((week * 7 * DAY + 603000))
	green "a week later" "${OF[@]}" "${RARE[@]}"
done

### Nobody runs expiry any more

for week in 11 12 13; do
	later $((week * 7 * DAY))
	push
done
check "${OF[@]}" "${RARE[@]}"
red "nobody runs expiry" retention=warning
has "since when" "$(found retention)" "could delete [1-9] backups? 8 days ago"
has "and when it ran" "$(found retention)" "did not: it last ran here at 20"
has "the cure" "$(found retention)" "run backup-expire"
ok "the cure" run_later backup-expire "${OF[@]}"
green "the cure" "${OF[@]}" "${RARE[@]}"
has "it is said" "$(found retention)" "would now delete 0 of .* last ran here"

### What comes back after a month

sql pg "select pg_create_physical_replication_slot('forgotten', true)" \
    >/dev/null
work
pg_archived pg
later $((17 * 7 * DAY))
night
check "${OF[@]}" "${RARE[@]}" --warn slot=100k
red "a slot that was forgotten" wal-space=warning
sql pg "select pg_drop_replication_slot('forgotten')" >/dev/null
