/* SPDX-License-Identifier: ISC */
#ifndef TOOL_SERVICE_H
#define TOOL_SERVICE_H

/*
 * Report a state such as "READY=1" to the service manager that started this
 * process, by the datagram that sd_notify(3) describes.  Nothing happens where
 * NOTIFY_SOCKET is not set.  Failures are ignored: the service manager reports
 * a service that is never ready.
 */
void	 service_state(const char *state) __attribute__((nonnull));

#endif /* TOOL_SERVICE_H */
