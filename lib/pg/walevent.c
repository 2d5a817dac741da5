/* SPDX-License-Identifier: ISC */
/* Records that say what a recovery may look for. */
#include <string.h>

#include "pg/native.h"
#include "pg/walevent.h"

#define REC_HEADER	24		/* SizeOfXLogRecord */
#define REC_XID		4		/* offset of xl_xid */
#define REC_INFO	16
#define REC_RMID	17
#define OPMASK		0xf0		/* ~XLR_INFO_MASK */

#define RM_XLOG		0		/* RM_XLOG_ID, and so on */
#define CHECKPOINT_SHUT	0x00
#define CHECKPOINT	0x10
#define SETTINGS	0x60		/* XLOG_PARAMETER_CHANGE */
#define POINT		0x70		/* XLOG_RESTORE_POINT */
#define RM_XACT		1
#define XACT_OPMASK	0x70
#define COMMIT		0x00
#define ABORT		0x20
#define COMMIT_PREPARED	0x30
#define ABORT_PREPARED	0x40
#define XACT_HAS_INFO	0x80
#define XINFO_DB	0x0001		/* xact.h: XACT_XINFO_HAS_DBINFO */
#define XINFO_TWOPHASE	0x0010
#define XINFO_LISTS	0x010e		/* subtransactions, files, messages,
					   statistics */
#define RM_TABLESPACE	5
#define CREATE		0x00		/* XLOG_TBLSPC_CREATE */
#define RM_STANDBY	8
#define RUNNING		0x10		/* XLOG_RUNNING_XACTS */
#define RUNNING_NEXT	12		/* offset of xl_running_xacts.nextXid */
#define RUNNING_OLDEST	16		/* and of .oldestRunningXid */

#define POINT_NAME	64		/* MAXFNAMELEN, with its NUL */
#define EPOCH_US	(INT64_C(946684800) * 1000000)	/* 2000-01-01 */

static enum walevent_kind
kind_of(uint8_t rmid, uint8_t info)
{
	const unsigned	 op = info & OPMASK;

	if (walevent_is_end(rmid, info))
		return (WALEVENT_END);
	if (walevent_is_point(rmid, info))
		return (WALEVENT_POINT);
	if (rmid == RM_XLOG && (op == CHECKPOINT || op == CHECKPOINT_SHUT))
		return (WALEVENT_CHECKPOINT);
	if (rmid == RM_XLOG && op == SETTINGS)
		return (WALEVENT_SETTINGS);
	if (rmid == RM_TABLESPACE && op == CREATE)
		return (WALEVENT_TABLESPACE);
	if (rmid == RM_STANDBY && op == RUNNING)
		return (WALEVENT_RUNNING);
	return (WALEVENT_NONE);
}

int
walevent_is_end(uint8_t rmid, uint8_t info)
{
	const unsigned	 op = info & XACT_OPMASK;

	return (walevent_is_prepared(rmid, info) || (rmid == RM_XACT &&
	    (op == COMMIT || op == ABORT)));
}

int
walevent_is_prepared(uint8_t rmid, uint8_t info)
{
	const unsigned	 op = info & XACT_OPMASK;

	return (rmid == RM_XACT && (op == COMMIT_PREPARED ||
	    op == ABORT_PREPARED));
}

int
walevent_is_point(uint8_t rmid, uint8_t info)
{
	return (rmid == RM_XLOG && (info & OPMASK) == POINT);
}

int
walevent_matters(uint8_t rmid, uint8_t info)
{
	return (kind_of(rmid, info) != WALEVENT_NONE);
}

/*
 * The offset of the record's main data; 0 if it is not among the "n" bytes.
 * Such a record refers to no block, but an origin and the top-level
 * transaction's number may precede the main data.
 */
static size_t
main_data(const uint8_t *rec, size_t n)
{
	size_t	 at = REC_HEADER;

	while (at < n)
		switch (rec[at]) {
		case 255:		/* XLR_BLOCK_ID_DATA_SHORT */
			return (at + 2);
		case 254:		/* _DATA_LONG */
			return (at + 5);
		case 253:		/* _ORIGIN */
			at += 3;
			break;
		case 252:		/* _TOPLEVEL_XID */
			at += 5;
			break;
		default:
			return (0);
		}
	return (0);
}

