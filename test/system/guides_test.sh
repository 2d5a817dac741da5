#!/bin/bash
# SPDX-License-Identifier: ISC
#
# The guides, each command as it stands there, on one cluster: getting-started,
# restore, append-only, monitoring, sizing, drills, several repositories, how it
# works, and one of those for whoever comes from another tool; and that no guide
# names an option, a key or a program that there is not.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=test/system/pages.sh
. "$T_TOP/test/system/pages.sh"

DIR=$T/etc CONF=$DIR/seawall.conf
MOMENT='' PORT=5432 SYSTEM='' FAR=$REPO-far

# This test's names; what a guide's host has by itself is added.
page_map()
{
	sed -e "s,seawall-main@backup.example:/srv/seawall/main,$(repo_url)," \
	    -e "s,seawall-main@far.example:/srv/seawall/main,$(repo_url)-far," \
	    -e "s,/srv/seawall/main/main/SYSTEMID,$FAR/main/$SYSTEM," \
	    -e "s,^seawall-setup,& --config $DIR --host-key $FINGERPRINT \
--set state_dir=$T/state --set idle_priority=off --set \
'conninfo=host=$T/pg.sock port=5432 $T_LOGIN'," \
	    -e "s,/usr/lib/postgresql/15/bin,$PGBIN,g" \
	    -e "s,/etc/postgresql/15/main,$T/conf,g" \
	    -e "s,/etc/seawall/ssh_key,$T/ssh/admin,; s,/etc/seawall,$DIR,g" \
	    -e "s,^host_key = .*,host_key = $FINGERPRINT," \
	    -e "s,/var/lib/prometheus,$T,g; s,/var/lib/seawall,$T/state,g" \
	    -e "s,chgrp postgres,chgrp $T_GID," \
	    -e "s,^pg_restore,$PGBIN/pg_restore," \
	    -e "s,shop,postgres,g; s,--table orders,--table t," \
	    -e "s,/var/tmp,$T,g; s,/var/lib/postgresql,$T,g" \
	    -e "s,host=db1.example .*,host=$T/pg.sock user=seawall," \
	    -e "s,2026-11-22 18:43:00+01,$MOMENT," \
	    -e "s,^psql,$PGBIN/psql -h $T/pg.sock -p $PORT -U postgres," \
	    -e "s,-c port=5433,& -c unix_socket_directories=$T/pg.sock," \
	    -e "s,restored -l,restored -o '-p 5432 -k $T/pg.sock' -l,"
}

# Whether recovery has ended.
t_rehearsed()
{
	as "$PGBIN/psql" -h "$T/pg.sock" -p "$PORT" -U postgres -c "" \
	    >/dev/null 2>&1
}

# Settings of PostgreSQL that guides name, beside our keys.
THEIRS="archive_command archive_library archive_mode archive_timeout
    local_preload_libraries max_slot_wal_keep_size restore_command
    shared_preload_libraries summarize_wal wal_level"

# The options that a page's text names, of whichever program, and those of its
# commands; then the keys: what there is not.
sound()		# page
{
	local p line word

	while read -r p word; do
		has_option "$p" "$word" || echo "$p $word"
	done < <(PAGE=$1 page_commands | sed 's/^[$#] //' | tr '|;&' '\n' |
	    sed -E 's/^ *(do |then )? *//' | while read -r p line; do
		[ -x "$T_BIN/$p" ] || continue
		grep -oE -- '(^| )--[a-z-]+' <<<"$line" |
		    while read -r word; do
			echo "$p $word"
		done
	done)
	grep -oE '\bFl \\\\?-[a-z-]+' "$1" | sed 's/.*\\-/--/' | sort -u |
	    grep -vxE -- '--(times)' | while read -r word; do
		grep -qE -- "^.{6}$word(=| )" "$T/options" || echo "$word"
	done
	grep -oE '\b(Cm|Ic) [a-z]+_[a-z_]+' "$1" | cut -d' ' -f2 | sort -u |
	    while read -r word; do
		grep -qE "^#?$word\b" "$T_TOP/conf/seawall.conf" ||
		    grep -qw "$word" <<<"$THEIRS" || echo "$word"
	done
}

has_option()	# program, option
{
	run "$1" --help </dev/null | grep -qE -- "^.{6}$2(=| |\$)"
}

