/*
 * The settings file, gonogo.conf: where things are.  Passwords stand in files
 * of their own (base/secret.h), never here.  Every key with its meaning:
 * templates/gonogo.conf and gonogo.conf(5).
 */
#ifndef GONOGO_CONTRACT_SETTINGS_H
#define GONOGO_CONTRACT_SETTINGS_H

#include "contract/shape.h"

struct settings {
	char *path; /* of the file itself; NULL: none was read */
	struct {
		char *name, *url, *user, *password_file, *ca_file, *proxy;
		char **nodes; /* "bb-1=http://10.0.0.11:7990" or a URL alone */
	} cluster;
	struct {
		char *shared; /* folder */
		char **local; /* "bb-1=/path" or a folder alone */
	} home;
	struct {
		char *url; /* postgresql://user@host/name without a password */
		char *password_file, *bindir, *run_as;
	} database;
	struct {
		char *path;
	} store;
	struct {
		char *mode; /* hot (default) or sealed */
		bool allow_lock;
		char *lock_window; /* "Sat 22:00-02:00", UTC; NULL: any time */
		int64_t max_lock_seconds;
		char **also;
		int64_t jobs; /* 0: measured */
	} backup;
	struct {
		char *version, *procedure;
	} target;
	struct {
		char *dir;
	} state;
	struct {
		char *file;
	} policy;
	struct {
		char *key; /* PEM private key, Ed25519 */
	} sign;
};

typedef struct settings settings;
void settings_free(struct settings *s);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(settings, settings_free)

/*
 * Gives the settings of PATH; NULL as PATH: the defaults, with the state
 * folder of decisions.md.  USAGE with file, line, `[group] key`.
 */
struct settings *settings_read(
    const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Splits "name=value"; without a `=` the name is NULL.  Gives both. */
void settings_pair(const char *text, char **name, char **value);

#endif
