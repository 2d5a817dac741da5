#!/bin/bash
# SPDX-License-Identifier: ISC
#
# seawall-setup: from nothing to the first archived segment in three commands,
# over SSH; what is there is kept; and what it refuses.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

DIR=$T/etc

# setup [OPTION]...: as a DBA types it, without a terminal
setup()
{
	run seawall-setup --config "$DIR" --set "state_dir=$T/state" \
	    --set "conninfo=host=$T/pg.sock port=5432 $T_LOGIN" "$@" \
	    "$(repo_url)"
}

# What is set, whether or not the server was restarted.
setting()
{
	sql pg "select reset_val from pg_settings where name = '$1'"
}

pending()
{
	[ "$(sql pg "select bool_or(pending_restart) from pg_settings")" = t ]
}

# archive_command as somebody else has set it.
others()
{
	sql pg "alter system set archive_command = '$1'"
	sql pg "select pg_reload_conf()" >/dev/null
	wait_for is_set "$1"
}

is_set()
{
	[ "$(setting archive_command)" = "$1" ]
}

pg_init pg --wal-segsize=1
pg_start pg
sshd_start --append-only
FINGERPRINT=$(ssh-keygen -lf "$T/ssh/host.pub" | cut -d' ' -f2)
SHOWN=${FINGERPRINT//+/.}		# for a pattern

ok "--dry-run shows the steps" setup --dry-run
has "... each of them" "$(cut -c1-12 <<<"$OUT" | xargs)" \
    "^keys SSH key host key settings repository PostgreSQL check$"
ok "... and makes nothing" test ! -e "$DIR"

# Nobody compares the host's key.
exits "without a terminal a host key must be given" 3 setup
has "... and is shown" "$OUT" "give --host-key $SHOWN once"
is "... and nothing is configured" "$(ls "$DIR/conf.d")" ""
PUSH=$(md5sum "$DIR/main.push" "$DIR/ssh_key")
exits "another key than the host's is refused" 3 setup \
    --host-key SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
has "... by what it shows" "$OUT" "the host shows $SHOWN; compare"
is "... before anything is configured" "$(ls "$DIR/conf.d")" ""

# 1. On the database host.
exits "1: the host refuses the new SSH key" 3 setup --append-only --apply \
    --host-key "$FINGERPRINT"
has "... and is told what it lacks" "$OUT" "^useradd|useradd --create-home"
has "... with the block for sshd" "$OUT" "AuthorizedKeysFile /etc/ssh/sea"
is "keys were made once" "$(md5sum "$DIR/main.push" "$DIR/ssh_key")" "$PUSH"
is "modes" "$(cd "$DIR" && stat -c '%n %a' -- *)" "conf.d 700
main.public 644
main.push 600
main.restore 600
seawall.conf 640
ssh_key 600"

# 2. On the repository's host: the line that was printed.  Its commands make
# accounts, so a test takes the line alone.
LINE=$(grep '^restrict,' <<<"$OUT")
has "the line lets the key add alone" "$LINE" \
    '^restrict,command="internal-sftp -P remove,.*" ssh-ed25519 [^ ]+ seawall'
echo "$LINE" >>"$T/ssh/authorized_keys"

# ... and the first command once more, which goes on.
exits "1, again: it goes on" 9 setup --append-only --apply
has "... with what is configured" "$OUT" "found \[main\] in $DIR/seawall.conf"
has "... by a key that only adds" "$OUT" "this SSH key may add, and not delete"
has "... and says that a restart is due" "$OUT" "has to be restarted"
is "archive_command is set" "$(setting archive_command)" \
    "$T_BIN/wal-push --config $DIR/seawall.conf --server main %p"
is "archive_timeout, too" "$(setting archive_timeout)" 60

# 3.
pg_stop pg -m fast
pg_start pg
sql pg "create table t (n int)"
ok "3: after the restart a segment is archived" pg_archived pg
is "... in the repository" "$(find "$REPO/main" -name '0000000100000000*' |
    grep -c .)" "$(sql pg "select archived_count from pg_stat_archiver")"

# That another setting waits for a restart is nobody's business here.
sql pg "alter system set max_connections = 77"
sql pg "select pg_reload_conf()" >/dev/null
wait_for pending
exits "run once more it checks" 9 setup --append-only --apply
lacks "... without a restart" "$OUT" "has to be restarted"
has "... that all is set" "$OUT" "PostgreSQL +has all settings"
has "... that a segment comes back" "$OUT" "^ok +deep|^ok.*deep"
ok "the first backup" run base-push --config "$DIR/seawall.conf" --fast \
    --set idle_priority=off
try setup --append-only
lacks "then nothing is critical" "$OUT" "^critical"
is "the keys are still the first" "$(md5sum "$DIR/main.push" \
    "$DIR/ssh_key")" "$PUSH"

### The way, tried by hand

# those of tests in the repository
tests()
{
	find "$REPO/main/"*/tmp -name "$TEST-*" | wc -l
}

