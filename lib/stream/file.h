/* SPDX-License-Identifier: ISC */
#ifndef STREAM_FILE_H
#define STREAM_FILE_H

#include <sys/types.h>

#include "stream/sink.h"

/*
 * Last stage: a local file of mode "mode" that appears under "path" complete
 * and synced, or not at all.  Until then it is called "stem" with a random
 * suffix, in the same directory.  With "replace" a file that is there is
 * replaced in one step (restore_command's target may exist); without, it is
 * left alone and finish fails with ERR_CONFLICT.
 */
int	 file_sink_open(struct sink **, const char *path, const char *stem,
	    mode_t mode, int replace, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* STREAM_FILE_H */
