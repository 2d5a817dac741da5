/* SPDX-License-Identifier: ISC */
/* The server's side of PostgreSQL's protocol, as far as a walsender has it. */
#include <sys/socket.h>
#include <sys/un.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <cmocka.h>

#include "fakepg.h"

#define STARTUP		196608		/* protocol 3.0 */
#define QUERY_MAX	65536

struct fakepg {
	const struct fakepg_conf *conf;
	pthread_t		 thread;
	int			 fd;		/* listens */
	char			 path[108];
};

void
fakepg_put(struct fakepg_bytes *b, const void *p, size_t n)
{
	if (b->room - b->n < n) {
		b->room = (b->n + n) * 2;
		assert_non_null(b->p = realloc(b->p, b->room));
	}
	if (n > 0)
		memcpy(b->p + b->n, p, n);
	b->n += n;
}

void
fakepg_drop(struct fakepg_bytes *b)
{
	free(b->p);
	memset(b, 0, sizeof(*b));
}

static void
put_number(struct fakepg_bytes *b, uint32_t v, size_t n)
{
	const uint8_t	 raw[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16),
	    (uint8_t)(v >> 8), (uint8_t)v };

	fakepg_put(b, raw + 4 - n, n);
}

void
fakepg_message(struct fakepg_bytes *b, char type, const void *p, size_t n)
{
	fakepg_put(b, &type, 1);
	put_number(b, (uint32_t)n + 4, 4);
	fakepg_put(b, p, n);
}

static void
describe(struct fakepg_bytes *b, unsigned columns)
{
	struct fakepg_bytes	 m = { .n = 0 };
	unsigned		 i;

	put_number(&m, columns, 2);
	for (i = 0; i < columns; i++) {
		fakepg_put(&m, "c", 2);
		put_number(&m, 0, 4);		/* table */
		put_number(&m, 0, 2);		/* column */
		put_number(&m, 25, 4);		/* text */
		put_number(&m, 0xffff, 2);
		put_number(&m, 0, 4);
		put_number(&m, 0, 2);		/* as text */
	}
	fakepg_message(b, 'T', m.p, m.n);
	fakepg_drop(&m);
}

void
fakepg_rows(struct fakepg_bytes *b, unsigned columns, ...)
{
	struct fakepg_bytes	 m = { .n = 0 };
	const char		*s;
	unsigned		 at = 0;
	va_list			 ap;

	describe(b, columns);
	va_start(ap, columns);
	while ((s = va_arg(ap, const char *)) != NULL) {
		if (at == 0)
			put_number(&m, columns, 2);
		put_number(&m, s[0] == '\0' ? UINT32_MAX :
		    (uint32_t)strlen(s), 4);
		fakepg_put(&m, s, strlen(s));
		if (++at < columns)
			continue;
		fakepg_message(b, 'D', m.p, m.n);
		fakepg_drop(&m);
		at = 0;
	}
	va_end(ap);
	fakepg_message(b, 'C', "SELECT 1", 9);
}

/* Whatever goes wrong here only ends the connection: the other side tells. */
static int
give(int fd, const struct fakepg_bytes *b)
{
	size_t	 at;
	ssize_t	 n;

	for (at = 0; at < b->n; at += (size_t)n)
		if ((n = send(fd, b->p + at, b->n - at, MSG_NOSIGNAL)) <= 0)
			return (-1);
	return (0);
}

static int
take(int fd, void *p, size_t n)
{
	return (n == 0 || recv(fd, p, n, MSG_WAITALL) == (ssize_t)n ? 0 : -1);
}

static int
take_number(int fd, uint32_t *v)
{
	uint8_t	 raw[4];

	if (take(fd, raw, 4))
		return (-1);
	*v = (uint32_t)raw[0] << 24 | (uint32_t)raw[1] << 16 |
	    (uint32_t)raw[2] << 8 | raw[3];
	return (0);
}

static void
setting(struct fakepg_bytes *b, const char *name, const char *value)
{
	char	 text[128];
	int	 n = snprintf(text, sizeof(text), "%s%c%s", name, '\0', value);

	fakepg_message(b, 'S', text, (size_t)n + 1);
}