for p in "$T_BIN"/*-*; do
	[[ $(basename "$p") != @(backup|base|repo|wal|seawall)-* ]] ||
	    run "$(basename "$p")" --help </dev/null
done >"$T/options"
for page in "$T_TOP"/cmd/*.7; do
	case $page in
	*-hooks.7) continue ;;		# it names members of JSON
	esac
	is "$(basename "$page") names what there is" "$(sound "$page")" ""
done
printf '.Fl \\-nonsense\n$ base-push --none\n.Cm no_key\n' >"$T/nonsense.7"
is "... and nonsense is found" "$(sound "$T/nonsense.7" | xargs)" \
    "base-push --none --nonsense no_key"

pg_init pg -k --wal-segsize=1
pg_conf pg "listen_addresses = ''"
sshd_start --append-only
FINGERPRINT=$(ssh-keygen -lf "$T/ssh/host.pub" | cut -d' ' -f2)
pg_start pg
sql pg "create table t as select generate_series(1, 1000) n"

# It finds that the new line has no backup yet.
setup_again()
{
	try run sh -c "$CMD"
	printf '%s\n' "$OUT"
	grep -q 'ok.*deep' <<<"$OUT"
}

slot_is_used()
{
	[ "$(sql pg "select active from pg_replication_slots")" = t ]
}

stored()
{
	find "$REPO/main" -name "$1" | grep -q .
}

# What is left may be worth a warning: the restore key is still there.
not_critical()
{
	try run sh -c "$CMD"
	printf '%s\n' "$OUT"
	[ "$RC" = 0 ] || [ "$RC" = 9 ] && ! grep -q '^critical' <<<"$OUT"
}

# One of our timers is enabled, by root.
timer()		# N
{
	local unit

	unit=$(page "$1")
	unit=${unit##* }
	step "$1" "systemctl enable --now seawall-.*@main.timer" 0 \
	    test -f "$T_TOP/conf/${unit/main/}"
}

# Whatever it found on this machine's disks, it was asked.
judged()
{
	try run sh -c "$CMD"
	printf '%s\n' "$OUT"
	[ "$RC" = 0 ] || [ "$RC" = 9 ]
}

# The same, with a plugin's statuses.
judged_by_nagios()
{
	try run sh -c "$CMD"
	printf '%s\n' "$OUT"
	[ "$RC" -le 1 ]
}

# The lines of configuration that the page has.
page_conf()
{
	grep -E '^(\[[a-z ]+\]|[a-z_]+ = )' "$PAGE" | page_map
}

### Getting started

PAGE=$T_TOP/cmd/seawall-getting-started.7
step 1 "seawall-setup .*--dry-run" 0
step 2 "seawall-setup .*--append-only --apply" 3
has "the repository's host is told what it lacks" "$OUT" "^restrict,command"
grep '^restrict,' <<<"$OUT" >>"$T/ssh/authorized_keys"
step 2 "seawall-setup .*--append-only --apply" 9
restart()
{
	pg_stop pg -m fast && pg_start pg
}
step 3 "systemctl restart postgresql" 0 restart
step 4 "base-push --fast" 0
step 5 "backup-list" 0
has "it shows what can be restored" "$OUT" "main"
step 6 "backup-check" 0 not_critical
as mkdir "$T/conf"
as cp "$T/pg/postgresql.conf" "$T/pg/pg_hba.conf" "$T/pg/pg_ident.conf" \
    "$T/conf"
step 7 "base-fetch --target immediate" 0
step 8 ".*pg_ctl.* start" 0
PORT=5433
wait_for t_rehearsed || die "the rehearsal does not answer"
step 9 ".*psql .*-l" 0
has "the rehearsal answers" "$OUT" "postgres"
step 10 ".*pg_ctl.* stop" 0
step 11 "rm -r" 0
timer 12
page_end 12

### Restore at three in the morning

PAGE=$T_TOP/cmd/seawall-restore.7 PORT=5432
sql pg "insert into t values (1001)"
MOMENT=$(pg_now pg)
sql pg "drop table t"
sql pg "create table t (oops int)"
pg_stop pg -m fast
cd "$T/pg" || die "cd"
step 1 "for f in pg_wal" 0
cd "$T" || die "cd"
step 2 "backup-list" 0
step 3 "base-fetch --dry-run --target-time" 0
step 4 "base-fetch --target-time" 0
step 5 ".cd .*wal-fetch --test" 0
step 6 ".*pg_ctl.* start" 0
T_CLUSTERS+=(restored)
wait_for t_primary pg
step 7 ".*psql -h.*pg_is_in_recovery" 0
is "the table is back, to the row" "$(sql pg "select max(n) from t")" 1001
has "archiving was held" "$(sql pg "show archive_command")" "^false$"
step 8 ".*psql .*alter system reset" 0
step 9 "seawall-setup --config.* --apply" 0 setup_again
step 10 "base-push --fast" 0
page_end 10

### Append-only: the restored cluster goes on, and another host expires

PAGE=$T_TOP/cmd/seawall-append-only.7
step 1 "seawall-setup .*--append-only --apply" 0 not_critical
has "the key only adds" "$OUT" "this SSH key may add, and not delete"
cd "$T/restored" || die "cd"
step 2 "wal-push --test" 0
has "the test says so, too" "$OUT" "it stays +this host may not delete there"
cd "$T" || die "cd"
{ page_conf; echo "state_dir = $T/elsewhere"; } >"$T/expire.conf"
CONF=$T/expire.conf
step 3 "backup-expire --dry-run" 0
step 4 "backup-expire" 0
has "another host expires" "$OUT" "keep .*young"
CONF=$DIR/seawall.conf
timer 5
page_end 5

### Monitoring

PAGE=$T_TOP/cmd/seawall-monitoring.7
as mkdir "$T/node-exporter"
step 1 "backup-check" 0 not_critical
step 2 "backup-check --deep" 0 not_critical
has "the whole way is fine" "$OUT" "^ok +deep"
step 3 "backup-check .*--format nagios" 0 judged_by_nagios
step 4 "backup-check .*--format json" 0 judged
has "it is JSON" "$OUT" '"schema": ?1'
step 5 "chgrp" 0
step 6 "chmod" 0
step 7 "backup-check .*--format prometheus .*--output" 0 judged
has "the node exporter has it" \
    "$(cat "$T/node-exporter/seawall-main.prom")" "^seawall_check_status"
timer 8
step 9 "backup-check --only backup-age --warn backup-age=170" 0
page_end 9

### Sizing

PAGE=$T_TOP/cmd/seawall-sizing.7
step 1 ".*psql .*pg_database_size" 0
step 2 ".*psql .*pg_current_wal_lsn" 0
step 3 ".*psql .*pg_size_pretty" 0
step 4 "backup-list" 0
step 5 "backup-show latest" 0
step 6 "backup-expire --simulate 60d" 0
step 7 "backup-check --only space --only space-days" 0 judged
step 8 "backup-check --only wal-space --only backlog" 0 judged
step 9 "du -sh" 0
step 10 "base-fetch --dry-run" 0
page_end 10

### Drills

PAGE=$T_TOP/cmd/seawall-drills.7
MOMENT=$(pg_now pg)
sql pg "delete from t"
pg_archived pg || die "archive"
step 1 "backup-drill" 0
step 2 "backup-keygen --drill" 0
as sed -i -E '/^(restore|public)_key = /d' "$DIR/conf.d/main.conf"
page_conf | as tee -a "$DIR/conf.d/main.conf" >/dev/null
step 3 "backup-drill --receipt .* --html" 0
step 4 "backup-drill --verify" 0
has "the receipt says what was shown" "$OUT" "passed"
timer 5
step 6 "backup-drill --target-time .*--dump" 0
step 7 ".*pg_restore --list" 0
has "the table is in the dump" "$OUT" "TABLE DATA public t "
page_end 7

### Several repositories

# The WAL of a repository, whatever else is there.
wal_of()
{
	(cd "$1/main" && find . -path './*/wal/*' -type f | sort)
}

has_all()	# REPOSITORY, ANOTHER
{
	[ "$(wal_of "$1")" = "$(wal_of "$2")" ]
}

begun()		# REPOSITORY
{
	test -e "$1/main/$SYSTEM/system"
}

PAGE=$T_TOP/cmd/seawall-several-repositories.7
SYSTEM=$(pg_system_id pg)
as mkdir "$FAR"
step 1 "mkdir .*/@near" 0
step 2 "mv .*/main .*/@near/" 0
{ page_conf; grep -vE '^(\[|repository |host_key )' "$DIR/conf.d/main.conf"; } \
    >"$T/main.conf"
