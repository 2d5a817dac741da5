/* SPDX-License-Identifier: ISC */
#ifndef TOOL_LOWPRIORITY_H
#define TOOL_LOWPRIORITY_H

/*
 * From now on take only processor and disk time that nobody else wants:
 * SCHED_IDLE and the idle class of ioprio_set(2), for this thread and all that
 * it starts later.  Some I/O schedulers of the kernel ignore the class.  If
 * one of the two is refused, a note on stderr, as "program", says so, and the
 * work continues.
 */
void	 lowpriority_take(const char *program);

#endif /* TOOL_LOWPRIORITY_H */
