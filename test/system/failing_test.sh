#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Every call that must not fail fails once, in every program: fsync and its
# kin, names given and removed, and every call of the store.  Each failure is
# reported by the status and a line; nothing claims success that is none; and
# the same command then succeeds.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

REPO=$T/repo
AGAIN=1
failing_copy

# program KIND NTH COMMAND...: with the call number NTH of its trace failing;
# KIND is "disk" or "store".  0: none fails.
program()
{
	local kind=$1 nth=$2

	shift 2
	rm -f "$T/trace"
	if [ "$kind" = disk ]; then
		as env DISK_TRACE="$T/trace" DISK_FAIL="slrum:$nth" \
		    DISK_NOSYNC=1 PATH="$T/failing:$PATH" \
		    SEAWALL_CONFIG="$CONF" "$@"
	else
		as env STORE_TRACE="$T/trace" STORE_FAIL="$nth" \
		    PATH="$T/failing:$PATH" SEAWALL_CONFIG="$CONF" "$@"
	fi >"$T/out" 2>"$T/err" </dev/null
}

# The calls that the trace of a run lists, "NUMBER WHAT": of those of a kind
# the first and the last.  Of the kind is what is done at the same place, but
# for numbers in its name; a call without a name belongs to the last that had
# one.
calls()
{
	awk '{
		what = $0
		sub(/ *$/, "", what)
		kind = what
		gsub(/[0-9A-Za-z]*[0-9][0-9A-Za-z]*/, "N", kind)
		if ($2 != "")
			named = kind
		else
			kind = named kind
		line[kind] = NR " " what
		if (!(kind in first))
			first[kind] = line[kind]
	}
	END {
		for (kind in first) {
			print first[kind]
			if (line[kind] != first[kind])
				print line[kind]
		}
	}' "$T/trace" | sort -n
}

# each_failure NAME KIND STATUSES COMMAND...: run COMMAND once for each of its
# calls.  Before each the function before_NAME restores what it changes, and
# after each success after_NAME must agree that all is done.
each_failure()
{
	local name=$1 kind=$2 statuses=$3 n what rc wrong=0 count=0

	shift 3
	NTH=0
	"before_$name"
	program "$kind" 0 "$@" || {
		fail "$name without a failure: $(cat "$T/err")"
		return
	}
	"after_$name" || fail "$name without a failure: not done"
	calls >"$T/calls"
	while read -r n what; do
		"before_$name"
		program "$kind" "$n" "$@"
		rc=$?
		grep -q ' FAILS' "$T/trace" || continue
		count=$((count + 1))
		NTH=$((NTH + 1))
		what=$(grep ' FAILS' "$T/trace" | sed 's/ FAILS *$//')
		t_judge "$name" "$what" "$rc" "$statuses" "$@" ||
		    wrong=$((wrong + 1))
		[ "$wrong" -lt 5 ] || break
	done <"$T/calls"
	is "$name: all of $count failures ($kind) are reported" "$wrong" 0
	ok "$name: these are not few" test "$count" -ge 1
}

# One failure.  A program may do without a call that failed, if all is done.
t_judge()
{
	local name=$1 what=$2 rc=$3 statuses=$4

	shift 4
	if [ "$rc" = 0 ]; then
		case "$what" in
		[slr]" "*/last-manifest* | [slr]" "*/last-pages*)
			# For the next push alone: that it is lost is said.
			[ "$(wc -l <"$T/err")" = 1 ] && "after_$name" &&
			    return 0
			fail "$name: $what failed, and nothing was said"
			return 1
			;;
		[slr]" "*"$T/state/main/history"*)
			# What was run is of use, and nothing depends on it.
			[ "$(wc -l <"$T/err")" = 1 ] && "after_$name" &&
			    return 0
			fail "$name: $what failed, and nothing was said"
			return 1
			;;
		[slr]" "*"$T/state/"*/seen-*|"s fsync $T/state/"*)
			# What was seen may be forgotten: pushing goes on.
			"after_$name" && return 0
			fail "$name: $what failed, status 0, and it is not done"
			return 1
			;;
		[slr]" "*)
			fail "$name: $what failed, and success was reported"
			return 1
			;;
		esac
		"after_$name" && return 0
		fail "$name: $what failed, status 0, and it is not done"
		return 1
	fi
	case " $statuses " in
	*" $rc "*) ;;
	*)
		fail "$name: $what failed: status $rc, expected $statuses"
		sed 's/^/\t/' "$T/err"
		return 1
		;;
	esac
	# A failure is one line, while findings (9) have one each.
	if [ "$rc" != 9 ] && [ "$(wc -l <"$T/err")" != 1 ]; then
		fail "$name: $what failed: not one line"
		sed 's/^/\t/' "$T/err"
		return 1
	fi
	# What takes long is not done again each time.
	[ $((NTH % AGAIN)) = 0 ] || return 0
	[ "$name" != base_push ] || next_second
	if run "$@" >"$T/out" 2>"$T/err" </dev/null && "after_$name"; then
		return 0
	fi
	fail "$name: after $what failed, the same again: $(cat "$T/err")"
	return 1
}