/* Let everybody in; there is neither TLS nor GSSAPI. */
static int
welcome(const struct fakepg *f, int fd)
{
	struct fakepg_bytes	 b = { .n = 0 };
	uint32_t		 n, what;
	char			 rest[QUERY_MAX];
	int			 rc;

	for (;;) {
		if (take_number(fd, &n) || take_number(fd, &what) || n < 8 ||
		    n > sizeof(rest) || take(fd, rest, n - 8))
			return (-1);
		if (what >> 16 == STARTUP >> 16)
			break;
		if (send(fd, "N", 1, MSG_NOSIGNAL) != 1)
			return (-1);
	}
	fakepg_message(&b, 'R', "\0\0\0", 4);
	setting(&b, "server_version", f->conf->version);
	setting(&b, "client_encoding", "SQL_ASCII");
	fakepg_message(&b, 'K', "\0\0\0\1\0\0\0\2", 8);
	fakepg_message(&b, 'Z', "I", 1);
	rc = give(fd, &b);
	fakepg_drop(&b);
	return (rc);
}

static void
show(const struct fakepg *f, const char *name, struct fakepg_bytes *b)
{
	static const char	 none[] = "SERROR\0C42704\0Mno such setting\0";
	size_t			 i;

	for (i = 0; f->conf->show[i][0] != NULL; i++)
		if (strcmp(f->conf->show[i][0], name) == 0) {
			fakepg_rows(b, 1, f->conf->show[i][1], NULL);
			return;
		}
	fakepg_message(b, 'E', none, sizeof(none));
}

static void
answer(const struct fakepg *f, const char *query, struct fakepg_bytes *b)
{
	if (strcmp(query, "IDENTIFY_SYSTEM") == 0)
		fakepg_rows(b, 4, f->conf->system_id, "1", "0/1", "", NULL);
	else if (strncmp(query, "SHOW ", 5) == 0)
		show(f, query + 5, b);
	else
		fakepg_put(b, f->conf->backup->p, f->conf->backup->n);
}

static void
serve(const struct fakepg *f, int fd)
{
	struct fakepg_bytes	 b = { .n = 0 };
	uint32_t		 n;
	char			 type, query[QUERY_MAX];
	int			 rc;

	if (welcome(f, fd))
		return;
	do {
		if (take(fd, &type, 1) || take_number(fd, &n) || n < 5 ||
		    n >= sizeof(query) || take(fd, query, n - 4) ||
		    type != 'Q')
			return;
		query[n - 4] = '\0';
		answer(f, query, &b);
		if (strncmp(query, "BASE_", 5) != 0 || !f->conf->then_close)
			fakepg_message(&b, 'Z', "I", 1);
		rc = give(fd, &b);
		fakepg_drop(&b);
	} while (rc == 0 && (strncmp(query, "BASE_", 5) != 0 ||
	    !f->conf->then_close));
}

static void *
run(void *arg)
{
	struct fakepg	*f = arg;
	int		 fd;

	while ((fd = accept(f->fd, NULL, NULL)) != -1) {
		serve(f, fd);
		(void)close(fd);
	}
	return (NULL);
}

struct fakepg *
fakepg_start(const char *dir, const struct fakepg_conf *conf)
{
	struct sockaddr_un	 sun = { .sun_family = AF_UNIX };
	struct fakepg		*f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->conf = conf;
	assert_true((size_t)snprintf(f->path, sizeof(f->path),
	    "%s/.s.PGSQL.5432", dir) < sizeof(f->path));
	memcpy(sun.sun_path, f->path, sizeof(f->path));
	f->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_not_equal(f->fd, -1);
	assert_int_equal(bind(f->fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	assert_int_equal(listen(f->fd, 5), 0);
	assert_int_equal(pthread_create(&f->thread, NULL, run, f), 0);
	return (f);
}

void
fakepg_stop(struct fakepg *f)
{
	if (f == NULL)
		return;
	(void)shutdown(f->fd, SHUT_RDWR);	/* accept() fails */
	(void)pthread_join(f->thread, NULL);
	(void)close(f->fd);
	(void)unlink(f->path);
	free(f);
}