as cp "$T/main.conf" "$DIR/conf.d/main.conf"
step 3 "seawall-setup .*--append-only" 9
has "the second repository is meant" "$OUT" "this is its repository far"
has "... by its own key" "$OUT" "this SSH key may add, and not delete"
# From here on there is no WAL but that of this test.
sql pg "alter system set archive_timeout = 0"
sql pg "select pg_reload_conf()" >/dev/null
cd "$T/restored" || die "cd"
step 4 "wal-push --test" 0
is "each is tried" "$(grep -cE '^read back +authentic' <<<"$OUT")" 2
step 5 ".*psql .*pg_switch_wal" 0
wait_for begun "$FAR" || fail "the second repository does not begin"
step 6 "backup-check --repository far --only repository" 0
step 7 "repo-copy near far" 0
ok "then it has all WAL" wait_for has_all "$REPO" "$FAR"
step 8 "backup-list --repository far" 0
has "... and the backups" "$OUT" "$(find "$REPO/main/$SYSTEM/base" \
    -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort | tail -n 1)"
OLD=$(du -sb "$REPO/main/$SYSTEM/base" | cut -f1)
step 9 "base-push" 0
NEW=$(du -sb "$REPO/main/$SYSTEM/base" | cut -f1)
ok "the backup stores no more than changed ($OLD, $NEW)" \
    test $((NEW - OLD)) -lt $((OLD / 2))
