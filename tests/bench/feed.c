/*
 * Scans while a feed changes prices of the box, in turns with scans of a quiet box; then how long it takes
 * until a new cart has a changed price.
 *
 *	feed TILLD DIR BOOK SCANS A_MINUTE [--json]
 *
 * Scanner and subscriber run on one processor, tilld with all its threads on another, as in scan_to_price;
 * the writer runs wherever there is room, at nice 19. A cart is of the catalog that was in force when it
 * opened, so a price is right if it was in force then, or up to late_ns before.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "box.h"
#include "feed_sink.h"
#include "goods.h"
#include "measure.h"
#include "priority.h"

#define CART_SCANS   20
#define BLOCK_SCANS  2000
#define LEAD_MS	     150L /* after the writer was told: until all is as it will be */
#define LATE_NS	     INT64_C(2000000000)
#define LATE_KILL_NS INT64_C(15000000000) /* of a link whose ends are killed */
#define SEEN_CHANGES 100
#define SEEN_MAX_NS  INT64_C(20000000000)
#define NONE	     UINT32_MAX

struct side {
	struct samples all, block, p50, p99;
};

struct bench {
	struct box box;
	struct goods goods;
	struct feed_writer writer;
	struct side fed, quiet;
	struct samples seen_ms;
	uint64_t random;
	int64_t late_ns;
	int64_t opened_from, opened_to; /* when the cart was opened */
	/* Changes by article, newest first; noted: how many of the feed's are in here. */
	uint32_t *newest, *older, noted;
	size_t changed_prices; /* scans that got one */
};

static void note_changes(struct bench *b)
{
	uint32_t count = atomic_load(&b->writer.feed->count);

	for (; b->noted < count; b->noted++) {
		uint32_t good = b->writer.feed->at[b->noted].good;

		b->older[b->noted] = b->newest[good];
		b->newest[good] = b->noted;
	}
}

/* Whether the price was in force as the cart opened: from when it began until the next one was committed. */
static bool is_right(struct bench *b, size_t good, int64_t price)
{
	int64_t until = INT64_MAX;

	note_changes(b);
	for (uint32_t i = b->newest[good]; i != NONE; i = b->older[i]) {
		const struct feed_change *c = &b->writer.feed->at[i];

		if (price == c->price && c->began_ns <= b->opened_to && until >= b->opened_from) {
			b->changed_prices++;
			return true;
		}
		until = atomic_load(&c->committed_ns);
		until = until < INT64_MAX - b->late_ns ? until + b->late_ns : INT64_MAX;
	}
	return price == b->goods.at[good].price && until >= b->opened_from;
}

static int64_t check(struct bench *b, size_t good, const char *text, size_t n)
{
	json_t *line = json_loadb(text, n, 0, NULL);
	const char *event = json_string_value(json_object_get(line, "event"));
	const char *sku = json_string_value(json_object_get(line, "sku"));
	const struct good *g = &b->goods.at[good];
	int64_t price;

	if (!event || strcmp(event, "line") != 0 || !sku || strcmp(sku, g->sku) != 0)
		measure_fail("not the line of %s: %.*s", g->sku, (int)n, text);
	price = goods_minor(json_object_get(line, "unit_price"));
	if (!is_right(b, good, price))
		measure_fail("%s: not a price of when the cart was opened: %.*s", g->sku, (int)n, text);
	json_decref(line);
	return price;
}

/* The article's price by the cart, whose first line this may be. */
static int64_t scan(struct bench *b, size_t good, bool first, double *us)
{
	const char *line;
	size_t n;

	if (first)
		b->opened_from = measure_now_ns();
	line = box_time_scan(&b->box.port, b->box.lines, b->goods.at[good].code, &n, us);
	if (first)
		b->opened_to = measure_now_ns();
	return check(b, good, line, n);
}

/* Ends the cart, and takes in all that was told of it: version is answered after that. */
static void end_cart(struct bench *b, const char *verb, const char *members)
{
	json_decref(box_ask(&b->box, verb, members));
	json_decref(box_ask(&b->box, "version", ""));
	lines_drop(b->box.lines);
}

