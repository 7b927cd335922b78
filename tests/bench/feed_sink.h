/*
 * Where changed prices go. There are two, of which a benchmark links one: feed_sink_catalog.c puts them into
 * catalog.db, as the program that brings headquarters' changes does, and rings at tilld's control socket;
 * feed_sink_hq.c publishes them at a headquarters of its own, from where till-sync brings them.
 */
#ifndef BENCH_FEED_SINK_H
#define BENCH_FEED_SINK_H

#include "feed_writer.h"

struct feed_sink;

struct feed_sink *feed_sink_open(struct feed *feed, const struct box *b, const struct goods *goods);

/* One transaction; durable when it returns, and on its way to the lane. */
void feed_sink_write(struct feed_sink *s, const struct feed_change *changes, unsigned count);

void feed_sink_close(struct feed_sink *s);

/* Figures of the programs that it started, while they run. By the benchmark's process. */
void feed_sink_report(const struct feed *feed, const struct report *r);

#endif
