/*
 * Steps through a small shop. See mini_walk.h.
 */
#include "mini_walk.h"

#include <stdlib.h>
#include <string.h>

static const char *const state_names[] = {"idle", "open", "suspended", "tendering", "closed"};

static void summary_members(struct lane *l, struct jsonw *w)
{
	lane_summary_json(l, w);
}

static void check_step(struct mini_shop *m, const struct step *s)
{
	struct answer a = mini_shop_do(m, s->command);
	json_t *cart = mini_shop_json(m->lane, lane_cart_json);
	json_t *summary = mini_shop_json(m->lane, summary_members);

	if (a.refusal != s->refusal)
		fail_msg("%s: %s (%s), not %s", s->command, refusal_code(a.refusal), a.why.text,
			 refusal_code(s->refusal));
	if (a.refusal && !*a.why.text)
		fail_msg("%s: refused without a word", s->command);
	if (lane_state(m->lane) != s->state || strcmp(json_path(cart, "state"), state_names[s->state]) != 0)
		fail_msg("%s: the lane is %s", s->command, json_path(cart, "state"));
	if (json_array_size(json_object_get(cart, "lines")) != s->lines ||
	    json_integer_value(json_object_get(summary, "lines")) != s->lines)
		fail_msg("%s: %zu lines", s->command, json_array_size(json_object_get(cart, "lines")));
	if (strcmp(json_path(cart, "totals.total"), s->total) != 0 ||
	    strcmp(json_path(summary, "total"), s->total) != 0)
		fail_msg("%s: total %s, not %s", s->command, json_path(cart, "totals.total"), s->total);
	json_decref(cart);
	json_decref(summary);
}

void mini_walk(struct mini_shop *m, const struct step *steps, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check_step(m, &steps[i]);
}

int mini_start(void **state)
{
	struct mini_shop *m = calloc(1, sizeof(*m));

	mini_shop_start(m, mini_book);
	*state = m;
	return 0;
}

int mini_stop(void **state)
{
	mini_shop_stop(*state);
	free(*state);
	return 0;
}

json_t *mini_suspended(const struct mini_shop *m)
{
	struct jsonw w;
	struct buf out;
	json_t *j;

	buf_init(&out, 1 << 20);
	jsonw_begin(&w, &out);
	jsonw_object(&w, NULL);
	shop_suspended_json(m->shop, &w);
	jsonw_close(&w);
	assert_int_equal(jsonw_end(&w), ERR_OK);
	j = json_loadb((const char *)buf_front(&out), buf_length(&out), 0, NULL);
	assert_non_null(j);
	buf_free(&out);
	return j;
}
