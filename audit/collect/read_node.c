#include "audit/collect/read_node.h"

#include "audit/collect/nodes.h"
#include "audit/collect/take.h"
#include "base/error.h"

static bool read_install(
    const struct reading *r, struct node *node, GError **error)
{
	json_each (child, json_find(r->body, "install")) {
		struct installed *file =
		    shape_add(&installed_shape, &node->install);
		if (!must_string(child, "path", &file->path, error) ||
		    !must_string(child, "sha256", &file->sha256, error))
			return false;
	}
	return true;
}

static bool read_machine(const struct reading *r, GError **error)
{
	struct node *node = nodes_asked(r->facts, r->subject);
	const char *why = json_text(r->body, "no_process");

	if (!node)
		return fail(error, GONOGO_ERROR_DATA,
		    "%s is no node of the settings\n"
		    "hint: [home] local = NAME=FOLDER, with a node's name",
		    r->subject ? r->subject : "this machine");
	if (!must_number(r->body, "cores", &node->cores, error) ||
	    !must_number(r->body, "memory_bytes", &node->memory_bytes, error) ||
	    !must_string(r->body, "kernel", &node->kernel, error) ||
	    !take_string(r->body, "os", &node->os, error) ||
	    !take_string(r->body, "timezone", &node->timezone, error) ||
	    !take_string(r->body, "git", &node->git, error) ||
	    !take_string(r->body, "java", &node->java, error) ||
	    !take_number(
		r->body, "open_files_limit", &node->open_files_limit, error) ||
	    !take_number(
		r->body, "processes_limit", &node->processes_limit, error) ||
	    !must_number(
		r->body, "home_free_bytes", &node->home_free_bytes, error) ||
	    !must_number(
		r->body, "home_size_bytes", &node->home_size_bytes, error) ||
	    !read_install(r, node, error))
		return false;
	if (why) {
		g_autofree char *what = g_strconcat(r->name, ".process", NULL);
		/* In a container it may be, where nobody looks from here. */
		facts_add_unseen(r->facts, what, "%s", why)->kind =
		    UNSEEN_NOT_HERE;
	}
	return true;
}

const struct row node_rows[] = {
    {.what = "node.machine",
	.collector = "node",
	.request = "a node's machine: /proc, uname, statvfs",
	.per_node = true,
	.profiles = PROFILE_FULL,
	.read = read_machine},
    {0},
};
