# shellcheck shell=bash
# SPDX-License-Identifier: ISC
#
# A guide, a manual page of section 7, is run from its own text: what a reader
# would type is what a test runs.  Commands of the user that runs PostgreSQL are
# the lines behind "$ " in the page, continued by "\e" at their ends; those of
# root are behind "# ", those of another host behind "NAME# ".  A test sets PAGE
# and has
#
#	page_map	reads a command and writes it with the test's own names
#			(folders, addresses, times) in place of the page's
#	step N PREFIX STATUS [COMMAND...]
#			the Nth command of the page begins with PREFIX, and ends
#			with STATUS; COMMAND in its place does what a test can't
#	page_end N	the page has no further command

# shellcheck disable=SC2153	# PAGE is the test's
page_commands()
{
	sed -n '/^[$#] /{
	:a
	/\\e$/{
	N
	s/ *\\e\n */ /
	ba
	}
	p
	}' "$PAGE"
}

page()
{
	page_commands | sed -n "$1p" | sed 's/^[$#] //' | page_map
}

step()
{
	local want=$3

	CMD=$(page "$1")
	has "step $1 is $2" "$CMD" "^$2"
	if [ $# -gt 3 ]; then
		shift 3
		exits "$CMD" "$want" "$@"
	else
		exits "$CMD" "$want" run sh -c "$CMD"
	fi
}

page_end()
{
	is "all of $(basename "$PAGE") was run" "$(page_commands | wc -l)" "$1"
}
