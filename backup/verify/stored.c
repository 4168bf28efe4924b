#include "backup/verify/stored.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/pool.h"
#include "port/fs.h"

bool stored_is_record(const struct stored *one)
{
	return !g_str_has_prefix(one->path, "objects/") &&
	       !g_str_has_prefix(one->path, "segments/");
}

static bool look(void *job, unsigned worker, void *user, GError **error)
{
	struct stored_files *s = user;
	struct stored *one = job;
	struct stat status;
	int fd = fs_open_beneath(
	    s->root, one->path, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
	int number = errno;

	(void)worker, (void)error;
	if (fd < 0) {
		flaws_add(s->flaws, FLAW_FILE, one->path, "%s",
		    number == ENOENT ? "it is not there" : g_strerror(number));
		return true;
	}
	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
		flaws_add(s->flaws, FLAW_FILE, one->path, "not a file");
	} else {
		one->there = one->sound = true;
		one->bytes = (uint64_t)status.st_size;
		one->inode = status.st_ino;
	}
	ignore(close(fd));
	return true;
}

static void clear_stored(gpointer data)
{
	g_clear_error(&((struct stored *)data)->harm);
}

bool stored_open(struct stored_files *s, struct flaws *flaws, int root,
    const char *folder, unsigned readers, GError **error)
{
	g_autofree char *path = g_build_filename(folder, "SHA256SUMS", NULL);

	s->flaws = flaws;
	s->root = root;
	s->files = g_array_new(FALSE, TRUE, sizeof(struct stored));
	g_array_set_clear_func(s->files, clear_stored);
	if (!sums_read(&s->sums, path, error))
		return false;
	g_array_set_size(s->files, s->sums.lines->len);
	/* A disk that has just been started takes its time for each name. */
	pool *workers = pool_new(readers, look, NULL, s);
	for (guint i = 0; i < s->sums.lines->len; i++) {
		const struct sum *line =
		    &g_array_index(s->sums.lines, struct sum, i);
		struct stored *one = &g_array_index(s->files, struct stored, i);
		one->path = line->path;
		one->sha256 = line->sha256;
		pool_push(workers, one);
	}
	return pool_end(workers, error);
}

void stored_clear(struct stored_files *s)
{
	g_clear_pointer(&s->files, g_array_unref);
	sums_clear(&s->sums);
}

struct stored *stored_find(struct stored_files *s, const char *path)
{
	const struct sum *line = sums_find(&s->sums, path);

	return line ? &g_array_index(s->files, struct stored,
			  line - (const struct sum *)s->sums.lines->data)
		    : NULL;
}

/* Gives what of CLAIM is not so; NULL: all is. */
static char *disagrees(
    const struct stored *one, const struct stored_claim *claim)
{
	/* What is pressed is another thing than its plain bytes. */
	if (claim->name && !*claim->suffix &&
	    !g_str_equal(one->sha256, claim->name))
		return g_strdup("SHA256SUMS says other bytes than its name");
	if (!one->there || claim->bytes == G_MAXUINT64 ||
	    one->bytes == claim->bytes)
		return NULL;
	return g_strdup_printf("%" PRIu64 " bytes, %" PRIu64 " were stored",
	    one->bytes, claim->bytes);
}

static void note(struct stored *one, const struct stored_claim *claim)
{
	one->listed = true;
	one->read |= claim->read;
	one->sized |= claim->bytes != G_MAXUINT64;
	if (!claim->name)
		return;
	g_strlcpy(one->name, claim->name, sizeof one->name);
	g_strlcpy(one->base, claim->base ? claim->base : "", sizeof one->base);
	one->suffix = g_intern_string(claim->suffix);
	one->plain_bytes = claim->plain_bytes;
}

void stored_expect(struct stored_files *s, const struct stored_claim *claim)
{
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&s->mutex);
	struct stored *one = stored_find(s, claim->path);

	if (!one) {
		if (!flaws_has(s->flaws, FLAW_FILE, claim->path))
			flaws_add(s->flaws, FLAW_FILE, claim->path,
			    "SHA256SUMS does not name it");
		return;
	}
	note(one, claim);
	g_autofree char *why = one->sound ? disagrees(one, claim) : NULL;
	if (!why)
		return;
	one->sound = false;
	flaws_add(s->flaws, FLAW_FILE, one->path, "%s", why);
}

bool stored_adds_up(struct stored_files *s, uint64_t total)
{
	uint64_t found = 0;

	for (guint i = 0; i < s->files->len; i++) {
		const struct stored *one =
		    &g_array_index(s->files, struct stored, i);
		/* It is a flaw of its own. */
		if (!one->sound)
			return true;
		if (!stored_is_record(one))
			found += one->bytes;
	}
	for (guint i = 0; found != total && i < s->files->len; i++) {
		struct stored *one = &g_array_index(s->files, struct stored, i);
		one->read |= !one->sized;
	}
	return found == total;
}
