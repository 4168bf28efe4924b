#include "port/pg_server.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/stop.h"
#include "port/child.h"
#include "port/fs.h"
#include "port/process.h"

enum {
	PORT = 5432,   /* only a part of the socket's name */
	START_S = 120, /* recovery of a large copy takes its time */
	INIT_S = 300,  /* initdb on a slow disk */
	STOP_S = 15,   /* then it is killed */
	TURN_MS = 50,  /* how often is looked whether it is up */
	LOG_BYTES = 1 << 20,
	LOG_LINES = 5, /* its last words, in an error's text */
	REMOVE_TRIES = 10,
};

/* What the two say to each other, a byte each. */
enum word { WORD_START = 's', WORD_ENDED = 'x' };

struct pg_server {
	char *folder, *data, *log; /* paths */
	char *socket;              /* its folder */
	char *bindir;
	struct identity who;
	char *user;
	char **settings;
	unsigned start_s;
	pid_t keeper; /* 0: none */
	int door;     /* to the keeper; -1: none */
	bool ended;   /* the keeper said so */
};

/* ---- the keeper ---- */

static GPtrArray *server_argv(const struct pg_server *s)
{
	static const char *const fixed[] = {
	    "listen_addresses=", "unix_socket_permissions=0700",
	    "logging_collector=off", "log_destination=stderr", "ssl=off"};
	GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);

	g_ptr_array_add(argv, g_build_filename(s->bindir, "postgres", NULL));
	g_ptr_array_add(argv, g_strdup("-D"));
	g_ptr_array_add(argv, g_strdup(s->data));
	g_ptr_array_add(argv, g_strdup("-k"));
	g_ptr_array_add(argv, g_strdup(s->socket));
	g_ptr_array_add(argv, g_strdup("-p"));
	g_ptr_array_add(argv, g_strdup_printf("%d", PORT));
	for (char **one = s->settings; one && *one; one++) {
		g_ptr_array_add(argv, g_strdup("-c"));
		g_ptr_array_add(argv, g_strdup(*one));
	}
	/* Of two equal ones the last counts: nobody opens it to others. */
	for (size_t i = 0; i < G_N_ELEMENTS(fixed); i++) {
		g_ptr_array_add(argv, g_strdup("-c"));
		g_ptr_array_add(argv, g_strdup(fixed[i]));
	}
	g_ptr_array_add(argv, NULL);
	return argv;
}

static bool launch(struct pg_server *s, struct child *postgres)
{
	g_autoptr(GPtrArray) argv = server_argv(s);
	g_auto(birth) b = {
	    .argv = (const char *const *)argv->pdata,
	    .program = g_strdup(g_ptr_array_index(argv, 0)),
	    .env = g_get_environ(),
	    .folder = s->folder,
	    .in = open("/dev/null", O_RDONLY | O_CLOEXEC),
	    .out = open("/dev/null", O_WRONLY | O_CLOEXEC),
	    .err = open(s->log,
		O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600),
	};
	g_autoptr(GError) why = NULL;

	/* The keeper ends before the identity is needed again. */
	b.who = s->who;
	s->who = (struct identity){0};
	if (child_start(&b, postgres, &why))
		return true;
	g_autofree char *text = g_strconcat(why->message, "\n", NULL);
	ignore(write(b.err, text, strlen(text)));
	return false;
}

/* A start that waits for nobody, and no checkpoint: the data goes anyway. */
static void halt(struct child *postgres)
{
	struct pollfd end = {postgres->handle, POLLIN, 0};

	if (postgres->pid <= 0)
		return;
	ignore(kill(postgres->pid, SIGQUIT));
	while (poll(&end, 1, STOP_S * 1000) < 0 && errno == EINTR)
		;
	ignore(child_end(postgres));
}

/* What was still being written when we died may be in the way for a moment. */
static void drop(const char *folder)
{
	for (int left = REMOVE_TRIES; left > 0; left--) {
		if (!g_file_test(folder, G_FILE_TEST_EXISTS) ||
		    fs_remove_tree(folder, NULL))
			return;
		g_usleep(200000);
	}
}

