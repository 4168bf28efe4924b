#include "contract/finding.h"

const char *const outcome_names[] = {
    "unknown", "fail", "pass", "not_applicable", "manual", NULL};
const char *const severity_names[] = {
    "blocker", "high", "medium", "low", "info", NULL};
const char *const phase_names[] = {
    "before-start", "before-node", "before-finalize", "after", NULL};
const char *const relation_names[] = {"breaks-upgrade", "breaks-return",
    "worsened-by-upgrade", "pre-existing", NULL};

static const struct field evidence_fields[] = {
    {"what", FIELD_STRING, offsetof(struct witness, what)},
    {"file", FIELD_STRING, offsetof(struct witness, file)},
    {"sha256", FIELD_STRING, offsetof(struct witness, sha256)},
    {"observed", FIELD_STRING, offsetof(struct witness, observed)},
    {"expected", FIELD_STRING, offsetof(struct witness, expected)},
    {0},
};
const struct shape witness_shape = {
    "evidence", sizeof(struct witness), evidence_fields};

static const struct field reference_fields[] = {
    {"kind", FIELD_STRING, offsetof(struct reference, kind)},
    {"id", FIELD_STRING, offsetof(struct reference, id)},
    {"url", FIELD_STRING, offsetof(struct reference, url)},
    {0},
};
const struct shape reference_shape = {
    "reference", sizeof(struct reference), reference_fields};

static const struct field subject_fields[] = {
    {"scheme", FIELD_STRING, offsetof(struct subject, scheme)},
    {"id", FIELD_STRING, offsetof(struct subject, id)},
    {0},
};
static const struct shape subject_shape = {
    "subject", sizeof(struct subject), subject_fields};

static const struct field finding_fields[] = {
    {"check", FIELD_STRING, offsetof(struct finding, check), .must = true},
    {"key", FIELD_STRING, offsetof(struct finding, key), .must = true},
    {"area", FIELD_STRING, offsetof(struct finding, area), .must = true},
    {"title", FIELD_STRING, offsetof(struct finding, title)},
    {"message", FIELD_STRING, offsetof(struct finding, message)},
    {"outcome", FIELD_CHOICE, offsetof(struct finding, outcome),
	.choices = outcome_names},
    {"severity", FIELD_CHOICE, offsetof(struct finding, severity),
	.choices = severity_names},
    {"resolve_by", FIELD_CHOICE, offsetof(struct finding, resolve_by),
	.choices = phase_names},
    {"relation", FIELD_CHOICE, offsetof(struct finding, relation),
	.choices = relation_names},
    {"required", FIELD_FLAG, offsetof(struct finding, required)},
    {"why", FIELD_STRING, offsetof(struct finding, why)},
    {"subject", FIELD_STRUCT, offsetof(struct finding, subject),
	.shape = &subject_shape},
    {"evidence", FIELD_LIST, offsetof(struct finding, evidence),
	.shape = &witness_shape},
    {"remediation", FIELD_STRINGS, offsetof(struct finding, remediation)},
    {"references", FIELD_LIST, offsetof(struct finding, references),
	.shape = &reference_shape},
    {"data_as_of", FIELD_TIME, offsetof(struct finding, data_as_of)},
    {"data_max_age_s", FIELD_NUMBER, offsetof(struct finding, data_max_age_s)},
    {0},
};
const struct shape finding_shape = {
    "finding", sizeof(struct finding), finding_fields};

static const struct field findings_fields[] = {
    {"made_by", FIELD_STRING, offsetof(struct findings, made_by)},
    {"as_of", FIELD_TIME, offsetof(struct findings, as_of), .must = true},
    {"facts_sha256", FIELD_STRING, offsetof(struct findings, facts_sha256)},
    {"policy_sha256", FIELD_STRING, offsetof(struct findings, policy_sha256)},
    {"findings", FIELD_LIST, offsetof(struct findings, list),
	.shape = &finding_shape, .must = true},
    {0},
};
const struct shape findings_shape = {
    "findings", sizeof(struct findings), findings_fields};

void findings_clear(struct findings *f)
{
	shape_clear(&findings_shape, f);
}

struct finding *findings_add(
    struct findings *f, const char *check, const char *scheme, const char *id)
{
	struct finding *finding = shape_add(&finding_shape, &f->list);
	g_autofree char *area = g_strndup(check, strcspn(check, "-"));

	finding->check = g_strdup(check);
	finding->key = id ? g_strconcat(check, "/", id, NULL) : g_strdup(check);
	finding->area = g_ascii_strdown(area, -1);
	finding->subject.scheme = g_strdup(scheme);
	finding->subject.id = g_strdup(id);
	return finding;
}

void finding_answer(
    struct finding *f, enum outcome outcome, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_free(f->message);
	f->message = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	f->outcome = (int)outcome;
}

void finding_unknown(struct finding *f, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_free(f->why);
	f->why = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	f->outcome = OUTCOME_UNKNOWN;
}

void finding_evidence(struct finding *f, const char *what, const char *observed,
    const char *expected)
{
	struct witness *e = shape_add(&witness_shape, &f->evidence);

	e->what = g_strdup(what);
	e->observed = g_strdup(observed);
	e->expected = g_strdup(expected);
}

void finding_remedy(struct finding *f, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_autofree char *text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	strings_add(&f->remediation, text);
}

void finding_reference(
    struct finding *f, const char *kind, const char *id, const char *url)
{
	struct reference *r = shape_add(&reference_shape, &f->references);

	r->kind = g_strdup(kind);
	r->id = g_strdup(id);
	r->url = g_strdup(url);
}

static gint by_key(gconstpointer a, gconstpointer b)
{
	const struct finding *const *x = a, *const *y = b;

	return strcmp((*x)->key, (*y)->key);
}

void findings_sort(struct findings *f)
{
	if (f->list)
		g_ptr_array_sort(f->list, by_key);
}

const struct finding *findings_find(const struct findings *f, const char *key)
{
	for (guint i = 0; i < list_length(f->list); i++) {
		const struct finding *finding = g_ptr_array_index(f->list, i);
		if (g_str_equal(finding->key, key))
			return finding;
	}
	return NULL;
}
