#!/bin/bash
# SPDX-License-Identifier: ISC
#
# backup-check beside a real server and a real repository: it is green while
# all is well, also for an idle day; each thing that breaks between the server
# and the repository turns the check of its name red, and no other one; and
# what the page gives as its cure makes it green again.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

t_no_agent()
{
	[ -z "$(agents)" ]
}

command -v jq >/dev/null || skip "no jq"
# shellcheck source=test/system/checks.sh
. "$T_TOP/test/system/checks.sh"

# shellcheck disable=SC2119
sshd_start
keygen main
keygen other
conf_write "retention_policy=recovery window of 30 days" expire_grace=0 \
    agent_linger=1h
pg_init pg --wal-segsize=1 -k
pg_archive pg
start pg
PUSH="'$T_BIN/wal-push --config $CONF %p'"

### Nothing there yet

check
red "an empty repository" repository=critical
work
pg_archived pg
check
red "WAL without a backup" backup-age=critical recoverable=critical
has "the cure" "$(found recoverable)" "take a backup with base-push"

### All is well

backup
green "a healthy cluster"
has "recoverable until" "$(found recoverable)" \
    "until LSN [0-9A-F/]+ on timeline 1, archived .*would lose"
has "who reads" "$(found keys)" "read by [0-9a-f]{16}; signed by [0-9a-f]"
is "what was not proved is no alarm" \
    "$(status verified),$(status drill),$(status slot),$(status receiver)" \
    unknown,unknown,ok,ok
is "what is not asked" "$(status deep)" ""

green "deep" --deep
has "read back" "$(found deep)" "it is what pg_wal has"
green "deep without a restore key" --deep -o restore_key=
has "read back" "$(found deep)" "it is authentic and whole"

later 86400
green "a day without writes"
has "nothing waits" "$(found archiver)" "nothing waits"
later 0

# Random bytes, of which 64 kB go in a second.
sql pg "create table much as select gen_random_uuid() a, gen_random_uuid() b
    from generate_series(1, 100000)" >/dev/null
pg_archived pg || die "WAL is not archived"
background run base-push --fast --quiet -o base_bandwidth_limit=64
wait_for t_begun 2
green "a push under way"
has "it is seen" "$(found running)" "under way, it last moved"
bg_signal KILL
wait "$BG" 2>/dev/null
sql pg "drop table much"
check
red "an interrupted push" running=warning
has "the cure" "$(found running)" "run base-push again"
backup
green "resumed"

### Hosts that know less

as cp "$T/keys/main.public" "$T/keys/admin.public"
{
	printf '[main]\nrepository = %s\n' "$(repo_url)"
	printf 'public_key = %s\n' "$T/keys/admin.public"
	printf 'ssh_key = %s\nknown_hosts = %s\nstate_dir = %s\n' \
	    "$T/ssh/admin" "$T/ssh/known_hosts" "$T/admin"
} >"$T/admin.conf"
chmod 644 "$T/admin.conf"
green "an admin host" -c "$T/admin.conf"
is "without SQL" "$(status postgresql),$(status archiver),$(status identity)" \
    unknown,unknown,unknown
is "and with the repository" "$(status backup-age),$(status gaps)" ok,ok
sed "s,^repository = .*,repository = $REPO," "$T/admin.conf" >"$T/disk.conf"
chmod 644 "$T/disk.conf"
green "the host that has the disks" -c "$T/disk.conf"
sql pg "create role watch login" >/dev/null
check -o conninfo="host=$T/pg.sock port=5432 user=watch dbname=postgres"
red "a role that may nothing" postgresql=warning
has "the cure" "$(found postgresql)" "GRANT pg_monitor"
sql pg "grant pg_monitor to watch" >/dev/null
green "the cure" \
    -o conninfo="host=$T/pg.sock port=5432 user=watch dbname=postgres"

### The configuration and the keys

check -o repository=
red "no repository" config=critical
chmod 644 "$T/keys/main.push"
check
red "a key that others read" keys=critical
has "the cure" "$(found keys)" "0600"
chmod 600 "$T/keys/main.push"
green "the cure"
check -o key="$T/keys/other.push"
red "a key of others" keys=critical
has "the reason" "$(found keys)" "does not believe"
check -o key="$T/keys/gone.push"
red "a key that is gone" keys=critical

### The repository

mv "$REPO" "$REPO.away"
as mkdir "$REPO"
check
red "a disk that is not mounted" repository=critical
has "the cure" "$(found repository)" "mount its disk"
rmdir "$REPO"
mv "$REPO.away" "$REPO"
green "the cure"
sshd_stop
check
red "a host that is down" repository=critical
sshd_start --deny fsync
check -o require_fsync=no
red "a server that cannot fsync" capabilities=warning
sshd_stop
# shellcheck disable=SC2119
sshd_start
green "the cure"
check --warn space=100 --critical space=off
red "a disk that is full, as it is taken" space=warning

### The server

pg_stop pg
check
red "a server that is down" postgresql=critical
start pg
green "the cure"

