/* SPDX-License-Identifier: ISC */
/* Starts and ends a real OpenSSH server for tests. */
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "sshd.h"
#include "store_conformance.h"

#define CHILDREN_MAX	256
#define STAT_BYTES	512	/* of a line of /proc/PID/stat */
#define HANG_MS		120000

static const char *
sshd_program(void)
{
	return (access("/usr/sbin/sshd", X_OK) == 0 ? "/usr/sbin/sshd" : NULL);
}

static const char *
server_program(void)
{
	static const char *const	 places[] = {
		"/usr/lib/openssh/sftp-server",
		"/usr/libexec/openssh/sftp-server",
		"/usr/lib/ssh/sftp-server"
	};
	size_t				 i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (access(places[i], X_OK) == 0)
			return (places[i]);
	return (NULL);
}

int
sshd_available(void)
{
	if (sshd_program() != NULL && server_program() != NULL)
		return (1);
	print_message("no OpenSSH server here: not tested\n");
	return (0);
}

static void	 run(const char *, ...) __attribute__((format(printf, 1, 2)));

static void
run(const char *fmt, ...)
{
	char	 cmd[1024];
	va_list	 ap;

	va_start(ap, fmt);
	(void)vsnprintf(cmd, sizeof(cmd), fmt, ap);
	va_end(ap);
	if (system(cmd) != 0)
		fail_msg("%s", cmd);
}

static int
free_port(void)
{
	struct sockaddr_in	 sa;
	socklen_t		 n = sizeof(sa);
	int			 fd;

	memset(&sa, 0, sizeof(sa));
	sa.sin_family = AF_INET;
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_not_equal(fd, -1);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, n), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &n), 0);
	(void)close(fd);
	return (ntohs(sa.sin_port));
}

static void
write_config(const struct sshd *s, const char *sftp_args, const char *lines)
{
	char	 path[192];
	FILE	*f;

	(void)snprintf(path, sizeof(path), "%s/config", s->dir);
	assert_non_null(f = fopen(path, "w"));
	(void)fprintf(f, "Port %d\nListenAddress 127.0.0.1\n"
	    "HostKey %s/host\nAuthorizedKeysFile %s/user.pub\n"
	    "PidFile none\nStrictModes no\nUsePAM no\nMaxStartups 100\n"
	    "PasswordAuthentication no\nKbdInteractiveAuthentication no\n"
	    "PermitRootLogin prohibit-password\n"
	    "SetEnv SHLVL=2\n"		/* bash reads no ~/.bashrc then */
	    "Subsystem sftp exec %s -e -l DEBUG3 %s 2>>%s\n%s",
	    s->port, s->dir, s->dir, server_program(),
	    sftp_args == NULL ? "" : sftp_args, s->log, lines);
	assert_int_equal(fclose(f), 0);
}

static void
make_keys(struct sshd *s)
{
	FILE	*p;
	char	 cmd[256];

	run("ssh-keygen -q -t ed25519 -N '' -f %s/host", s->dir);
	run("ssh-keygen -q -t ed25519 -N '' -f %s", s->user_key);
	run("ssh-keygen -q -t ed25519 -N '' -f %s", s->other_key);
	(void)snprintf(cmd, sizeof(cmd),
	    "ssh-keygen -l -E sha256 -f %s/host | cut -d ' ' -f 2", s->dir);
	assert_non_null(p = popen(cmd, "r"));
	assert_non_null(fgets(s->host_key, sizeof(s->host_key), p));
	s->host_key[strcspn(s->host_key, "\n")] = '\0';
	assert_int_equal(pclose(p), 0);
}

static char *
read_whole(const char *path)
{
	char	*buf;
	FILE	*f;
	long	 n;

	assert_non_null(f = fopen(path, "r"));
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	n = ftell(f);
	rewind(f);
	assert_non_null(buf = calloc(1, (size_t)n + 1));
	assert_int_equal(fread(buf, 1, (size_t)n, f), (size_t)n);
	(void)fclose(f);
	return (buf);
}

char *
sshd_read_own_log(const struct sshd *s)
{
	char	 path[192];

	(void)snprintf(path, sizeof(path), "%s/sshd.log", s->dir);
	return (read_whole(path));
}

