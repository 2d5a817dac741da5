/* SPDX-License-Identifier: ISC */
#ifndef TEST_OLDKERNEL_H
#define TEST_OLDKERNEL_H

/*
 * From now on openat2(2) fails with errno "refusal" in this process and its
 * children: ENOSYS as in a kernel before 5.6, or EPERM as under the filter of
 * a container that does not know the call.  It cannot be undone, but the next
 * call changes the errno.  Returns 0, or -1 if this kernel has no filters.
 */
int	 oldkernel_refuse(int refusal);

/* The same for any system call, by its number on this architecture. */
int	 oldkernel_refuse_call(unsigned call, int refusal);

/* The errno with which openat2(2) fails; 0 if it opens "/". */
int	 oldkernel_says(void);

#endif /* TEST_OLDKERNEL_H */
