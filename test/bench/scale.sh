# shellcheck shell=bash
# SPDX-License-Identifier: ISC
#
# The rows about metadata: what a cluster of 10 TiB, 200 backups of it and
# 60,000 WAL files cost, without their content (generate.c).

SCALE_FILES=100000
SCALE_CHUNKS=$((40 * 1024 * 1024))	# of 256 KiB: 10 TiB
SCALE_BACKUPS=200
SCALE_WAL=60000
SCALE_MIB=96

# A cluster of many files, whose WAL begins where the archive ends.
large_cluster()
{
	local next=$((SCALE_WAL + 1))

	pg_init large -k
	pg_conf large "archive_mode = on" \
	    "archive_command = '$T_BIN/wal-push --config $LARGE %p'"
	pg_launch large -c archive_mode=off ||
	    die "PostgreSQL does not start"
	LARGE_BASE=$T/large/base/$(sql large "select oid from pg_database
	    where datname = 'postgres'") || die "no database"
	pg_stop large
	run generate files "$LARGE_BASE" "$SCALE_FILES" "$SCALE_CHUNKS" ||
	    die "generate files"
	as "$PGSERVER/pg_resetwal" -l "$(printf '%08X%08X%08X' 1 \
	    $((next / 256)) $((next % 256)))" "$T/large" \
	    >>"$T/bench.log" 2>&1 || die "pg_resetwal"
	run generate repository "$LARGE_REPO" "$T/keys/main.push" "$T/state" \
	    "$T/large" "$SCALE_BACKUPS" "$SCALE_WAL" || die "generate"
}

# scale ROW SERIES COMMAND...: as often as TIMES says, or once
scale()
{
	local i

	for ((i = 0; i < ${TIMES:-1}; i++)); do
		ours "$2" "${@:3}"
	done
	memory "$1, memory" "$SCALE_MIB" "$2"
}

# seconds WHAT BAR SERIES
seconds()
{
	row "$1" "$(awk -v us="$(median "$3" 1)" 'BEGIN { print us / 1e6 }')" \
	    "$2" "$(ms "$3" 1)" ""
}

# Programs that look at all of the repository, near and far.
bench_listings()
{
	local where conf bar TIMES=$ROUNDS

	for where in near far; do
		conf=$LARGE
		bar=3
		[ "$where" = near ] || conf=$LARGE_FAR bar=8
		scale "backup-list, $where" "list.$where" \
		    backup-list --config "$conf"
		seconds "the same: seconds" $bar "list.$where"
		scale "backup-show, $where" "show.$where" \
		    backup-show --config "$conf"
		seconds "the same: seconds" - "show.$where"
		scale "backup-verify --quick, $where" "verify.$where" \
		    backup-verify --config "$conf" --quick
		seconds "the same: seconds" - "verify.$where"
		scale "backup-expire --dry-run, $where" "expire.$where" \
		    backup-expire --config "$conf" --dry-run
		seconds "the same: seconds" - "expire.$where"
	done
}

bench_scale()
{
	local port=$RELAY_PORT

	LARGE=$T/large.conf
	LARGE_FAR=$T/large.far.conf
	LARGE_REPO=$T/host/large
	REPO=$LARGE_REPO settings "$SSH_PORT" "$LARGE" \
	    data_directory="$T/large" \
	    retention_policy="redundancy 100" \
	    conninfo="host=$T/large.sock port=5432 $T_LOGIN"
	REPO=$LARGE_REPO settings "$port" "$LARGE_FAR" \
	    retention_policy="redundancy 100"
	say "making the metadata of $((SCALE_CHUNKS / 4096)) GiB"
	large_cluster
	bench_listings
	pg_start large
	pg_archived large || die "archiving does not work"
	# What is behind these waits until they were read.
	as touch "$LARGE_BASE/1000000" "$LARGE_BASE/1000000.7" \
	    "$LARGE_BASE/1000002.3"
	scale "base-push, 3 GiB of 10 TiB changed" large.push \
	    base-push --config "$LARGE" --quiet --fast
	seconds "the same: seconds" - large.push
	as mkdir "$T/unused"
	scale "base-fetch --dry-run" large.fetch \
	    base-fetch --config "$LARGE" --dry-run latest "$T/unused/pg"
	seconds "the same: seconds" - large.fetch
	pg_stop large
}
