/* SPDX-License-Identifier: ISC */
#ifndef TEST_PLAINLABEL_H
#define TEST_PLAINLABEL_H

#include "backup/label.h"

/*
 * A new label of a backup on timeline "tli" from LSN "start" to "stop", with
 * the names of the first and the last segment that it needs.  Its times,
 * sizes and packs are still to be set.  Fails the test that called it, or the
 * caller calls label_free().
 */
struct label	*plainlabel_new(const char *id, uint32_t tli, uint64_t start,
		    uint64_t stop, uint32_t segsize);

#endif /* TEST_PLAINLABEL_H */
