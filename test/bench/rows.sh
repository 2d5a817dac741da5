# shellcheck shell=bash
# SPDX-License-Identifier: ISC
#
# The rows of the table.  "Near" is loopback, "far" is through the relay.

# Stored WAL goes, its folders stay: as in a repository that is in use.
# What a host has seen goes, too: else each push looks where its WAL went.
forget_wal()
{
	[ ! -d "$REPO" ] || find "$REPO" -path '*/wal/*' -type f -delete ||
	    die "forget WAL"
	find "$T/state" -name 'seen-*' -delete || die "forget what was seen"
}

# push SERIES CONF SEGMENT [OPTION]...: of one that is not there yet
push()
{
	forget_wal
	ours "$1" wal-push --config "$2" "${@:4}" "$3"
}

# alone PORT FILE [KEY=VALUE]...: each call does its work itself, and all of
# it is measured
alone()
{
	settings "$@" agent=off
}

# The segment that is largest when compressed, of those below 2 MiB.
below_2m()
{
	local seg n

	for seg in "$T"/wal/0* "$T"/wal/small/*; do
		n=$(zstd -3 -q -c "$seg" | wc -c)
		[ "$n" -gt 2097152 ] || echo "$n $seg"
	done | sort -n | tail -n 1 | cut -d' ' -f2-
}

bench_wal_push()
{
	local seg small i=0

	small=$(below_2m)
	[ -n "$small" ] || die "no segment of 2 MiB compressed"
	alone "$SSH_PORT" "$T/alone.conf"
	alone "$RELAY_PORT" "$T/alone.far.conf"
	alone "$SSH_PORT" "$T/xz.conf" wal_compression=xz
	push warm "$T/alone.conf" "$small"	# makes the folders
	for seg in $(find "$T/wal" -maxdepth 1 -type f | sort |
	    head -n "$WAL_ROUNDS"); do
		i=$((i + 1))
		push push "$T/alone.conf" "$seg"
		theirs push.ref "zstd -3 -q -c $seg |
		    $HOST 'cat > $T/ref/seg.$i && sync $T/ref/seg.$i'"
		push xz "$T/xz.conf" "$seg"
		theirs xz.ref "xz --format=xz -k -c \
		    --lzma2=preset=0,lc=1,lp=3,pb=3 -T1 $seg >/dev/null"
		push near "$T/alone.conf" "$small"
		push far "$T/alone.far.conf" "$small"
	done
	ratio "wal-push zstd:3 / zstd | ssh" 0.5 push push.ref 1
	ratio "wal-push xz / xz, processor time" 1.15 xz xz.ref 2
	memory "wal-push xz, peak memory" 24 xz
	row "wal-push through the relay, round trips" "$(awk \
	    -v f="$(median far 1)" -v n="$(median near 1)" -v t="$TRIP" \
	    'BEGIN { print (f - n) / t }')" 11 "$(ms far 1)" "$(ms near 1)"
}

bench_wal_fetch()
{
	local seg i=0

	forget_wal
	alone "$SSH_PORT" "$T/alone.conf"
	for seg in $(find "$T/wal" -maxdepth 1 -type f | sort |
	    head -n "$WAL_ROUNDS"); do
		i=$((i + 1))
		run wal-push --config "$T/alone.conf" "$seg" || die "wal-push"
		theirs put "zstd -3 -q -c $seg | $HOST 'cat > $T/ref/seg'"
		ours fetch wal-fetch --config "$T/alone.conf" "${seg##*/}" \
		    "$T/ref/out.$i"
		theirs fetch.ref "$HOST cat $T/ref/seg |
		    zstd -d -q > $T/ref/out2.$i"
		cmp "$T/ref/out.$i" "$seg" || die "we fetched other content"
		cmp "$T/ref/out2.$i" "$seg" || die "they fetched other content"
	done
	ratio "wal-fetch / ssh | zstd -d" 0.5 fetch fetch.ref 1
}

bench_wal_size()
{
	local seg theirs=0 ours n=0

	forget_wal
	alone "$SSH_PORT" "$T/default.conf" wal_compression=
	for seg in "$T"/wal/*; do
		[ -f "$seg" ] || continue
		n=$((n + 1))
		run wal-push --config "$T/default.conf" "$seg" ||
		    die "wal-push $seg"
		theirs=$((theirs + $(zstd -3 -q -c "$seg" | wc -c)))
	done
	ours=$(find "$REPO" -path '*/wal/*' -type f -printf '%s\n' |
	    awk '{ n += $1 } END { print n }')
	row "$n segments stored / zstd -3" \
	    "$(awk -v a="$ours" -v b="$theirs" 'BEGIN { print a / b }')" \
	    0.66 "$((ours / 1024)) KiB" "$((theirs / 1024)) KiB"
}

### Base backups

# base_push SERIES CONF: a full one, into a repository without any
base_push()
{
	rm -rf "$REPO"/main/*/base
	find "$T/state" -mindepth 1 -delete
	ours "$1" base-push --config "$2" --quiet --fast
}

# What was restored goes, but not its files: ext4 looks long for an inode
# where many were freed within minutes, and the next side would pay for it.
empty_back()
{
	[ -d "$T/back" ] || return 0
	find "$T/back" -type f -exec truncate -s 0 {} + || die "truncate"
	mv "$T/back" "$T/trash/$((++TRASH))" || die "mv $T/back"
}

# base_fetch SERIES CONF: of the backup that is there
base_fetch()
{
	empty_back
	ours "$1" base-fetch --config "$2" latest "$T/back"
}

# What a cluster of another size needs: memory must not grow with it.
bench_memory()
{
	base_push "push.$1" "$NEAR"
	base_fetch "fetch.$1" "$NEAR"
	memory "base-push, $2 of the size, peak memory" $((48 + 16 * JOBS)) \
	    "push.$1"
	memory "base-fetch, $2 of the size, peak memory" $((48 + 16 * JOBS)) \
	    "fetch.$1"
}

base_round()
{
	local copy="pg_basebackup -h $T/pg.sock -p 5432 -U postgres"

	copy="$copy -Ft -X none -c fast -D -"
	base_push bpush "$NEAR"
	rm -f "$T/ref/base"
	theirs bpush.ref "$copy | zstd -3 -q | $HOST 'cat > $T/ref/base'"
	base_push bpush.far "$FAR"
	base_fetch bfetch "$NEAR"
	empty_back
	as mkdir "$T/back"
	theirs bfetch.ref "$HOST cat $T/ref/base | zstd -d -q |
	    tar x -C $T/back && sync -f $T/back"
	base_fetch bfetch.far "$FAR"
}

bench_base()
{
	local i

	TRASH=0
	mkdir "$T/trash"
	forget_wal
	copies 1
	archive_with "$T_BIN/wal-push --config $NEAR %p"
	pg_archived pg || die "archiving does not work"
	bench_memory half half
	copies 2
	for ((i = 0; i < ROUNDS; i++)); do
		base_round
	done
	ratio "base-push / pg_basebackup | zstd | ssh" 0.8 bpush bpush.ref 1
	ratio "base-push through the relay / without" 2 bpush.far bpush 1
	ratio "base-fetch / ssh | zstd -d | tar, sync" 0.8 bfetch bfetch.ref 1
	ratio "base-fetch through the relay / without" 2.5 bfetch.far bfetch 1
	copies 4
	bench_memory twice twice
}
