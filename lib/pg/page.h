/* SPDX-License-Identifier: ISC */
#ifndef PG_PAGE_H
#define PG_PAGE_H

#include <stdint.h>

/*
 * A data page of 8192 bytes and its checksum (PageHeaderData in
 * src/include/storage/bufpage.h, the algorithm as described in
 * src/include/storage/checksum_impl.h), in the byte order of this host.
 */
#define PAGE_BYTES	8192

enum page_verdict {
	PAGE_OK,
	PAGE_NEW,	/* all zeros: allocated, never written */
	PAGE_SKIP,	/* wrong, but newer than the backup's start */
	PAGE_BAD
};

/*
 * Judge block "blkno" of a relation fork (counted over its segments, see
 * relpath_first_block()) of a cluster with data checksums.
 *
 * PAGE_SKIP is a page that was written while it was read; WAL replay from
 * "start", where the backup begins, writes it anew.  PAGE_BAD may still be
 * one, read while its old content was being overwritten: read it again
 * before this is believed.  A damaged page whose LSN field is damaged as
 * well can look newer than it is: whoever knows where the WAL ends compares
 * that with page_lsn().
 */
enum page_verdict page_verify(const uint8_t page[PAGE_BYTES], uint32_t blkno,
	    uint64_t start);

uint64_t page_lsn(const uint8_t page[PAGE_BYTES]);
uint16_t page_stored(const uint8_t page[PAGE_BYTES]);

/* What the stored checksum must be.  Never 0. */
uint16_t page_checksum(const uint8_t page[PAGE_BYTES], uint32_t blkno);

#endif /* PG_PAGE_H */
