/*
 * The scanners' devices: there, of a kind that can be read, open to the daemon's user, and in nobody else's
 * hands.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "text.h"

#define BY_ID	   "/dev/serial/by-id"
#define PORTS_MAX  32
#define HOLDER_MAX 48

/* What is plugged in, by the names that stay: "front-scanner, other". */
struct ports {
	char names[PORTS_MAX][NAME_MAX + 1];
	size_t count;
};

static void find_ports(struct ports *p)
{
	DIR *folder = opendir(BY_ID);
	const struct dirent *entry;

	p->count = 0;
	while (folder && p->count < PORTS_MAX && (entry = readdir(folder)) != NULL)
		if (entry->d_name[0] != '.')
			snprintf(p->names[p->count++], NAME_MAX + 1, "%s", entry->d_name);
	if (folder)
		closedir(folder);
}

static const char *suggest(struct doctor *d, const struct ports *p, const char *device)
{
	const char *names[PORTS_MAX], *near;
	char list[768] = "";

	if (p->count == 0)
		return "plug it in; nothing is under " BY_ID " now, 'dmesg' tells what the system saw";
	for (size_t i = 0; i < p->count; i++) {
		size_t n = strlen(list);

		names[i] = p->names[i];
		snprintf(list + n, sizeof(list) - n, "%s" BY_ID "/%s", i ? ", " : "", names[i]);
	}
	near = strrchr(device, '/') ? nearest_name(strrchr(device, '/') + 1, names, p->count) : NULL;
	if (near)
		return doctor_text(d, "did you mean device = " BY_ID "/%s? Else plug it in", near);
	return doctor_text(d, "plug it in, or set device to one of: %s", list);
}

/* The name under by-id that leads there; NULL: none. */
static const char *stable_name(const struct ports *p, const char *real)
{
	for (size_t i = 0; i < p->count; i++) {
		char link[PATH_MAX], target[PATH_MAX];

		snprintf(link, sizeof(link), BY_ID "/%s", p->names[i]);
		if (realpath(link, target) && strcmp(target, real) == 0)
			return p->names[i];
	}
	return NULL;
}

