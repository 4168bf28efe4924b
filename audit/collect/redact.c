#include "audit/collect/redact.h"

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"

enum {
	UNKNOWN_KEPT = 4096, /* bytes of a body that nobody can read */
	PSEUDONYM_HEX = 12,
	SECRET_LEAST = 4, /* shorter ones would take out half the text */
};

struct hidden {
	char *name;
	secret *value;
};

struct redactor {
	GArray *hidden; /* struct hidden */
	char *key;      /* of pseudonyms; NULL: none */
	size_t key_length;
	GRegex *mail, *parameter, *run;
};

static void hidden_clear(gpointer data)
{
	struct hidden *h = data;

	g_free(h->name);
	secret_free(h->value);
}

/* The patterns are ours: they compile. */
static GRegex *pattern(const char *text)
{
	g_autoptr(GError) error = NULL;
	GRegex *regex = g_regex_new(text, G_REGEX_OPTIMIZE, 0, &error);

	g_assert_no_error(error);
	return regex;
}

redactor *redactor_new(const char *key_file, GError **error)
{
	g_autoptr(redactor) r = g_new0(struct redactor, 1);

	r->hidden = g_array_new(FALSE, TRUE, sizeof(struct hidden));
	g_array_set_clear_func(r->hidden, hidden_clear);
	r->mail = pattern("[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)*"
			  "\\.[A-Za-z]{2,}");
	r->parameter = pattern("(?i)((?:token|password|secret|license)=)"
			       "[^&\\s\"'<>]+");
	r->run = pattern("[A-Za-z0-9+/=_-]{20,}");
	if (key_file && g_file_test(key_file, G_FILE_TEST_EXISTS)) {
		g_autoptr(secret) readable = secret_read(key_file, error);
		if (!readable)
			return NULL;
		r->key =
		    file_read(key_file, LIMIT_SECRET, &r->key_length, error);
		if (!r->key)
			return NULL;
	}
	return g_steal_pointer(&r);
}

void redactor_free(redactor *r)
{
	if (!r)
		return;
	g_array_unref(r->hidden);
	if (r->key)
		explicit_bzero(r->key, r->key_length);
	g_free(r->key);
	g_regex_unref(r->mail);
	g_regex_unref(r->parameter);
	g_regex_unref(r->run);
	g_free(r);
}

void redactor_hide(redactor *r, const char *name, const secret *s)
{
	if (!s || strlen(secret_reveal(s)) < SECRET_LEAST)
		return;
	struct hidden h = {g_strdup(name), secret_new(secret_reveal(s))};
	g_array_append_val(r->hidden, h);
}

/* ---- texts ---- */

/* Replaces all FROM in *TEXT, which is owned, by <NAME>. */
static void hide_in(char **text, const char *from, const char *name)
{
	if (!strstr(*text, from))
		return;
	g_auto(GStrv) parts = g_strsplit(*text, from, -1);
	g_autofree char *mark = g_strdup_printf("<%s>", name);
	g_free(*text);
	*text = g_strjoinv(mark, parts);
}

static void replace(char **text, const GRegex *regex, const char *by)
{
	g_autofree char *before = *text;

	*text = g_regex_replace(regex, before, -1, 0, by, 0, NULL);
	/* Not even the regex can read it: then nobody shall. */
	if (!*text)
		*text = g_strdup("<unreadable>");
}

char *redact_text(const redactor *r, const char *text)
{
	char *clean = g_utf8_make_valid(text, -1);

	for (guint i = 0; i < r->hidden->len; i++) {
		const struct hidden *h =
		    &g_array_index(r->hidden, struct hidden, i);
		hide_in(&clean, secret_reveal(h->value), h->name);
	}
	replace(&clean, r->mail, "<mail>");
	replace(&clean, r->parameter, "\\1<hidden>");
	return clean;
}

char *redact_unknown(const redactor *r, const char *text)
{
	/* Cut after taking out: a secret must not lie across the cut. */
	char *clean = redact_text(r, text);

	replace(&clean, r->run, "<long>");
	if (strlen(clean) > UNKNOWN_KEPT) {
		g_autofree char *whole = clean;
		g_autofree char *start = g_strndup(whole, UNKNOWN_KEPT);
		clean = g_utf8_make_valid(start, -1);
	}
	return clean;
}

