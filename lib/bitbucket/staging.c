#include "bitbucket/staging.h"

#include <string.h>

#include "bitbucket/properties.h"

/* ---- what may stay ---- */

/* Values that are a class or a word of the product's own. */
static const char *const kept[] = {"jdbc.driver"};

/* A number with its unit, yes or no: no place that could be reached. */
static bool is_plain(const char *value)
{
	static const char *const words[] = {"true", "false", "", NULL};
	size_t digits = strspn(value, "-0123456789");

	if (g_strv_contains(words, value))
		return true;
	/* "3600", "10m", "5 seconds", but not "10.0.0.1". */
	return digits > 0 &&
	       strspn(value + digits,
		   "abcdefghijklmnopqrstuvwxyz "
		   "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == strlen(value + digits);
}

static bool may_stay(const char *key, const char *value)
{
	for (size_t i = 0; i < G_N_ELEMENTS(kept); i++)
		if (g_str_equal(key, kept[i]))
			return true;
	/* A password of digits is one, too. */
	return !properties_is_secret(key) && is_plain(value);
}

/* ---- writing ---- */

static void append(GString *out, const char *text, bool is_key)
{
	for (const char *c = text; *c; c++) {
		bool first = c == text;
		if (strchr("\\#!", *c) ||
		    (is_key ? strchr("=: ", *c) != NULL : first && *c == ' '))
			g_string_append_printf(out, "\\%c", *c);
		else if (*c == '\n' || *c == '\t' || *c == '\r' || *c == '\f')
			g_string_append_printf(out, "\\%c",
			    *c == '\n'   ? 'n'
			    : *c == '\t' ? 't'
			    : *c == '\r' ? 'r'
					 : 'f');
		else
			g_string_append_c(out, *c);
	}
}

static void append_line(GString *out, const char *key, const char *value)
{
	append(out, key, true);
	g_string_append_c(out, '=');
	append(out, value, false);
	g_string_append_c(out, '\n');
}

static int by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static GPtrArray *keys_of(GHashTable *table)
{
	GPtrArray *keys = g_ptr_array_new();
	GHashTableIter iter;
	gpointer key;

	g_hash_table_iter_init(&iter, table);
	while (g_hash_table_iter_next(&iter, &key, NULL))
		g_ptr_array_add(keys, key);
	g_ptr_array_sort(keys, by_text);
	return keys;
}

char *staging_properties(
    const char *text, const struct staging_places *p, GPtrArray *changes)
{
	/* docs/sources.md#properties */
	const struct {
		const char *key, *value;
	} places[] = {
	    {"setup.displayName", "STAGING COPY"},
	    {"setup.baseUrl", p->url},
	    {"jdbc.url", p->jdbc_url},
	    {"jdbc.user", p->jdbc_user},
	    {"disaster.recovery", "true"},
	    {"hazelcast.network.multicast", "false"},
	    {"hazelcast.network.tcpip", "true"},
	    {"hazelcast.network.tcpip.members", "127.0.0.1"},
	    {"hazelcast.group.name", p->group},
	    {"hazelcast.group.password", p->group_password},
	};
	g_autoptr(GHashTable) old = properties_parse(text);
	g_autoptr(GHashTable) ours = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GPtrArray) keys = keys_of(old);
	GString *out = g_string_new("# A staging copy, made by gonogo.\n");

	for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
		const char *before = g_hash_table_lookup(old, places[i].key);
		if (!places[i].value)
			continue;
		g_hash_table_add(ours, (gpointer)places[i].key);
		append_line(out, places[i].key, places[i].value);
		if (g_strcmp0(before, places[i].value) != 0)
			g_ptr_array_add(
			    changes, g_strdup_printf("%s: %s", places[i].key,
					 before ? "written anew" : "added"));
	}
	for (guint i = 0; i < keys->len; i++) {
		const char *key = keys->pdata[i];
		const char *value = g_hash_table_lookup(old, key);
		if (g_hash_table_contains(ours, key))
			continue;
		if (may_stay(key, value))
			append_line(out, key, value);
		else
			g_ptr_array_add(
			    changes, g_strdup_printf("%s: left out", key));
	}
	g_ptr_array_sort(changes, by_text);
	return g_string_free(out, FALSE);
}

/* ---- whom production's properties reach ---- */

static void add_hosts(GHashTable *hosts, const char *value)
{
	/* Behind a scheme or a login, or one of a list with ports. */
	static const char pattern[] =
	    "(?:[a-z][a-z0-9+.-]*://(?:[^/@\\s]*@)?|^|[,;\\s@])"
	    "(\\[[0-9a-f:.]+\\]|[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?"
	    "(?:\\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*)"
	    "(?=[:/,;?\\s]|$)";
	g_autoptr(GRegex) host =
	    g_regex_new(pattern, G_REGEX_CASELESS, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;

	g_regex_match(host, value, 0, &match);
	for (; g_match_info_matches(match); g_match_info_next(match, NULL)) {
		g_autofree char *name = g_match_info_fetch(match, 1);
		/* A word without a dot or a colon may be any word. */
		if (strpbrk(name, ".:") && !g_str_equal(name, "127.0.0.1"))
			g_hash_table_add(hosts, g_ascii_strdown(name, -1));
	}
}

GPtrArray *staging_hosts(const char *text)
{
	g_autoptr(GHashTable) properties = properties_parse(text);
	g_autoptr(GHashTable) hosts =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
	GHashTableIter iter;
	gpointer key, value;

	g_hash_table_iter_init(&iter, properties);
	while (g_hash_table_iter_next(&iter, &key, &value))
		if (!may_stay(key, value) && !properties_is_secret(key))
			add_hosts(hosts, value);
	g_hash_table_iter_init(&iter, hosts);
	while (g_hash_table_iter_next(&iter, &key, NULL))
		g_ptr_array_add(list, g_strdup(key));
	g_ptr_array_sort(list, by_text);
	return list;
}
