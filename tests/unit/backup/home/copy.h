/*
 * A small home with two repositories, copies of it, and what they come to: for
 * the tests of this folder.
 */
#ifndef GONOGO_TESTS_COPY_H
#define GONOGO_TESTS_COPY_H

/* Before cmocka.h, which has a macro of the name fail. */
#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "backup/home/home.h"
#include "backup/rebuild.h"
#include "backup/store/set.h"
#include "port/fs.h"
#include "port/git.h"
#include "port/process.h"

struct place {
	char *root, *home, *store;
};

/* What a copy of the home came to. */
struct copy {
	store *store;
	run *run;
	home *home;
	struct snapshot set;
	struct evidence how;
};

/* ---- places ---- */

static G_GNUC_UNUSED char *at(const struct place *p, const char *name)
{
	return g_build_filename(p->root, name, NULL);
}

/* Runs SCRIPT in the place; its exit must be 0. */
static G_GNUC_UNUSED void shell(const struct place *p, const char *script)
{
	static const char *const env[] = {"GIT_CONFIG_GLOBAL=/dev/null",
	    "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=a",
	    "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a",
	    "GIT_COMMITTER_EMAIL=a@example.com", NULL};
	const char *const argv[] = {"sh", "-euc", script, NULL};
	const struct process child = {
	    .argv = argv, .env = env, .folder = p->root};
	g_auto(process_result) result = {0};
	g_autoptr(GError) error = NULL;

	if (!process_run_ok(&child, &result, &error))
		print_message("%s\n%s\n", script, error->message);
	assert_null(error);
}

/* Functions of the scripts: `commit REPOSITORY BRANCH [TEXT]` and so on. */
#define TOOLS                                                                  \
	"r=home/data/repositories\n"                                           \
	"make() { git init -q --bare $r/$1; git -C $r/$1 config gc.auto 0; "   \
	"}\n"                                                                  \
	"commit() {\n"                                                         \
	"	b=$(echo \"$2 ${3-$$ $(date +%N)}\" |\n"                             \
	"		git -C $r/$1 hash-object -w --stdin)\n"                             \
	"	t=$(printf '100644 blob %s\\tfile\\n' $b |\n"                        \
	"		git -C $r/$1 mktree)\n"                                             \
	"	p=$(git -C $r/$1 rev-parse -q --verify refs/heads/$2 || :)\n"        \
	"	c=$(git -C $r/$1 commit-tree -m x ${p:+-p $p} $t)\n"                 \
	"	git -C $r/$1 update-ref refs/heads/$2 $c; }\n"

static G_GNUC_UNUSED int begin(void **state)
{
	struct place *p = g_new0(struct place, 1);

	p->root = g_dir_make_tmp("home.XXXXXX", NULL);
	p->home = at(p, "home");
	p->store = at(p, "store");
	*state = p;
	shell(p, TOOLS "mkdir -p $r home/config home/data/attachments\n"
		       "echo jdbc.password=x > home/bitbucket.properties\n"
		       "make 1; commit 1 master; commit 1 old; commit 1 old\n"
		       "git -C $r/1 repack -adq; git -C $r/1 pack-refs --all\n"
		       "commit 1 master\n"
		       "make 2; commit 2 master\n");
	return 0;
}

static G_GNUC_UNUSED int end(void **state)
{
	struct place *p = *state;
	bool gone = fs_remove_tree(p->root, NULL);

	g_free(p->root);
	g_free(p->home);
	g_free(p->store);
	g_free(p);
	return !gone;
}

/* ---- copies ---- */

#define must(call)                                                             \
	do {                                                                   \
		g_autoptr(GError) error = NULL;                                \
		if (!(call))                                                   \
			print_message("%s\n", error->message);                 \
		assert_null(error);                                            \
	} while (0)

static G_GNUC_UNUSED void copy_begin(struct copy *c, const struct place *p)
{
	const struct home_options options = {.path = p->home, .jobs = 2};

	must(c->store = store_open(p->store, STORE_WRITE, &error));
	must(c->run = run_begin(c->store, &error));
	must(c->home = home_open(c->run, &options, &error));
}

static G_GNUC_UNUSED void copy_commit(struct copy *c)
{
	must(home_prove(c->home, &error));
	home_tell(c->home, &c->set, &c->how);
	c->set.mode = g_strdup("hot");
	must(run_commit(c->run, &c->set, &c->how, &error));
}

static G_GNUC_UNUSED void copy_clear(struct copy *c)
{
	home_close(c->home);
	run_abandon(c->run);
	store_close(c->store);
	snapshot_clear(&c->set);
	evidence_clear(&c->how);
}

static G_GNUC_UNUSED void copy_whole(struct copy *c, const struct place *p)
{
	copy_begin(c, p);
	must(home_harvest(c->home, &error));
	must(home_sweep(c->home, &error));
	must(home_save(c->home, &error));
	copy_commit(c);
}

static G_GNUC_UNUSED void show_flaws(const struct copy *c)
{
	for (guint i = 0; i < list_length(c->set.flaws); i++) {
		const struct flaw *f = g_ptr_array_index(c->set.flaws, i);
		print_message("%s %s: %s\n", f->kind, f->subject, f->why);
	}
}

static G_GNUC_UNUSED void is_good(const struct copy *c)
{
	show_flaws(c);
	assert_int_equal(c->set.status, SNAPSHOT_GOOD);
}

static G_GNUC_UNUSED const struct evidence_repository *told(
    const struct copy *c, const char *id)
{
	for (guint i = 0; i < list_length(c->how.repositories); i++) {
		const struct evidence_repository *r =
		    g_ptr_array_index(c->how.repositories, i);
		if (g_str_equal(r->id, id))
			return r;
	}
	return NULL;
}

/* Lays the set into PLACE/back, where git finds every repository whole. */
static G_GNUC_UNUSED void is_whole(const struct copy *c, const struct place *p)
{
	g_autofree char *back = at(p, "back");
	g_autoptr(set) one = NULL;
	g_autoptr(manifest) m = NULL;

	must(fs_remove_tree(back, &error));
	must(fs_make_folders(back, 0700, &error));
	must(one = set_find(c->store, c->set.id, &error));
	must(m = manifest_read(one->folder, &error));
	const struct rebuild_options options = {
	    .store = c->store, .manifest = m, .target = back, .new_home = back};
	g_autoptr(rebuild) r = NULL;
	must(r = rebuild_open(&options, &error));
	for (guint i = 0; i < m->groups->len; i++)
		must(rebuild_group(r, g_ptr_array_index(m->groups, i), &error));
	must(rebuild_links(r, &error));
	must(rebuild_folders(r, &error));
	for (guint i = 0; i < m->groups->len; i++) {
		const struct manifest_group *g =
		    g_ptr_array_index(m->groups, i);
		g_autofree char *found = NULL;
		if (!g->repository)
			continue;
		g_autofree char *path = g_strdup_printf(
		    "%s/data/repositories/%u", back, (unsigned)g->repository);
		must(git_fsck(path, true, &found, &error));
		if (found)
			print_message("%s: %s\n", g->name, found);
		assert_null(found);
	}
}

#endif