/* ---- JSON ---- */

static bool is_secret_key(const char *key)
{
	static const char *const names[] = {
	    "license", "licence", "rawlicense", "licensekey", NULL};
	static const char *const ends[] = {"password", "passphrase", "token",
	    "secret", "privatekey", "credentials", NULL};
	g_autofree char *lower = g_ascii_strdown(key, -1);

	for (size_t i = 0; ends[i]; i++)
		if (g_str_has_suffix(lower, ends[i]))
			return true;
	return g_strv_contains(names, lower);
}

/* Who acted; the lock's owner keeps the login, for somebody must call them. */
static bool is_person_key(const char *key)
{
	static const char *const names[] = {"author", "user", "users", NULL};

	return g_strv_contains(names, key);
}

char *redactor_pseudonym(const redactor *r, const char *kind, const char *name)
{
	if (!r->key)
		return NULL;
	g_autofree char *hex = g_compute_hmac_for_string(
	    G_CHECKSUM_SHA256, (const guchar *)r->key, r->key_length, name, -1);
	return g_strdup_printf("%s-%.*s", kind, PSEUDONYM_HEX, hex);
}

/* Of a person only a pseudonym of the name is kept. */
static json *redact_person(const redactor *r, const json *person)
{
	json *kept = json_new_object();
	const char *name = json_text(person, "name");
	const char *type = json_text(person, "type");
	g_autofree char *alias =
	    name ? redactor_pseudonym(r, "user", name) : NULL;
	g_autofree char *kind = type ? redact_text(r, type) : NULL;

	json_set_string(kept, "name", alias);
	json_set_string(kept, "type", kind);
	return kept;
}

static bool is_user_object(const json *value)
{
	const char *type = json_text(value, "type");
	g_autofree char *lower = type ? g_ascii_strdown(type, -1) : NULL;

	return lower && strstr(lower, "user");
}

/* What tells of people beside their names: addresses, old and new values. */
static bool is_private_key(const char *key)
{
	static const char *const names[] = {"displayName", "fullName",
	    "emailAddress", "email", "source", "changedValues",
	    "extraAttributes", NULL};

	return g_strv_contains(names, key);
}

static json *redact_value(const redactor *r, const json *value, bool people);

/* Adds VALUE to an object, or with KEY as NULL to an array. */
static void add(const redactor *r, json *to, const char *key, const json *value,
    bool people)
{
	bool hide = key && is_secret_key(key);

	if (json_kind(value) == JSON_STRING) {
		g_autofree char *text =
		    hide ? g_strdup("<hidden>")
			 : redact_text(r, json_text(value, ""));
		if (key)
			json_set_string(to, key, text);
		else
			json_append_string(to, text);
	} else if (key) {
		json_set(to, key, redact_value(r, value, people));
	} else {
		json_append(to, redact_value(r, value, people));
	}
}

static json *redact_object(const redactor *r, const json *value, bool people)
{
	if (people && is_user_object(value))
		return redact_person(r, value);
	json *clean = json_new_object();
	json_each (child, value) {
		/* Some list by name: a mail address can be a key, too. */
		g_autofree char *key = redact_text(r, json_key(child));

		if (people && is_private_key(key))
			continue;
		if (people && is_person_key(key) &&
		    json_kind(child) == JSON_OBJECT)
			json_set(clean, key, redact_person(r, child));
		else
			add(r, clean, key, child, people);
	}
	return clean;
}

static json *redact_value(const redactor *r, const json *value, bool people)
{
	if (json_kind(value) == JSON_OBJECT)
		return redact_object(r, value, people);
	if (json_kind(value) != JSON_ARRAY)
		return json_copy(value);
	json *clean = json_new_array();
	json_each (child, value)
		add(r, clean, NULL, child, people);
	return clean;
}

json *redact_json(const redactor *r, const json *body, bool people)
{
	g_autoptr(json) clean = redact_value(r, body, people);
	g_autofree char *before = json_compact(body);
	g_autofree char *after = json_compact(clean);

	return g_str_equal(before, after) ? NULL : g_steal_pointer(&clean);
}
