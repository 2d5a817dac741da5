# shellcheck shell=bash
# SPDX-License-Identifier: ISC
#
# The rows about backups over the replication protocol.  PostgreSQL itself uses
# a large part of the time on both sides, since it sends the same.

stream_round()
{
	local copy="pg_basebackup -h $T/pg.sock -p 5432 -U postgres"

	copy="$copy -Ft -X none -c fast -D -"
	base_push spush "$T/stream.conf"
	rm -f "$T/ref/base"
	theirs spush.ref "$copy | zstd -3 -q | $HOST 'cat > $T/ref/base'"
	ours spush.again base-push --config "$T/stream.conf" --quiet --fast
}

bench_stream()
{
	local i

	settings "$SSH_PORT" "$T/stream.conf" source=stream restore_key= \
	    "streaming_conninfo=host=$T/pg.sock port=5432 user=postgres"
	forget_wal
	archive_with "$T_BIN/wal-push --config $NEAR %p"
	pg_archived pg || die "archiving does not work"
	copies 2
	for ((i = 0; i < ROUNDS; i++)); do
		stream_round
	done
	ratio "stream / pg_basebackup | zstd | ssh" 0.9 spush spush.ref 1
	ratio "the same, processor time" - spush spush.ref 2
	ratio "stream, unchanged / the first" - spush.again spush 1
	memory "base-push --source stream, peak memory" $((48 + 16 * JOBS)) \
	    spush
}
