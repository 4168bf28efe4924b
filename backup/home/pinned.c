#include "backup/home/pinned.h"

#include <fcntl.h>

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "port/fs.h"

static const char list_path[] = "objects/pack/multi-pack-index";
static const char graph_path[] = "objects/info/commit-graph";
static const char chain_place[] = "objects/info/commit-graphs";

struct pinned {
	int folder; /* of the repository, borrowed */
	GHashTable *packs;
	cache_has has;
	void *user;
	GHashTable *files;      /* path -> descriptor + 1 */
	char list[OID_HEX + 1]; /* sum of the list of packs; "": not whole */
};

static int open_inside(const struct pinned *p, const char *path, int flags)
{
	return fs_open_beneath(p->folder, path, flags | O_NOFOLLOW, 0);
}

static void pin(struct pinned *p, const char *path, int fd)
{
	g_hash_table_replace(p->files, g_strdup(path), GINT_TO_POINTER(fd + 1));
}

static void close_pinned(gpointer descriptor)
{
	ignore(close(GPOINTER_TO_INT(descriptor) - 1));
}

static bool has_pack(const char *name, void *user)
{
	return g_hash_table_contains(user, name);
}

static void judge_list(struct pinned *p)
{
	int fd = open_inside(p, list_path, O_RDONLY);

	if (fd < 0)
		return;
	if (cache_packs_are_whole(fd, has_pack, p->packs, p->list)) {
		pin(p, list_path, fd);
	} else {
		*p->list = 0;
		ignore(close(fd));
	}
}

static bool judge_graph(struct pinned *p, const char *path)
{
	int fd = open_inside(p, path, O_RDONLY);

	if (fd < 0)
		return false;
	bool whole = cache_graph_is_whole(fd, p->has, p->user);
	if (whole)
		pin(p, path, fd);
	else
		ignore(close(fd));
	return whole;
}

/* A chain is one thing: all the layers that it names, or none of it. */
static void judge_chain(struct pinned *p)
{
	g_autofree char *path =
	    g_build_filename(chain_place, "commit-graph-chain", NULL);
	int fd = open_inside(p, path, O_RDONLY);

	if (fd < 0)
		return;
	g_autofree char *text =
	    file_read_fd(fd, path, LIMIT_SETTINGS, NULL, NULL);
	g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);
	bool whole = text != NULL;
	for (char **line = lines; whole && *line; line++) {
		g_autofree char *graph =
		    g_strdup_printf("%s/graph-%s.graph", chain_place, *line);
		whole = !**line || judge_graph(p, graph);
	}
	if (whole)
		pin(p, path, fd);
	else
		ignore(close(fd));
}

static gboolean is_of_the_chain(gpointer path, gpointer fd, gpointer user)
{
	(void)fd, (void)user;
	return g_str_has_prefix(path, chain_place);
}

pinned *pinned_judge(int folder, GHashTable *packs, cache_has has, void *user)
{
	struct pinned *p = g_new0(struct pinned, 1);
	g_autofree char *chain =
	    g_build_filename(chain_place, "commit-graph-chain", NULL);

	p->folder = folder;
	p->packs = packs;
	p->has = has;
	p->user = user;
	p->files = g_hash_table_new_full(
	    g_str_hash, g_str_equal, g_free, close_pinned);
	judge_list(p);
	ignore(judge_graph(p, graph_path));
	judge_chain(p);
	if (!g_hash_table_contains(p->files, chain))
		g_hash_table_foreach_remove(p->files, is_of_the_chain, NULL);
	return p;
}

void pinned_free(pinned *p)
{
	if (!p)
		return;
	g_hash_table_unref(p->files);
	g_free(p);
}

bool pinned_is_judged(const char *path)
{
	return g_str_equal(path, graph_path) ||
	       g_str_has_prefix(path, list_path) ||
	       (g_str_has_prefix(path, chain_place) &&
		   path[strlen(chain_place)] == '/');
}

int pinned_take(pinned *p, const char *path)
{
	gpointer key, descriptor;

	if (g_hash_table_steal_extended(p->files, path, &key, &descriptor)) {
		int fd = GPOINTER_TO_INT(descriptor) - 1;
		g_free(key);
		return lseek(fd, 0, SEEK_SET) == 0 ? fd : -1;
	}
	/* What belongs to the list of packs has that one's sum in its name. */
	return g_str_has_prefix(path, list_path) && *p->list &&
		       strstr(path, p->list)
		   ? open_inside(p, path, O_RDONLY)
		   : -1;
}