# save and restore what a program changes.
save()
{
	as rm -rf "$T/saved"
	as mkdir "$T/saved"
	as cp -a "$@" "$T/saved/"
}

restore()
{
	local p

	for p; do
		as rm -rf "$p"
		as cp -a "$T/saved/${p##*/}" "$p"
	done
}

listing()
{
	find "$REPO" -type f ! -path '*/tmp/*' -printf '%P\n' | sort
}

labels()
{
	find "$REPO" -name label | wc -l
}

keygen main
conf_write repository="$REPO" agent=off retry_for=0 fetch_retry=0 \
    wal_compression=zstd:1 base_compression=zstd:1 \
    expire_grace=0 "retention_policy=redundancy 1"
pg_init pg --wal-segsize=1
pg_conf pg "archive_mode = on" "archive_command = 'exit 1'"
pg_start pg
pg_slim pg
cd "$T/pg" || die "cd"
sql pg "create table t as select generate_series(1, 1000) as n"
seg=$(pg_switch pg)

### wal-push, the first file of a repository and a later one

before_wal_push()
{
	as rm -rf "$REPO" "$T/state"
	as mkdir "$T/state"
}
after_wal_push()
{
	rm -f "$T/got"
	run wal-fetch "$seg" "$T/got" && cmp "pg_wal/$seg" "$T/got"
}
each_failure wal_push disk "4 5" wal-push "pg_wal/$seg"
each_failure wal_push store 5 wal-push "pg_wal/$seg"

### wal-fetch

before_wal_fetch()
{
	as rm -f "$T/home/got"
}
after_wal_fetch()
{
	cmp "pg_wal/$seg" "$T/home/got"
}
run wal-push "pg_wal/$seg"
each_failure wal_fetch disk 204 wal-fetch "$seg" "$T/home/got"
each_failure wal_fetch store 205 wal-fetch "$seg" "$T/home/got"

# What is absent is said to be only if all calls succeeded.
absent=0000000A.history
program store 0 wal-fetch "$absent" "$T/home/got"
is "an absent file" "$?" 1
calls >"$T/calls"
count=0
while read -r n what; do
	program store "$n" wal-fetch "$absent" "$T/home/got"
	rc=$?
	grep -q ' FAILS' "$T/trace" || continue
	count=$((count + 1))
	is "not absent: $what failed" "$rc" 205
done <"$T/calls"
ok "these are not few" test "$count" -ge 3

### base-push

sql pg "alter system set archive_command = '$T_BIN/wal-push --config $CONF %p'"
sql pg "select pg_reload_conf()" >/dev/null
pg_archived pg
run base-push --fast --quiet || die "base-push"
sql pg "insert into t select generate_series(1, 1000)"
pg_archived pg
save "$REPO" "$T/state"
# Backups are named by the second.  One that failed may have left a claim
# under its name, which is in the way of another one of that name.
next_second()
{
	local now

	now=$(date +%s)
	while [ "$(date +%s)" = "$now" ]; do
		:
	done
}
all_archived()
{
	[ -z "$(find "$T/pg/pg_wal/archive_status" -name '*.ready')" ]
}
before_base_push()
{
	wait_for all_archived
	restore "$REPO" "$T/state"
}
after_base_push()
{
	[ "$(labels)" -ge 2 ] && run backup-verify latest >/dev/null
}
AGAIN=4
each_failure base_push disk "4 5" base-push --fast --quiet --jobs 1
each_failure base_push store 5 base-push --fast --quiet --jobs 1
AGAIN=1

### backup-list, backup-show, backup-verify

# Without what was restored above there is no gap.
wait_for all_archived
as rm -rf "$REPO" "$T/state"
as mkdir "$T/state"
pg_archived pg
run base-push --fast --quiet || die "base-push"
run base-push --fast --quiet || die "base-push"
pg_archived pg
before_reader()
{
	:
}
after_reader()
{
	local now

	[ -s "$T/out" ] || return 1
	now=$(grep -v '"age_seconds":' "$T/out")
	[ -n "$said" ] || said=$now
	[ "$now" = "$said" ]
}
each_reader()
{
	said=
	each_failure reader store 5 "$@"
}
each_reader backup-list --json
each_reader backup-show --json latest
each_reader backup-verify latest

### repo-copy: whole or without a label