setting "archive_command = '/bin/true'"
check
red "an archive_command that keeps nothing" settings=critical
work
wait_for t_idle
check
red "and has lost WAL" settings=critical archived=critical
has "the cure" "$(found archived)" "wal-push.*take a backup"
setting "archive_command = $PUSH"
work
pg_archived pg
check
red "a gap" gaps=critical
has "the cure" "$(found gaps)" "take a backup"
OLD=$(run backup-list --json | jq -r '.[0].backups[].id')
backup
check
red "a gap before the newest backup" gaps=warning
has "the cure" "$(found gaps)" "backup-expire --delete"
for id in $OLD; do
	run backup-expire --delete "$id" || die "--delete"
done >/dev/null
green "the cure"

setting "full_page_writes = off"
check
red "full_page_writes = off" settings=warning
setting "full_page_writes = on"
pg_stop pg
start pg "-c archive_mode=off"
check
red "archive_mode = off" settings=critical
has "the cure" "$(found settings)" "archive_mode = on"
pg_stop pg
as "$PGSERVER/pg_checksums" --disable -D "$T/pg" >/dev/null ||
    die "pg_checksums"
start pg
check
red "no checksums" checksums=warning
has "the cure" "$(found checksums)" "pg_checksums --enable"
pg_stop pg
as "$PGSERVER/pg_checksums" --enable -D "$T/pg" >/dev/null ||
    die "pg_checksums"
start pg
green "the cure"

### The archiver

setting "archive_command = 'exit 3 # wal-push'"
work
wait_for t_failed
check
red "an archive_command that fails, just now" archiver=warning
later 121
check
red "two minutes later" archiver=critical
has "the cure" "$(found archiver)" "PostgreSQL's log"
check --critical wal-space=1000000000
red "with little space" archiver=critical wal-space=critical
check --warn backlog=1M
red "a backlog" archiver=critical backlog=warning
check --deep --critical deep=1
red "and it does not arrive" archiver=critical deep=critical
later 0
setting "archive_command = $PUSH"
work
pg_archived pg
green "the cure"

# The kernel marks a program whose name is gone, whatever has that name then.
# It is the same file again, or the agent would see another and leave by itself.
ln "$T_BIN/wal-push" "$T/wal-push"
rm -f "$T_BIN/wal-push"
ln "$T/wal-push" "$T_BIN/wal-push"
check
red "an agent of an older program" agent=warning
AGENT=$(agents)
has "the cure" "$(found agent)" "kill $AGENT"
kill "$AGENT"
wait_for t_no_agent
green "the cure"

# An agent that hangs: the next push waits for it, so none may come before.
work
pg_archived pg
AGENT=$(agents)
# shellcheck disable=SC2086	# several
t_signal STOP $AGENT
check
red "an agent that hangs" agent=critical
PIDS=$(xargs <<<"$AGENT" | tr ' ' '|')
has "the cure" "$(found agent)" "kill -KILL ($PIDS);"
# shellcheck disable=SC2086
kill -KILL $AGENT
green "the cure"

### What was proved

run backup-verify --hashes --quiet >/dev/null || die "backup-verify"
green "verified"
has "it is said" "$(found verified)" "read everything at depth hashes"
SEGMENT=$(find "$REPO" -name '0*' -path '*/wal/*' -type f | sort | tail -n 1)
cp -p "$SEGMENT" "$T/segment"
as chmod u+w "$SEGMENT"
tail -c 1 "$T/segment" | tr '\000-\377' '\001-\377\000' |
    dd of="$SEGMENT" bs=1 seek="$(($(stat -c %s "$SEGMENT") - 1))" \
    conv=notrunc status=none
touch -r "$T/segment" "$SEGMENT"	# a disk that rots dates nothing anew
exits "a finding" 9 run backup-verify --hashes --quiet >/dev/null
check
red "a finding of backup-verify" verified=critical
has "the cure" "$(found verified)" "run backup-verify"
cp -p "$T/segment" "$SEGMENT"
run backup-verify --hashes --quiet >/dev/null || die "backup-verify"
green "the cure"
check -o data_directory="$T/keys"
red "a data directory that is none" config=critical
has "the cure" "$(found config)" "set data_directory"

### Another server

pg_init pg2 --wal-segsize=1 -k
pg_conf pg2 "archive_mode = on" "archive_command = 'exit 1 # wal-push'"
start pg2
check -o conninfo="host=$T/pg2.sock port=5432 $T_LOGIN"
red "another cluster" identity=critical
has "the cure" "$(found identity)" "correct conninfo"
pg_stop pg2 -m immediate

### Clocks

printf '%020d' 120 >"$T/later120"
chmod 644 "$T/later120"
try run "$T_BIN/later" "$LATER" "$T/later120" backup-check --format json \
    "${ANY[@]}"
red "a clock that is two minutes ahead" clock=critical
has "the cure" "$(found clock)" "time service"

### Notification

cat >"$T/notify" <<END
#!/bin/sh
echo "\$SEAWALL_EVENT \$SEAWALL_STATUS \$SEAWALL_FINDINGS" \
    "\$(jq -r '.servers[0].status')" >>$T/notified
