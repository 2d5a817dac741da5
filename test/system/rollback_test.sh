#!/bin/bash
# SPDX-License-Identifier: ISC
#
# A storage host is set back to an earlier snapshot: each program that looked
# before says so, and expiry deletes nothing.  Expiry elsewhere is no such
# thing, and what somebody does to the memory itself harms nothing.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

command -v jq >/dev/null || skip "no jq"
# shellcheck disable=SC2119
sshd_start
keygen main
conf_write expire_grace=0 "retention_policy=redundancy 9"
pg_init pg --wal-segsize=1
pg_archive pg
pg_start pg

# Two segments, at least.
work()
{
	sql pg "select pg_logical_emit_message(true, 'x', repeat('x', 300000)),
	    pg_switch_wal()" >/dev/null
	pg_archived pg || die "WAL is not archived"
}

backup()
{
	sleep 1.1		# ids have seconds, and so differ
	ok "base-push $1" run base-push --fast --quiet --label "$1"
	lacks "has nothing to warn of" "$OUT" "gone"
	work
}

no_agent()
{
	# shellcheck disable=SC2046	# several
	[ -z "$(agents)" ] || kill -KILL $(agents)
	wait_for test -z "$(agents)"
}

silent()
{
	ok "$1: backup-list" run backup-list
	lacks "$1: is silent" "$OUT" "gone|seen"
	ok "$1: backup-verify" run backup-verify --quick
	lacks "$1: is silent" "$OUT" "gone|seen"
	ok "$1: backup-expire" run backup-expire
	lacks "$1: is silent" "$OUT" "gone|seen"
	lacks "$1: so is PostgreSQL's log" "$(cat "$T/pg.log")" "gone|begins"
}

# All files of the repository, to see that none goes.
files()
{
	(cd "$REPO" && find . -type f | sort)
}

# One that was archived and is still there, to be pushed again: $again.
archived()
{
	work
	again=$T/pg/pg_wal/$(sql pg "select last_archived_wal
	    from pg_stat_archiver")
}

### Nothing is missed

backup one
backup two
silent "two backups"
backup three
id=$(run backup-list --json | jq -r '.[0].backups[-1].id')
is "nothing is gone" "$(run backup-list --json | jq -c '.[0].gone')" "[]"
STATE=$(dirname "$(find "$T/state" -name repository)")
SEEN=$(find "$STATE" -name 'seen-*')
is "one memory" "$(wc -l <<<"$SEEN")" 1
# The agent remembers what it pushed, too.
wait_for grep -q '"segment"' "$SEEN"

as mkdir -m 700 "$T/elsewhere"
ok "expiry elsewhere" run backup-expire -o state_dir="$T/elsewhere" \
    --delete "$(run backup-list --json | jq -r '.[0].backups[0].id')" \
    --delete "$(run backup-list --json | jq -r '.[0].backups[1].id')"
is "leaves one backup" "$(run backup-list --json |
    jq '.[0].backups | length')" 1
work
silent "expired elsewhere"

ok "a deletion by force, here" run backup-expire --force \
    --delete "$(run backup-list --json | jq -r '.[0].backups[-1].id')" \
    -o minimum_redundancy=0
silent "deleted here"
backup four
silent "a new one"

### Set back

no_agent
cp -a "$REPO" "$T/yesterday"
backup five
backup six
silent "before"
id=$(run backup-list --json | jq -r '.[0].backups[-1].id')
no_agent
rm -rf "$REPO"
cp -a "$T/yesterday" "$REPO"
cp -a "$T/state" "$T/state2"
cp -a "$T/state" "$T/state3"

exits "backup-list" 9 run backup-list
has "names the backup" "$OUT" "^base/$id/label: gone, although this host saw it"
has "the WAL" "$OUT" "^wal/[0-9A-F/]*: gone, .* backup .* needs it"
has "the cure" "$OUT" "if that is intended, remove $SEEN$"
try run backup-list --json
is "status" "$RC" 9
is "in JSON" "$(jq -r '.[0].gone[0].object' <<<"$OUT")" "base/$id/label"
exits "backup-verify" 9 run backup-verify --quick
has "finds it" "$OUT" "^base/$id/label: gone, .*; the repository was set back"
exits "in depth, too" 9 run backup-verify --hashes latest
has "finds it" "$OUT" "^base/$id/label: gone"
before=$(files)
exits "backup-expire" 9 run backup-expire -o "retention_policy=redundancy 1"
has "says so" "$OUT" "^base/$id/label: gone"
has "deletes nothing" "$OUT" "^nothing is deleted$"
has "by no rule" "$OUT" "^  keep .*: the repository was set back"
exits "nor a dry run" 9 run backup-expire -n
exits "nor by name" 2 run backup-expire -o minimum_redundancy=0 --force \
    --delete "$(run backup-list --json | jq -r '.[0].backups[-1].id')"
