/* SPDX-License-Identifier: ISC */
/* What a login script printed in front of SFTP, as one line for a message. */
#include "base/clock.h"
#include "base/str.h"
#include "store/logintext.h"

#define TEXT_MS		200	/* wait so long for more of it */

void
logintext_show(char *to, size_t size, const uint8_t *p, size_t n)
{
	uint8_t	 line[LOGINTEXT_MAX];
	size_t	 i, len = 0;

	for (i = 0; i < n && p[i] != '\0' && len < sizeof(line); i++)
		if (p[i] != '\n' && p[i] != '\r' && p[i] != '\t' &&
		    p[i] != ' ')
			line[len++] = p[i];
		else if (len > 0 && line[len - 1] != ' ')
			line[len++] = ' ';
	while (len > 0 && line[len - 1] == ' ')
		len--;
	(void)str_clean(to, size, line, len);
}

int
logintext_fail(struct transport *t, const char *host, uint8_t *p, size_t n,
    struct err *e)
{
	const int64_t	 deadline = clock_mono_ms() + TEXT_MS;
	struct err	 unused = ERR_INIT;
	char		 text[LOGINTEXT_MAX + 1];
	size_t		 got = 1, room = LOGINTEXT_MAX;

	while (n < LOGINTEXT_MAX && got > 0 &&
	    t->ops->wait(t, deadline, &unused) == 0) {
		got = 0;
		if (t->ops->read(t, p + n, room, 0, &got, &unused))
			break;
		n += got;
		room -= got;
	}
	logintext_show(text, sizeof(text), p, n);
	return (err_set(e, ERR_REMOTE, "%s: the server sent %s%s%s before "
	    "SFTP; a start-up file of the account's shell there (.bashrc, "
	    ".profile) or a login script prints it; keep it silent where "
	    "there is no terminal", host, text[0] == '\0' ? "bytes" :
	    "the text \"", text, text[0] == '\0' ? "" : "\""));
}
