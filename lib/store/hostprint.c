/* SPDX-License-Identifier: ISC */
/* The key that a host shows to whoever does not know it yet. */
#include <string.h>

#include "store/address.h"
#include "store/hostkey.h"
#include "store/hostprint.h"
#include "store/sshconn.h"

int
hostprint_get(char buf[HOSTPRINT_MAX], const char **type,
    const struct store_conf *conf, struct err *e)
{
	struct store_conf	 alone = *conf;
	struct sshconn		 c;
	struct address		 a;
	enum gate_type		 found;
	int			 rc = -1;

	if (address_parse(conf->repository, &a, e))
		return (-1);
	if (a.host[0] == '\0')
		return (err_set(e, ERR_CONFIG, "%s: a directory of this host "
		    "has no host key", conf->repository));
	/* What known_hosts has must not choose which key is shown. */
	alone.known_hosts = "/dev/null";
	alone.host_key = NULL;
	if (sshconn_meet(&c, &alone, &a, e) == 0)
		rc = hostkey_fingerprint(c.ssh, c.host, buf, HOSTPRINT_MAX,
		    type, &found, e);
	sshconn_close(&c);
	return (rc);
}
