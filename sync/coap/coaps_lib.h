/*
 * libcoap and mbedTLS as server and client use them. Private to this folder.
 */
#ifndef TILL_COAPS_LIB_H
#define TILL_COAPS_LIB_H

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#include <coap3/coap.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>
#pragma GCC diagnostic pop

/* libcoap's, and ours in log.h. */
#undef LOG_ERR
#undef LOG_INFO
#undef LOG_DEBUG

#include "coaps.h"
#include "digest.h"
#include "loop.h"

/* Room that header, token and options may take of a message. */
#define COAPS_OPTIONS_ROOM   640
#define COAPS_DATAGRAM_BLOCK 1024 /* bytes of a body in one datagram: within COAP_DEFAULT_MTU */
#define COAPS_SZX_MAX	     6	  /* of a block of 1,024 bytes */

/*
 * Datagrams that either end has on their way at once. NSTART of RFC 7252 is 1: a round trip each, and at the
 * server one answer that was lost would hold back all others.
 */
#define COAPS_DATAGRAMS 48

/* A context with our bounds whose log lines go where ours go. NULL: out of memory. */
coap_context_t *coaps_context(void);

/* What a certificate has to be. */
struct coaps_expect {
	bool server;	    /* for servers, else for clients */
	bool future_ok;	    /* its time may not have come yet */
	const char *name;   /* that it has to carry; NULL: any */
	struct why refused; /* why the handshake's was refused, where mbedTLS asked us; "" */
};

/*
 * The identity's files read into what libcoap takes; verify: the peer has to show a certificate. A client's
 * expectation outlives the context, and hears of refusals; a server has none (NULL).
 */
enum err coaps_identity_set(coap_context_t *ctx, const struct coaps_identity *id, bool verify,
			    struct coaps_expect *expect, struct why *why) MUST_CHECK;

/* ERR_DENIED: not what is expected; why says what it is instead. */
enum err coaps_peer_check(const mbedtls_x509_crt *crt, const struct coaps_expect *e,
			  struct why *why) MUST_CHECK;

/* The common name; false: there is none that fits. Serial in hexadecimal. */
bool coaps_peer_name(const mbedtls_x509_crt *crt, char out[COAPS_NAME_MAX + 1]);
void coaps_peer_serial(const mbedtls_x509_crt *crt, char out[2 * 20 + 1]);

int64_t coaps_utc_ms(const mbedtls_x509_time *t); /* milliseconds since 1970 */

mbedtls_ssl_context *coaps_tls(const coap_session_t *session); /* NULL: not connected */

/* A digest of the session's master secret: what resumed a session has that one's. */
void coaps_secret(const mbedtls_ssl_context *tls, struct digest *out);

static inline bool coaps_stream(const coap_session_t *session)
{
	return coap_session_get_proto(session) == COAP_PROTO_TLS;
}

/* Bytes of a body that one message on this session can carry. */
size_t coaps_room(const coap_session_t *session);

/* A block option's value, RFC 7959 section 2.2; false: there is none, or it is malformed. */
struct coaps_block {
	uint32_t number;
	bool more;
	unsigned szx;
};
bool coaps_block_read(const coap_pdu_t *pdu, coap_option_num_t option, struct coaps_block *out);
bool coaps_block_add(coap_pdu_t *pdu, coap_option_num_t option, const struct coaps_block *b);
static inline size_t coaps_block_size(unsigned szx)
{
	return (size_t)16 << szx;
}

bool coaps_number_add(coap_pdu_t *pdu, coap_option_num_t option, uint32_t value);
bool coaps_number_read(const coap_pdu_t *pdu, coap_option_num_t option, uint32_t *out);

/* Path or query as options, piece by piece. */
bool coaps_pieces_add(coap_pdu_t *pdu, coap_option_num_t option, const char *text, char separator);

/* "[::1]:5684" */
void coaps_address_show(const coap_address_t *a, char out[64]);

enum err coaps_resolve(const struct coaps_uri *uri, bool passive, coap_address_t *out,
		       struct why *why) MUST_CHECK;
/* The same of a host that is a number, at once; false: it is a name. */
bool coaps_resolve_number(const struct coaps_uri *uri, coap_address_t *out);

#endif
