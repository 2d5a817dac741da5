/* SPDX-License-Identifier: ISC */
#ifndef AGENT_FETCHWORKER_H
#define AGENT_FETCHWORKER_H

/* A thread that fetches; its argument is a struct fetchpool_worker. */
void	*fetchworker_run(void *);

#endif /* AGENT_FETCHWORKER_H */
