/* SPDX-License-Identifier: ISC */
#ifndef PREFETCH_FETCHWORKER_H
#define PREFETCH_FETCHWORKER_H

/* A thread that fetches; its argument is a struct fetchpool_worker. */
void	*fetchworker_run(void *);

#endif /* PREFETCH_FETCHWORKER_H */
