#!/bin/sh
# Run fuzzers side by side, each for FUZZ_SECONDS, and count them.
#
#	B=build-fuzz FUZZ_SECONDS=5 test/fuzz.sh FUZZER...
#
# Seeds are test/data/fuzz-NAME/.  What a fuzzer finds stays in $B/found/,
# what it learns in $B/corpus/NAME/.
set -u

export B="${B:-build-fuzz}" FUZZ_SECONDS="${FUZZ_SECONDS:-5}"
mkdir -p "$B/found" "$B/log"

# shellcheck disable=SC2016	# the inner shell expands
printf '%s\n' "$@" | xargs -P "$(nproc)" -n 1 sh -c '
	name=$(basename "$0")
	seeds=test/data/fuzz-${name#fuzz_}
	[ -d "$seeds" ] || seeds=
	mkdir -p "$B/corpus/$name"
	if "$0" -max_total_time="$FUZZ_SECONDS" -timeout=10 -rss_limit_mb=1024 \
	    -artifact_prefix="$B/found/$name-" "$B/corpus/$name" $seeds \
	    >"$B/log/$name" 2>&1 </dev/null; then
		echo "ok   $name: $(tail -n 1 "$B/log/$name")"
	else
		echo "FAIL $name"
		tail -n 60 "$B/log/$name" | sed "s/^/	/"
	fi
' | tee "$B/log/fuzz"
passed=$(grep -c '^ok ' "$B/log/fuzz")
failed=$(($# - passed))
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
