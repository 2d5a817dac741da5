#!/bin/bash
# SPDX-License-Identifier: ISC
#
# A hosted storage box: its SFTP server lacks extensions, it lets in few at a
# time, and it forgets connections that are silent.  At first that is all, and
# everything succeeds at once.  Then connections are struck, too: reset, closed,
# slowed down or silent, as a seed says.  Each command is run again until it
# succeeds; each run ends, with success or status 5, and a success is one.
#
#	SEED=n		the same box and the same strikes

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

SEED=${SEED:-$(date +%s%N | tail -c 7)}
SEED=$((10#$SEED))
RANDOM=$SEED
KINDS=("--deny fsync,hardlink,statvfs" "--deny hardlink" "--deny fsync,statvfs"
    "--box nolinks" "--deny fsync --box nolinks" "")
KIND=${KINDS[RANDOM % 6]}
STARTUPS=$((1 + RANDOM % 4))
MOST=$((8 + RANDOM % 3))
IDLE=$((1500 + RANDOM % 2000))
FAULTS="max=$MOST seed=$SEED"
LINGER=$((RANDOM % 300))
DELAY=$((RANDOM % 12))
STRIKE=$((25 + RANDOM % 25))
say "SEED=$SEED: $KIND MaxStartups $STARTUPS, $FAULTS idle=$IDLE" \
    "linger=$LINGER, $DELAY ms, strike=$STRIKE"

conf()
{
	conf_write data_directory="$T/pg" require_fsync=no retry_for=30s \
	    fetch_retry=1min jobs=3 push_jobs=3 connections="$MOST" \
	    wal_compression=zstd:1 expire_grace=0 \
	    "retention_policy=redundancy 1" "$@"
}

fill()
{
	sql pg "insert into t select g, md5(g::text || random())
	    from generate_series(1, ${1:-4000}) g"
}

# files DIR [FIND OPTION]...: its objects, by their bytes
files()
{
	(cd "$1" && find main -type f ! -path '*/tmp/*' ! -name 'claim-*' \
	    "${@:2}" -print0 | sort -z | xargs -0 sha256sum)
}

# copied FROM TO: what an expiry was interrupted at is not copied
copied()
{
	is "all WAL is there" "$(files "$2" -path '*/wal/*')" \
	    "$(files "$1" -path '*/wal/*')"
	is "nothing else than in the other one" "$(comm -13 \
	    <(files "$1" | sort) <(files "$2" | sort))" ""
	ok "and it is sound" run backup-verify -o repository="$2"
}

# What every object is, apart from its name: nothing is ever sent again.
objects()
{
	find "$REPO/main" -type f ! -path '*/tmp/*' -printf '%p %i %s %T@\n' |
	    sort
}

# kept WHAT: what was stored before is there as it was
kept()
{
	objects >"$T/objects.now"
	is "$1: nothing that was stored came again" \
	    "$(comm -23 "$T/objects" "$T/objects.now")" ""
	mv "$T/objects.now" "$T/objects"
}

# in_the_end WHAT COMMAND...: it succeeds, and before that it only ever says
# that the repository failed.
in_the_end()
{
	local what=$1 n=0

	shift
	RC=5
	while [ "$RC" = 5 ] && [ "$n" -lt 40 ]; do
		n=$((n + 1))
		try "$@"
	done
	is "$what, in the end: $(tail -n 1 <<<"$OUT")" "$RC" 0
	say "$what: run $n"
}

# The repository itself is asked, behind the back of the box.
sound()
{
	exits "$1: what is stored is sound" 0 \
	    run backup-verify -o repository="$REPO"
}

fetch()
{
	rm -rf "$T/back"
	run base-fetch --quiet "$@" latest "$T/back"
}

### A box that is only poor

# shellcheck disable=SC2086
sshd_start $KIND "MaxStartups $STARTUPS"
# shellcheck disable=SC2086
relay_start "$DELAY" $FAULTS idle=10000
keygen main >/dev/null
conf
pg_init pg -k --wal-segsize=1
pg_archive pg
pg_start pg
pg_slim pg
sql pg "create table t (a int, b text)"
fill
pg_archived pg
ok "a base backup" run base-push --fast
pg_archived pg
objects >"$T/objects"
wait_for grep -q idle "$T/relay.log" || fail "nothing is dropped"
fill
pg_archived pg
ok "another one" run base-push --fast
pg_archived pg
kept "two backups"
ok "a verification" run backup-verify
ok "a restore" fetch
ok "a copy" run repo-copy --quiet "$(repo_url)" "$T/host/copy"
ok "an expiry" run backup-expire
ok "a list" run backup-list
sound "all of it"
is "no connection was refused" "$(grep -c refused "$T/relay.log")" 0
is "never more stood than are allowed" "$(awk -v most="$MOST" '/^peak/ &&
    $2 > most' "$T/relay.log")" ""

### Connections are struck

relay_cut 2>/dev/null
# shellcheck disable=SC2086
relay_again "$DELAY" $FAULTS idle="$IDLE" linger="$LINGER" strike="$STRIKE"
conf io_timeout=3s
objects >"$T/objects"
for n in 1 2 3 4; do
	fill 2000
	pg_switch pg >/dev/null
done
pg_archived pg
kept "WAL"
fill 8000
in_the_end "a base backup" run base-push --fast --quiet
sound "the new backup"
kept "a backup"
in_the_end "a verification" run backup-verify
pg_archived pg
fill
pg_archived pg
ROWS=$(sql pg "select count(*), sum(a), md5(string_agg(b, '' order by b))
    from t")
pg_stop pg
in_the_end "a restore" fetch
pg_conf back "archive_mode = off" "port = 5433"
wait_for pg_launch back || die "the restored cluster does not start"
wait_for t_primary back
is "no segment is lost" "$(sql back "select count(*), sum(a),
    md5(string_agg(b, '' order by b)) from t")" "$ROWS"
pg_stop back -m immediate
kept "restore and recovery"
in_the_end "an expiry" run backup-expire
sound "after expiry"
rm -rf "$T/host/copy"
rm -f "$T"/state/main/*/copied-*
in_the_end "a copy from the box" run repo-copy --quiet "$(repo_url)" \
    "$T/host/copy"
copied "$REPO" "$T/host/copy"
HERE=$REPO
REPO=$T/host/third
FAR=$(repo_url)
conf io_timeout=3s			# the key of SSH is for this address
in_the_end "a copy to the box" run repo-copy --quiet "$HERE" "$FAR"
copied "$HERE" "$REPO"
grep struck "$T/relay.log" | sort | uniq -c >&2
[ "$T_FAILED" = 0 ] || say "SEED=$SEED was it"
