/* SPDX-License-Identifier: ISC */
/* An SSH connection by libssh, never blocking, as a transport for SFTP. */
#include <sys/stat.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libssh/callbacks.h>
#include <libssh/libssh.h>

#include "base/clock.h"
#include "base/str.h"
#include "store/cipher.h"
#include "store/dial.h"
#include "store/hostkey.h"
#include "store/session.h"

/*
 * libssh lets the server send 1.28 MB before we take it, and renews that
 * when half is used; too little for 40 MB/s over 40 ms.  Asking for more
 * bytes than the window has makes it larger.
 */
#define WINDOW_LIBSSH	1280000u
#define WINDOW		((uint32_t)3 << 20)	/* INPUT_ROOM of request.c */
#define WINDOW_STEP	((uint32_t)512 << 10)
#define NOISE_READS	32
#define READ_MAX	((uint32_t)256 << 10)

struct session {
	struct transport		 base;
	ssh_session			 ssh;
	ssh_channel			 ch;
	ssh_key				 key;
	struct ssh_callbacks_struct	 callbacks;
	const struct store_conf		*conf;		/* while opening */
	char				 host[ADDRESS_HOSTMAX];
	int64_t				 timeout_ms;
	int				 fd;		/* to wait on */
	int				 own_fd;	/* that we connected */
	ino_t				 own_ino;
	int				 ready;		/* sftp has started */
	uint32_t			 window;	/* at least, by our count */
	unsigned			 reads;
};

/* Never ask: there is nobody at the terminal. */
static int
no_passphrase(const char *prompt, char *buf, size_t n, int echo, int verify,
    void *arg)
{
	(void)prompt;
	(void)buf;
	(void)n;
	(void)echo;
	(void)verify;
	(void)arg;
	return (-1);
}

/*
 * What libssh says of its last failure, fit for one line.  A server that hangs
 * up is a "Socket error" with whatever errno was; if it did so for a reason,
 * that may or may not have been read before.
 */
static int
ssh_fail(struct session *s, enum err_kind kind, const char *what,
    struct err *e)
{
	const char	*said = ssh_get_error(s->ssh);
	char		 text[256];

	str_clean(text, sizeof(text), said, strlen(said));
	if (text[0] == '\0' || strcmp(text, "Socket error: Success") == 0 ||
	    strcmp(text, "Socket error: disconnected") == 0)
		return (err_set(e, kind, "%s: %s: the server closed the "
		    "connection; its log may say why", s->host, what));
	return (err_set(e, kind, "%s: %s: %s", s->host, what, text));
}

static int
set(struct session *s, enum ssh_options_e option, const void *value,
    struct err *e)
{
	if (ssh_options_set(s->ssh, option, value) < 0)
		return (ssh_fail(s, ERR_CONFIG, "SSH option", e));
	return (0);
}

static int
read_config(struct session *s, const char *file, struct err *e)
{
	if (file != NULL && access(file, R_OK) == -1)
		return (err_sys(e, ERR_CONFIG, "ssh_config %s", file));
	if (ssh_options_parse_config(s->ssh, file) < 0)
		return (ssh_fail(s, ERR_CONFIG, file == NULL ?
		    "~/.ssh/config" : file, e));
	return (0);
}

