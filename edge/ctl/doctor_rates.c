/*
 * Exchange rates: costs that are reckoned with old ones let promotions take too much off, or too little.
 */
#include <string.h>

#include "catalog_store.h"
#include "civil.h"
#include "doctor.h"
#include "landed.h"
#include "zone.h"

static const char fix[] = "import today's: tillctl import --changes FILE with its exchange_rate";

/* A catalog that cannot be read is told of with the databases. */
static enum err read_catalog(const char *path, struct snapshot **out)
{
	struct catalog_store *store;
	struct why why = {0};
	enum err e = catalog_store_open_reader(path, &store, &why);

	if (e)
		return e;
	e = catalog_store_load(store, out, &why);
	catalog_store_close(store);
	return e;
}

static void tell(struct doctor *d, const struct exchange *x, int64_t now_s)
{
	int32_t offset_s = zone_offset_s(now_s);
	int64_t at_s = exchange_at_s(x, offset_s);
	const char *currency = doctor_text(d, "%s", x->currency); /* the catalog goes */
	char text[CIVIL_TEXT_MAX] = "";

	if (at_s != AMOUNT_NONE)
		civil_format(at_s + offset_s, false, text);
	if (at_s == AMOUNT_NONE)
		doctor_warn(d, currency, fix, "the exchange rate does not say of when it is ('at')");
	else if (exchange_is_stale(x, now_s, offset_s))
		doctor_warn(d, currency, fix, "the exchange rate is of %s, more than a day ago", text);
	else
		doctor_ok(d, currency, "the exchange rate is of %s", text);
}

void doctor_rates(struct doctor *d)
{
	struct snapshot *s = NULL;
	const struct catalog *c;

	if (read_catalog(ctl_database(d->ctl, "catalog.db"), &s))
		return;
	c = snapshot_catalog(s);
	for (uint32_t i = 0; i < c->exchange_count; i++)
		if (c->exchanges[i].used)
			tell(d, &c->exchanges[i], clock_utc_ms(d->clock) / 1000);
	snapshot_unref(s);
}