END
chmod 755 "$T/notify"
as touch "$T/notified"
notify()
{
	check -o notify_command="$T/notify" "$@"
}
notify
is "nothing is told while all is well" "$(cat "$T/notified")" ""
for i in 1 2; do
	notify -o minimum_redundancy=99
	is "exit status $i" "$RC" 9
done
is "a finding is told once" "$(cat "$T/notified")" \
    "worse critical redundancy=critical critical"
check -o notify_command="$T/notify" -o notify_again=1s --only gaps
later 2
notify -o minimum_redundancy=99 -o notify_again=1s
later 0
is "and again" "$(tail -n +2 "$T/notified")" \
    "again critical redundancy=critical critical"
notify
notify
is "and that all is well" "$(tail -n +3 "$T/notified")" "well ok  ok"
later 0
: >"$T/notified"
exits "a push that fails" 4 run base-push -o notify_command="$T/notify" \
    -o data_directory=/nowhere --fast --quiet
is "it is told" "$(cat "$T/notified")" \
    "failed critical base-push=critical critical"
: >"$T/notified"
for on in off on; do
	ok "a verification" run backup-verify --quick --quiet \
	    -o notify_command="$T/notify" -o notify_success=$on
	ok "an expiry" run backup-expire -o notify_command="$T/notify" \
	    -o notify_success=$on
done >/dev/null
is "success is told if that is asked for" "$(xargs <"$T/notified")" \
    "succeeded ok ok succeeded ok ok"
printf '#!/bin/sh\nexit 7\n' >"$T/notify"
try run backup-check --format nagios "${ANY[@]}" \
    -o notify_command="$T/notify" -o minimum_redundancy=99
is "one that fails changes no exit status" "$RC" 2
has "and is printed" "$OUT" "warning: server main: notify_command: .*status 7"

### What it prints

try run backup-check "${ANY[@]}"
is "text: status" "$RC" 0
has "a line for the server" "$OUT" "^server main, system identifier [0-9]+: ok"
has "a line for each check" "$OUT" "^ok        gaps: "
try run backup-check "${ANY[@]}" --format nagios
is "nagios: status" "$RC" 0
has "its line" "$OUT" "^SEAWALL OK - [0-9]+ ok, [0-9]+ unknown \| .*'main b"
try run backup-check "${ANY[@]}" --format nagios --warn backup-age=0 \
    --critical backup-age=off
is "a warning" "$RC" 1
has "its line" "$OUT" "^SEAWALL WARNING - main: backup-age \|"
has "the finding" "$OUT" "^WARNING main: backup-age: .*; run base-push"
try run backup-check "${ANY[@]}" --format nagios --critical backup-age=0
is "critical" "$RC" 2
try run backup-check --format nagios -c "$T/nowhere.conf"
is "no configuration" "$RC" 3
try run backup-check --format nagios -c "$T/admin.conf" --only archiver
is "nothing is known" "$RC" 3
try run backup-check --only gaps --only space --format json
is "only two" "$(jq -c '[.servers[].checks[].name]' <<<"$OUT")" \
    '["space","gaps"]'
is "the schema" "$(jq -c 'keys' <<<"$OUT")" \
    '["schema","servers","status","time"]'
as mkdir "$T/prom"
ok "metrics" run backup-check "${ANY[@]}" --format prometheus \
    --output "$T/prom/seawall.prom"
is "their mode" "$(stat -c %a "$T/prom/seawall.prom")" 644
is "nothing else is left" "$(ls "$T/prom")" seawall.prom
has "a status" "$(cat "$T/prom/seawall.prom")" \
    '^seawall_check_status\{server="main",check="gaps"\} 0$'
has "a figure" "$(cat "$T/prom/seawall.prom")" \
    '^seawall_backup_age_seconds\{server="main"\} [0-9]+$'
# What the rules and the dashboard ask for is there, unless nothing makes it.
METRICS=$(grep -oh 'seawall_[a-z_]*' "$T_TOP/conf/seawall.rules.yml" \
    "$T_TOP/conf/seawall-dashboard.json" | sort -u |
    grep -vE '_(receiver_seconds|slot_bytes|drill_seconds)$')
for metric in $METRICS; do
	has "$metric" "$(cat "$T/prom/seawall.prom")" "^$metric\{"
done
ok "the dashboard is JSON" jq -e '.panels | length > 5' \
    "$T_TOP/conf/seawall-dashboard.json"
if command -v promtool >/dev/null; then
	ok "promtool: metrics" bash -c \
	    "promtool check metrics <'$T/prom/seawall.prom'"
	ok "promtool: rules" promtool check rules \
	    "$T_TOP/conf/seawall.rules.yml"
fi
exits "a check that is none" 2 run backup-check --only nothing
exits "a format that is none" 2 run backup-check --format xml
exits "a server that is none" 2 run backup-check --server other
exits "a threshold that is none" 2 run backup-check --warn gaps=many
