#include "port/sshsig.h"

#include <string.h>

#include "base/error.h"
#include "port/process.h"

/* A person may have to touch a token. */
enum { SIGN_S = 120, VERIFY_S = 30 };

void sshsig_person_clear(struct sshsig_person *p)
{
	g_clear_pointer(&p->name, g_free);
	g_clear_pointer(&p->key, g_free);
}

char *sshsig_sign(
    const char *key, const char *namespace, const char *text, GError **error)
{
	const char *const argv[] = {
	    "ssh-keygen", "-Y", "sign", "-f", key, "-n", namespace, NULL};
	const struct process p = {.argv = argv,
	    .input = text,
	    .input_length = strlen(text),
	    .timeout_s = SIGN_S};
	g_auto(process_result) r = {0};

	if (!process_run_ok(&p, &r, error)) {
		g_prefix_error(error, "signing with %s: ", key);
		return NULL;
	}
	return g_steal_pointer(&r.out);
}

/* As ssh-keygen reads it, in the zone of the child: UTC. */
static char *time_option(int64_t at)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(at);
	g_autofree char *text =
	    time ? g_date_time_format(time, "%Y%m%d%H%M%S") : g_strdup("0");

	return g_strconcat("-Overify-time=", text, NULL);
}

static const char *const utc[] = {"TZ=UTC", NULL};

/* Gives the one name that the allowed signers have for the key of SIGNATURE. */
static char *find_name(const struct sshsig_trust *trust, const char *signature,
    const char *when, GError **error)
{
	const char *const argv[] = {"ssh-keygen", "-Y", "find-principals", "-s",
	    signature, "-f", trust->signers, when, NULL};
	const struct process p = {
	    .argv = argv, .env = utc, .timeout_s = VERIFY_S};
	g_auto(process_result) r = {0};

	if (!process_run(&p, &r, error))
		return NULL;
	g_strchomp(r.out);
	if (r.code != 0 || !*r.out) {
		fail(error, GONOGO_ERROR_DATA,
		    "signed by nobody of the allowed signers");
		return NULL;
	}
	if (strpbrk(r.out, "*?!,\n")) {
		fail(error, GONOGO_ERROR_DATA,
		    "the allowed signers have no one name for its key: %s",
		    r.out);
		return NULL;
	}
	return g_steal_pointer(&r.out);
}

bool sshsig_verify(const struct sshsig_trust *trust, const char *namespace,
    const char *text, const char *signature, int64_t at,
    struct sshsig_person *person, GError **error)
{
	g_autofree char *when = time_option(at);
	g_autofree char *name = find_name(trust, signature, when, error);
	const char *const argv[] = {"ssh-keygen", "-Y", "verify", "-f",
	    trust->signers, "-I", name, "-n", namespace, "-s", signature, when,
	    trust->revoked ? "-r" : NULL, trust->revoked, NULL};
	const struct process p = {.argv = argv,
	    .env = utc,
	    .input = text,
	    .input_length = strlen(text),
	    .timeout_s = VERIFY_S};
	g_auto(process_result) r = {0};

	if (!name || !process_run(&p, &r, error))
		return false;
	/* Good "NAMESPACE" signature for NAME with ED25519 key SHA256:... */
	const char *key = r.code == 0 ? strrchr(g_strchomp(r.out), ' ') : NULL;
	if (!key)
		return fail(error, GONOGO_ERROR_DATA,
		    "the signature of %s is not good: %s", name,
		    g_strchomp(r.err));
	person->name = g_steal_pointer(&name);
	person->key = g_strdup(key + 1);
	return true;
}
