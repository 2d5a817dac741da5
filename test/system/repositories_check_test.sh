#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Two and three repositories in directories, one of which is away, full, read
# only, damaged or behind: what backup-check says of each, what a backup needs
# and gets, what counts as archived, and what is never said to be absent.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

command -v jq >/dev/null || skip "no jq"

# several QUORUM [KEY=VALUE]...: CONF with the two.
several()
{
	conf_write repository= repositories="near, far" quorum="$1" \
	    chunk_size=64k fetch_retry=0s io_timeout=5s "${@:2}"
	{
		cat "$CONF"
		printf '[repository near]\nrepository = %s\n' "$NEAR"
		printf '[repository far]\nrepository = %s\n' "$FAR"
	} >"$CONF.all"
	chmod 644 "$CONF.all"
	mv "$CONF.all" "$CONF"
}

stored()
{
	find "$1/main" -path "*/wal/*/$2" | grep -q .
}

segment()
{
	sql pg "insert into t select generate_series(1, 100)" || return 1
	LAST=$(pg_switch pg)
	wait_for t_archived pg "$LAST"
}

# A new segment wakes the archiver, which rests for a minute after failures.
waking()
{
	sql pg "insert into t values (1)"
	pg_switch pg >/dev/null
	t_archived pg "$1"
}

push()
{
	run wal-push -o data_directory="$T/pg" "$@"
}

# check REPOSITORY NAME: status and what was found, of the last JSON.
check()
{
	jq -r --arg r "$1" --arg n "$2" '.servers[] |
	    select(.repository == $r) | .checks[] | select(.name == $n) |
	    "\(.status): \(.found); \(.cure)"' <<<"$OUT"
}

look()
{
	try run backup-check --format json "$@"
}

NEAR=$T/near
FAR=$T/far
as mkdir "$NEAR" "$FAR"
# shellcheck disable=SC2119
keygen
pg_init pg --wal-segsize=1
several 1
pg_archive pg
pg_conf pg "wal_keep_size = '64MB'"
pg_start pg
sql pg "create table t (i int)"
segment || fail "WAL is not archived"
wait_for stored "$FAR" "$LAST" || fail "far does not get it"
ok "a backup in near" run base-push --fast
ok "and far" run repo-copy near far

### backup-check, of each

LAG=(--only repository --only lag --only archived --only keys)
look "${LAG[@]}"
is "both are well" "$RC" 0
has "near has all" "$(check near lag)" "^ok: it has all WAL"
has "and far" "$(check far lag)" "^ok: it has all WAL"
is "the keys are checked once" "$(check far keys)" ""
look --repository far --only lag --only repository
is "one of them alone lags behind nothing" "$(check far lag)" ""

AGENT=$(agents | head -n 1)
has "the agent that serves both is asked" "$(run backup-check --only agent)" \
    "^ok +agent: it answers"
kill -STOP "$AGENT"
look --only agent
has "and missed if it hangs" "$(check near agent)" \
    "^critical: .*process id $AGENT"
kill -CONT "$AGENT"

# Away: WAL goes on to far, near gets none.
as mv "$NEAR" "$NEAR.gone"
for i in 1 2 3; do
	segment || fail "segment $i waits for the one that is away"
	[ $i = 1 ] && LOST=$LAST
done
look "${LAG[@]}"
is "one that is away is a finding" "$RC" 9
has "of its own" "$(check near repository)" "^critical: "
has "and what it has is not known" "$(check near lag)" \
    "^unknown: .*last noted on this host 2.*far has WAL up to $LAST"
has "the other one is checked" "$(check far repository)" "^ok: "
has "and has all" "$(check far archived)" "^ok: "

# Back, with WAL behind what it lacks.
as mv "$NEAR.gone" "$NEAR"
t_agents_end
back()
{
	segment && stored "$NEAR" "$LAST"
}
ok "it gets WAL again" wait_for back
stored "$NEAR" "$LOST" && fail "near got $LOST by itself"
look "${LAG[@]}"
is "what it lacks is a finding" "$RC" 9
has "with its number and its cure" "$(check near lag)" \
    "^warning: it lacks [0-9]+ segments? .*from $LOST on; .*repo-copy far near"
has "what left the server is archived" "$(check near archived)" "^ok: "
TEXT=$(run backup-check "${LAG[@]}")
has "for people" "$TEXT" "server main, repository near, .*: warning"
has "a plugin names it" "$(run backup-check "${LAG[@]}" --format nagios)" \
    "WARNING - main@near: lag \|"
