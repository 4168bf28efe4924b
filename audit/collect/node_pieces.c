#include "audit/collect/node_pieces.h"

#include "base/error.h"

/* ---- words in a piece ---- */

static const char *piece(GHashTable *pieces, const char *name)
{
	return g_hash_table_lookup(pieces, name);
}

/* Gives the words behind KEY of "KEY: words" or KEY=words; NULL: none. */
static char *value_in(GHashTable *pieces, const char *name, const char *key)
{
	const char *text = piece(pieces, name);
	g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);

	for (char **line = lines; *line; line++)
		if (g_str_has_prefix(*line, key)) {
			char *value = g_strdup(*line + strlen(key));
			g_strdelimit(value, "\"", ' ');
			return g_strstrip(value);
		}
	return NULL;
}

/* Adds the number that TEXT begins with, times FACTOR; "unlimited" is none and
 * stays unknown.  Gives what is behind it. */
static const char *set_number(
    json *value, const char *key, const char *text, int64_t factor)
{
	char *end = NULL;
	uint64_t number = text ? g_ascii_strtoull(text, &end, 10) : 0;

	if (!text || end == text || number > (UINT64_C(1) << 52) / factor)
		return NULL;
	json_set_i64(value, key, (int64_t)number * factor);
	return end;
}

static void set_words(
    json *value, const char *key, GHashTable *pieces, const char *name)
{
	g_autofree char *text = g_strdup(piece(pieces, name));

	if (text && *g_strstrip(text))
		json_set_string(value, key, text);
}

/* ---- what a piece tells ---- */

/* "git version 2.39.5 (Apple ...)": the number. */
static void set_git(json *value, GHashTable *pieces)
{
	g_autofree char *words = value_in(pieces, "git", "git version ");

	if (words)
		words[strcspn(words, " ")] = '\0';
	json_set_string(value, "git", words);
}

/* The zone's name, where the system has one by the usual link. */
static void set_zone(json *value, GHashTable *pieces)
{
	static const char mark[] = "zoneinfo/";
	g_autofree char *text = g_strdup(piece(pieces, "zone"));
	const char *zone = text ? strstr(g_strstrip(text), mark) : NULL;

	if (zone)
		json_set_string(value, "timezone", zone + strlen(mark));
}

static void set_process(json *value, GHashTable *pieces)
{
	g_autofree char *java = value_in(pieces, "release", "JAVA_VERSION=");
	g_autofree char *files = value_in(pieces, "limits", "Max open files");
	g_autofree char *processes =
	    value_in(pieces, "limits", "Max processes");

	json_set_string(value, "java", java);
	set_number(value, "open_files_limit", files, 1);
	set_number(value, "processes_limit", processes, 1);
	set_words(value, "no_process", pieces, "no-process");
}

/* Lines of sha256sum: "<64 digits>  bin/setenv.sh". */
static bool set_install(json *value, GHashTable *pieces, GError **error)
{
	enum { DIGITS = 64 };
	const char *text = piece(pieces, "install");
	g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);

	if (!text)
		return true;
	json *list = json_set(value, "install", json_new_array());
	for (char **line = lines; *line; line++) {
		if (!**line)
			continue;
		if (strlen(*line) < DIGITS + 3 ||
		    strspn(*line, "0123456789abcdef") != DIGITS ||
		    !g_utf8_validate(*line, -1, NULL))
			return fail(error, GONOGO_ERROR_DATA,
			    "install: no line of sha256sum: %.80s", *line);
		json *file = json_append(list, json_new_object());
		json_set_string(file, "path", *line + DIGITS + 2);
		(*line)[DIGITS] = '\0';
		json_set_string(file, "sha256", *line);
	}
	return true;
}

json *node_pieces_machine(GHashTable *pieces, GError **error)
{
	g_autoptr(json) value = json_new_object();
	g_autofree char *memory = value_in(pieces, "meminfo", "MemTotal:");
	g_autofree char *os = value_in(pieces, "os-release", "PRETTY_NAME=");
	const char *size =
	    set_number(value, "home_free_bytes", piece(pieces, "space"), 1024);

	set_number(value, "home_size_bytes", size, 1024);
	set_number(value, "cores", piece(pieces, "cores"), 1);
	set_number(value, "memory_bytes", memory, 1024);
	set_words(value, "kernel", pieces, "kernel");
	json_set_string(value, "os", os);
	set_git(value, pieces);
	set_zone(value, pieces);
	set_process(value, pieces);
	return set_install(value, pieces, error) ? g_steal_pointer(&value)
						 : NULL;
}