/* Ours first, then the files', then what was said in so many words. */
static int
configure(struct session *s, const struct address *a, struct err *e)
{
	static const int		 no = 0, yes = 1;
	const struct store_conf		*c = s->conf;
	const char			*ciphers;

	ciphers = cipher_list(cipher_has_aes());
	if (set(s, SSH_OPTIONS_HOST, a->host, e) ||
	    (a->user[0] != '\0' && set(s, SSH_OPTIONS_USER, a->user, e)) ||
	    set(s, SSH_OPTIONS_CIPHERS_C_S, ciphers, e) ||
	    set(s, SSH_OPTIONS_CIPHERS_S_C, ciphers, e) ||
	    set(s, SSH_OPTIONS_PROCESS_CONFIG, &no, e) ||
	    read_config(s, c->ssh_config, e) ||
	    set(s, SSH_OPTIONS_STRICTHOSTKEYCHECK, &yes, e) ||
	    (a->user[0] != '\0' && set(s, SSH_OPTIONS_USER, a->user, e)) ||
	    (a->port != 0 && set(s, SSH_OPTIONS_PORT, &a->port, e)))
		return (-1);
	/* A pinned key does not depend on what else is known. */
	if (c->host_key != NULL)
		return (set(s, SSH_OPTIONS_KNOWNHOSTS, "/dev/null", e) ||
		    set(s, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null", e) ?
		    -1 : 0);
	if (c->known_hosts != NULL)
		return (set(s, SSH_OPTIONS_KNOWNHOSTS, c->known_hosts, e) ||
		    set(s, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null", e) ?
		    -1 : 0);
	return (0);
}

/* Our own connection, unless a ProxyCommand makes one. */
static int
dial(struct session *s, struct err *e)
{
	struct stat	 st;
	char		*host = NULL, *proxy = NULL;
	unsigned	 port = 22;
	int		 fd = -1, rc = -1;

	if (ssh_options_get(s->ssh, SSH_OPTIONS_PROXYCOMMAND, &proxy) == 0 &&
	    proxy != NULL && proxy[0] != '\0') {
		rc = 0;
		goto out;
	}
	if (ssh_options_get(s->ssh, SSH_OPTIONS_HOST, &host) != 0 ||
	    ssh_options_get_port(s->ssh, &port) != 0) {
		ssh_fail(s, ERR_CONFIG, "SSH option", e);
		goto out;
	}
	if (dial_tcp(host, port, clock_mono_ms() + s->timeout_ms, &fd, e))
		goto out;
	s->own_fd = fd;
	if (fstat(fd, &st) == -1) {
		err_sys(e, ERR_LOCAL, "stat a socket");
		goto out;
	}
	s->own_ino = st.st_ino;
	rc = set(s, SSH_OPTIONS_FD, &fd, e);
out:
	if (host != NULL)
		ssh_string_free_char(host);
	if (proxy != NULL)
		ssh_string_free_char(proxy);
	return (rc);
}

static int
pending(struct session *s)
{
	return ((ssh_get_status(s->ssh) & SSH_WRITE_PENDING) != 0);
}

typedef int	 session_step(struct session *);

/* Repeat a step of libssh until it is done; what it said last. */
static int
until(struct session *s, session_step *step, int *said, struct err *e)
{
	int64_t	 deadline = clock_mono_ms() + s->timeout_ms;
	int	 rc;

	while ((*said = step(s)) == SSH_AGAIN || *said == SSH_AUTH_AGAIN) {
		s->fd = ssh_get_fd(s->ssh);
		/* A server that only makes noise keeps nobody waiting. */
		rc = clock_mono_ms() > deadline ? 1 :
		    dial_wait(s->fd, pending(s), deadline, e);
		if (rc == 1)
			err_set(e, ERR_REMOTE, "%s did not answer for %lld s",
			    s->host, (long long)((s->timeout_ms + 999) /
			    1000));
		if (rc != 0)
			return (-1);
	}
	return (0);
}

static int
step_connect(struct session *s)
{
	return (ssh_connect(s->ssh));
}

static int
step_key(struct session *s)
{
	return (ssh_userauth_publickey(s->ssh, NULL, s->key));
}

static int
step_auto(struct session *s)
{
	return (ssh_userauth_publickey_auto(s->ssh, NULL, NULL));
}

static int
step_channel(struct session *s)
{
	return (ssh_channel_open_session(s->ch));
}

static int
step_sftp(struct session *s)
{
	return (ssh_channel_request_sftp(s->ch));
}

static int
load_key(struct session *s, struct err *e)
{
	const char	*file = s->conf->ssh_key;
	int		 rc;

	if (access(file, R_OK) == -1)
		return (err_sys(e, ERR_CONFIG, "ssh_key %s", file));
	rc = ssh_pki_import_privkey_file(file, NULL, no_passphrase, NULL,
	    &s->key);
	if (rc == SSH_OK)
		return (0);
	return (err_set(e, ERR_CONFIG, "ssh_key %s: not a private key that "
	    "can be used without a passphrase", file));
}

static int
authenticate(struct session *s, struct err *e)
{
	char	*user = NULL;
	int	 said;

	if (s->conf->ssh_key != NULL && load_key(s, e))
		return (-1);
	if (until(s, s->key != NULL ? step_key : step_auto, &said, e))
		return (-1);
	if (said == SSH_AUTH_SUCCESS)
		return (0);
	if (said == SSH_AUTH_ERROR)
		return (ssh_fail(s, ERR_REMOTE, "authentication", e));
	(void)ssh_options_get(s->ssh, SSH_OPTIONS_USER, &user);
	err_set(e, ERR_CONFIG, "%s: the server refused %s for user %s; is it "
	    "in that user's authorized_keys?", s->host,
	    s->key != NULL ? s->conf->ssh_key :
	    "every key of the agent and of ~/.ssh", user == NULL ? "?" :
	    user);
	if (user != NULL)
		ssh_string_free_char(user);
	return (-1);
}

/*
 * Ask for the subsystem and go on without its answer: sftp's greeting can
 * follow in the same flight.  session_read() sees whether it was granted.
 */
static int
start_sftp(struct session *s, struct err *e)
{
	int	 said;

	if ((s->ch = ssh_channel_new(s->ssh)) == NULL)
		return (ssh_fail(s, ERR_LOCAL, "channel", e));
	if (until(s, step_channel, &said, e))
		return (-1);
	if (said != SSH_OK)
		return (ssh_fail(s, ERR_REMOTE, "open a channel", e));
	said = step_sftp(s);
	if (said != SSH_OK && said != SSH_AGAIN)
		return (ssh_fail(s, ERR_REMOTE, "start sftp", e));
	s->ready = said == SSH_OK;
	s->window = WINDOW_LIBSSH;
	return (0);
}

static int
lost(struct session *s, struct err *e)
{
	if (ssh_channel_is_eof(s->ch) || ssh_channel_is_closed(s->ch))
		return (err_set(e, ERR_REMOTE,
		    "%s closed the connection", s->host));
	return (ssh_fail(s, ERR_REMOTE, "connection", e));
}

static int
session_read(struct transport *base, void *buf, size_t n, uint64_t expect,
    size_t *got, struct err *e)
{
	struct session	*s = (struct session *)base;
	uint32_t	 count = READ_MAX;
	char		 noise[4096];
	int		 r;

	if (!s->ready) {
		r = step_sftp(s);
		if (r == SSH_AGAIN)
			return (0);
		if (r != SSH_OK)
			return (err_set(e, ERR_REMOTE, "%s: the server refused"
			    " the sftp subsystem", s->host));
		s->ready = 1;
	}
	/*
	 * What the server says on its error output would pile up in libssh.
	 * Before the data: it may take these in too, which are then seen.
	 */
	if (s->reads++ % NOISE_READS == 0)
		(void)ssh_channel_read_nonblocking(s->ch, noise,
		    sizeof(noise), 1);
	if (n >= WINDOW && expect > s->window &&
	    s->window < WINDOW - WINDOW_STEP)
		s->window = count = WINDOW;
	r = ssh_channel_read_timeout(s->ch, buf, count, 0, 0);
	if (r == SSH_AGAIN || (r == 0 && !ssh_channel_is_eof(s->ch) &&
	    ssh_is_connected(s->ssh)))
		return (0);
	if (r <= 0)
		return (lost(s, e));
	*got = (size_t)r;
	s->window -= (uint32_t)r < s->window ? (uint32_t)r : s->window;
	if (s->window < WINDOW_LIBSSH / 2)
		s->window = WINDOW_LIBSSH;
	return (0);
}

/*
 * Only what the channel's window and the socket take: libssh would keep the
 * rest in memory without bound.
 */
static int
session_write(struct transport *base, const void *buf, size_t n,
    size_t *took, struct err *e)
{
	struct session	*s = (struct session *)base;
	uint32_t	 room;
	int		 r;

	if (!ssh_is_connected(s->ssh) || ssh_channel_is_closed(s->ch))
		return (lost(s, e));
	room = ssh_channel_window_size(s->ch);
	if (room == 0 || pending(s))
		return (0);
	r = ssh_channel_write(s->ch, buf, n < room ? (uint32_t)n : room);
	if (r == SSH_AGAIN)
		return (0);
	if (r < 0)
		return (lost(s, e));
	*took = (size_t)r;
	return (0);
}

static int
session_wait(struct transport *base, int64_t deadline, struct err *e)
{
	struct session	*s = (struct session *)base;

	return (dial_wait(s->fd, pending(s), deadline, e));
}

static int
session_keep(struct transport *base, struct err *e)
{
	struct session	*s = (struct session *)base;

	if (ssh_send_ignore(s->ssh, "") == SSH_ERROR)
		return (lost(s, e));
	return (0);
}

static void
session_free(struct transport *base)
{
	struct session	*s = (struct session *)base;
	struct stat	 st;

	if (s->ch != NULL)
		ssh_channel_free(s->ch);
	if (s->ssh != NULL) {
		/* That it had it and has it no more: closed, and perhaps
		   another thread's by now. */
		if (s->fd == s->own_fd && ssh_get_fd(s->ssh) != s->own_fd)
			s->own_fd = -1;
		ssh_disconnect(s->ssh);
		ssh_free(s->ssh);
	}
	ssh_key_free(s->key);
	/*
	 * libssh leaves a descriptor that it was given to its giver, except
	 * after a failure of the socket.
	 */
	if (s->own_fd != -1 && fstat(s->own_fd, &st) == 0 &&
	    S_ISSOCK(st.st_mode) && st.st_ino == s->own_ino)
		(void)close(s->own_fd);
	free(s);
}

static const struct transport_ops	 session_ops = {
	session_read, session_write, session_wait, session_keep, session_free
};

/* Connect, know the server, be known, and have sftp started. */
static int
establish(struct session *s, const struct address *a, int *in_order,
    struct err *e)
{
	int	 said;

	if (configure(s, a, e) || dial(s, e) ||
	    until(s, step_connect, &said, e))
		return (-1);
	if (said != SSH_OK)
		return (ssh_fail(s, ERR_REMOTE, "SSH", e));
	s->fd = ssh_get_fd(s->ssh);
	*in_order = ssh_get_openssh_version(s->ssh) != 0;
	if (hostkey_check(s->ssh, s->host, s->conf, e) || authenticate(s, e))
		return (-1);
	return (start_sftp(s, e));
}

int
session_open(struct transport **out, const struct store_conf *conf,
    const struct address *a, int *in_order, struct err *e)
{
	struct session	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (err_sys(e, ERR_LOCAL, "connect to %s", a->host));
	s->base.ops = &session_ops;
	s->conf = conf;
	s->fd = s->own_fd = -1;
	s->timeout_ms = conf->io_timeout_ms > INT32_MAX ? INT32_MAX :
	    (int64_t)conf->io_timeout_ms;
	memcpy(s->host, a->host, sizeof(s->host));
	if ((s->ssh = ssh_new()) == NULL) {
		err_set(e, ERR_LOCAL, "connect to %s: out of memory",
		    a->host);
		goto fail;
	}
	s->callbacks.auth_function = no_passphrase;
	ssh_callbacks_init(&s->callbacks);
	(void)ssh_set_callbacks(s->ssh, &s->callbacks);
	ssh_set_blocking(s->ssh, 0);
	if (establish(s, a, in_order, e))
		goto fail;
	s->conf = NULL;
	*out = &s->base;
	return (0);
fail:
	session_free(&s->base);
	return (-1);
}
