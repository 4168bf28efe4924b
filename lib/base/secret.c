#include "base/secret.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"

struct secret {
	size_t length;
	char *text;
};

secret *secret_new(const char *text)
{
	struct secret *s = g_new0(struct secret, 1);

	s->length = strlen(text);
	s->text = g_strdup(text);
	return s;
}

const char *secret_reveal(const secret *s)
{
	return s->text;
}

void secret_free(secret *s)
{
	if (!s)
		return;
	explicit_bzero(s->text, s->length);
	g_free(s->text);
	g_free(s);
}

/* systemd keeps its credentials in a folder that only the service sees. */
static bool is_credential(const char *path)
{
	const char *folder = g_getenv("CREDENTIALS_DIRECTORY");
	g_autofree char *inside =
	    folder ? g_strconcat(folder, "/", NULL) : NULL;

	return inside && g_str_has_prefix(path, inside);
}

bool secret_is_guarded(int fd, const char *path, GError **error)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return fail_errno(error, "%s", path);
	if ((status.st_mode & 077) == 0 || is_credential(path))
		return true;
	return fail(error, GONOGO_ERROR_USAGE,
	    "%s: others may read it\nhint: chmod 600 %s", path, path);
}

secret *secret_read(const char *path, GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	secret *s = NULL;

	if (fd < 0) {
		fail_errno(error, "password file %s", path);
		return NULL;
	}
	char *text = secret_is_guarded(fd, path, error)
			 ? file_read_fd(fd, path, LIMIT_SECRET, &length, error)
			 : NULL;
	if (text) {
		text[strcspn(text, "\r\n")] = '\0';
		if (*text)
			s = secret_new(text);
		else
			fail(error, GONOGO_ERROR_DATA,
			    "%s: its first line is empty", path);
		explicit_bzero(text, length);
		g_free(text);
	}
	if (!s)
		g_prefix_error(error, "password file ");
	ignore(close(fd));
	return s;
}

bool secret_find(
    const char *name, const char *file, secret **found, GError **error)
{
	g_autofree char *upper = g_ascii_strup(name, -1);
	g_autofree char *variable =
	    g_strdelimit(g_strconcat("GONOGO_", upper, NULL), "-", '_');
	const char *value = g_getenv(variable);
	const char *folder = g_getenv("CREDENTIALS_DIRECTORY");
	g_autofree char *credential =
	    folder ? g_build_filename(folder, name, NULL) : NULL;

	if (!file && value && *value) {
		*found = secret_new(value);
		return true;
	}
	if (!file && credential && g_file_test(credential, G_FILE_TEST_EXISTS))
		file = credential;
	if (!file)
		return true;
	secret *s = secret_read(file, error);
	if (!s)
		return false;
	*found = s;
	return true;
}
