#!/bin/bash
# SPDX-License-Identifier: ISC
#
# What test/packages does in a bare folder: "alone", without PostgreSQL, and
# "used", with it.  It prints "ok" or "FAIL" and what was looked at.
set -u
export DEBIAN_FRONTEND=noninteractive
part=$1 before=$2 version=$3
etc=/etc/seawall state=/var/lib/seawall

check()		# what, command...
{
	local what=$1 out

	shift
	if out=$("$@" 2>&1); then
		echo "ok $what"
	else
		echo "FAIL $what"
		printf '%s\n' "$out" | sed 's/^/\t/'
	fi
}

is()		# what, got, expected
{
	check "$1" test "$2" = "$3"
	[ "$2" = "$3" ] || printf '\tgot %s\n\texpected %s\n' "$2" "$3"
}

wait_for()
{
	local end=$((SECONDS + 900))

	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.1
	done
}

# What is below a folder, without the paths.
names()
{
	find "$1" -mindepth 1 -printf '%f\n' | sort | tr '\n' ' ' | sed 's/ $//'
}

places()	# owner
{
	stat -c '%a %U %n' $etc $etc/conf.d $etc/seawall.conf $state \
	    /var/log/seawall | grep -vxE -e "750 $1 $etc(/conf.d)?" \
	    -e "750 $1 /var/log/seawall" -e "640 $1 $etc/seawall.conf" \
	    -e "700 $1 $state"
}

no_units()
{
	! find /etc/systemd /var/lib/systemd -name '*seawall*' | grep .
}

# Each option of each program, as a shell would complete it.
completion()
{
	local p all

	# shellcheck disable=SC1091
	. /usr/share/bash-completion/completions/seawall
	for p in $(dpkg -L seawall | sed -n 's,^/usr/bin/,,p'); do
		all=$("$p" --help | grep -oE '^  (-.,|   ) --[a-z-]+' |
		    grep -oE -- '--[a-z-]+' | sort)
		COMP_WORDS=("$p" --) COMP_CWORD=1
		_seawall
		is "$p: each option is completed" \
		    "$(printf '%s\n' "${COMPREPLY[@]%=}" | sort | xargs)" \
		    "$(xargs <<<"$all")"
		[ -e "/usr/share/bash-completion/completions/$p" ]
		is "$p: its completion is found" $? 0
	done
	COMP_WORDS=(wal-push --server '=' m) COMP_CWORD=3
	printf '[main]\n' >$etc/conf.d/x.conf
	_seawall
	is "servers are completed" "${COMPREPLY[*]}" main
	rm $etc/conf.d/x.conf
}

deb()
{
	dpkg -i "/tmp/seawall_${1}_"*.deb
}

alone()
{
	check "install" deb "$before"
	check "without PostgreSQL all is root's" test -z "$(places root)"
	check "no unit is enabled" no_units
	check "it runs" wal-push --version
	completion
	check "purge" dpkg -P seawall
	check "install again" deb "$before"
	check "upgrade" deb "$version"
	is "it is the new one" "$(wal-push --version)" \
	    "wal-push (Seawall) $version"
	check "the administrator's file" sh -c "echo x >$etc/main.push"
	check "... and mode" chmod 0700 $etc
	check "remove" dpkg -r seawall
	is "the configuration stays" "$(names $etc)" \
	    "README conf.d main.push seawall.conf"
	check "install again" deb "$version"
	is "the mode is left alone" "$(stat -c %a $etc)" 700
	out=$(dpkg -P seawall 2>&1)
	is "purge says what it left" "$(grep -A 1 '^seawall: left' <<<"$out" |
	    xargs)" "seawall: left $etc, which is not empty: $etc/main.push"
	is "... and left it" "$(names $etc)" main.push
	rm -r $etc
}

### With PostgreSQL

pg()
{
	setpriv --reuid postgres --regid postgres --init-groups env \
	    HOME=/var/lib/postgresql "$@"
}

sql()
{
	pg psql -XAtq -c "$1"
}

# Whether all WAL so far is in the repository.
archived()
{
	local f

	f=$(sql "select pg_walfile_name(pg_switch_wal())")
	wait_for sh -c "[ \"\$(setpriv --reuid postgres --regid postgres \
	    --init-groups psql -XAtqc \"select last_archived_wal >= '$f' \
	    from pg_stat_archiver\")\" = t ]"
}

agents()
{
	pgrep -f 'wal-push --[a]gent' | xargs
}

# Three commands from the package to the first segment; the folder is made as
# whoever mounts a disk would.
setup()
{
	local rc=0

	install -d -m 700 -o postgres -g postgres /srv/seawall
	pg seawall-setup --apply /srv/seawall || rc=$?
	[ "$rc" = 9 ] && pg_ctlcluster "$PGV" main restart
}

