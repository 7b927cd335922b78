/*
 * The contract of each function is mbedTLS 2.28's, mbedtls/gcm.h. A context is ours from setkey to free: of
 * its members but `buf` is used, for the address of what Nettle needs.
 */
#include "gcm.h"

#include <stdlib.h>
#include <string.h>

#include <mbedtls/cipher.h>
#include <mbedtls/gcm.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/version.h>
#include <nettle/gcm.h>

/* From 3 on the functions have other parameters, and are as fast as Nettle's. */
#if MBEDTLS_VERSION_MAJOR == 2

#include <stdatomic.h>

#define TAG_MAX 16
#define TAG_MIN 4

struct gcm {
	union {
		struct gcm_aes128_ctx of_128;
		struct gcm_aes192_ctx of_192;
		struct gcm_aes256_ctx of_256;
	} nettle;
	unsigned bits;
	bool encrypts;
};

static atomic_bool called;

static struct gcm *of_context(const mbedtls_gcm_context *ctx)
{
	struct gcm *g;

	memcpy(&g, ctx->buf, sizeof(void *));
	return g;
}

static void keep(mbedtls_gcm_context *ctx, struct gcm *g)
{
	_Static_assert(sizeof(ctx->buf) >= sizeof(void *), "room for an address");
	memcpy(ctx->buf, &g, sizeof(void *));
}

void mbedtls_gcm_init(mbedtls_gcm_context *ctx)
{
	memset(ctx, 0, sizeof(*ctx));
}

void mbedtls_gcm_free(mbedtls_gcm_context *ctx)
{
	struct gcm *g = ctx ? of_context(ctx) : NULL;

	if (g)
		mbedtls_platform_zeroize(g, sizeof(*g));
	free(g);
	if (ctx)
		mbedtls_platform_zeroize(ctx, sizeof(*ctx));
}

int mbedtls_gcm_setkey(mbedtls_gcm_context *ctx, mbedtls_cipher_id_t cipher, const unsigned char *key,
		       unsigned int keybits)
{
	struct gcm *g = of_context(ctx);

	atomic_store_explicit(&called, true, memory_order_relaxed);
	if (cipher != MBEDTLS_CIPHER_ID_AES || (keybits != 128 && keybits != 192 && keybits != 256))
		return MBEDTLS_ERR_GCM_BAD_INPUT;
	if (!g)
		g = malloc(sizeof(*g));
	if (!g)
		return MBEDTLS_ERR_CIPHER_ALLOC_FAILED;
	keep(ctx, g);
	g->bits = keybits;
	if (keybits == 128)
		gcm_aes128_set_key(&g->nettle.of_128, key);
	else if (keybits == 192)
		gcm_aes192_set_key(&g->nettle.of_192, key);
	else
		gcm_aes256_set_key(&g->nettle.of_256, key);
	return 0;
}

int mbedtls_gcm_starts(mbedtls_gcm_context *ctx, int mode, const unsigned char *iv, size_t iv_len,
		       const unsigned char *add, size_t add_len)
{
	struct gcm *g = of_context(ctx);

	if (!g || iv_len == 0)
		return MBEDTLS_ERR_GCM_BAD_INPUT;
	g->encrypts = mode == MBEDTLS_GCM_ENCRYPT;
	if (g->bits == 128) {
		gcm_aes128_set_iv(&g->nettle.of_128, iv_len, iv);
		gcm_aes128_update(&g->nettle.of_128, add_len, add);
	} else if (g->bits == 192) {
		gcm_aes192_set_iv(&g->nettle.of_192, iv_len, iv);
		gcm_aes192_update(&g->nettle.of_192, add_len, add);
	} else {
		gcm_aes256_set_iv(&g->nettle.of_256, iv_len, iv);
		gcm_aes256_update(&g->nettle.of_256, add_len, add);
	}
	return 0;
}

int mbedtls_gcm_update(mbedtls_gcm_context *ctx, size_t length, const unsigned char *input,
		       unsigned char *output)
{
	struct gcm *g = of_context(ctx);

	if (!g)
		return MBEDTLS_ERR_GCM_BAD_INPUT;
	if (g->bits == 128)
		(g->encrypts ? gcm_aes128_encrypt : gcm_aes128_decrypt)(&g->nettle.of_128, length, output,
									input);
	else if (g->bits == 192)
		(g->encrypts ? gcm_aes192_encrypt : gcm_aes192_decrypt)(&g->nettle.of_192, length, output,
									input);
	else
		(g->encrypts ? gcm_aes256_encrypt : gcm_aes256_decrypt)(&g->nettle.of_256, length, output,
									input);
	return 0;
}

int mbedtls_gcm_finish(mbedtls_gcm_context *ctx, unsigned char *tag, size_t tag_len)
{
	struct gcm *g = of_context(ctx);

	if (!g || tag_len < TAG_MIN || tag_len > TAG_MAX)
		return MBEDTLS_ERR_GCM_BAD_INPUT;
	if (g->bits == 128)
		gcm_aes128_digest(&g->nettle.of_128, tag_len, tag);
	else if (g->bits == 192)
		gcm_aes192_digest(&g->nettle.of_192, tag_len, tag);
	else
		gcm_aes256_digest(&g->nettle.of_256, tag_len, tag);
	return 0;
}

int mbedtls_gcm_crypt_and_tag(mbedtls_gcm_context *ctx, int mode, size_t length, const unsigned char *iv,
			      size_t iv_len, const unsigned char *add, size_t add_len,
			      const unsigned char *input, unsigned char *output, size_t tag_len,
			      unsigned char *tag)
{
	int rc = mbedtls_gcm_starts(ctx, mode, iv, iv_len, add, add_len);

	if (rc == 0)
		rc = mbedtls_gcm_update(ctx, length, input, output);
	return rc ? rc : mbedtls_gcm_finish(ctx, tag, tag_len);
}

/* Compared in the same time wherever they differ. */
int mbedtls_gcm_auth_decrypt(mbedtls_gcm_context *ctx, size_t length, const unsigned char *iv, size_t iv_len,
			     const unsigned char *add, size_t add_len, const unsigned char *tag,
			     size_t tag_len, const unsigned char *input, unsigned char *output)
{
	unsigned char made[TAG_MAX], differ = 0;
	int rc = mbedtls_gcm_crypt_and_tag(ctx, MBEDTLS_GCM_DECRYPT, length, iv, iv_len, add, add_len, input,
					   output, tag_len, made);

	if (rc)
		return rc;
	for (size_t i = 0; i < tag_len; i++)
		differ |= made[i] ^ tag[i];
	if (differ == 0)
		return 0;
	mbedtls_platform_zeroize(output, length);
	return MBEDTLS_ERR_GCM_AUTH_FAILED;
}

bool gcm_is_ours(void)
{
	static const unsigned char key[16];
	mbedtls_cipher_context_t c;

	mbedtls_cipher_init(&c);
	if (mbedtls_cipher_setup(&c, mbedtls_cipher_info_from_type(MBEDTLS_CIPHER_AES_128_GCM)) == 0)
		(void)mbedtls_cipher_setkey(&c, key, 128, MBEDTLS_ENCRYPT);
	mbedtls_cipher_free(&c);
	return atomic_load_explicit(&called, memory_order_relaxed);
}

#else

bool gcm_is_ours(void)
{
	return false;
}

#endif
