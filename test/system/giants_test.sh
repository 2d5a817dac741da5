#!/bin/bash
# SPDX-License-Identifier: ISC
#
# What is larger than the format allows is refused before anything is stored.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

keygen main
conf_write repository="$REPO" agent=off data_directory="$T/pg"
pg_init pg --wal-segsize=1
pg_archive pg
pg_start pg

stored()
{
	find "$REPO" \( -name 'pack-*' -o -name label -o -name '*.history' \) |
	    wc -l
}

{
	echo "set allow_in_place_tablespaces = on;"
	for i in $(seq 1001); do
		echo "create tablespace t$i location '';"
	done
} > "$T/many.sql"
pg_psql pg < "$T/many.sql" || die "tablespaces"
exits "a cluster with too many tablespaces" 3 run base-push --fast --quiet
has "the message says so" "$OUT" \
    "the cluster has 1001 tablespaces, and a backup can have at most 1000"
is "nothing was copied" "$(stored)" 0
sql pg "drop tablespace t1"
ok "one less will do" run base-push --fast --quiet
ok "also for those who verify it" run backup-verify

# PostgreSQL skips comments; a file of comments is as long as one likes.
WAS=$(stored)
history()
{
	printf '1\t0/3000000\tno recovery target specified\n'
	head -c "$(($1 - 42))" /dev/zero | tr '\0' '#'
	echo
}
history 65536 > "$T/00000002.history"
history 65537 > "$T/00000003.history"
exits "a history that is too long" 7 run wal-push "$T/00000003.history"
has "the message says so" "$OUT" "file has 65537 bytes, expected 1 to 65536"
is "nothing was stored" "$(stored)" "$WAS"
ok "one byte less will do" run wal-push "$T/00000002.history"
ok "and comes back" run wal-fetch 00000002.history "$T/state/back"
same "as it was" "$T/00000002.history" "$T/state/back"
