/* SPDX-License-Identifier: ISC */
/* pg_control with a right CRC, so that the code behind the check is reached. */
#include <string.h>

#include "pg/control.h"
#include "pg/crc32c.h"
#include "pg/walname.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct err	 e = ERR_INIT;
	struct control	 c;
	uint8_t		 raw[CONTROL_SIZE] = { 0 };
	uint32_t	 crc;

	memcpy(raw, p, n < 300 ? n : 300);
	if (control_parse(raw, sizeof(raw), &c, &e)) {
		err_clear(&e);
		crc = crc32c_update(0, raw, 288);
		memcpy(raw + 288, &crc, sizeof(crc));
	}
	if (control_parse(raw, sizeof(raw), &c, &e))
		return (0);
	if (!walname_segsize_ok(c.wal_segsize) || c.blcksz != 8192 ||
	    *control_state_name(c.state) == 'u' ||
	    control_poison(raw, sizeof(raw), &e))
		__builtin_trap();
	return (0);
}
