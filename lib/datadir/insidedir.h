/* SPDX-License-Identifier: ISC */
#ifndef DATADIR_INSIDEDIR_H
#define DATADIR_INSIDEDIR_H

/*
 * Whether "path" lies in the directory "dir", or is it: by its real path, or,
 * if nothing is there, by its name.  A relative path does not.
 */
int	 insidedir(const char *path, const char *dir) __attribute__((nonnull));

#endif /* DATADIR_INSIDEDIR_H */
