#include "tests/unit/unit.h"

#include <glib/gstdio.h>

#include "base/error.h"
#include "base/file.h"
#include "port/dsse.h"

/* RFC 8410, section 10: the key pair of its examples. */
static const char secret_pem[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
    "-----END PRIVATE KEY-----\n";
static const char other_pem[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";

static sign_key *key_of(const char *pem)
{
	g_autofree char *path = NULL;
	int fd = g_file_open_tmp("gonogo-dsse.XXXXXX", &path, NULL);

	assert_true(fd >= 0);
	assert_true(file_write_fd(fd, path, pem, strlen(pem), NULL));
	ignore(close(fd));
	sign_key *key = sign_read_private(path, NULL);
	ignore(g_unlink(path));
	assert_non_null(key);
	return key;
}

static void the_encoding_is_the_published_one(void **state)
{
	(void)state;
	static const char wanted[] =
	    "DSSEv1 29 http://example.com/HelloWorld 11 hello world";
	g_autoptr(GByteArray) bytes =
	    dsse_encode("http://example.com/HelloWorld", "hello world", 11);

	assert_int_equal(bytes->len, strlen(wanted));
	assert_memory_equal(bytes->data, wanted, bytes->len);
}

static void what_was_signed_comes_out_again(void **state)
{
	(void)state;
	g_autoptr(sign_key) key = key_of(secret_pem);
	g_autoptr(json) envelope =
	    dsse_sign(key, DSSE_IN_TOTO, "{\"a\":1}", 7, NULL);
	size_t length = 0;
	g_autofree char *payload =
	    dsse_open(key, DSSE_IN_TOTO, envelope, &length, NULL);

	assert_string_equal(payload, "{\"a\":1}");
	assert_int_equal(length, 7);
}

static void refused(const sign_key *key, const char *text, const char *why)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(json) envelope = json_parse(text, strlen(text), "e", NULL);
	size_t length = 0;

	/* A text that is no JSON any more is refused before. */
	if (!envelope)
		return;
	assert_null(dsse_open(key, DSSE_IN_TOTO, envelope, &length, &error));
	assert_int_equal(error->code, GONOGO_ERROR_DATA);
	if (why)
		assert_non_null(strstr(error->message, why));
}

static void another_key_or_type_is_refused(void **state)
{
	(void)state;
	g_autoptr(sign_key) key = key_of(secret_pem);
	g_autoptr(sign_key) other = key_of(other_pem);
	g_autoptr(json) envelope = dsse_sign(key, DSSE_IN_TOTO, "{}", 2, NULL);
	g_autoptr(json) strange = dsse_sign(key, "text/plain", "{}", 2, NULL);
	g_autofree char *text = json_compact(envelope);
	g_autofree char *strange_text = json_compact(strange);

	refused(other, text, "no signature by the trusted key");
	refused(key, strange_text, "payload type");
}

/* Each single bit of an envelope counts: key id, base64 padding, all. */
static void no_bit_of_an_envelope_can_change(void **state)
{
	(void)state;
	g_autoptr(sign_key) key = key_of(secret_pem);
	g_autoptr(json) envelope =
	    dsse_sign(key, DSSE_IN_TOTO, "{\"b\":12}", 8, NULL);
	g_autofree char *text = json_pretty(envelope);

	for (size_t i = 0; i < strlen(text); i++)
		for (int bit = 0; bit < 8; bit++) {
			g_autofree char *bad = g_strdup(text);
			bad[i] = (char)(bad[i] ^ 1 << bit);
			refused(key, bad, NULL);
		}
}

static void what_is_no_envelope_is_refused(void **state)
{
	(void)state;
	g_autoptr(sign_key) key = key_of(secret_pem);
	static const char *const bad[] = {"{}", "[]", "1",
	    "{\"payloadType\":\"" DSSE_IN_TOTO "\"}",
	    "{\"payloadType\":\"" DSSE_IN_TOTO
	    "\",\"payload\":\"e30=\",\"signatures\":[]}",
	    "{\"payloadType\":\"" DSSE_IN_TOTO
	    "\",\"payload\":\"e30\",\"signatures\":[{}]}",
	    "{\"payloadType\":\"" DSSE_IN_TOTO
	    "\",\"payload\":\"\",\"signatures\":[1,null,{\"sig\":2}]}"};

	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
		refused(key, bad[i], NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_encoding_is_the_published_one),
	    cmocka_unit_test(what_was_signed_comes_out_again),
	    cmocka_unit_test(another_key_or_type_is_refused),
	    cmocka_unit_test(no_bit_of_an_envelope_can_change),
	    cmocka_unit_test(what_is_no_envelope_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
