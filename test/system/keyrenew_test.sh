#!/bin/bash
# SPDX-License-Identifier: ISC
#
# A database host is lost, and its push key with it: renewed keys go on in the
# same repository, and read what the lost one wrote.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

command -v jq >/dev/null || skip "no jq"

# keys NAME [KEY=VALUE]...: use these key files
keys()
{
	conf_write "key=$T/keys/$1.push" "restore_key=$T/keys/$1.restore" \
	    "public_key=$T/keys/$1.public" "passphrase_file=$T/pass" \
	    "conninfo=host=$T/${CLUSTER:-pg}.sock port=5432 $T_LOGIN" \
	    "${@:2}"
}

as sh -c "umask 077; echo 'open sesame' >'$T/pass'"
ok "keys under a passphrase" run backup-keygen -P "$T/pass" "$T/keys/main"
sshd_start --append-only
keys main
pg_init pg --wal-segsize=1
pg_archive pg
pg_start pg
sql pg "create table t as select generate_series(1, 1000) n"
ok "a backup" run base-push --fast
sql pg "insert into t values (1001)"
pg_archived pg

# The host, and all that was on it.
SEGMENT=$(sql pg "select last_archived_wal from pg_stat_archiver")
as cp "$T/pg/pg_wal/$SEGMENT" "$T/$SEGMENT"
pg_end pg
t_agents_end
as mkdir "$T/lost"
as mv "$T/keys/main.push" "$T/lost/"
as sh -c "rm -rf '$T/state'/*"

ok "entirely new keys" run backup-keygen "$T/keys/other"
keys other "data_directory=$T/pg" agent=off passphrase_file=
exits "... are refused by the marker" 7 run wal-push "$T/$SEGMENT"
has "... with the key file" "$OUT" "not a signer in the key file $T/keys/other"
has "... and the cure" "$OUT" "backup-keygen --renew"

# The restore key is elsewhere.
as mkdir "$T/admin"
as cp "$T/keys/main.public" "$T/admin/"
ok "renewed from .public alone" run backup-keygen --renew "$T/admin/main" \
    "$T/admin/next"
has "it says where the push key goes" "$OUT" "next.push"
has "... and that the restore key is missing" "$OUT" "was not made, since"
is "... and makes two files" "$(cd "$T/admin" && stat -c '%n %a' -- next.*)" \
    "next.public 644
next.push 600"
exits "once" 6 run backup-keygen --renew "$T/admin/main" "$T/admin/next"
as cp -p "$T/admin/next.public" "$T/keys/"
exits "the restore key wants its passphrase" 3 run setsid -w \
    backup-keygen --renew "$T/keys/main" "$T/keys/next"
ok "... gets it" run backup-keygen -P "$T/pass" --renew "$T/keys/main" \
    "$T/keys/next"
has "... and is sealed again" "$(cat "$T/keys/next.restore")" \
    "^recipient-secret-sealed "
as cp -p "$T/admin/next.push" "$T/keys/"

# A thief adds his signer to a sealed key, and mends the check word.
as sh -c "sed -E 's/^(signer .*)0\$/\\11/; t; s/^(signer .*).\$/\\10/
    /^check/d' '$T/keys/next.restore' >'$T/keys/thief.restore'"
sum=$(b2sum -l 256 "$T/keys/thief.restore" | cut -c1-8)
as sh -c "umask 077; echo 'check $sum' >>'$T/keys/thief.restore'
    chmod 600 '$T/keys/thief.restore'"
keys next "restore_key=$T/keys/thief.restore"
exits "a signer slipped into a sealed restore key" 3 run base-fetch latest \
    "$T/stolen"
has "... is noticed" "$OUT" "was changed by somebody who did not know"

# The new host.
CLUSTER=new
keys next
ok "what the lost host wrote is restored" run base-fetch --keep-archiving \
    latest "$T/new"
pg_start new
wait_for t_primary new
is "... to its last row" "$(sql new "select max(n) from t")" 1001
sql new "insert into t values (1002)"
ok "the new host archives" pg_archived new
ok "... and takes a backup" run base-push --fast
sql new "insert into t values (1003)"
pg_archived new

keys next key= restore_key= passphrase_file=
ok "the new public key lists" run backup-list --json
is "... both backups" "$(jq '.[0].backups | length' <<<"$OUT")" 2
OLD=$(jq -r '.[0].backups[0].id' <<<"$OUT")
keys main key= restore_key= passphrase_file=
try run backup-list
has "the old one names itself and the cure" "$OUT" \
    "not a signer in the key file $T/keys/main.public"
keys next
ok "all of it is authentic" run backup-verify
pg_stop new
ok "what the new host wrote is restored" run base-fetch latest "$T/third"
pg_start third
wait_for t_primary third
is "... to its last row, too" "$(sql third "select max(n) from t")" 1003
pg_stop third
ok "the old backup is still read" run base-fetch --target-timeline 1 \
    "$OLD" "$T/fourth"

# A restore key that others have seen.
ok "a new recipient" run backup-keygen -P "$T/pass" --renew --recipient \
    "$T/keys/next" "$T/keys/third"
CLUSTER=new
keys third
pg_start new
ok "the next backup" run base-push --fast
has "... stores everything anew" "$OUT" "recipients"
ok "... and all is read" run backup-verify
pg_stop new