step 10 "repo-copy near far" 0
step 11 "backup-expire --repository near" 0
step 12 "backup-expire --repository far" 0
step 13 "backup-check --repository far" 0 not_critical

as mv "$FAR" "$FAR.away"
sql pg "insert into t values (1003)"
ok "one is away, and archiving goes on" pg_archived pg
as mv "$FAR.away" "$FAR"
t_agents_end
step 14 "repo-copy near far" 0
is "it has what it lacked" "$(wal_of "$FAR")" "$(wal_of "$REPO")"

as mv "$REPO" "$REPO.burned"
step 15 "base-fetch --repository far" 0
step 16 "grep restore_command" 0
has "its recovery asks no other" "$OUT" "--repository far"
step 17 "rm -rf" 0

# Nobody has an old connection to a host that is gone.
as mkdir "$REPO"
t_agents_end
sql pg "insert into t values (1004)"
step 18 "rm -r .*/@near" 0
step 19 ".*psql .*pg_switch_wal" 0
wait_for begun "$REPO" || fail "no new repository begins"
step 20 "backup-check --repository near --only repository" 0
step 21 "repo-copy far near" 0
ok "it is filled again" wait_for has_all "$FAR" "$REPO"
LAST=$(pg_switch pg)
pg_archived pg || fail "WAL is not archived"

# As if it had begun so.
t_agents_end
as cp -f "$REPO/main/$SYSTEM/system" "$FAR/main/$SYSTEM/system"
as rm -r "$T/state/@far"
exits "a copy does not count" 3 run wal-push --repository near,far \
    -o agent=off "pg_wal/$LAST"
has "... which is said, and what to do" "$OUT" \
    "near and far are one and the same.*seawall-several-repositories"
CMD=$(sed -n 's/^repository# //p' "$PAGE" | page_map)
has "its identity is taken away" "$CMD" "^rm $FAR/"
as sh -c "$CMD"
step 22 "rm -r .*/@far" 0
ok "it begins a new one" run wal-push --repository near,far -o agent=off \
    "pg_wal/$LAST"
page_end 22
cd "$T" || die "cd"

### Beside another tool, whose archive_command is as simple as can be

PAGE=$T_TOP/cmd/seawall-from-barman.7
as mkdir "$T/old"
sql pg "alter system set archive_command = 'cp %p $T/old/%f'"
sql pg "select pg_reload_conf()" >/dev/null
t_agents_end
# shellcheck disable=SC2046	# its words
background run $(page 1)
wait_for slot_is_used
step 2 "base-push --fast" 0
step 3 "backup-list" 0
sql pg "insert into t values (1002)"
LAST=$(pg_switch pg)
ok "the new repository gets the WAL" wait_for stored "$LAST"
ok "... and so does the old tool" wait_for test -e "$T/old/$LAST"
for page in "$T_TOP"/cmd/seawall-from-*.7; do
	case $page in
	*-rman.7) continue ;;
	esac
	is "$(basename "$page") says the same" "$(PAGE=$page page_commands)" \
	    "$(page_commands)"
done

### Inside: from a backup host, by a role that replicates and nothing else

slot_is_free()
{
	[ "$(sql pg "select active from pg_replication_slots")" = f ]
}

PAGE=$T_TOP/cmd/seawall-inside.7
bg_signal TERM
wait_for slot_is_free
step 1 ".*psql .*create role" 0
page_conf | as tee -a "$DIR/conf.d/main.conf" >/dev/null
# shellcheck disable=SC2046	# its words
background run $(page 2)
wait_for slot_is_used
is "the role streams" "$(sql pg "select usename from pg_stat_replication")" \
    seawall
step 3 "base-push --fast" 0
step 4 "backup-keygen --renew" 0
ok "there is a new key" test -e "$DIR/main2.push"
page_end 4