before_copy()
{
	as rm -rf "$T/home/copy"
	rm -f "$T"/state/main/*/copied-*
}
after_copy()
{
	as mkdir -p -m 700 "$T/home/state"
	as rm -rf "$T/home/state/main"
	run backup-verify --hashes -o repository="$T/home/copy" \
	    -o state_dir="$T/home/state" >/dev/null &&
	    [ "$(find "$T/home/copy" -name label | wc -l)" = "$(labels)" ]
}
AGAIN=4
each_failure copy disk "4 5" repo-copy -q -j 1 -o retry_for=0s \
    "$REPO" "$T/home/copy"
each_failure copy store 5 repo-copy -q -j 1 -o retry_for=0s \
    "$REPO" "$T/home/copy"
AGAIN=1

### backup-check: what fails is a finding, and never all is well

after_check()
{
	grep -q '^server main.*: ok$' "$T/out"
}
before_check()
{
	:
}
each_failure check store 9 backup-check --only repository --only recoverable \
    --only gaps --only rollback --only retention --only timelines \
    --only backup-age --only running --only clock

### base-fetch

ok "a restore to compare with" run base-fetch "$T/whole"
before_base_fetch()
{
	as rm -rf "$T/home/back"
}
after_base_fetch()
{
	# restore_command names the program beside the one that wrote it.
	diff -rq -x postgresql.auto.conf "$T/whole" "$T/home/back" >"$T/diff"
}
AGAIN=4
each_failure base_fetch disk 4 base-fetch --quiet --jobs 1 "$T/home/back"
each_failure base_fetch store 5 base-fetch --quiet --jobs 1 "$T/home/back"
AGAIN=1

### A tar archive, an export and its import: whole or not there

before_tar()
{
	as rm -f "$T/home/x.tar"
}
after_tar()
{
	[ "$(tar -tf "$T/home/x.tar" | tail -n 1)" = global/pg_control ] &&
	    [ "$(find "$T/home" -name '*x.tar*' | wc -l)" = 1 ]
}
before_export()
{
	as rm -f "$T/home/x.seawall"
}
before_import()
{
	as rm -rf "$T/home/import"
	rm -f "$T"/state/main/*/copied-*
}
after_import()
{
	[ "$(find "$T/home/import" -name label | wc -l)" = 1 ] &&
	    run backup-verify --hashes -o repository="$T/home/import" \
	    -o state_dir="$T/home/state" >/dev/null
}
after_export()
{
	before_import
	as rm -rf "$T/home/state/main"
	run backup-import -q -o repository="$T/home/import" \
	    "$T/home/x.seawall" && after_import
}
# After some failures the file is there, and is not replaced: not done again.
AGAIN=1000
each_failure tar disk 4 base-fetch -q -j 1 --tar "$T/home/x.tar" latest /srv/x
each_failure export disk 4 backup-export -q latest "$T/home/x.seawall"
AGAIN=4
each_failure tar store 5 base-fetch -q -j 1 --tar "$T/home/x.tar" latest /srv/x
each_failure export store 5 backup-export -q latest "$T/home/x.seawall"
before_export
run backup-export -q latest "$T/home/x.seawall"
each_failure import disk "4 5" backup-import -q -j 1 -o retry_for=0s \
    -o repository="$T/home/import" "$T/home/x.seawall"
AGAIN=1

### backup-expire, pins

save "$REPO"
before_expire()
{
	restore "$REPO"
}
before_expire
run backup-expire
after=$(listing)
after_expire()
{
	[ "$(listing)" = "$after" ]
}
each_failure expire disk 5 backup-expire
each_failure expire store 5 backup-expire
before_expire
id=$(find "$REPO" -name label -printf '%h\n' | sed 's,.*/,,' | sort |
    head -n 1)
run backup-expire --keep "$id"
after=$(listing)
each_failure expire disk 5 backup-expire --keep "$id"
each_failure expire store 5 backup-expire --keep "$id"
save "$REPO"
run backup-expire --release "$id"
after=$(listing)
each_failure expire disk 5 backup-expire --release "$id"
each_failure expire store 5 backup-expire --release "$id"

### backup-keygen

before_keygen()
{
	rm -f "$T"/keys/a.*
}
after_keygen()
{
	[ -e "$T/keys/a.push" ] && [ -e "$T/keys/a.public" ] &&
	    [ -e "$T/keys/a.restore" ]
}
each_failure keygen disk 4 backup-keygen "$T/keys/a"
each_failure keygen disk 4 backup-keygen --renew "$T/keys/main" "$T/keys/a"

### seawall-setup, as far as a server that does not answer (8)

before_setup()
{
	as rm -rf "$T/home/setup"
}
after_setup()
{
	local f

	for f in main.push main.public main.restore seawall.conf \
	    conf.d/main.conf; do
		[ -s "$T/home/setup/etc/$f" ] || return 1
	done
}
AGAIN=4
# shellcheck disable=SC2016	# the inner shell expands them
each_failure setup disk 4 sh -c 'seawall-setup --config "$1/etc" \
    --set state_dir="$1/state" --set conninfo=host=/nowhere "$1/repo"
    rc=$?
    [ $rc != 8 ] || exit 0
    exit $rc' sh "$T/home/setup"
pg_stop pg -m immediate