has "with the cure" "$OUT" "remove $SEEN$"
is "all files are there" "$(files)" "$before"
ok "a host that never looked says nothing" run backup-verify --quick \
    -o state_dir="$T/nowhere"
ok "and the one that had expired" run backup-list -o state_dir="$T/elsewhere"

# Without an agent: in the same call, once.
archived
ok "wal-push" run wal-push -o agent=off -o state_dir="$T/state2" "$again"
has "warns" "$OUT" "^wal-push: base/$id/label: gone, .*remove $T/state2/"
ok "once" run wal-push -o agent=off -o state_dir="$T/state2" "$again"
is "and no more" "$OUT" ""

# The agent: with a later call.  The one that archived() used may have looked,
# and remembered that, and had no later call.
warnings()
{
	grep -c "wal-push: base/$id/label: gone" "$T/pg.log"
}
warned()
{
	work
	[ "$(warnings)" -gt "$before" ]
}
no_agent
rm -rf "$T/state"
mv "$T/state3" "$T/state"
before=$(warnings)
ok "the agent warns in PostgreSQL's log" wait_for warned
no_agent
archived
ok "once, and not with each agent" run wal-push -o agent=off "$again"
is "or call" "$OUT" ""
is "one line" "$(warnings)" "$((before + 1))"

exits "archiving goes on, and the finding stays" 9 run backup-list
has "with the backup" "$OUT" "^base/$id/label: gone"
sleep 1.1
ok "base-push works" run base-push --fast --quiet
has "and warns" "$OUT" "^base-push: base/$id/label: gone"

### Accepted

rm "$SEEN"
try run backup-list --json
is "nothing is missed" "$(jq -c '.[0].gone' <<<"$OUT")" "[]"
try run backup-verify --quick
lacks "nor is it there" "$OUT" "gone|seen"
ok "expiry works" run backup-expire -o "retention_policy=redundancy 1"
ok "and what is left is whole" run backup-verify --quick
silent_log=$(grep -c . "$T/pg.log")
work
is "the log is silent" "$(tail -n "+$((silent_log + 1))" "$T/pg.log" |
    grep -c "gone")" 0

### The memory itself

# mangled WHAT NOTE: everything works, and says what it found
mangled()
{
	ok "$1: backup-list" run backup-list
	has "$1: notes it" "$OUT" "begins anew: $SEEN: $2"
	ok "$1: backup-expire" run backup-expire
	has "$1: notes it" "$OUT" "begins anew: $SEEN: $2"
	ok "$1: and has begun anew" run backup-verify --quick
	lacks "$1: without a note" "$OUT" "anew"
}

head -c 300 /dev/urandom >"$SEEN"
mangled "garbage" "is damaged"
truncate -s 1T "$SEEN"
mangled "huge" "expected a file of at most"
echo precious >"$T/precious"
rm "$SEEN"
ln -s "$T/precious" "$SEEN"
mangled "a link" "found a link, expected a file"
is "whose target was not touched" "$(cat "$T/precious")" precious
if [ "$(id -u)" = 0 ]; then
	chmod 644 "$SEEN"
	chown 12345 "$SEEN"
	mangled "another user's" "another user .uid 12345. owns it"
fi
sed 's/^seawall seen 1/seawall seen 2/' "$SEEN" >"$T/seen.new"
[ "$(id -u)" != 0 ] || chown "$T_USER:$T_GID" "$T/seen.new"
chmod 600 "$T/seen.new"
mv "$T/seen.new" "$SEEN"
mangled "another version" "is damaged, or of another version"
archived
ok "garbage, and wal-push" sh -c "echo >'$SEEN'"
ok "pushes" run wal-push -o agent=off "$again"
ok "a folder in its place" sh -c "rm '$SEEN' && mkdir '$SEEN'"
ok "wal-push pushes" run wal-push -o agent=off "$again"
ok "base-push" run base-push --fast --quiet
ok "backup-expire" run backup-expire
has "says that it forgets" "$OUT" "begins anew"