# ... and all that is no upload
counted()
{
	find "$REPO/main/"*/* ! -path "$REPO/main/*/tmp/*" | sort
}

trial()		# PROGRAM [OPTION]...
{
	local program=$1

	shift
	run "$program" --config "$DIR/seawall.conf" \
	    --set "data_directory=$T/pg" "$@"
}

TEST=$(printf tmp/test | b2sum -l 256 | cut -c1-32)
FILES=$(counted)
ok "wal-push --test goes the whole way" trial wal-push --test
has "... and back" "$OUT" "^read back +authentic, and what was stored"
has "... and stays where it may not delete" "$OUT" \
    "^it stays +this host may not delete there; tmp/$TEST-"
is "... once" "$(tests)" 1
ok "with a key that may delete" trial wal-push --test \
    --set "ssh_key=$T/ssh/admin"
has "... nothing is left" "$OUT" "^removed +nothing of it is left"
is "... as it says" "$(tests)" 1
is "nothing else came" "$(counted)" "$FILES"
ok "... nor has a finding" run backup-verify --config "$DIR/seawall.conf"
as find "$REPO/main/"*/tmp -type f -exec touch -d "2 hours ago" {} +
ok "... and expiry sweeps it" run backup-expire \
    --config "$DIR/seawall.conf" --set "ssh_key=$T/ssh/admin" \
    --set abandoned_after=1h --set "retention_policy=redundancy 9"
is "... with the name of its upload" "$(find "$REPO/main/"*/tmp -type f)" ""
exits "an unmounted disk is none to begin on" 5 trial wal-push --test \
    --set "repository=$T/host/new"
has "... as for any push" "$OUT" "is gone; is its disk mounted"
ok "... and stays empty" test ! -e "$T/host/new"
as mkdir "$T/fresh"
ok "for a cluster that has nothing there yet" trial wal-push --test \
    --set "state_dir=$T/fresh" --set "repository=$T/host/new"
has "... it says so" "$OUT" "it has nothing of this cluster yet"
is "... and begins nothing" "$(find "$T/host/new")" "$T/host/new"
exits "--test takes no file: PostgreSQL would remove it" 2 trial wal-push \
    --test pg_wal/000000010000000000000001
exits "a state folder that cannot be written" 9 trial wal-push --test \
    --set "state_dir=/nowhere"
has "... is named" "$OUT" "^state +/nowhere: No such file.*no agent"
exits "a repository that does not answer" 5 trial wal-push --test \
    --set "repository=ssh://127.0.0.1:1$REPO"
ok "wal-fetch --test fetches the newest segment" trial wal-fetch --test
has "... of the cluster" "$OUT" "^fetched +$(find "$REPO/main" \
    -name '????????????????????????' -printf '%f\n' | sort |
    tail -n 1), authentic"
is "... and leaves nothing" "$(find "$T/pg/pg_wal" -name 'xlogtemp*')" ""
exits "... without the key" 203 trial wal-fetch --test \
    --set "restore_key=$DIR/main.push"
exits "... without the repository" 205 trial wal-fetch --test --set \
    "repository=$T/host/none"
NONE=$T/host/none/main/$(pg_system_id pg)
as mkdir -p "$NONE"
as cp "$REPO/main/$(pg_system_id pg)/system" "$NONE"
exits "... without a segment" 1 trial wal-fetch --test --set \
    "repository=$T/host/none"
has "... it says so" "$OUT" "^fetched +nothing: it has no segment"

# It is taken off this host, as is asked.
as mv "$DIR/main.restore" "$T/safe"
exits "a restore key that is elsewhere" 3 run base-fetch \
    --config "$DIR/seawall.conf" "$T/none"
has "... is asked for" "$OUT" "main.restore: no such file; seawall-setup or \
backup-keygen made it: bring it here from where it is kept"
exits "... by wal-fetch, too" 203 trial wal-fetch --test
as mv "$T/safe" "$DIR/main.restore"

# What must not happen.
exits "a key that may delete is found out" 9 setup --append-only \
    --set "ssh_key=$T/ssh/admin" --server sales --host-key "$FINGERPRINT"
has "... and said" "$OUT" "this SSH key may delete there"
as mkdir -p "$REPO/tmp/setup-asks-for-permission"
exits "a failure that is no refusal" 5 setup --append-only --server sales
has "... proves nothing" "$OUT" "whether this SSH key may delete is not known"
lacks "... of either" "$OUT" "may add"
as rmdir "$REPO/tmp/setup-asks-for-permission"
is "its files are beside the others" "$(cd "$DIR" && ls conf.d)" "main.conf
sales.conf"
exits "a key that there is not is refused" 3 setup --server odd \
    --set nonsense=1 --host-key "$FINGERPRINT"
has "... before it is where others read it" "$OUT" "odd.conf.new:.*nonsense"
is "... and nothing is left of it" "$(cd "$DIR" && ls conf.d)" "main.conf
sales.conf"
exits "another host key than the first is refused" 6 setup \
    --host-key SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
