#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <glib/gstdio.h>

#include "base/error.h"
#include "base/file.h"
#include "contract/settings.h"

/* Behind base/error.h: it has a macro fail(). */
#include <cmocka.h>

static char *folder;

static int make_folder(void **state)
{
	(void)state;
	folder = g_dir_make_tmp("gonogo-XXXXXX", NULL);
	return folder ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	int code = g_rmdir(folder);
	g_free(folder);
	return code;
}

/* Reads TEXT as the settings file of the test's folder. */
static struct settings *read_text(const char *text, GError **error)
{
	g_autofree char *path = g_build_filename(folder, "gonogo.conf", NULL);

	assert_true(file_write(path, 0600, text, strlen(text), NULL));
	struct settings *s = settings_read(path, error);
	assert_int_equal(g_unlink(path), 0);
	return s;
}

static void in_folder(const char *path, const char *name)
{
	g_autofree char *wanted = g_build_filename(folder, name, NULL);

	assert_string_equal(path, wanted);
}

static void paths_start_at_the_folder_of_the_file(void **state)
{
	(void)state;
	g_autoptr(settings) s = read_text("[cluster]\n"
					  "url = https://git.example.org/bb/\n"
					  "password_file = secret\n"
					  "[home]\n"
					  "shared = ../shared\n"
					  "local = bb-1=local; /srv/b=c\n"
					  "[backup]\n"
					  "also = conf\n"
					  "[store]\n"
					  "path = /srv/store\n",
	    NULL);

	assert_non_null(s);
	in_folder(s->path, "gonogo.conf");
	in_folder(s->cluster.password_file, "secret");
	in_folder(s->backup.also[0], "conf");
	assert_string_equal(s->store.path, "/srv/store");
	g_autofree char *above = g_path_get_dirname(folder);
	assert_true(g_str_has_prefix(s->home.shared, above));
	assert_false(g_str_has_prefix(s->home.shared, folder));
	assert_true(g_str_has_prefix(s->home.local[0], "bb-1=/"));
	in_folder(s->home.local[0] + strlen("bb-1="), "local");
	assert_string_equal(s->home.local[1], "/srv/b=c");
	assert_string_equal(s->cluster.url, "https://git.example.org/bb");
}

static void without_a_file_there_are_the_defaults(void **state)
{
	(void)state;
	g_setenv("STATE_DIRECTORY", "/run/one:/run/two", TRUE);
	g_autoptr(settings) s = settings_read(NULL, NULL);
	g_unsetenv("STATE_DIRECTORY");
	g_autoptr(settings) plain = settings_read(NULL, NULL);

	assert_string_equal(s->state.dir, "/run/one");
	assert_null(s->path);
	assert_string_equal(s->backup.mode, "hot");
	assert_false(s->backup.allow_lock);
	assert_string_equal(s->target.procedure, "rolling");
	assert_string_equal(s->database.run_as, "postgres");
	assert_true(g_str_has_suffix(plain->state.dir, "/gonogo"));
	if (geteuid() == 0)
		assert_string_equal(plain->state.dir, "/var/lib/gonogo");
}

static void what_can_not_be_meant_is_refused_with_a_way_out(void **state)
{
	(void)state;
	static const struct {
		const char *text, *why;
	} cases[] = {
	    {"[backup]\nmode = sealed\n",
		":2: [backup] mode: sealed locks users out, and allow_lock is "
		"no\nhint: set `allow_lock = yes`"},
	    {"[cluster]\nurl = https://a:b@host\n",
		":2: [cluster] url: a password has no place in a URL\nhint: "},
	    {"[cluster]\nproxy = http://a:b@host:3128\n",
		":2: [cluster] proxy: a password has no place"},
	    {"[cluster]\nnodes = bb-1=http://a:b@host\n",
		":2: [cluster] nodes: a password has no place"},
	    {"[database]\nurl = postgresql://a:b@host/bitbucket\n",
		":2: [database] url: a password has no place"},
	    {"[database]\nurl = postgresql://host/bitbucket?password=x\n",
		":2: [database] url: a password has no place"},
	    {"[database]\nurl = jdbc:postgresql://host/bitbucket\n",
		":2: [database] url: 'jdbc:postgresql://host/bitbucket' does "
		"not begin with postgresql://"},
	    {"[cluster]\nurl = git.example.org\n",
		":2: [cluster] url: 'git.example.org' does not begin with "
		"https://"},
	    {"[cluster]\nurl = https://\n", "does not begin with https://"},
	    {"[cluster]\nnodes = a=http://x; a=http://y\n",
		":2: [cluster] nodes: two nodes are called 'a'"},
	    {"[backup]\nlock_window = 22:00\n",
		":2: [backup] lock_window: '22:00' is not of the form"},
	    {"[backup]\nlock_window = Sat 24:00-02:00\n", "is not of the form"},
	    {"[publish]\n", ":1: [publish]: unknown group"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		assert_null(read_text(cases[i].text, &error));
		assert_non_null(strstr(error->message, cases[i].why));
		assert_true(
		    g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_USAGE));
	}
}

static void a_sealed_backup_that_may_lock_is_accepted(void **state)
{
	(void)state;
	g_autoptr(settings) s = read_text("[backup]\n"
					  "mode = sealed\n"
					  "allow_lock = yes\n"
					  "lock_window = Sat 22:00-02:00\n"
					  "max_lock_seconds = 60\n",
	    NULL);

	assert_non_null(s);
	assert_int_equal(s->backup.max_lock_seconds, 60);
}

static void a_pair_parts_at_the_first_equals_before_a_slash(void **state)
{
	(void)state;
	static const struct {
		const char *text, *name, *value;
	} cases[] = {
	    {"bb-1=http://host", "bb-1", "http://host"},
	    {"bb-1 = /srv", "bb-1", "/srv"},
	    {"http://host/?a=b", NULL, "http://host/?a=b"},
	    {"/srv/a=b", NULL, "/srv/a=b"},
	    {"a=b=c", "a", "b=c"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *name = NULL, *value = NULL;

		settings_pair(cases[i].text, &name, &value);
		assert_string_equal(value, cases[i].value);
		if (cases[i].name)
			assert_string_equal(name, cases[i].name);
		else
			assert_null(name);
	}
}

/* Takes the # away from every `#key = value` of the shipped file. */
static void the_shipped_file_with_every_key_set_is_read(void **state)
{
	(void)state;
	g_autofree char *text =
	    file_read("templates/gonogo.conf", 1 << 20, NULL, NULL);
	g_autoptr(GRegex) row =
	    g_regex_new("^#([a-z_]+ =)", G_REGEX_MULTILINE, 0, NULL);
	g_autofree char *set =
	    g_regex_replace(row, text, -1, 0, "\\1", 0, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(settings) s = read_text(set, &error);

	assert_non_null(s);
	assert_int_equal(g_strv_length(s->cluster.nodes), 2);
	assert_string_equal(s->target.version, "9.4.23");
	for (const struct config_key *k = settings_keys; k->group; k++) {
		assert_non_null(k->what);
		assert_true(!k->key || k->standard || k->example);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(paths_start_at_the_folder_of_the_file),
	    cmocka_unit_test(without_a_file_there_are_the_defaults),
	    cmocka_unit_test(what_can_not_be_meant_is_refused_with_a_way_out),
	    cmocka_unit_test(a_sealed_backup_that_may_lock_is_accepted),
	    cmocka_unit_test(a_pair_parts_at_the_first_equals_before_a_slash),
	    cmocka_unit_test(the_shipped_file_with_every_key_set_is_read),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
