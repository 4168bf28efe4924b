#include "audit/collect/read_licence.h"

#include "audit/collect/take.h"
#include "base/error.h"

static bool read_users(const struct reading *r, GError **error)
{
	struct licence *l = &r->facts->licence;

	if (!take_flag(r->body, "unlimitedNumberOfUsers", &l->unlimited_users,
		error) ||
	    !take_number(
		r->body, "status.currentNumberOfUsers", &l->users, error))
		return false;
	/* An unlimited licence gives -1 or nothing as its maximum. */
	if (l->unlimited_users.known && l->unlimited_users.value)
		return true;
	if (!take_number(r->body, "maximumNumberOfUsers", &l->users_max, error))
		return false;
	return !l->users_max.known || l->users_max.value >= 0 ||
	       fail(error, GONOGO_ERROR_DATA, "maximumNumberOfUsers: negative");
}

static bool read_licence(const struct reading *r, GError **error)
{
	struct licence *l = &r->facts->licence;

	if (r->meta->http_status.value == 404) {
		l->installed = flag_of(false);
		return true;
	}
	if (!take_time(r->body, "expiryDate", &l->expires_at, error) ||
	    !take_time(r->body, "maintenanceExpiryDate",
		&l->maintenance_expires_at, error) ||
	    !take_string(r->body, "serverId", &l->server_id, error) ||
	    !take_string(r->body, "supportEntitlementNumber",
		&l->support_entitlement, error) ||
	    !read_users(r, error))
		return false;
	if (!l->expires_at.known && !l->maintenance_expires_at.known)
		return fail(error, GONOGO_ERROR_DATA,
		    "neither expiryDate nor maintenanceExpiryDate");
	l->installed = flag_of(true);
	return true;
}

const struct row licence_rows[] = {
    {.what = "licence",
	.permission = "ADMIN",
	.collector = "bitbucket",
	.request = "/rest/api/latest/admin/license",
	.profiles = PROFILE_FULL | PROFILE_GATE,
	.also = {404},
	.read = read_licence},
    {0},
};
