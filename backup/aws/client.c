#include "backup/aws/client.h"

#include <math.h>

#include "backup/aws/credentials.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/stop.h"
#include "port/http.h"

enum {
	TRIES = 8, /* of what AWS wants slower; two minutes all in all */
	FIRST_PAUSE_MS = 500,
};

struct aws {
	const struct settings *settings;
	credentials credentials;
	http *http;
};

void aws_close(aws *a)
{
	if (!a)
		return;
	g_clear_pointer(&a->http, http_close);
	credentials_clear(&a->credentials);
	g_free(a);
}

const char *aws_url(const aws *a)
{
	return http_url(a->http);
}

static char *endpoint_of(const struct settings *s)
{
	const char *region = s->aws.region;

	if (s->aws.endpoint)
		return g_strdup(s->aws.endpoint);
	return g_strdup_printf("https://backup.%s.amazonaws.com%s", region,
	    g_str_has_prefix(region, "cn-") ? ".cn" : "");
}

/* Both stand in URLs, and nothing of them is to be encoded there. */
static bool is_plain(const char *name)
{
	return *name &&
	       name[strspn(
		   name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_")] == '\0';
}

aws *aws_open(const struct settings *s, GError **error)
{
	g_autoptr(aws) a = g_new0(struct aws, 1);

	a->settings = s;
	if (!s->aws.region || !s->aws.vault || !s->aws.role) {
		fail(error, GONOGO_ERROR_USAGE,
		    "[aws] region, vault and role must be set");
		return NULL;
	}
	if (!is_plain(s->aws.region) || !is_plain(s->aws.vault)) {
		fail(error, GONOGO_ERROR_USAGE,
		    "[aws] region and vault have letters, digits, '-' and '_' "
		    "alone");
		return NULL;
	}
	if (!credentials_find(s, &a->credentials, error))
		return NULL;
	g_autofree char *url = endpoint_of(s);
	g_autofree char *sign =
	    g_strdup_printf("aws:amz:%s:backup", s->aws.region);
	const struct http_options options = {
	    .url = url,
	    .user = a->credentials.key_id,
	    .password = a->credentials.key,
	    .sign = sign,
	    .ca_file = s->cluster.ca_file,
	    .proxy = s->cluster.proxy,
	};
	a->http = http_open(&options, error);
	return a->http ? g_steal_pointer(&a) : NULL;
}

/* ---- asking ---- */

/* The kind of trouble, "ThrottlingException"; what is behind a colon is of no
 * interest to anybody. */
static char *kind_of(const struct http_reply *r)
{
	const char *said = g_hash_table_lookup(r->headers, "x-amzn-errortype");

	return said ? g_strndup(said, strcspn(said, ":")) : g_strdup("");
}

static bool is_passing(const struct http_reply *r, const char *kind)
{
	return r->status >= 500 || r->status == 429 ||
	       g_str_has_prefix(kind, "Throttling") ||
	       g_str_equal(kind, "TooManyRequestsException") ||
	       g_str_equal(kind, "RequestLimitExceeded");
}

static const char *hint_of(const char *kind)
{
	if (g_str_has_prefix(kind, "AccessDenied"))
		return "\nhint: the key needs backup:StartBackupJob, "
		       "backup:DescribeBackupJob, "
		       "backup:ListRecoveryPointsByBackupVault, and "
		       "iam:PassRole of [aws] role";
	if (strstr(kind, "Signature"))
		return "\nhint: is the key's secret whole, the region right, "
		       "and this machine's clock?";
	if (strstr(kind, "Token") || strstr(kind, "Client"))
		return "\nhint: is the key still in force?  A temporary one "
		       "needs its aws_session_token";
	return "";
}

static bool fail_refused(const char *what, const struct http_reply *r,
    const char *kind, GError **error)
{
	g_autoptr(json) body = json_parse(r->body, r->length, "x", NULL);
	const char *words = body ? json_text(body, "message") : NULL;

	if (!words)
		words = body ? json_text(body, "Message") : NULL;
	g_autofree char *line =
	    g_strndup(words ? words : "", words ? strcspn(words, "\r\n") : 0);
	return fail(error, GONOGO_ERROR_REMOTE,
	    "AWS Backup refused %s: HTTP %ld %s %s%s", what, r->status, kind,
	    line, hint_of(kind));
}

/* Gives the reply as JSON. */
static json *ask(
    aws *a, const char *what, struct http_request *request, GError **error)
{
	/* It is wiped with the secret that it is made of. */
	g_autofree char *token =
	    a->credentials.token
		? g_strconcat("X-Amz-Security-Token: ",
		      secret_reveal(a->credentials.token), NULL)
		: NULL;
	const char *const headers[] = {token, NULL};
	json *document = NULL;

	request->headers = headers;
	for (unsigned tried = 1;; tried++) {
		g_auto(http_reply) reply = {0};
		if (!http_do(a->http, request, &reply, error))
			break;
		g_autofree char *kind = kind_of(&reply);
		if (reply.status == 200) {
			g_autoptr(GError) why = NULL;
			document = json_parse(
			    reply.body, reply.length, "its reply", &why);
			if (why)
				fail(error, GONOGO_ERROR_REMOTE, "%s: %s", what,
				    why->message);
			break;
		}
		if (!is_passing(&reply, kind) || tried == TRIES) {
			fail_refused(what, &reply, kind, error);
			break;
		}
		log_say("AWS Backup wants %s slower: %s", what,
		    *kind ? kind : "no kind said");
		if (!stop_wait(FIRST_PAUSE_MS << (tried - 1), error))
			break;
	}
	if (token)
		explicit_bzero(token, strlen(token));
	if (!document)
		g_prefix_error(error, "%s: ", aws_url(a));
	return document;
}

static bool fail_reply(const char *what, const char *lacks, GError **error)
{
	return fail(error, GONOGO_ERROR_REMOTE,
	    "AWS Backup's reply to %s has no %s", what, lacks);
}

static char *text_of(const json *document, const char *key)
{
	return g_strdup(json_text(document, key));
}

/* Dates are seconds with a fraction, which no getter of integers takes. */
static struct number time_of(const json *document, const char *key)
{
	const json *found = json_member(document, key);
	g_autofree char *text = found ? json_compact(found) : NULL;
	char *end = NULL;
	double seconds = text ? g_ascii_strtod(text, &end) : 0;

	if (!text || json_kind(found) != JSON_NUMBER || *end || seconds <= 0 ||
	    seconds > 1e11)
		return (struct number){0};
	return number_of((int64_t)floor(seconds));
}

static struct number number_in(const json *document, const char *key)
{
	struct number n = {0};

	n.known = json_i64(document, key, &n.value, NULL);
	return n;
}

/* ---- the three ---- */

bool aws_start(
    aws *a, const char *arn, const char *token, char **job, GError **error)
{
	static const char what[] = "StartBackupJob";
	const struct settings *s = a->settings;
	g_autoptr(json) wish = json_new_object();

	json_set_string(wish, "BackupVaultName", s->aws.vault);
	json_set_string(wish, "ResourceArn", arn);
	json_set_string(wish, "IamRoleArn", s->aws.role);
	json_set_string(wish, "IdempotencyToken", token);
	g_autofree char *body = json_compact(wish);
	struct http_request request = {.method = "PUT",
	    .path = "/backup-jobs",
	    .content_type = "application/json",
	    .body = body};
	g_autoptr(json) said = ask(a, what, &request, error);
	if (!said)
		return false;
	*job = text_of(said, "BackupJobId");
	return *job || fail_reply(what, "BackupJobId", error);
}

void aws_job_clear(struct aws_job *j)
{
	g_free(j->state);
	g_free(j->message);
	g_free(j->percent);
	g_free(j->point);
	*j = (struct aws_job){0};
}

bool aws_look(aws *a, const char *id, struct aws_job *job, GError **error)
{
	static const char what[] = "DescribeBackupJob";
	g_autofree char *name = g_uri_escape_string(id, NULL, FALSE);
	g_autofree char *path = g_strconcat("/backup-jobs/", name, NULL);
	struct http_request request = {.path = path};
	g_autoptr(json) said = ask(a, what, &request, error);

	if (!said)
		return false;
	job->state = text_of(said, "State");
	job->message = text_of(said, "StatusMessage");
	job->percent = text_of(said, "PercentDone");
	job->point = text_of(said, "RecoveryPointArn");
	return job->state || fail_reply(what, "State", error);
}

void aws_point_clear(struct aws_point *p)
{
	g_free(p->arn);
	g_free(p->vault);
	g_free(p->resource);
	g_free(p->status);
	*p = (struct aws_point){0};
}

static void read_point(const json *said, struct aws_point *into)
{
	into->arn = text_of(said, "RecoveryPointArn");
	into->vault = text_of(said, "BackupVaultName");
	into->resource = text_of(said, "ResourceArn");
	into->status = text_of(said, "Status");
	into->created_at = time_of(said, "CreationDate");
	into->completed_at = time_of(said, "CompletionDate");
	into->bytes = number_in(said, "BackupSizeInBytes");
	into->encrypted.known =
	    json_bool(said, "IsEncrypted", &into->encrypted.value, NULL);
}

/* One page of the vault's list; *next is given, NULL: it was the last. */
static json *list_page(aws *a, const char *arn, char **next, GError **error)
{
	g_autofree char *resource = g_uri_escape_string(arn, NULL, FALSE);
	g_autofree char *token =
	    *next ? g_uri_escape_string(*next, NULL, FALSE) : NULL;
	g_autofree char *path = g_strdup_printf(
	    "/backup-vaults/%s/recovery-points/?%s%s%sresourceArn=%s",
	    a->settings->aws.vault, token ? "nextToken=" : "",
	    token ? token : "", token ? "&" : "", resource);
	struct http_request request = {.path = path};
	json *said = ask(a, "ListRecoveryPointsByBackupVault", &request, error);

	g_clear_pointer(next, g_free);
	if (said)
		*next = text_of(said, "NextToken");
	return said;
}

bool aws_find(aws *a, const char *arn, const char *point,
    struct aws_point *into, bool *found, GError **error)
{
	g_autofree char *next = NULL;

	*found = false;
	for (unsigned page = 0; page < LIMIT_PAGES; page++) {
		g_autoptr(json) said = list_page(a, arn, &next, error);
		const json *points;
		if (!said ||
		    !json_array(said, "RecoveryPoints", &points, error))
			return false;
		json_each (one, points) {
			const char *own = json_text(one, "RecoveryPointArn");
			if (*found || g_strcmp0(own, point) != 0)
				continue;
			read_point(one, into);
			*found = true;
		}
		if (*found || !next)
			return true;
	}
	return fail(error, GONOGO_ERROR_REMOTE,
	    "AWS Backup lists more than %u pages of recovery points",
	    LIMIT_PAGES);
}
