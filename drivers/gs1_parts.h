/*
 * What the files of the GS1 parser share with each other, and with nobody else.
 */
#ifndef TILL_GS1_PARTS_H
#define TILL_GS1_PARTS_H

#include "gs1.h"

#define GS '\x1d' /* FNC1 in the middle of an element string comes as this */

/* "'<text made printable>': <reason>", ERR_INVALID. */
enum err gs1_refuse(struct why *why, const char *text, size_t n, const char *fmt, ...) PRINTF_LIKE(4, 5);

bool gs1_is_digits(const char *text, size_t n);

/* The integer that n digits are; n is at most 18. */
uint64_t gs1_number(const char *digits, size_t n);

bool gs1_is_gtin_length(size_t n);

/* The last of n digits is the check digit of those before it. */
bool gs1_check_is_right(const char *digits, size_t n);

/* The GTIN that a UPC-E's number system and six digits stand for, with its check digit; 0 for all zeros. */
uint64_t gs1_upc_e_expand(char number_system, const char six[6]);

/* Reads an element string (AIs and their values) into out, gtin among it. */
enum err gs1_elements_read(const char *text, size_t n, struct gs1_scan *out, struct why *why) MUST_CHECK;

/*
 * Finds the template that matches a number whose check digit is right. digits is the number filled up to 14
 * places with zeros at the left; eight says that it was printed with eight. On a match out gets the
 * template's name, price or quantity, and *gtin the number to look up, which is never 0.
 */
bool gs1_template_apply(const struct gs1_template *templates, size_t count, const char digits[14], bool eight,
			struct gs1_scan *out, uint64_t *gtin);

#endif
