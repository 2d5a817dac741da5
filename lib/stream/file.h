/* SPDX-License-Identifier: ISC */
#ifndef STREAM_FILE_H
#define STREAM_FILE_H

#include <sys/types.h>

#include "stream/sink.h"

/*
 * Open a last stage: a local file of mode "mode" that appears under "path"
 * complete and synced, or not at all.  Until then its name is "stem" with a
 * random suffix, in the same directory.  With "replace" an existing file is
 * replaced in one step (restore_command's target may exist).  Without, it is
 * left alone, and finish fails with ERR_CONFLICT.
 */
int	 file_sink_open(struct sink **, const char *path, const char *stem,
	    mode_t mode, int replace, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* STREAM_FILE_H */
