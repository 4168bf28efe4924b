#include "backup/store/parent.h"

#include <fcntl.h>

#include "backup/store/sums.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/limits.h"
#include "port/fs.h"

enum {
	TICK_S = 2,        /* the coarsest clock of a file system */
	MEMBER = 64 << 20, /* a small file, with much to spare */
};

void parent_close(parent *p)
{
	if (!p)
		return;
	g_clear_pointer(&p->segments, g_hash_table_unref);
	g_clear_pointer(&p->repositories, g_hash_table_unref);
	g_clear_pointer(&p->groups, g_hash_table_unref);
	g_clear_pointer(&p->sums, g_mapped_file_unref);
	g_clear_pointer(&p->manifest, manifest_free);
	evidence_clear(&p->evidence);
	g_clear_pointer(&p->set, set_free);
	g_free(p);
}

/* ---- opening ---- */

/* Is the file NAME of the set as its record says? */
static bool is_recorded(
    const struct set *one, const char *name, const char *sha256, GError **error)
{
	g_autofree char *path = g_build_filename(one->folder, name, NULL);
	g_autofree char *found = sums_hash(path, error);

	return found &&
	       (g_strcmp0(found, sha256) == 0 ||
		   fail(error, GONOGO_ERROR_DATA,
		       "%s is not the one that its record names", path));
}

static bool is_sound(const struct set *one, GError **error)
{
	const struct snapshot *s = &one->snapshot;
	g_autofree char *path =
	    g_build_filename(one->folder, "SNAPSHOT.json", NULL);
	g_autofree char *name =
	    g_strdup_printf("snapshots/%s/SNAPSHOT.json", one->id);

	if (one->trouble)
		return fail(error, GONOGO_ERROR_DATA, "%s", one->trouble);
	if (list_length(s->features) > 0 || !s->started_at.known)
		return fail(error, GONOGO_ERROR_DATA,
		    "a newer gonogo made it, or another tool");
	if (s->started_at.value > clock_now())
		return fail(error, GONOGO_ERROR_DATA,
		    "by its record it was begun in the future");
	return record_check(path, name, error) &&
	       is_recorded(one, "MANIFEST.zst", s->manifest_sha256, error) &&
	       is_recorded(one, "SHA256SUMS", s->sums_sha256, error) &&
	       is_recorded(one, "EVIDENCE.json", s->evidence_sha256, error);
}

static bool is_disproved(
    const store *s, const struct set *one, bool *disproved, GError **error)
{
	g_auto(proof) proof = {0};
	bool found = false;

	if (!set_newest_proof(s, one, &proof, &found, error))
		return false;
	*disproved = found && proof.outcome == PROOF_FAILED;
	return true;
}

static bool load(struct parent *p, GError **error)
{
	const char *folder = p->set->folder;
	g_autofree char *evidence =
	    g_build_filename(folder, "EVIDENCE.json", NULL);
	g_autofree char *sums = g_build_filename(folder, "SHA256SUMS", NULL);
	g_autoptr(GError) inner = NULL;

	p->manifest = manifest_read(folder, error);
	if (!p->manifest ||
	    !document_load(&evidence_shape, evidence, &p->evidence, error))
		return false;
	p->sums = g_mapped_file_new(sums, FALSE, &inner);
	return p->sums ||
	       fail(error, GONOGO_ERROR_SYSTEM, "%s", inner->message);
}

static void index_all(struct parent *p)
{
	p->groups = g_hash_table_new(g_str_hash, g_str_equal);
	p->repositories = g_hash_table_new(g_str_hash, g_str_equal);
	p->segments = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < p->manifest->groups->len; i++) {
		struct manifest_group *g =
		    g_ptr_array_index(p->manifest->groups, i);
		g_hash_table_insert(p->groups, g->name, g);
	}
	for (guint i = 0; i < list_length(p->evidence.repositories); i++) {
		struct evidence_repository *r =
		    g_ptr_array_index(p->evidence.repositories, i);
		g_hash_table_insert(p->repositories, r->id, r);
	}
	for (guint i = 0; i < p->manifest->segments->len; i++) {
		struct manifest_segment *s =
		    g_ptr_array_index(p->manifest->segments, i);
		g_autofree char *name =
		    g_strdup_printf("segments/%s.tar.zst", s->id);
		struct stat status;
		if (fstatat(store_root(p->store), name, &status,
			AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(status.st_mode) &&
		    (uint64_t)status.st_size == s->bytes)
			g_hash_table_add(p->segments, s->id);
	}
}

/* Takes ONE. */
static struct parent *open_set(
    const store *s, struct set *one, bool *disproved, GError **error)
{
	g_autoptr(parent) p = g_new0(struct parent, 1);

	p->store = s;
	p->set = one;
	if (!is_disproved(s, one, disproved, error))
		return NULL;
	if (*disproved) {
		fail(error, GONOGO_ERROR_DATA, "its last proof has failed");
		return NULL;
	}
	if (!is_sound(one, error) || !load(p, error))
		return NULL;
	index_all(p);
	return g_steal_pointer(&p);
}