/*
 * Returns 0 once it listens, or -1 if it has ended because the port was
 * taken.  An answer at the port alone may come from another test's server.
 */
static int
wait_for(const struct sshd *s)
{
	char	*log;
	int	 i, listens;

	for (i = 0; i < 30000; i++) {		/* five minutes: it hangs */
		(void)usleep(10000);
		log = sshd_read_own_log(s);
		listens = strstr(log, "Server listening on") != NULL;
		free(log);
		if (listens)
			return (0);
		if (waitpid(s->pid, NULL, WNOHANG) == s->pid)
			return (-1);
	}
	fail_msg("sshd does not start: see %s/sshd.log", s->dir);
	return (-1);
}

int
sshd_knows(const struct sshd *s, const char *option)
{
	char	 cmd[512];

	(void)snprintf(cmd, sizeof(cmd), "%s -t -f /dev/null -h %s/host -o %s "
	    ">/dev/null 2>&1", sshd_program(), s->dir, option);
	return (system(cmd) == 0);
}

/*
 * Tests break connections in every way, for which sshd since 9.8 penalises
 * their address.  The first value of an option counts, so a test can want it.
 */
static void
no_penalties(const struct sshd *s)
{
	if (sshd_knows(s, "PerSourcePenalties=no"))
		run("echo PerSourcePenalties no >>%s/config", s->dir);
}

/* Returns as wait_for(). */
static int
spawn(struct sshd *s)
{
	char	 config[192], log[192];

	(void)snprintf(config, sizeof(config), "%s/config", s->dir);
	(void)snprintf(log, sizeof(log), "%s/sshd.log", s->dir);
	run(": >%s", log);
	assert_int_not_equal(s->pid = fork(), -1);
	if (s->pid == 0) {
		/* It must not outlive a test that dies. */
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		execl(sshd_program(), sshd_program(), "-D", "-f", config,
		    "-E", log, (char *)NULL);
		_exit(127);
	}
	return (wait_for(s));
}

static int
launch(struct sshd *s, const char *sftp_args, const char *lines)
{
	s->port = free_port();
	write_config(s, sftp_args, lines);
	no_penalties(s);
	run("{ printf '[127.0.0.1]:%d '; cat %s/host.pub; } >%s", s->port,
	    s->dir, s->known_hosts);
	return (spawn(s));
}

void
sshd_reread(struct sshd *s)
{
	(void)kill(s->pid, SIGKILL);
	(void)waitpid(s->pid, NULL, 0);
	if (spawn(s) == -1)
		fail_msg("sshd ends: see %s/sshd.log", s->dir);
}

void
sshd_start(struct sshd *s, const char *sftp_args)
{
	sshd_start_with(s, sftp_args, "");
}

