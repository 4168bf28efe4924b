/*
 * The settings file, gonogo.conf: where things are.  Passwords stand in files
 * of their own (base/secret.h), never here.  Every key with its meaning:
 * settings_keys, from which templates/gonogo.conf and gonogo.conf(5) are made.
 */
#ifndef GONOGO_CONTRACT_SETTINGS_H
#define GONOGO_CONTRACT_SETTINGS_H

#include "base/config.h"

struct settings {
	char *path; /* of the file itself; NULL: none was read */
	struct {
		char *name, *url, *user, *password_file, *ca_file, *proxy;
		char **nodes; /* "bb-1=http://10.0.0.11:7990" or a URL alone */
		int64_t timeout_ms; /* for one whole reply */
	} cluster;
	struct {
		char *shared;      /* folder */
		char **local;      /* "bb-1=/path" or a folder alone */
		char **node_files; /* "bb-1=/path": looks taken there */
		char *install;     /* folder of Bitbucket's programs */
	} home;
	struct {
		char *url; /* postgresql://user@host/name without a password */
		char *primary; /* of a standby in `url`; the same form */
		char *password_file, *bindir, *run_as;
		char *form;           /* logical (default), physical */
		char *checkpoint;     /* spread (default), fast */
		bool whole_cluster;   /* physical: with other databases */
		int64_t jobs;         /* connections that copy; 0: measured */
		int64_t rate;         /* bytes a second; 0: no limit */
		int64_t patience_s;   /* others wait no longer for us */
		int64_t max_xmin_age; /* transactions; 0: no limit */
	} database;
	struct {
		char *path;
		int64_t keep_last, keep_days, keep_verified;
		int64_t trash_s; /* what expired stays so long in trash/ */
	} store;
	struct {
		char *mode; /* hot (default), freeze, sealed, snapshot */
		bool allow_lock;
		char *lock_window; /* "Sat 22:00-02:00", UTC; NULL: any time */
		int64_t max_lock_seconds;
		char **also;
		int64_t jobs; /* 0: measured */
		int64_t rate; /* bytes of the home a second; 0: no limit */
		bool drill;   /* after each backup of `gonogo run` */
	} backup;
	struct { /* commands, each with its arguments; no shell */
		char *pre, *create, *mount, *destroy;
		int64_t timeout_s; /* of each */
	} snapshot;
	struct {             /* a site's own backup */
		char *prove; /* command with its arguments; no shell */
		int64_t timeout_s;
		int64_t max_age_s; /* of its points */
		int64_t max_gap_s; /* between database and files */
	} adopt;
	struct { /* AWS Backup */
		char *region, *vault, *role;
		char **home, **database; /* ARNs */
		char *credentials_file, *profile;
		char *endpoint;    /* NULL: the region's own */
		int64_t timeout_s; /* for all jobs */
	} aws;
	struct {
		char **paths; /* as `audit logs` takes them: "bb-1=/path" */
		char **packs; /* files; NULL: the shipped one */
		char *zone;   /* of the stamps; NULL: this machine's */
		char *acknowledged; /* file; NULL: nothing is */
	} logs;
	struct {
		int64_t tickets, cores; /* of each node; 0: as seen */
		int64_t step_s;         /* a node is away; 0: as seen */
		char *balance, *window;
	} capacity;
	struct {
		char *version, *procedure;
		char *answers; /* file; NULL: nobody has answered */
	} target;
	struct {
		char *dir;
	} state;
	struct {
		char *file;
	} policy;
	struct {
		char *signers, *revoked; /* files for ssh-keygen */
	} people;
	struct {
		char *window; /* "Sat 22:00-02:00", UTC; NULL: any time */
	} gate;
	struct {
		char *key; /* PEM private key, Ed25519 */
	} sign;
};

extern const struct config_key settings_keys[];

typedef struct settings settings;
void settings_free(struct settings *s);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(settings, settings_free)

/*
 * Gives the settings of PATH; NULL as PATH: the defaults, with the state
 * folder where it belongs: $STATE_DIRECTORY, /var/lib/gonogo for root,
 * $XDG_STATE_HOME/gonogo for others.  Relative paths start at the file's
 * folder; the cluster's URL has no slash at its end.  USAGE with file, line,
 * `[group] key`: also a password in a URL, and a mode that locks where that is
 * not allowed.
 */
struct settings *settings_read(
    const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Puts URL, which OPTION of a command line named, in the place of [database]
 * url.  USAGE: it is none, or holds a password.
 */
bool settings_set_database(struct settings *s, const char *url,
    const char *option, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Is the database to be saved as the files of its server? */
bool settings_is_physical(const struct settings *s);

/*
 * Splits "name=value"; the name is NULL without a `=` before the first slash.
 * Gives both.
 */
void settings_pair(const char *text, char **name, char **value);

#endif
