# SPDX-License-Identifier: ISC
#
# The members of JSON output, each as "path type": "backups[].id text".  A list
# of objects counts as its items.
def path: map(if type == "number" then "[]" else ".\(.)" end) | add |
    ltrimstr(".");
def kind: if type == "string" then
    (if test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]*Z$") then "time"
    else "text" end) else type end;
(if type == "array" then .[] else . end) |
. as $o | paths(type != "object" and type != "array") | . as $p |
"\(path) \(. as $q | $o | getpath($q) | kind)"
