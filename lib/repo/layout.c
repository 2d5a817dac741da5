/* SPDX-License-Identifier: ISC */
/* Names in a repository: the one place where they are spelled. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/parse.h"
#include "base/str.h"
#include "pg/walname.h"
#include "repo/layout.h"

const char *
layout_wal_timeline(char buf[LAYOUT_FOLDER], uint32_t tli)
{
	(void)snprintf(buf, LAYOUT_FOLDER, LAYOUT_WAL "/%08" PRIX32, tli);
	return (buf);
}

const char *
layout_wal_log(char buf[LAYOUT_FOLDER], uint32_t tli, uint32_t log)
{
	(void)snprintf(buf, LAYOUT_FOLDER, LAYOUT_WAL "/%08" PRIX32 "/%08"
	    PRIX32, tli, log);
	return (buf);
}

const char *
layout_wal_history(char buf[LAYOUT_FOLDER], uint32_t tli)
{
	(void)snprintf(buf, LAYOUT_FOLDER, LAYOUT_WAL "/%08" PRIX32
	    ".history", tli);
	return (buf);
}

int
layout_is_history_aside(const char *name)
{
	static const char	 history[] = ".history" LAYOUT_REFUSED;
	static const char	 digits[] = "0123456789";
	char			 number[9] = "";
	uint32_t		 tli;
	size_t			 n;

	if (strlen(name) < 8)
		return (0);
	memcpy(number, name, 8);
	name += 8;
	if (!layout_wal_number(number, &tli) || !str_begins(name, history))
		return (0);
	name += strlen(history);
	n = strspn(name, digits);
	if (n == 0 || name[n] != '-')
		return (0);
	name += n + 1;
	n = strspn(name, digits);
	return (n > 0 && name[n] == '\0');
}

int
layout_wal_number(const char *name, uint32_t *number)
{
	uint32_t	 v = 0;
	size_t		 i;

	if (strlen(name) != 8 || strspn(name, "0123456789ABCDEF") != 8)
		return (0);
	for (i = 0; i < 8; i++)
		v = v << 4 | (uint32_t)(name[i] <= '9' ? name[i] - '0' :
		    name[i] - 'A' + 10);
	*number = v;
	return (1);
}

int
layout_wal(char buf[LAYOUT_PATH], const char *name, struct err *e)
{
	struct walname	 w;
	char		 folder[LAYOUT_FOLDER], text[WALNAME_TEXT];

	if (walname_parse(name, &w, e))
		return (-1);
	if (w.kind == WALNAME_HISTORY) {
		(void)layout_wal_history(buf, w.tli);
		return (0);
	}
	return (str_fmt(buf, LAYOUT_PATH, e, "%s/%s",
	    layout_wal_log(folder, w.tli, w.log), walname_format(text, &w)));
}

int
layout_wal_open(char buf[LAYOUT_PATH], const char *name, unsigned number,
    struct err *e)
{
	char	 path[LAYOUT_PATH];

	assert(number >= 1 && number <= LAYOUT_OPEN_LAST);
	if (strlen(name) != LAYOUT_SEGMENT - 1)
		return (err_set(e, ERR_USAGE, "%.64s is no segment", name));
	if (layout_wal(path, name, e))
		return (-1);
	return (str_fmt(buf, LAYOUT_PATH, e, "%s.open-%03u", path, number));
}

unsigned
layout_open_number(const char *file, char name[LAYOUT_SEGMENT])
{
	const size_t	 n = LAYOUT_SEGMENT - 1;
	struct walname	 w;
	struct err	 e = ERR_INIT;
	uint64_t	 number;

	if (strlen(file) != n + 9 || memcmp(file + n, ".open-", 6) != 0 ||
	    strspn(file + n + 6, "0123456789") != 3 ||
	    parse_u64(file + n + 6, 1, LAYOUT_OPEN_LAST, &number, "number",
	    &e))
		return (0);
	memcpy(name, file, n);
	name[n] = '\0';
	return (walname_parse(name, &w, &e) == 0 &&
	    w.kind == WALNAME_SEGMENT ? (unsigned)number : 0);
}

static const char *
in_base(char buf[LAYOUT_PATH], const char *id, const char *file)
{
	assert(layout_id_ok(id));
	(void)snprintf(buf, LAYOUT_PATH, LAYOUT_BASE "/%s%s", id, file);
	return (buf);
}

const char *
layout_base(char buf[LAYOUT_PATH], const char *id)
{
	return (in_base(buf, id, ""));
}

const char *
layout_pack(char buf[LAYOUT_PATH], const char *id, uint32_t no)
{
	char	 file[32];

	(void)snprintf(file, sizeof(file), "/pack-%08" PRIu32, no);
	return (in_base(buf, id, file));
}

const char *
layout_manifest(char buf[LAYOUT_PATH], const char *id)
{
	return (in_base(buf, id, "/manifest"));
}

const char *
layout_label(char buf[LAYOUT_PATH], const char *id)
{
	return (in_base(buf, id, "/label"));
}

const char *
layout_withdrawn(char buf[LAYOUT_PATH], const char *id)
{
	return (in_base(buf, id, "/label.withdrawn"));
}

const char *
layout_claim(char buf[LAYOUT_PATH], const char *id, const char *by)
{
	char	 file[LAYOUT_ID + 8];

	assert(layout_id_ok(by));
	(void)snprintf(file, sizeof(file), "/claim-%s", by);
	return (in_base(buf, id, file));
}

/* Whether "s" begins as "pattern" says, where 0 stands for any digit. */
static int
like(const char *s, const char *pattern)
{
	for (; *pattern != '\0'; s++, pattern++)
		if (*pattern == '0' ? *s < '0' || *s > '9' : *s != *pattern)
			return (0);
	return (1);
}

