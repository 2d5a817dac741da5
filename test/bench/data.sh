# shellcheck shell=bash
# SPDX-License-Identifier: ISC
#
# What is measured: pgbench segments, and a cluster of which one half are
# pgbench tables (they compress about 15 times) and the other rows that
# compress about 3 times.

# SIZE in bytes of "2G", "256M".
bytes()
{
	numfmt --from=iec "$1" || die "not a size: $1"
}

# Pgbench's own rows, with the balances that transactions would leave: fresh
# ones are so much alike that they compress 36 times.
ACCOUNTS_SQL="
insert into pgbench_branches select i, 0, '' from generate_series(1, :scale) i;
insert into pgbench_tellers select i, (i - 1) / 10 + 1, 0, ''
    from generate_series(1, :scale * 10) i;
insert into pgbench_accounts select i, (i - 1) / 100000 + 1,
    (random() * 10000 - 5000)::int, ''
    from generate_series(1, :scale * 100000) i"

# Random hexadecimal text and numbers, and JSON with recurring names.
ROWS_SQL="
do \$\$ declare at bigint := 0; begin
loop
	insert into mixed select at + i, md5(random()::text),
	    jsonb_build_object('customer', (random() * 1e6)::int,
		'status', (array['new', 'paid', 'sent', 'back'])
		    [1 + (random() * 3)::int],
		'amount', round((random() * 1e4)::numeric, 2),
		'note', left(md5(random()::text), 20)),
	    (random() * 1e12)::numeric(20, 6), now()
	from generate_series(1, 20000) i;
	at := at + 20000;
	exit when pg_relation_size('mixed') >= :want;
end loop;
end \$\$"

# load BYTES: half of them pgbench tables, half of them mixed rows, in the
# database "postgres".
load()
{
	local scale=$(($1 / 2 / 15000000))

	scale=$((scale > 0 ? scale : 1))
	pg_bench pg -i -q -I dt -s "$scale"
	sql pg "${ACCOUNTS_SQL//:scale/$scale}" || die "load accounts"
	pg_bench pg -i -q -I p -s "$scale"
	sql pg "create table mixed (id bigint, t text, j jsonb, n numeric,
	    at timestamptz)" || die "create table"
	sql pg "${ROWS_SQL/:want/$(($1 / 2))}" || die "load rows"
	sql pg "vacuum freeze" || die "vacuum"
}

# copies N: until N databases hold the same.  Equal content that lies further
# apart than any compressor looks does not make the copies any cheaper.
copies()
{
	local how='' i

	[ "$(sql pg "select current_setting('server_version_num')::int >=
	    150000")" = f ] || how="strategy file_copy"
	for ((i = 1; i < $1; i++)); do
		[ "$(sql pg "select count(*) from pg_database where
		    datname = 'copy$i'")" = 1 ] ||
		    sql pg "create database copy$i template postgres $how" \
			-d template1 || die "copy $i"
	done
	sql pg checkpoint || die checkpoint
}

# archive_with COMMAND
archive_with()
{
	sql pg "alter system set archive_command = '$1'" || die "archiving"
	sql pg "select pg_reload_conf()" >/dev/null || die "reload"
}

count_segments()
{
	find "$T/wal" -name '????????????????????????' | wc -l
}

# segments N: N segments of pgbench WAL in T/wal, and T/wal/small, a folder
# with one that compresses to less than 2 MiB.
segments()
{
	local i first last

	as mkdir -p "$T/wal/small"
	sql pg "select pg_switch_wal()" >/dev/null
	pg_archived pg || die "archiving does not work"
	sql pg checkpoint		# as busy servers do every few minutes
	archive_with "cp %p $T/wal/%f"
	for ((i = 0; i < 200 && $(count_segments) < $1; i++)); do
		pg_bench pg -n -c 2 -j 2 -T 2
	done
	[ "$(count_segments)" -ge "$1" ] || die "no more than $i segments"
	pg_archived pg
	first=$(sql pg "select pg_walfile_name(pg_current_wal_lsn())")
	pg_bench pg -n -c 2 -j 2 -t 400
	pg_archived pg || die "archiving stopped"
	last=$(find "$T/wal" -maxdepth 1 -type f | sort | tail -n 1)
	mv "$last" "$T/wal/small/" || die "no small segment after $first"
	find "$T/wal" -maxdepth 1 -type f | sort | tail -n "+$(($1 + 1))" |
	    xargs -r rm -f
}