/* A set of the database alone has nothing to rest on, nor has one of another
 * machine's home. */
static bool is_like(const struct snapshot *s, const struct parent_like *like)
{
	return snapshot_has(s, like->part) &&
	       (!like->path || g_strcmp0(s->home.path, like->path) == 0) &&
	       (!like->node || g_strcmp0(s->node, like->node) == 0);
}

parent *parent_open(
    const store *s, const struct parent_like *like, char **why, GError **error)
{
	g_autoptr(GPtrArray) sets = sets_list(s, error);
	bool disproved = false;

	*why = NULL;
	while (sets && sets->len > 0 && !disproved) {
		g_autoptr(GError) trouble = NULL;
		struct set *one = g_ptr_array_steal_index(sets, sets->len - 1);
		g_autofree char *id = g_strdup(one->id);
		if (!one->trouble && !is_like(&one->snapshot, like)) {
			set_free(one);
			continue;
		}
		struct parent *p = open_set(s, one, &disproved, &trouble);
		if (p)
			return p;
		if (!*why)
			*why = g_strdup_printf("nothing is taken over from "
					       "set %s: %s",
			    id, trouble->message);
	}
	return NULL;
}

/* ---- asking ---- */

const struct manifest_group *parent_group(const parent *p, const char *name)
{
	return g_hash_table_lookup(p->groups, name);
}

const struct evidence_repository *parent_repository(
    const parent *p, const char *id)
{
	return g_hash_table_lookup(p->repositories, id);
}

bool parent_has_frame(const parent *p, const struct manifest_frame *f)
{
	return g_hash_table_contains(p->segments, f->segment);
}

/* The first byte of the line that AT lies in. */
static size_t line_of(const char *text, size_t at)
{
	while (at > 0 && text[at - 1] != '\n')
		at--;
	return at;
}

bool parent_stored(const parent *p, const char *path, char sha256[HASH_HEX + 1])
{
	const char *text = g_mapped_file_get_contents(p->sums);
	size_t low = 0, high = g_mapped_file_get_length(p->sums);
	size_t length = strlen(path);

	/* Lines are sorted by their paths: between LOW and HIGH, both at the
	 * beginning of one. */
	while (low < high) {
		size_t at = line_of(text, low + (high - low) / 2);
		const char *stop = memchr(text + at, '\n', high - at);
		if (!stop || stop - (text + at) < HASH_HEX + 3)
			return false;
		const char *name = text + at + HASH_HEX + 2;
		size_t has = (size_t)(stop - name);
		int order = memcmp(path, name, MIN(length, has));
		if (order == 0 && length == has) {
			memcpy(sha256, text + at, HASH_HEX);
			sha256[HASH_HEX] = 0;
			return hash_is_hex(sha256);
		}
		if (order < 0 || (order == 0 && length < has))
			high = at;
		else
			low = (size_t)(stop - text) + 1;
	}
	return false;
}

bool parent_is_settled(const parent *p, int64_t ctime_ns)
{
	int64_t began = p->set->snapshot.started_at.value;

	return ctime_ns / 1000000000 < began - TICK_S;
}

/* ---- frames ---- */

static bool take_member(archive_reader *archive,
    const struct archive_member *member, GByteArray *content, parent_take take,
    void *user, GError **error)
{
	const void *bytes;
	size_t length;

	g_byte_array_set_size(content, 0);
	while (member->kind == ARCHIVE_FILE) {
		if (!archive_read_bytes(archive, &bytes, &length, error))
			return false;
		if (length == 0)
			break;
		g_byte_array_append(content, bytes, (guint)length);
	}
	return take(member->path,
	    member->kind == ARCHIVE_FILE ? content->data : NULL, content->len,
	    user, error);
}

bool parent_read_frame(const parent *p, const struct manifest_frame *f,
    parent_take take, void *user, GError **error)
{
	const struct archive_limits limits = {.member_bytes = MEMBER};
	const struct archive_member *member;
	g_autofree char *name =
	    g_strdup_printf("segments/%s.tar.zst", f->segment);
	g_autoptr(GByteArray) content = g_byte_array_new();
	int fd = fs_open_beneath(store_root(p->store), name, O_RDONLY, 0);

	if (fd < 0)
		return fail_errno(error, "%s", name);
	archive_reader *archive =
	    archive_open(fd, f->offset, f->length, name, &limits, error);
	bool good = archive != NULL;
	/* Bytes of an empty file are none, but they are not missing. */
	g_byte_array_append(content, (const guint8 *)"", 1);
	while (good) {
		good = archive_next(archive, &member, error);
		if (!good || !member)
			break;
		good = take_member(archive, member, content, take, user, error);
	}
	archive_close(archive);
	ignore(close(fd));
	return good;
}
