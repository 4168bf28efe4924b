#include "audit/collect/boot.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "port/archive.h"
#include "port/fs.h"

enum {
	LINE_MOST = 4096, /* of a line that can be the one */
	MEMBERS_MOST = 100000,
	STAMP = 23,               /* "2026-10-15 04:12:31,007" */
	PRESSED_MOST = 128 << 20, /* bytes of a pressed log within a zip */
};

struct search {
	struct boot *best;
	GString *line; /* begun in the bytes before */
	const char *file;
	double until;
	unsigned logs;     /* that were read */
	GPtrArray *passed; /* strings; NULL: none */
};

void boot_clear(struct boot *b)
{
	g_free(b->version);
	g_free(b->at);
	g_free(b->file);
	g_clear_pointer(&b->passed, g_ptr_array_unref);
	*b = (struct boot){0};
}

/* ---- lines ---- */

static bool is_stamp(const char *line)
{
	static const char form[] = "dddd-dd-dd dd:dd:dd,ddd";

	for (size_t i = 0; i < STAMP; i++)
		if (form[i] == 'd' ? !g_ascii_isdigit(line[i])
				   : line[i] != form[i])
			return false;
	return true;
}

/* Behind the word at TEXT and the blanks after it. */
static const char *behind_word(const char *text)
{
	text += strcspn(text, " ");
	return text + strspn(text, " ");
}

/*
 * Gives what the logger of the start says in LINE; NULL: it is another line.
 * Users write much into logs, but never between the time and the logger of a
 * line without a request: time, level, [thread], logger, text.
 */
static const char *said_at_start(const char *line)
{
	static const char logger[] = ".BuildInfoLogger ";
	static const char words[] = "Starting Bitbucket ";
	const char *level = line + STAMP + strspn(line + STAMP, " ");
	const char *thread = behind_word(level);
	const char *end = *thread == '[' ? strchr(thread, ']') : NULL;

	if (!end)
		return NULL;
	const char *name = end + 1 + strspn(end + 1, " ");
	const char *text = behind_word(name);
	if ((size_t)(text - name) < strlen(logger) ||
	    strncmp(text - strlen(logger), logger, strlen(logger)) != 0 ||
	    !g_str_has_prefix(text, words))
		return NULL;
	return text + strlen(words);
}

static void take_line(struct search *s)
{
	const char *line = s->line->str;

	if (s->line->len <= STAMP || !is_stamp(line))
		return;
	const char *version = said_at_start(line);
	size_t length = version ? strspn(version, "0123456789.") : 0;
	g_autofree char *at = g_strndup(line, STAMP);
	if (!length || (s->best->at && strcmp(at, s->best->at) < 0))
		return;
	boot_clear(s->best);
	s->best->version = g_strndup(version, length);
	s->best->at = g_steal_pointer(&at);
	s->best->file = g_strdup(s->file);
}

static void take_bytes(struct search *s, const char *bytes, size_t length)
{
	const char *end = bytes + length;

	while (bytes < end) {
		const char *newline =
		    memchr(bytes, '\n', (size_t)(end - bytes));
		size_t part = (size_t)((newline ? newline : end) - bytes);

		if (s->line->len < LINE_MOST)
			g_string_append_len(s->line, bytes,
			    (gssize)MIN(part, LINE_MOST - s->line->len));
		bytes += part;
		if (newline) {
			take_line(s);
			g_string_truncate(s->line, 0);
			bytes++;
		}
	}
}

static bool is_over(const struct search *s)
{
	return clock_monotonic() > s->until;
}

/* ---- files ---- */

static void pass_over(struct search *s, const char *name, const char *why)
{
	if (!s->passed)
		s->passed = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(s->passed, g_strdup_printf("%s: %s", name, why));
}

static bool is_log(const char *path)
{
	g_autofree char *name = g_path_get_basename(path);

	return g_str_has_prefix(name, "atlassian-bitbucket") &&
	       (g_str_has_suffix(name, ".log") ||
		   g_str_has_suffix(name, ".log.gz")) &&
	       !strstr(name, "-access") && !strstr(name, "-audit");
}

/* The member at hand is a log that people know as NAME. */
static bool read_member(
    struct search *s, archive_reader *reader, const char *name, GError **error)
{
	const void *bytes = NULL;
	size_t length = 0;

	s->file = name;
	s->logs++;
	do {
		if (!archive_read_bytes(reader, &bytes, &length, error))
			return false;
		take_bytes(s, bytes, length);
	} while (length && !is_over(s));
	take_line(s);
	g_string_truncate(s->line, 0);
	return true;
}

static bool read_log(struct search *s, int fd, const char *name, GError **error)
{
	const struct archive_member *member = NULL;
	g_autoptr(archive_reader) reader =
	    archive_open_lone(fd, name, NULL, error);

	if (!reader || !archive_next(reader, &member, error))
		return false;
	return !member || read_member(s, reader, name, error);
}

