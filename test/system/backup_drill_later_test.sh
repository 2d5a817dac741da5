#!/bin/bash
# SPDX-License-Identifier: ISC
#
# backup-drill: tablespaces that were made after the backup stay inside.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

command -v jq >/dev/null || skip "no jq"

# drill WHAT STATUS OPTION...: the receipt is in JSON, the rest in ERR.
drill()
{
	local what=$1 status=$2

	shift 2
	JSON=$(run "${WITH[@]}" backup-drill --dir "$T/drill" --json \
	    --check sql "$@" 2>"$T/err" </dev/null)
	RC=$?
	ERR=$(cat "$T/err")
	is "$what" "$RC" "$status"
	[ "$RC" = "$status" ] || printf '%s\n%s\n' "$JSON" "$ERR"
	is "$what: nothing is left" "$(ls "$T/drill" 2>/dev/null)" ""
}

found()
{
	jq -r --arg c "$1" '.checks[] | select(.check == $c) |
	    .verdict + ": " + .found' <<<"$JSON"
}

# All that lies outside, with its times.
outside()
{
	ls -d "$T/gone" "$ROOTED" 2>/dev/null
	find "$T/live" "$T/empty" "$T/within" -printf '%p %s %T@ %C@ %m\n' |
	    sort
}

# Whether PostgreSQL has answered base-push that the backup has begun.
begun()
{
	[ "$(sql pg "select count(*) from pg_stat_activity
	    where application_name = 'base-push' and state = 'idle' and
	    query ~ 'backup_start'")" = 1 ]
}

# The same while it waits for the checkpoint.
begins()
{
	[ "$(sql pg "select count(*) from pg_stat_activity
	    where application_name = 'base-push' and state = 'active' and
	    query ~ 'backup_start'")" = 1 ]
}

WITH=(env)
ROOTED=
keygen main
conf_write repository="$T/repo" wal_compression=zstd:1
pg_init pg --wal-segsize=1
pg_archive pg
pg_start pg
as mkdir "$T/first" "$T/within" "$T/live" "$T/empty" "$T/gone" \
    "$T/gone/deep"
sql pg "create tablespace first location '$T/first'"
sql pg "create table first tablespace first as select generate_series(1, 5) g"

# One is made between the backup's first record and its list of tablespaces,
# for which base-push is held, and before it the checkpoint that it waits for.
CHECKPOINTER=$(sql pg "select pid from pg_stat_activity
    where backend_type = 'checkpointer'")
kill -STOP "$CHECKPOINTER"
background run base-push --fast --quiet
wait_for begins || die "the backup does not begin"
wait_for t_paused "$BG" || die "base-push does not stop"
kill -CONT "$CHECKPOINTER"
wait_for begun || die "the backup has not begun"
sql pg "create tablespace within location '$T/within'"
sql pg "create table within tablespace within as
    select generate_series(1, 8) g"
bg_signal CONT
wait "$BG"
is "a backup" "$?" 0
ok "the backup has that one" grep -aq '"within"' "$T"/repo/*/*/base/*/label

sql pg "insert into first values (6)"
sql pg "insert into within values (9)"
pg_switch pg >/dev/null

# Behind it, in places that stay, are emptied, or are no more.
for name in live empty gone gone/deep; do
	sql pg "create tablespace ${name#*/} location '$T/$name'"
	sql pg "create table ${name#*/} tablespace ${name#*/} as
	    select generate_series(1, 7) g"
done
if [ "$(id -u)" = 0 ]; then
	ROOTED=/${T##*/}
	mkdir -m 700 "$ROOTED"
	chown "$T_USER" "$ROOTED"
	sql pg "create tablespace rooted location '$ROOTED'"
	sql pg "create database other tablespace rooted"
fi
pg_archived pg || die "archive"
pg_stop pg
rm -rf "$T/gone" "$T/empty/"* ${ROOTED:+"$ROOTED"}
BEFORE=$(outside)

drill "a drill" 0 --sql 'select (select count(*) from live) + (select count(*)
    from empty) + (select count(*) from deep) + (select count(*) from first) +
    (select count(*) from within)' --expect 36 --sql "select count(*)
	from pg_tablespace where pg_tablespace_location(oid) not like
	'$T/drill/%'" --expect 2
has "says what it covered" "$(found inside)" "^ok: .* later ones were covered"
is "nothing outside was touched" "$(outside)" "$BEFORE"
is "and no trouble is said" "$(jq -c .trouble <<<"$JSON")" "[]"

drill "every check" 0 --check amcheck,dump,sql --self-test \
    --sql 'select 1' --expect 1
has "the faults were noticed" "$(found self-test)" "^ok: .*missing WAL segment"
is "still nothing outside was touched" "$(outside)" "$BEFORE"

### Replay of the backup alone makes what was made while it ran

drill "immediate" 0 --immediate --sql 'select count(*) from within' --expect 8
is "nothing outside was touched by it" "$(outside)" "$BEFORE"
exits "base-fetch refuses it" 3 run base-fetch -n --target immediate \
    --tablespace "first:$T/moved/first" \
    --tablespace "within:$T/moved/within" "$T/back"
has "and names it" "$OUT" \
    "$T/within: belongs to a tablespace that was made during backup"
as mv "$T/within" "$T/aside"
ok "but not where it was" run base-fetch -n --target immediate \
    --tablespace "first:$T/moved/first" "$T/back"
as mv "$T/aside" "$T/within"
BEFORE=$(outside)

### A host that allows no namespaces

WITH=(no_unshare)
try run no_unshare true
[ "$RC" != 77 ] || skip "no seccomp"
drill "where nothing can be covered" 9 --sql 'select 1' --expect 1
has "it is red, and names the tablespace" "$(found inside)" \
    "^failed: .* write to $T/within, outside the sandbox, .* not permitted"
is "and nothing outside was touched" "$(outside)" "$BEFORE"
