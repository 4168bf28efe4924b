#include "report/pdf.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "port/fs.h"
#include "port/process.h"

enum { PRINT_S = 60 };

/* Gives the browser's path; NULL: there is none. */
static char *find_browser(void)
{
	static const char *const names[] = {
	    "chromium", "chromium-browser", "google-chrome"};
	char *path = NULL;

	for (size_t i = 0; !path && i < G_N_ELEMENTS(names); i++)
		path = g_find_program_in_path(names[i]);
	return path;
}

/* Prints the page at URI to the file OUT, with SCRATCH for the browser's own
 * files. */
static bool print(const char *browser, const char *uri, const char *out,
    const char *scratch, GError **error)
{
	g_auto(process_result) result = {0};
	g_autofree char *to = g_strconcat("--print-to-pdf=", out, NULL);
	g_autofree char *data =
	    g_strconcat("--user-data-dir=", scratch, "/browser", NULL);
	const char *const argv[] = {browser, "--headless", "--disable-gpu",
	    "--disable-dev-shm-usage", "--no-first-run",
	    "--disable-background-networking", "--disable-component-update",
	    "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND",
	    "--no-pdf-header-footer", data, to, uri,
	    /* Its sandbox does not work for root; the page has no script. */
	    geteuid() == 0 ? "--no-sandbox" : NULL, NULL};
	const struct process p = {.argv = argv, .timeout_s = PRINT_S};

	return process_run_ok(&p, &result, error);
}

/* Puts what was printed in its place, if it is what it should be. */
static bool take(const char *from, const char *to, GError **error)
{
	size_t length;
	g_autofree char *bytes = file_read(from, LIMIT_OUTPUT, &length, error);

	if (!bytes)
		return false;
	if (length < 5 || memcmp(bytes, "%PDF-", 5) != 0)
		return fail(error, GONOGO_ERROR_SYSTEM,
		    "the browser printed something that is no PDF");
	return file_write(to, 0644, bytes, length, error);
}

bool pdf_print(const char *bundle, GError **error)
{
	g_autofree char *browser = find_browser();
	g_autofree char *folder = g_canonicalize_filename(bundle, NULL);
	g_autofree char *page = g_build_filename(folder, "report.html", NULL);
	g_autofree char *to = g_build_filename(folder, "report.pdf", NULL);
	g_autofree char *uri = g_filename_to_uri(page, NULL, error);
	g_autoptr(GError) left = NULL;

	if (!uri)
		return false;
	if (!browser)
		return fail(error, GONOGO_ERROR_SYSTEM,
		    "no Chromium to print %s with\n"
		    "hint: apt-get install chromium, or print it in any "
		    "browser",
		    page);
	g_autofree char *scratch = g_dir_make_tmp("gonogo-pdf-XXXXXX", error);
	if (!scratch)
		return false;
	g_autofree char *out = g_build_filename(scratch, "report.pdf", NULL);
	bool good =
	    print(browser, uri, out, scratch, error) && take(out, to, error);
	ignore(fs_remove_tree(scratch, &left));
	if (!good) {
		g_prefix_error(error, "printing %s: ", page);
		return false;
	}
	printf("%s\n", to);
	return true;
}
