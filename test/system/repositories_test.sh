#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Several repositories: "near" on a real sshd, "mid" and "far" in directories.
# Archiving goes on with one of them away, all get the same bytes, nothing
# counts twice or with other content, and absence is what all of them prove.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

# several QUORUM [KEY=VALUE]...: CONF with the three.
several()
{
	local quorum=$1

	shift
	conf_write repository= repositories="near, mid, far" quorum="$quorum" \
	    chunk_size=64k fetch_retry=0s "$@"
	sections "$CONF"
}

# In one step, since agents watch the file.
sections()
{
	cp "$1" "$1.all"
	cat >>"$1.all" <<-END
	[repository near]
	repository = $(repo_url)
	io_timeout = 1h
	[repository mid]
	repository = $MID
	[repository far]
	repository = $FAR
	END
	chmod 644 "$1.all"
	mv "$1.all" "$1"
}

objects()
{
	(cd "$1/main" && find . -path '*/wal/*' -type f -exec md5sum {} + |
	    sort -k 2)
}

stored()
{
	find "$1/main" -path "*/wal/*/$2" | grep -q .
}

# The same names with the same bytes, once the slower ones are there, too.
alike()
{
	[ "$(objects "$REPO")" = "$(objects "$MID")" ] &&
	    [ "$(objects "$REPO")" = "$(objects "$FAR")" ]
}

# A segment that is complete, the newest.
newest()
{
	stored_segments "$MID" | tail -n 1
}

# It knows the cluster, so one is there.
agent_answers()	# REPOSITORY
{
	pg_archived pg &&
	    run backup-check --repository "$1" --only agent | grep -q answers
}

# The repositories whose whole way --test went, as it says in OUT.
tested()
{
	awk '/this is its repository/ { r = $NF } /^(read back|fetched)/ {
	    print r }' <<<"$OUT" | xargs
}

push()
{
	run wal-push -o data_directory="$T/pg" "$@"
}

MID=$T/mid
FAR=$T/far
as mkdir "$MID" "$FAR" "$T/state.1"
# shellcheck disable=SC2119
keygen
pg_init pg --wal-segsize=1
# shellcheck disable=SC2119
sshd_start
several 2
pg_archive pg
pg_start pg
sql pg "create table t (i int)"
SYSTEM=$(pg_system_id pg)

### Side by side

ok "WAL is archived" pg_archived pg
for i in 1 2 3; do
	sql pg "insert into t select generate_series(1, 100)"
	pg_archived pg || fail "segment $i is not archived"
done
wait_for alike || fail "the repositories differ"
is "all three have all WAL, the same bytes" "$(objects "$FAR")" \
    "$(objects "$REPO")"
ok "a backup in one of them" run base-push --fast --repository mid
sql pg "select pg_create_restore_point('of all three')" >/dev/null
ok "a restore point is archived" pg_archived pg
wait_for alike || fail "the repositories differ"
ok "what was sealed once knows what it holds" run backup-list \
    --restore-points --repository mid
has "a restore point is listed" "$OUT" "of all three"
lacks "by the header alone" "$OUT" "had no facts"
is "each is remembered by itself" \
    "$(cat "$T"/state/@*/main/"$SYSTEM"/repository | sort -u | wc -l)" 3

ok "backup-check finds the agent, whichever it is asked for" wait_for \
    agent_answers mid

ok "wal-push --test goes to each" push --test
is "... one after another" "$(tested)" "near mid far"
ok "in a state folder that is new" push --test -o state_dir="$T/state.1"
ok "wal-fetch --test comes from each" run wal-fetch --test \
    -o data_directory="$T/pg"
is "... one after another" "$(tested)" "near mid far"
as mv "$MID" "$MID.gone"
exits "one that is gone is a failure" 5 push --test
has "... which is named" "$OUT" "wal-push: --test: repository mid: .*gone"
is "... and the others are tried" "$(tested)" "near far"
exits "to fetch, too" 205 run wal-fetch --test -o data_directory="$T/pg"
has "... and named" "$OUT" "wal-fetch: --test: repository mid: "
is "... and the others are tried" "$(tested)" "near far"
as mv "$MID.gone" "$MID"

### One away

# It does not answer, and nothing here ever gives it up: whatever waited for
# it would wait for an hour.
sshd_pause
for i in 1 2 3 4; do
	sql pg "insert into t select generate_series(1, 100)"
	pg_archived pg || fail "segment $i waits for the one that is away"
done
LAST=$(newest)
pass "archiving goes on at once"
ok "and that one does not have it" test -z \
    "$(find "$REPO/main" -name "$LAST")"
exits "what is nowhere is not absent: near was not asked" 205 \
    run wal-fetch -o data_directory="$T/pg" -o agent=off \
    --set io_timeout=1s 0000000900000009000000AB "$T/out"
has "and is named" "$OUT" "repository near: .*--repository"
ok "what another has is fetched" run wal-fetch -o agent=off -o io_timeout=1s \
    -o data_directory="$T/pg" "$LAST" "$T/out"
same "and is right" "$T/out" "$T/pg/pg_wal/$LAST"
sshd_stop
exits "refused connections prove nothing either" 205 run wal-fetch \
    -o data_directory="$T/pg" 0000000900000009000000AB "$T/out"
exits "but these two do" 1 run wal-fetch --repository far,mid \
    -o data_directory="$T/pg" 0000000900000009000000AB "$T/out"