exits "another repository is refused" 6 run seawall-setup \
    --config "$DIR" "$T/elsewhere"
has "... naming both" "$OUT" "has the repository ssh://.*, expected $T/else"

ARGS="--config $DIR/seawall.conf --server main %p"
for COMMAND in "wal-g wal-push %p" "wal-push --server sales %p" \
    "$T_BIN/wal-push $ARGS && cp %p /nas"; do
	others "$COMMAND"
	exits "another archiver is left alone" 9 setup --apply
	has "... and named" "$OUT" "archives by another program.*$COMMAND"
	is "... as it was" "$(setting archive_command)" "$COMMAND"
done
others "/elsewhere/wal-push $ARGS"
exits "wal-push of this server may have moved" 9 setup
has "... and is set anew" "$OUT" \
    "ALTER SYSTEM SET archive_command = '$T_BIN/wal-push $ARGS'"

# What somebody has configured has its own keys.
as mkdir "$T/hand"
as tee "$T/hand/seawall.conf" <<<"[main]
repository = $(repo_url)
key = $T/keys/main.push
state_dir = $T/state" >/dev/null
try run seawall-setup --config "$T/hand" --host-key "$FINGERPRINT" "$(repo_url)"
has "a configured server keeps its keys" "$OUT" "has $T/keys/main.push"
is "... and no others are made beside" "$(ls "$T/hand")" "conf.d
seawall.conf"

### Another tool's configuration

from()		# NAME, TEXT: what would be taken
{
	as tee "$T/$1" <<<"$2" >/dev/null
	try run seawall-setup --config "$T/new" --server shop --dry-run \
	    --from "$T/$1" "$T/host/repo"
	TAKEN=$(sed -n '/^taken/,/^[nk]/p' <<<"$OUT" | sed 's/^taken//' |
	    grep -v '^[nk]' | sed 's/^ *//' | sort)
	REST=$(sed -n '/^no equal/,/^k/p' <<<"$OUT" | sed 's/^no equal//' |
	    grep -v '^k' | xargs)
}

from barman.conf "; comment
[barman]
compression = gzip
retention_policy = REDUNDANCY 2
[shop]
conninfo = host=db1 user=barman
streaming_conninfo = host=db1 password=hidden
retention_policy = RECOVERY WINDOW OF 4 WEEKS
backup_method = postgres
slot_name = barman
[other]
parallel_jobs = 7"
is "barman.conf" "$TAKEN" "conninfo=host=db1 user=barman
retention_policy=RECOVERY WINDOW OF 4 WEEKS
source=stream
streaming_conninfo=... (hidden: has a password)"
is "... and what has no equal" "$REST" "compression slot_name"
lacks "... without a password" "$OUT" "=hidden"
from pgbackrest.conf "[global]
repo1-cipher-pass=secret
repo1-retention-full=14
repo1-retention-full-type=time
process-max=4
[shop]
pg1-path=/srv/pg
[global:archive-push]
process-max=9"
is "pgbackrest.conf" "$TAKEN" "data_directory=/srv/pg
jobs=4
retention_policy=recovery window of 14 days"
is "... without a secret" "$REST" "repo1-cipher-pass"
lacks "... anywhere" "$OUT" "secret"
from wal-g.env "export PGDATA=/srv/pg
AWS_SECRET_ACCESS_KEY='hidden'
SSH_PRIVATE_KEY_PATH=/home/wal-g/.ssh/id_rsa
WALG_UPLOAD_CONCURRENCY=\"3\""
is "variables" "$TAKEN" "data_directory=/srv/pg
jobs=3"
is "... and the rest" "$REST" \
    "AWS_SECRET_ACCESS_KEY SSH_PRIVATE_KEY_PATH"
lacks "... without values" "$OUT" "hidden"
from bad "[shop]
what is this"
is "a line that is none is refused" "$RC" 3
has "... by its number" "$OUT" "bad: line 2: expected NAME = VALUE"
from other "[other]
process-max=4"
has "so is a file without the server" "$OUT" "found no section \[shop\]"
is "nothing was written" "$(ls "$T/new" 2>&1)" \
    "ls: cannot access '$T/new': No such file or directory"

as rm "$DIR/main.push"
exits "half of the keys are no reason for new ones" 3 setup
has "... and what to do is said" "$OUT" "main.push is missing.*--renew"

as mkdir "$T/old"
as tee "$T/old/seawall.conf" <<<"[seawall]" >/dev/null
exits "a configuration that includes nothing" 3 run seawall-setup \
    --config "$T/old" "$T/host/repo"
has "... is explained" "$OUT" 'include_dir = conf.d'
is "... and left as it was" "$(ls "$T/old/conf.d")" ""
[ "$(id -u)" != 0 ] || {
	exits "root is refused" 3 "$T_BIN/seawall-setup" --config "$T/root" \
	    "$T/host/repo"
	ok "... and makes nothing" test ! -e "$T/root"
}
