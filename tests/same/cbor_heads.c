/*
 * Heads of CBOR items (RFC 8949 section 3), the part of libcbor that edge/base/cbor_write.c calls, for a
 * width of pointers that Debian's libcbor on this machine is not built for. A mistake here shows: the bytes
 * must be those that libcbor leads to.
 */
#include <cbor/encoding.h>

static size_t head(uint8_t major, uint64_t value, unsigned char *out, size_t size)
{
	size_t more = value < 24 ? 0 : 1; /* bytes of the argument that follow: 0, 1, 2, 4 or 8 */
	uint8_t low = (uint8_t)value;

	while (more && more < 8 && value >> (8 * more))
		more *= 2;
	if (more)
		low = (uint8_t)(24 + __builtin_ctzll(more));
	if (size < 1 + more)
		return 0;
	out[0] = (uint8_t)(major << 5 | low);
	for (size_t i = 0; i < more; i++)
		out[1 + i] = (uint8_t)(value >> (8 * (more - 1 - i)));
	return 1 + more;
}

size_t cbor_encode_uint(uint64_t value, unsigned char *out, size_t size)
{
	return head(0, value, out, size);
}

size_t cbor_encode_negint(uint64_t value, unsigned char *out, size_t size)
{
	return head(1, value, out, size);
}

size_t cbor_encode_bytestring_start(size_t n, unsigned char *out, size_t size)
{
	return head(2, n, out, size);
}

size_t cbor_encode_string_start(size_t n, unsigned char *out, size_t size)
{
	return head(3, n, out, size);
}

size_t cbor_encode_array_start(size_t n, unsigned char *out, size_t size)
{
	return head(4, n, out, size);
}

size_t cbor_encode_map_start(size_t n, unsigned char *out, size_t size)
{
	return head(5, n, out, size);
}

size_t cbor_encode_bool(bool value, unsigned char *out, size_t size)
{
	return head(7, value ? 21 : 20, out, size);
}

size_t cbor_encode_null(unsigned char *out, size_t size)
{
	return head(7, 22, out, size);
}