restore()
{
	local d=/var/tmp/rehearsal

	pg base-fetch $d || return 1
	pg "/usr/lib/postgresql/$PGV/bin/pg_ctl" -w \
	    -D "/etc/postgresql/$PGV/main" -l $d.log -o "-c data_directory=$d \
	    -c port=5433 -c external_pid_file=" start || return 1
	wait_for sh -c "[ \"\$(setpriv --reuid postgres --regid postgres \
	    --init-groups psql -p 5433 -XAtqc \
	    'select pg_is_in_recovery()')\" = f ]"
	is "all rows are back" "$(pg psql -p 5433 -XAtqc \
	    'select count(*), sum(n) from t')" "$(sql \
	    'select count(*), sum(n) from t')"
	pg "/usr/lib/postgresql/$PGV/bin/pg_ctl" -w -m immediate \
	    -D "/etc/postgresql/$PGV/main" -o "-c data_directory=$d" stop ||
	    pg "/usr/lib/postgresql/$PGV/bin/pg_ctl" -w -m immediate -D $d stop
	rm -rf $d $d.log
}

# The old agent and receiver run while the files change.
upgrade()
{
	local old receiver job

	old=$(agents)
	check "an agent runs" test -n "$old"
	pg wal-receive --create-slot >/tmp/receive.log 2>&1 &
	job=$!
	wait_for sh -c "[ \"\$(setpriv --reuid postgres --regid postgres \
	    --init-groups psql -XAtqc \"select count(*) from \
	    pg_stat_replication\")\" = 1 ]"
	receiver=$(pgrep -x wal-receive)
	check "upgrade" deb "$version"
	sql "insert into t select generate_series(1001, 2000)"
	check "WAL is archived" archived
	check "... by a new agent" test -n "$(agents)"
	check "... since the old one has left" wait_for sh -c \
	    "! kill -0 $old"
	check "the receiver goes on" kill -0 "$receiver"
	sql "insert into t select generate_series(2001, 3000)"
	kill -TERM "$receiver"
	check "... until it is told to end" wait_for sh -c \
	    "! kill -0 $receiver"
	wait "$job"
	is "... with success" $? 0
}

rotated()
{
	pg sh -c 'echo x >/var/log/seawall/main.log'
	logrotate -f /etc/logrotate.d/seawall || return 1
	ls /var/log/seawall
	[ -e /var/log/seawall/main.log.1 ] && [ ! -e /var/log/seawall/main.log ]
}

used()
{
	check "install" deb "$before"
	check "without PostgreSQL all is root's" test -z "$(places root)"
	apt-get install -q -y --no-install-recommends postgresql >/dev/null 2>&1
	PGV=$(find /usr/lib/postgresql -mindepth 1 -maxdepth 1 -printf '%f')
	check "PostgreSQL comes, and all is its user's" test -z \
	    "$(places postgres)"
	pg_ctlcluster "$PGV" main start 2>/dev/null
	check "PostgreSQL runs" wait_for pg psql -c "select 1"
	check "set up" setup
	sql "create table t as select generate_series(1, 1000) n"
	check "a segment is archived" archived
	check "a backup" pg base-push --fast --set idle_priority=off
	upgrade
	check "log files are renamed" rotated
	check "WAL is archived" archived
	check "a backup of the new version" pg base-push --fast \
	    --set idle_priority=off
	restore
	check "no unit is enabled" no_units
	sql "alter system reset archive_command"
	pg_ctlcluster "$PGV" main restart
	pkill -f 'wal-push --[a]gent'
	check "remove" dpkg -r seawall
	is "keys and configuration stay" "$(names $etc)" "README conf.d \
main.conf main.public main.push main.restore seawall.conf"
	out=$(dpkg -P seawall 2>&1)
	is "purge says what it left" "$(sed -n '/^seawall: left/,/^[^ ]*$/p' \
	    <<<"$out" | grep -c '^  ')" 6
	is "... keys and what was written" "$(names $etc)" \
	    "conf.d main.conf main.public main.push main.restore"
	check "... state" test -d "$state/main"
	check "... and the repository" test -d /srv/seawall/main
	is "... and nothing else" "$(find / -xdev \( -path /proc -o -path /tmp \
	    -o -path /var/lib/dpkg -o -path /var/lib/postgresql \) -prune \
	    -o -name '*seawall*' -prune -print0 | sort -z | xargs -0)" \
	    "$etc /srv/seawall $state"
	pg_ctlcluster "$PGV" main stop
	rm -r $etc $state /srv/seawall
}

"$part"
echo "the end"
