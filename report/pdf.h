/*
 * The page on paper: Chromium prints it, where there is one.
 */
#ifndef GONOGO_REPORT_PDF_H
#define GONOGO_REPORT_PDF_H

#include <glib.h>
#include <stdbool.h>

/*
 * Prints report.html of the folder BUNDLE to report.pdf beside it, and tells
 * its path on standard output.  SYSTEM: there is no Chromium, or it failed; an
 * older report.pdf stays as it was.
 */
bool pdf_print(const char *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
