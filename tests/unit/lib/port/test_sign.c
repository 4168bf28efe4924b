#include "tests/unit/unit.h"

#include <glib/gstdio.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "port/sign.h"

static char *folder;

static char *in_folder(const char *name)
{
	return g_build_filename(folder, name, NULL);
}

/* RFC 8410, section 10: the key pair of its examples. */
static const char rfc_private[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
    "-----END PRIVATE KEY-----\n";
static const char rfc_public[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
    "-----END PUBLIC KEY-----\n";

static char *put(const char *name, const char *text, int mode)
{
	char *path = in_folder(name);

	ignore(g_unlink(path));
	assert_true(file_write(path, mode, text, strlen(text), NULL));
	return path;
}

static void a_new_key_signs_and_its_public_half_verifies(void **state)
{
	(void)state;
	g_autofree char *path = in_folder("new");
	g_autofree char *public_path = in_folder("new.pub");
	unsigned char signature[SIGN_BYTES];
	struct stat status;

	assert_true(sign_make(path, NULL));
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	g_autoptr(sign_key) secret = sign_read_private(path, NULL);
	g_autoptr(sign_key) known = sign_read_public(public_path, NULL);
	assert_non_null(secret);
	assert_non_null(known);

	assert_true(sign_bytes(secret, "may we go", 9, signature, NULL));
	assert_true(sign_matches(known, "may we go", 9, signature, SIGN_BYTES));
	assert_false(
	    sign_matches(known, "may we g0", 9, signature, SIGN_BYTES));
	assert_false(
	    sign_matches(known, "may we go", 9, signature, SIGN_BYTES - 1));
	for (size_t i = 0; i < SIGN_BYTES; i++) {
		signature[i] ^= 1;
		assert_false(
		    sign_matches(known, "may we go", 9, signature, SIGN_BYTES));
		signature[i] ^= 1;
	}
}

static void a_public_key_cannot_sign(void **state)
{
	(void)state;
	g_autofree char *path = put("only.pub", rfc_public, 0644);
	g_autoptr(sign_key) key = sign_read_public(path, NULL);
	g_autoptr(GError) error = NULL;
	unsigned char signature[SIGN_BYTES];

	assert_non_null(key);
	assert_false(sign_bytes(key, "x", 1, signature, &error));
	assert_int_equal(error->code, GONOGO_ERROR_USAGE);
}

static void the_key_of_the_rfc_has_its_public_half(void **state)
{
	(void)state;
	g_autofree char *path = put("rfc", rfc_private, 0600);
	g_autofree char *public_path = put("rfc.pub", rfc_public, 0644);
	g_autoptr(sign_key) secret = sign_read_private(path, NULL);
	g_autoptr(sign_key) known = sign_read_public(public_path, NULL);
	g_autofree char *pem = sign_key_pem(secret);
	g_autofree char *id = sign_key_id(secret);
	g_autofree char *same = sign_key_id(known);

	assert_string_equal(pem, rfc_public);
	assert_string_equal(id, same);
	/* openssl pkey -pubin -outform DER | sha256sum */
	assert_string_equal(id, "a1e9156054e04fac899ae9f275132cdc"
				"07a5dbc4ea2c2ad3a1ffc6e0d253681f");
}

static void a_key_is_never_overwritten(void **state)
{
	(void)state;
	g_autofree char *path = put("there", "precious", 0600);
	g_autofree char *only = put("half.pub", rfc_public, 0644);
	g_autofree char *half = in_folder("half");
	g_autoptr(GError) error = NULL;

	assert_false(sign_make(path, &error));
	assert_int_equal(error->code, GONOGO_ERROR_USAGE);
	g_autofree char *text = file_read(path, 100, NULL, NULL);
	assert_string_equal(text, "precious");

	g_clear_error(&error);
	assert_false(sign_make(half, &error));
	assert_false(g_file_test(half, G_FILE_TEST_EXISTS));
}

static void a_private_key_open_to_others_is_refused(void **state)
{
	(void)state;
	g_autofree char *path = put("open", rfc_private, 0600);
	g_autoptr(GError) error = NULL;

	assert_int_equal(g_chmod(path, 0640), 0);
	assert_null(sign_read_private(path, &error));
	assert_int_equal(error->code, GONOGO_ERROR_USAGE);
	assert_non_null(strstr(error->message, "hint: chmod 600"));
}

static void what_is_no_ed25519_key_is_refused(void **state)
{
	(void)state;
	/* A P-256 public key. */
	static const char p256[] =
	    "-----BEGIN PUBLIC KEY-----\n"
	    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt\n"
	    "6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n"
	    "-----END PUBLIC KEY-----\n";
	const char *const bad[] = {p256, rfc_private, "", "hello\n",
	    "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"};

	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autofree char *path = put("bad", bad[i], 0600);
		g_autoptr(GError) error = NULL;
		assert_null(sign_read_public(path, &error));
		assert_non_null(strstr(error->message, "bad"));
	}
	g_autofree char *path = put("bad", rfc_public, 0600);
	assert_null(sign_read_private(path, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_new_key_signs_and_its_public_half_verifies),
	    cmocka_unit_test(a_public_key_cannot_sign),
	    cmocka_unit_test(the_key_of_the_rfc_has_its_public_half),
	    cmocka_unit_test(a_key_is_never_overwritten),
	    cmocka_unit_test(a_private_key_open_to_others_is_refused),
	    cmocka_unit_test(what_is_no_ed25519_key_is_refused),
	};

	folder = g_dir_make_tmp("gonogo-sign.XXXXXX", NULL);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	g_autoptr(GDir) entries = g_dir_open(folder, 0, NULL);
	for (const char *name; entries && (name = g_dir_read_name(entries));) {
		g_autofree char *path = in_folder(name);
		ignore(g_unlink(path));
	}
	ignore(g_rmdir(folder));
	g_free(folder);
	return failed;
}
