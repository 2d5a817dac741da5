#!/bin/bash
# SPDX-License-Identifier: ISC
#
# The sample sshd_config: an account for each cluster.  The key of host B can
# neither list nor read what host A stored, although both have the same keys of
# ours.  Accounts can only be made by root: two of them exist for this sshd
# alone, in a mount namespace.  Any other user tests what these accounts rest
# on: which keys sshd takes for whom, and the modes of what is stored.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

SAMPLE=$T_TOP/conf/sshd_config
# The sample's words in front of a database host's key.
RIGHTS=$(sed -nE 's/^# (restrict,command=".*") ssh-.* database host$/\1/p' \
    "$SAMPLE")
[ -n "$RIGHTS" ] || die "the sample has no line for a database host"

# use CLUSTER [KEY=VALUE]...
use()
{
	CONF=$T/$1.conf
	conf_write "data_directory=$T/$1" agent=off fetch_retry=0s "${@:2}"
	sed -i "s/^\[main\]/[$1]/" "$CONF"
}

# no_rights DIR: which files and folders there group or others may use
no_rights()
{
	is "nobody else has any right to it" "$(find "$1" -perm /077)" ""
}

keygen main
for c in a b; do
	pg_init "$c" --wal-segsize=1
done
# The first segment is whole, the last ones are still to be written.
NAME=$(basename "$(find "$T/a/pg_wal" -type f | sort | head -n 1)")
ok "both have a segment of one name" test -f "$T/b/pg_wal/$NAME"

if [ "$(id -u)" != 0 ]; then
	sshd_start "Include $SAMPLE"
	ok "the sample is understood" "$SSHD" -T -f "$T/ssh/sshd_config" \
	    -C user=seawall-b,host=localhost,addr=127.0.0.1
	has "... each account has keys of its own" "$OUT" \
	    "^authorizedkeysfile /etc/ssh/seawall_keys/(%u|seawall-b)$"
	has "... and forwards nothing" "$OUT" "^disableforwarding yes$"
	sshd_stop
	sshd_start --append-only
	use a
	ok "A stores a segment" run wal-push "$T/a/pg_wal/$NAME"
	no_rights "$REPO/a"
	exit 0
fi

### Two accounts, made as the sample says

# The first of two user ids in a row that nobody has.
free_ids()
{
	local n

	for n in $(seq 61001 2 62001); do
		getent passwd "$n" "$((n + 1))" >/dev/null ||
		    getent group "$n" "$((n + 1))" >/dev/null || {
			echo "$n"
			return
		}
	done
}

ssh_find
ssh_keys
uid=$(free_ids)
[ -n "$uid" ] || die "no free user ids"
mkdir -p "$T/etc/seawall_keys" "$T/accounts"
cp /etc/passwd /etc/group "$T/accounts/"
for c in a b; do
	printf 'seawall-%s:*:%d:%d::%s:/bin/sh\n' "$c" "$uid" "$uid" \
	    "$T/host/home-$c" >>"$T/accounts/passwd"
	printf 'seawall-%s:*:%d:\n' "$c" "$uid" >>"$T/accounts/group"
	install -d -m 755 -o "$uid" -g "$uid" "$T/host/home-$c"
	install -d -m 700 -o "$uid" -g "$uid" "$T/host/$c"
	as ssh-keygen -q -t ed25519 -N '' -C "$c" -f "$T/ssh/$c" ||
	    die "ssh-keygen"
	printf '%s %s\n' "$RIGHTS" "$(cat "$T/ssh/$c.pub")" \
	    >"$T/etc/seawall_keys/seawall-$c"
	uid=$((uid + 1))
done

# What sshd sees in /etc and /run is the test's own, as root.
accounts_launch()
{
	# shellcheck disable=SC2016	# the inner shell expands them
	unshare --mount --propagation private -- sh -c '
	mount --bind "$1/accounts/passwd" /etc/passwd &&
	mount --bind "$1/accounts/group" /etc/group &&
	mount --bind "$1/etc" /etc/ssh && mount -t tmpfs tmpfs /run &&
	mkdir /run/sshd && exec "$2" -D -e -f "$1/ssh/sshd_config"' \
	    sh "$T" "$SSHD" >/dev/null 2>>"$T/sshd.log" </dev/null &
	SSH_PID=$!
	wait_for t_answers "$SSH_PID" "$SSH_PORT"
	! t_ended "$SSH_PID"
}