has "and so do metrics" "$(run backup-check "${LAG[@]}" --format prometheus)" \
    'seawall_lag{server="main",repository="near"} [1-9]'
ok "the cure" run repo-copy far near
look "${LAG[@]}"
is "cures it" "$RC" 0

### A fetch: absent is what both prove

FETCH=(wal-fetch -o data_directory="$T/pg")
NONE=0000000900000009000000AB
for agent in on off; do
	exits "both prove it (agent=$agent)" 1 run "${FETCH[@]}" \
	    -o agent=$agent $NONE "$T/out"
	as mv "$FAR" "$FAR.gone"
	exits "one is gone (agent=$agent)" 205 run "${FETCH[@]}" \
	    -o agent=$agent $NONE "$T/out"
	has "and is named" "$OUT" "repository far: "
	as mkdir "$FAR"
	exits "an empty disk proves nothing (agent=$agent)" 205 \
	    run "${FETCH[@]}" -o agent=$agent $NONE "$T/out"
	as rmdir "$FAR"
	as mv "$FAR.gone" "$FAR"
	t_agents_end
done
MARKER=$(find "$FAR/main" -name system -type f)
flip "$MARKER" 20
exits "nor does a marker that is damaged" 207 run "${FETCH[@]}" -o agent=off \
    $NONE "$T/out"
ok "what the other has is fetched" run "${FETCH[@]}" -o agent=off "$LAST" \
    "$T/out"

### WAL with that marker

several 2
sql pg "insert into t select generate_series(1, 100)"
STUCK=$(pg_switch pg)
wait_for stored "$NEAR" "$STUCK" || fail "near does not get $STUCK"
for agent in on off; do
	try push -o agent=$agent "$T/pg/pg_wal/$STUCK"
	is "not durable in two (agent=$agent)" "$RC" 7
	has "which is said" "$OUT" "repository far: .*durable in 2 of 2"
done
ok "PostgreSQL waits for it" test -e \
    "$T/pg/pg_wal/archive_status/$STUCK.ready"
stored "$FAR" "$STUCK" && fail "far has $STUCK under a damaged marker"
flip "$MARKER" 20		# as it was
ok "and completes it by itself" wait_for waking "$STUCK"
ok "there" stored "$FAR" "$STUCK"

### Killed between the two, again and again

for i in 1 2 3 4; do
	sql pg "insert into t select generate_series(1, 100)"
	STUCK=$(pg_switch pg)
	wait_for stored "$NEAR" "$STUCK" || fail "near does not get $STUCK"
	agents | xargs -r kill -9
done
ok "all is archived" wait_for waking "$STUCK"
pg_archived pg || fail "the last segment is not archived"
objects()
{
	(cd "$1/main" && find . -path '*/wal/*' -type f -exec md5sum {} + |
	    sort -k 2)
}
is "in both, the same bytes" "$(objects "$FAR")" "$(objects "$NEAR")"

### A backup whose WAL went to the other one

several 1
t_agents_end
pg_conf pg \
    "archive_command = '$T_BIN/wal-push --config $CONF --repository far %p'"
sql pg "select pg_reload_conf()" >/dev/null
segment || fail "WAL does not go to far"
stored "$NEAR" "$LAST" && fail "near has $LAST"
ok "its WAL is pushed from pg_wal" run base-push --fast
has "which is said" "$OUT" "lacks WAL segment .*pushed from pg_wal"
ok "it can be restored from near alone" run base-fetch --repository near \
    --target immediate latest "$T/near.pg"
look --repository near --only recoverable
has "and counts" "$(check near recoverable)" "^ok: "

### An export stands for all of them

ok "an export" run backup-export --repository near latest "$T/x.sw"
as mv "$NEAR" "$NEAR.gone"
as mv "$FAR" "$FAR.gone"
exits "it does not go where nothing is to be written" 3 run backup-import \
    --repository far -o read_only=on "$T/x.sw"
ok "is listed" run backup-list -o repository="export://$T/x.sw"
ok "and restored, while the configuration names others" run base-fetch \
    --from-file "$T/x.sw" --target-action promote "$T/x.pg"
has "its recovery asks the file" \
    "$(grep restore_command "$T/x.pg/postgresql.auto.conf")" "--from-file"
pg_start x.pg -c archive_mode=off
ok "it recovers" wait_for t_primary x.pg
is "with its rows" "$(sql x.pg "select count(*) > 100 from t")" t
