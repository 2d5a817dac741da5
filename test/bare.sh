# shellcheck shell=bash
# SPDX-License-Identifier: ISC
#
# Bare Debian folders, made by debootstrap from this machine's own package
# source and entered in namespaces of their own, for test/fresh and
# test/packages.  They are in BARE, which goes at the end unless KEEP is set.
# Needs root.

say()
{
	printf '%s: %s\n' "$(basename "$0")" "$*" >&2
}

die()
{
	say "$*"
	exit 1
}

[ "$(id -u)" = 0 ] || die "debootstrap needs root"
command -v debootstrap >/dev/null || die "debootstrap is missing; install it"

# The address from which this machine takes Debian's packages.
source_of_debian()
{
	sed -nE 's/^URIs: *([^ ]*debian) *$/\1/p
	    s/^deb +(\[[^]]*\] +)?([^ ]*debian)\/? .*/\2/p' \
	    /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
	    head -n 1
}

# enter DIR COMMAND: as root of that folder, alone in it.
enter()
{
	# shellcheck disable=SC2016	# the inner shell expands them
	unshare --mount --pid --ipc --uts --fork --kill-child -- sh -c '
	mount --make-rprivate / && mount --bind "$1" "$1" &&
	mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" &&
	mount -t tmpfs tmpfs "$1/dev/shm" && mount -t tmpfs tmpfs "$1/run" &&
	exec chroot "$1" /usr/bin/env -i HOME=/root TERM=dumb LC_ALL=C \
	    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
	    sh -c "$2"' sh "$1" "$2" </dev/null
}

passed=0 failed=0
result()		# what, status
{
	if [ "$2" = 0 ]; then
		passed=$((passed + 1))
		printf 'ok %s\n' "$1"
	else
		failed=$((failed + 1))
		printf 'FAIL %s\n' "$1"
	fi
}

# bare RELEASE DIR [debootstrap option]...: make it, ready for apt-get.
bare()
{
	local release=$1 dir=$2

	shift 2
	debootstrap --variant=minbase "$@" "$release" "$dir" \
	    "$(source_of_debian)" >"$dir.log" 2>&1 || {
		tail -n 5 "$dir.log"
		result "$release can be had here" 1
		return 1
	}
	# How this machine reaches its package source.
	cp -r /etc/apt/apt.conf.d/. "$dir/etc/apt/apt.conf.d/"
	cp /etc/resolv.conf /etc/hosts "$dir/etc/" 2>/dev/null
	enter "$dir" "apt-get update -q >/dev/null" || die "apt-get update"
}

BARE=$(mktemp -d "/var/tmp/seawall-$(basename "$0").XXXXXX") || exit 1
bare_end()
{
	if [ -n "${KEEP-}" ]; then
		say "kept $BARE"
	else
		rm -rf --one-file-system "$BARE"
	fi
}
trap bare_end EXIT
trap 'exit 130' INT TERM HUP