/* Nobody's output stays open here, and no terminal's signal comes. */
static int stand_alone(int door)
{
	enum { DOOR = 3 };
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	int high = fcntl(door, F_DUPFD_CLOEXEC, 64);

	stop_ignore();
	ignore(setsid());
	ignore(chdir("/"));
	ignore(dup2(nothing, STDIN_FILENO));
	ignore(dup2(nothing, STDOUT_FILENO));
	ignore(dup2(nothing, STDERR_FILENO));
	ignore(dup3(high, DOOR, O_CLOEXEC));
	ignore(close_range(DOOR + 1, ~0U, 0));
	return DOOR;
}

static G_NORETURN void keep(struct pg_server *s, int door)
{
	struct child postgres = {.handle = -1, .out = -1, .err = -1};
	char word;

	door = stand_alone(door);
	for (;;) {
		struct pollfd doors[] = {
		    {door, POLLIN, 0}, {postgres.handle, POLLIN, 0}};
		if (poll(doors, G_N_ELEMENTS(doors), -1) < 0)
			continue;
		if (doors[1].revents) {
			child_clear(&postgres);
			word = WORD_ENDED;
			ignore(send(door, &word, 1, MSG_NOSIGNAL));
		}
		if (!doors[0].revents)
			continue;
		if (read(door, &word, 1) != 1)
			break; /* they are gone, or want us gone */
		if (word == WORD_START && !launch(s, &postgres)) {
			word = WORD_ENDED;
			ignore(send(door, &word, 1, MSG_NOSIGNAL));
		}
	}
	halt(&postgres);
	drop(s->socket);
	drop(s->folder);
	_exit(0);
}

/* ---- making and ending ---- */

/* Beside the data, but for a path that is too long for a socket. */
static bool make_socket(
    struct pg_server *s, uid_t uid, gid_t gid, GError **error)
{
	static const char longest[] = "/.s.PGSQL.65535";
	enum { MOST = 107 };

	s->socket = g_build_filename(s->folder, "socket", NULL);
	if (strlen(s->socket) + strlen(longest) > MOST) {
		g_free(s->socket);
		s->socket = g_strdup("/tmp/gonogo-XXXXXX");
		if (!g_mkdtemp(s->socket))
			return fail_errno(error, "%s", s->socket);
	} else if (mkdir(s->socket, 0700) != 0) {
		return fail_errno(error, "%s", s->socket);
	}
	return chown(s->socket, uid, gid) == 0 ||
	       fail_errno(error, "%s", s->socket);
}

static bool make_folders(struct pg_server *s, const char *above, GError **error)
{
	uid_t uid = s->who.name ? s->who.uid : geteuid();
	gid_t gid = s->who.name ? s->who.gid : getegid();

	s->folder = g_build_filename(above, "gonogo-server-XXXXXX", NULL);
	if (!g_mkdtemp(s->folder))
		return fail_errno(error, "%s", s->folder);
	/* The server's user goes through it, and sees only its own. */
	if (chmod(s->folder, 0711) != 0)
		return fail_errno(error, "%s", s->folder);
	if (!make_socket(s, uid, gid, error))
		return false;
	s->data = g_build_filename(s->folder, "data", NULL);
	s->log = g_build_filename(s->folder, "server.log", NULL);
	if (mkdir(s->data, 0700) != 0)
		return fail_errno(error, "%s", s->data);
	return chown(s->data, uid, gid) == 0 ||
	       fail_errno(error, "%s", s->data);
}

static bool make_keeper(struct pg_server *s, GError **error)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return fail_errno(error, "socketpair");
	s->keeper = fork();
	if (s->keeper == 0)
		keep(s, ends[1]);
	ignore(close(ends[1]));
	s->door = ends[0];
	if (s->keeper > 0)
		return true;
	s->keeper = 0;
	return fail_errno(error, "starting a keeper for the server");
}

pg_server *pg_server_open(const struct pg_server_options *o, GError **error)
{
	g_autoptr(pg_server) s = g_new0(struct pg_server, 1);

	s->door = -1;
	s->bindir = g_strdup(o->bindir);
	s->start_s = o->start_s ? o->start_s : START_S;
	s->settings = g_strdupv((char **)o->settings);
	if (!identity_find(o->user, &s->who, error))
		return NULL;
	s->user = g_strdup(s->who.name ? s->who.name : g_get_user_name());
	if (!make_folders(s, o->above, error) || !make_keeper(s, error))
		return NULL;
	return g_steal_pointer(&s);
}