### It comes back

sshd_again
t_agents_end
again()
{
	sql pg "insert into t select generate_series(1, 100)"
	pg_archived pg && stored "$REPO" "$(newest)"
}
ok "it gets WAL again" wait_for again
ok "repo-copy fills it, by name" run repo-copy mid near
wait_for alike || fail "after repo-copy they differ"
is "now they are equal" "$(objects "$REPO")" "$(objects "$MID")"

### Not enough, and killed in between

several 3
as mv "$FAR" "$FAR.gone"
sql pg "insert into t select generate_series(1, 100)"
LAST=$(pg_switch pg)
stuck()
{
	stored "$REPO" "$LAST" && stored "$MID" "$LAST"
}
wait_for stuck || fail "near and mid do not get it"
exits "in two of three it is not durable" 5 push "$T/pg/pg_wal/$LAST"
has "which is said" "$OUT" "repository far: .*durable in 3 of 3"
exits "without an agent, too" 5 push -o agent=off "$T/pg/pg_wal/$LAST"
has "in the same words" "$OUT" "repository far: .*durable in 3 of 3"
agents | xargs -r kill -9
as mv "$FAR.gone" "$FAR"
ok "the next run completes it" wait_for t_archived pg "$LAST"
ok "there" stored "$FAR" "$LAST"

### Other content

several 2
as cp "$T/pg/pg_wal/$LAST" "$T/$LAST"
OTHER=$(find "$FAR/main" -path "*/wal/*/$LAST")
as rm "$OTHER"
flip "$T/$LAST" 900000
run wal-push -o agent=off --repository far -o data_directory="$T/pg" \
    "$T/$LAST" || fail "other content is not stored in far"
cp "$OTHER" "$T/other"
for agent in on off; do
	ok "two have the right content (agent=$agent)" push -o agent=$agent \
	    "$T/pg/pg_wal/$LAST"
	[ $agent = off ] && has "the third one's is named" "$OUT" \
	    "repository far: .*holds other content"
	exits "it does not count (agent=$agent)" 6 push -o agent=$agent \
	    --repository near,far "$T/pg/pg_wal/$LAST"
	has "and is named" "$OUT" "repository far: .*other content.* in 2 of 2"
done
same "it stays as it is" "$OTHER" "$T/other"
as rm "$OTHER"
ok "the right one comes there" run repo-copy mid far

### One place, two names

as ln -s "$MID" "$T/again"
sed "s,^repository = $FAR\$,repository = $T/again," "$CONF" >"$T/twice"
sed 's/^quorum = .*/quorum = 3/' "$T/twice" >"$T/twice.3"
chmod 644 "$T/twice" "$T/twice.3"
for agent in on off; do
	ok "two are two (agent=$agent)" push --config "$T/twice" \
	    -o state_dir="$T/state.2" -o agent=$agent "$T/pg/pg_wal/$LAST"
	exits "and not three (agent=$agent)" 3 push --config "$T/twice.3" \
	    -o state_dir="$T/state.2" -o agent=$agent "$T/pg/pg_wal/$LAST"
	has "which is said" "$OUT" "mid and far are one and the same"
done

### Read only

sed '/repository far/a read_only = on' "$CONF" >"$T/readonly"
chmod 644 "$T/readonly"
exits "no backup goes there" 3 run base-push --config "$T/readonly" \
    --repository far
ok "nor a test" push --config "$T/readonly" --test
is "... and the others get it" "$(tested)" "near mid"
exits "asked for it alone it is refused" 3 push --config "$T/readonly" \
    --test --repository far
sql pg "insert into t select generate_series(1, 100)"
as "$PGSERVER/pg_ctl" -D "$T/pg" -s stop -m fast >/dev/null 2>&1
pg_conf pg "archive_mode = on" \
    "archive_command = '$T_BIN/wal-push --config $T/readonly %p'"
pg_start pg
ok "WAL goes to the others" pg_archived pg
ok "and not there" test -z "$(find "$FAR/main" -name "$(newest)")"
pg_conf pg "archive_command = '$T_BIN/wal-push --config $CONF %p'"
sql pg "select pg_reload_conf()" >/dev/null

### A backup, and recovery from each alone

ok "a backup goes to the first" run base-push --fast
ok "near has it" test -n "$(ls "$REPO"/main/*/base)"
sql pg "insert into t values (4711)"
pg_archived pg
for to in mid far; do
	ok "and $to by a copy" run repo-copy near $to
done
ROWS=$(sql pg "select count(*) from t")
pg_stop pg -m fast
t_agents_end
sshd_stop
ok "a restore takes the first that answers" run base-fetch --dry-run latest \
    "$T/dry"
has "and says which does not" "$OUT" "repository near: .*passed over"
for from in far mid; do
	[ $from = far ] && as mv "$MID" "$MID.gone"
	ok "restore from $from alone" run base-fetch --repository $from \
	    latest "$T/$from.pg"
	has "its recovery asks no other" \
	    "$(grep restore_command "$T/$from.pg/postgresql.auto.conf")" \
	    "--repository $from"
	pg_start "$from.pg" -c archive_mode=off
	ok "it recovers" wait_for t_primary "$from.pg"
	is "with all rows" "$(sql "$from.pg" "select count(*) from t")" \
	    "$ROWS"
	pg_stop "$from.pg" -m fast
	t_agents_end
	[ $from = mid ] || as mv "$MID.gone" "$MID"
done
