/*
 * The corpus without a fuzzer: each reader meets each of its files, whole, cut
 * short and with bytes changed, always the same ones.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "port/fs.h"
#include "tests/fuzz/fuzz.h"

enum { CUTS = 16, CHANGES = 16 }; /* of each file */

/* A copy of its very size: what is read behind it is found. */
static void meet(const struct fuzz_reader *r, const char *bytes, size_t length)
{
	g_autofree char *copy = g_memdup2(bytes, length);

	r->read(length ? copy : "", length);
}

static void meet_changed(const struct fuzz_reader *r, const char *bytes,
    size_t length, GRand *random)
{
	for (size_t i = 0; length > 0 && i < CUTS; i++)
		meet(r, bytes, length * i / CUTS);
	for (size_t i = 0; length > 0 && i < CHANGES; i++) {
		g_autofree char *copy = g_memdup2(bytes, length);
		for (size_t k = 0; k <= i / 4; k++)
			copy[g_rand_int_range(random, 0, (gint)length)] =
			    (char)g_rand_int_range(random, 0, 256);
		meet(r, copy, length);
	}
}

/* How many files there were. */
static unsigned replay(const struct fuzz_reader *r)
{
	g_autofree char *place =
	    g_build_filename("tests/fuzz/corpus", r->name, NULL);
	int folder = fs_open_folder(place, NULL);
	g_autoptr(GPtrArray) names = folder < 0 ? NULL : fs_names(folder);
	g_autoptr(GRand) random = g_rand_new_with_seed(1);

	meet(r, "", 0);
	for (guint i = 0; names && i < names->len; i++) {
		g_autofree char *path =
		    g_build_filename(place, g_ptr_array_index(names, i), NULL);
		size_t length = 0;
		g_autofree char *bytes =
		    file_read(path, 1u << 20, &length, NULL);
		HOLDS(bytes);
		meet(r, bytes, length);
		meet_changed(r, bytes, length, random);
	}
	if (folder >= 0)
		ignore(close(folder));
	return names ? names->len : 0;
}

int main(void)
{
	int count = 0;

	for (const struct fuzz_reader *r = fuzz_readers; r->name; r++) {
		unsigned files = replay(r);
		count++;
		printf("%s %d - %s takes whatever comes: %u files\n",
		    files ? "ok" : "not ok", count, r->name, files);
		fflush(stdout);
	}
	printf("1..%d\n", count);
	return 0;
}
