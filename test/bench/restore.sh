# shellcheck shell=bash
# SPDX-License-Identifier: ISC
#
# The rows about restores over what is there.

# spoil DIR: a byte in every hundredth chunk of its larger files, and the
# time put back
spoil()
{
	# shellcheck disable=SC2016	# the variables are perl's
	find "$1/base" -type f -size +256k -print0 | sort -z |
	    as perl -e '
		$/ = "\0";
		for my $path (<STDIN>) {
			chomp $path;
			my @st = stat $path;
			open(my $f, "+<", $path) or die "$path: $!";
			for (my $at = 0; $at < $st[7]; $at += 262144) {
				next if $n++ % 100;
				seek($f, $at + 100000, 0);
				read($f, my $byte, 1) or next;
				seek($f, $at + 100000, 0);
				print $f chr(ord($byte) ^ 1);
			}
			close($f) or die "$path: $!";
			utime(@st[8, 9], $path);
		}' || die "spoil"
}

# complaints COMMAND...: lines that it says, and one if it fails
complaints()
{
	{
		as "$@" 2>&1 </dev/null || echo "status $?"
	} | tee -a "$T/bench.log" | wc -l
}

# start_restored: 1 unless it recovers and can be written to
start_restored()
{
	pg_launch back && wait_for t_primary back &&
	    sql back "create table written (i int)"
}

bench_restore()
{
	local i told=1

	TRASH=${TRASH:-0}
	as mkdir -p "$T/trash"
	forget_wal
	copies 2
	archive_with "$T_BIN/wal-push --config $NEAR %p"
	pg_archived pg || die "archiving does not work"
	base_push for.restore "$NEAR"
	pg_archived pg || die "archiving does not work"
	for ((i = 0; i < ROUNDS; i++)); do
		base_fetch full "$NEAR"
		spoil "$T/back"
		ours delta base-fetch --delta --config "$NEAR" latest "$T/back"
	done
	ratio "delta restore, 1 % differs / a full one" 0.4 delta full 1
	memory "the same: peak memory" $((48 + 16 * JOBS)) delta
	row "pg_verifybackup: complaints" "$(complaints \
	    "$PGBIN/pg_verifybackup" -q "$T/back")" 0 "" ""
	agents_end
	start_restored && told=0
	row "it starts and recovers: complaints" "$told" 0 "" ""
	row "pg_amcheck --heapallindexed: complaints" "$(complaints \
	    "$PGBIN/pg_amcheck" -h "$T/back.sock" -p 5432 -U postgres -a \
	    --install-missing --heapallindexed)" 0 "" ""
	pg_stop back -m immediate
	agents_end
}
