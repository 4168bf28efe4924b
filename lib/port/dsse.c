#include "port/dsse.h"

#include "base/error.h"

GByteArray *dsse_encode(const char *type, const void *payload, size_t length)
{
	GByteArray *bytes = g_byte_array_new();
	g_autofree char *head =
	    g_strdup_printf("DSSEv1 %zu %s %zu ", strlen(type), type, length);

	g_byte_array_append(bytes, (const guint8 *)head, (guint)strlen(head));
	g_byte_array_append(bytes, payload, (guint)length);
	return bytes;
}

json *dsse_sign(const sign_key *key, const char *type, const char *payload,
    size_t length, GError **error)
{
	g_autoptr(GByteArray) bytes = dsse_encode(type, payload, length);
	unsigned char signature[SIGN_BYTES];

	if (!sign_bytes(key, bytes->data, bytes->len, signature, error))
		return NULL;
	g_autofree char *id = sign_key_id(key);
	g_autofree char *sig = g_base64_encode(signature, sizeof(signature));
	g_autofree char *text =
	    g_base64_encode((const guchar *)payload, length);
	json *envelope = json_new_object();
	json_set_string(envelope, "payloadType", type);
	json_set_string(envelope, "payload", text);
	json *list = json_set(envelope, "signatures", json_new_array());
	json *one = json_append(list, json_new_object());
	json_set_string(one, "keyid", id);
	json_set_string(one, "sig", sig);
	return envelope;
}

/*
 * Gives the bytes of base64 TEXT; only the one text that they encode to is
 * taken, so that no letter can change unnoticed.
 */
static guchar *decode(const char *text, size_t *length)
{
	gsize found = 0;
	g_autofree guchar *bytes = g_base64_decode(text, &found);
	g_autofree char *again = g_base64_encode(bytes, found);

	if (!g_str_equal(again, text))
		return NULL;
	*length = found;
	return g_steal_pointer(&bytes);
}

/* Is SIGNATURE, of these bytes, KEY's, and does it not say otherwise? */
static bool is_by(
    const sign_key *key, const GByteArray *bytes, const json *signature)
{
	const char *said = json_text(signature, "keyid");
	const char *text = json_text(signature, "sig");
	g_autofree char *id = sign_key_id(key);
	size_t length = 0;
	g_autofree guchar *raw = text ? decode(text, &length) : NULL;

	return raw && said && g_str_equal(said, id) &&
	       sign_matches(key, bytes->data, bytes->len, raw, length);
}

char *dsse_open(const sign_key *key, const char *type, const json *envelope,
    size_t *length, GError **error)
{
	const char *said, *text;
	const json *signatures;
	size_t found = 0;

	if (!json_string(envelope, "payloadType", &said, error) ||
	    !json_string(envelope, "payload", &text, error) ||
	    !json_array(envelope, "signatures", &signatures, error))
		return NULL;
	if (!g_str_equal(said, type)) {
		fail(error, GONOGO_ERROR_DATA,
		    "payload type is \"%s\", not \"%s\"", said, type);
		return NULL;
	}
	g_autofree guchar *payload = decode(text, &found);
	if (!payload) {
		fail(error, GONOGO_ERROR_DATA, "payload: not base64");
		return NULL;
	}
	g_autoptr(GByteArray) bytes = dsse_encode(type, payload, found);
	json_each (signature, signatures)
		if (is_by(key, bytes, signature)) {
			*length = found;
			return g_strndup((const char *)payload, found);
		}
	fail(error, GONOGO_ERROR_DATA, "no signature by the trusted key");
	return NULL;
}
