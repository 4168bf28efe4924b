#include "audit/logs/pack.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/share.h"
#include "port/yaml.h"

const char *const log_mark_names[] = {
    "doc", "code seen", "recalled", "inferred", "untested", NULL};
const char *const log_sense_names[] = {
    "trouble", "good", "unclean-start", NULL};
const char *const log_phase_names[] = {"any", "starting", "running", NULL};

static void rule_free(void *data)
{
	struct log_rule *r = data;

	g_free(r->id);
	g_free(r->title);
	g_free(r->means);
	g_free(r->hint);
	g_free(r->regex);
	g_free(r->unless);
	g_free(r->logger);
	g_free(r->affects);
	g_strfreev(r->fixed_in);
	g_strfreev(r->refs);
	g_strfreev(r->match);
	g_strfreev(r->nomatch);
	g_free(r);
}

void log_pack_free(struct log_pack *p)
{
	if (!p)
		return;
	g_free(p->name);
	g_free(p->version);
	g_free(p->as_of);
	g_free(p->stale_after);
	g_free(p->license);
	g_free(p->sha256);
	if (p->rules)
		g_ptr_array_unref(p->rules);
	g_free(p);
}

/* ---- values ---- */

static bool read_words(const json *value, char ***out, GError **error)
{
	g_autoptr(GStrvBuilder) words = g_strv_builder_new();

	if (json_kind(value) != JSON_ARRAY)
		return fail(error, GONOGO_ERROR_DATA, "%s: not a list",
		    json_key(value));
	json_each (word, value) {
		const char *text = NULL;
		if (!json_string(word, "", &text, error))
			return false;
		g_strv_builder_add(words, text);
	}
	*out = g_strv_builder_end(words);
	return true;
}

static int place_in(const char *const *names, const char *text)
{
	for (int i = 0; names[i]; i++)
		if (g_str_equal(names[i], text))
			return i;
	return -1;
}

static bool read_choice(const char *key, const char *text,
    const char *const *names, int *out, GError **error)
{
	int at = place_in(names, text);

	if (at < 0) {
		g_autofree char *known = g_strjoinv(", ", (char **)names);
		return fail(error, GONOGO_ERROR_DATA, "%s: '%s' is none of %s",
		    key, text, known);
	}
	*out = at;
	return true;
}

static bool read_bits(const json *value, const char *const *names,
    const char *also, unsigned *out, GError **error)
{
	g_auto(GStrv) words = NULL;

	if (!read_words(value, &words, error))
		return false;
	for (char **word = words; *word; word++) {
		int bit = 0;
		if (g_strcmp0(*word, also) == 0)
			bit = KIND_ELSEWHERE;
		else if (!read_choice(
			     json_key(value), *word, names, &bit, error))
			return false;
		*out |= 1u << bit;
	}
	return true;
}

static bool read_number(const json *object, const char *key, int64_t least,
    int64_t *out, GError **error)
{
	const char *text = json_text(object, key);

	if (!text)
		return true;
	if (!g_ascii_string_to_signed(text, 10, least, G_MAXINT32, out, NULL))
		return fail(error, GONOGO_ERROR_DATA,
		    "%s: '%s' is no number from %d on", key, text, (int)least);
	return true;
}

static bool check_keys(
    const json *object, const char *const *known, GError **error)
{
	json_each (member, object)
		if (place_in(known, json_key(member)) < 0)
			return fail(error, GONOGO_ERROR_DATA,
			    "unknown key '%s'", json_key(member));
	return true;
}

/* ---- a rule ---- */

static bool read_text(
    const json *object, const char *key, char **out, GError **error)
{
	const char *text = NULL;

	if (!json_member(object, key))
		return true;
	if (!json_string(object, key, &text, error))
		return false;
	if (!*text)
		return fail(error, GONOGO_ERROR_DATA, "%s: empty", key);
	*out = g_strdup(text);
	return true;
}

/* One of NAMES, the first where it is not said. */
static bool read_option(const json *row, const char *key,
    const char *const *names, int *choice, GError **error)
{
	g_autofree char *text = NULL;

	return read_text(row, key, &text, error) &&
	       (!text || read_choice(key, text, names, choice, error));
}