for i in 1 2 3 4 5; do
	SSH_PORT=$(free_port)
	t_sshd_config "StrictModes yes" internal-sftp
	echo "Include $SAMPLE" >>"$T/ssh/sshd_config"
	accounts_launch && break
	[ "$i" -lt 5 ] || die "sshd does not start: $(tail -n 3 "$T/sshd.log")"
done

# sftp_to ACCOUNT KEY COMMAND...
sftp_to()
{
	printf '%s\n' "${@:3}" | as sftp -F none -i "$T/ssh/$2" \
	    -o IdentitiesOnly=yes -o BatchMode=yes \
	    -o UserKnownHostsFile="$T/ssh/known_hosts" -b - \
	    -P "$SSH_PORT" "seawall-$1@127.0.0.1" 2>&1
}

# denied WHAT COMMAND...: by sftp, as host B in its own account
denied()
{
	exits "B: $1" 1 sftp_to b b "${@:2}"
	has "... is denied" "$OUT" "${WHY:-Permission denied}"
}

# The same, where host A may.  Where sftp cannot look for a file it says that
# it was not found.
hidden()
{
	ok "A: $1" sftp_to a a "${@:2}"
	rm -f "$T/home/y"
	WHY="Permission denied|not found" denied "$@"
}

for c in a b; do
	use "$c" "ssh_key=$T/ssh/$c" "repository=$(printf \
	    'ssh://seawall-%s@127.0.0.1:%s%s' "$c" "$SSH_PORT" "$T/host/$c")"
	ok "$c stores a segment" run wal-push "$T/$c/pg_wal/$NAME"
	ok "... and reads it" run wal-fetch "$NAME" "$T/home/$c"
	same "... as it was" "$T/home/$c" "$T/$c/pg_wal/$NAME"
done
A=$(find "$T/host/a" -name "$NAME")
B=$(find "$T/host/b" -name "$NAME")
is "all of A's is its account's" \
    "$(find "$T/host/a" -not -user "$(stat -c %u "$T/host/a")")" ""
no_rights "$T/host/a"

### Host B's key

ok "B lists its own folder" sftp_to b b "ls -l ${B%/*}"
has "... and sees the segment" "$OUT" "$NAME"
ok "... reads it" sftp_to b b "get $B $T/home/x"
same "... sealed as it is" "$T/home/x" "$B"
hidden "the list of A's folder" "ls $T/host/a"
hidden "the list of A's segments" "ls ${A%/*}"
hidden "the size of A's segment" "ls -l $A"
hidden "A's segment" "get $A $T/home/y"
denied "... by a link in B's folder" "ln $A $T/host/b/y"
denied "a file of B in A's folder" "put $T/home/b $T/host/a/y"
denied "a folder there" "mkdir $T/host/a/y"
ok "nothing came of it" test ! -e "$T/home/y"
is "... on the host neither" "$(find "$T/host" -name y)" ""
try sftp_to a b "ls $T/host/a"
has "B's key does not open A's account" "$OUT" "Permission denied"
lacks "... which shows nothing" "$OUT" "system"
use b "ssh_key=$T/ssh/b" "repository=$(printf \
    'ssh://seawall-b@127.0.0.1:%s%s' "$SSH_PORT" "$T/host/a")"
sed -i "s/^\[b\]/[a]/" "$CONF"
exits "our own programs do not get there" 205 run wal-fetch \
    --set "data_directory=$T/a" "$NAME" "$T/home/z"
has "... and say why" "$OUT" "denied"

### ... and what the sample's rights forbid

denied "to delete what it stored" "rm $B"
denied "to write over it" "put $T/home/b $B"
denied "to give itself more rights" \
    "put $T/home/b /etc/ssh/seawall_keys/seawall-b"
