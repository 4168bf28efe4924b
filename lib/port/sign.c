#include "port/sign.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/secret.h"

struct sign_key {
	EVP_PKEY *pkey;
	char *id;
};

G_DEFINE_AUTOPTR_CLEANUP_FUNC(BIO, BIO_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EVP_PKEY, EVP_PKEY_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EVP_MD_CTX, EVP_MD_CTX_free)

/* The library's own words for what just went wrong, "" when it has none. */
static const char *reason(void)
{
	const char *words = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	return words ? words : "";
}

/* ---- writing ---- */

/* Gives what WRITE put out; NULL when it failed. */
static char *bio_text(BIO *bio)
{
	char *bytes = NULL;
	long length = BIO_get_mem_data(bio, &bytes);

	return length > 0 ? g_strndup(bytes, (gsize)length) : NULL;
}

static char *public_pem(const EVP_PKEY *pkey)
{
	g_autoptr(BIO) bio = BIO_new(BIO_s_mem());

	return PEM_write_bio_PUBKEY(bio, pkey) == 1 ? bio_text(bio) : NULL;
}

static bool vacant(const char *path, GError **error)
{
	struct stat status;

	if (lstat(path, &status) == 0)
		return fail(error, GONOGO_ERROR_USAGE,
		    "%s: is there already, a key is never overwritten", path);
	return errno == ENOENT || fail_errno(error, "%s", path);
}

/* The secure heap of a BIO wipes the private key's text when it is freed. */
static bool write_private(
    const EVP_PKEY *pkey, const char *path, GError **error)
{
	g_autoptr(BIO) bio = BIO_new(BIO_s_secmem());
	char *bytes = NULL;

	if (PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL) != 1)
		return fail(error, GONOGO_ERROR_INTERNAL, "writing a key: %s",
		    reason());
	long length = BIO_get_mem_data(bio, &bytes);
	bool good = file_write(path, 0600, bytes, (size_t)length, error);
	OPENSSL_cleanse(bytes, (size_t)length);
	return good;
}

bool sign_make(const char *path, GError **error)
{
	g_autofree char *public_path = g_strconcat(path, ".pub", NULL);

	if (!vacant(path, error) || !vacant(public_path, error))
		return false;
	g_autoptr(EVP_PKEY) pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	g_autofree char *pem = pkey ? public_pem(pkey) : NULL;
	if (!pem)
		return fail(
		    error, GONOGO_ERROR_INTERNAL, "making a key: %s", reason());
	return write_private(pkey, path, error) &&
	       file_write(public_path, 0644, pem, strlen(pem), error);
}

/* ---- reading ---- */

/* A key behind a passphrase is refused: nothing here asks. */
static int no_passphrase(char *buffer, int size, int writing, void *user)
{
	(void)buffer;
	(void)size;
	(void)writing;
	(void)user;
	return -1;
}

static char *spki_id(const EVP_PKEY *pkey)
{
	unsigned char *der = NULL;
	int length = i2d_PUBKEY(pkey, &der);

	if (length <= 0)
		return NULL;
	char *id = hash_hex(der, (size_t)length);
	OPENSSL_free(der);
	return id;
}

/* Takes PKEY, which may be NULL. */
static sign_key *key_of(EVP_PKEY *pkey, const char *path, GError **error)
{
	g_autoptr(EVP_PKEY) owned = pkey;
	g_autofree char *id = NULL;

	if (owned && EVP_PKEY_get_id(owned) == EVP_PKEY_ED25519)
		id = spki_id(owned);
	if (!id) {
		fail(error, GONOGO_ERROR_USAGE,
		    "%s: not an Ed25519 key in PEM without a passphrase\n"
		    "hint: `gonogo-report key --out FILE` makes one",
		    path);
		ERR_clear_error();
		return NULL;
	}
	sign_key *key = g_new0(struct sign_key, 1);
	key->pkey = g_steal_pointer(&owned);
	key->id = g_steal_pointer(&id);
	return key;
}

sign_key *sign_read_private(const char *path, GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	sign_key *key = NULL;

	if (fd < 0) {
		fail_errno(error, "private key %s", path);
		return NULL;
	}
	char *text = secret_is_guarded(fd, path, error)
			 ? file_read_fd(fd, path, LIMIT_SECRET, &length, error)
			 : NULL;
	if (text) {
		g_autoptr(BIO) bio = BIO_new_mem_buf(text, (int)length);
		key = key_of(
		    PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL),
		    path, error);
		OPENSSL_cleanse(text, length);
		g_free(text);
	}
	ignore(close(fd));
	return key;
}

sign_key *sign_read_public(const char *path, GError **error)
{
	size_t length = 0;
	g_autofree char *text = file_read(path, LIMIT_SECRET, &length, error);

	if (!text) {
		g_prefix_error(error, "public key ");
		return NULL;
	}
	g_autoptr(BIO) bio = BIO_new_mem_buf(text, (int)length);
	return key_of(
	    PEM_read_bio_PUBKEY(bio, NULL, no_passphrase, NULL), path, error);
}

void sign_key_free(sign_key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->pkey);
	g_free(key->id);
	g_free(key);
}

char *sign_key_id(const sign_key *key)
{
	return g_strdup(key->id);
}

char *sign_key_pem(const sign_key *key)
{
	return public_pem(key->pkey);
}

/* ---- signing ---- */

bool sign_bytes(const sign_key *key, const void *bytes, size_t length,
    unsigned char signature[SIGN_BYTES], GError **error)
{
	g_autoptr(EVP_MD_CTX) context = EVP_MD_CTX_new();
	size_t written = SIGN_BYTES;

	if (EVP_DigestSignInit(context, NULL, NULL, NULL, key->pkey) != 1 ||
	    EVP_DigestSign(context, signature, &written, bytes, length) != 1 ||
	    written != SIGN_BYTES)
		return fail(error, GONOGO_ERROR_USAGE,
		    "signing: %s\nhint: is it the private key?", reason());
	return true;
}

bool sign_matches(const sign_key *key, const void *bytes, size_t length,
    const unsigned char *signature, size_t signature_length)
{
	g_autoptr(EVP_MD_CTX) context = EVP_MD_CTX_new();

	bool good =
	    signature_length == SIGN_BYTES &&
	    EVP_DigestVerifyInit(context, NULL, NULL, NULL, key->pkey) == 1 &&
	    EVP_DigestVerify(
		context, signature, signature_length, bytes, length) == 1;
	ERR_clear_error();
	return good;
}
