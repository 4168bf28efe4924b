/*
 * INI files for people (settings, policy), read against a table of the keys
 * that are known.  One table serves reading, the JSON of the values, its JSON
 * Schema, the commented template and the manual, so that they can't disagree.
 *
 *     static const struct config_key keys[] = {
 *         {"store", .what = "Where backup sets are kept."},
 *         {"store", "path", CONFIG_PATH, offsetof(struct x, path),
 *             .what = "folder of the store"},
 *         {0},
 *     };
 *
 * What is not known is an error, with file, line and `[group] key`: a
 * misspelled key would else silently leave a default in force.
 */
#ifndef GONOGO_BASE_CONFIG_H
#define GONOGO_BASE_CONFIG_H

#include <stddef.h>

#include "base/json.h"

enum config_kind {      /* in the file, and the C member: */
	CONFIG_TEXT,    /* any text; char *, owned */
	CONFIG_PATH,    /* relative ones start at the file's folder; char * */
	CONFIG_CHOICE,  /* one of `words`; char * */
	CONFIG_FLAG,    /* yes or no; bool */
	CONFIG_NUMBER,  /* integer of `least`..`most`; int64_t */
	CONFIG_SECONDS, /* 90s 15m 12h 7d; int64_t */
	CONFIG_MILLIS,  /* the same and 250ms; int64_t */
	CONFIG_BYTES,   /* 512 64K 20M 4G 1T, times 1024; int64_t */
	CONFIG_LIST,    /* a; b; char **, NULL: none */
};

/* A row without a key opens its group and says what the group is for. */
struct config_key {
	const char *group, *key;
	enum config_kind kind;
	size_t offset;        /* of the member in the caller's struct */
	const char *standard; /* default, as the file says it; NULL: none */
	const char *what;     /* meaning in one line */
	const char *example;  /* for the template where there's no default */
	const char *const *words; /* CHOICE: ended by NULL */
	int64_t least, most;      /* NUMBER; most 0: no bound */
};

/* Where each key stands in one file, for errors found after reading. */
typedef struct config config;
void config_free(config *c);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(config, config_free)

/*
 * Fills the struct at INTO, which is empty, with the defaults of KEYS and what
 * the file PATH says.  USAGE with file, line, `[group] key`: an unknown group
 * or key (with the nearest known one), one given twice, a value that is not of
 * its kind, a line that is nothing.  SYSTEM: cannot read.  INTO is empty again
 * after an error.
 */
config *config_read(const struct config_key *keys, const char *path, void *into,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same for TEXT, which people know as NAME and which lies in FOLDER. */
config *config_parse(const struct config_key *keys, const char *text,
    const char *name, const char *folder, void *into,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Fills the empty struct at INTO with the defaults of KEYS. */
void config_defaults(const struct config_key *keys, void *into);

/* Reads a text of the kind CONFIG_BYTES; false: it is none. */
bool config_bytes(const char *text, int64_t *value);

/* Frees what the struct at VALUE owns and makes these members empty. */
void config_clear(const struct config_key *keys, void *value);

/*
 * Sets *error to USAGE with "FILE:LINE: [GROUP] KEY: " before the text (no
 * line where the file does not name the key); returns false.
 */
bool config_fail(const config *c, const char *group, const char *key,
    GError **error, const char *format, ...) G_GNUC_PRINTF(5, 6);

/* ---- what the table alone tells ---- */

/*
 * Gives the struct at VALUE as JSON: an object for each group.  Keys of times
 * and sizes carry their unit: max_age_s, skew_ms, rate_bytes.
 */
json *config_write(const struct config_key *keys, const void *value);

/* Gives the JSON Schema of what config_write() gives. */
json *config_schema(const struct config_key *keys);

/*
 * Gives the file for people: every group and key with its meaning; defaults
 * stand there as comments, so that a change of ours reaches who left them.
 */
char *config_template(const struct config_key *keys, const char *preface);

/*
 * Gives TEXT, a file that config_template() made, with KEY of GROUP set to
 * VALUE in its place; NULL: it has no such row.
 */
char *config_set(
    const char *text, const char *group, const char *key, const char *value);

#endif
