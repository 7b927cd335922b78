/*
 * The control socket: is a daemon behind it, does it answer, and may the one who asks open it.
 */
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "doctor.h"

#define ANSWER_S 5 /* a daemon that lives answers within a turn of its loop */

static const char start_it[] = "start it: systemctl start tilld; 'journalctl -u tilld' tells why it ended";

/* The answer to a verb without members; NULL when none came in time. */
static json_t *ask(struct ctl *ctl, const char *verb)
{
	json_t *request = json_pack("{s:s}", "verb", verb);
	const char *line = NULL;
	size_t n = 0;

	if (ctl_send(ctl, request))
		line = ctl_read_line(ctl, &n);
	json_decref(request);
	return line ? json_loadb(line, n, 0, NULL) : NULL;
}

/* Why no daemon was reached, by the file. */
static void tell_why_not(struct doctor *d)
{
	const char *path = d->ctl->socket;
	char group[33], user[33];
	struct stat st;

	if (stat(path, &st) != 0) {
		if (errno == EACCES)
			doctor_warn(d, "", "ask as root, with sudo", "%s: you may not look there", path);
		else
			doctor_warn(d, "", start_it, "%s: tilld does not run", path);
	} else if (!S_ISSOCK(st.st_mode)) {
		doctor_fail(d, "", "move it away, or set control_socket", "%s: is there and no socket", path);
	} else if (access(path, W_OK) != 0) {
		group_name(st.st_gid, group);
		user_name(geteuid(), user);
		doctor_fail(d, "", doctor_text(d, "usermod -aG %s %s, then log in again", group, user),
			    "%s: you, %s, may not open it", path, user);
	} else {
		doctor_warn(d, "", start_it, "%s: nobody answers, a daemon that died left it", path);
	}
}

/* Who has the other end, and does it understand us. */
static void look_at_daemon(struct doctor *d)
{
	const struct timeval patience = {.tv_sec = ANSWER_S};
	const struct net *net = d->ctl->net;
	struct ucred peer = {0};
	socklen_t size = sizeof(peer);
	json_t *version;
	char user[33];

	net->set_option(net, d->ctl->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	net->get_option(net, d->ctl->fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
	version = ask(d->ctl, "version");
	if (!version) {
		doctor_fail(d, "",
			    "systemctl restart tilld; if that does not end, the disk may be stuck: see dmesg",
			    "process %ld does not answer within %d s", (long)peer.pid, ANSWER_S);
		return;
	}
	d->daemon = peer.pid;
	if (strcmp(text_of(version, "version"), TILL_VERSION) == 0)
		doctor_ok(d, "", "tilld %s answers at %s: process %ld of %s", text_of(version, "version"),
			  d->ctl->socket, (long)peer.pid, user_name(peer.uid, user));
	else
		doctor_warn(d, "", "systemctl restart tilld, when no shopper is at the lanes",
			    "process %ld still runs version %s; " TILL_VERSION " is installed",
			    (long)peer.pid, text_of(version, "version"));
	json_decref(version);
	d->lanes = ask(d->ctl, "lanes");
}

static void look_at_group(struct doctor *d)
{
	const char *name = d->config.daemon.control_group;
	const struct group *g;

	if (!d->configured || !*name)
		return;
	g = getgrnam(name);
	if (!g)
		doctor_fail(d, "control_group",
			    doctor_text(d, "groupadd --system %s, or set control_group", name),
			    "there is no group '%s': tilld will not start", name);
	else if (d->who.uid != 0 &&
		 !who_may(&d->who, &(struct stat){.st_uid = 0, .st_gid = g->gr_gid, .st_mode = 0040}, 4))
		doctor_fail(d, "control_group",
			    doctor_text(d, "usermod -aG %s %s, then restart tilld", name, d->who.name),
			    "%s (%s) is no member of '%s' and cannot give it the socket", d->who.name,
			    d->who.how, name);
}

void doctor_control(struct doctor *d)
{
	if (ctl_connect(d->ctl, true) == CTL_DONE)
		look_at_daemon(d);
	else
		tell_why_not(d);
	who_find(&d->who, d->daemon, d->ctl->state_dir);
	look_at_group(d);
}