static bool read_pattern(const json *row, struct log_rule *r, GError **error)
{
	static const char *const units[] = {"line", "event", NULL};
	static const char *const places[] = {"text", "line", NULL};
	g_autofree char *literal = NULL;
	int unit = 0, place = 0;

	if (!read_text(row, "regex", &r->regex, error) ||
	    !read_text(row, "literal", &literal, error) ||
	    !read_option(row, "unit", units, &unit, error) ||
	    !read_option(row, "within", places, &place, error) ||
	    !read_text(row, "unless", &r->unless, error) ||
	    !read_text(row, "logger", &r->logger, error))
		return false;
	if (!r->regex == !literal)
		return fail(error, GONOGO_ERROR_DATA,
		    "either 'regex' or 'literal' must be given");
	r->event = unit == 1;
	r->whole_line = place == 1;
	r->literal = literal != NULL;
	if (literal)
		r->regex = g_steal_pointer(&literal);
	return true;
}

static bool read_where(const json *row, struct log_rule *r, GError **error)
{
	const json *files = json_member(row, "files");
	const json *levels = json_member(row, "levels");

	if (!files)
		return fail(error, GONOGO_ERROR_DATA, "files: missing");
	return read_bits(
		   files, log_kind_names, "elsewhere", &r->kinds, error) &&
	       (!levels ||
		   read_bits(levels, log_level_names, NULL, &r->levels, error));
}

static bool read_choices(const json *row, struct log_rule *r, GError **error)
{
	const struct {
		const char *key;
		const char *const *names;
		int *out;
	} choices[] = {{"severity", severity_names, &r->severity},
	    {"resolve_by", phase_names, &r->resolve_by},
	    {"mark", log_mark_names, &r->mark},
	    {"sense", log_sense_names, &r->sense},
	    {"phase", log_phase_names, &r->phase}};

	r->severity = SEVERITY_MEDIUM;
	r->mark = MARK_UNTESTED;
	for (size_t i = 0; i < G_N_ELEMENTS(choices); i++) {
		g_autofree char *text = NULL;
		if (!read_text(row, choices[i].key, &text, error) ||
		    (text && !read_choice(choices[i].key, text,
				 choices[i].names, choices[i].out, error)))
			return false;
	}
	return true;
}

static bool read_numbers(const json *row, struct log_rule *r, GError **error)
{
	static const char *const known[] = {"count", "per", NULL};
	const json *threshold = json_member(row, "threshold");

	r->count = 1;
	if (!read_number(row, "least", 0, &r->least, error))
		return false;
	if (!threshold)
		return true;
	if (json_kind(threshold) != JSON_OBJECT ||
	    !check_keys(threshold, known, error) ||
	    !read_number(threshold, "count", 1, &r->count, error) ||
	    !read_number(threshold, "per", 60, &r->per_s, error))
		return fail(error, GONOGO_ERROR_DATA,
		    "threshold: not {count, "
		    "per}");
	return r->per_s % 60 == 0 || fail(error, GONOGO_ERROR_DATA,
					 "threshold: per: no whole minutes");
}

static bool read_versions(const json *row, struct log_rule *r, GError **error)
{
	const json *fixed = json_member(row, "fixed_in");

	if (!read_text(row, "affects", &r->affects, error) ||
	    (r->affects && !log_range_check(r->affects, error)) ||
	    (fixed && !read_words(fixed, &r->fixed_in, error)))
		return false;
	for (char **v = r->fixed_in; v && *v; v++)
		if (!log_range_check(*v, error))
			return false;
	return true;
}

static bool read_meaning(const json *row, struct log_rule *r, GError **error)
{
	static const char *const known[] = {"hint", "refs", NULL};
	static const char *const samples[] = {"match", "nomatch", NULL};
	const json *remedy = json_member(row, "remediation");
	const json *tests = json_member(row, "tests");

	if (remedy) {
		const json *refs = json_member(remedy, "refs");
		if (!check_keys(remedy, known, error) ||
		    !read_text(remedy, "hint", &r->hint, error) ||
		    (refs && !read_words(refs, &r->refs, error)))
			return false;
	}
	if (tests) {
		const json *match = json_member(tests, "match");
		const json *nomatch = json_member(tests, "nomatch");
		if (!check_keys(tests, samples, error) ||
		    (match && !read_words(match, &r->match, error)) ||
		    (nomatch && !read_words(nomatch, &r->nomatch, error)))
			return false;
	}
	return true;
}

static bool is_id(const char *id)
{
	size_t length = strlen(id);

	for (size_t i = 0; i < length; i++)
		if (!g_ascii_isalnum(id[i]) && !strchr("-._", id[i]))
			return false;
	return length > 0 && length <= 64;
}

