#include "report/people.h"

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/limits.h"
#include "port/fs.h"
#include "report/flaws.h"

enum { MOST_SIGNATURES = 20, MOST_WAIVERS = 1000 };

static gint by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *people_files(
    const char *folder, const char *prefix, const char *suffix)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		if (g_str_has_prefix(name, prefix) &&
		    g_str_has_suffix(name, suffix))
			g_ptr_array_add(names, g_strdup(name));
	g_ptr_array_sort(names, by_name);
	return names;
}

/* ---- signatures ---- */

static char *signature_path(const char *path, int number)
{
	return number == 1 ? g_strconcat(path, ".sig", NULL)
			   : g_strdup_printf("%s.%d.sig", path, number);
}

void people_clear(struct people *p)
{
	g_clear_pointer(&p->names, g_ptr_array_unref);
	g_clear_pointer(&p->keys, g_hash_table_unref);
}

static void add_person(struct people *who, struct sshsig_person *p)
{
	if (!who->keys)
		who->keys = g_hash_table_new_full(
		    g_str_hash, g_str_equal, g_free, NULL);
	bool known = who->names && g_ptr_array_find_with_equal_func(
				       who->names, p->name, g_str_equal, NULL);
	if (g_hash_table_add(who->keys, g_strdup(p->key)) && !known)
		strings_add(&who->names, p->name);
	sshsig_person_clear(p);
}

bool people_signed(struct people *who, const struct sshsig_trust *trust,
    const char *namespace, const char *path, const char *text, int64_t at,
    GPtrArray *flaws, GError **error)
{
	for (int i = 1; i <= MOST_SIGNATURES; i++) {
		g_autofree char *signature = signature_path(path, i);
		struct sshsig_person p = {0};
		g_autoptr(GError) why = NULL;

		if (!g_file_test(signature, G_FILE_TEST_IS_REGULAR) ||
		    g_file_test(signature, G_FILE_TEST_IS_SYMLINK))
			continue;
		if (sshsig_verify(
			trust, namespace, text, signature, at, &p, &why)) {
			add_person(who, &p);
		} else if (!g_error_matches(
			       why, GONOGO_ERROR, GONOGO_ERROR_DATA)) {
			g_propagate_error(error, g_steal_pointer(&why));
			return false;
		} else {
			g_autofree char *name = g_path_get_basename(signature);
			flaws_add(flaws, "%s: %s", name, why->message);
		}
	}
	if (who->names)
		g_ptr_array_sort(who->names, by_name);
	return true;
}

bool people_sign(
    const char *path, const char *namespace, const char *key, GError **error)
{
	g_autofree char *text = file_read(path, LIMIT_SETTINGS, NULL, error);
	g_autofree char *signature =
	    text ? sshsig_sign(key, namespace, text, error) : NULL;

	if (!signature)
		return false;
	for (int i = 1; i <= MOST_SIGNATURES; i++) {
		g_autofree char *out = signature_path(path, i);
		if (!g_file_test(out, G_FILE_TEST_EXISTS))
			return file_write(
			    out, 0644, signature, strlen(signature), error);
	}
	return fail(error, GONOGO_ERROR_USAGE, "%s: has %d signatures already",
	    path, MOST_SIGNATURES);
}

/* ---- waivers ---- */

/* The bundle's own file NAME, when it has one. */
static char *own(const char *bundle, const char *name)
{
	g_autofree char *path = g_build_filename(bundle, name, NULL);

	return g_file_test(path, G_FILE_TEST_IS_REGULAR)
		   ? g_steal_pointer(&path)
		   : NULL;
}

/* Fills *w with the file NAME of FOLDER, or with why it is no waiver. */
static bool read_waiver(const char *folder, const char *name,
    const struct sshsig_trust *trust, int64_t at, struct waiver *w,
    GError **error)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	g_autofree char *text = file_read(path, LIMIT_SETTINGS, NULL, error);
	g_autoptr(GError) why = NULL;
	g_autoptr(GPtrArray) flaws = flaws_new();
	g_auto(people) who = {0};

	if (!text)
		return false;
	w->id = g_strndup(name, strlen(name) - strlen(".conf"));
	w->sha256 = hash_hex(text, strlen(text));
	if (!waiver_parse(text, name, w, &why)) {
		w->flaw = g_strdup(why->message);
		return true;
	}
	if (!trust->signers) {
		w->flaw = g_strdup("nobody says who may sign: "
				   "no allowed_signers");
		return true;
	}
	if (!people_signed(
		&who, trust, PEOPLE_WAIVER, path, text, at, flaws, error))
		return false;
	w->signers = g_steal_pointer(&who.names);
	if (list_length(w->signers) == 0)
		w->flaw = g_strdup(
		    flaws->len ? g_ptr_array_index(flaws, 0) : "not signed");
	return true;
}

bool people_waivers(
    const char *bundle, int64_t at, GPtrArray **list, GError **error)
{
	g_autofree char *folder = g_build_filename(bundle, "waivers", NULL);
	g_autoptr(GPtrArray) names = people_files(folder, "W-", ".conf");
	g_autofree char *signers = own(bundle, "allowed_signers");
	g_autofree char *revoked = own(bundle, "krl");
	const struct sshsig_trust trust = {signers, revoked};

	if (names->len > MOST_WAIVERS)
		return fail(error, GONOGO_ERROR_DATA,
		    "%s: more than %d waivers", folder, MOST_WAIVERS);
	for (guint i = 0; i < names->len; i++)
		if (!read_waiver(folder, g_ptr_array_index(names, i), &trust,
			at, shape_add(&waiver_shape, list), error))
			return false;
	return true;
}

/* ---- into the bundle ---- */

static bool take_file(
    const char *bundle, const char *name, const char *from, GError **error)
{
	g_autofree char *path = g_build_filename(bundle, name, NULL);
	size_t length = 0;
	g_autofree char *bytes =
	    from ? file_read(from, LIMIT_SETTINGS, &length, error) : NULL;

	return !from || (bytes && file_write(path, 0644, bytes, length, error));
}

static bool take_waivers(const char *bundle, const char *from, GError **error)
{
	g_autofree char *to = g_build_filename(bundle, "waivers", NULL);
	g_autoptr(GPtrArray) names = people_files(from, "W-", "");
	g_autofree char *here = g_canonicalize_filename(from, NULL);
	g_autofree char *there = g_canonicalize_filename(to, NULL);

	if (!g_file_test(from, G_FILE_TEST_IS_DIR))
		return fail(error, GONOGO_ERROR_USAGE, "%s: no folder", from);
	if (g_str_equal(here, there))
		return true;
	if ((g_file_test(to, G_FILE_TEST_EXISTS) &&
		!fs_remove_tree(to, error)) ||
	    !fs_make_folders(to, 0755, error))
		return false;
	for (guint i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		g_autofree char *path = g_build_filename(from, name, NULL);
		if ((g_str_has_suffix(name, ".conf") ||
			g_str_has_suffix(name, ".sig")) &&
		    !take_file(to, name, path, error))
			return false;
	}
	return true;
}

bool people_take(const char *bundle, const char *waivers, const char *signers,
    const char *revoked, GError **error)
{
	return (!waivers || take_waivers(bundle, waivers, error)) &&
	       take_file(bundle, "allowed_signers", signers, error) &&
	       take_file(bundle, "krl", revoked, error);
}
