#include "tests/sim/auth.h"

static bool refuse(struct reply *reply, unsigned status, const char *message)
{
	reply_error(reply, status,
	    "com.atlassian.bitbucket.AuthorisationException", "%s", message);
	return false;
}

static bool wrong_login(struct reply *reply, const char *message)
{
	reply_error(reply, 401,
	    "com.atlassian.bitbucket.auth.IncorrectPasswordAuthentication"
	    "Exception",
	    "%s", message);
	return false;
}

static void become(struct request *r, const json *user)
{
	const char *permission = json_text(user, "permission");

	r->user = json_text(user, "name");
	r->permission = PERMISSION_NONE;
	for (int p = PERMISSION_NONE; p <= PERMISSION_SYS_ADMIN; p++)
		if (g_strcmp0(permission, permission_names[p]) == 0)
			r->permission = (enum permission)p;
}

static bool by_password(
    struct request *r, const char *encoded, struct reply *reply)
{
	gsize length = 0;
	g_autofree guchar *bytes = g_base64_decode(encoded, &length);
	g_autofree char *login = g_strndup((const char *)bytes, length);
	char *colon = strchr(login, ':');

	if (!cluster_flag(r->cluster, "security.basic_auth", true))
		return wrong_login(reply,
		    "Basic authentication is disabled on this instance.");
	if (colon)
		*colon++ = '\0';
	json_each (user, cluster_world(r->cluster, "users"))
		if (colon && g_strcmp0(json_text(user, "name"), login) == 0 &&
		    g_strcmp0(json_text(user, "password"), colon) == 0) {
			become(r, user);
			return true;
		}
	return wrong_login(
	    reply, "Invalid username or password.  Please try again.");
}

static bool by_token(struct request *r, const char *token, struct reply *reply)
{
	json_each (user, cluster_world(r->cluster, "users"))
		json_each (known, json_member(user, "tokens"))
			if (g_strcmp0(json_text(known, ""), token) == 0) {
				become(r, user);
				r->by_token = true;
				return true;
			}
	return wrong_login(reply, "The access token is not valid.");
}

bool auth_identify(struct request *r, struct reply *reply)
{
	const char *header = request_header(r, "authorization");

	if (!header)
		return true;
	if (g_ascii_strncasecmp(header, "Basic ", 6) == 0)
		return by_password(r, header + 6, reply);
	if (g_ascii_strncasecmp(header, "Bearer ", 7) == 0)
		return by_token(r, header + 7, reply);
	return wrong_login(reply, "Unknown authentication scheme.");
}

bool auth_permits(
    const struct request *r, const struct route *route, struct reply *reply)
{
	if (route->permission == PERMISSION_NONE)
		return true;
	if (!r->user)
		return refuse(reply, 401,
		    "You are not permitted to access this resource");
	if (r->by_token && route->permission >= PERMISSION_ADMIN)
		return refuse(reply, 401,
		    "Tokens may not have the following permission: ADMIN");
	if (r->permission < route->permission)
		return refuse(reply,
		    route->flags & ROUTE_DENIES_403 ? 403 : 401,
		    "You are not permitted to access this resource");
	if (route->flags & ROUTE_SUDO &&
	    cluster_flag(r->cluster, "security.websudo", false)) {
		json *error = json_new_object();
		json_set_string(error, "subCode", "upm.websudo.error");
		json_set_string(error, "message",
		    "A secure administrator session is needed");
		reply_json(reply, 401, error);
		return false;
	}
	return true;
}
