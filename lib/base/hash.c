#include "base/hash.h"

#include <errno.h>
#include <openssl/evp.h>

#include "base/error.h"

enum { READ_BYTES = 256 * 1024 };

struct hash {
	EVP_MD_CTX *context;
	const EVP_MD *kind; /* for ever */
};

static void start(struct hash *h)
{
	/* Only memory can fail here, and that ends a GLib program anyway. */
	g_assert(EVP_DigestInit_ex2(h->context, h->kind, NULL) == 1);
}

/* Fetched once: each time takes locks that all workers share. */
static struct hash *new_of(gsize *kind, const char *name)
{
	struct hash *h = g_new0(struct hash, 1);

	if (g_once_init_enter(kind))
		g_once_init_leave(kind, (gsize)EVP_MD_fetch(NULL, name, NULL));
	h->context = EVP_MD_CTX_new();
	h->kind = (const EVP_MD *)*kind;
	start(h);
	return h;
}

hash *hash_new(void)
{
	static gsize kind;

	return new_of(&kind, "SHA256");
}

hash *hash_new_sha1(void)
{
	static gsize kind;

	return new_of(&kind, "SHA1");
}

void hash_add(hash *h, const void *bytes, size_t length)
{
	g_assert(EVP_DigestUpdate(h->context, bytes, length) == 1);
}

void hash_end(hash *h, unsigned char digest[HASH_BYTES])
{
	g_assert(EVP_DigestFinal_ex(h->context, digest, NULL) == 1);
	start(h);
}

char *hash_end_hex(hash *h)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char digest[HASH_BYTES];
	char *hex = g_malloc0(HASH_HEX + 1);

	hash_end(h, digest);
	for (size_t i = 0; i < HASH_BYTES; i++) {
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 0xf];
	}
	return hex;
}

char *hash_so_far_hex(const hash *h)
{
	g_autoptr(hash) copy = g_new0(struct hash, 1);

	copy->context = EVP_MD_CTX_new();
	copy->kind = h->kind;
	g_assert(EVP_MD_CTX_copy_ex(copy->context, h->context) == 1);
	return hash_end_hex(copy);
}

void hash_free(hash *h)
{
	if (!h)
		return;
	EVP_MD_CTX_free(h->context);
	g_free(h);
}

char *hash_hex(const void *bytes, size_t length)
{
	g_autoptr(hash) h = hash_new();

	hash_add(h, bytes, length);
	return hash_end_hex(h);
}

char *hash_fd(int fd, GError **error)
{
	g_autoptr(hash) h = hash_new();
	g_autofree char *buffer = g_malloc(READ_BYTES);

	for (;;) {
		ssize_t got = read(fd, buffer, READ_BYTES);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			fail_errno(error, "reading");
			return NULL;
		}
		if (got == 0)
			return hash_end_hex(h);
		hash_add(h, buffer, (size_t)got);
	}
}

bool hash_is_hex(const char *text)
{
	return strlen(text) == HASH_HEX &&
	       strspn(text, "0123456789abcdef") == HASH_HEX;
}
