#include "port/child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <pwd.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/error.h"
#include "base/file.h"

enum {
	NOT_STARTED = 127, /* exit of a child that could not exec */
	FIRST_FREE_DESCRIPTOR = 3,
};

/* Who the child becomes; looked up before the fork. */
struct identity {
	bool change;
	uid_t uid;
	gid_t gid;
	gid_t *groups;
	int groups_length;
	char *name, *home;
};

static void identity_clear(struct identity *who)
{
	g_free(who->groups);
	g_free(who->name);
	g_free(who->home);
	*who = (struct identity){0};
}

/* All that the child needs; it can't allocate between fork and exec. */
typedef struct birth birth;
struct birth {
	const char *program; /* with its folder */
	char *found;         /* owns program when PATH was asked */
	char **env;
	struct identity who;
	pid_t parent;
	int in, out, err, report; /* the child's ends */
	sigset_t signals;         /* what our thread had blocked before */
};

void child_close(int *fd)
{
	if (*fd >= 0)
		ignore(close(*fd));
	*fd = -1;
}

static void birth_clear(struct birth *b)
{
	child_close(&b->in);
	child_close(&b->out);
	child_close(&b->err);
	child_close(&b->report);
	g_free(b->found);
	g_strfreev(b->env);
	identity_clear(&b->who);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(birth, birth_clear)

const char *child_name(const struct process *p)
{
	const char *slash = strrchr(p->argv[0], '/');

	return slash ? slash + 1 : p->argv[0];
}

/* ---- before the fork ---- */

static bool fail_missing(const struct process *p, GError **error)
{
	static const struct {
		const char *program, *hint;
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
		if (g_str_equal(child_name(p), packages[i].program))
			return fail(error, GONOGO_ERROR_SYSTEM,
			    "%s: no such program\nhint: %s", p->argv[0],
			    packages[i].hint);
	return fail(
	    error, GONOGO_ERROR_SYSTEM, "%s: no such program", p->argv[0]);
}

static bool find_program(
    const struct process *p, struct birth *b, GError **error)
{
	if (strchr(p->argv[0], '/')) {
		b->program = p->argv[0];
		return true;
	}
	b->program = b->found = g_find_program_in_path(p->argv[0]);
	return b->program || fail_missing(p, error);
}

static bool find_user(const char *name, struct identity *who, GError **error)
{
	enum { ROOM = 16 << 10 };
	g_autofree char *room = g_malloc(ROOM);
	struct passwd entry, *found = NULL;

	if (!name || geteuid() != 0)
		return true;
	int code = getpwnam_r(name, &entry, room, ROOM, &found);
	if (!found)
		return fail(error, GONOGO_ERROR_USAGE, "user %s: %s", name,
		    code ? g_strerror(code) : "no such user");
	who->groups_length = 64;
	who->groups = g_new(gid_t, (size_t)who->groups_length);
	while (getgrouplist(
		   name, entry.pw_gid, who->groups, &who->groups_length) < 0)
		who->groups =
		    g_renew(gid_t, who->groups, (size_t)who->groups_length);
	who->change = true;
	who->uid = entry.pw_uid;
	who->gid = entry.pw_gid;
	who->name = g_strdup(entry.pw_name);
	who->home = g_strdup(entry.pw_dir);
	return true;
}

static char **environment_of(
    const struct process *p, const struct identity *who)
{
	char **env = g_get_environ();

	if (who->change) {
		env = g_environ_setenv(env, "HOME", who->home, TRUE);
		env = g_environ_setenv(env, "USER", who->name, TRUE);
		env = g_environ_setenv(env, "LOGNAME", who->name, TRUE);
	}
	for (size_t i = 0; p->env && p->env[i]; i++) {
		g_auto(GStrv) pair = g_strsplit(p->env[i], "=", 2);

		env = pair[1] ? g_environ_setenv(env, pair[0], pair[1], TRUE)
			      : g_environ_unsetenv(env, pair[0]);
	}
	return env;
}

/* A file in memory: the child reads it at its own pace, nobody waits. */
static bool open_input(const struct process *p, int *in, GError **error)
{
	if (!p->input) {
		*in = open("/dev/null", O_RDONLY | O_CLOEXEC);
		return *in >= 0 || fail_errno(error, "/dev/null");
	}
	*in = memfd_create("input", MFD_CLOEXEC);
	if (*in < 0)
		return fail_errno(error, "input of %s", child_name(p));
	if (!file_write_fd(*in, "input", p->input, p->input_length, error))
		return false;
	return lseek(*in, 0, SEEK_SET) == 0 ||
	       fail_errno(error, "input of %s", child_name(p));
}

static bool open_pipe(int *ours, int *theirs, GError **error)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return fail_errno(error, "pipe");
	*ours = ends[0];
	*theirs = ends[1];
	return true;
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

static bool become(const struct identity *who)
{
	if (!who->change)
		return true;
	return setgroups((size_t)who->groups_length, who->groups) == 0 &&
	       setresgid(who->gid, who->gid, who->gid) == 0 &&
	       setresuid(who->uid, who->uid, who->uid) == 0;
}

static bool take_stdio(const struct birth *b, int *report)
{
	/* Ours may be 0, 1 or 2 themselves: first out of the way. */
	int in = fcntl(b->in, F_DUPFD_CLOEXEC, FIRST_FREE_DESCRIPTOR);
	int out = fcntl(b->out, F_DUPFD_CLOEXEC, FIRST_FREE_DESCRIPTOR);
	int err = fcntl(b->err, F_DUPFD_CLOEXEC, FIRST_FREE_DESCRIPTOR);

	*report = fcntl(b->report, F_DUPFD_CLOEXEC, FIRST_FREE_DESCRIPTOR);
	return *report >= 0 && dup2(in, STDIN_FILENO) >= 0 &&
	       dup2(out, STDOUT_FILENO) >= 0 && dup2(err, STDERR_FILENO) >= 0;
}

/* The call that failed, as the child tells it. */
enum stage { STAGE_SETUP, STAGE_USER, STAGE_FOLDER, STAGE_EXEC };
struct failure {
	enum stage stage;
	int number;
};

static G_NORETURN void be_born(const struct process *p, const struct birth *b)
{
	struct failure failure = {.stage = STAGE_SETUP};
	int report = b->report;
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		ignore(signal(number, SIG_DFL) == SIG_ERR);
	if (setpgid(0, 0) != 0 || !take_stdio(b, &report))
		goto failed;
	close_others_on_exec();
	/* As ourselves first: the folders above may be closed to the user, who
	 * owns this one.  Where root may do less (NFS), as the user below. */
	bool there = !p->folder || chdir(p->folder) == 0;
	failure.stage = STAGE_USER;
	if (!become(&b->who))
		goto failed;
	/* After the change of user, which would take it away again. */
	failure.stage = STAGE_SETUP;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		goto failed;
	if (getppid() != b->parent)
		_exit(NOT_STARTED); /* it died before it could be told */
	failure.stage = STAGE_FOLDER;
	if (!there && chdir(p->folder) != 0)
		goto failed;
	failure.stage = STAGE_EXEC;
	ignore(sigemptyset(&none));
	ignore(sigprocmask(SIG_SETMASK, &none, NULL));
	execve(b->program, (char *const *)p->argv, b->env);
failed:
	failure.number = errno;
	ignore(write(report, &failure, sizeof failure));
	_exit(NOT_STARTED);
}

/* ---- the start ---- */

static bool fail_birth(
    const struct process *p, const struct failure *failure, GError **error)
{
	const char *what[] = {
	    [STAGE_SETUP] = "starting",
	    [STAGE_USER] = p->user,
	    [STAGE_FOLDER] = p->folder,
	    [STAGE_EXEC] = p->argv[0],
	};

	if (failure->stage == STAGE_EXEC && failure->number == ENOENT)
		return fail_missing(p, error);
	errno = failure->number;
	if (failure->stage == STAGE_EXEC)
		return fail_errno(error, "%s", p->argv[0]);
	return fail_errno(error, "%s: %s", child_name(p), what[failure->stage]);
}

/* fork(), with no signal taken by our handlers in the child. */
static pid_t fork_quietly(struct birth *b)
{
	sigset_t all;

	sigfillset(&all);
	ignore(pthread_sigmask(SIG_SETMASK, &all, &b->signals));
	b->parent = getpid();
	pid_t pid = fork();
	int saved = errno;
	if (pid != 0)
		ignore(pthread_sigmask(SIG_SETMASK, &b->signals, NULL));
	errno = saved;
	return pid;
}

bool child_start(const struct process *p, struct child *c, GError **error)
{
	g_auto(birth) b = {.in = -1, .out = -1, .err = -1, .report = -1};
	struct failure failure;
	int told = -1;

	if (!find_program(p, &b, error) || !find_user(p->user, &b.who, error) ||
	    !open_input(p, &b.in, error) || !open_pipe(&c->err, &b.err, error))
		return false;
	if (p->out_fd > 0) {
		b.out = fcntl(p->out_fd, F_DUPFD_CLOEXEC, 0);
		if (b.out < 0)
			return fail_errno(error, "output of %s", child_name(p));
	} else if (!open_pipe(&c->out, &b.out, error)) {
		return false;
	}
	if (!open_pipe(&told, &b.report, error))
		return false;
	b.env = environment_of(p, &b.who);

	pid_t pid = fork_quietly(&b);
	if (pid == 0)
		be_born(p, &b);
	if (pid < 0) {
		fail_errno(error, "starting %s", child_name(p));
		child_close(&told);
		return false;
	}
	c->pid = pid;
	child_close(&b.report);
	ssize_t got;
	do
		got = read(told, &failure, sizeof failure);
	while (got < 0 && errno == EINTR);
	child_close(&told);
	if (got == (ssize_t)sizeof failure)
		return fail_birth(p, &failure, error);
	c->handle = pidfd_open(pid, 0);
	return c->handle >= 0 ||
	       fail_errno(error, "watching %s", child_name(p));
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
