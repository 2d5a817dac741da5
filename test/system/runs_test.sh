#!/bin/bash
# SPDX-License-Identifier: ISC
#
# What surrounds a run of base-push, base-fetch, backup-expire and
# backup-verify: the configuration as they see it, hooks, the
# log, the history.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

command -v jq >/dev/null || skip "no jq"

# hooks STATUS: each hook notes what it gets; those before end with STATUS.
hooks()
{
	as tee "$T/before" >/dev/null <<-END
	#!/bin/sh
	echo "\$SEAWALL_EVENT" >>$T/hooked
	cat >$T/before.json
	exit $1
	END
	: >"$T/hooked"
	[ "$(id -u)" != 0 ] || chown "$T_USER" "$T/hooked"
}
hooks 0
as tee "$T/after" >/dev/null <<END
#!/bin/sh
echo "\$SEAWALL_EVENT \$SEAWALL_STATUS \$SEAWALL_EXIT_STATUS" \
    "\$SEAWALL_SERVER \$SEAWALL_DIRECTORY" >>$T/hooked
cat >$T/after.json
exit 3
END
chmod 755 "$T/before" "$T/after"
has_run()
{
	is "$1: hooks" "$(cat "$T/hooked")" "$2"
	: >"$T/hooked"
}
after()
{
	jq -r "$1" "$T/after.json"
}

keygen main
conf_write repository="$T/repo" wal_compression=zstd:1 \
    retention_policy="redundancy 1" expire_grace=0 hook_timeout=60s \
    log_file="$T/state/log" \
    before_base_push="$T/before" after_base_push="$T/after" \
    before_base_fetch="$T/before" after_base_fetch="$T/after" \
    before_expire="$T/before" after_expire="$T/after"
pg_init pg --wal-segsize=1
pg_archive pg
pg_start pg
sql pg "create table t as select 1 as a"

### The configuration

for p in wal-push wal-fetch wal-receive base-push base-fetch backup-list \
    backup-show backup-verify backup-expire backup-check; do
	exits "$p" 0 run $p --show-config -o io_timeout=7s
	has "$p: from a file" "$OUT" "^repository = $T/repo  \($CONF:[0-9]+\)"
	has "$p: from its options" "$OUT" "^io_timeout = 7s  \(--set\)"
done
exits "a wrong value" 2 run wal-push --show-config -o io_timeout=x

### Hooks

hooks 5
exits "a hook stops the push" 4 run base-push --fast --json
has_run "stopped" "before_base_push
after_base_push critical 4 main "
has "what was told" "$(after .error)" \
    "^before_base_push: .*/before: exit status 5;"
is "nothing is stored" "$(find "$T/repo" -path '*/base/*')" ""
hooks 0
JSON=$(run base-push --fast --json 2>"$T/err")
is "a push" "$?" 0
ID=$(jq -r .id <<<"$JSON")
has_run "push" "before_base_push
after_base_push ok 0 main "
is "the backup" "$(after .backup)" "$ID"
is "its size" "$(after .bytes)" "$(jq .size <<<"$JSON")"
has "a hook that fails is reported" "$(cat "$T/err")" \
    "^base-push: warning: server main: after_base_push: .*/after: exit status 3"
exits "a second push" 0 run base-push --fast
: >"$T/hooked"

exits "no repository" 1 run base-fetch "$T/new" -o repository="$T/nowhere"
has_run "fetch: fails before the first" \
    "after_base_fetch critical 1 main $T/new"
exits "dry run" 0 run base-fetch --dry-run "$ID" "$T/new"
exits "dry run" 0 run backup-expire --dry-run
exits "a pin" 0 run backup-expire --keep "$ID"
exits "no pin" 0 run backup-expire --release "$ID"
has_run "none" ""
hooks 1
exits "a hook stops the restore" 4 run base-fetch "$ID" "$T/new"
is "nothing is restored" "$(ls -A "$T/new" 2>/dev/null)" ""
exits "a hook stops the expiry" 4 run backup-expire
is "nothing is deleted" \
    "$(run backup-list --json | jq '.[].backups | length')" 2
