/* SPDX-License-Identifier: ISC */
/*
 * An SSH connection by libssh, up to the user's login.
 *
 * libssh never blocks here: each of its steps is repeated by sshconn_until(),
 * which waits in between with a deadline of ours.  Within its own blocking
 * calls a server that accepts and then says nothing would hold us for ever.
 */
#include <sys/stat.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "store/cipher.h"
#include "store/dial.h"
#include "store/gate.h"
#include "store/hostkey.h"
#include "store/sshconn.h"
#include "store/sshfile.h"
#include "store/sshproxy.h"

/*
 * libssh's own text, cleaned of what the server may have put in it.  If the
 * server hangs up, libssh reports a "Socket error" with whatever errno was; a
 * reason that the server gave may or may not have been read before that.
 */
int
sshconn_fail(struct sshconn *c, enum err_kind kind, const char *what,
    struct err *e)
{
	const char	*said = ssh_get_error(c->ssh);
	char		 text[256];

	str_clean(text, sizeof(text), said, strlen(said));
	if (text[0] == '\0' || strcmp(text, "Socket error: Success") == 0 ||
	    strcmp(text, "Socket error: disconnected") == 0)
		return (err_set(e, kind, "%s: %s: the server closed the "
		    "connection; its log may say why", c->host, what));
	return (err_set(e, kind, "%s: %s: %s", c->host, what, text));
}

/*
 * Connecting failed.  A server that accepts a connection and ends it before
 * its first line does so on purpose; OpenSSH says why in its own log only.
 */
static int
not_connected(struct sshconn *c, struct err *e)
{
	if (ssh_get_serverbanner(c->ssh) != NULL ||
	    strstr(ssh_get_error(c->ssh), "Socket error") == NULL)
		return (sshconn_fail(c, ERR_REMOTE, "SSH", e));
	c->busy = 1;
	return (err_set(e, ERR_REMOTE, "%s: the server ended the connection "
	    "before it greeted; its log says why: too many (MaxStartups, the "
	    "account's limit), a penalty after failed logins "
	    "(PerSourcePenalties), a firewall, or no sshd here", c->host));
}

static int
set(struct sshconn *c, enum ssh_options_e option, const void *value,
    struct err *e)
{
	if (ssh_options_set(c->ssh, option, value) < 0)
		return (sshconn_fail(c, ERR_CONFIG, "SSH option", e));
	return (0);
}

static int
read_config(struct sshconn *c, const char *file, struct err *e)
{
	if (file != NULL && sshfile_check("ssh_config", file, e))
		return (-1);
	if (file != NULL && access(file, R_OK) == -1)
		return (err_sys(e, ERR_CONFIG, "ssh_config %s", file));
	if (ssh_options_parse_config(c->ssh, file) < 0)
		return (sshconn_fail(c, ERR_CONFIG, file == NULL ?
		    "~/.ssh/config" : file, e));
	return (0);
}

/*
 * Later options override earlier ones: our defaults come first, then
 * ssh_config, then what Seawall's own configuration says.  Host and user are
 * set first, since ssh_config may depend on them ("Host", "Match"); the user
 * again after it, so that a "User" line there does not win.  PROCESS_CONFIG
 * is off so that libssh does not read the files once more by itself.
 */
