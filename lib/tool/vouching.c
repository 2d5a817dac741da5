/* SPDX-License-Identifier: ISC */
/*
 * Vouching for a retired signer: who may, and what its time proves.
 */
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "crypt/retired.h"
#include "tool/depth.h"
#include "tool/moment.h"
#include "tool/role.h"
#include "tool/tool.h"
#include "tool/vouching.h"

int
vouching_options(struct vouching *v, const char *program, int part,
    struct err *e)
{
	if ((v->signer == NULL) != (v->until == NULL))
		return (err_set(e, ERR_USAGE, "--vouch and --until go "
		    "together; see %s --help", program));
	if (v->signer == NULL)
		return (0);
	if (part)
		return (err_set(e, ERR_USAGE, "--vouch looks at the objects "
		    "of all backups and all WAL; found --quick, "
		    "--target-time or one backup"));
	if (moment_parse(program, "--until", v->until, &v->until_us, e))
		return (-1);
	if (v->until_us > clock_now_us())
		return (err_set(e, ERR_USAGE, "--until %s is in the future by "
		    "this host's clock; expected a time before the theft",
		    v->until));
	return (0);
}

/* Readers with "key" believe what the push key signs. */
static int
is_believed(const struct key *key, const uint8_t *signer)
{
	size_t	 i;

	for (i = 0; i < key_signers(key); i++)
		if (memcmp(key_signer(key, i), signer, KEY_LEN) == 0)
			return (!retired_is(key, i));
	return (0);
}

int
vouching_open(struct vouching *v, const char *program,
    const struct server_conf *c, struct key *key, struct err *e)
{
	size_t	 i;

	if (v->signer == NULL)
		return (0);
	if (retired_find(&i, key, v->signer, e))
		return (err_ctx(e, "--vouch"));
	if (!retired_is(key, i))
		return (err_set(e, ERR_CONFIG, "--vouch: %s is not retired in "
		    "the key file %s, so all that it signs counts; use the "
		    "files that backup-keygen --renew --retire made",
		    v->signer, key_file(key)));
	if (role_key(&v->push, c, KEY_PUSH, e))
		return (err_ctx(e, "--vouch: the inventory is signed by the "
		    "new push key"));
	if (!is_believed(key, key_signer(v->push, 0)))
		return (err_set(e, ERR_CONFIG, "--vouch: the signer of %s is "
		    "no signer in service in the key file %s; use files that "
		    "were made together", key_file(v->push), key_file(key)));
	v->retired = key_signer(key, i);
	retired_trust(key, i);
	v->program = program;
	return (0);
}

/*
 * Whether the thief could set times depends on what its own SSH key was
 * permitted, which cannot be asked for.  This connection shows what one key is
 * permitted: an append-only server, as the sample makes it, refuses a removal
 * without looking for the file.  In a directory nothing is refused.
 */
static void
doubt_time(struct vouching *v, struct archive *a)
{
	static const char *const	 none[] = {
		LAYOUT_TMP "/vouching-asks-for-permission"
	};
	const char			*name = store_name(a->store);
	struct err			 refused = ERR_INIT;

	if (v->doubted++)
		return;
	if (name[0] == '/')
		tool_warn(v->program, "%s is a directory of this host: "
		    "whoever may write to it can set the times of its files; "
		    "if the thief could, --until proves nothing: see "
		    "seawall-after-a-theft(7)", name);
	else if (store_remove(a->store, none, 1, &refused) == 0)
		tool_warn(v->program, "%s is not append-only for this SSH "
		    "key; if it was not for the thief's either, --until "
		    "proves nothing: see seawall-after-a-theft(7)", name);
}

/*
 * A time by which everything was stored that stands leaves out nothing.  That
 * is right only if neither the host nor its thief pushed anything later.
 */
static void
doubt_until(const struct vouching *v)
{
	if (v->done.sum.late == 0 && v->done.sum.listed > 0)
		tool_warn(v->program, "--until %s left nothing out: no object "
		    "of that signer came later; check that it is before the "
		    "theft: see seawall-after-a-theft(7)", v->until);
}

int
vouching_begin(struct vouching *v, struct archive *a, struct err *e)
{
	verifyvouch_free(v->now);
	v->now = NULL;
	if (v->signer == NULL)
		return (0);
	doubt_time(v, a);
	return (verifyvouch_new(&v->now, v->retired, v->until_us, e) ||
	    verifyvouch_list(v->now, a, e) ? -1 : 0);
}

int
vouching_publish(struct vouching *v, struct archive *a,
    enum verify_depth depth, const struct showverify_vouch **done,
    struct err *e)
{
	*done = NULL;
	if (v->now == NULL)
		return (0);
	v->done.until_us = v->until_us;
	key_id(v->done.signer, v->retired);
	if (verifyvouch_publish(v->now, a, v->push, depth_name(depth),
	    &v->done.sum, e))
		return (-1);
	doubt_until(v);
	*done = &v->done;
	return (0);
}

void
vouching_close(struct vouching *v)
{
	verifyvouch_free(v->now);
	key_free(v->push);
	v->now = NULL;
	v->push = NULL;
}
