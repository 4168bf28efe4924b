#include "port/child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/error.h"

enum {
	NOT_STARTED = 127, /* exit of a child that could not exec */
	FIRST_FREE_DESCRIPTOR = 3,
};

void child_close(int *fd)
{
	if (*fd >= 0)
		ignore(close(*fd));
	*fd = -1;
}

void birth_clear(struct birth *b)
{
	child_close(&b->in);
	child_close(&b->out);
	child_close(&b->err);
	g_free(b->program);
	g_strfreev(b->env);
	identity_clear(&b->who);
}

const char *child_name(const char *program)
{
	const char *slash = strrchr(program, '/');

	return slash ? slash + 1 : program;
}

bool child_missing(const char *program, GError **error)
{
	static const struct {
		const char *name, *hint;
	} packages[] = {
	    {"git", "apt-get install git"},
	    {"pg_dump", "apt-get install postgresql-client"},
	    {"pg_restore", "apt-get install postgresql-client"},
	    {"psql", "apt-get install postgresql-client"},
	    {"initdb", "apt-get install postgresql, and set [database] bindir"},
	    {"pg_ctl", "apt-get install postgresql, and set [database] bindir"},
	    {"zstd", "apt-get install zstd"},
	    {"tar", "apt-get install tar"},
	    {"openssl", "apt-get install openssl"},
	    {"ssh-keygen", "apt-get install openssh-client"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(packages); i++)
		if (g_str_equal(child_name(program), packages[i].name))
			return fail(error, GONOGO_ERROR_SYSTEM,
			    "%s: no such program\nhint: %s", program,
			    packages[i].hint);
	return fail(error, GONOGO_ERROR_SYSTEM, "%s: no such program", program);
}

/* ---- in the child, between fork and exec: system calls only ---- */

static void close_others_on_exec(void)
{
	if (close_range(FIRST_FREE_DESCRIPTOR, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
		return;
	/* Linux before 5.11. */
	long most = sysconf(_SC_OPEN_MAX);
	for (int fd = FIRST_FREE_DESCRIPTOR; fd < most; fd++)
		ignore(fcntl(fd, F_SETFD, FD_CLOEXEC));
}

static bool take_stdio(const struct birth *b, int *report)
{
	/* Ours may be 0, 1 or 2 themselves: first out of the way. */
	int in = fcntl(b->in, F_DUPFD_CLOEXEC, FIRST_FREE_DESCRIPTOR);
	int out = fcntl(b->out, F_DUPFD_CLOEXEC, FIRST_FREE_DESCRIPTOR);
	int err = fcntl(b->err, F_DUPFD_CLOEXEC, FIRST_FREE_DESCRIPTOR);

	*report = fcntl(*report, F_DUPFD_CLOEXEC, FIRST_FREE_DESCRIPTOR);
	return *report >= 0 && dup2(in, STDIN_FILENO) >= 0 &&
	       dup2(out, STDOUT_FILENO) >= 0 && dup2(err, STDERR_FILENO) >= 0;
}

/* The call that failed, as the child tells it. */
enum stage { STAGE_SETUP, STAGE_USER, STAGE_FOLDER, STAGE_EXEC };
struct failure {
	enum stage stage;
	int number;
};

static G_NORETURN void be_born(const struct birth *b, pid_t parent, int report)
{
	struct failure failure = {.stage = STAGE_SETUP};
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		ignore(signal(number, SIG_DFL) == SIG_ERR);
	if (setpgid(0, 0) != 0 || !take_stdio(b, &report))
		goto failed;
	close_others_on_exec();
	/*
	 * As ourselves first: the folders above may be closed to the user, who
	 * owns this one.  Where root may do less (NFS), as the user below.
	 */
	bool there = !b->folder || chdir(b->folder) == 0;
	failure.stage = STAGE_USER;
	if (!identity_become(&b->who))
		goto failed;
	/* After the change of user, which would take it away again. */
	failure.stage = STAGE_SETUP;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		goto failed;
	if (getppid() != parent)
		_exit(NOT_STARTED); /* it died before it could be told */
	failure.stage = STAGE_FOLDER;
	if (!there && chdir(b->folder) != 0)
		goto failed;
	failure.stage = STAGE_EXEC;
	ignore(sigemptyset(&none));
	ignore(sigprocmask(SIG_SETMASK, &none, NULL));
	execve(b->program, (char *const *)b->argv, b->env);
failed:
	failure.number = errno;
	ignore(write(report, &failure, sizeof failure));
	_exit(NOT_STARTED);
}

/* ---- the start and the end ---- */

static bool fail_birth(
    const struct birth *b, const struct failure *failure, GError **error)
{
	const char *what[] = {
	    [STAGE_SETUP] = "starting",
	    [STAGE_USER] = b->who.name,
	    [STAGE_FOLDER] = b->folder,
	};

	if (failure->stage == STAGE_EXEC && failure->number == ENOENT)
		return child_missing(b->argv[0], error);
	errno = failure->number;
	if (failure->stage == STAGE_EXEC)
		return fail_errno(error, "%s", b->argv[0]);
	return fail_errno(
	    error, "%s: %s", child_name(b->argv[0]), what[failure->stage]);
}

/* fork(), with no signal taken by our handlers in the child. */
static pid_t fork_quietly(void)
{
	sigset_t all, before;

	sigfillset(&all);
	ignore(pthread_sigmask(SIG_SETMASK, &all, &before));
	pid_t pid = fork();
	int saved = errno;
	if (pid != 0)
		ignore(pthread_sigmask(SIG_SETMASK, &before, NULL));
	errno = saved;
	return pid;
}

bool child_start(const struct birth *b, struct child *c, GError **error)
{
	const char *name = child_name(b->argv[0]);
	struct failure failure;
	pid_t parent = getpid();
	int report[2];

	/* It closes at exec: then nothing has failed. */
	if (pipe2(report, O_CLOEXEC) != 0)
		return fail_errno(error, "pipe");
	pid_t pid = fork_quietly();
	if (pid == 0)
		be_born(b, parent, report[1]);
	if (pid < 0)
		fail_errno(error, "starting %s", name);
	ignore(close(report[1]));
	ssize_t got;
	do
		got = read(report[0], &failure, sizeof failure);
	while (got < 0 && errno == EINTR);
	ignore(close(report[0]));
	if (pid < 0)
		return false;
	c->pid = pid;
	if (got == (ssize_t)sizeof failure)
		return fail_birth(b, &failure, error);
	c->handle = pidfd_open(pid, 0);
	return c->handle >= 0 || fail_errno(error, "watching %s", name);
}

int child_end(struct child *c)
{
	int status = 0;

	/* Not yet waited for, so its number can't be somebody else's. */
	ignore(kill(-c->pid, SIGKILL));
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
	c->pid = 0;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

void child_clear(struct child *c)
{
	if (c->pid > 0)
		ignore(child_end(c) < 0);
	child_close(&c->handle);
	child_close(&c->out);
	child_close(&c->err);
}
