#include "port/identity.h"

#include <grp.h>
#include <pwd.h>

#include "base/error.h"

void identity_clear(struct identity *who)
{
	g_free(who->groups);
	g_free(who->name);
	g_free(who->home);
	*who = (struct identity){0};
}

bool identity_find(const char *name, struct identity *who, GError **error)
{
	enum { ROOM = 16 << 10 };
	g_autofree char *room = g_malloc(ROOM);
	struct passwd entry, *found = NULL;

	if (!name || geteuid() != 0)
		return true;
	int code = getpwnam_r(name, &entry, room, ROOM, &found);
	if (!found)
		return fail(error, GONOGO_ERROR_USAGE, "user %s: %s", name,
		    code ? g_strerror(code) : "no such user");
	who->groups_length = 64;
	who->groups = g_new(gid_t, (size_t)who->groups_length);
	while (getgrouplist(
		   name, entry.pw_gid, who->groups, &who->groups_length) < 0)
		who->groups =
		    g_renew(gid_t, who->groups, (size_t)who->groups_length);
	who->uid = entry.pw_uid;
	who->gid = entry.pw_gid;
	who->name = g_strdup(entry.pw_name);
	who->home = g_strdup(entry.pw_dir);
	return true;
}

bool identity_become(const struct identity *who)
{
	if (!who->name)
		return true;
	return setgroups((size_t)who->groups_length, who->groups) == 0 &&
	       setresgid(who->gid, who->gid, who->gid) == 0 &&
	       setresuid(who->uid, who->uid, who->uid) == 0;
}