/* One of many: what is wrong with it is told, and the others are read. */
static void read_one_log(struct search *s, int fd, const char *name)
{
	g_autoptr(GError) why = NULL;

	if (!read_log(s, fd, name, &why)) {
		g_string_truncate(s->line, 0);
		pass_over(s, name, why->message);
	}
}

static bool read_folder(struct search *s, const char *path, GError **error)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	int root = fs_open_folder(path, error);
	bool good = root >= 0;
	const char *name;

	while (good && dir && !is_over(s) && (name = g_dir_read_name(dir))) {
		int fd = is_log(name) ? fs_open_beneath(root, name,
					    O_RDONLY | O_NONBLOCK, 0)
				      : -1;
		if (fd < 0)
			continue;
		g_autofree char *whole = g_build_filename(path, name, NULL);
		read_one_log(s, fd, whole);
		ignore(close(fd));
	}
	if (root >= 0)
		ignore(close(root));
	return good;
}

/* Copies the member at hand to FD, from its start. */
static bool unpack(archive_reader *reader, int fd, GError **error)
{
	const void *bytes = NULL;
	size_t length = 0;

	for (uint64_t total = 0;; total += length) {
		if (!archive_read_bytes(reader, &bytes, &length, error))
			return false;
		if (!length)
			break;
		if (total + length > PRESSED_MOST)
			return fail(error, GONOGO_ERROR_DATA,
			    "it is larger than %u bytes", PRESSED_MOST);
		if (!file_write_fd(fd, "memory", bytes, length, error))
			return false;
	}
	return lseek(fd, 0, SEEK_SET) == 0 || fail_errno(error, "seeking");
}

/* A log that was pressed before it came into the zip is an archive in one. */
static bool read_pressed_member(
    struct search *s, archive_reader *reader, const char *name, GError **error)
{
	g_autoptr(GError) why = NULL;
	int fd = memfd_create("log", MFD_CLOEXEC);

	if (fd < 0)
		return fail_errno(error, "memory for %s", name);
	if (unpack(reader, fd, &why))
		read_one_log(s, fd, name);
	else
		pass_over(s, name, why->message);
	ignore(close(fd));
	return true;
}

static bool read_zip(struct search *s, int fd, const char *path, GError **error)
{
	const struct archive_limits limits = {.members = MEMBERS_MOST};
	g_autoptr(archive_reader) reader =
	    archive_open(fd, 0, 0, path, &limits, error);

	while (reader && !is_over(s)) {
		const struct archive_member *member = NULL;
		if (!archive_next(reader, &member, error))
			return false;
		if (!member)
			break;
		g_autofree char *name =
		    g_strconcat(path, ":", member->path, NULL);
		if (member->kind != ARCHIVE_FILE || !is_log(member->path))
			continue;
		if (!(g_str_has_suffix(member->path, ".gz")
			    ? read_pressed_member
			    : read_member)(s, reader, name, error))
			return false;
	}
	return reader != NULL;
}

static bool read_file(struct search *s, const char *path, GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return fail_errno(error, "%s", path);
	bool good = g_str_has_suffix(path, ".zip")
			? read_zip(s, fd, path, error)
			: read_log(s, fd, path, error);
	ignore(close(fd));
	return good;
}

static bool read_path(struct search *s, const char *path, GError **error)
{
	g_autofree char *log = g_build_filename(path, "log", NULL);

	if (!g_file_test(path, G_FILE_TEST_IS_DIR))
		return read_file(s, path, error);
	return read_folder(
	    s, g_file_test(log, G_FILE_TEST_IS_DIR) ? log : path, error);
}

bool boot_find(
    const char *path, double seconds, struct boot *out, GError **error)
{
	g_auto(boot) best = {0};
	g_autoptr(GString) line = g_string_new(NULL);
	struct search s = {
	    .best = &best, .line = line, .until = clock_monotonic() + seconds};

	bool good = read_path(&s, path, error);
	if (is_over(&s))
		pass_over(&s, path, "the time was over before all was read");
	g_autoptr(GPtrArray) passed = s.passed;
	if (!good)
		return false;
	if (!best.version)
		return fail(error, GONOGO_ERROR_DATA,
		    "%s: no start of Bitbucket in %u application logs there%s"
		    "%s\n"
		    "hint: name a node's home or log folder, a support zip, or "
		    "the URL",
		    path, s.logs, passed ? "; not read: " : "",
		    passed ? (char *)g_ptr_array_index(passed, 0) : "");
	*out = best;
	out->passed = g_steal_pointer(&passed);
	best = (struct boot){0};
	return true;
}
