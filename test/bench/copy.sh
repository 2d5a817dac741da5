# shellcheck shell=bash
# SPDX-License-Identifier: ISC
#
# The rows of repo-copy: a backup that is stored plain, so that the copy moves
# as many bytes as the cluster has, from a local directory to an SSH host.  The
# reference moves the same files by tar over ssh, which compares nothing and
# says nothing.  Claims and marks of what was copied go before each round.

# copy_to SERIES CONF: all of it
copy_to()
{
	rm -rf "$REPO"/main "$T"/state/main/*/copied-*
	ours "$1" repo-copy --config "$2" --quiet "$T/ref/local" \
	    "$(sed -n 's/^repository = //p' "$2")"
}

copy_round()
{
	copy_to copy "$NEAR"
	rm -rf "$T/ref/there"
	theirs copy.ref "tar c -C $T/ref/local . | $HOST 'mkdir $T/ref/there &&
	    tar x -C $T/ref/there && sync -f $T/ref/there'"
	copy_to copy.far "$FAR"
}

bench_copy()
{
	local i

	archive_with "$T_BIN/wal-push --config $NEAR \
--set repository=$T/ref/local %p"
	as mkdir "$T/ref/local"
	run base-push --config "$NEAR" --set repository="$T/ref/local" \
	    --set base_compression=none --quiet --fast >>"$T/bench.log" 2>&1 ||
	    die "base-push"
	pg_archived pg
	for ((i = 0; i < ROUNDS; i++)); do
		copy_round
	done
	ratio "repo-copy / tar | ssh tar, sync" 1.2 copy copy.ref 1
	ratio "repo-copy through the relay / without" 1.5 copy.far copy 1
	rm -rf "$T/ref/local" "$T/ref/there"
}
