#!/bin/sh
# The rules of the house, checked on sources and objects.
#
#	B=build test/floors.sh
set -u

B=${B:-build}
bad=0

# Each room, and the rooms it may include besides itself.
ground="base stream"
rooms="$ground codec crypt pg store cluster"
floor() {
	case $1 in
	base) echo base ;;
	stream) echo "base stream" ;;
	codec | crypt | pg | store | cluster) echo "$ground $1" ;;
	repo) echo "$rooms repo" ;;
	agent) echo "$rooms repo agent" ;;
	tool) echo "$rooms repo agent tool" ;;
	esac
}

includes() {
	for dir in lib/*/; do
		room=$(basename "$dir")
		allowed=$(floor "$room" | tr ' ' '|')
		[ -n "$allowed" ] || echo "$dir: no such floor"
		grep -nE '^ *# *include "' "$dir"*.[ch] |
		    grep -vE "\"($allowed)/[a-z0-9_]+\.h\"" |
		    grep -vE '"[a-z0-9_]+\.h"'
	done
	# A header without its room: only beside the file itself.
	grep -nE '^ *# *include "[^/"]*"' lib/*/*.[ch] cmd/*.[ch] 2>/dev/null
}

libraries() {
	while read -r header home; do
		grep -rnE "^ *# *include [<\"]$header" lib cmd \
		    --include='*.[ch]' 2>/dev/null | grep -v "^$home"
	done <<-EOT
	sodium lib/crypt/
	libssh/ lib/store/
	(libpq|pg_config|postgres) lib/cluster/
	lzma lib/codec/
	zstd lib/codec/
	jansson lib/base/jval.c
	ini\\.h lib/tool/
	cmocka test/
	EOT
}

# The library's objects; not those of sources that are gone.
objects() {
	for c in lib/*/*.c; do
		echo "$B/${c%c}o"
	done
}

exports() {
	for o in $(objects); do
		nm -g --defined-only "$o" |
		    awk -v stem="$(basename "$o" .o)" -v o="$o" '
		    $3 !~ /^__/ && $3 != stem && index($3, stem "_") != 1 {
			print o ": " $3
		    }'
	done
}

# What prints or ends the process.  The objects know best.
silence() {
	for o in $(objects | grep -v /lib/tool/); do
		nm -u "$o" | awk -v o="$o" '
		    $2 ~ /^(stdout|stderr|(__)?v?printf(_chk)?|puts|putchar)$/ ||
		    $2 ~ /^(perror|exit|_exit|_Exit|quick_exit|abort)$/ ||
		    $2 ~ /^(v?(err|warn)x?|(__)?v?syslog(_chk)?)$/ {
			print o ": " $2
		    }'
	done
	grep -nE 'STD(OUT|ERR)_FILENO' lib/*/*.c | grep -v '^lib/tool/'
}

licence() {
	for f in lib/*/*.[ch] cmd/*.c test/*/*.[ch]; do
		[ ! -e "$f" ] ||
		    [ "$(head -n 1 "$f")" = \
		    "/* SPDX-License-Identifier: ISC */" ] || echo "$f"
	done
}

# Two objects of one name would be one member of the library.
unique() {
	for f in lib/*/*.c; do
		basename "$f"
	done | sort | uniq -d
}

# What starts with each WAL segment must not load what it doesn't use.
lean() {
	for p in wal-push wal-fetch; do
		[ ! -e "$B/$p" ] || readelf -d "$B/$p" |
		    grep -E 'NEEDED.*(libpq|cmocka)' | sed "s/^/$p: /"
	done
}

rule() {		# description, what breaks it
	[ -n "$2" ] || return 0
	bad=1
	echo "$2" | sed "s/^/floors: $1: /"
}

if [ ! -e "$B/libseawall.a" ]; then
	echo "floors: no $B/libseawall.a; run make first"
	exit 1
fi
rule "includes from a floor it doesn't stand on" "$(includes)"
rule "a library outside its room" "$(libraries)"
rule "exported name without its file's name" "$(exports)"
rule "prints or exits" "$(silence)"
rule "first line is not the licence" "$(licence)"
rule "file name taken twice" "$(unique)"
rule "links what it doesn't need" "$(lean)"
exit "$bad"
