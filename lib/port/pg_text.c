#include "port/pg_text.h"

#include <fcntl.h>
#include <glib/gstdio.h>

#include "base/error.h"
#include "base/file.h"

/* Gives TEXT between two SIGNs, each SIGN inside it doubled. */
static char *quote(const char *text, char sign)
{
	GString *out = g_string_new(NULL);

	g_string_append_c(out, sign);
	for (; *text; text++) {
		if (*text == sign)
			g_string_append_c(out, sign);
		g_string_append_c(out, *text);
	}
	g_string_append_c(out, sign);
	return g_string_free(out, FALSE);
}

char *pg_quote_name(const char *name)
{
	return quote(name, '"');
}

char *pg_quote_text(const char *text)
{
	if (!strchr(text, '\\'))
		return quote(text, '\'');
	/* This form means the same whatever standard_conforming_strings is. */
	g_auto(GStrv) parts = g_strsplit(text, "\\", -1);
	g_autofree char *doubled = g_strjoinv("\\\\", parts);
	g_autofree char *quoted = quote(doubled, '\'');
	return g_strconcat("E", quoted, NULL);
}

/* Writes the one line that fits any login: the file is made for one only. */
static bool write_line(
    int fd, const char *path, const char *password, GError **error)
{
	/* All that it can grow to, so that no copy is left behind unwiped. */
	GString *line = g_string_sized_new(2 * strlen(password) + 16);

	g_string_append(line, "*:*:*:*:");
	for (const char *c = password; *c; c++) {
		if (*c == ':' || *c == '\\')
			g_string_append_c(line, '\\');
		g_string_append_c(line, *c);
	}
	g_string_append_c(line, '\n');
	bool written = file_write_fd(fd, path, line->str, line->len, error);
	explicit_bzero(line->str, line->len);
	g_string_free(line, TRUE);
	return written;
}

bool pg_passfile(
    const char *folder, const secret *password, char **path, GError **error)
{
	g_autofree char *name = g_build_filename(folder, "pgpass-XXXXXX", NULL);

	if (strpbrk(secret_reveal(password), "\r\n"))
		return fail(error, GONOGO_ERROR_USAGE,
		    "database: a password of more than one line");
	int fd = g_mkstemp_full(name, O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail_errno(error, "password file in %s", folder);
	bool written = write_line(fd, name, secret_reveal(password), error);
	ignore(close(fd));
	if (!written) {
		ignore(unlink(name));
		return false;
	}
	*path = g_steal_pointer(&name);
	return true;
}
