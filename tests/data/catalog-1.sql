-- A catalog.db as the schema's version 1 left it, with one small book in it: 0001_records.sql, then rows.
-- It is what an upgrade finds. Never changed: later versions have to go on reading it.
PRAGMA journal_mode = WAL;
PRAGMA application_id = 0x54696c43;
PRAGMA user_version = 1;
CREATE TABLE record (
	kind INTEGER NOT NULL,
	key TEXT NOT NULL,
	version INTEGER NOT NULL,
	body BLOB NOT NULL,
	PRIMARY KEY (kind, key)
) WITHOUT ROWID;
CREATE TABLE meta (
	version INTEGER NOT NULL
);
INSERT INTO meta (version) VALUES (1);
INSERT INTO record VALUES (0, CAST(x'626f6f6b' AS TEXT), 1, x'a30166636f726e657202634555520301'); -- book
INSERT INTO record VALUES (3, CAST(x'726567756c6172' AS TEXT), 1, x'a10167726567756c6172'); -- regular
INSERT INTO record VALUES (4, CAST(x'50454e' AS TEXT), 1, x'a3016350454e026350656e03816d34303036333831333333393331'); -- PEN
INSERT INTO record VALUES (5, CAST(x'726567756c61721f50454e' AS TEXT), 1, x'a30167726567756c6172026350454e0318f9'); -- regular PEN
INSERT INTO record VALUES (6, CAST(x'74656e' AS TEXT), 1, x'a4016374656e026754656e206f666605f50a81a20100031a000186a0'); -- ten
INSERT INTO record VALUES (7, CAST(x'54454e4f4646' AS TEXT), 1, x'a2016654454e4f4646026374656e'); -- TENOFF
INSERT INTO record VALUES (8, CAST(x'616e6e' AS TEXT), 1, x'a30163616e6e0263416e6e038164676f6c64'); -- ann
