# shellcheck shell=bash
# SPDX-License-Identifier: ISC
#
# WAL taken apart, by what the WAL holds.

# Words as people write them, some far more often than others.
WORDS_SQL="
create table words as select i, substr(md5(i::text), 1, 3 + i % 9) w
    from generate_series(0, 4095) i;
create index on words (i);
create function sentence(n int, seed float) returns text language sql as \$\$
    select string_agg(w, ' ') from (select (4096 * power(random(), 3))::int %
    4096 r from generate_series(1, n) where seed is not null) s
    join words on i = r \$\$;
create table src as select i as id, md5(random()::text) as k,
    sentence(6 + (random() * 12)::int, random()) as body,
    jsonb_build_object('customer', (random() * 1e6)::int, 'status',
	(array['new', 'paid', 'sent', 'back'])[1 + (random() * 3)::int],
	'amount', round((random() * 1e4)::numeric, 2),
	'note', sentence(3, random())) as doc,
    now() - random() * interval '300 days' as at,
    (random() * 1e5)::int as ref from generate_series(1, 40000) i"

INDEX_SQL=";
create index on :t (id); create index on :t (k); create index on :t (ref);
create index on :t (at); create index on :t ((doc ->> 'customer'))"

# newest NAME: the four newest whole segments become T/wc/NAME
newest()
{
	local f

	sql wc "select pg_switch_wal()" >/dev/null
	pg_archived wc || die "archiving does not work"
	as mkdir -p "$T/taken/$1"
	for f in $(find "$T/taken/all" -name '????????????????????????' |
	    sort | tail -n 5 | head -n 4); do
		mv "$f" "$T/taken/$1/"
	done
	find "$T/taken/all" -type f -delete
}

workloads()
{
	pg_init wc
	as mkdir -p "$T/taken/all"
	pg_conf wc "shared_buffers = 128MB" "archive_mode = on" \
	    "archive_command = 'cp %p $T/taken/all/%f'"
	pg_start wc
	pg_bench wc -i -q -s 20
	sql wc checkpoint
	pg_bench wc -n -c 4 -t 3000
	newest after
	# Once each page was changed there are few images left.
	pg_bench wc -n -c 4 -t "${WALCODEC_TX:-120000}"
	newest few
	sql wc "$WORDS_SQL" || die words
	sql wc "create table wide (like src)${INDEX_SQL//:t/wide};
	    insert into wide select * from src where id <= 20000" || die wide
	sql wc checkpoint
	printf '%s\n' '\set r random(1, 40000)' '\set q random(1, 20000)' \
	    "insert into wide select :r + 1e6, k, body, doc, now(), ref
		from src where id = :r;" \
	    "update wide set body = body || ' x', at = now()
		where id = :q;" | tr '\n' ' ' | sed 's/ \\set/\n\\set/g;
		s/) insert/)\ninsert/; s/; update/;\nupdate/' >"$T/wide.sql"
	sql wc "create index on src (id)"
	pg_bench wc -n -c 4 -t 6000 -f "$T/wide.sql"
	newest wide
	sql wc "create table copied (like src); copy src to '$T/taken/src'" ||
	    die copy
	newest rest
	sql wc "copy copied from '$T/taken/src'${INDEX_SQL//:t/copied}" ||
	    die copy
	newest copy
	pg_stop wc
}

# stored SERIES: adds the bytes that lie in the repository
stored()
{
	find "$REPO" -path '*/wal/*' -type f -name '0*' -printf '%s\n' |
	    awk '{ n += $1 } END { print n }' >>"$T/m/$1.bytes"
}

# by_codec WORKLOAD: pushes and fetches each of its segments with each codec
by_codec()
{
	local seg c

	for seg in "$T/taken/$1"/0*; do
		for c in zstd:3 xz wal wal:small; do
			push "$1.$c" "$T/$c.wc.conf" "$seg"
			stored "$1.$c"
			[ "$c" != wal:small ] || continue
			ours "$1.$c.fetch" wal-fetch --config \
			    "$T/$c.wc.conf" "${seg##*/}" "$T/ref/wc"
			cmp -s "$seg" "$T/ref/wc" || die "$c: $seg differs"
		done
	done
}

# bytes_row WHAT BAR WORKLOAD CODEC
bytes_row()
{
	local a b

	a=$(awk '{ n += $1 } END { print n }' "$T/m/$3.$4.bytes")
	b=$(awk '{ n += $1 } END { print n }' "$T/m/$3.zstd:3.bytes")
	row "$1" "$(awk -v a="$a" -v b="$b" 'BEGIN { print a / b }')" "$2" \
	    "$a" "$b"
}