void
sshd_start_with(struct sshd *s, const char *sftp_args, const char *lines)
{
	int	 i;

	memset(s, 0, sizeof(*s));
	(void)snprintf(s->dir, sizeof(s->dir), "/tmp/seawall-sshd.XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	(void)snprintf(s->user_key, sizeof(s->user_key), "%s/user", s->dir);
	(void)snprintf(s->other_key, sizeof(s->other_key), "%s/other",
	    s->dir);
	(void)snprintf(s->known_hosts, sizeof(s->known_hosts),
	    "%s/known_hosts", s->dir);
	(void)snprintf(s->log, sizeof(s->log), "%s/sftp.log", s->dir);
	make_keys(s);
	if (geteuid() == 0)		/* privilege separation needs it */
		(void)mkdir("/run/sshd", 0755);
	for (i = 0; launch(s, sftp_args, lines); i++)
		if (i == 4)
			fail_msg("sshd ends: see %s/sshd.log", s->dir);
}

/*
 * Read the line of /proc/PID/stat.  Returns where the ')' behind the program's
 * name is, before the state and the parent; NULL if the process has ended.
 */
static char *
read_stat(pid_t pid, char line[STAT_BYTES])
{
	char	 path[64], *p = NULL;
	FILE	*f;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if ((f = fopen(path, "r")) == NULL)
		return (NULL);
	if (fgets(line, STAT_BYTES, f) != NULL &&
	    (p = strrchr(line, ')')) != NULL && strlen(p) <= 4)
		p = NULL;
	(void)fclose(f);
	return (p);
}

static int
parent_of(pid_t pid)
{
	char	 line[STAT_BYTES];
	char	*p = read_stat(pid, line);

	return (p == NULL ? -1 : (int)strtol(p + 4, NULL, 10));
}

static int
is_below(pid_t pid, pid_t above)
{
	int	 i;

	for (i = 0; i < 8 && pid > 1; i++)
		if ((pid = parent_of(pid)) == above)
			return (1);
	return (0);
}

/* Whether process "pid" runs the program "name" and has not ended. */
static int
runs(pid_t pid, const char *name)
{
	char	 line[STAT_BYTES], *start;
	char	*p = read_stat(pid, line);

	if (p == NULL || p[2] == 'Z')
		return (0);
	*p = '\0';
	start = strchr(line, '(');
	return (start != NULL && strcmp(start + 1, name) == 0);
}

/* Whether a process is stopped or has ended. */
static int
stands(pid_t pid)
{
	char	 line[STAT_BYTES];
	char	*p = read_stat(pid, line);

	return (p == NULL || strchr("TtZX", p[2]) != NULL);
}

/* Find the server's descendants that run "name", or all of them for NULL. */
static int
find_children(const struct sshd *s, const char *name,
    pid_t found[CHILDREN_MAX])
{
	struct dirent	*de;
	DIR		*d;
	pid_t		 pid;
	int		 n = 0;

	assert_non_null(d = opendir("/proc"));
	while ((de = readdir(d)) != NULL) {
		pid = (pid_t)strtol(de->d_name, NULL, 10);
		if (pid > 1 && is_below(pid, s->pid) &&
		    (name == NULL || runs(pid, name))) {
			assert_true(n < CHILDREN_MAX);
			found[n++] = pid;
		}
	}
	(void)closedir(d);
	return (n);
}

/*
 * Signal descendants.  All are found first: a process whose parent has been
 * killed is nobody's descendant any more.
 */
static int
children(const struct sshd *s, const char *name, int sig)
{
	pid_t	 found[CHILDREN_MAX];
	int	 i, n, signalled = 0;

	n = find_children(s, name, found);
	for (i = 0; i < n; i++)
		signalled += kill(found[i], sig) == 0;
	return (signalled);
}

static int
all_stand(const struct sshd *s)
{
	pid_t	 found[CHILDREN_MAX];
	int	 i, n;

	n = find_children(s, NULL, found);
	for (i = 0; i < n; i++)
		if (!stands(found[i]))
			return (0);
	return (stands(s->pid));
}

/*
 * Whether the server and all its connections are stopped or have ended.  A
 * process may fork while the list is made, and stop before it is looked at:
 * its child is not in that list.  It is in the second one, since nothing that
 * stood behind the first list forks any more.
 */
static int
have_stopped(const struct sshd *s)
{
	return (all_stand(s) && all_stand(s));
}

void
sshd_pause(const struct sshd *s)
{
	const int64_t	 end_ms = clock_mono_ms() + HANG_MS;

	do {
		if (clock_mono_ms() > end_ms)
			fail_msg("sshd does not stop");
		(void)kill(s->pid, SIGSTOP);
		(void)sshd_signal(s, SIGSTOP);
		(void)usleep(1000);
	} while (!have_stopped(s));
}

int
sshd_connections(const struct sshd *s)
{
	return (children(s, "sftp-server", 0));
}

int
sshd_signal(const struct sshd *s, int sig)
{
	return (children(s, NULL, sig));
}

char *
sshd_read_log(const struct sshd *s)
{
	return (read_whole(s->log));
}

void
sshd_reach(struct store_conf *c, char *uri, const struct sshd *s,
    const char *dir)
{
	(void)snprintf(uri, 1024, "ssh://127.0.0.1:%d%s", s->port, dir);
	c->repository = uri;
	c->ssh_key = s->user_key;
	c->ssh_config = "/dev/null";
	c->known_hosts = s->known_hosts;
}

void
sshd_stop(struct sshd *s)
{
	(void)sshd_signal(s, SIGKILL);
	(void)kill(s->pid, SIGKILL);	/* it may be stopped */
	(void)waitpid(s->pid, NULL, 0);
	run("rm -rf %s", s->dir);
}
