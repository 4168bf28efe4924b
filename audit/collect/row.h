/*
 * One thing that is asked, and who reads the answer.
 *
 *     row --ask--> raw/<collector>/NNN.json + meta --read--> facts
 *
 * A new fact is a row and its reader; asking, redacting, storing and checking
 * read the row.
 */
#ifndef GONOGO_AUDIT_COLLECT_ROW_H
#define GONOGO_AUDIT_COLLECT_ROW_H

#include "contract/bundle.h"
#include "contract/facts.h"

/* How much is asked: bits of row.profiles. */
enum profile {
	PROFILE_FULL = 1,
	PROFILE_GATE = 2, /* few cheap questions, asked before each step */
};

enum row_pages {
	PAGES_NONE,
	PAGES_VALUES, /* values, isLastPage, nextPageStart */
	PAGES_AUDIT,  /* entities, pagingInfo */
};

/* One good answer, and where its facts go. */
struct reading {
	const char *name;            /* "node.bb-2.status": for `unseen` */
	const char *subject;         /* the node that was asked; NULL: none */
	const struct raw_meta *meta; /* of paged answers: of the first page */
	const char *text;            /* as stored; never NULL */
	/* Parsed; of paged answers an array of all pages' entries; NULL: the
	 * row is text, or the body is empty. */
	const json *body;
	struct facts *facts;
};

struct row {
	const char *what; /* "apps.installed", "node.status" */
	const char *collector;
	/*
	 * bitbucket, apps: the path below the base URL, with {from}, {to} and
	 * {compatibility} filled in; postgres: the SQL, whose rows become JSON
	 * objects; home, node, settings: what is looked at, in words.
	 */
	const char *request;
	const char *accept;     /* NULL: application/json */
	const char *permission; /* bitbucket, apps: the least; NULL: none */
	const char *since;      /* release that brought it; NULL: all have it */
	const char *needs[3];   /* postgres: tables that must be there */
	enum row_pages pages;
	bool per_node;   /* asked of every node of the settings */
	bool text;       /* not JSON */
	bool reads_date; /* its reader holds the HTTP date against our clock */
	bool people;     /* users' names are in it: pseudonyms, or nothing */
	unsigned profiles;
	int also[3]; /* HTTP statuses that answer, too, besides 200 */
	/*
	 * Fills facts.  DATA: the answer is not what it should be, so that no
	 * fact is taken from it and the text stands under `unseen`.
	 */
	bool (*read)(const struct reading *r, GError **error);
};

#endif
