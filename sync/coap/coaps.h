/*
 * CoAP over TLS (coaps+tcp, RFC 8323) and over DTLS (coaps, RFC 7252): what both ends share.
 *
 * libcoap carries the messages; the loop drives it (coaps_server.h, coaps_client.h): no thread of its own.
 * Bodies that do not fit a message (over DTLS, or to a peer that takes only smaller ones) go block-wise (RFC
 * 7959), both ways, without the caller's doing.
 *
 * Certificates: each end has one of the CA that both have pinned. A server takes certificates for clients
 * alone (EKU clientAuth), a client those for servers (serverAuth), so that a box cannot pose as headquarters;
 * a CA's own is neither. Curve P-256; see packaging/patches.
 */
#ifndef TILL_COAPS_H
#define TILL_COAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

enum coaps_method { COAPS_GET = 1, COAPS_POST, COAPS_PUT, COAPS_DELETE };

/* Response codes as they are on the wire: 2.05 is 2 << 5 | 5. */
#define COAPS_CODE(class, detail) ((unsigned)(class) << 5 | (detail))
enum coaps_code {
	COAPS_CREATED = COAPS_CODE(2, 1),
	COAPS_DELETED = COAPS_CODE(2, 2),
	COAPS_VALID = COAPS_CODE(2, 3),
	COAPS_CHANGED = COAPS_CODE(2, 4),
	COAPS_CONTENT = COAPS_CODE(2, 5),
	COAPS_CONTINUE = COAPS_CODE(2, 31),
	COAPS_BAD_REQUEST = COAPS_CODE(4, 0),
	COAPS_UNAUTHORIZED = COAPS_CODE(4, 1),
	COAPS_BAD_OPTION = COAPS_CODE(4, 2),
	COAPS_FORBIDDEN = COAPS_CODE(4, 3),
	COAPS_NOT_FOUND = COAPS_CODE(4, 4),
	COAPS_NOT_ALLOWED = COAPS_CODE(4, 5),
	COAPS_INCOMPLETE = COAPS_CODE(4, 8),
	COAPS_CONFLICT = COAPS_CODE(4, 9),
	COAPS_TOO_LARGE = COAPS_CODE(4, 13),
	COAPS_UNSUPPORTED = COAPS_CODE(4, 15),
	COAPS_TOO_MANY = COAPS_CODE(4, 29),
	COAPS_INTERNAL = COAPS_CODE(5, 0),
	COAPS_UNAVAILABLE = COAPS_CODE(5, 3),
};

/* "4.04". */
struct coaps_code_text {
	char text[8];
};
struct coaps_code_text coaps_code_show(unsigned code);

#define COAPS_BODY_MAX 1114112 /* bytes of a body: an event of the ledger (1 MiB) and more */
#define COAPS_MESSAGE_MAX \
	(COAPS_BODY_MAX + 1024) /* of a message over TLS, options included; no blocks then */
#define COAPS_PATH_MAX	255
#define COAPS_QUERY_MAX 255
#define COAPS_NAME_MAX	64 /* of a peer */

#define COAPS_FORMAT_CBOR 60 /* content format of every body */

enum coaps_transport { COAPS_TLS, COAPS_DTLS };

/* "coaps+tcp" and "coaps". */
const char *coaps_scheme(enum coaps_transport t);

#define COAPS_HOST_MAX 254
struct coaps_uri {
	enum coaps_transport transport;
	char host[COAPS_HOST_MAX]; /* a name, or an address without brackets */
	uint16_t port;		   /* 5684 unless it says another */
};

/* "coaps+tcp://hq.example:5684" or "coaps://[::1]"; no path. */
enum err coaps_uri_parse(const char *text, struct coaps_uri *out, struct why *why) MUST_CHECK;

/* Files in PEM. cert and key are NULL for a client that has none yet; ca is NULL for one that pins none yet.
 */
struct coaps_identity {
	const char *ca, *cert, *key;
};

#endif
