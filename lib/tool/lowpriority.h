/* SPDX-License-Identifier: ISC */
#ifndef TOOL_LOWPRIORITY_H
#define TOOL_LOWPRIORITY_H

/*
 * Take only what others leave, of the processor and of disks: SCHED_IDLE and
 * the idle class of ioprio_set(2), for this thread and all that it starts
 * from now on.  Not every I/O scheduler of the kernel knows about classes.
 * What cannot be had is a note on stderr, no more.
 */
void	 lowpriority_take(const char *program);

#endif /* TOOL_LOWPRIORITY_H */
