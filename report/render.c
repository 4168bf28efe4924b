/*
 * gonogo-report render: the pages, from templates that a site may replace.
 */
#include "base/cli.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/share.h"
#include "report/arguments.h"
#include "report/dossier.h"
#include "report/flaws.h"
#include "report/pdf.h"
#include "report/render/escape.h"
#include "report/render/junit.h"
#include "report/render/model.h"
#include "report/render/mustache.h"
#include "report/render/prometheus.h"
#include "report/verbs.h"

struct templates {
	const char *folder;
	GError **error; /* why a partial could not be read */
};

/* A partial is a file of the templates' folder, never of another. */
static char *read_partial(const char *name, void *user)
{
	const struct templates *t = user;
	g_autofree char *path = g_build_filename(t->folder, name, NULL);
	GError **error = *t->error ? NULL : t->error;

	if (*name == '.' || strchr(name, '/')) {
		fail(error, GONOGO_ERROR_DATA,
		    "partial '%s': not a plain file name", name);
		return NULL;
	}
	return file_read(path, LIMIT_TEMPLATE, NULL, error);
}

static bool render_page(const char *bundle, const char *folder,
    const char *name, char *(*escape)(const char *), const json *model,
    GError **error)
{
	g_autoptr(GError) missing = NULL;
	struct templates templates = {folder, &missing};
	const struct mustache how = {escape, read_partial, &templates};
	g_autofree char *path = g_build_filename(folder, name, NULL);
	g_autofree char *out = g_build_filename(bundle, name, NULL);
	g_autofree char *template =
	    file_read(path, LIMIT_TEMPLATE, NULL, error);
	g_autofree char *text =
	    template ? mustache_render(template, path, model, &how, error)
		     : NULL;

	if (!text)
		return false;
	/* The specification reads a missing partial as empty; half a page
	 * must not look like a whole one. */
	if (missing) {
		g_propagate_error(error, g_steal_pointer(&missing));
		return false;
	}
	if (!file_write(out, 0644, text, strlen(text), error))
		return false;
	printf("%s\n", out);
	return true;
}

/* Takes TEXT. */
static bool write_text(
    const char *bundle, const char *name, char *text, GError **error)
{
	g_autofree char *owned = text;
	g_autofree char *out = g_build_filename(bundle, name, NULL);

	if (!file_write(out, 0644, owned, strlen(owned), error))
		return false;
	printf("%s\n", out);
	return true;
}

struct wanted {
	bool as_json, as_pdf;
};

static bool render(const struct dossier *d, const char *folder,
    const struct wanted *wanted, GError **error)
{
	const char *bundle = d->bundle;
	g_autoptr(json) model =
	    model_write(&d->facts, &d->findings, &d->verdict, d->policy);
	g_autofree char *out = g_build_filename(bundle, "report.json", NULL);

	if (!render_page(
		bundle, folder, "report.html", escape_html, model, error) ||
	    !render_page(
		bundle, folder, "report.md", escape_markdown, model, error) ||
	    !write_text(bundle, "junit.xml",
		junit_write(&d->findings, &d->verdict), error) ||
	    !write_text(bundle, "metrics.prom",
		prometheus_write(&d->facts, &d->findings, &d->verdict), error))
		return false;
	if (wanted->as_json && !json_write(model, out, error))
		return false;
	if (wanted->as_json)
		printf("%s\n", out);
	return !wanted->as_pdf || pdf_print(bundle, error);
}

int verb_render(int argc, char **argv, GError **error)
{
	g_autofree char *bundle = NULL;
	g_autofree char *folder = NULL;
	gboolean as_json = FALSE, as_pdf = FALSE;
	g_auto(dossier) d = {0};
	g_autoptr(GPtrArray) flaws = flaws_new();
	const GOptionEntry options[] = {
	    {"bundle", 'b', 0, G_OPTION_ARG_FILENAME, &bundle,
		"folder of the bundle", "DIR"},
	    {"templates", 0, 0, G_OPTION_ARG_FILENAME, &folder,
		"folder with report.html and report.md [the shipped ones]",
		"DIR"},
	    {"json", 0, 0, G_OPTION_ARG_NONE, &as_json,
		"write report.json, what the pages are made of, too", NULL},
	    {"pdf", 0, 0, G_OPTION_ARG_NONE, &as_pdf,
		"print report.html to report.pdf with Chromium", NULL},
	    {0},
	};

	if (!cli_parse(&argc, argv, options, "", 0, 0,
		"Writes report.html, report.md, junit.xml and metrics.prom "
		"into the bundle.\n"
		"Exit: 0 done, whatever the verdict is; 40 documents that do "
		"not\nrest on each other.",
		error) ||
	    !argument_given(bundle, "--bundle DIR", error) ||
	    !dossier_read(&d, bundle, NULL, error) ||
	    !dossier_read_verdict(&d, error))
		return -1;
	dossier_check(&d, flaws);
	if (flaws->len > 0)
		return flaws_tell(flaws);
	if (!folder && !(folder = share_file("templates", error)))
		return -1;
	const struct wanted wanted = {as_json, as_pdf};
	return render(&d, folder, &wanted, error) ? EXITS_DONE : -1;
}
