/*
 * What comes from outside has a limit where it enters; they stand together
 * here.  Sizes in bytes, waits in milliseconds.
 */
#ifndef GONOGO_BASE_LIMITS_H
#define GONOGO_BASE_LIMITS_H

#define LIMIT_DOCUMENT (64u << 20)   /* a JSON document of ours */
#define LIMIT_REPLY (32u << 20)      /* the body of one HTTP reply */
#define LIMIT_HEADERS (256u << 10)   /* all headers of one HTTP reply */
#define LIMIT_ROWS (512u << 20)      /* the rows of one answer of a database */
#define LIMIT_SETTINGS (1u << 20)    /* an INI or properties file */
#define LIMIT_PACK (8u << 20)        /* a YAML pack */
#define LIMIT_PATTERN_STEPS 1000000u /* of one match of one pattern */
#define LIMIT_LOG_MEMBERS 200000u    /* files of one packed folder */
#define LIMIT_LOG_UNPACKED (1ull << 36)  /* bytes of one log, unpacked */
#define LIMIT_SECRET 4096u               /* a password file */
#define LIMIT_TEMPLATE (4u << 20)        /* a template */
#define LIMIT_TEMPLATE_DEPTH 64          /* sections, partials inside another */
#define LIMIT_TEMPLATE_STEPS (16u << 20) /* tags filled in, all in all */
#define LIMIT_JSON_DEPTH 64              /* nesting of a JSON text */
#define LIMIT_XML_DEPTH 32               /* elements in each other */
#define LIMIT_XML_TEXT (64u << 10)       /* in one element */
#define LIMIT_YAML_DEPTH 32              /* nesting of a YAML text */
#define LIMIT_PAGES 1000              /* pages followed of one paged answer */
#define LIMIT_BUNDLE_FILES 100000u    /* files of one bundle */
#define LIMIT_BUNDLE_DEPTH 16         /* folders inside one another there */
#define LIMIT_GIT_S (6 * 3600)        /* seconds that one git may take */
#define LIMIT_OUTPUT (64u << 20)      /* what a child may print to us */
#define LIMIT_CREDENTIALS (64u << 10) /* a file of keys */
#define LIMIT_ASSERTION (1u << 20)    /* what a prove command may print */
#define LIMIT_ASSERTED_POINTS 1000u
#define LIMIT_ASSERTED_TEXT 1024u
#define LIMIT_CONNECT_MS 10000     /* to reach a server */
#define LIMIT_REPLY_MS 60000       /* one whole HTTP reply */
#define LIMIT_RETRY_AFTER_MS 30000 /* obeyed of a server's Retry-After */

/* What a PostgreSQL server sends of a base backup. */
#define LIMIT_MANIFEST (1u << 30) /* its backup_manifest */
#define LIMIT_TABLESPACES 10000u
#define LIMIT_FOLDER 4096u /* the path of a tablespace */

#endif
