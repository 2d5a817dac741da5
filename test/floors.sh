#!/bin/sh
# The rules of the house, checked on sources and objects.
#
#	B=build test/floors.sh
set -u

B=${B:-build}
bad=0

# Each room, and the rooms that it may include besides itself.
ground="base stream"
shelf="$ground pg store codec crypt repo"
floor() {
	case $1 in
	base) ;;
	stream) echo base ;;
	pg | crypt) echo "$ground" ;;
	store) echo "$ground crypt" ;;
	cols) echo "base pg" ;;
	codec) echo "$ground pg cols" ;;
	cluster | datadir | plan | agent) echo "$ground pg" ;;
	repo) echo "$ground pg store codec crypt" ;;
	wal | backup) echo "$shelf plan" ;;
	catalogue | reuse) echo "$shelf plan wal backup" ;;
	pusher | prefetch) echo "$shelf plan wal backup agent" ;;
	copy | expire | verify) echo "$shelf plan wal backup catalogue" ;;
	push)
		echo "$shelf plan wal backup catalogue reuse cluster datadir"
		;;
	drill)
		echo "$shelf plan wal backup catalogue restore cluster" \
		    "datadir"
		;;
	receive) echo "$shelf plan wal cluster" ;;
	restore) echo "$shelf plan wal backup catalogue datadir" ;;
	check)
		echo "$shelf plan wal backup catalogue reuse expire cluster" \
		    "datadir agent receive verify drill"
		;;
	tool | show) rooms ;;
	*) return 1 ;;
	esac
}

rooms() {
	for dir in lib/*/; do
		basename "$dir"
	done
}

includes() {
	for room in $(rooms); do
		allowed=$(floor "$room") || echo "lib/$room/: no such room"
		allowed=$(echo "$room" "$allowed" | tr -s ' \n' '|' |
		    sed 's/|$//')
		grep -nE '^ *# *include "' "lib/$room/"*.[ch] |
		    grep -vE "\"($allowed)/[a-z0-9_]+\.h\"" |
		    grep -vE '"[a-z0-9_]+\.h"'
	done
	# A header without its room: only beside the file itself.
	grep -nE '^ *# *include "[^/"]*"' lib/*/*.[ch] cmd/*.[ch] 2>/dev/null
}

# Modules (a .c file with its header) that include each other, directly or
# by way of others.
circles() {
	grep -oE '^ *# *include "[a-z0-9_]+/[a-z0-9_]+\.h"' lib/*/*.[ch] |
	    sed -E 's,^lib/(.*)\.[ch]:[^"]*"(.*)\.h",\1 \2,' |
	    awk '$1 != $2' | tsort 2>&1 >/dev/null | sed 's/^tsort: //'
}

# plan/, pg/ and cols/ decide from what they are given.  What they call is named
# here: no file, clock, environment, network or thread is among it.
pure() {
	objects | grep -E '/lib/(plan|pg|cols)/' | xargs nm -g | awk '
	    $1 == "U" && $2 !~ /^(bytes|err|parse|path|str)_/ &&
	    $2 !~ /^clock_format(_id)?$/ &&
	    $2 !~ /^(__)?(mem(chr|cmp|cpy|move|set)|v?snprintf)(_chk)?$/ &&
	    $2 !~ /^str(n?(case)?cmp|n?len|r?chr|c?spn|str|ftime)$/ &&
	    $2 !~ /^(m|c|re|recalloc|realloc)?alloc(array)?$|^free$/ &&
	    $2 !~ /^(qsort|bsearch|gmtime_r|__assert_fail|__ctype_b_loc)$/ &&
	    $2 !~ /^(__stack_chk_fail|__cpu_model|_GLOBAL_OFFSET_TABLE_)$/ {
		called[$2] = 1
	    }
	    NF == 3 { delete called[$3]; own[$3] = 1 }
	    END { for (s in called) if (!(s in own)) print s }'
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
	for o in $(objects | grep -vE '/lib/(tool|show)/'); do
		nm -u "$o" | awk -v o="$o" '
		    $2 ~ /^(stdout|stderr|puts|putchar)$/ ||
		    $2 ~ /^(__)?v?printf(_chk)?$/ ||
		    $2 ~ /^(perror|exit|_exit|_Exit|quick_exit|abort)$/ ||
		    $2 ~ /^(v?(err|warn)x?|(__)?v?syslog(_chk)?)$/ {
			print o ": " $2
		    }'
	done
	grep -nE 'STD(OUT|ERR)_FILENO' lib/*/*.c | grep -vE '^lib/(tool|show)/'
}

licence() {
	for f in lib/*/*.[ch] cmd/*.c test/*/*.[ch] test/unit/*/*.c; do
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

# Lines that a terminal of 80 columns breaks, and blanks at a line's end.
lines() {
	find lib cmd conf packaging test .ci -type f ! -path 'test/data/*' \
	    ! -name '*.patch' |
	    while read -r f; do
		case $f in
		*.[ch] | *.sh) expand "$f" | LC_ALL=C awk -v f="$f" '
		    { gsub(/[\200-\277]/, "") }
		    length > 80 { print f ":" NR ": " length " columns" }' ;;
		esac
		grep -n '[[:blank:]]$' "$f" | sed "s,^,$f:,"
	done
}

# What a head can hold: files, and the page that a program is.
sizes() {
	for f in lib/*/*.[ch] cmd/*.c; do
		case $f in cmd/*) most=250 ;; *) most=500 ;; esac
		n=$(wc -l <"$f")
		[ "$n" -le "$most" ] || echo "$f: $n lines"
	done
	wc -l lib/*/*.[ch] | awk '$2 != "total" { split($2, a, "/")
		n[a[2]] += $1; all += $1 }
	    END { for (r in n) if (n[r] > all * 0.12)
		print r " holds " int(100 * n[r] / all) " % of lib/" }'
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
rule "not a pure function" "$(pure)"
rule "modules that include each other" "$(circles)"
rule "a library outside its room" "$(libraries)"
rule "exported name without its file's name" "$(exports)"
rule "prints or exits" "$(silence)"
rule "first line is not the licence" "$(licence)"
rule "file name taken twice" "$(unique)"
rule "a line too long, or blanks at its end" "$(lines)"
rule "too large" "$(sizes)"
rule "links what it doesn't need" "$(lean)"
exit "$bad"
