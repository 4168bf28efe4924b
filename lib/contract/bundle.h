/*
 * The bundle: the folder of documents in which the tools meet.
 *
 *     CONTENTS.json SHA256SUMS facts.json findings.json verdict.json
 *     raw/<collector>/NNN.json + NNN.meta.json   packs/   policy.conf
 *     logs/logs.json   backup/{snapshot,proof}.json   report.{html,md}
 *     attestation.dsse.json test-result.dsse.json   <- not in SHA256SUMS
 *     approvals/ gate-log.ndjson                    <- not in SHA256SUMS
 */
#ifndef GONOGO_CONTRACT_BUNDLE_H
#define GONOGO_CONTRACT_BUNDLE_H

#include "contract/shape.h"

/* One raw reply: NNN.meta.json beside NNN.json. */
struct raw_meta {
	char *what;      /* "apps.installed"; unique together with `subject` */
	char *subject;   /* a node's name where one asks each node; else NULL */
	char *collector; /* bitbucket, apps, postgres, home, node */
	char *request;   /* "GET /rest/plugins/1.0/", a path, an SQL's name */
	struct number at, http_status, elapsed_ms;
	char *media_type, *date; /* the reply's own headers */
	char *error;             /* why there is no reply; NULL: there is one */
	char *file;              /* "raw/apps/001.json"; NULL: no reply */
	char *sha256;            /* of the file as it lies in the bundle */
	char *redaction;         /* "none", "secrets" */
};

struct content {
	char *path, *sha256, *media_type, *role;
	struct number size_bytes;
};

struct contents {
	char *made_by;
	struct number made_at;
	GPtrArray *files; /* struct content, sorted by path */
};

extern const struct shape raw_meta_shape, contents_shape;

typedef struct contents contents;
void contents_clear(struct contents *c);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(contents, contents_clear)

typedef struct raw_meta raw_meta;
void raw_meta_clear(struct raw_meta *m);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(raw_meta, raw_meta_clear)

/*
 * Lists and hashes every regular file of the bundle ROOT but CONTENTS.json,
 * SHA256SUMS, the envelopes, approvals and the gate log.  A link or another
 * thing that is no file or folder is DATA.
 */
bool contents_scan(struct contents *c, const char *root,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Writes CONTENTS.json and SHA256SUMS (CONTENTS.json in it) into ROOT. */
bool contents_seal(const struct contents *c, const char *root,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Holds the folder against its SHA256SUMS and CONTENTS.json: every listed file
 * there with its size and hash, and no file that is not listed.  Adds a line
 * to FLAWS (strings) for each that is not so.  DATA, SYSTEM: can't be read.
 */
bool contents_check(const char *root, GPtrArray *flaws,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