int
layout_id_ok(const char *s)
{
	uint64_t	 n;
	struct err	 e = ERR_INIT;

	if (!like(s, "00000000T000000Z"))
		return (0);
	s += strlen("00000000T000000Z");
	if (*s == '\0')
		return (1);
	/* One spelling for each id: no leading zeros. */
	return (*s == '-' && s[1] != '0' &&
	    parse_u64(s + 1, 2, 999, &n, "suffix", &e) == 0);
}

uint32_t
layout_pack_no(const char *name)
{
	struct err	 e = ERR_INIT;
	uint64_t	 n;

	if (!str_begins(name, "pack-") || strlen(name) != 13 ||
	    parse_u64(name + 5, 1, 99999999, &n, "pack", &e) == -1)
		return (0);
	return ((uint32_t)n);
}

int
layout_vouched_signer(const char *name, uint8_t *signer, size_t n)
{
	struct err	 e = ERR_INIT;
	char		 hex[64];

	if (2 * n >= sizeof(hex) || strlen(name) != 2 * n + 17 ||
	    name[2 * n] != '-' ||
	    strspn(name, "0123456789abcdef") != 2 * n ||
	    strspn(name + 2 * n + 1, "0123456789abcdef") != 16)
		return (0);
	memcpy(hex, name, 2 * n);
	hex[2 * n] = '\0';
	return (parse_hex(hex, signer, n, "signer", &e) == 0);
}

int
layout_server_ok(const char *s)
{
	size_t	 n = strlen(s);

	return (n > 0 && n <= 63 && s[0] != '.' && s[0] != '-' &&
	    strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789._-") == n);
}

int
layout_enter(char buf[LAYOUT_PATH], const char *server, uint64_t system_id,
    struct err *e)
{
	if (!layout_server_ok(server))
		return (err_set(e, ERR_CONFIG,
		    "server name: expected 1 to 63 of A-Z a-z 0-9 . _ -, not "
		    "beginning with . or -"));
	return (str_fmt(buf, LAYOUT_PATH, e, "%s/%" PRIu64, server,
	    system_id));
}

int
layout_state(char buf[PATH_MAX], const char *state_dir, const char *server,
    uint64_t system_id, struct err *e)
{
	return (str_fmt(buf, PATH_MAX, e, "%s/%s/%" PRIu64, state_dir, server,
	    system_id));
}

int
layout_system_id(const char *name, uint64_t *id)
{
	struct err	 e = ERR_INIT;

	return (name[0] != '0' &&
	    parse_u64(name, 1, UINT64_MAX, id, "system identifier", &e) == 0);
}