# A segment of 1 GiB, full of records of many kinds.
large_segment()
{
	local to=$T/taken/huge

	pg_init huge --wal-segsize=1024
	as mkdir -p "$to"
	pg_conf huge "shared_buffers = 128MB" "max_wal_size = 8GB" \
	    "archive_mode = on" \
	    "archive_command = 'cp %p $to/part && mv $to/part $to/%f'"
	pg_start huge
	pg_bench huge -i -q -s 20
	sql huge "$WORDS_SQL" || die words
	sql huge "create table wide (like src)${INDEX_SQL//:t/wide}" ||
	    die wide
	while [ "$(find "$to" -name '0*' | wc -l)" -lt 1 ]; do
		sql huge "insert into wide select id, k || random(), body,
		    doc, now(), ref from src" || die insert
		pg_bench huge -n -c 4 -t 2000
	done
	pg_stop huge -m immediate
	HUGE=$(find "$to" -name '0*' | sort | head -n 1)
}

bench_large_segment()
{
	local c

	say "making a segment of 1 GiB"
	large_segment
	for c in wal wal:small; do
		settings "$SSH_PORT" "$T/$c.huge.conf" agent=off \
		    data_directory="$T/huge" wal_compression="$c"
		push "huge.$c" "$T/$c.huge.conf" "$HUGE"
	done
	ours huge.fetch wal-fetch --config "$T/wal:small.huge.conf" \
	    "${HUGE##*/}" "$T/ref/wc"
	cmp -s "$HUGE" "$T/ref/wc" || die "$HUGE differs"
	rm -f "$T/ref/wc" "$HUGE"
	memory "wal-push wal, 1 GiB, peak memory" 32 huge.wal
	memory "wal-push wal:small, 1 GiB, peak memory" - huge.wal:small
	memory "wal-fetch wal:small, 1 GiB, peak memory" - huge.fetch
}

TARGET_SEGMENTS=500

# A backup with so many segments behind it, and a restore point near the end.
far_point()
{
	local i

	pg_init point --wal-segsize=1
	REPO=$T/host/point settings "$SSH_PORT" "$T/point.conf" \
	    data_directory="$T/point" wal_compression=wal \
	    conninfo="host=$T/point.sock port=5432 $T_LOGIN"
	REPO=$T/host/point settings "$RELAY_PORT" "$T/point.far.conf" \
	    data_directory= wal_compression=wal
	pg_conf point "archive_mode = on" \
	    "archive_command = '$T_BIN/wal-push --config $T/point.conf %p'"
	pg_start point
	run base-push --config "$T/point.conf" --quiet --fast || die "backup"
	sql point "create table t (n int)"
	for ((i = 1; i <= TARGET_SEGMENTS; i++)); do
		echo "insert into t values ($i);"
		[ "$i" != $((TARGET_SEGMENTS - 20)) ] ||
		    echo "select pg_create_restore_point('near the end');"
		echo "select pg_switch_wal();"
	done | pg_psql point >/dev/null || die "segments"
	pg_archived point || die "archiving does not work"
	pg_stop point
	t_agents_end
}

# answered SERIES WANT NAME: base-fetch looks for a restore point, and ends
# with that status before it writes anything
answered()
{
	# shellcheck disable=SC2016	# the inner shell expands
	ours "$1" bash -c 'want=$1; shift; "$@"; [ $? = "$want" ]' bash "$2" \
	    base-fetch --config "$T/point.far.conf" --dry-run \
	    --target-name "$3" "$T/unwritten"
}

bench_target()
{
	local i

	say "making $TARGET_SEGMENTS segments behind a backup"
	far_point
	for ((i = 0; i < ROUNDS; i++)); do
		answered name.found 0 "near the end"
		answered name.none 1 "elsewhere"
	done
	seconds "base-fetch --target-name, $TARGET_SEGMENTS segments, far" 3 \
	    name.found
	seconds "the same, a name that is nowhere" 3 name.none
}

bench_walcodec()
{
	local w bytes small cpu c

	say "making four workloads"
	workloads
	for c in zstd:3 xz wal wal:small; do
		settings "$SSH_PORT" "$T/$c.wc.conf" agent=off \
		    data_directory="$T/wc" wal_compression="$c"
	done
	while read -r w bytes small cpu; do
		[ "$(find "$T/taken/$w" -name '0*' | wc -l)" -gt 0 ] ||
		    die "no segments: $w"
		by_codec "$w"
		bytes_row "stored, wal / zstd:3, $w" "$bytes" "$w" wal
		bytes_row "stored, wal:small / zstd:3, $w" "$small" "$w" \
		    wal:small
		ratio "wal-push wal / xz, processor time, $w" "$cpu" \
		    "$w.wal" "$w.xz" 2
		ratio "wal-fetch wal / zstd:3, processor time, $w" 4 \
		    "$w.wal.fetch" "$w.zstd:3.fetch" 2
		memory "wal-push wal, peak memory, $w" 32 "$w.wal"
		memory "wal-push wal:small, peak memory, $w" - "$w.wal:small"
		memory "wal-fetch wal, peak memory, $w" - "$w.wal.fetch"
	done <<-END
	few 0.26 - 0.4
	after 0.12 - 1.0
	wide 0.82 0.70 0.4
	copy 0.83 0.70 0.4
	END
	bench_large_segment
	bench_target
}