/* A TimestampTz; WALEVENT's own if it is one that can be. */
static int
take_time(struct walevent *ev, const uint8_t *p)
{
	const int64_t	 us = (int64_t)native_u64(p);

	if (us > INT64_MAX - EPOCH_US)
		return (0);
	ev->time_us = us + EPOCH_US;
	return (1);
}

/*
 * The number of a prepared transaction that ends, which is not in the record's
 * header: after time, xinfo and dbinfo (xl_xact_parsed_commit).  0 if lists
 * of any length stand before it, or it is not there.
 */
static uint32_t
prepared_xid(const uint8_t *p, size_t n, uint8_t info)
{
	const size_t	 least = 8 + 4;
	uint32_t	 xinfo;
	size_t		 at;

	if ((info & XACT_HAS_INFO) == 0 || n < least)
		return (0);
	xinfo = native_u32(p + 8);
	at = least + (xinfo & XINFO_DB ? 8 : 0);
	if ((xinfo & XINFO_LISTS) != 0 || (xinfo & XINFO_TWOPHASE) == 0 ||
	    at + 4 > n)
		return (0);
	return (native_u32(p + at));
}

static int
take_end(struct walevent *ev, const uint8_t *rec, const uint8_t *p, size_t n)
{
	const uint8_t	 info = rec[REC_INFO];
	const unsigned	 op = info & XACT_OPMASK;

	if (n < 8 || !take_time(ev, p))
		return (0);
	ev->commit = op == COMMIT || op == COMMIT_PREPARED;
	if (op == COMMIT || op == ABORT)
		ev->xid = native_u32(rec + REC_XID);
	else {
		ev->xid = prepared_xid(p, n, info);
		ev->unnamed = ev->xid == 0;
	}
	return (1);
}

/* A text that a NUL ends, within "n" bytes or at their end. */
static void
take_text(struct walevent *ev, const uint8_t *p, size_t n)
{
	const void	*nul = memchr(p, '\0', n);

	ev->text = (const char *)p;
	ev->ntext = nul == NULL ? n : (size_t)((const uint8_t *)nul - p);
}

/* "n" bytes of main data, all of what is there. */
static int
take(struct walevent *ev, const uint8_t *rec, const uint8_t *p, size_t n)
{
	size_t	 i;

	switch (ev->kind) {
	case WALEVENT_END:
		return (take_end(ev, rec, p, n));
	case WALEVENT_POINT:
		if (n < 8 + POINT_NAME || !take_time(ev, p))
			return (0);
		take_text(ev, p + 8, POINT_NAME);
		return (ev->ntext > 0 && ev->ntext < POINT_NAME);
	case WALEVENT_CHECKPOINT:
		if (n < 8)
			return (0);
		ev->redo = native_u64(p);
		return (1);
	case WALEVENT_SETTINGS:
		if (n < 4 * HOTSETTINGS)
			return (0);
		for (i = 0; i < HOTSETTINGS; i++)
			ev->value[i] = native_u32(p + 4 * i);
		return (1);
	case WALEVENT_TABLESPACE:
		if (n < 4 + 2)
			return (0);
		ev->oid = native_u32(p);
		take_text(ev, p + 4, n - 4);
		return (ev->ntext > 0);
	case WALEVENT_RUNNING:
		if (n < RUNNING_OLDEST + 4)
			return (0);
		ev->next = native_u32(p + RUNNING_NEXT);
		ev->oldest = native_u32(p + RUNNING_OLDEST);
		return (1);
	case WALEVENT_NONE:
		break;
	}
	return (0);
}

int
walevent_parse(struct walevent *ev, const uint8_t *rec, size_t n)
{
	const uint64_t	 place = ev->at;
	const size_t	 at = main_data(rec, n);

	memset(ev, 0, sizeof(*ev));
	ev->at = place;
	ev->kind = kind_of(rec[REC_RMID], rec[REC_INFO]);
	if (at != 0 && at < n && take(ev, rec, rec + at, n - at))
		return (1);
	ev->kind = WALEVENT_NONE;
	return (0);
}
