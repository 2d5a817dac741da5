#!/bin/bash
# SPDX-License-Identifier: ISC
#
# A damaged page in the cluster, and every kind of mutilation of a stored
# backup: nothing of it starts.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

# mutilated WHAT [STATUS [MESSAGE]]: refused, and nothing to start; then all
# is as before.
mutilated()
{
	exits "$1" "${2:-7}" run base-fetch --target immediate "$ID" "$T/back"
	[ -z "${3:-}" ] || has "says so" "$OUT" "$3"
	ok "no pg_control" test ! -e "$T/back/global/pg_control"
	as rm -rf "$T/back" "$REPO"
	as cp -a "$T/good" "$REPO"
}

keygen main
sshd_start MaxSessions\ 100
conf_write wal_compression=zstd:1 chunk_size=64k
pg_init pg -k --wal-segsize=1
pg_archive pg
pg_start pg
pg_psql pg <<END
create table t as select g, md5(g::text) x from generate_series(1, 20000) g;
create table u as select * from t;
checkpoint
END
ok "a backup" run base-push --fast --jobs 1
OTHER=$(expr "$OUT" : 'backup \([0-9TZ-]*\)')
FILE=$(sql pg "select pg_relation_filepath('t')")
FILE2=$(sql pg "select pg_relation_filepath('u')")

### Damage in the cluster

pg_stop pg
for at in 8200 90000 90100; do
	flip "$T/pg/$FILE" "$at"
done
flip "$T/pg/$FILE2" 500000
pg_start pg
exits "a damaged page" 9 run base-push --fast
ID=$(printf '%s\n' "$OUT" | sed -n 's/^backup \([0-9TZ-]*\):.*/\1/p')
has "the file is named" "$OUT" "$FILE: page checksums failed"
has "the other one too" "$OUT" "$FILE2: page checksums failed"
has "the pages are counted" "$OUT" "3 damaged pages in 2 files"
has "the label lists it" "$(cat "$REPO"/*/*/base/"$ID"/label)" "$FILE"
ok "it can be restored" run base-fetch --target immediate "$ID" "$T/back"
has "with a warning" "$OUT" "DAMAGED +3 pages in 2 files"
same "as it is" "$T/pg/$FILE" "$T/back/$FILE"
ok "pg_verifybackup" as "$PGBIN/pg_verifybackup" "$T/back"
as rm -rf "$T/back"
ok "not verified on request" run base-push --fast --set checksum=off
pg_stop pg
flip "$T/pg/$FILE" 8200
flip "$T/pg/$FILE" 90000
flip "$T/pg/$FILE" 90100
flip "$T/pg/$FILE2" 500000
pg_start pg
ok "mended, it is whole again" run base-push --fast --jobs 2
ID=$(expr "$OUT" : 'backup \([0-9TZ-]*\)')
pg_stop pg

### Damage in the repository

as cp -a "$REPO" "$T/good"
S=$(echo "$REPO"/main/*)
D=$S/base/$ID
for f in manifest label pack-00000001 pack-00000002; do
	size=$(stat -c %s "$D/$f")
	for at in 0 9 $((size / 3)) $((size / 2)) $((size - 1)); do
		flip "$D/$f" "$at"
		mutilated "a bit of $f at $at"
	done
	for n in 0 1 $((size / 2)) $((size - 1)); do
		as chmod u+w "$D/$f"
		as truncate -s "$n" "$D/$f"
		mutilated "$f cut to $n"
	done
done
as mv "$D/pack-00000001" "$D/x"
as mv "$D/pack-00000002" "$D/pack-00000001"
as mv "$D/x" "$D/pack-00000002"
mutilated "swapped packs"
for f in pack-00000001 pack-00000002 manifest; do
	as rm -f "$D/$f"
	mutilated "no $f"
	as cp -fp "$S/base/$OTHER/$f" "$D/$f" 2>/dev/null ||
	    as cp -fp "$S/base/$OTHER/pack-00000001" "$D/$f"
	mutilated "$f of another backup"
done
as cp -fp "$S/base/$OTHER/label" "$D/label"
mutilated "label of another backup"
as cp -fp "$S/base/$OTHER/label" "$D/label"
as cp -fp "$S/base/$OTHER/manifest" "$D/manifest"
mutilated "label and manifest of another backup"
as rm -f "$D/label"
mutilated "no label" 1 "no backup $ID"
flip "$D/label" 300
ok "without a name another backup is taken" \
    run base-fetch -n --target immediate "$T/back"
has "and why is said" "$OUT" "base-fetch: warning: $ID: left out: .*label"
for f in "$S"/base/*/label; do
	[ "$f" = "$D/label" ] || flip "$f" 300
done
mutilated "all labels"
flip "$S/system" 100
mutilated "a bit of the marker"
as rm -f "$S/system"
mutilated "no marker" 5 "is its disk mounted"
as cp -a "$S" "$REPO/main/7000000000000000000"
as rm -rf "$S"
mutilated "another system's folder"
as mv "$REPO/main" "$REPO/x"
mutilated "no such server" 1 "is the repository's disk mounted"
ok "all mended: it is restored" run base-fetch "$ID" "$T/back"
ok "pg_verifybackup" as "$PGBIN/pg_verifybackup" "$T/back"
