/*
 * The file between `same_write` and `same_evaluate`: records of a book and then carts as CBOR, each behind
 * five bytes: what it is (enum record_type, or SAME_CART) and its length, least significant byte first.
 */
#ifndef SAME_H
#define SAME_H

#define SAME_CART 255
#define SAME_HEAD 5

#endif
