# shellcheck shell=bash
# SPDX-License-Identifier: ISC
#
# The rows about pushes that store only the pages that changed.

# change_pages LINE: that row of 15 % of the pages of each table, at random;
# nothing touches the page again
change_pages()
{
	local k

	for ((k = 0; k < 10; k++)); do
		sql pg "update part$k set n = n + 1 where ctid = any (array(
		    select format('(%s,$1)', b)::tid
		    from generate_series(0, pg_relation_size('part$k') / 8192
		    - 1) b where random() < 0.15))" || die "update part$k"
		sql pg "vacuum part$k" || die "vacuum part$k"
	done
	sql pg checkpoint || die checkpoint
}

# The files of the ten tables, with their numbers of segments.
part_files()
{
	local k

	for ((k = 0; k < 10; k++)); do
		find "$T/pg/$(sql pg "select pg_relation_filepath('part$k')")"*
	done
}

# keep_parts: copies, to be compared with
keep_parts()
{
	local f

	mkdir -p "$T/was"
	part_files | while read -r f; do
		cp "$f" "$T/was/${f##*/}"
	done
}

# changed_pages: what differs from the copies, one page behind the other
changed_pages()
{
	local f p

	part_files | while read -r f; do
		cmp -l "$T/was/${f##*/}" "$f" 2>/dev/null |
		    awk '{ print int(($1 - 1) / 8192) }' | uniq |
		    while read -r p; do
			dd if="$f" bs=8192 skip="$p" count=1 status=none
		    done
	done
}

bench_pages()
{
	local i stored=0 packed=0

	for ((i = 0; i < ROUNDS; i++)); do
		base_push pages.first "$NEAR"
		base_fetch fetch.first "$NEAR"
	done
	for ((i = 0; i < ROUNDS; i++)); do
		keep_parts
		change_pages $((i + 1))
		push_again pages "$NEAR"
		stored=$((stored + $(newest_bytes)))
		packed=$((packed + $(changed_pages | zstd -3 -q -c | wc -c)))
		base_fetch fetch.pages "$NEAR"
		rm -r "$T/was"
		# The next one over whole chunks again.
		base_push rebase "$NEAR"
	done
	row "15 % of the pages: stored / zstd -3 of them" \
	    "$(awk -v a=$stored -v b=$packed 'BEGIN { print a / b }')" 1.35 \
	    "$stored bytes" "$packed"
	ratio "the same: time / a first push" 0.9 pages pages.first 1
	ratio "its restore / that of the first" 1.15 fetch.pages fetch.first 1
}
