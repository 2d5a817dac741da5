#!/bin/bash
# SPDX-License-Identifier: ISC
#
# backup-keygen as a person meets it: files, modes, words, exit statuses.

# shellcheck source=test/system/lib.sh
. "$(dirname "$0")/lib.sh"

as mkdir "$T/k"
ok "keys are made" run backup-keygen "$T/k/one"
has "it says whose the push key is" "$OUT" "database host"
has "and that the restore key is vital" "$OUT" "no backup can be"
is "modes" "$(cd "$T/k" && stat -c '%n %a' -- *)" "one.public 644
one.push 600
one.restore 600"

before=$(cat "$T"/k/one.*)
exits "never replaced" 6 run backup-keygen "$T/k/one"
is "one line" "$OUT" \
    "backup-keygen: $T/k/one.push exists already; keys are never replaced"
is "content untouched" "$(cat "$T"/k/one.*)" "$before"
as rm "$T/k/one.push"
exits "half a set is left alone" 6 run backup-keygen "$T/k/one"
has "and named" "$OUT" "one.push does not; if making these keys was interrupted"

as sh -c "umask 077; echo 'open sesame' >'$T/k/pass'"
ok "with a passphrase" run backup-keygen -P "$T/k/pass" "$T/k/two"
has "the secret is sealed" "$(cat "$T/k/two.restore")" \
    "^recipient-secret-sealed "
lacks "and not there in the clear" "$(cat "$T/k/two.restore")" \
    "^recipient-secret "
as chmod 640 "$T/k/pass"
exits "an open passphrase file" 3 run backup-keygen -P "$T/k/pass" "$T/k/three"
exits "no terminal" 3 run setsid -w backup-keygen --passphrase "$T/k/three"
has "is said" "$OUT" "no terminal to ask for a passphrase"

exits "no such folder" 4 run backup-keygen "$T/none/k"
is "is named" "$OUT" \
    "backup-keygen: open directory $T/none: No such file or directory"
exits "no name" 2 run backup-keygen "$T/k/"
exits "no argument" 2 run backup-keygen
is "nothing else was left" "$(cd "$T/k" && echo -- *)" \
    "-- one.public one.restore pass two.public two.push two.restore"

# Killed at any moment: what stands under its name is whole, and who could
# push could be read.
killed()
{
	local i f
	for ((i = 0; i < 60; i++)); do
		as mkdir "$T/k/$i"
		run timeout -s KILL "0.00$((i / 6))$((i % 6))" \
		    backup-keygen "$T/k/$i/k" >/dev/null 2>&1
		for f in "$T/k/$i"/k.{restore,push,public}; do
			[ ! -e "$f" ] ||
			    tail -n 1 "$f" | grep -qE '^check .{8}$' ||
			    echo "$i: $f is cut"
		done
		[ ! -e "$T/k/$i/k.push" ] || [ -e "$T/k/$i/k.restore" ] ||
		    echo "$i: a push key that nobody can read"
		[ -e "$T/k/$i/k.push" ] || echo >>"$T/broken-off"
		as rm -rf "$T/k/$i"
	done
}
is "killed at 60 moments, no key is cut" "$(killed)" ""
ok "and some were in time" test -s "$T/broken-off"
ok "keys are made afterwards" run backup-keygen "$T/k/four"
