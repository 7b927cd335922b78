/*
 * ISO 4217: the currencies in use and their decimals ("minor units"), funds codes included. Precious
 * metals, SDR and test codes have no minor unit and are left out.
 */
#include "money.h"

#include <string.h>

#define CODE 3

/* Codes of three letters, one blank between; found by stepping four bytes. */
static const char *const codes[] = {
	[0] = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
	[2] = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD "
	      "CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP "
	      "GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT "
	      "LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN "
	      "NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD "
	      "SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS "
	      "VED VES WST XAD XCD XCG YER ZAR ZMW ZWG",
	[3] = "BHD IQD JOD KWD LYD OMR TND",
	[4] = "CLF UYW",
};

static bool listed(const char *list, const char *code)
{
	for (const char *at = list; *at; at += CODE) {
		at += *at == ' ';
		if (memcmp(at, code, CODE) == 0)
			return true;
	}
	return false;
}

enum err currency_exponent(const char *code, unsigned *exponent)
{
	if (strlen(code) != CODE)
		return ERR_NOT_FOUND;
	for (unsigned i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (codes[i] && listed(codes[i], code)) {
			*exponent = i;
			return ERR_OK;
		}
	}
	return ERR_NOT_FOUND;
}
