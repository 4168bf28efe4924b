/*
 * The form of a document: a table that says which member of a struct is which
 * key of a JSON object.  One table serves reading, writing, freeing and the
 * JSON Schema, so that they can't disagree.
 *
 *     static const struct field fields[] = {
 *             {"name", FIELD_STRING, offsetof(struct node, name), .must =
 * true},
 *             {"free_bytes", FIELD_NUMBER, offsetof(struct node, free_bytes)},
 *             {0},
 *     };
 *     const struct shape node_shape = {"node", sizeof(struct node), fields};
 *
 * What is not known is absent from the JSON; {0} is the empty document.
 */
#ifndef GONOGO_CONTRACT_SHAPE_H
#define GONOGO_CONTRACT_SHAPE_H

#include <stddef.h>

#include "base/json.h"

struct number {
	bool known;
	int64_t value; /* within +-(2^53-1) */
};

struct flag {
	bool known;
	bool value;
};

static inline struct number number_of(int64_t value)
{
	return (struct number){true, value};
}

static inline struct flag flag_of(bool value)
{
	return (struct flag){true, value};
}

enum field_kind {      /* the C member: */
	FIELD_STRING,  /* char *, owned; NULL: absent */
	FIELD_NUMBER,  /* struct number */
	FIELD_FLAG,    /* struct flag */
	FIELD_TIME,    /* struct number, seconds UTC; RFC 3339 in JSON */
	FIELD_CHOICE,  /* int, an enum whose names are in `choices` */
	FIELD_STRINGS, /* GPtrArray * of owned char *; NULL: none */
	FIELD_STRUCT,  /* a struct in place, of `shape` */
	FIELD_LIST,    /* GPtrArray * of owned structs of `shape`; NULL: none */
};

struct shape {
	const char *name;
	size_t size;
	const struct field *fields; /* ended by {0} */
};

struct field {
	const char *key;
	enum field_kind kind;
	size_t offset;
	const struct shape *shape;  /* STRUCT, LIST */
	const char *const *choices; /* CHOICE: by value, ended by NULL */
	bool must;                  /* a document without it is refused */
};

/* Gives VALUE as JSON. */
json *shape_write(const struct shape *shape, const void *value);

/*
 * Fills the empty struct at VALUE; unknown keys are passed over.  DATA with
 * the path ("nodes.2.free_bytes: not a number"); VALUE is then empty again.
 */
bool shape_read(const struct shape *shape, const json *document, void *value,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Gives the path of a member of DOCUMENT that SHAPE does not have ("points.0.
 * tiem"); NULL: there is none.  For what others write for us to read.
 */
char *shape_strange(const struct shape *shape, const json *document);

/* Frees what the struct at VALUE owns and makes it empty. */
void shape_clear(const struct shape *shape, void *value);

/* Adds an empty struct to *LIST (made when NULL); borrowed from the list. */
void *shape_add(const struct shape *shape, GPtrArray **list);

/* Adds a copy of TEXT to *LIST (made when NULL) of FIELD_STRINGS. */
void strings_add(GPtrArray **list, const char *text);

/* Length of a list that may be NULL. */
static inline guint list_length(const GPtrArray *list)
{
	return list ? list->len : 0;
}

/*
 * A whole document adds `"schema": "gonogo.NAME/1"` to its shape.
 * document_read() refuses another NAME or a higher number: DATA.
 */
json *document_write(const struct shape *shape, const void *value);
bool document_read(const struct shape *shape, const json *document, void *value,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same from and to a file ("-": standard input or output). */
bool document_load(const struct shape *shape, const char *path, void *value,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool document_save(const struct shape *shape, const void *value,
    const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Gives the JSON Schema (draft 2020-12) of a whole document of SHAPE. */
json *document_schema(const struct shape *shape);

#endif
