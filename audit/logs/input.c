#include "audit/logs/input.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/limits.h"
#include "contract/settings.h"
#include "port/archive.h"

static void input_free(void *data)
{
	struct log_input *i = data;

	g_free(i->path);
	g_free(i->member);
	g_free(i->node);
	g_free(i->lost);
	g_free(i);
}

void log_inputs_clear(struct log_inputs *in)
{
	if (in->nodes)
		g_ptr_array_unref(in->nodes);
	if (in->list)
		g_ptr_array_unref(in->list);
	if (in->lost)
		g_ptr_array_unref(in->lost);
	*in = (struct log_inputs){0};
}

char *log_input_name(const struct log_input *input)
{
	return input->member
		   ? g_strconcat(input->path, "!", input->member, NULL)
		   : g_strdup(input->path);
}

/* ---- what is it? ---- */

static bool begins(const char *bytes, size_t length, const char *with, size_t n)
{
	return length >= n && memcmp(bytes, with, n) == 0;
}

enum log_wrap log_wrap_of(const char *bytes, size_t length)
{
	enum { USTAR_AT = 257 };

	if (begins(bytes, length, "\x1f\x8b", 2))
		return WRAP_GZIP;
	if (begins(bytes, length, "\x28\xb5\x2f\xfd", 4))
		return WRAP_ZSTD;
	if (begins(bytes, length,
		"\xfd"
		"7zXZ",
		5) ||
	    begins(bytes, length, "BZh", 3))
		return WRAP_LONE;
	if (begins(bytes, length, "PK\x03\x04", 4) ||
	    (length > USTAR_AT + 5 &&
		memcmp(bytes + USTAR_AT, "ustar", 5) == 0))
		return WRAP_ARCHIVE;
	return WRAP_PLAIN;
}

static bool is_packed_folder(const char *path)
{
	static const char *const ends[] = {
	    ".zip", ".tar", ".tar.gz", ".tgz", ".tar.zst", ".tar.xz", NULL};

	for (size_t i = 0; ends[i]; i++)
		if (g_str_has_suffix(path, ends[i]))
			return true;
	return false;
}

static bool is_log_name(const char *name)
{
	const char *base = strrchr(name, '/');

	base = base ? base + 1 : name;
	return strstr(base, ".log") || g_str_has_prefix(base, "catalina.out") ||
	       g_str_has_prefix(base, "hs_err");
}

/* ---- whose is it? ---- */

/*
 * The last folder of PATH that is not one of those that every node has; the
 * node's name is what people call such a folder.
 */
static char *node_of(const char *path)
{
	static const char *const common[] = {"log", "logs", "audit", "mesh",
	    "search", "application-logs", "tomcat-logs", ".", "..", "", NULL};
	g_auto(GStrv) parts = g_strsplit(path, "/", -1);
	guint length = g_strv_length(parts);

	while (length-- > 1)
		if (!g_strv_contains(common, parts[length - 1]))
			return g_strdup(parts[length - 1]);
	return NULL;
}

/* Without a folder the archive's name stands for the node. */
static char *node_of_member(const char *archive, const char *member)
{
	g_autofree char *base = g_path_get_basename(archive);
	char *node = node_of(member);
	char *dot = strchr(base, '.');

	if (node)
		return node;
	if (dot)
		*dot = '\0';
	return g_steal_pointer(&base);
}

/* ---- finding ---- */

struct finding_inputs {
	struct log_inputs *in;
	GHashTable *seen; /* of "device:inode" */
	const char *node; /* given by the caller; NULL: by the path */
};

static struct log_input *add(struct finding_inputs *f, const char *path,
    const char *member, const struct stat *status)
{
	struct log_input *i = g_new0(struct log_input, 1);
	g_autofree char *full = g_canonicalize_filename(path, NULL);

	i->path = g_strdup(path);
	i->member = g_strdup(member);
	i->node = f->node  ? g_strdup(f->node)
		  : member ? node_of_member(path, member)
			   : node_of(full);
	if (!i->node)
		i->node = g_strdup("unnamed");
	i->kind = log_kind_of_name(member ? member : path);
	if (status) {
		i->bytes = i->on_disk = (uint64_t)status->st_size;
		i->device = status->st_dev;
		i->inode = status->st_ino;
		i->mtime_ns = status->st_mtim.tv_sec * 1000000000 +
			      status->st_mtim.tv_nsec;
	}
	g_ptr_array_add(f->in->list, i);
	return i;
}

static void lose(struct finding_inputs *f, const char *path, const char *why)
{
	g_ptr_array_add(f->in->lost, g_strdup_printf("%s: %s", path, why));
}

static bool list_members(struct finding_inputs *f, const char *path, int fd,
    const struct stat *status, GError **error)
{
	const struct archive_limits limits = {.members = LIMIT_LOG_MEMBERS};
	g_autoptr(archive_reader) r =
	    archive_open(fd, 0, 0, path, &limits, error);
	const struct archive_member *member = NULL;

	if (!r)
		return false;
	for (;;) {
		if (!archive_next(r, &member, error))
			return false;
		if (!member)
			return true;
		if (member->kind != ARCHIVE_FILE ||
		    !is_log_name(member->path) ||
		    log_kind_is_passed_over(member->path))
			f->in->passed_over += member->kind == ARCHIVE_FILE;
		else
			add(f, path, member->path, status)->bytes =
			    member->bytes;
	}
}

