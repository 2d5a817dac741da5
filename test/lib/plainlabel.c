/* SPDX-License-Identifier: ISC */
/* Labels for tests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "pg/walname.h"
#include "plainlabel.h"

static void
set_wal(char out[LABEL_WALNAME], struct walname w)
{
	char	 text[WALNAME_TEXT];

	(void)snprintf(out, LABEL_WALNAME, "%.24s", walname_format(text, &w));
}

struct label *
plainlabel_new(const char *id, uint32_t tli, uint64_t start, uint64_t stop,
    uint32_t segsize)
{
	struct label	*l = NULL;
	struct err	 e = ERR_INIT;

	if (label_new(&l, &e))
		fail_msg("%s", e.msg);
	(void)snprintf(l->id, sizeof(l->id), "%s", id);
	l->postgresql = 150010;
	l->timeline = tli;
	l->start_lsn = start;
	l->stop_lsn = stop;
	set_wal(l->start_wal, walname_at(tli, start, segsize));
	set_wal(l->stop_wal, walname_before(tli, stop, segsize));
	l->wal_segment_size = segsize;
	l->chunk_size = 262144;
	return (l);
}
