/* SPDX-License-Identifier: ISC */
/* Pump bytes from a descriptor into a pipeline. */
#include <stdint.h>

#include "base/io.h"
#include "stream/pump.h"

#define STEP	((size_t)64 * 1024)

int
pump_fd(int fd, struct sink *s, const char *what, struct err *e)
{
	uint8_t	 buf[STEP];
	size_t	 n;

	do {
		if (io_read(fd, buf, sizeof(buf), &n, what, e) ||
		    sink_write(s, buf, n, e))
			return (-1);
	} while (n == sizeof(buf));	/* less is the end, see io_read() */
	return (0);
}
