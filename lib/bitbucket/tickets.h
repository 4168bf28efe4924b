/*
 * How many hosting tickets (clones, fetches, pushes at once) a node has, as
 * bitbucket.properties tells.  docs/sources.md#tickets
 */
#ifndef GONOGO_BITBUCKET_TICKETS_H
#define GONOGO_BITBUCKET_TICKETS_H

/*
 * Of the text PROPERTIES: the limit of the fixed strategy, else the least of
 * the adaptive one, below which a busy node never goes.  0: it tells none, or
 * one that only the node itself can work out ("1.5*cpu").
 */
unsigned tickets_of_properties(const char *properties);

#endif
