#include "backup/store/group.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

#include "backup/store/segment.h"
#include "base/error.h"
#include "base/file.h"

/* A segment is closed when it has grown beyond this. */
static const uint64_t SEGMENT_BYTES = 256u << 20;

struct extent {
	unsigned packer;
	uint64_t offset, length;
};

struct packer {
	groups *groups;
	unsigned number;
	segment *segment; /* NULL: none is open */
	unsigned segment_number;
	int spool;
	uint64_t spooled;
	/* The sitting: */
	group *group;
	enum frame_kind kind;
	GByteArray *entries; /* packed */
};

struct groups {
	char *folder, *run_id;
	const parent *before;
	uint64_t device_then, device_now;
	GMutex mutex; /* for what follows */
	GPtrArray *all;
	GHashTable *by_name;
	GPtrArray *packers;
	GPtrArray *segments; /* struct segment_record */
};

/* ---- groups ---- */

char *group_name(enum group_class class, uint64_t number)
{
	static const char *const numbered[] = {"repository", "files", "also"};

	if (class == GROUP_FOLDERS)
		return g_strdup("folders");
	if (class == GROUP_PROPERTIES)
		return g_strdup("properties");
	return g_strdup_printf("%s/%" PRIu64, numbered[class], number);
}

static void group_free(gpointer data)
{
	struct group *g = data;

	g_array_unref(g->frames);
	g_array_unref(g->extents);
	g_ptr_array_unref(g->alternates);
	g_free(g);
}

static void packer_free(gpointer data)
{
	struct packer *p = data;

	segment_free(p->segment);
	g_byte_array_unref(p->entries);
	ignore(close(p->spool));
	g_free(p);
}

static void segment_record_free(gpointer data)
{
	struct segment_record *record = data;

	g_free(record->id);
	g_free(record->path);
	g_free(record);
}

groups *groups_new(const char *folder, const char *run_id)
{
	struct groups *g = g_new0(struct groups, 1);

	g->folder = g_strdup(folder);
	g->run_id = g_strdup(run_id);
	g_mutex_init(&g->mutex);
	g->all = g_ptr_array_new_with_free_func(group_free);
	g->by_name =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g->packers = g_ptr_array_new_with_free_func(packer_free);
	g->segments = g_ptr_array_new_with_free_func(segment_record_free);
	return g;
}

void groups_free(groups *g)
{
	if (!g)
		return;
	g_ptr_array_unref(g->packers);
	g_ptr_array_unref(g->segments);
	g_hash_table_unref(g->by_name);
	g_ptr_array_unref(g->all);
	g_mutex_clear(&g->mutex);
	g_free(g->folder);
	g_free(g->run_id);
	g_free(g);
}

void groups_rest_on(groups *g, const parent *before)
{
	g->before = before;
}

void groups_renumber(groups *g, uint64_t then, uint64_t now)
{
	g->device_then = then;
	g->device_now = now;
}

uint64_t groups_device(const groups *g, uint64_t then)
{
	return then == g->device_then ? g->device_now : then;
}

const parent *groups_parent(const groups *g)
{
	return g->before;
}

group *groups_get(groups *g, enum group_class class, uint64_t number)
{
	g_autofree char *name = group_name(class, number);
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&g->mutex);
	struct group *found = g_hash_table_lookup(g->by_name, name);

	if (found)
		return found;
	found = g_new0(struct group, 1);
	found->class = class;
	found->number = number;
	found->before = g->before ? parent_group(g->before, name) : NULL;
	found->frames = g_array_new(FALSE, FALSE, sizeof(struct frame));
	found->extents = g_array_new(FALSE, FALSE, sizeof(struct extent));
	found->alternates = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(g->all, found);
	g_hash_table_insert(g->by_name, g_steal_pointer(&name), found);
	return found;
}

void group_drop_frames(group *g, enum frame_kind kind)
{
	for (guint i = 0; i < g->frames->len; i++) {
		struct frame *f = &g_array_index(g->frames, struct frame, i);
		if (f->kind == kind)
			f->dropped = true;
	}
}

