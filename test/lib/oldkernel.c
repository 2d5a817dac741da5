/* SPDX-License-Identifier: ISC */
/* A filter as a container's that refuses one system call. */
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

#include "oldkernel.h"

#define OPENAT2		437		/* on every architecture but Alpha */

int
oldkernel_refuse(int refusal)
{
	return (oldkernel_refuse_call(OPENAT2, refusal));
}

int
oldkernel_refuse_call(unsigned call, int refusal)
{
	struct sock_filter	 step[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
		BPF_STMT(BPF_RET | BPF_K,
		    SECCOMP_RET_ERRNO | (uint32_t)refusal),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
	};
	struct sock_fprog	 all = {
		.len = sizeof(step) / sizeof(step[0]), .filter = step
	};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &all) == -1)
		return (-1);
	return (0);
}

int
oldkernel_says(void)
{
	struct {
		uint64_t	 flags, mode, resolve;
	} how = { O_PATH | O_CLOEXEC, 0, 0 };
	long	 fd = syscall(OPENAT2, AT_FDCWD, "/", &how, sizeof(how));

	if (fd == -1)
		return (errno);
	(void)close((int)fd);
	return (0);
}