hooks 0
exits "a restore" 0 run base-fetch "$ID" "$T/new"
has_run "fetch" "before_base_fetch
after_base_fetch ok 0 main $T/new"
is "the backup" "$(jq -r .backup "$T/before.json")" "$ID"
exits "an expiry" 0 run backup-expire --progress
has "its phases" "$OUT" "^backup-expire: reading labels and lists, 0 s
backup-expire: 0 of [1-9][0-9]* files deleted \(0%\), 0/s
"
has_run "expire" "before_expire
after_expire ok 0 main "
is "how many" "$(after .backups)" 1
has "how much" "$(after .bytes)" "^[1-9]"

### The log

LOG=$(cat "$T/state/log")
has "why one failed" "$LOG" "^20[-0-9]*T[0-9:.]*Z base-push main [0-9a-f]{8} \
error: before_base_push: .*/before: exit status 5"
has "a warning" "$LOG" "base-push main .* notice: warning: server main: after"
has "how one ended" "$LOG" "backup-expire main $(after .run) info: \
end: exit status 0 after [0-9]+ ms\$"
has "its arguments" "$LOG" "base-fetch main .* info: end $ID $T/new: exit s"
lacks "no line for each WAL file" "$LOG" wal-push
has "what it did" "$LOG" "backup-expire main $(after .run) info: \
1 backup, $(after .bytes) bytes$"
SEGMENT=$(basename "$(find "$T/repo" -path '*/wal/*' -type f | sort |
    tail -n 1)")
fetch()
{
	try run wal-fetch -o data_directory="$T/new" -o agent=off "$@" \
	    "$SEGMENT" "$T/wal"
}
fetch -o log_level=debug
is "debug" "$RC $OUT" "0 "
has "then it is there" "$(cat "$T/state/log")" \
    "wal-fetch main .* debug: end $SEGMENT .*: exit status 0"
rm -f "$T/wal"
fetch -o log_file="$T/no/log"
is "a log that cannot be: nothing in PostgreSQL's log" "$RC $OUT" "0 "
try run backup-list -o log_file="$T/no/log"
has "but elsewhere" "$RC $OUT" "^0 backup-list: warning: log_file $T/no/log: No"

### The history

exits "a verification" 0 run backup-verify --quick
is "nothing is lost" "$(run backup-list --history --json |
    jq -r '.[] | "\(.program) \(.exit_status)"' | sed 1d)" \
    "base-push 0
base-push 0
base-fetch 1
base-fetch 4
backup-expire 4
base-fetch 0
backup-expire 0
backup-verify 0"
HISTORY=$(run backup-list --history)
has "a heading" "$HISTORY" "^server main: 9 runs on this host\$"
has "a push" "$HISTORY" "^  20.*Z  base-push +0:00:[0-9]+  ok: $ID, .* MB, sto"
has "a failure" "$HISTORY" "base-push .*  failed \(4\): before_base_push: "
has "an expiry" "$HISTORY" "backup-expire .*  ok: 1 backup, "
# A hook that kills the program, as a power cut may.
as tee "$T/before" >/dev/null <<END
#!/bin/sh
kill -9 \$PPID
END
try run base-push --fast
has "one that was killed" "$(run backup-list --history | tail -n 1)" \
    "base-push +-  no end: it is under way, or was killed"
ok "no state folder" run base-fetch --quiet latest "$T/new2" \
    -o state_dir="$T/none" -o before_base_fetch= -o after_base_fetch=
is "none is made" "$(ls "$T/none" 2>&1)" \
    "ls: cannot access '$T/none': No such file or directory"
is "nor a history" "$(run backup-list --history -o state_dir="$T/none")" \
    "server main: 0 runs on this host"
