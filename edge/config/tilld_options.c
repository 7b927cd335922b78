/*
 * The table of options. `tilld --config-reference` prints docs/configuration.md from it.
 */
#include "tilld_config.h"

#define AT(type, member) ((uint32_t)offsetof(struct type, member))
/* What a change of an option takes. */
#define RELOAD	false
#define RESTART true

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *const levels[] = {"error", "warn", "info", "debug", NULL};

static const struct option daemon_options[] = {
	{"box", OPTION_TEXT, AT(daemon_section, box), NULL, 1, 24, NULL,
	 "Name of this box, unique in the chain. It is in every event of the ledger and begins each cart's "
	 "id.",
	 RESTART},
	{"store", OPTION_TEXT, AT(daemon_section, store), NULL, 1, 64, NULL,
	 "The store it stands in, as price lists and promotions name it.", RESTART},
	{"zone", OPTION_TEXT, AT(daemon_section, zone), "UTC", 1, 64, NULL,
	 "The store's IANA time zone, such as Europe/Berlin: promotions begin and end by it.", RESTART},
	{"state_dir", OPTION_PATH, AT(daemon_section, state_dir), "/var/lib/tilld", 1, 200, NULL,
	 "Folder of the databases, catalog.db and ledger.db.", RESTART},
	{"control_socket", OPTION_PATH, AT(daemon_section, control_socket), "/run/tilld/control.sock", 1, 107,
	 NULL, "The control socket, which tillctl, displays and POS applications open.", RESTART},
	{"control_group", OPTION_TEXT, AT(daemon_section, control_group), "", 0, 32, NULL,
	 "Group whose members may open the control socket; empty: the daemon's own group.", RESTART},
	{"repin_after", OPTION_DURATION, AT(daemon_section, repin_after_ms), "10min", 0, 86400000, NULL,
	 "A cart that is taken up again keeps the moment at which it was opened, and so its promotions, for "
	 "that long; later it has those of the present. Either way it costs no more than it did.",
	 RELOAD},
	{"price_lock", OPTION_DURATION, AT(daemon_section, price_lock_ms), "10min", 0, 86400000, NULL,
	 "So long a price that a lane has shown to everybody holds there: an article that became dearer "
	 "since "
	 "costs no more than the lowest. 0ms: prices hold within a cart alone.",
	 RELOAD},
	{"hold_suspended", OPTION_DURATION, AT(daemon_section, hold_suspended_ms), "30min", 0, 604800000,
	 NULL,
	 "So long a cart that is put aside keeps the uses, budgets and coupons that were promised to it; "
	 "then "
	 "others may have them, and when it is taken up again it has what is left. 0ms: at once.",
	 RELOAD},
	{"log_level", OPTION_CHOICE, AT(daemon_section, log_level), "info", 0, 0, levels,
	 "The least important messages that are still logged.", RELOAD},
};

#define ROLE_USERS_MAX 64
static const struct option roles_options[] = {
	{"supervisor", OPTION_LIST, AT(roles_section, supervisor), "", 0, ROLE_USERS_MAX, NULL,
	 "Unix users who may set prices on the spot.", RELOAD},
	{"technician", OPTION_LIST, AT(roles_section, technician), "", 0, ROLE_USERS_MAX, NULL,
	 "Unix users who look after the box.", RELOAD},
	{"pricing_manager", OPTION_LIST, AT(roles_section, pricing_manager), "", 0, ROLE_USERS_MAX, NULL,
	 "Unix users who set prices, and approve what others set.", RELOAD},
	{"cfo", OPTION_LIST, AT(roles_section, cfo), "", 0, ROLE_USERS_MAX, NULL,
	 "Unix users who may approve prices below the margin floor.", RELOAD},
	{"speak_for_others", OPTION_LIST, AT(roles_section, speak_for_others), "", 0, ROLE_USERS_MAX, NULL,
	 "Unix users of programs that serve several people, such as a POS application: they name the person.",
	 RELOAD},
	{"change", OPTION_INT, AT(roles_section, change), "15", 0, 1000, NULL,
	 "A price that is set by hand or imported and is more than so many per cent above or below the last "
	 "approved one "
	 "waits for approval.",
	 RELOAD},
	{"emergency", OPTION_DURATION, AT(roles_section, emergency_ms), "4h", 60000, 604800000, NULL,
	 "Longest time of a price that is set as an emergency.", RELOAD},
	{"patience", OPTION_DURATION, AT(roles_section, patience_ms), "24h", 60000, 2592000000, NULL,
	 "What nobody has approved in that time is void.", RELOAD},
};

static const struct option hq_options[] = {
	{"uri", OPTION_LIST, AT(hq_section, uri), "", 0, TILLD_HQ_URIS_MAX, NULL,
	 "Where headquarters answers, in order of preference: coaps+tcp://HOST:PORT (TLS) or "
	 "coaps://HOST:PORT "
	 "(DTLS). Empty: this box has none, and till-sync idles.",
	 RELOAD},
	{"name", OPTION_TEXT, AT(hq_section, name), "", 0, 64, NULL,
	 "The name that headquarters' certificate has to carry; empty: the host of the address.", RELOAD},
	{"poll", OPTION_DURATION, AT(hq_section, poll_ms), "30s", 100, 3600000, NULL,
	 "How often changes are asked for, besides whenever headquarters says that there are some.", RELOAD},
};