static void sleep_ms(long ms)
{
	nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

static void run_block(struct bench *b, struct side *s)
{
	for (size_t i = 0; i < BLOCK_SCANS; i++) {
		double us;

		scan(b, (size_t)(measure_random(&b->random) % b->goods.count), i % CART_SCANS == 0, &us);
		samples_add(&s->block, us);
		if (i % CART_SCANS == CART_SCANS - 1)
			end_cart(b, "tender", "\"lane\":\"1\"");
	}
	samples_add(&s->p50, samples_percentile(&s->block, 50));
	samples_add(&s->p99, samples_percentile(&s->block, 99));
	samples_join(&s->all, &s->block);
	samples_clear(&s->block);
}

static void run_both(struct bench *b)
{
	feed_writer_run(&b->writer);
	sleep_ms(LEAD_MS);
	run_block(b, &b->fed);
	feed_writer_rest(&b->writer);
	sleep_ms(LEAD_MS);
	run_block(b, &b->quiet);
}

/*
 * Opens carts with the article until one has the price of the next change, the first of its transaction. The
 * time is from before it was written, so it is never too short. Now and then the article is changed again
 * first.
 */
static void see_change(struct bench *b)
{
	uint32_t before = atomic_load(&b->writer.feed->count);
	const struct feed_change *c = &b->writer.feed->at[before];
	int64_t price, give_up = measure_now_ns() + SEEN_MAX_NS;
	double us;

	while (atomic_load(&b->writer.feed->count) == before)
		sleep_ms(1);
	do {
		price = scan(b, c->good, true, &us);
		end_cart(b, "void", "\"lane\":\"1\",\"cart\":true");
		if (measure_now_ns() > give_up)
			measure_fail("no cart got the price of a change in %lld s",
				     (long long)(SEEN_MAX_NS / 1000000000));
	} while (price != c->price && b->newest[c->good] == before);
	if (price == c->price)
		samples_add(&b->seen_ms, (double)(b->opened_to - c->began_ns) / 1e6);
}

static void forget(struct side *s)
{
	samples_clear(&s->all);
	samples_clear(&s->p50);
	samples_clear(&s->p99);
}

static void start(struct bench *b)
{
	measure_pin(0); /* tilld */
	box_start(&b->box, b->goods.at[0].code);
	end_cart(b, "void", "\"lane\":\"1\",\"cart\":true");
	measure_pin(1); /* scanner and subscriber */
	b->newest = measure_memory(b->goods.count, sizeof(*b->newest));
	b->older = measure_memory(FEED_MAX, sizeof(*b->older));
	memset(b->newest, 0xff, b->goods.count * sizeof(*b->newest));
	feed_writer_start(&b->writer, &b->box, &b->goods);
	priority_prompt();
}

static void stop(struct bench *b)
{
	feed_writer_stop(&b->writer);
	box_stop(&b->box);
	free(b->newest);
	free(b->older);
	free(b->box.lines);
	goods_free(&b->goods);
}

static void report_percentile(const struct report *r, const char *metric, double percent, struct side *ours,
			      struct side *floor, const char *aim)
{
	struct samples *blocks = percent > 50 ? &ours->p99 : &ours->p50;

	report_figure(r, &(struct figure){.metric = metric,
					  .unit = "us",
					  .value = samples_percentile(&ours->all, percent),
					  .low = samples_percentile(blocks, 0),
					  .high = samples_percentile(blocks, 100),
					  .floor = samples_percentile(&floor->all, percent),
					  .aim = aim});
}

static void report_seen(const struct report *r, const char *metric, double percent, struct samples *seen)
{
	report_figure(r, &(struct figure){.metric = metric,
					  .unit = "ms",
					  .value = samples_percentile(seen, percent),
					  .low = samples_percentile(seen, 0),
					  .high = samples_percentile(seen, 100)});
}

static void report(struct bench *b, const struct report *r)
{
	report_note(r, "%zu scans each in blocks of %d, carts of %d; %zu articles, %zu promotions",
		    b->fed.all.count, BLOCK_SCANS, CART_SCANS, b->goods.count, b->goods.promotions);
	report_note(r,
		    "%u changes at %lld a minute, in %d transactions a second at most; %zu scans got a "
		    "changed price",
		    atomic_load(&b->writer.feed->count), (long long)b->writer.a_minute, FEED_TURNS,
		    b->changed_prices);
	report_note(r, "every price was one of when its cart was opened; the floor is the quiet box\n");
	report_head(r);
	report_percentile(r, "p50", 50, &b->fed, &b->quiet, "1.2 x");
	report_percentile(r, "p99", 99, &b->fed, &b->quiet, "1.2 x");
	report_seen(r, "seen_p50", 50, &b->seen_ms);
	report_seen(r, "seen_p99", 99, &b->seen_ms);
	feed_sink_report(b->writer.feed, r);
}

int main(int argc, char **argv)
{
	static struct bench b = {.random = 952};
	const char *slash = strrchr(argv[0], '/');
	struct report r = {slash ? slash + 1 : argv[0], argc == 7 && !strcmp(argv[6], "--json")};
	long blocks;

	if (argc < 6 || (argc == 7 && !r.json))
		measure_fail("usage: feed TILLD DIR BOOK SCANS A_MINUTE [--json]");
	b.late_ns = getenv("LINK_KILL") ? LATE_KILL_NS : LATE_NS;
	b.writer.a_minute = strtoll(argv[5], NULL, 10);
	blocks = strtol(argv[4], NULL, 10) / BLOCK_SCANS;
	goods_load(argv[3], &b.goods);
	box_init(&b.box, argv[1], argv[2]);
	start(&b);
	run_both(&b); /* to warm up */
	forget(&b.fed);
	forget(&b.quiet);
	for (long i = 0; i < blocks; i++)
		run_both(&b);
	feed_writer_run(&b.writer);
	sleep_ms(LEAD_MS);
	for (int i = 0; i < SEEN_CHANGES; i++)
		see_change(&b);
	feed_writer_rest(&b.writer);
	if (b.changed_prices == 0)
		measure_fail("no scan got a changed price");
	report(&b, &r);
	stop(&b);
	return 0;
}
