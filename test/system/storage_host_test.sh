#!/bin/bash
# SPDX-License-Identifier: ISC
#
# The page seawall-storage-box(7), run from its own text; hosts that are
# refused, since nothing could be stored there safely; and how connections are
# counted.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=test/system/pages.sh
. "$T_TOP/test/system/pages.sh"

PAGE=$T_TOP/cmd/seawall-storage-box.7

page_map()
{
	sed -e "s,u1234@box.example:23/,$T_USER@127.0.0.1:$SSH_PORT$T/host/,g"
}

capabilities()
{
	run backup-check --only capabilities "$@"
}

# Hold these locks on connections until "release".
hold()
{
	local n

	HELD=()
	for n; do
		background as flock "$LOCKS/$n" sleep 1000
		HELD+=("$BG")
		wait_for is_held "$n"
	done
}

is_held()
{
	! as flock -n "$LOCKS/$1" true
}

release()
{
	local p

	for p in "${HELD[@]}"; do
		t_signal KILL "$p"
	done
	wait "${HELD[@]}" 2>/dev/null
}

keygen main >/dev/null
sshd_start
conf_write data_directory="$T/pg" connections=8 agent=off
pg_init pg --wal-segsize=1
pg_archive pg
pg_start pg
ok "a backup" run base-push --fast
pg_archived pg
pg_stop pg

### The page

step 1 "backup-check --only capabilities" 0
has "it names what the host has" "$OUT" "fsync; hard links; free space"
as mkdir "$T/host/snapshot"
as cp -a "$REPO" "$T/host/snapshot/main"
chmod -R a-w "$T/host/snapshot"
rm -rf "$REPO"
step 2 "backup-verify --hashes" 0
step 3 "repo-copy" 0
step 4 "backup-verify --hashes" 0
has "a new repository has the backup" "$OUT" "1 backup, .* 0 findings"
page_end 4
chmod -R u+w "$T/host/snapshot"

### Connections

REPO=$T/host/main2
conf_write data_directory="$T/pg" connections=8 agent=off io_timeout=2s
LOCKS=$(echo "$T"/state/connections-*)
SEGMENT=$(find "$T/pg/pg_wal" -name '0000000100000000000000??' | sort |
    head -n 1)
hold 2 3 4 5 6 7
exits "if all are taken" 5 run backup-list
has "a program says so" "$OUT" 'all 8 connections that "connections" allows'
ok "WAL has its own" run wal-push --set data_directory="$T/pg" "$SEGMENT"
release
hold 2 3 4 5 6
ok "with one connection for many jobs" run backup-verify --jobs 4 --quick
exits "two are needed for this" 5 run backup-verify --jobs 4
release
hold 2 3 4 5
ok "with two, one for the work" run backup-verify --jobs 4
release
ok "a lock that is free is no connection" run backup-list

### Hosts that are refused

# at DIR: a repository that this host does not know yet
at()
{
	REPO=$1
	rm -f "$T"/state/main/*/repository*
	conf_write data_directory="$T/pg" require_fsync=no agent=off
}

# refused WHAT STATUS PATTERN: and nothing is left there
refused()
{
	at "$T/host/none"
	exits "$1 is refused" "$2" run base-push --fast --set retry_for=0s
	has "... for this reason" "$OUT" "$3"
	is "... and nothing is stored" "$(find "$REPO" -type f \
	    ! -path '*/tmp/*' 2>/dev/null)" ""
	rm -rf "$REPO"
	sshd_stop
}

pg_start pg
sshd_stop
sshd_start --deny hardlink --box replace
refused "a RENAME that replaces" 3 "its RENAME replaces a file"
sshd_start --append-only --deny hardlink
refused "a key that can neither link nor rename" 3 "denies RENAME"
sshd_start --append-only --box nolinks
refused "one whose links are refused" 5 "publish .*label|publish .*system"
sshd_start --deny fsync,hardlink,statvfs
at "$T/host/poor"
pg_stop pg
pg_start pg				# the archiver tries again at once
ok "one that lacks everything will do" run base-push --fast
exits "backup-check says once what it lacks" 9 capabilities
has "no fsync" "$OUT" "power cut there may be lost"
has "no hard links" "$OUT" "names are given by RENAME"
has "no figures" "$OUT" "nothing warns before the disk is full"
pg_stop pg