bool group_carries(const group *g, unsigned place)
{
	for (guint i = 0; i < g->frames->len; i++) {
		const struct frame *f =
		    &g_array_index(g->frames, struct frame, i);
		if (f->carried && !f->dropped && f->place == place)
			return true;
	}
	return false;
}

void group_carry(group *g, unsigned place)
{
	const struct manifest_frame *from =
	    g_ptr_array_index(g->before->frames, place);

	if (group_carries(g, place))
		return;
	struct frame frame = {.kind = from->kind,
	    .carried = from,
	    .place = place,
	    .offset = from->offset,
	    .length = from->length};

	g_array_append_val(g->frames, frame);
}

void group_carry_all(group *g, enum frame_kind kind)
{
	for (guint i = 0; i < g->before->frames->len; i++) {
		const struct manifest_frame *f =
		    g_ptr_array_index(g->before->frames, i);
		if (f->kind == kind)
			group_carry(g, i);
	}
}

static bool same_alternates(const group *g)
{
	const GPtrArray *then = g->before->alternates;

	for (guint i = 0; i < then->len; i++)
		if (i >= g->alternates->len ||
		    !g_str_equal(g_ptr_array_index(then, i),
			g_ptr_array_index(g->alternates, i)))
			return false;
	return then->len == g->alternates->len;
}

bool group_is_carried(const groups *all, const group *g)
{
	guint carried = 0;

	/* A device of another number stands in every line. */
	if (!g->before || all->device_then != all->device_now)
		return false;
	for (guint i = 0; i < g->frames->len; i++) {
		const struct frame *f =
		    &g_array_index(g->frames, struct frame, i);
		if (f->dropped)
			continue;
		if (!f->carried || f->place != carried)
			return false;
		carried++;
	}
	return carried == g->before->frames->len && same_alternates(g);
}

/* ---- packers ---- */

packer *packer_new(groups *g, GError **error)
{
	int spool = open(g->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (spool < 0) {
		/* Not every file system has files without a name. */
		g_autofree char *path =
		    g_build_filename(g->folder, "spool.XXXXXX", NULL);
		spool = g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0600);
		if (spool < 0) {
			fail_errno(error, "%s", path);
			return NULL;
		}
		ignore(unlink(path));
	}
	struct packer *p = g_new0(struct packer, 1);
	p->groups = g;
	p->spool = spool;
	p->entries = g_byte_array_new();
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&g->mutex);
	p->number = g->packers->len;
	g_ptr_array_add(g->packers, p);
	return p;
}

void packer_begin(packer *p, group *g, enum frame_kind kind)
{
	p->group = g;
	p->kind = kind;
	g_byte_array_set_size(p->entries, 0);
}

static bool open_segment(struct packer *p, GError **error)
{
	struct groups *g = p->groups;
	struct segment_record *record = g_new0(struct segment_record, 1);

	g_mutex_lock(&g->mutex);
	p->segment_number = g->segments->len;
	record->id =
	    g_strdup_printf("%s-%03u", g->run_id, p->segment_number + 1);
	record->path = g_strdup_printf("%s/%s", g->folder, record->id);
	g_ptr_array_add(g->segments, record);
	g_mutex_unlock(&g->mutex);
	p->segment = segment_create(record->path, error);
	return p->segment != NULL;
}

bool packer_add(packer *p, struct entry *e, const void *bytes, GError **error)
{
	struct archive_member member;

	if (!p->segment && !open_segment(p, error))
		return false;
	e->frame = p->group->frames->len;
	entry_member(e, &member);
	if (!segment_add(p->segment, &member, bytes, error))
		return false;
	entry_pack(e, p->entries);
	return true;
}

static struct segment_record *record_of(const struct groups *g, unsigned number)
{
	return g_ptr_array_index(g->segments, number);
}

static bool close_segment(struct packer *p, GError **error)
{
	g_autoptr(segment) s = g_steal_pointer(&p->segment);

	if (!s)
		return true;
	g_mutex_lock(&p->groups->mutex);
	struct segment_record *record = record_of(p->groups, p->segment_number);
	g_mutex_unlock(&p->groups->mutex);
	return segment_finish(s, record->sha256, &record->bytes, error);
}

