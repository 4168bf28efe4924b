/*
 * What libFuzzer calls.  $FUZZ_READER names the reader; `--list` tells which
 * ones there are.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const struct fuzz_reader *reader;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *name = getenv("FUZZ_READER");
	bool list = *argc > 1 && strcmp((*argv)[1], "--list") == 0;

	for (const struct fuzz_reader *r = fuzz_readers; r->name; r++) {
		if (list)
			puts(r->name);
		if (name && strcmp(r->name, name) == 0)
			reader = r;
	}
	if (list)
		exit(0);
	HOLDS(reader);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	reader->read((const char *)bytes, length);
	return 0;
}
