/*
 * What server and client share: addresses, options, blocks, log lines, the context.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "coaps_lib.h"
#include "gcm.h"
#include "log.h"

#define DEFAULT_PORT 5684

/* libcoap's own numbers: those of syslog. */
enum { COAP_SAYS_ERROR = 3, COAP_SAYS_WARNING = 4 };

struct coaps_code_text coaps_code_show(unsigned code)
{
	struct coaps_code_text t;

	snprintf(t.text, sizeof(t.text), "%u.%02u", code >> 5 & 7, code & 31);
	return t;
}

const char *coaps_scheme(enum coaps_transport t)
{
	return t == COAPS_TLS ? "coaps+tcp" : "coaps";
}

/* Host and what follows it; NULL: no end of an address in brackets. */
static const char *split_host(const char *at, const char **host, size_t *length)
{
	const char *end;

	*host = at;
	if (*at != '[') {
		*length = strcspn(at, ":/?#");
		return at + *length;
	}
	end = strchr(at, ']');
	if (!end)
		return NULL;
	*host = at + 1;
	*length = (size_t)(end - at - 1);
	return end + 1;
}

enum err coaps_uri_parse(const char *text, struct coaps_uri *out, struct why *why)
{
	static const enum coaps_transport both[] = {COAPS_TLS, COAPS_DTLS};
	const char *at = NULL, *host;
	size_t length;
	unsigned long port = DEFAULT_PORT;
	char *end;

	for (size_t i = 0; i < 2 && !at; i++) {
		size_t n = strlen(coaps_scheme(both[i]));

		if (strncmp(text, coaps_scheme(both[i]), n) == 0 && strncmp(text + n, "://", 3) == 0) {
			out->transport = both[i];
			at = text + n + 3;
		}
	}
	if (!at)
		return fail(why, ERR_INVALID, "'%s' begins with neither coaps+tcp:// nor coaps://", text);
	at = split_host(at, &host, &length);
	if (!at || length == 0 || length >= sizeof(out->host))
		return fail(why, ERR_INVALID, "'%s' names no host", text);
	memcpy(out->host, host, length);
	out->host[length] = '\0';
	if (*at == ':') {
		port = strtoul(at + 1, &end, 10);
		if (end == at + 1 || port > 65535)
			return fail(why, ERR_INVALID, "'%s' has no port from 0 to 65535 behind the ':'",
				    text);
		at = end;
	}
	if (*at == '/')
		at++;
	if (*at)
		return fail(why, ERR_INVALID, "'%s' has more than scheme, host and port", text);
	out->port = (uint16_t)port;
	return ERR_OK;
}

static int resolve(const struct coaps_uri *uri, int flags, coap_address_t *out)
{
	struct addrinfo hints = {.ai_flags = AI_NUMERICSERV | flags}, *found;
	char port[8];
	int rc;

	hints.ai_socktype = uri->transport == COAPS_TLS ? SOCK_STREAM : SOCK_DGRAM;
	snprintf(port, sizeof(port), "%u", uri->port);
	rc = getaddrinfo(uri->host, port, &hints, &found);
	if (rc != 0)
		return rc;
	coap_address_init(out);
	assert(found->ai_addrlen <= sizeof(out->addr));
	memcpy(&out->addr, found->ai_addr, found->ai_addrlen);
	out->size = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}

enum err coaps_resolve(const struct coaps_uri *uri, bool passive, coap_address_t *out, struct why *why)
{
	int rc = resolve(uri, passive ? AI_PASSIVE : AI_ADDRCONFIG, out);

	return rc ? fail(why, ERR_INVALID, "%s: %s", uri->host, gai_strerror(rc)) : ERR_OK;
}

bool coaps_resolve_number(const struct coaps_uri *uri, coap_address_t *out)
{
	return resolve(uri, AI_NUMERICHOST, out) == 0;
}

void coaps_address_show(const coap_address_t *a, char out[64])
{
	char host[INET6_ADDRSTRLEN] = "?";

	if (a->addr.sa.sa_family == AF_INET6) {
		const struct in6_addr *in = &a->addr.sin6.sin6_addr;
		unsigned port = ntohs(a->addr.sin6.sin6_port);

		if (IN6_IS_ADDR_V4MAPPED(in)) {
			inet_ntop(AF_INET, in->s6_addr + 12, host, sizeof(host));
			snprintf(out, 64, "%s:%u", host, port);
			return;
		}
		inet_ntop(AF_INET6, in, host, sizeof(host));
		snprintf(out, 64, "[%s]:%u", host, port);
		return;
	}
	inet_ntop(AF_INET, &a->addr.sin.sin_addr, host, sizeof(host));
	snprintf(out, 64, "%s:%u", host, ntohs(a->addr.sin.sin_port));
}