/* A damaged archive is told, and so is what could be listed of it. */
static void add_archive(
    struct finding_inputs *f, const char *path, const struct stat *status)
{
	g_autoptr(GError) why = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		lose(f, path, g_strerror(errno));
		return;
	}
	if (!list_members(f, path, fd, status, &why))
		lose(f, path, why->message);
	close(fd);
}

static void add_file(
    struct finding_inputs *f, const char *path, const struct stat *status)
{
	if (!g_hash_table_add(f->seen,
		g_strdup_printf("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT,
		    (uint64_t)status->st_dev, (uint64_t)status->st_ino)))
		return;
	if (is_packed_folder(path))
		add_archive(f, path, status);
	else
		add(f, path, NULL, status);
}

static void walk(struct finding_inputs *f, const char *folder, int depth)
{
	g_autoptr(GError) why = NULL;
	g_autoptr(GDir) dir = g_dir_open(folder, 0, &why);
	const char *name;

	if (!dir || depth == LIMIT_BUNDLE_DEPTH) {
		lose(f, folder, dir ? "folders too deep" : why->message);
		return;
	}
	while ((name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(folder, name, NULL);
		struct stat status;
		if (lstat(path, &status) != 0)
			lose(f, path, g_strerror(errno));
		else if (S_ISDIR(status.st_mode))
			walk(f, path, depth + 1);
		else if (S_ISREG(status.st_mode) &&
			 (is_packed_folder(name) ||
			     (is_log_name(name) &&
				 !log_kind_is_passed_over(name))))
			add_file(f, path, &status);
		else
			f->in->passed_over++;
	}
}

static bool look(struct finding_inputs *f, const char *path, GError **error)
{
	struct stat status;

	if (g_str_equal(path, "-")) {
		add(f, path, NULL, NULL);
		return true;
	}
	if (stat(path, &status) != 0)
		return fail(error, GONOGO_ERROR_USAGE, "%s: %s", path,
		    g_strerror(errno));
	if (S_ISDIR(status.st_mode))
		walk(f, path, 0);
	else
		add_file(f, path, &status);
	return true;
}

/* One argument: what a glob in it gives, when there is no such file. */
static bool look_at_all(
    struct finding_inputs *f, const char *path, GError **error)
{
	glob_t found = {0};
	bool good = true;

	if (access(path, F_OK) == 0 || !strpbrk(path, "*?["))
		return look(f, path, error);
	if (glob(path, 0, NULL, &found) != 0)
		good = fail(error, GONOGO_ERROR_USAGE,
		    "%s: nothing is called "
		    "so",
		    path);
	for (size_t i = 0; good && i < found.gl_pathc; i++)
		good = look(f, found.gl_pathv[i], error);
	globfree(&found);
	return good;
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	const struct log_input *one = *(struct log_input *const *)a;
	const struct log_input *two = *(struct log_input *const *)b;
	int order = strcmp(one->path, two->path);

	return order ? order : g_strcmp0(one->member, two->member);
}

static gint by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void name_nodes(struct log_inputs *in)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < in->list->len; i++) {
		struct log_input *input = g_ptr_array_index(in->list, i);
		if (g_hash_table_add(seen, input->node))
			g_ptr_array_add(in->nodes, input->node);
	}
	g_ptr_array_sort(in->nodes, by_text);
}

bool log_inputs_find(char *const *paths, struct log_inputs *out, GError **error)
{
	g_auto(log_inputs)
	    in = {.list = g_ptr_array_new_with_free_func(input_free),
		.nodes = g_ptr_array_new(),
		.lost = g_ptr_array_new_with_free_func(g_free)};
	g_autoptr(GHashTable) seen =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (; *paths; paths++) {
		g_autofree char *node = NULL, *path = NULL;
		settings_pair(*paths, &node, &path);
		struct finding_inputs f = {&in, seen, node};
		if (!look_at_all(&f, path, error))
			return false;
	}
	if (!in.list->len && !in.lost->len)
		return fail(error, GONOGO_ERROR_USAGE,
		    "no log there\nhint: name log files, folders with *.log "
		    "files, or support zips");
	g_ptr_array_sort(in.list, by_name);
	g_ptr_array_sort(in.lost, by_text);
	name_nodes(&in);
	*out = in;
	in = (struct log_inputs){0};
	return true;
}

unsigned log_inputs_keep(struct log_inputs *in, unsigned kinds)
{
	unsigned out = 0;

	/* Their names are the inputs' own. */
	g_ptr_array_set_size(in->nodes, 0);
	for (guint i = in->list->len; i-- > 0;) {
		const struct log_input *input = g_ptr_array_index(in->list, i);
		if (kinds & (1u << input->kind))
			continue;
		g_ptr_array_remove_index(in->list, i);
		out++;
	}
	name_nodes(in);
	return out;
}

uint32_t log_inputs_node(
    const struct log_inputs *in, const struct log_input *input)
{
	for (guint i = 0; i < in->nodes->len; i++)
		if (g_str_equal(g_ptr_array_index(in->nodes, i), input->node))
			return i;
	return 0;
}
