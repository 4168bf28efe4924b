/*
 * Which files are to be read, of which node and kind each is.
 *
 *     [NODE=]FILE | FOLDER | GLOB | ARCHIVE | -  -->  inputs, sorted by path
 */
#ifndef GONOGO_AUDIT_LOGS_INPUT_H
#define GONOGO_AUDIT_LOGS_INPUT_H

#include <stdint.h>

#include "audit/logs/kind.h"

struct log_input {
	char *path;   /* of the file; "-": standard input */
	char *member; /* inside the archive PATH; NULL: the file itself */
	char *node;
	enum log_kind kind; /* LOG_OTHER: by its first bytes */
	uint64_t bytes;     /* on disk; of a member its plain size */
	uint64_t device, inode;
	int64_t mtime_ns;
	char *lost; /* why nothing, or not all, of it was read; NULL: it was */
	uint64_t on_disk; /* of a member that of its archive */
	/* What the reader is told; 0: read all of it. */
	bool known;         /* none of it need be read */
	uint64_t from, cut; /* begin there; no part reaches over there */
	bool anew;          /* it is shorter than when it was read last */
};

struct log_inputs {
	GPtrArray *list;      /* struct log_input */
	GPtrArray *nodes;     /* names, sorted; borrowed from the list */
	uint64_t passed_over; /* files of a folder that are no logs */
	GPtrArray *lost;      /* strings: what could not be looked into */
};

/*
 * Fills the empty *OUT.  A file that is named twice is read once.  USAGE: a
 * path that is not there, or no log in any of them.
 */
bool log_inputs_find(char *const *paths, struct log_inputs *out,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
typedef struct log_inputs log_inputs;
void log_inputs_clear(struct log_inputs *in);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(log_inputs, log_inputs_clear)

/*
 * Leaves inputs of KINDS (bits) alone, and the nodes that have such; gives how
 * many others there were.
 */
unsigned log_inputs_keep(struct log_inputs *in, unsigned kinds);

/* The number of the input's node. */
uint32_t log_inputs_node(
    const struct log_inputs *in, const struct log_input *input);

/* Gives PATH, or PATH!MEMBER. */
char *log_input_name(const struct log_input *input);

enum log_wrap { WRAP_PLAIN, WRAP_GZIP, WRAP_LONE, WRAP_ZSTD, WRAP_ARCHIVE };

/* How the file that begins with these bytes is packed. */
enum log_wrap log_wrap_of(const char *bytes, size_t length);

#endif
