/*
 * Times engine_evaluate: every cart of a file in turn, round after round, so that a cart's articles have left
 * the caches when its turn comes again, against a book and against the same book without promotions. The
 * results of the first carts are written for the check. See tests/bench/evaluate.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cart_json.h"
#include "evaluate_file.h"
#include "measure.h"
#include "snapshot.h"

#define LINE_MAX_BYTES 65536

struct book {
	struct snapshot *snapshot;
	const struct catalog *catalog;
	struct engine_cart *carts;
	size_t count;
	struct arena arena; /* the carts' */
	void *room;
	size_t room_size;
	struct samples ns, p50; /* of all evaluations; of each round */
};

static void resolve(struct book *b, const char *line, size_t n)
{
	struct record_context context = {.exponent = b->catalog->settings.exponent};
	struct cart_record record;
	json_error_t error;
	struct why why;
	json_t *json = json_loadb(line, n, 0, &error);

	if (!json)
		measure_fail("cart %zu: %s", b->count + 1, error.text);
	if (b->catalog->promotion_count == 0)
		json_object_del(json, "coupons"); /* there is nothing for them to unlock */
	if (record_from_json(&cart_schema, json, NULL, &context, &b->arena, &record, &why) ||
	    cart_resolve(b->snapshot, &record, 0, &b->arena, &b->carts[b->count], &why))
		measure_fail("cart %zu: %s", b->count + 1, why.text);
	json_decref(json);
	b->count++;
}

static void load_carts(struct book *b, const char *path)
{
	static char line[LINE_MAX_BYTES];
	FILE *f = fopen(path, "re");
	size_t size = 0;

	if (!f)
		measure_fail("%s cannot be read", path);
	while (fgets(line, sizeof(line), f))
		size++;
	rewind(f);
	b->carts = measure_memory(size, sizeof(*b->carts));
	while (fgets(line, sizeof(line), f))
		resolve(b, line, strlen(line));
	fclose(f);
}

static void load(struct book *b, const char *path, const char *carts)
{
	struct why why;

	if (book_load(path, &b->snapshot, &why))
		measure_fail("%s", why.text);
	b->catalog = snapshot_catalog(b->snapshot);
	load_carts(b, carts);
	for (size_t i = 0; i < b->count; i++) {
		size_t size = engine_room_size(b->catalog, b->carts[i].count);

		b->room_size = size > b->room_size ? size : b->room_size;
	}
	b->room = measure_memory(1, b->room_size);
}

static void unload(struct book *b)
{
	snapshot_unref(b->snapshot);
	arena_free(&b->arena);
	samples_free(&b->ns);
	samples_free(&b->p50);
	free(b->carts);
	free(b->room);
}

static void evaluate(struct book *b, size_t cart, struct engine_result *out)
{
	uint32_t bad_line;
	enum err e = engine_evaluate(b->catalog, &b->carts[cart], b->room, b->room_size, out, &bad_line);

	if (e)
		measure_fail("cart %zu: %s", cart + 1, err_name(e));
}

static void run_round(struct book *b)
{
	struct samples round = {0};
	struct engine_result result;

	for (size_t i = 0; i < b->count; i++) {
		int64_t began = measure_now_ns();

		evaluate(b, i, &result);
		samples_add(&round, (double)(measure_now_ns() - began));
	}
	samples_add(&b->p50, samples_percentile(&round, 50) / 1e3);
	samples_join(&b->ns, &round);
	samples_free(&round);
}

static void write_results(struct book *b, size_t count, const char *path)
{
	FILE *f = fopen(path, "we");
	struct engine_result result;
	struct jsonw w;
	struct buf out;

	if (!f)
		measure_fail("%s cannot be written", path);
	buf_init(&out, 1 << 20);
	for (size_t i = 0; i < count && i < b->count; i++) {
		const struct evaluation e = {.catalog = b->catalog, .cart = &b->carts[i], .result = &result};

		evaluate(b, i, &result);
		jsonw_begin(&w, &out);
		evaluation_write(&e, &w);
		if (jsonw_end(&w) || fwrite(buf_front(&out), buf_length(&out), 1, f) != 1)
			measure_fail("a result cannot be written");
		buf_cut(&out, 0);
	}
	buf_free(&out);
	if (fclose(f))
		measure_fail("%s cannot be written", path);
}

/* What a cart asks of the engine, and what it answers. */
struct matches {
	struct samples pieces, list, judged, applied, discount,
		gaps; /* gaps: per cent of what might be taken off */
	size_t none;
};

static double pieces_of(const struct engine_cart *cart)
{
	double pieces = 0;

	for (uint32_t i = 0; i < cart->count; i++) {
		int64_t whole = cart->lines[i].quantity.micro / QTY_ONE.micro;

		pieces += (double)(whole > 1 ? whole : 1);
	}
	return pieces;
}