static struct log_rule *read_rule(const json *row, GError **error)
{
	static const char *const known[] = {"id", "title", "means", "severity",
	    "resolve_by", "mark", "sense", "phase", "files", "levels", "regex",
	    "literal", "unit", "within", "unless", "logger", "affects",
	    "fixed_in", "threshold", "least", "remediation", "tests", NULL};
	struct log_rule *r = g_new0(struct log_rule, 1);

	if (!check_keys(row, known, error) ||
	    !read_text(row, "id", &r->id, error) ||
	    !read_text(row, "title", &r->title, error) ||
	    !read_text(row, "means", &r->means, error) ||
	    !read_pattern(row, r, error) || !read_where(row, r, error) ||
	    !read_choices(row, r, error) || !read_numbers(row, r, error) ||
	    !read_versions(row, r, error) || !read_meaning(row, r, error)) {
		rule_free(r);
		return NULL;
	}
	if (r->id && is_id(r->id) && r->title)
		return r;
	fail(error, GONOGO_ERROR_DATA,
	    "id or title is missing, or the id has "
	    "other than letters, digits and -._");
	rule_free(r);
	return NULL;
}

bool log_rule_is_anchored(const struct log_rule *r)
{
	return r->sense == SENSE_UNCLEAN_START ||
	       (r->levels && !r->whole_line && (r->logger || r->unless));
}

/* ---- the pack ---- */

static bool read_rules(const json *list, struct log_pack *p, GError **error)
{
	g_autoptr(GHashTable) ids = g_hash_table_new(g_str_hash, g_str_equal);

	json_each (row, list) {
		const char *id = json_text(row, "id");
		struct log_rule *r = read_rule(row, error);
		if (!r) {
			g_prefix_error(error,
			    "rule %u (%s): ", p->rules->len + 1,
			    id ? id : "no id");
			return false;
		}
		g_ptr_array_add(p->rules, r);
		r->line = p->rules->len;
		if (!g_hash_table_add(ids, r->id))
			return fail(error, GONOGO_ERROR_DATA,
			    "rule %u: %s twice", p->rules->len, r->id);
	}
	return p->rules->len > 0 ||
	       fail(error, GONOGO_ERROR_DATA, "no rules in it");
}

static bool read_date(const char *key, const char *text, GError **error)
{
	int64_t at = 0;

	if (text && clock_parse(text, &at, error))
		return true;
	if (!text)
		fail(error, GONOGO_ERROR_DATA, "missing");
	g_prefix_error(error, "%s: ", key);
	return false;
}

static bool read_pack(const json *root, struct log_pack *p, GError **error)
{
	static const char *const known[] = {"schema", "pack", "version",
	    "as_of", "stale_after", "license", "rules", NULL};
	const json *list = NULL;

	if (g_strcmp0(json_text(root, "schema"), "gonogo.logrules/1") != 0)
		return fail(error, GONOGO_ERROR_DATA,
		    "not a pack of schema gonogo.logrules/1");
	if (!check_keys(root, known, error) ||
	    !read_text(root, "pack", &p->name, error) ||
	    !read_text(root, "version", &p->version, error) ||
	    !read_text(root, "as_of", &p->as_of, error) ||
	    !read_text(root, "stale_after", &p->stale_after, error) ||
	    !read_text(root, "license", &p->license, error) ||
	    !read_date("as_of", p->as_of, error) ||
	    !read_date("stale_after", p->stale_after, error) ||
	    !json_array(root, "rules", &list, error))
		return false;
	if (!p->name || !p->version)
		return fail(
		    error, GONOGO_ERROR_DATA, "pack or version is missing");
	return read_rules(list, p, error);
}

struct log_pack *log_pack_read(
    const char *text, size_t length, const char *name, GError **error)
{
	g_autoptr(json) root = yaml_parse(text, length, name, error);
	g_autoptr(log_pack) p = g_new0(struct log_pack, 1);

	p->rules = g_ptr_array_new_with_free_func(rule_free);
	p->sha256 = hash_hex(text, length);
	if (!root)
		return NULL;
	if (!read_pack(root, p, error)) {
		g_prefix_error(error, "%s: ", name);
		return NULL;
	}
	return g_steal_pointer(&p);
}

struct log_pack *log_pack_load(const char *path, GError **error)
{
	g_autofree char *shipped =
	    path ? NULL : share_file("audit/packs/bitbucket-logs.yaml", error);
	const char *file = path ? path : shipped;
	size_t length = 0;

	if (!file)
		return NULL;
	g_autofree char *text = file_read(file, LIMIT_PACK, &length, error);
	return text ? log_pack_read(text, length, file, error) : NULL;
}