static int
configure(struct sshconn *c, const struct address *a, struct err *e)
{
	static const int		 no = 0, yes = 1;
	const struct store_conf		*conf = c->conf;
	const char			*ciphers;

	ciphers = cipher_list(cipher_has_aes());
	if (set(c, SSH_OPTIONS_HOST, a->host, e) ||
	    (a->user[0] != '\0' && set(c, SSH_OPTIONS_USER, a->user, e)) ||
	    set(c, SSH_OPTIONS_CIPHERS_C_S, ciphers, e) ||
	    set(c, SSH_OPTIONS_CIPHERS_S_C, ciphers, e) ||
	    set(c, SSH_OPTIONS_PROCESS_CONFIG, &no, e) ||
	    read_config(c, conf->ssh_config, e) ||
	    sshconfig_read(&c->ours, conf->ssh_config, a->host, a->user, e) ||
	    set(c, SSH_OPTIONS_STRICTHOSTKEYCHECK, &yes, e) ||
	    (a->user[0] != '\0' && set(c, SSH_OPTIONS_USER, a->user, e)) ||
	    (a->port != 0 && set(c, SSH_OPTIONS_PORT, &a->port, e)))
		return (-1);
	/*
	 * libssh asks for the types of host keys that known_hosts has for
	 * the host.  A pinned key must not depend on what stands there.
	 */
	if (conf->host_key != NULL)
		return (set(c, SSH_OPTIONS_KNOWNHOSTS, "/dev/null", e) ||
		    set(c, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null", e) ?
		    -1 : 0);
	if (conf->known_hosts != NULL &&
	    sshfile_check("known_hosts", conf->known_hosts, e))
		return (-1);
	if (conf->known_hosts != NULL)
		return (set(c, SSH_OPTIONS_KNOWNHOSTS, conf->known_hosts, e) ||
		    set(c, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null", e) ?
		    -1 : 0);
	return (0);
}

/*
 * Have a command connect, as ssh_config says.  libssh 0.11 prefers jumps of
 * its own, which know nothing of our configuration.
 */
static int
use_command(struct sshconn *c, const char *host, unsigned port,
    struct err *e)
{
	const struct store_conf	*conf = c->conf;
	char			 command[4096], all[4096];

#if LIBSSH_VERSION_INT >= SSH_VERSION_INT(0, 11, 0)
	if (set(c, SSH_OPTIONS_PROXYJUMP, "none", e))
		return (-1);
#endif
	if (c->ours.proxy_jump[0] != '\0') {
		if (sshproxy_jump(command, sizeof(command),
		    c->ours.proxy_jump, conf->ssh_config, conf->ssh_key,
		    conf->known_hosts, e))
			return (-1);
	} else if (str_fmt(command, sizeof(command), e, "%s",
	    c->ours.proxy_command))
		return (-1);
	if (sshproxy_expand(all, sizeof(all), command, host, port, c->host,
	    e))
		return (-1);
	return (set(c, SSH_OPTIONS_PROXYCOMMAND, all, e));
}

/*
 * Connect by ourselves: dial_tcp() gives each address of the host its share of
 * the deadline, and sets the socket's options.
 */
static int
use_socket(struct sshconn *c, const char *host, unsigned port, struct err *e)
{
	struct stat	 st;
	int		 fd = -1;

	if (dial_tcp(host, port, c->ours.family, clock_mono_ms() +
	    c->timeout_ms, &fd, e))
		return (-1);
	c->own_fd = fd;
	if (fstat(fd, &st) == -1)
		return (err_sys(e, ERR_LOCAL, "stat a socket"));
	c->own_ino = st.st_ino;
	return (set(c, SSH_OPTIONS_FD, &fd, e));
}

/* Whoever connects has host and port; libssh needs the names of keys. */
static int
use_alias(struct sshconn *c, struct err *e)
{
	static const unsigned	 no_port = 22;	/* known_hosts has none */

	if (c->ours.host_key_alias[0] == '\0')
		return (0);
	return (set(c, SSH_OPTIONS_HOST, c->ours.host_key_alias, e) ||
	    set(c, SSH_OPTIONS_PORT, &no_port, e) ? -1 : 0);
}

static int
dial(struct sshconn *c, struct err *e)
{
	char		*host = NULL;
	unsigned	 port = 22;
	int		 rc;

	if (ssh_options_get(c->ssh, SSH_OPTIONS_HOST, &host) != 0 ||
	    ssh_options_get_port(c->ssh, &port) != 0)
		rc = sshconn_fail(c, ERR_CONFIG, "SSH option", e);
	else if (c->ours.proxy_jump[0] != '\0' ||
	    c->ours.proxy_command[0] != '\0')
		rc = use_command(c, host, port, e);
	else
		rc = use_socket(c, host, port, e);
	if (host != NULL)
		ssh_string_free_char(host);
	return (rc == 0 ? use_alias(c, e) : -1);
}

int
sshconn_pending(const struct sshconn *c)
{
	return ((ssh_get_status(c->ssh) & SSH_WRITE_PENDING) != 0);
}

int
sshconn_until(struct sshconn *c, sshconn_step *step, void *arg, int *said,
    struct err *e)
{
	int64_t	 deadline = clock_mono_ms() + c->timeout_ms;
	int	 rc;

	while ((*said = step(arg)) == SSH_AGAIN || *said == SSH_AUTH_AGAIN) {
		c->fd = ssh_get_fd(c->ssh);
		/* Noise wakes the wait; only a finished step counts. */
		rc = clock_mono_ms() > deadline ? 1 :
		    dial_wait(c->fd, sshconn_pending(c), deadline, e);
		if (rc == 1)
			err_set(e, ERR_REMOTE, "%s did not answer for %lld s",
			    c->host, (long long)((c->timeout_ms + 999) /
			    1000));
		if (rc != 0)
			return (-1);
	}
	return (0);
}

static int
step_connect(void *arg)
{
	return (ssh_connect(((struct sshconn *)arg)->ssh));
}

static int
step_login(void *arg)
{
	struct sshconn	*c = arg;

	return (c->key != NULL ? ssh_userauth_publickey(c->ssh, NULL,
	    c->key) : ssh_userauth_publickey_auto(c->ssh, NULL, NULL));
}

static int
load_key(struct sshconn *c, struct err *e)
{
	const char	*file = c->conf->ssh_key;
	int		 rc;

	if (sshfile_check_key("ssh_key", file, e))
		return (-1);
	rc = ssh_pki_import_privkey_file(file, NULL, sshfile_no_passphrase,
	    NULL, &c->key);
	if (rc == SSH_OK)
		return (0);
	c->key = NULL;
	return (err_set(e, ERR_CONFIG, "ssh_key %s: not a private key that "
	    "can be used without a passphrase", file));
}

/* CertificateFile of ssh_config: the key logs in with it. */
static int
load_certificate(struct sshconn *c, struct err *e)
{
	const char	*file = c->ours.certificate;
	ssh_key		 cert = NULL;
	int		 rc;

	if (file[0] == '\0' || c->certified)
		return (0);
	if (c->key == NULL)
		return (err_set(e, ERR_CONFIG, "ssh_config: CertificateFile %s"
		    " is supported only with ssh_key", file));
	if (sshfile_check("CertificateFile", file, e))
		return (-1);
	rc = ssh_pki_import_cert_file(file, &cert);
	if (rc == SSH_OK)
		rc = ssh_pki_copy_cert_to_privkey(cert, c->key);
	ssh_key_free(cert);
	c->certified = rc == SSH_OK;
	if (rc == SSH_OK)
		return (0);
	return (err_set(e, ERR_CONFIG, "CertificateFile %s: not a certificate "
	    "that can be read", file));
}

static int
authenticate(struct sshconn *c, struct err *e)
{
	char	*user = NULL;
	int	 said;

	if (sshconn_until(c, step_login, c, &said, e))
		return (-1);
	if (said == SSH_AUTH_SUCCESS)
		return (0);
	if (said == SSH_AUTH_ERROR)
		return (sshconn_fail(c, ERR_REMOTE, "authentication", e));
	(void)ssh_options_get(c->ssh, SSH_OPTIONS_USER, &user);
	err_set(e, ERR_CONFIG, "%s: the server refused %s for user %s; is it "
	    "in that user's authorized_keys?", c->host,
	    c->key != NULL ? c->conf->ssh_key :
	    "every key of the agent and of ~/.ssh", user == NULL ? "?" :
	    user);
	if (user != NULL)
		ssh_string_free_char(user);
	return (-1);
}

/* Release the session and its socket. */
static void
hang_up(struct sshconn *c)
{
	struct stat	 st;

	if (c->ssh != NULL) {
		/*
		 * libssh had our descriptor and has it no longer: it has
		 * closed it, and another thread may have the number by now.
		 */
		if (c->fd == c->own_fd && ssh_get_fd(c->ssh) != c->own_fd)
			c->own_fd = -1;
		ssh_disconnect(c->ssh);
		ssh_free(c->ssh);
		c->ssh = NULL;
	}
	/*
	 * libssh does not close a descriptor that it was given, except after
	 * a failure of the socket; which of the two happened it does not
	 * say.  The inode tells whether this is still our socket.
	 */
	if (c->own_fd != -1 && fstat(c->own_fd, &st) == 0 &&
	    S_ISSOCK(st.st_mode) && st.st_ino == c->own_ino)
		(void)close(c->own_fd);
	c->fd = c->own_fd = -1;
}

static int
begin(struct sshconn *c, struct err *e)
{
	if ((c->ssh = ssh_new()) == NULL)
		return (err_set(e, ERR_LOCAL, "connect to %s: out of memory",
		    c->host));
	c->callbacks.auth_function = sshfile_no_passphrase;
	ssh_callbacks_init(&c->callbacks);
	(void)ssh_set_callbacks(c->ssh, &c->callbacks);
	ssh_set_blocking(c->ssh, 0);
	return (0);
}

/*
 * Connect and check the server's key.  "type" is the type of key to ask for;
 * with "guessed" it is not known to be right.  Returns 0, -1, or 1 if the
 * failure that *e describes may be over with another type; *found is the type
 * of the server's key.
 */
static int
meet(struct sshconn *c, const struct address *a, enum gate_type type,
    int guessed, enum gate_type *found, struct err *e)
{
	const char	*algorithms = hostkey_algorithms(type);
	int		 said;

	*found = type;
	if (begin(c, e) || configure(c, a, e) || load_certificate(c, e) ||
	    (algorithms != NULL &&
	    set(c, SSH_OPTIONS_HOSTKEYS, algorithms, e)) || dial(c, e) ||
	    sshconn_until(c, step_connect, c, &said, e))
		return (-1);
	if (said != SSH_OK) {
		(void)not_connected(c, e);
		/*
		 * A server that has no key of this type closes the
		 * connection, and libssh may see that before it sees why.
		 */
		return (guessed || hostkey_none(c->ssh) ? 1 : -1);
	}
	c->fd = ssh_get_fd(c->ssh);
	if (hostkey_check(c->ssh, c->host, c->conf, found, e) == 0)
		return (0);
	return (c->conf->host_key != NULL ? 1 : -1);
}

/*
 * A server has host keys of several types, and shows the one that both sides
 * agree on.  A pinned fingerprint does not say its type, so if another key is
 * shown, ask for the other types, one connection for each.  "type" becomes
 * that of the pinned key.
 */
static int
meet_pinned(struct sshconn *c, const struct address *a, enum gate_type *type,
    struct err *e)
{
	struct err	 why = ERR_INIT;
	unsigned	 tried = 0;
	enum gate_type	 next = *type, found;
	int		 rc, t, guessed = 0;

	while ((rc = meet(c, a, next, guessed, &found, &why)) == 1) {
		/* What the first connection found says most. */
		if (e->kind == ERR_NONE || e->kind == ERR_REMOTE) {
			err_clear(e);
			err_set(e, why.kind, "%s", why.msg);
		}
		err_clear(&why);
		if (next != GATE_ANY)
			tried |= 1u << next;
		if (found != GATE_ANY)
			tried |= 1u << found;
		for (t = 0; t < GATE_TYPES && (tried & 1u << t); t++)
			;
		if (t == GATE_TYPES || c->conf->host_key == NULL)
			return (-1);
		hang_up(c);
		next = (enum gate_type)t;
		guessed = 1;
	}
	if (rc == 0) {
		err_clear(e);
		*type = found;
		return (0);
	}
	err_clear(e);
	return (err_set(e, why.kind, "%s", why.msg));
}

/* Connect, check the server, and log in. */
static int
establish(struct sshconn *c, const struct address *a, enum gate_type *type,
    int *in_order, struct err *e)
{
	/*
	 * A key that cannot be used is found out before the server is
	 * reached: it may penalise connections that end without a login.
	 */
	if ((c->conf->ssh_key != NULL && load_key(c, e)) ||
	    meet_pinned(c, a, type, e))
		return (-1);
	/*
	 * OpenSSH's sftp-server works off one request after the other.  Of
	 * others we don't know, so nothing is built on their order.
	 */
	*in_order = ssh_get_openssh_version(c->ssh) != 0;
	/* The server has proved who it is before it learns of our keys. */
	return (authenticate(c, e));
}

static void
prepare(struct sshconn *c, const struct store_conf *conf,
    const struct address *a)
{
	*c = (struct sshconn){ .conf = conf, .fd = -1, .own_fd = -1 };
	c->timeout_ms = conf->io_timeout_ms > INT32_MAX ? INT32_MAX :
	    (int64_t)conf->io_timeout_ms;
	memcpy(c->host, a->host, sizeof(c->host));
}

int
sshconn_meet(struct sshconn *c, const struct store_conf *conf,
    const struct address *a, struct err *e)
{
	int	 said;

	prepare(c, conf, a);
	if (begin(c, e) || configure(c, a, e) || dial(c, e) ||
	    sshconn_until(c, step_connect, c, &said, e))
		return (-1);
	return (said == SSH_OK ? 0 : not_connected(c, e));
}

int
sshconn_open(struct sshconn *c, const struct store_conf *conf,
    const struct address *a, int *in_order, struct err *e)
{
	enum gate_type	 type;
	int		 rc;

	prepare(c, conf, a);
	type = gate_enter(conf->host_key);
	rc = establish(c, a, &type, in_order, e);
	gate_leave(conf->host_key, rc == 0 ? type : GATE_ANY);
	if (rc == 0)
		c->conf = NULL;
	return (rc);
}

void
sshconn_close(struct sshconn *c)
{
	hang_up(c);
	ssh_key_free(c->key);
}
