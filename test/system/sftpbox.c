/* SPDX-License-Identifier: ISC */
/*
 * sftpbox replace|nolinks SFTP-SERVER [ARGUMENT]...: OpenSSH's sftp-server as
 * if it were another one.
 *
 *	replace		RENAME replaces what has the name already
 *	nolinks		hard links are offered, and refused when asked for
 *
 * It stands between sshd and the server in one direction: requests are changed,
 * answers pass by it.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RENAME		18
#define EXTENDED	200
#define PACKET_MAX	((size_t)256 << 10)
#define LINK		"hardlink@openssh.com"
#define REPLACE		"posix-rename@openssh.com"

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static uint32_t
get(const uint8_t *p)
{
	return ((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3]);
}

static void
put(uint8_t *p, size_t n)
{
	p[0] = (uint8_t)(n >> 24);
	p[1] = (uint8_t)(n >> 16);
	p[2] = (uint8_t)(n >> 8);
	p[3] = (uint8_t)n;
}

/* Exactly "n" bytes, or the end. */
static int
fill(uint8_t *p, size_t n)
{
	ssize_t	 r;

	for (; n > 0; p += r, n -= (size_t)r)
		if ((r = read(STDIN_FILENO, p, n)) <= 0)
			return (0);
	return (1);
}

static int
drain(int fd, const uint8_t *p, size_t n)
{
	ssize_t	 r;

	for (; n > 0; p += r, n -= (size_t)r)
		if ((r = write(fd, p, n)) <= 0)
			return (0);
	return (1);
}

/* A packet of "n" bytes: length, type, id, body.  Returns its new length. */
static size_t
change(uint8_t *p, size_t n, int replace)
{
	const size_t	 add = 4 + strlen(REPLACE);

	if (replace && p[4] == RENAME) {
		memmove(p + 9 + add, p + 9, n - 9);
		put(p + 9, strlen(REPLACE));
		memcpy(p + 13, REPLACE, strlen(REPLACE));
		p[4] = EXTENDED;
		n += add;
		put(p, n - 4);
	}
	if (!replace && p[4] == EXTENDED && n > 13 + strlen(LINK) &&
	    memcmp(p + 13, LINK, strlen(LINK)) == 0)
		p[13] = 'x';
	return (n);
}

static void
pass(int fd, int replace)
{
	static uint8_t	 p[PACKET_MAX + 64];
	size_t		 n;

	while (fill(p, 4) && (n = get(p)) <= PACKET_MAX - 4 &&
	    fill(p + 4, n))
		if (!drain(fd, p, change(p, n + 4, replace)))
			return;
}

int
main(int argc, char *argv[])
{
	int	 replace, fd[2];

	if (argc < 3 || ((replace = strcmp(argv[1], "replace") == 0) == 0 &&
	    strcmp(argv[1], "nolinks") != 0)) {
		(void)fprintf(stderr, "usage: sftpbox replace|nolinks "
		    "SFTP-SERVER [ARGUMENT]...\n");
		return (2);
	}
	if (pipe(fd) == -1)
		die("sftpbox: pipe");
	switch (fork()) {
	case -1:
		die("sftpbox: fork");
		break;
	case 0:
		(void)dup2(fd[0], STDIN_FILENO);
		(void)close(fd[0]);
		(void)close(fd[1]);
		(void)execv(argv[2], argv + 2);
		die(argv[2]);
		break;
	default:
		(void)close(fd[0]);
		pass(fd[1], replace);
	}
	return (0);
}
