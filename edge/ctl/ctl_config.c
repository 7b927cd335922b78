/*
 * Where the daemon's socket and databases are: the command line's word first, then the configuration's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"
#include "tilld_config.h"
#include "zone.h"

#define SOCKET_PATH "/run/tilld/control.sock"
#define STATE_DIR   "/var/lib/tilld"

static void take(const char **out, const char *configured, const char *otherwise)
{
	if (*out == NULL)
		*out = configured ? configured : otherwise;
}

/*
 * A daemon may be running by the file as it was before somebody made errors in it, and is to be asked all the
 * same: where it is found is enough. Without that, a file that was named must be right.
 */
static bool refuse(const struct ctl *ctl, const char *path, const struct tilld_config *c,
		   const struct config_report *report)
{
	if (c->daemon.control_socket && c->daemon.state_dir) {
		fprintf(stderr, "tillctl: %s has errors: 'tilld --config %s --check-config' shows them\n",
			path, path);
		return false;
	}
	tilld_config_print(report);
	return ctl->config != NULL;
}

/* A zone that is wrong is among the errors; times are then shown in the system's. */
void ctl_use_config(struct ctl *ctl, const struct tilld_config *config)
{
	struct why why;

	ctl->configured = true;
	ctl->has_hq = config->hq.uri.count > 0;
	ctl->approvers = config->roles.pricing_manager.count + config->roles.cfo.count > 0;
	ctl->change = (struct rate){config->roles.change * 10000};
	ctl->patience_s = config->roles.patience_ms / 1000;
	if (config->daemon.zone && zone_use(config->daemon.zone, &why) != ERR_OK)
		unsetenv("TZ");
	take(&ctl->socket, config->daemon.control_socket, SOCKET_PATH);
	take(&ctl->state_dir, config->daemon.state_dir, STATE_DIR);
}

enum ctl_exit ctl_configure(struct ctl *ctl)
{
	const char *path = ctl->config ? ctl->config : TILLD_CONFIG_PATH;
	struct config_report report = {0};
	struct tilld_config config = {0};
	bool needed = ctl->socket == NULL || ctl->state_dir == NULL || ctl->config;

	if (ctl->configured)
		return CTL_DONE;
	if (needed && (ctl->config || access(path, R_OK) == 0) &&
	    tilld_config_load(path, &config, &ctl->arena, &report) != ERR_OK &&
	    refuse(ctl, path, &config, &report))
		return ctl_fail(CTL_USAGE, "%s: is no configuration of tilld", path);
	ctl_use_config(ctl, &config);
	return CTL_DONE;
}

const char *ctl_database(struct ctl *ctl, const char *file)
{
	char path[512];

	if (ctl_configure(ctl) != CTL_DONE)
		return NULL;
	snprintf(path, sizeof(path), "%s/%s", ctl->state_dir, file);
	return arena_text(&ctl->arena, path, strlen(path));
}