/* A peer can make libcoap say something with each message: a bound on it. */
static void said_by_libcoap(coap_log_t level, const char *message)
{
	static struct log_limit limit = {.burst = 20, .period_ms = 10000};
	int n = (int)strcspn(message, "\n");
	uint32_t left_out;

	if (level > COAP_SAYS_WARNING) {
		log_debug("libcoap: %.*s", n, message);
		return;
	}
	if (!log_limit_pass(&limit, clock_monotonic_us(&clock_system) / 1000, &left_out))
		return;
	if (left_out)
		log_warnx("libcoap: %u lines were left out", left_out);
	if (level <= COAP_SAYS_ERROR)
		log_warnx("libcoap: %.*s", n, message);
	else
		log_info("libcoap: %.*s", n, message);
}

coap_context_t *coaps_context(void)
{
	coap_context_t *ctx;

	coap_startup();
	log_debug("AES-GCM is %s", gcm_is_ours() ? "Nettle's" : "mbedTLS's own");
	coap_set_log_level(COAP_SAYS_WARNING);
	coap_set_log_handler(said_by_libcoap);
	ctx = coap_new_context(NULL);
	if (!ctx)
		return NULL;
	coap_context_set_block_mode(ctx, 0); /* blocks are ours: coaps_client.c, coaps_server.c */
	coap_context_set_csm_max_message_size(ctx, COAPS_MESSAGE_MAX);
	return ctx;
}

mbedtls_ssl_context *coaps_tls(const coap_session_t *session)
{
	coap_tls_library_t library;

	return coap_session_get_tls(session, &library);
}

size_t coaps_room(const coap_session_t *session)
{
	size_t most;

	if (!coaps_stream(session))
		return COAPS_DATAGRAM_BLOCK;
	most = coap_session_max_pdu_size(session);
	if (most > COAPS_MESSAGE_MAX)
		most = COAPS_MESSAGE_MAX;
	return most > COAPS_OPTIONS_ROOM + COAPS_DATAGRAM_BLOCK ? most - COAPS_OPTIONS_ROOM
								: COAPS_DATAGRAM_BLOCK;
}

static bool number_of(const coap_pdu_t *pdu, coap_option_num_t option, size_t most, uint32_t *out)
{
	coap_opt_iterator_t i;
	coap_opt_t *found = coap_check_option(pdu, option, &i);

	if (!found || coap_opt_length(found) > most)
		return false;
	*out = coap_decode_var_bytes(coap_opt_value(found), coap_opt_length(found));
	return true;
}

bool coaps_number_read(const coap_pdu_t *pdu, coap_option_num_t option, uint32_t *out)
{
	return number_of(pdu, option, 4, out);
}

bool coaps_number_add(coap_pdu_t *pdu, coap_option_num_t option, uint32_t value)
{
	uint8_t bytes[4];
	unsigned n = coap_encode_var_safe(bytes, sizeof(bytes), value);

	return coap_add_option(pdu, option, n, bytes) > 0;
}

bool coaps_block_read(const coap_pdu_t *pdu, coap_option_num_t option, struct coaps_block *out)
{
	uint32_t value;

	if (!number_of(pdu, option, 3, &value) || (value & 7) > COAPS_SZX_MAX)
		return false;
	*out = (struct coaps_block){.number = value >> 4, .more = value >> 3 & 1, .szx = value & 7};
	return true;
}

bool coaps_block_add(coap_pdu_t *pdu, coap_option_num_t option, const struct coaps_block *b)
{
	return coaps_number_add(pdu, option, b->number << 4 | (unsigned)b->more << 3 | b->szx);
}

bool coaps_pieces_add(coap_pdu_t *pdu, coap_option_num_t option, const char *text, char separator)
{
	while (*text) {
		const char *end = strchrnul(text, separator);

		if (!coap_add_option(pdu, option, (size_t)(end - text), (const uint8_t *)text))
			return false;
		text = *end ? end + 1 : end;
	}
	return true;
}
