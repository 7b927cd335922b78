/*
 * The scanners of the box: set up from the configuration, and again when it was reloaded.
 */
#include <stdlib.h>
#include <string.h>

#include "tilld_daemon.h"

static void on_scan(struct scanner *s, const char *text, size_t n, void *arg)
{
	const struct device *device = arg;

	(void)s;
	lane_device_scan(device->lane, text, n);
}

static void on_fault(struct scanner *s, const char *reason, void *arg)
{
	const struct device *device = arg;

	(void)s;
	lane_device_fault(device->lane, reason);
}

static bool is_up(const struct scanner *s)
{
	struct scanner_status status;

	scanner_status(s, &status);
	return status.state == SCANNER_UP;
}

static void on_state(struct scanner *s, enum scanner_state state, void *arg)
{
	const struct device *device = arg;
	struct scanner_status status;

	scanner_status(s, &status);
	lane_device_state(device->lane, scanner_name(s), state == SCANNER_UP, status.reason);
	service_touch(device->daemon);
}

static enum err device_new(struct daemon *d, const struct scanner_section *section, struct device **out)
{
	struct device *device = calloc(1, sizeof(*device));
	struct scanner_config config;
	enum err e;

	if (!device)
		return ERR_MEMORY;
	tilld_config_settings(section, &config);
	device->daemon = d;
	device->lane = shop_lane(d->shop, section->lane);
	e = device->lane ? scanner_new(d->loop, &config, on_scan, on_fault, device, &device->scanner)
			 : ERR_NOT_FOUND;
	if (e != ERR_OK) {
		free(device);
		return e;
	}
	scanner_on_state(device->scanner, on_state);
	*out = device;
	return ERR_OK;
}

static void device_free(struct device *device, const char *reason)
{
	if (reason && is_up(device->scanner))
		lane_device_state(device->lane, scanner_name(device->scanner), false, reason);
	scanner_free(device->scanner);
	free(device);
}

/* The lane's struct may be another one of the same name, too. */
static void give_to_lane(struct device *device, struct lane *lane)
{
	const char *name = scanner_name(device->scanner);
	struct lane *before = device->lane;
	bool up = is_up(device->scanner);

	if (!lane || lane == before)
		return;
	device->lane = lane;
	if (!up || strcmp(lane_name(before), lane_name(lane)) == 0)
		return;
	lane_device_state(before, name, false, "it scans for another lane now");
	lane_device_state(lane, name, true, "");
}

/* Taken out of the list, as it goes into the next one. */
static struct device *pick(struct daemon *d, const char *name)
{
	for (size_t i = 0; i < d->device_count; i++) {
		struct device *found = d->devices[i];

		if (!found || strcmp(scanner_name(found->scanner), name) != 0)
			continue;
		d->devices[i] = NULL;
		return found;
	}
	return NULL;
}

static void show(struct daemon *d)
{
	for (size_t i = 0; i < d->device_count; i++)
		d->shown[i] = (struct control_scanner){d->devices[i]->scanner, d->devices[i]->lane};
	control_attach(d->control, d->loader, d->worker, d->shown, d->device_count);
}

void devices_drop(struct daemon *d, const struct tilld_config *after)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->device_count; i++) {
		const char *name = scanner_name(d->devices[i]->scanner);
		const struct scanner_section *was = tilld_config_find_scanner(&d->now->config, name);
		const struct scanner_section *now = tilld_config_find_scanner(after, name);

		if (was && now && tilld_scanner_same(was, now))
			d->devices[kept++] = d->devices[i];
		else
			device_free(d->devices[i],
				    now ? "it is set up anew" : "it is not configured any more");
	}
	d->device_count = kept;
	show(d);
}

enum err devices_take(struct daemon *d, const struct tilld_config *after, struct why *why)
{
	struct device *next[TILLD_SCANNERS_MAX] = {NULL};
	enum err first = ERR_OK;
	size_t count = 0;

	for (size_t i = 0; i < after->scanners.count; i++) {
		const struct scanner_section *section = tilld_config_scanner(after, i);
		struct device *device = pick(d, section->name);
		enum err e = ERR_OK;

		if (device)
			give_to_lane(device, shop_lane(d->shop, section->lane));
		else
			e = device_new(d, section, &device);
		if (e == ERR_OK)
			next[count++] = device;
		else if (first == ERR_OK)
			first = fail(why, e, "scanner %s could not be set up: %s", section->name,
				     err_name(e));
	}
	memcpy(d->devices, next, count * sizeof(struct device *));
	d->device_count = count;
	show(d);
	return first;
}

void devices_stop(struct daemon *d)
{
	control_attach(d->control, d->loader, d->worker, NULL, 0);
	for (size_t i = 0; i < d->device_count; i++)
		device_free(d->devices[i], NULL);
	d->device_count = 0;
}