static void look(struct book *b, size_t cart, struct matches *m)
{
	struct engine_result result;

	evaluate(b, cart, &result);
	samples_add(&m->pieces, pieces_of(&b->carts[cart]));
	samples_add(&m->list, (double)result.totals.list.minor / 100);
	samples_add(&m->discount, (double)result.totals.discount.minor / 100);
	samples_add(&m->judged, result.verdict_count);
	samples_add(&m->applied, result.applied_count);
	m->none += result.applied_count == 0;
	if (!result.optimal)
		samples_add(&m->gaps, 100 * (double)result.gap.minor /
					      (double)(result.totals.discount.minor + result.gap.minor));
}

static void print_range(const struct report *r, const char *name, struct samples *s, const char *what)
{
	report_note(r, "%s: %.0f %s (%.0f to %.0f)", name, samples_percentile(s, 50), what,
		    samples_percentile(s, 0), samples_percentile(s, 100));
}

static void print_figure(const struct report *r, const char *name, const char *what, const char *unit,
			 double value)
{
	char metric[64];
	struct figure f = {.metric = metric, .unit = unit, .value = value, .low = value, .high = value};

	snprintf(metric, sizeof(metric), "%s_%s", name, what);
	report_figure(r, &f);
}

/* One that matches nothing would be measured in vain. */
static void print_matches(const struct report *r, struct book *b, const char *name)
{
	struct matches m = {0};

	for (size_t i = 0; i < b->count; i++)
		look(b, i, &m);
	report_note(
		r, "%s: %zu carts of %u lines, %u promotions, %u pricing rules; nothing applies in %zu carts",
		name, b->count, b->carts[0].count, b->catalog->promotion_count, b->catalog->rule_count,
		m.none);
	print_range(r, name, &m.pieces, "pieces");
	print_range(r, name, &m.list, "EUR before discounts");
	print_range(r, name, &m.discount, "EUR off");
	print_range(r, name, &m.judged, "promotions match");
	print_range(r, name, &m.applied, "promotions apply");
	print_figure(r, name, "match", "", samples_percentile(&m.judged, 50));
	print_figure(r, name, "apply", "", samples_percentile(&m.applied, 50));
	if (b->catalog->settings.policy == POLICY_BEST_DEAL) {
		print_figure(r, name, "proven", "%", 100 - 100 * (double)m.gaps.count / (double)b->count);
		print_figure(r, name, "gap_p50", "%", samples_percentile(&m.gaps, 50));
		print_figure(r, name, "gap_most", "%", samples_percentile(&m.gaps, 100));
	}
	samples_free(&m.pieces);
	samples_free(&m.list);
	samples_free(&m.discount);
	samples_free(&m.judged);
	samples_free(&m.applied);
	samples_free(&m.gaps);
}

static const char *aim_of(const char *name)
{
	static const struct {
		const char *name, *aim;
	} aims[] = {
		{"precedence_1000", "5 us"},	    {"best_deal_1000", "15 us"},
		{"best_deal_1000_wide1", "15 us"},  {"best_deal_1000_wide2", "15 us"},
		{"best_deal_1000_wide6", "500 us"},
	};

	for (size_t i = 0; i < sizeof(aims) / sizeof(aims[0]); i++)
		if (!strcmp(aims[i].name, name))
			return aims[i].aim;
	return NULL;
}

static void print_figures(const struct report *r, const char *name, struct book *b, struct book *bare)
{
	double p50 = samples_percentile(&b->ns, 50), p99 = samples_percentile(&b->ns, 99), sum = 0;
	struct figure f;
	char metric[64];

	for (size_t i = 0; i < b->ns.count; i++)
		sum += b->ns.at[i];
	snprintf(metric, sizeof(metric), "%s_p50_us", name);
	report_rounds(r, metric, "us", &b->p50, &bare->p50, aim_of(name));
	snprintf(metric, sizeof(metric), "%s_p99_us", name);
	f = (struct figure){.metric = metric,
			    .unit = "us",
			    .value = p99 / 1e3,
			    .low = p99 / 1e3,
			    .high = p99 / 1e3,
			    .floor = p50 / 1e3,
			    .aim = "3 x P50, the floor here"};
	report_figure(r, &f);
	print_figure(r, name, "carts", "1/s", 1e9 * (double)b->ns.count / sum);
}

int main(int argc, char **argv)
{
	struct report r = {"evaluate", argc == 9 && !strcmp(argv[8], "--json")};
	struct book book = {0}, bare = {0};
	long rounds;

	if (argc < 8 || (argc == 9 && !r.json))
		measure_fail("usage: evaluate NAME BOOK BARE CARTS ROUNDS CHECKED RESULTS [--json]");
	measure_pin(0);
	rounds = strtol(argv[5], NULL, 10);
	load(&book, argv[2], argv[4]);
	load(&bare, argv[3], argv[4]);
	write_results(&book, (size_t)strtoul(argv[6], NULL, 10), argv[7]);
	report_head(&r);
	print_matches(&r, &book, argv[1]);
	for (long i = 0; i < rounds; i++) {
		run_round(&bare);
		run_round(&book);
	}
	print_figures(&r, argv[1], &book, &bare);
	unload(&book);
	unload(&bare);
	return 0;
}
