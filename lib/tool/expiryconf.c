/* SPDX-License-Identifier: ISC */
/* What the configuration says of expiry. */
#include "base/clock.h"
#include "tool/conf.h"
#include "tool/expiryconf.h"

int
expiryconf_fill(struct expire_conf *to, const struct server_conf *conf,
    struct err *e)
{
	to->minimum_redundancy = conf->minimum_redundancy;
	to->grace_us = (int64_t)conf->expire_grace_ms * 1000;
	to->abandoned_us = (int64_t)conf->abandoned_after_ms * 1000;
	to->now_us = clock_now_us();
	to->state_dir = conf->state_dir;
	return (conf_policy(&to->policy, conf, e));
}
