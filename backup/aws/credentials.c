#include "backup/aws/credentials.h"

#include <fcntl.h>

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"

void credentials_clear(struct credentials *c)
{
	g_clear_pointer(&c->key_id, g_free);
	g_clear_pointer(&c->key, secret_free);
	g_clear_pointer(&c->token, secret_free);
}

static void take(struct credentials *c, const char *name, const char *value)
{
	if (!*value)
		return;
	if (g_str_equal(name, "aws_access_key_id")) {
		g_free(c->key_id);
		c->key_id = g_strdup(value);
	} else if (g_str_equal(name, "aws_secret_access_key")) {
		g_clear_pointer(&c->key, secret_free);
		c->key = secret_new(value);
	} else if (g_str_equal(name, "aws_session_token")) {
		g_clear_pointer(&c->token, secret_free);
		c->token = secret_new(value);
	}
}

static bool is_whole(
    const struct credentials *c, const char *where, GError **error)
{
	if (c->key_id && c->key && !strpbrk(c->key_id, ": \t"))
		return true;
	return fail(error, GONOGO_ERROR_DATA,
	    "%s: no aws_access_key_id with its aws_secret_access_key", where);
}

/* TEXT is taken apart where it stands, so that no copy of it is left. */
static void read_lines(struct credentials *c, const char *profile, char *text)
{
	bool ours = false;

	for (char *line = text, *next; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		g_strstrip(line);
		char *equals = strchr(line, '=');
		if (*line == '[') {
			g_strdelimit(line, "[]", ' ');
			ours = g_str_equal(g_strstrip(line), profile);
		} else if (ours && equals && !strchr("#;", *line)) {
			*equals = '\0';
			take(c, g_strstrip(line), g_strstrip(equals + 1));
		}
	}
}

static bool read_file(struct credentials *c, const char *profile,
    const char *path, GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;

	if (fd < 0)
		return fail_errno(error, "credentials file %s", path);
	char *text =
	    secret_is_guarded(fd, path, error)
		? file_read_fd(fd, path, LIMIT_CREDENTIALS, &length, error)
		: NULL;
	ignore(close(fd));
	if (!text) {
		g_prefix_error(error, "credentials file ");
		return false;
	}
	read_lines(c, profile, text);
	explicit_bzero(text, length);
	g_free(text);
	g_autofree char *where = g_strdup_printf("%s [%s]", path, profile);
	return is_whole(c, where, error);
}

static void read_environment(struct credentials *c)
{
	static const char *const names[] = {
	    "aws_access_key_id", "aws_secret_access_key", "aws_session_token"};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *variable = g_ascii_strup(names[i], -1);
		const char *value = g_getenv(variable);
		if (value)
			take(c, names[i], value);
	}
}

bool credentials_find(
    const struct settings *s, struct credentials *c, GError **error)
{
	const char *folder = g_getenv("CREDENTIALS_DIRECTORY");
	g_autofree char *held =
	    folder ? g_build_filename(folder, "aws-credentials", NULL) : NULL;

	if (s->aws.credentials_file)
		return read_file(
		    c, s->aws.profile, s->aws.credentials_file, error);
	read_environment(c);
	if (c->key_id || c->key)
		return is_whole(c, "the environment", error);
	if (held && g_file_test(held, G_FILE_TEST_EXISTS))
		return read_file(c, s->aws.profile, held, error);
	return fail(error, GONOGO_ERROR_USAGE,
	    "there are no credentials for AWS\n"
	    "hint: set [aws] credentials_file, $AWS_ACCESS_KEY_ID and "
	    "$AWS_SECRET_ACCESS_KEY, or the systemd credential "
	    "aws-credentials");
}
