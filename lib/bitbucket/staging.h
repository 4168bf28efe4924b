/*
 * bitbucket.properties of a copy that may be started beside production.
 *
 * Denied by default: a value stays only when it can't name a place (a number,
 * yes or no, a driver's class); where the copy lies is written anew, and all
 * else goes, comments too.  So nothing that we never heard of reaches back.
 */
#ifndef GONOGO_BITBUCKET_STAGING_H
#define GONOGO_BITBUCKET_STAGING_H

#include <glib.h>
#include <stdbool.h>

struct staging_places {        /* all of it borrowed */
	const char *url;       /* base URL of the copy */
	const char *jdbc_url;  /* of its database */
	const char *jdbc_user; /* NULL: none is named */
	const char *group;     /* Hazelcast: its name, and a password that no
				  other cluster has */
	const char *group_password;
};

/*
 * Gives the properties of the copy of TEXT.  CHANGES gets a line (char *,
 * owned) for each key that is not as it was, sorted, without any value.
 */
char *staging_properties(
    const char *text, const struct staging_places *places, GPtrArray *changes);

/*
 * Gives the names (char *, sorted, each once) of hosts that the values of TEXT
 * reach: of URLs, of lists of members.  What the copy's database may not
 * contain either.
 */
GPtrArray *staging_hosts(const char *text);

#endif
