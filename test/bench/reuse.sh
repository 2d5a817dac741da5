# shellcheck shell=bash
# SPDX-License-Identifier: ISC
#
# The rows about pushes that compare with the one before.

DISTANT=47			# milliseconds each way
DISTANT_TRIP=$((2 * DISTANT * 1000))	# microseconds

# Ten tables of equal size in place of the one.
ten_tables()
{
	local k

	for ((k = 0; k < 10; k++)); do
		sql pg "create table part$k as select * from mixed
		    where id % 10 = $k" || die "create part$k"
	done
	sql pg "drop table mixed" || die "drop mixed"
	sql pg "vacuum freeze" || die "vacuum"
}

# push_again SERIES CONF: a push after another; SAID is what it says
push_again()
{
	sync -f "$T"
	SAID=$(run measure "$T/m/$1" base-push --config "$2" --quiet --fast \
	    2>>"$T/bench.log" </dev/null) || die "$1: base-push"
}

# said PATTERN: the size that stands in front of it, in bytes
said()
{
	printf '%s\n' "$SAID" |
	    sed -En "s/.*[^0-9.]([0-9.]+) ([kMGT]?)B $1.*/\1\2/p" |
	    tr k K | numfmt --from=si
}

# What lies in the newest backup's directory.
newest_bytes()
{
	local newest

	newest=$(find "$REPO"/main/*/base -mindepth 1 -maxdepth 1 | sort -V |
	    tail -n 1)
	find "$newest" -type f -printf '%s\n' |
	    awk '{ n += $1 } END { print n }'
}

# start_stop SERIES: what PostgreSQL itself needs, its own wait for WAL included
start_stop()
{
	as env PATH="$T_BIN:$PGBIN:$PATH" measure "$T/m/$1" psql -X -q -A -t \
	    -h "$T/pg.sock" -p 5432 -U postgres -d postgres \
	    -c "select pg_backup_start('x', true)" \
	    -c "select pg_backup_stop()" >>"$T/bench.log" 2>&1 </dev/null ||
	    die "pg_backup_start"
}

percent()
{
	awk -v a="$1" -v b="$2" 'BEGIN { print 100 * a / b }'
}

# The same again and again: nothing changed but what the backups do.
bench_unchanged()
{
	local i size

	size=$(du -sb "$T/pg" | cut -f1)
	for ((i = 0; i < ROUNDS; i++)); do
		start_stop alone
		push_again same "$NEAR"
	done
	row "unchanged: read, % of the cluster" \
	    "$(percent "$(said read)" "$size")" 2 "$(said read) bytes" \
	    "$((size >> 20)) MiB"
	row "unchanged: stored, %" "$(percent "$(newest_bytes)" "$size")" 1 \
	    "$(newest_bytes) bytes" ""
	row "unchanged: seconds more than start, stop" \
	    "$(awk -v a="$(median same 1)" -v b="$(median alone 1)" \
	    'BEGIN { print (a - b) / 1e6 }')" 1 "$(ms same 1)" "$(ms alone 1)"
}

# 1 % of the rows of one table in ten, anywhere in it.
bench_updated()
{
	local i file fresh stored=0 changed=0 packed

	for ((i = 0; i < ROUNDS; i++)); do
		sql pg "update part$i set n = n + 1 where random() < 0.01;
		    checkpoint" || die "update"
		push_again updated "$NEAR"
		fresh=$(said new)
		file=$T/pg/$(sql pg "select pg_relation_filepath('part$i')")
		packed=$(zstd -3 -q -B256K -c "$file" | wc -c)
		changed=$((changed + fresh * packed / $(stat -c %s "$file")))
		stored=$((stored + $(newest_bytes)))
	done
	row "1 % of the rows of a table in ten: stored" \
	    "$(awk -v a=$stored -v b=$changed 'BEGIN { print a / b }')" 1.5 \
	    "$stored bytes" "$changed"
	ratio "the same: time / a first push" 0.4 updated bfirst 1
}

# from_afar NAME [KEY=VALUE]...: T/NAME.close and T/NAME.distant
from_afar()
{
	local to="host=$T/new.sock port=5432 user=postgres dbname=postgres"

	settings "$SSH_PORT" "$T/$1.close" data_directory="$T/new" \
	    conninfo="$to" "${@:2}"
	settings "$RELAY_PORT" "$T/$1.distant" data_directory="$T/new" \
	    conninfo="$to" "${@:2}"
}

# trips WHAT SERIES: rows of pushes to T/SERIES.close and .distant
trips()
{
	local i

	for ((i = 0; i < ROUNDS; i++)); do
		base_push "$2.near" "$T/$2.close"
		base_push "$2" "$T/$2.distant"
	done
	row "$1: round trips" "$(awk -v f="$(median "$2" 1)" \
	    -v n="$(median "$2.near" 1)" -v t="$DISTANT_TRIP" \
	    'BEGIN { print (f - n) / t }')" 25 \
	    "$(ms "$2" 1)" "$(ms "$2.near" 1)"
	row "the same: seconds" "$(awk -v f="$(median "$2" 1)" \
	    'BEGIN { print f / 1e6 }')" 4 "$(ms "$2" 1)" ""
}

# A cluster as initdb leaves it, from far away.
bench_distant()
{
	local port=$RELAY_PORT

	relay_start "$DISTANT"
	t_known_hosts "$SSH_PORT" "$RELAY_PORT" "$port"
	from_afar empty restore_key=
	from_afar keyed
	RELAY_PORT=$port
	pg_init new -k
	pg_conf new "archive_mode = on" \
	    "archive_command = '$T_BIN/wal-push --config $T/empty.close %p'"
	pg_start new
	sql new "select count(*) from pg_class" >/dev/null
	pg_archived new || die "archiving does not work"
	trips "nearly empty cluster, far" empty
	trips "the same with a restore key" keyed
	pg_stop new
}

bench_reuse()
{
	local i

	forget_wal
	ten_tables
	copies 2
	archive_with "$T_BIN/wal-push --config $NEAR %p"
	pg_archived pg || die "archiving does not work"
	sleep 3			# what was just written would be read again
	for ((i = 0; i < ROUNDS; i++)); do
		base_push bfirst "$NEAR"
	done
	bench_unchanged
	bench_updated
	bench_pages
}
