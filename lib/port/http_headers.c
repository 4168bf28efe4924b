#include "port/http_headers.h"

#include "base/clock.h"

enum { FIRST_PAUSE_MS = 250 }; /* before the second attempt; then doubled */

int64_t http_pause_ms(GHashTable *headers, unsigned attempt)
{
	const char *asked = g_hash_table_lookup(headers, "retry-after");
	int64_t usual = (int64_t)FIRST_PAUSE_MS << attempt;
	int64_t seconds = 0;

	if (!asked)
		return usual;
	if (g_ascii_string_to_signed(asked, 10, 0, INT32_MAX, &seconds, NULL))
		return seconds * 1000;
	if (clock_parse_http(asked, &seconds, NULL))
		return MAX(0, seconds - clock_now()) * 1000;
	return usual;
}

char *http_media_type(GHashTable *headers)
{
	const char *type = g_hash_table_lookup(headers, "content-type");

	if (!type)
		return NULL;
	char *plain = g_ascii_strdown(type, (gssize)strcspn(type, ";"));
	return g_strstrip(plain);
}
