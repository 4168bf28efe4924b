#include "audit/collect/nodes.h"

#include "base/error.h"
#include "contract/settings.h"

char *nodes_host(const char *url)
{
	g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_NONE, NULL);

	if (!uri || !g_uri_get_host(uri))
		return g_strdup(url);
	if (g_uri_get_port(uri) < 0)
		return g_strdup(g_uri_get_host(uri));
	return g_strdup_printf(
	    "%s:%d", g_uri_get_host(uri), g_uri_get_port(uri));
}

/* Is it known by its URL alone? */
static bool is_nameless(const struct node *node)
{
	g_autofree char *host = node->url ? nodes_host(node->url) : NULL;

	return host && g_str_equal(host, node->name);
}

void nodes_pair(const char *text, char **name, char **url)
{
	settings_pair(text, name, url);
	if (!*name)
		*name = nodes_host(*url);
}

struct node *nodes_asked(const struct facts *f, const char *subject)
{
	struct node *node = subject ? facts_find_node(f, subject) : NULL;

	for (guint i = 0; subject && !node && i < list_length(f->nodes); i++) {
		struct node *other = g_ptr_array_index(f->nodes, i);
		g_autofree char *host =
		    other->url ? nodes_host(other->url) : NULL;
		if (g_strcmp0(host, subject) == 0)
			node = other;
	}
	return node;
}

bool nodes_trust(const struct facts *f, const struct node *node, GError **error)
{
	const char *name = node->answers_as;
	const struct node *other = name ? facts_find_node(f, name) : NULL;

	return !other || other == node ||
	       fail(error, GONOGO_ERROR_DATA,
		   "%s is answered by node %s, not by %s", node->url, name,
		   node->name);
}

bool nodes_identify(
    struct facts *f, struct node *node, const char *name, GError **error)
{
	g_free(node->answers_as);
	node->answers_as = g_strdup(name);
	if (!nodes_trust(f, node, error))
		return false;
	if (is_nameless(node)) {
		g_free(node->name);
		node->name = g_strdup(name);
	}
	return true;
}

static struct node *find_by_identity(const struct facts *f, const char *name)
{
	struct node *node = facts_find_node(f, name);

	for (guint i = 0; !node && i < list_length(f->nodes); i++) {
		struct node *other = g_ptr_array_index(f->nodes, i);
		if (g_strcmp0(other->answers_as, name) == 0)
			node = other;
	}
	return node;
}

/* The one node of the inventory at ADDRESS that nothing else identifies. */
static struct node *find_by_address(const struct facts *f, const char *address)
{
	struct node *found = NULL;

	for (guint i = 0; i < list_length(f->nodes); i++) {
		struct node *node = g_ptr_array_index(f->nodes, i);
		g_autoptr(GUri) uri =
		    node->url ? g_uri_parse(node->url, G_URI_FLAGS_NONE, NULL)
			      : NULL;
		if (!uri || g_strcmp0(g_uri_get_host(uri), address) != 0)
			continue;
		if (found)
			return NULL;
		found = node;
	}
	return found && !found->answers_as && !found->address ? found : NULL;
}

struct node *nodes_listed(
    struct facts *f, const char *name, const char *address)
{
	struct node *node = find_by_identity(f, name);

	if (!node && address)
		node = find_by_address(f, address);
	if (node && is_nameless(node)) {
		g_free(node->name);
		node->name = g_strdup(name);
	}
	return node ? node : facts_node(f, name);
}
