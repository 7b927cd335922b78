-- The log, embedded: topics of partitions of records, appended and never changed.
CREATE TABLE record (
	id INTEGER PRIMARY KEY, -- topic, partition and offset of its first record: event_log_parts.h
	count INTEGER NOT NULL, -- records of that partition that lie here, in the order of their offsets
	at_ms INTEGER NOT NULL, -- when they were appended, by the hub's clock
	value BLOB NOT NULL -- their keys and values: log_row.h
);

-- How far the consumers of a group have come.
CREATE TABLE committed (
	consumers TEXT NOT NULL, -- name of the group
	partition INTEGER NOT NULL, -- id of the partition's first record
	next INTEGER NOT NULL, -- offset to go on with
	PRIMARY KEY (consumers, partition)
) WITHOUT ROWID;
