#include "backup/physical/sites.h"

#include <sys/stat.h>

#include "base/error.h"
#include "port/fs.h"

static void site_free(void *member)
{
	struct site *s = member;

	g_ptr_array_unref(s->parts);
	g_free(s->archive);
	g_free(s->folder);
	g_free(s);
}

void sites_clear(struct sites *k)
{
	g_clear_pointer(&k->files, g_ptr_array_unref);
	g_clear_pointer(&k->spaces, g_ptr_array_unref);
	g_clear_pointer(&k->all, g_ptr_array_unref);
}

/* ---- what there is ---- */

/* Where people want the tablespace of FOLDER; NULL: they did not say. */
static const char *wanted(const struct lay *l, const char *folder)
{
	for (char **one = l->tablespaces; one && *one; one++)
		if (g_str_has_prefix(*one, folder) &&
		    (*one)[strlen(folder)] == '=')
			return *one + strlen(folder) + 1;
	return NULL;
}

/* Where tablespaces lie that nobody wants elsewhere. */
static char *beside_of(const struct lay *l)
{
	return g_strconcat(l->target, ".tablespaces", NULL);
}

static char *folder_of(
    const struct sites *k, const struct lay *l, const char *archive)
{
	if (g_str_equal(archive, PHYSICAL_BASE))
		return g_strdup(l->target);
	for (guint i = 0; i < k->spaces->len; i++) {
		const struct tablespace *t = g_ptr_array_index(k->spaces, i);
		const char *place = wanted(l, t->folder);
		if (g_str_equal(t->number, archive) && place)
			return g_strdup(place);
	}
	g_autofree char *beside = beside_of(l);
	return g_build_filename(beside, archive, NULL);
}

static struct site *site_of(
    struct sites *k, const struct lay *l, const char *archive)
{
	for (guint i = 0; i < k->all->len; i++) {
		struct site *s = g_ptr_array_index(k->all, i);
		if (g_str_equal(s->archive, archive))
			return s;
	}
	struct site *s = g_new0(struct site, 1);
	s->archive = g_strdup(archive);
	s->folder = folder_of(k, l, archive);
	s->parts = g_ptr_array_new();
	s->number = k->all->len;
	g_ptr_array_add(k->all, s);
	return s;
}

bool sites_fail(const struct lay *l, const char *what, GError **error)
{
	return fail(error, GONOGO_ERROR_DATA, "set %s: %s", l->set->id, what);
}

/* FILES.tsv is sorted by name: each archive's parts come in their order. */
static bool sort_out(struct sites *k, const struct lay *l, GError **error)
{
	for (guint i = 0; i < k->files->len; i++) {
		struct db_file *f = g_ptr_array_index(k->files, i);
		unsigned number;
		g_autofree char *archive = part_archive(f->name, &number);
		if (!archive && part_kind(f->name) == PART_UNKNOWN)
			return sites_fail(l, "a part of no known kind", error);
		if (!archive)
			continue;
		struct site *s = site_of(k, l, archive);
		g_ptr_array_add(s->parts, f);
		if (s->parts->len != number)
			return sites_fail(
			    l, "a part of an archive is missing", error);
	}
	return (k->all->len > 0 &&
		   g_str_equal(((struct site *)g_ptr_array_index(
				    k->all, k->all->len - 1))
				   ->archive,
		       PHYSICAL_BASE)) ||
	       sites_fail(l, "it holds no data folder", error);
}

bool sites_open(struct sites *k, const struct lay *l, GError **error)
{
	const char *folder = l->set->folder;
	g_autofree char *list = g_build_filename(folder, DB_FILES, NULL);
	g_autofree char *spaces =
	    g_build_filename(folder, PHYSICAL_TABLESPACES, NULL);

	k->all = g_ptr_array_new_with_free_func(site_free);
	k->files = db_files_read(list, error);
	k->spaces = k->files ? tablespaces_read(spaces, error) : NULL;
	return k->spaces && sort_out(k, l, error);
}

/* ---- before ---- */

static bool check_wishes(
    const struct sites *k, const struct lay *l, GError **error)
{
	for (char **one = l->tablespaces; one && *one; one++) {
		bool known = false;
		for (guint i = 0; i < k->spaces->len; i++) {
			const struct tablespace *t =
			    g_ptr_array_index(k->spaces, i);
			const char *to = wanted(l, t->folder);
			known |= to && to == *one + strlen(t->folder) + 1;
		}
		const char *to = strchr(*one, '=');
		if (!known || !to || !g_path_is_absolute(to + 1))
			return fail(error, GONOGO_ERROR_USAGE,
			    "--tablespace %s: not OLD=NEW of absolute paths "
			    "with a tablespace of the set\n"
			    "hint: snapshots/%s/" PHYSICAL_TABLESPACES
			    " lists them",
			    *one, l->set->id);
	}
	return true;
}

static bool check_places(const struct sites *k, GError **error)
{
	for (guint i = 0; i < k->all->len; i++) {
		const struct site *s = g_ptr_array_index(k->all, i);
		bool vacant = false;
		if (!fs_is_vacant(s->folder, &vacant, error))
			return false;
		if (!vacant)
			return fail(error, GONOGO_ERROR_USAGE,
			    "%s is not empty, and nothing is overwritten",
			    s->folder);
	}
	return true;
}

bool sites_check(const struct sites *k, const struct lay *l, GError **error)
{
	return check_wishes(k, l, error) && check_places(k, error);
}

/* ---- making ---- */

bool lay_give(const struct lay *l, const char *path, GError **error)
{
	return !l->owned || lchown(path, l->uid, l->gid) == 0 ||
	       fail_errno(error, "%s", path);
}

static bool make_folder(const struct lay *l, const char *path, GError **error)
{
	return fs_make_folders(path, 0700, error) && lay_give(l, path, error);
}

static bool make_site(const struct lay *l, const struct site *s, GError **error)
{
	g_autofree char *link =
	    g_build_filename(l->target, "pg_tblspc", s->archive, NULL);

	g_autofree char *beside = beside_of(l);

	if (g_str_has_prefix(s->folder, beside) &&
	    !make_folder(l, beside, error))
		return false;
	if (!make_folder(l, s->folder, error))
		return false;
	/* A server refuses a folder that is open to others. */
	if (chmod(s->folder, 0700) != 0)
		return fail_errno(error, "%s", s->folder);
	if (g_str_equal(s->archive, PHYSICAL_BASE))
		return true;
	g_autofree char *above = g_path_get_dirname(link);
	if (!fs_make_folders(above, 0700, error))
		return false;
	if (symlink(s->folder, link) != 0)
		return fail_errno(error, "%s", link);
	return lay_give(l, link, error);
}

bool sites_make(const struct sites *k, const struct lay *l, GError **error)
{
	for (guint i = 0; i < k->all->len; i++)
		if (!make_site(l, g_ptr_array_index(k->all, i), error))
			return false;
	return true;
}
