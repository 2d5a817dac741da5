#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Configuration outside the data directory, as Debian keeps it: base-push
# stores it, and base-fetch --config-dir brings it back.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

ETC=$T/etc/postgresql/15/main

keygen main
sshd_start MaxSessions\ 100
conf_write wal_compression=zstd:1
pg_init pg --wal-segsize=1
pg_archive pg
as mkdir -p "$ETC/conf.d"
as mv "$T/pg/postgresql.conf" "$T/pg/pg_hba.conf" "$T/pg/pg_ident.conf" "$ETC"
printf '%s\n' "data_directory = '$T/pg'" "hba_file = '$ETC/pg_hba.conf'" \
    "ident_file = '$ETC/pg_ident.conf'" "include_dir 'conf.d'" \
    "include_if_exists 'none.conf'" "ssl_key_file = '$ETC/server.key'" \
    >>"$ETC/postgresql.conf"
as sh -c "echo 'work_mem = 5MB' >'$ETC/conf.d/mine.conf'"
as sh -c "echo postgres >'$ETC/dbs'"
as sh -c "echo '-----BEGIN PRIVATE KEY-----' >'$ETC/server.key'"
printf 'local @dbs all trust\n' >>"$ETC/pg_hba.conf"

# debian NAME [-c SETTING=VALUE]...: the cluster T/NAME, whose configuration
# is in ETC.
debian()
{
	pg_launch "$1" "-c config_file=$ETC/postgresql.conf ${*:2}" ||
	    die "PostgreSQL $1 does not start"
}

debian pg
sql pg "create table t as select 1 as n"
ok "backup" run base-push --fast
has "it says what it stored" "$OUT" \
    "with 5 configuration files from outside the data directory"
lacks "and has nothing to warn of" "$OUT" "not stored"
ID=$(printf '%s\n' "$OUT" | sed -n 's/^backup \([^:]*\):.*/\1/p')
pg_archived pg || die "archive"

### What is said of it

ok "show" run backup-show latest
has "backup-show lists them" "$OUT" "^config +$ETC/conf.d/mine.conf"
has "all of them" "$OUT" "^ +$ETC/pg_hba.conf"
lacks "no key" "$OUT" "server.key"
ok "plan" run base-fetch -n "$T/back"
has "the plan says that they exist" "$OUT" \
    "^config +5 files from outside.*lacks its configuration; --config-dir DIR"

### Restored without them: as before, and it is said how to get them

ok "restore" run base-fetch --target immediate --target-action promote \
    "$T/back"
has "the closing lines say it too" "$OUT" \
    "^configuration: 5 files lay outside.*base-fetch --config-dir DIR $ID"
ok "nothing else is there" test ! -e "$T/back/postgresql.conf"
ok "backup_manifest is right" as "$PGBIN/pg_verifybackup" -n "$T/back"

### The files alone

ok "plan of the files alone" run base-fetch -n --config-dir "$T/conf" latest
ok "nothing was made" test ! -e "$T/conf"
ok "the files alone" run base-fetch --config-dir "$T/conf" latest
has "it warns of the original's places" "$OUT" "correct what leads to the orig"
for f in postgresql.conf pg_hba.conf pg_ident.conf dbs conf.d/mine.conf; do
	same "$f" "$T/conf$ETC/$f" "$ETC/$f"
	is "mode of $f" "$(stat -c %a "$T/conf$ETC/$f")" 600
done
is "no other file" "$(find "$T/conf" -type f | wc -l)" 5
is "mode of folders" "$(find "$T/conf" -type d ! -perm 700 | wc -l)" 0
exits "not over what is there" 3 run base-fetch --config-dir "$T/conf" "$ID"
has "it says so" "$OUT" "--config-dir: .*empty"
exits "DIR is needed without --config-dir" 2 run base-fetch latest

### With the data directory; a lost machine starts again with them

as rm -rf "$T/back" "$T/conf"
exits "not inside the data directory" 2 run base-fetch \
    --config-dir "$T/back/conf" "$T/back"
ok "nothing was made" test ! -e "$T/back"
ok "both" run base-fetch --config-dir "$T/conf" --target immediate \
    --target-action promote "$T/back"
has "the plan says where they go" "$OUT" "^config +5 files.*below $T/conf"
pg_stop pg
as mv "$ETC" "$ETC.lost"
as cp -r "$T/conf$ETC" "$ETC"
debian back -c data_directory="$T/back"
ok "it ends recovery" wait_for t_primary back
is "the rows" "$(sql back "select n from t")" 1
is "its own settings" "$(sql back "show work_mem")" 5MB
is "and hba" "$(sql back "show hba_file")" "$ETC/pg_hba.conf"
pg_stop back
as rm -rf "$ETC"
as mv "$ETC.lost" "$ETC"

### What cannot be stored warns, and fails nothing

debian pg
as rm "$ETC/conf.d/mine.conf"
as ln -s nowhere "$ETC/conf.d/mine.conf"
as sh -c "echo \"include '$ETC/server.key'\" >'$ETC/conf.d/key.conf'"
as mv "$ETC/pg_hba.conf" "$ETC/aside"
as chmod 0 "$ETC/pg_ident.conf"
ok "backup all the same" run base-push --fast
has "the file that is gone is named" "$OUT" \
    "configuration not stored: $ETC/pg_hba.conf: does not exist"
has "one that may not be read, too" "$OUT" \
    "$ETC/pg_ident.conf: cannot be read: Permission denied"
has "and how many more" "$OUT" "configuration not stored: 1 more file"
has "a key is not stored" "$OUT" "$ETC/server.key: holds a private key"
as mv "$ETC/aside" "$ETC/pg_hba.conf"
as chmod 600 "$ETC/pg_ident.conf"
pg_archived pg || die "archive"
ok "plan" run base-fetch -n "$T/none"
PLAN=$OUT
ok "show" run backup-show --json
has "the label has all of them, a link to nothing, too" "$OUT" \
    "\"path\": *\"$ETC/conf.d/mine.conf\""
has "the plan says it" "$PLAN" "configuration not stored: $ETC/pg_hba.conf"
as rm -rf "$T/conf"
ok "what there is" run base-fetch --config-dir "$T/conf" latest
has "with what is missing" "$OUT" "^configuration not stored: $ETC/pg_hba.conf"
ok "no key came back" test ! -e "$T/conf$ETC/server.key"
ok "nor an hba" test ! -e "$T/conf$ETC/pg_hba.conf"

# The next push compares with a manifest that holds files.
ok "the next push reuses" run base-push --fast
has "it does" "$OUT" "^since backup"
ok "all of it verifies" run backup-verify

# A gap in later WAL is no matter to the configuration of a backup.
for i in 1 2 3; do
	sql pg "create table gap$i (n int)"
	pg_archived pg || die "archive"
done
GAP=$(find "$REPO" -path '*/wal/*' -type f ! -name '*.*' | sort |
    tail -n 2 | head -n 1)
mv "$GAP" "$T/gap"
exits "a gap in WAL: no restore" 1 run base-fetch -n "$ID" "$T/none"
as rm -rf "$T/conf"
ok "... but the files" run base-fetch --config-dir "$T/conf" "$ID"
ok "... are there" test -s "$T/conf$ETC/postgresql.conf"
mv "$T/gap" "$GAP"
