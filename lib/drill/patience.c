/* SPDX-License-Identifier: ISC */
/* Signals wait until a server has ended. */
#include <signal.h>
#include <string.h>
#include <time.h>

#include "drill/patience.h"

static sigset_t	 held, before;
static int	 came;		/* the first signal; 0: none */

void
patience_begin(void)
{
	static const int	 ours[] = { SIGHUP, SIGINT, SIGQUIT,
				    SIGTERM };
	struct sigaction	 now;
	size_t			 i;

	(void)sigemptyset(&held);
	(void)sigaddset(&held, SIGCHLD);
	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (sigaction(ours[i], NULL, &now) == 0 &&
		    now.sa_handler != SIG_IGN)
			(void)sigaddset(&held, ours[i]);
	(void)pthread_sigmask(SIG_BLOCK, &held, &before);
	/* If our parent made us ignore it, no child has an exit status. */
	if (sigaction(SIGCHLD, NULL, &now) == 0 && now.sa_handler == SIG_IGN)
		(void)signal(SIGCHLD, SIG_DFL);
	came = 0;
}

int
patience_wait(int ms, struct err *e)
{
	const struct timespec	 pause = { ms / 1000,
	    ms % 1000 * 1000L * 1000 };
	int			 sig;

	if (came == 0 && (sig = sigtimedwait(&held, NULL, &pause)) > 0 &&
	    sig != SIGCHLD)
		came = sig;
	return (came == 0 ? 0 : err_set(e, ERR_LOCAL, "interrupted: %s",
	    strsignal(came)));
}

void
patience_end(void)
{
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (came != 0)
		(void)raise(came);
	came = 0;
}
