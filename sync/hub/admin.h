/*
 * What operators tell a desk, as JSON: the same whether a hub is running, which is asked through its local
 * socket (hub_socket.h), or not, when the command does it itself.
 *
 *	{"do":"box_add","box":"b","store":"S1","hours":72}	{"ok":true,"code":"ABCD-..."}
 *	{"do":"box_revoke","box":"b"}				{"ok":true}
 *	{"do":"box_release","box":"b"}				{"ok":true}
 *	{"do":"ca_next"}					{"ok":true}
 *	{"do":"ca_change","names":["hq.example"],"force":false}	{"ok":true}
 *	{"do":"ca_retire","force":false}			{"ok":true}
 *	{"do":"publish","path":"/f","changes":false,"stores":[],"above":0,"note":"..."}
 *								{"ok":true,"version":3,"records":12,"changed":true,"held":2}
 *	{"do":"approve","id":"publish-x-1","reason":"..."}	{"ok":true,"id":"publish-x-1",...,"version":4}
 *	{"do":"reject", the same}
 *	{"do":"grant","promotion":"p","box":"b","uses":10}	{"ok":true,"number":1}
 *	{"do":"snapshot","store":"S1","dir":"/stick"}		{"ok":true,"version":3,"pages":1,"records":12}
 *
 * Each may have `by`: for whom, where the Unix user who asks may speak for others.
 *
 * What was refused: {"ok":false,"error":"not_found","reason":"..."}.
 */
#ifndef TILL_ADMIN_H
#define TILL_ADMIN_H

#include "desk.h"
#include "jsonw.h"

#define ADMIN_LINE_MAX 65536 /* of a request, and of an answer */

/*
 * Runs one request, a line of JSON, and writes the answer, a line, behind what is in out. login: the Unix
 * user who asks.
 */
void admin_run(struct desk *d, const char *login, const char *line, size_t n, struct buf *out);

#endif
