/* SPDX-License-Identifier: ISC */
/* The store on an SFTP server. */
#include "store/sftp.h"

int
sftp_open(struct store **out, const struct store_conf *conf,
    const struct address *a, struct err *e)
{
	(void)out;
	(void)conf;
	return (err_set(e, ERR_CONFIG, "%s: SFTP is not there yet", a->host));
}
