#include "backup/signing.h"

bool signing_begin(store *s, const struct settings *settings, GError **error)
{
	if (!settings->sign.key)
		return true;
	sign_key *key = sign_read_private(settings->sign.key, error);
	if (!key) {
		g_prefix_error(error, "[sign] key: ");
		return false;
	}
	store_sign_by(s, key);
	return true;
}

bool signing_read(store *s, const struct settings *settings, GError **error)
{
	g_autofree char *path = NULL;

	if (!settings->sign.key)
		return true;
	path = g_strconcat(settings->sign.key, ".pub", NULL);
	sign_key *key = sign_read_public(path, error);
	if (!key) {
		g_prefix_error(error, "[sign] key: ");
		return false;
	}
	store_sign_by(s, key);
	return true;
}

const char *signing_note(const store *s)
{
	return store_key(s) ? ", signed"
			    : ", not signed: there is no [sign] key";
}
