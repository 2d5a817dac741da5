/* SPDX-License-Identifier: ISC */
/* Makes, copies and removes keys for tests. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "crypt/keygen.h"
#include "keyring.h"

static void
must(int rc, struct err *e)
{
	if (rc == 0)
		return;
	(void)fprintf(stderr, "keys for tests: %s\n", e->msg);
	abort();
}

static struct key *
load(const struct keyring *r, const char *name)
{
	struct err	 e = ERR_INIT;
	struct key	*k = NULL;
	char		 path[512];

	(void)snprintf(path, sizeof(path), "%s/%s", r->dir, name);
	must(key_load(&k, path, NULL, &e), &e);
	return (k);
}

static void
copy(const struct keyring *r, const char *from, const char *role)
{
	struct err	 e = ERR_INIT;
	char		 path[512], *text;
	size_t		 n;

	(void)snprintf(path, sizeof(path), "%s.%s", from, role);
	must(io_load(path, 16384, &text, &n, &e), &e);
	(void)snprintf(path, sizeof(path), "%s/k.%s", r->dir, role);
	must(io_save(path, 0600, text, n, 0, &e), &e);
	free(text);
}

void
keyring_open(struct keyring *r, const char *from)
{
	struct err	 e = ERR_INIT;
	char		 base[96];

	(void)snprintf(r->dir, sizeof(r->dir), "/tmp/seawall-keys.XXXXXX");
	if (mkdtemp(r->dir) == NULL)
		abort();
	(void)snprintf(base, sizeof(base), "%s/k", r->dir);
	if (from == NULL)
		must(keygen_files(base, NULL, &e), &e);
	else {
		copy(r, from, "push");
		copy(r, from, "restore");
		copy(r, from, "public");
	}
	r->push = load(r, "k.push");
	r->restore = load(r, "k.restore");
	r->public = load(r, "k.public");
}

void
keyring_close(struct keyring *r)
{
	char		 path[512];
	struct dirent	*de;
	DIR		*d;

	key_free(r->push);
	key_free(r->restore);
	key_free(r->public);
	if ((d = opendir(r->dir)) == NULL)
		abort();
	while ((de = readdir(d)) != NULL) {
		if (de->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", r->dir,
		    de->d_name);
		if (unlink(path) == -1)
			abort();
	}
	(void)closedir(d);
	if (rmdir(r->dir) == -1)
		abort();
}
