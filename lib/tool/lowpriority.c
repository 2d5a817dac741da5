/* SPDX-License-Identifier: ISC */
/* Idle priority: nobody else waits for this process. */
#include <sys/syscall.h>

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "tool/lowpriority.h"
#include "tool/tool.h"

/* ioprio_set(2); the C library has no names for these. */
#define WHO_PROCESS	1
#define CLASS_IDLE	3
#define CLASS_SHIFT	13

void
lowpriority_take(const char *program)
{
	const struct sched_param	 param = { .sched_priority = 0 };

	if (sched_setscheduler(0, SCHED_IDLE, &param) == -1)
		tool_note(program, "no idle CPU priority: %s",
		    strerror(errno));
	if (syscall(SYS_ioprio_set, WHO_PROCESS, 0,
	    CLASS_IDLE << CLASS_SHIFT) == -1)
		tool_note(program, "no idle I/O priority: %s",
		    strerror(errno));
}
