#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Make a golden segment of the codec "wal" for a major version.
#
#	test/golden-wal.sh FILE...	test/data/golden-walcodec-NN
#
# Run it as test/run test/golden-wal.sh with the server of a version in
# PG_PACKAGE (see test/versions), or with the distribution's.  One segment of
# 1 MiB has records of all kinds: rows, indexes, images of pages, plain and
# compressed, prepared transactions, messages, a switch.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/system/lib.sh"

PACK=$T_BIN/walcodec
pg_init pg --wal-segsize=1
pg_conf pg "wal_level = logical" "max_prepared_transactions = 4" \
    "archive_mode = on" "archive_command = 'true'"
pg_start pg
sql pg "select pg_switch_wal()" >/dev/null
sql pg "select pg_switch_wal()" >/dev/null
name=$(sql pg "select pg_walfile_name(pg_current_wal_insert_lsn())")
major=$(sql pg "select current_setting('server_version_num')::int / 10000")
pg_psql pg >/dev/null <<'END' || die "workload"
create table t (id int primary key, a int, b text, c jsonb);
create index on t (b);
create index on t using gin (c);
create index on t using hash (a);
create index on t using brin (id);
insert into t select i, i % 7, md5((i / 3)::text),
    jsonb_build_object('k', i % 9) from generate_series(1, 150) i;
checkpoint;
update t set a = a + 1 where id % 7 = 0;
update t set b = b || 'x' where id % 11 = 0;
delete from t where id % 13 = 0;
begin;
savepoint a;
insert into t values (2000, 1, 'q', null);
savepoint b;
update t set a = 9 where id = 2000;
rollback to b;
commit;
begin;
select * from t where id < 9 for update;
commit;
begin;
insert into t values (2001, 1, null, null);
prepare transaction 'p';
commit prepared 'p';
create table l (x text);
alter table l alter x set storage external;
insert into l select string_agg(md5(i::text), '') from generate_series(1, 99) i;
copy l from program 'seq 1 60';
vacuum t;
create sequence s;
select nextval('s') from generate_series(1, 40);
set wal_compression = on;
checkpoint;
update t set a = a + 2 where id % 5 = 0;
select pg_create_restore_point('here');
select pg_logical_emit_message(true, 'x', repeat('0123456789', 900));
truncate l;
END
sql pg "select pg_switch_wal()" >/dev/null
size=$(stat -c %s "$T/pg/pg_wal/$name")
out=$T_TOP/test/data/golden-walcodec-$major
"$PACK" pack 3 2 0 <"$T/pg/pg_wal/$name" >"$T/packed" || die pack
"$PACK" unpack 3 2 "$size" <"$T/packed" | cmp - "$T/pg/pg_wal/$name" ||
    die "what comes back is not what went in"
[ -e "$out" ] || cp "$T/packed" "$out"
say "$major: $name, $(stat -c %s "$out") bytes"