bool packer_end(packer *p, GError **error)
{
	struct frame frame = {.kind = p->kind, .segment = p->segment_number};
	struct extent extent = {p->number, p->spooled, p->entries->len};

	if (p->entries->len == 0)
		return true;
	if (!segment_end_frame(
		p->segment, &frame.offset, &frame.length, error) ||
	    !file_write_fd(
		p->spool, "spool", p->entries->data, p->entries->len, error))
		return false;
	p->spooled += p->entries->len;
	g_array_append_val(p->group->frames, frame);
	g_array_append_val(p->group->extents, extent);
	return segment_written(p->segment) < SEGMENT_BYTES ||
	       close_segment(p, error);
}

bool groups_finish(groups *g, GError **error)
{
	for (guint i = 0; i < g->packers->len; i++)
		if (!close_segment(g_ptr_array_index(g->packers, i), error))
			return false;
	return true;
}

/* ---- reading ---- */

/* Adds the entries of the frames that were taken over. */
static bool add_carried(
    const groups *g, const group *one, GPtrArray *entries, GError **error)
{
	bool any = false;

	if (!one->before)
		return true;
	g_autofree unsigned *number =
	    g_new0(unsigned, one->before->frames->len + 1);
	for (guint i = 0; i < one->frames->len; i++) {
		const struct frame *f =
		    &g_array_index(one->frames, struct frame, i);
		if (!f->carried || f->dropped)
			continue;
		any = true;
		number[f->place] = i + 1;
	}
	if (!any)
		return true;
	g_autoptr(GPtrArray) then =
	    manifest_entries(g->before->manifest, one->before, error);
	for (guint i = 0; then && i < then->len; i++) {
		struct entry *e = g_ptr_array_index(then, i);
		if (number[e->frame] == 0)
			continue;
		e->frame = number[e->frame] - 1;
		e->device = groups_device(g, e->device);
		then->pdata[i] = NULL; /* it moves */
		g_ptr_array_add(entries, e);
	}
	return then != NULL;
}

GPtrArray *group_entries(groups *g, const group *one, GError **error)
{
	g_autoptr(GPtrArray) entries =
	    g_ptr_array_new_with_free_func((GDestroyNotify)entry_free);

	if (!add_carried(g, one, entries, error))
		return NULL;
	for (guint i = 0; i < one->extents->len; i++) {
		const struct extent *x =
		    &g_array_index(one->extents, struct extent, i);
		g_mutex_lock(&g->mutex);
		struct packer *p = g_ptr_array_index(g->packers, x->packer);
		g_mutex_unlock(&g->mutex);
		g_autoptr(GByteArray) packed = g_byte_array_new();
		g_byte_array_set_size(packed, (guint)x->length);
		if (!file_read_at(p->spool, "spool", packed->data, x->length,
			x->offset, error))
			return NULL;
		struct entry e;
		for (size_t at = 0; entry_unpack(&e, packed, &at);) {
			struct frame *f =
			    &g_array_index(one->frames, struct frame, e.frame);
			if (f->dropped)
				entry_clear(&e);
			else
				g_ptr_array_add(
				    entries, g_memdup2(&e, sizeof e));
		}
	}
	return g_steal_pointer(&entries);
}

static int by_order(gconstpointer a, gconstpointer b)
{
	const struct group *x = *(struct group *const *)a;
	const struct group *y = *(struct group *const *)b;

	if (x->class != y->class)
		return x->class < y->class ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

GPtrArray *groups_sorted(groups *g)
{
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&g->mutex);
	GPtrArray *sorted = g_ptr_array_new();

	for (guint i = 0; i < g->all->len; i++) {
		struct group *one = g_ptr_array_index(g->all, i);
		if (!one->dropped)
			g_ptr_array_add(sorted, one);
	}
	g_ptr_array_sort(sorted, by_order);
	return sorted;
}

const struct segment_record *groups_segment(const groups *g, unsigned number)
{
	return record_of(g, number);
}

unsigned groups_segments(const groups *g)
{
	return g->segments->len;
}
