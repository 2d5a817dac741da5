/* SPDX-License-Identifier: ISC */
#ifndef PG_PAGE_H
#define PG_PAGE_H

#include <stdint.h>

/*
 * A data page of 8192 bytes and its checksum, in the byte order of this host
 * (PageHeaderData in src/include/storage/bufpage.h; the algorithm is
 * described in src/include/storage/checksum_impl.h).
 */
#define PAGE_BYTES	8192

enum page_verdict {
	PAGE_OK,
	PAGE_NEW,	/* all zeros: allocated, never written */
	PAGE_SKIP,	/* wrong, but newer than the backup's start */
	PAGE_BAD
};

/*
 * Judge a page of a cluster with data checksums.  "blkno" is the number of
 * its block in the relation's fork, counted over all segments of the fork:
 * see relpath_first_block().
 *
 * PAGE_SKIP is a page that PostgreSQL wrote while it was read.  WAL replay
 * from "start", where the backup begins, writes it again.  PAGE_BAD may also
 * be such a page, read while its old content was being overwritten: read it
 * again before you believe it.
 *
 * If the LSN in a damaged page is damaged as well, the page can look newer
 * than it is.  A caller that knows where the WAL ends can compare that with
 * page_lsn().
 */
enum page_verdict page_verify(const uint8_t page[PAGE_BYTES], uint32_t blkno,
	    uint64_t start);

/* The LSN of the page's last change, and the checksum, that it contains. */
uint64_t page_lsn(const uint8_t page[PAGE_BYTES]);
uint16_t page_stored(const uint8_t page[PAGE_BYTES]);

/* The checksum that the page should contain.  It is never 0. */
uint16_t page_checksum(const uint8_t page[PAGE_BYTES], uint32_t blkno);

#endif /* PG_PAGE_H */
