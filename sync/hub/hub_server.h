/*
 * The hub's front: its CoAP servers, one that asks for certificates and one for boxes that have none yet.
 */
#ifndef TILL_HUB_SERVER_H
#define TILL_HUB_SERVER_H

#include "coaps_server.h"
#include "hub.h"
#include "hub_config.h"

struct hub_server;

/* dir has hub.pem, hub.key and ca.pem. The hub's answers and doorbells go out here until hub_server_free. */
enum err hub_server_new(struct loop *loop, struct hub *hub, const struct hub_config *config,
			struct hub_server **out, struct why *why) MUST_CHECK;
void hub_server_free(struct hub_server *s); /* before the hub is closed; NULL is fine */

/* For hub_options. */
void hub_server_notify(struct hub_server *s, const char *path, const void *body, size_t n);
void hub_server_drop(struct hub_server *s, const char *box);

/* The port behind listen[i]; of enrolment. */
uint16_t hub_server_port(const struct hub_server *s, size_t i);
uint16_t hub_server_enrol_port(const struct hub_server *s);

/* hub.pem and hub.key were replaced. */
enum err hub_server_reload(struct hub_server *s, struct why *why) MUST_CHECK;

#endif