/* Whether the process has the file open; false also when its descriptors may not be seen. */
static bool has_open(const char *pid, const char *real)
{
	char folder[300], link[600], target[PATH_MAX];
	const struct dirent *entry;
	bool found = false;
	DIR *fds;

	snprintf(folder, sizeof(folder), "/proc/%s/fd", pid);
	fds = opendir(folder);
	while (fds && !found && (entry = readdir(fds)) != NULL) {
		ssize_t n;

		snprintf(link, sizeof(link), "%s/%s", folder, entry->d_name);
		n = readlink(link, target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
		found = strcmp(target, real) == 0;
	}
	if (fds)
		closedir(fds);
	return found;
}

/* A process may call itself what it likes. */
static void process_name(const char *pid, char out[HOLDER_MAX])
{
	char path[300], name[64] = "?";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	f = fopen(path, "re");
	if (f && !fgets(name, sizeof(name), f))
		snprintf(name, sizeof(name), "?");
	if (f)
		fclose(f);
	text_printable(name, strcspn(name, "\n"), out, HOLDER_MAX);
}

/* A process other than the daemon that has the device: its pid, or 0. */
static long find_holder(const struct doctor *d, const char *real, char name[HOLDER_MAX])
{
	DIR *all = opendir("/proc");
	const struct dirent *entry;
	long pid, found = 0;

	while (all && !found && (entry = readdir(all)) != NULL) {
		pid = isdigit((unsigned char)entry->d_name[0]) ? strtol(entry->d_name, NULL, 10) : 0;
		if (pid <= 0 || pid == d->daemon || !has_open(entry->d_name, real))
			continue;
		found = pid;
		process_name(entry->d_name, name);
	}
	if (all)
		closedir(all);
	return found;
}

/* Why the daemon has it down, as it says; "" when it is up or there is no daemon. */
static const char *daemon_says(const struct doctor *d, const char *scanner)
{
	const json_t *lane, *s;
	size_t i, k;

	json_array_foreach (json_object_get(d->lanes, "lanes"), i, lane) {
		json_array_foreach (json_object_get(lane, "scanners"), k, s) {
			if (strcmp(text_of(s, "scanner"), scanner) == 0)
				return text_of(s, "reason");
		}
	}
	return "";
}

static bool is_kind(const struct scanner_section *s, const struct stat *st)
{
	return strcmp(s->transport, "pipe") == 0 ? S_ISFIFO(st->st_mode) : S_ISCHR(st->st_mode);
}

/* Tells what is wrong with it and answers true, or false. */
static bool is_denied(struct doctor *d, const char *about, const char *device, const struct stat *st)
{
	enum may may = who_may_use(&d->who, device, st, 6);
	char group[33];

	if (may == MAY)
		return false;
	group_name(st->st_gid, group);
	if (may == MAY_PERHAPS)
		doctor_perhaps(d, about, device);
	else if (who_may(&d->who, st, 6))
		doctor_fail(d, about, doctor_text(d, "namei -l %s; getfacl %s", device, device),
			    "%s: %s (%s) may not open it, though its mode allows it: a folder above, or an "
			    "access list",
			    device, d->who.name, d->who.how);
	else if (st->st_gid != 0 && (st->st_mode >> 3 & 6) == 6)
		doctor_fail(d, about,
			    doctor_text(d, "usermod -aG %s %s, then restart tilld", group, d->who.name),
			    "%s: %s (%s) may not open it: it is group %s's", device, d->who.name, d->who.how,
			    group);
	else
		doctor_fail(d, about,
			    doctor_text(d, "chgrp dialout %s && chmod 0660 %s, for good by a udev rule",
					device, device),
			    "%s: %s (%s) may not open it: mode %04o of group %s", device, d->who.name,
			    d->who.how, st->st_mode & 07777, group);
	return true;
}

static bool is_held(struct doctor *d, const char *about, const char *device, const char *real)
{
	char name[HOLDER_MAX];
	long pid = find_holder(d, real, name);

	if (pid == 0)
		return false;
	doctor_fail(d, about,
		    strcmp(name, "ModemManager") == 0
			    ? "systemctl disable --now ModemManager"
			    : doctor_text(d,
					  "end it: kill %ld; if it comes back, take the device out of its "
					  "configuration",
					  pid),
		    "%s: process %ld (%s) has it open, too", device, pid, name);
	return true;
}

static void tell_name(struct doctor *d, const char *about, const struct ports *p, const char *device,
		      const char *real)
{
	const char *stable = strcmp(device, real) == 0 ? stable_name(p, real) : NULL;

	if (stable)
		doctor_warn(d, about, doctor_text(d, "set device = " BY_ID "/%s", stable),
			    "%s: another scanner may have this name after a restart", device);
	else
		doctor_ok(d, about, "%s%s%s", device, strcmp(device, real) == 0 ? "" : " is ",
			  strcmp(device, real) == 0 ? "" : real);
}

static void look_at(struct doctor *d, const struct scanner_section *s, const struct ports *p)
{
	const char *about = doctor_text(d, "scanner %s", s->name), *reason = daemon_says(d, s->name);
	char real[PATH_MAX];
	struct stat st;

	if (!realpath(s->device, real) || stat(real, &st) != 0) {
		if (errno == EACCES)
			doctor_warn(d, about, "ask as root, with sudo", "%s: you may not look there",
				    s->device);
		else
			doctor_fail(d, about, suggest(d, p, s->device), "%s: there is no such device",
				    s->device);
	} else if (!is_kind(s, &st)) {
		doctor_fail(d, about, "set device to a serial port, or transport to pipe for a named pipe",
			    "%s: is not what transport %s reads", s->device, s->transport);
	} else if (!is_denied(d, about, s->device, &st) && !is_held(d, about, s->device, real)) {
		if (*reason)
			doctor_fail(d, about, "do as it says; 'tillctl lanes' shows when it is up", "%s",
				    reason);
		else
			tell_name(d, about, p, s->device, real);
	}
}

void doctor_devices(struct doctor *d)
{
	struct ports ports;

	if (!d->configured)
		return; /* which ones they are is not known */
	find_ports(&ports);
	for (size_t i = 0; i < d->config.scanners.count; i++)
		look_at(d, tilld_config_scanner(&d->config, i), &ports);
}