static const struct option lane_options[] = {
	{"channel", OPTION_TEXT, AT(lane_section, channel), "store", 1, 64, NULL,
	 "The channel it sells in, as price lists and promotions name it.", RELOAD},
	{"language", OPTION_TEXT, AT(lane_section, language), "", 0, 35, NULL,
	 "Language in which customers read promotions on it, a tag such as fr or pt-BR; empty: as the price "
	 "book "
	 "says.",
	 RELOAD},
};

static const char *const bauds[] = {"profile", "300",	 "600",	   "1200",   "2400",
				    "4800",    "9600",	 "19200",  "38400",  "57600",
				    "115200",  "230400", "460800", "921600", NULL};
static const char *const data_bits[] = {"profile", "7", "8", NULL};
static const char *const parities[] = {"profile", "none", "even", "odd", NULL};
static const char *const stop_bits[] = {"profile", "1", "2", NULL};
static const char *const flows[] = {"profile", "none", "xonxoff", "rtscts", NULL};
static const char *const suffixes[] = {"profile", "none", "cr", "lf", "crlf", "any", "tab", "etx", NULL};
static const char *const prefixes[] = {"profile", "none", "stx", NULL};

static const struct option scanner_options[] = {
	{"lane", OPTION_TEXT, AT(scanner_section, lane), NULL, 1, 64, NULL, "The lane it scans for.", RELOAD},
	{"device", OPTION_PATH, AT(scanner_section, device), NULL, 1, 200, NULL,
	 "Its device. A name under /dev/serial/by-id stays the same wherever it is plugged in.", RELOAD},
	{"transport", OPTION_TEXT, AT(scanner_section, transport), "serial", 1, 16, NULL,
	 "How the device is opened: serial (real ports, USB ones among them), tty (ptys and virtual ports), "
	 "or pipe.",
	 RELOAD},
	{"profile", OPTION_TEXT, AT(scanner_section, profile), "generic-serial", 1, 32, NULL,
	 "How scanners of its make talk: what the options below leave open.", RELOAD},
	{"baud", OPTION_CHOICE, AT(scanner_section, baud), "profile", 0, 0, bauds, "Speed, bits a second.",
	 RELOAD},
	{"data_bits", OPTION_CHOICE, AT(scanner_section, data_bits), "profile", 0, 0, data_bits, "Data bits.",
	 RELOAD},
	{"parity", OPTION_CHOICE, AT(scanner_section, parity), "profile", 0, 0, parities, "Parity.", RELOAD},
	{"stop_bits", OPTION_CHOICE, AT(scanner_section, stop_bits), "profile", 0, 0, stop_bits, "Stop bits.",
	 RELOAD},
	{"flow", OPTION_CHOICE, AT(scanner_section, flow), "profile", 0, 0, flows, "Flow control.", RELOAD},
	{"suffix", OPTION_CHOICE, AT(scanner_section, suffix), "profile", 0, 0, suffixes,
	 "What ends a scan. none: silence does, see idle; any: CR, LF or both.", RELOAD},
	{"prefix", OPTION_CHOICE, AT(scanner_section, prefix), "profile", 0, 0, prefixes,
	 "A byte that begins a scan and is dropped.", RELOAD},
	{"idle", OPTION_DURATION, AT(scanner_section, idle_ms), "0ms", 0, 10000, NULL,
	 "Silence that ends a scan without suffix, or throws half a scan away; 0ms: as the profile says.",
	 RELOAD},
	{"repeat", OPTION_DURATION, AT(scanner_section, repeat_ms), "0ms", 0, 10000, NULL,
	 "The same code again within this time is a double read and is dropped; 0ms: every read counts.",
	 RELOAD},
};

static const struct option template_options[] = {
	{"pattern", OPTION_TEXT, AT(template_section, pattern), NULL, 8, 13, NULL,
	 "The number, a letter a digit: 0-9 this digit, I article, P price, W weight in thousandths, N "
	 "pieces, "
	 "V check digit of price or weight, C check digit of the whole.",
	 RELOAD},
};

const struct section tilld_sections[] = {
	{"daemon", false, sizeof(struct daemon_section), AT(tilld_config, daemon), 1, daemon_options,
	 COUNT(daemon_options), "The box and its places."},
	{"roles", false, sizeof(struct roles_section), AT(tilld_config, roles), 1, roles_options,
	 COUNT(roles_options), "Who may set and approve prices here."},
	{"hq", false, sizeof(struct hq_section), AT(tilld_config, hq), 1, hq_options, COUNT(hq_options),
	 "Headquarters, for till-sync(8), which takes changes up when it starts."},
	{"lane", true, sizeof(struct lane_section), AT(tilld_config, lanes), TILLD_LANES_MAX, lane_options,
	 COUNT(lane_options), "A checkout lane. The name is what tillctl --lane and displays call it."},
	{"scanner", true, sizeof(struct scanner_section), AT(tilld_config, scanners), TILLD_SCANNERS_MAX,
	 scanner_options, COUNT(scanner_options), "A scanner. Several may serve one lane."},
	{"template", true, sizeof(struct template_section), AT(tilld_config, templates), GS1_TEMPLATES_MAX,
	 template_options, COUNT(template_options),
	 "A number that the shop prints itself, with a price, a weight or a count in it."},
};
const size_t tilld_section_count = COUNT(tilld_sections);
