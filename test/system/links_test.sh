#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Symbolic links in the repository: made by somebody who may write there, to
# lead our programs out of it.  They follow none, and say so.

# shellcheck disable=SC2119
# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

command -v jq >/dev/null || skip "no jq"
sshd_start
keygen main
POLICY="retention_policy=redundancy 1"
conf_write repository="$REPO" "$POLICY" agent=off expire_grace=0 \
    data_directory="$T/pg"
pg_init pg --wal-segsize=1
pg_archive pg
pg_start pg
for i in 1 2 3; do
	[ "$i" = 1 ] || sleep 1		# ids are seconds
	ok "backup $i" run base-push --fast --quiet
	pg_switch pg
done
pg_archived pg || die "archive"
dir=$REPO/main/$(run backup-list --json | jq -r '.[0].system_identifier')

# What a user has elsewhere.  Some of it is named as things of ours are.
UPLOAD=0123456789abcdef0123456789abcdef-0123456789abcdef
as mkdir "$T/user"
as touch "$T/user/thesis.txt" "$T/user/old" "$T/user/$UPLOAD"
as touch -d "100 days ago" "$T/user/thesis.txt" "$T/user/old" \
    "$T/user/$UPLOAD"
as mkdir "$T/user/clock"
as mkdir "$T/user/clock/1000000000000000-1"
as touch -d "100 days ago" "$T/user/clock/1000000000000000-1"

tree()
{
	find "$1" -printf '%y %m %n %s %P\n' | sort
}

USER_WAS=$(tree "$T/user")

# hijack NAME: a link to the user's directory takes the place of NAME
hijack()
{
	[ ! -e "$T/pg/postmaster.pid" ] || pg_archived pg || die "archive"
	as mv "$dir/$1" "$T/kept"
	as ln -s "$T/user" "$dir/$1"
	REPO_WAS=$(tree "$dir")
}

restore_dir()
{
	is "nothing of the user's is touched ($1)" "$(tree "$T/user")" \
	    "$USER_WAS"
	# A refused push starts a backup, so PostgreSQL may archive a segment.
	is "nothing of the repository is gone ($1)" "$(comm -23 \
	    <(grep -v '^d' <<<"$REPO_WAS") <(tree "$dir"))" ""
	as rm "$dir/$1"
	as mv "$T/kept" "$dir/$1"
}

### A mounted repository

LINK="is a symbolic link, and no link inside a repository is followed"
for how in "" no_openat2; do
	if [ -n "$how" ] && ! try run no_openat2 true || [ "${RC:-0}" = 77 ]
	then
		say "no filters here: only openat2 is tested"
		continue
	fi
	# shellcheck disable=SC2086	# nothing, or a word
	x() { run $how "$@"; }

	hijack tmp
	exits "$how: tmp is a link: nothing expires" 7 x backup-expire
	has "and the message says so" "$OUT" \
	    "tmp is no directory, and may be a symbolic link"
	exits "a dry run finds it, too" 7 x backup-expire -n
	exits "deleting by name" 7 x backup-expire --delete "$(run \
	    backup-list --json | jq -r '.[0].backups[0].id')"
	exits "a backup is refused" 7 x base-push --fast --quiet
	has "by the name of the link" "$OUT" "$dir/tmp $LINK"
	restore_dir tmp

	hijack wal
	exits "$how: wal is a link: nothing is listed" 7 x backup-list
	has "the message names it" "$OUT" "$dir/wal $LINK"
	exits "nothing expires" 7 x backup-expire
	exits "nothing is fetched, which is not the end of WAL" 207 \
	    x wal-fetch 000000010000000000000001 "$T/home/x"
	has "the message names it" "$OUT" "$dir/wal $LINK"
	exits "nothing is verified" 7 x backup-verify
	restore_dir wal

	hijack base
	exits "$how: base is a link: nothing is listed" 7 x backup-list
	exits "nothing expires" 7 x backup-expire
	exits "nothing is restored" 7 x base-fetch "$T/home/back"
	exits "nothing is pushed" 7 x base-push --fast --quiet
	restore_dir base
done

name=$(cd "$dir/wal/00000001" && find . -type f ! -name '*.*' | sort | head -1)
hijack "wal/00000001"
exits "a timeline is a link: nothing expires" 7 run backup-expire -n
has "and the message names it" "$OUT" "wal/00000001 is no directory"
exits "its WAL is missing, which is found" 9 run backup-verify --quick
restore_dir "wal/00000001"
as mv "$dir/wal/00000001/${name#./}" "$T/segment"
as ln -s "$T/segment" "$dir/wal/00000001/${name#./}"
exits "a segment is a link" 207 run wal-fetch "$(basename "$name")" "$T/home/x"
has "the message names it" "$OUT" "${name#./} $LINK"
as rm "$dir/wal/00000001/${name#./}"
as mv "$T/segment" "$dir/wal/00000001/${name#./}"

as mv "$dir" "$T/kept"
as ln -s "$T/kept" "$dir"
exits "a cluster is a link: it is not passed over" 7 run backup-list
as rm "$dir"
as mv "$T/kept" "$dir"

### What is allowed

as ln -s "$REPO" "$T/way"
ok "a link to the root is followed" run backup-list -o repository="$T/way"
ok "also to write" run base-push --fast --quiet -o repository="$T/way"
if [ "$(id -u)" = 0 ] && as mkdir "$T/disk" &&
    mount --bind "$T/disk" "$dir/tmp" 2>/dev/null; then
	T_MOUNTS+=("$dir/tmp")
	exits "but an upload is given its name on one file system" 5 \
	    run base-push --fast --quiet -o retry_for=0
	umount "$dir/tmp"
	T_MOUNTS=()
	as mv "$dir/wal" "$T/disk/wal"
	as mkdir "$dir/wal"
	mount --bind "$T/disk/wal" "$dir/wal"
	T_MOUNTS+=("$dir/wal")
	ok "a directory that is mounted is no link" run backup-verify --quick
	umount "$dir/wal"
	T_MOUNTS=()
	rmdir "$dir/wal"
	as mv "$T/disk/wal" "$dir/wal"
fi

### Over SFTP, with a server that lets links be made

# Without PostgreSQL: its wal-push would write where the server leads it.
pg_stop pg -m immediate
conf_write "$POLICY" agent=off expire_grace=0 ssh_key="$T/ssh/admin"
as mkdir -p "$dir/tmp/clock"
for what in tmp wal base tmp/clock; do
	hijack "$what"
	exits "over SFTP: $what is a link" 7 run backup-expire
	restore_dir "$what"
done

### And then it expires

# An old file in tmp that is none of ours, and one that is.
as touch "$dir/tmp/thesis.txt" "$dir/tmp/$UPLOAD"
as touch -d "100 days ago" "$dir/tmp/thesis.txt" "$dir/tmp/$UPLOAD"
ok "without links it expires" run backup-expire
ok "a stranger's file in tmp stays" test -e "$dir/tmp/thesis.txt"
ok "an upload does not" test ! -e "$dir/tmp/$UPLOAD"
is "one backup is left" "$(find "$dir/base" -name label | wc -l)" 1
ok "it is whole" run backup-verify
is "and the user's files are, too" "$(tree "$T/user")" "$USER_WAS"
