/* SPDX-License-Identifier: ISC */
/*
 * Labels.  The first byte chooses whether the rest is a whole file, whose
 * signature no fuzzer can make, or a text that is signed here first.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup/label.h"
#include "crypt/keygen.h"
#include "crypt/sign.h"

#define ID	"20261122T040001Z"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static struct key *
fresh_key(void)
{
	struct key	*key = NULL;
	struct err	 e = ERR_INIT;
	char		 dir[] = "/tmp/fuzz_label.XXXXXX", base[64], path[72];
	static const char *const end[] = { "push", "restore", "public" };
	size_t		 i;

	if (mkdtemp(dir) == NULL)
		abort();
	(void)snprintf(base, sizeof(base), "%s/k", dir);
	if (keygen_files(base, NULL, &e))
		abort();
	for (i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof(path), "%s.%s", base, end[i]);
		if (i == 0 && key_load(&key, path, NULL, &e))
			abort();
		(void)unlink(path);
	}
	(void)rmdir(dir);
	return (key);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct archive	 a = { .server = "main", .system_id = 7 };
	static struct key	*key;
	struct head_place	 place = { "main", 7, "base/" ID "/label" };
	struct label		*l = NULL;
	struct err		 e = ERR_INIT;
	char			*text, *file = NULL;
	size_t			 len;
	int			 rc;

	if (key == NULL)
		key = fresh_key();
	a.key = key;
	if (n < 1)
		return (0);
	if (p[0] % 2 == 0) {
		rc = label_parse(&l, p + 1, n - 1, ID, &a, &e);
		if (rc == 0)
			abort();	/* nobody has signed it */
	} else {
		text = strndup((const char *)p + 1, n - 1);
		if (text == NULL ||
		    sign_text(&file, &len, "label", &place, text, key, &e))
			abort();
		free(text);
		rc = label_parse(&l, file, len, ID, &a, &e);
		free(file);
	}
	if (rc == 0)
		label_free(l);
	return (0);
}