void pg_server_close(pg_server *s)
{
	if (!s)
		return;
	child_close(&s->door);
	if (s->keeper > 0)
		while (waitpid(s->keeper, NULL, 0) < 0 && errno == EINTR)
			;
	/* Nothing is left but where no keeper was. */
	if (s->socket)
		drop(s->socket);
	if (s->folder)
		drop(s->folder);
	identity_clear(&s->who);
	g_strfreev(s->settings);
	g_free(s->folder);
	g_free(s->data);
	g_free(s->log);
	g_free(s->socket);
	g_free(s->bindir);
	g_free(s->user);
	g_free(s);
}

const char *pg_server_folder(const pg_server *s)
{
	return s->folder;
}

const char *pg_server_data(const pg_server *s)
{
	return s->data;
}

const char *pg_server_user(const pg_server *s)
{
	return s->user;
}

char *pg_server_url(const pg_server *s, const char *database)
{
	g_autofree char *user = g_uri_escape_string(s->user, NULL, FALSE);
	g_autofree char *name = g_uri_escape_string(database, NULL, FALSE);

	return g_strdup_printf(
	    "postgresql://%s@/%s?host=%s&port=%d", user, name, s->socket, PORT);
}

/* ---- its life ---- */

bool pg_server_init(pg_server *s, GError **error)
{
	g_autofree char *program = g_build_filename(s->bindir, "initdb", NULL);
	/* Letters of all languages are told apart; sorting is by bytes. */
	const char *const argv[] = {program, "--pgdata", s->data, "--username",
	    s->user, "--encoding=UTF8", "--locale=C", "--lc-ctype=C.UTF-8",
	    "--auth-local=peer", "--auth-host=reject", "--no-sync",
	    "--no-instructions", NULL};
	const struct process p = {
	    .argv = argv,
	    .user = s->who.name,
	    .folder = s->data,
	    .timeout_s = INIT_S,
	};
	g_auto(process_result) r = {0};

	if (process_run_ok(&p, &r, error))
		return true;
	if (s->who.name && r.err && strstr(r.err, "ermission denied"))
		g_prefix_error(error,
		    "%s is closed to the user %s, as whom the private server "
		    "runs: ",
		    s->folder, s->who.name);
	return false;
}

/* Gives the last lines of the server's log. */
static char *last_words(const struct pg_server *s)
{
	g_autofree char *text = file_read(s->log, LOG_BYTES, NULL, NULL);
	g_auto(GStrv) lines = g_strsplit(
	    text ? g_strchomp(text) : "its log can't be read", "\n", -1);
	guint length = g_strv_length(lines);

	return g_strjoinv(
	    "; ", lines + (length > LOG_LINES ? length - LOG_LINES : 0));
}

static bool fail_ended(const struct pg_server *s, GError **error)
{
	g_autofree char *words = last_words(s);

	return fail(error, GONOGO_ERROR_SYSTEM,
	    "the private PostgreSQL ended: %s", words);
}

bool pg_server_is_up(pg_server *s, GError **error)
{
	char word;

	while (recv(s->door, &word, 1, MSG_DONTWAIT) > 0)
		s->ended = true;
	if (errno != EAGAIN && errno != EWOULDBLOCK)
		s->ended = true;
	return !s->ended || fail_ended(s, error);
}

/* As pg_ctl finds it out: by the eighth line of its file. */
static bool is_ready(const struct pg_server *s)
{
	enum { STATUS = 7, BYTES = 4096 };
	g_autofree char *path =
	    g_build_filename(s->data, "postmaster.pid", NULL);
	g_autofree char *text = file_read(path, BYTES, NULL, NULL);
	g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);

	return g_strv_length(lines) > STATUS &&
	       g_str_has_prefix(lines[STATUS], "ready");
}

bool pg_server_start(pg_server *s, GError **error)
{
	double deadline = clock_monotonic() + s->start_s;
	char word = WORD_START;

	s->ended = false;
	if (send(s->door, &word, 1, MSG_NOSIGNAL) != 1)
		return fail_errno(error, "the keeper of the private server");
	while (!is_ready(s)) {
		if (!pg_server_is_up(s, error) || !stop_wait(TURN_MS, error))
			return false;
		if (clock_monotonic() > deadline)
			return fail(error, GONOGO_ERROR_SYSTEM,
			    "the private PostgreSQL did not start in %u s",
			    s->start_s);
	}
	return true;
}
