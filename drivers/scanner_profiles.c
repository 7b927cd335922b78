/*
 * The profiles: how scanners talk as they leave the factory, or after the vendor's "RS-232" set-up code.
 * Vendors change defaults between models; what a profile gives, the configuration can set apart.
 *
 * Suffixes are taken as any end of line where a vendor's models differ between CR, LF and CR LF: a digit
 * code holds none of them, so nothing is lost by it.
 */
#include <string.h>

#include "scanner.h"

/* Eight data bits, no parity, one stop bit. */
#define LINE_8N1(rate)                                                                                   \
	{                                                                                                \
		.baud = (rate), .data_bits = 8, .parity = PARITY_NONE, .stop_bits = 1, .flow = FLOW_NONE \
	}

/* A frame of more than half a second's silence was cut off; at 9600 baud a byte takes about a millisecond. */
#define HALF_FRAME_MS 500

#define ANY_EOL                                                    \
	{                                                          \
		.suffix = SUFFIX_ANY_EOL, .idle_ms = HALF_FRAME_MS \
	}

const struct scanner_profile scanner_profiles[] = {
	{"generic-serial", "any serial scanner at 9600 8N1 with CR, LF or CR LF", LINE_8N1(9600), ANY_EOL},
	{"generic-idle",
	 "a serial scanner without suffix: 50 ms of silence end a scan",
	 LINE_8N1(9600),
	 {.suffix = SUFFIX_NONE, .idle_ms = 50}},
	{"generic-stx-etx",
	 "a serial scanner that puts STX before and ETX behind each scan",
	 LINE_8N1(9600),
	 {.suffix = SUFFIX_ETX, .idle_ms = HALF_FRAME_MS, .prefix = 0x02}},
	{"usb-cdc", "a USB scanner as virtual COM port (CDC-ACM); the baud rate has no effect there",
	 LINE_8N1(115200), ANY_EOL},
	{"honeywell", "Honeywell after the RS-232 set-up code: 115200 8N1, CR or CR LF", LINE_8N1(115200),
	 ANY_EOL},
	{"zebra", "Zebra and Symbol, host type Standard RS-232 with the enter suffix: 9600 8N1, CR LF or CR",
	 LINE_8N1(9600), ANY_EOL},
	{"zebra-bare",
	 "Zebra and Symbol, host type Standard RS-232 as it comes: 9600 8N1, no suffix",
	 LINE_8N1(9600),
	 {.suffix = SUFFIX_NONE, .idle_ms = 50}},
	{"datalogic", "Datalogic, RS-232 standard (unverified): 9600 8N1, CR, LF or CR LF", LINE_8N1(9600),
	 ANY_EOL},
	{"newland", "Newland, RS-232 (unverified): 9600 8N1, CR, LF or CR LF", LINE_8N1(9600), ANY_EOL},
	{"opticon", "Opticon, RS-232 (unverified): 9600 8N1, CR, LF or CR LF", LINE_8N1(9600), ANY_EOL},
	{.name = NULL},
};

const struct scanner_profile *scanner_profile_find(const char *name)
{
	for (const struct scanner_profile *p = scanner_profiles; p->name; p++)
		if (strcmp(p->name, name) == 0)
			return p;
	return NULL;
}
