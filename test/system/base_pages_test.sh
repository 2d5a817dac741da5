#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Pushes that store only the changed pages of a chunk: how little that is, and
# that every backup restores by itself, whatever was killed, deleted, altered or
# damaged between them.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

READER=$T/reader.conf		# has the restore key; the pushing host has not
PAGES=3200			# of the table

# push WHAT [OPTION]...: ID is the new backup
push()
{
	ok "$1: push" run base-push "${@:2}"
	ID=$(printf '%s\n' "$OUT" | sed -n 's/^backup \([0-9TZ-]*\):.*/\1/p')
	SAID=$OUT
}

# bytes ID: what lies in the backup's directory
bytes()
{
	find "$BASE/$1" -type f -printf '%s\n' |
	    awk '{ n += $1 } END { print n + 0 }'
}

# change SEED [PERCENT]: one row in each of 8 % of the pages, at random; no
# later scan leaves hint bits or prunes
change()
{
	sql pg "update t set n = n + 1 where k = $1 % 20
	    and hashint4(page * 1000 + $1) & 1023 < 10.24 * ${2:-8}" ||
	    die "change"
	sql pg "vacuum t" || die "vacuum"
	sql pg "checkpoint" || die "checkpoint"
}

# restores WHAT ID [OPTION]...
restores()
{
	as rm -rf "$T/back"
	ok "$1: restore" run base-fetch -c "$READER" "${@:3}" "$2" "$T/back"
	ok "$1: pg_verifybackup" as "$PGBIN/pg_verifybackup" -q -n "$T/back"
}

# changed_pages OLD NEW: the pages that differ, one behind the other
changed_pages()
{
	cmp -l "$1" "$2" | awk '{ print int(($1 - 1) / 8192) }' | uniq |
	    while read -r p; do
		dd if="$2" bs=8192 skip="$p" count=1 status=none
	    done
}

# little WHAT: the backup ID took less than half of the first one's room
little()
{
	ok "$1: little is stored" test "$(($(bytes "$ID") * 2))" -lt "$FULL"
}

# much WHAT
much()
{
	ok "$1: chunks are stored whole" test "$(($(bytes "$ID") * 2))" \
	    -gt "$FULL"
}

verify()
{
	run backup-verify -c "$READER" "$@"
}

expire()
{
	run backup-expire -c "$READER" -o expire_grace=0 \
	    -o retention_policy="redundancy $1" "${@:2}"
}

keygen main
as mkdir "$REPO"
CONF=$READER
conf_write repository="$REPO" jobs=2
CONF=$T/seawall.conf
conf_write repository="$REPO" jobs=1 wal_compression=zstd:1 restore_key=
pg_init pg -k --wal-segsize=1
pg_archive pg
pg_conf pg "max_wal_size = 256MB" "autovacuum = off" "max_wal_senders = 3"
pg_start pg
sql pg "create table t (page int, k int, n int, x text)
    with (fillfactor = 80)"
sql pg "insert into t select g / 40, g % 40, 0, md5(g::text) ||
    md5((g * 7)::text) || md5((g % 1000)::text)
    from generate_series(0, 40 * $PAGES - 1) g"
sql pg "vacuum freeze t"
sql pg "checkpoint"
REL=$T/pg/$(sql pg "select pg_relation_filepath('t')")
PAGED=$(stat -c %s "$REL")

push "first" --fast
BASE=$(echo "$REPO"/main/*/base)
FULL=$(bytes "$ID")
KEPT=$(echo "$T"/state/main/*/last-pages)
ok "hashes of pages are kept" test -s "$KEPT"
ok "they take at most 0.25 % of the cluster" test \
    "$(($(stat -c %s "$KEPT") * 400))" -le "$(du -sb "$T/pg" | cut -f1)"
cp "$KEPT" "$T/kept.first"

### How little

cp "$REL" "$T/before"
change 1 15
changed_pages "$T/before" "$REL" >"$T/pages"
push "second" --fast
SECOND=$ID
zstd -3 -q -c "$T/pages" >"$T/pages.zst"
RATIO=$((100 * $(bytes "$ID") / $(stat -c %s "$T/pages.zst")))
echo "$(stat -c %s "$T/pages") of $PAGED bytes changed; the push stored" \
    "$RATIO % of what zstd -3 makes of them"
ok "at most 1.35 times what zstd -3 makes of the pages" test "$RATIO" -le 135
has "it says what is new" "$SAID" "[0-9.]+ MB equal; [0-9.]+ MB new"
restores "second" "$SECOND"

change 2
push "third" --fast
THIRD=$ID
little "over the first, not over the second"
restores "third" "$THIRD"
change 3 60
push "most pages" --fast
much "a difference of more than half is none"
restores "most pages" "$ID"
change 4
push "over the new base" --fast
little "a new base"
restores "over the new base" "$ID"

### What this host knows is lost, altered, of another time, or bounded

change 5
cp "$T/kept.first" "$KEPT"
push "hashes of an earlier time" --fast
much "they are of other bases"
restores "hashes of an earlier time" "$ID"
change 6
flip "$KEPT" $(($(stat -c %s "$KEPT") / 2))
push "altered hashes" --fast
has "that is said" "$SAID" "page hashes cannot be read, so changed chunks \
are stored whole: .*last-pages is damaged or was not made with this key"
restores "altered hashes" "$ID"
change 7
as rm "$KEPT"
push "none" --fast
much "without hashes"
change 8
push "hashes off" --fast -o page_hashes_max=0
much "hashes off"
restores "hashes off" "$ID"
as cp -a "$T/back" "$T/based"
WHOLE=$ID
push "a push that reads what it does not store" --fast --reread
little "nothing changed"

