#!/bin/bash
# SPDX-License-Identifier: ISC
#
# backup-drill: a backup that was taken from a standby, with configuration
# outside the data directory, and much that a sandbox must not follow.  With
# PG_PACKAGE (test/versions) of a version whose clients are missing.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

command -v jq >/dev/null || skip "no jq"

ETC=$T/etc
MAIN=$ETC/postgresql.conf

# debian NAME [OPTION]...: the cluster T/NAME, whose configuration is in ETC
debian()
{
	pg_launch "$1" "-c config_file=$MAIN -c data_directory=$T/$1 ${*:2}" ||
	    die "PostgreSQL $1 does not start"
}

# drill WHAT STATUS OPTION...: the receipt is in JSON, the rest in ERR.
drill()
{
	local what=$1 status=$2

	shift 2
	JSON=$(run backup-drill --dir "$T/drill" --json "$@" 2>"$T/err" \
	    </dev/null)
	RC=$?
	ERR=$(cat "$T/err")
	is "$what" "$RC" "$status"
	[ "$RC" = "$status" ] || printf '%s\n%s\n' "$JSON" "$ERR"
	is "$what: nothing is left" "$(ls "$T/drill" 2>/dev/null)" ""
}

get()
{
	jq -cr "$1" <<<"$JSON"
}

caught_up()
{
	[ "$(sql standby "select count(*) from t")" = 1 ]
}

### A primary and its standby, configured as on Debian

pg_find
keygen main
conf_write repository="$T/repo" wal_compression=zstd:1 \
    pg_bindir="$PGSERVER" \
    conninfo="host=$T/standby.sock port=5432 user=postgres dbname=postgres"
pg_init pg -k --wal-segsize=1
pg_archive pg
as mkdir -p "$ETC/conf.d" "$T/far" "$T/etc.d"
as mv "$T/pg/postgresql.conf" "$T/pg/pg_hba.conf" "$T/pg/pg_ident.conf" "$ETC"
cat >>"$MAIN" <<END
hba_file = '$ETC/pg_hba.conf'
ident_file = '$ETC/pg_ident.conf'
include_dir = 'conf.d'
END
as sh -c "echo \"drill.mark = 'outside'\" >'$ETC/conf.d/mark.conf'"
debian pg
sql pg "create tablespace far location '$T/far'"
sql pg "create table f tablespace far as select generate_series(1, 500) g"
sql pg "create table t (g int primary key)"
sql pg "create subscription s connection 'host=$T/nowhere dbname=postgres'
    publication p with (connect = false)" 2>/dev/null
sql pg "alter subscription s enable"
pg_stop pg
as cp -a "$T/pg" "$T/standby"
as cp -a "$T/far" "$T/far2"
as touch "$T/standby/standby.signal"
printf '%s\n' "primary_conninfo = 'host=$T/pg.sock port=5432 user=postgres'" \
    >>"$T/standby/postgresql.auto.conf"
for link in "$T"/standby/pg_tblspc/*; do
	as ln -sfn "$T/far2" "$link"
done
debian pg
debian standby
sql pg "insert into t values (1)"
ok "the standby follows" wait_for caught_up

# What no sandbox could start with, or should do.
as cp "$MAIN" "$ETC/sound"
cat >>"$MAIN" <<END
huge_pages = on
shared_buffers = '900GB'
shared_preload_libraries = 'not_there'
ssl = on
ssl_cert_file = 'gone.crt'
external_pid_file = '$T/etc.d/pid'
log_directory = '$T/etc.d/log'
logging_collector = on
END
sql pg checkpoint
background run base-push --fast --quiet >"$T/push.out" 2>&1
while kill -0 "$BG" 2>/dev/null; do
	sql pg "insert into f values (0); select pg_switch_wal()" >/dev/null
	sleep 0.2
done
wait "$BG"
is "a backup of the standby" "$?" 0
has "from which it is" "$(run backup-show latest)" "standby"
pg_stop standby
pg_stop pg
as mv "$ETC/sound" "$MAIN"
echo "max_connections = 150" >>"$MAIN"
debian pg
sql pg "insert into t values (2)"
pg_archived pg || die "archive"
pg_stop pg
OUTSIDE=$(cd "$T" && find etc etc.d far far2 | sort)

### Drills

ASK=(--sql "select current_setting('drill.mark'),
    current_setting('huge_pages'), current_setting('max_connections')::int
    >= 150, (select count(*) from t), (select count(*) >= 500 from f),
    (select subenabled from pg_subscription),
    (select count(*) from pg_stat_subscription where pid is not null)"
    --expect "outside|off|t|2|t|t|0")
VERSION=$(cat "$T/pg/PG_VERSION")
CLIENTS=$("$PGBIN/pg_dump" --version | sed 's/.*) \([0-9]*\).*/\1/')
if [ "$CLIENTS" -ge "$VERSION" ]; then
	drill "every check" 0 "${ASK[@]}"
	is "is made" "$(get '[.checks[].verdict] | unique')" '["ok"]'
else
	drill "without clients of this version" 9 "${ASK[@]}"
	is "checks are skipped, and nothing failed" "$(get '[.verdict, (.checks
	    | group_by(.verdict)[] | [.[0].verdict, (.[].check)])]')" \
	    '["incomplete",["ok","restored","open","target","write","inside",'"\
\"sql\",\"rows\",\"pages\"],[\"skipped\",\"amcheck\",\"dump\"]]"
	has "which is said" "$(get .found)" \
	    "no pg_[a-z]* of PostgreSQL $VERSION or later on this host"
	drill "with what there is" 0 --check sql,rows,pages "${ASK[@]}"
fi
is "of this version" "$(get '.postgresql / 10000 | floor')" "$VERSION"
is "with its own configuration" "$(get .settings)" null
is "nothing is to be said" "$(get .trouble)" "[]"
drill "the backup alone" 0 --immediate --check sql \
    --sql "select max(g) from t" --expect 1
is "nothing came to be elsewhere" \
    "$(cd "$T" && find etc etc.d far far2 | sort)" "$OUTSIDE"
