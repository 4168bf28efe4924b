/*
 * Text from outside, made harmless for the place where it is put.
 *
 * A log line or an app's name may hold tags, terminal sequences, and
 * characters that hide or reorder what stands beside them.
 */
#ifndef GONOGO_REPORT_RENDER_ESCAPE_H
#define GONOGO_REPORT_RENDER_ESCAPE_H

/*
 * Gives TEXT with what can't be seen made visible: control characters as their
 * pictures, zero-width and direction-changing ones as <U+202E>.  Newlines and
 * tabs stay.  Bytes that are no UTF-8 become U+FFFD.
 */
char *escape_visible(const char *text);

/* The same on one line: runs of white space become one space. */
char *escape_line(const char *text);

/* For HTML, between tags and inside quoted attributes; visible. */
char *escape_html(const char *text);

/* For Markdown, inside a line or a table's cell; one line, visible. */
char *escape_markdown(const char *text);

#endif