### A push that dies

change 9
background run base-push --fast -o base_bandwidth_limit=60 \
    >"$T/push.out" 2>&1
a_pack()
{
	[ "$(find "$BASE" -name 'pack-*' -newer "$T/now" | wc -l)" -gt 0 ]
}
touch "$T/now"
wait_for a_pack || fail "a pack is published"
touch "$T/now"
in_journal()
{
	[ "$(find "$T/state" -name 'journal.*' -newer "$T/now" | wc -l)" -gt 0 ]
}
wait_for in_journal || fail "the journal is written"
bg_signal KILL
wait "$BG" 2>/dev/null
push "after a kill" --fast
has "it resumes" "$SAID" "resuming: what the interrupted push"
little "after a kill"
restores "after a kill" "$ID"

### From PostgreSQL's stream

change 10
push "stream" --fast -o source=stream
little "from a stream"
restores "stream" "$ID"
change 11
push "files after a stream" --fast
little "files after a stream"
restores "files after a stream" "$ID"

### A backup that others made, and one over that

change 12
ok "pg_basebackup" as "$PGBIN/pg_basebackup" -D "$T/taken" -X stream -c fast \
    -h "$T/pg.sock" -p 5432 -U postgres
push "others made it" --from "$T/taken"
little "others made it"
restores "others made it" "$ID"
ok "the table is theirs" cmp "$T/back/${REL#"$T/pg/"}" \
    "$T/taken/${REL#"$T/pg/"}"
change 13
push "files after that" --fast
little "files after that"
restores "files after that" "$ID"
NEWEST=$ID
ok "all of it is sound" verify all

### Another repository, expiry, and a directory that has the base

as mkdir "$T/host/copy"
ok "copy of the newest alone" run repo-copy --quiet -o key= -o restore_key= \
    --backup "$NEWEST" "$REPO" "$T/host/copy"
ok "it is sound" verify -o repository="$T/host/copy" all
ok "and of all others" run repo-copy --quiet -o key= -o restore_key= \
    "$REPO" "$T/host/copy"
ok "which expire there" expire 1 -o repository="$T/host/copy"
exits "the base's own backup is gone there" 1 test -e \
    "$(echo "$T"/host/copy/main/*/base)/$WHOLE/label"
restores "from the copy" "$NEWEST" -o repository="$T/host/copy"
ok "expiry of all others" expire 1
exits "the base's own backup is gone" 1 test -e "$BASE/$WHOLE/label"
ok "its packs are not" test -n "$(find "$BASE/$WHOLE" -name 'pack-*')"
ok "what is left is sound" verify all
restores "after an expiry" "$NEWEST"

### As one file, and as a tar archive

ok "export" run backup-export --quiet -o key= -o restore_key= "$NEWEST" \
    "$T/x.seawall"
as mkdir "$T/host/import"
ok "import" run backup-import --quiet -o key= -o restore_key= \
    -o repository="$T/host/import" "$T/x.seawall"
ok "its contents are sound" verify -o repository="$T/host/import" all
restores "what was imported" "$NEWEST" -o repository="$T/host/import"
as rm -rf "$T/back"
ok "from the file" run base-fetch -c "$READER" --from-file "$T/x.seawall" \
    "$T/back"
ok "pg_verifybackup" as "$PGBIN/pg_verifybackup" -q -n "$T/back"
as rm -rf "$T/back"
ok "as tar" run base-fetch -c "$READER" -j 3 --tar "$T/x.tar" "$NEWEST" \
    "$T/back"
as mkdir -m 700 "$T/back"
ok "tar" as tar -xf "$T/x.tar" -C "$T/back"
ok "pg_verifybackup of it" as "$PGBIN/pg_verifybackup" -q -n "$T/back"

### Damage, and a directory that has the base

largest()
{
	find "$BASE/$1" -name 'pack-*' -printf '%s %p\n' | sort -rn |
	    sed -n '1s/[0-9]* //p'
}

for of in "$WHOLE" "$NEWEST"; do
	PACK=$(largest "$of")
	MIDDLE=$(($(stat -c %s "$PACK") / 2))
	flip "$PACK" "$MIDDLE"
	exits "a bit in ${PACK#"$BASE/"}" 9 verify "$NEWEST"
	has "its pack is named" "$OUT" "base/${PACK#"$BASE/"}: byte [0-9]+"
	as rm -rf "$T/back"
	exits "a restore" 7 run base-fetch -c "$READER" "$NEWEST" "$T/back"
	has "names it as well" "$OUT" "${PACK#"$BASE/"}, byte [0-9]+"
	if [ "$of" = "$WHOLE" ]; then
		ok "over a directory that has the base" run base-fetch \
		    -c "$READER" --delta "$NEWEST" "$T/based"
		ok "the base is not read" as "$PGBIN/pg_verifybackup" -q -n \
		    "$T/based"
	fi
	flip "$PACK" "$MIDDLE"
done
ok "all is as it was" verify "$NEWEST"
