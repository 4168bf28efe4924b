/*
 * The verdict as metrics in Prometheus' text format, for the textfile
 * collector of a node exporter.  Times are metrics of their own, since a sample
 * stays what it is until the next run: an age would stand still.
 */
#ifndef GONOGO_REPORT_RENDER_PROMETHEUS_H
#define GONOGO_REPORT_RENDER_PROMETHEUS_H

#include "contract/verdict.h"

/* Gives the text; pure: the same documents, the same text. */
char *prometheus_write(const struct facts *facts,
    const struct findings *findings, const struct verdict *verdict);

#endif
