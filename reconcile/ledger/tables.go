package ledger

// steps are the versions of the tables, in SQLite's words (package store makes PostgreSQL's of them). Times are RFC 3339 in UTC; days are YYYY-MM-DD; ” is none of
// either. A step that has been released is never changed.
var steps = []string{`
CREATE TABLE run (
	id INTEGER PRIMARY KEY, started TEXT NOT NULL, ended TEXT NOT NULL DEFAULT '', day TEXT NOT NULL,
	revision TEXT NOT NULL, actor TEXT NOT NULL, people INTEGER NOT NULL DEFAULT 0, result TEXT NOT NULL DEFAULT '');
CREATE TABLE entry (
	id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES run(id), at TEXT NOT NULL, day TEXT NOT NULL,
	verb TEXT NOT NULL, system TEXT NOT NULL, role TEXT NOT NULL, unit TEXT NOT NULL, person TEXT NOT NULL,
	until TEXT NOT NULL, source TEXT NOT NULL, cause TEXT NOT NULL, rules TEXT NOT NULL,
	status TEXT NOT NULL DEFAULT 'intended', settled TEXT NOT NULL DEFAULT '', error TEXT NOT NULL DEFAULT '',
	unsure INTEGER NOT NULL DEFAULT 0); -- 1: a grant that may have been made: its run was killed, or it failed halfway
CREATE INDEX entry_person ON entry(person, system);
CREATE INDEX entry_unsure ON entry(person, system, role, unit) WHERE unsure = 1;
CREATE TABLE owned (
	system TEXT NOT NULL, role TEXT NOT NULL, unit TEXT NOT NULL, person TEXT NOT NULL,
	until TEXT NOT NULL, source TEXT NOT NULL, since TEXT NOT NULL, entry INTEGER NOT NULL REFERENCES entry(id),
	PRIMARY KEY (person, system, role, unit)) WITHOUT ROWID;
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
`, `
CREATE TABLE mark (person TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (person, value)) WITHOUT ROWID;
`, `
ALTER TABLE run ADD COLUMN digest TEXT NOT NULL DEFAULT ''; -- of the plan
ALTER TABLE run ADD COLUMN systems TEXT NOT NULL DEFAULT ''; -- that it was over, with spaces between; none: all
ALTER TABLE entry ADD COLUMN due TEXT NOT NULL DEFAULT '';
ALTER TABLE entry ADD COLUMN waits INTEGER NOT NULL DEFAULT 0; -- 1: a removal that people have been told to make, and nobody has said that it is made
CREATE INDEX entry_open ON entry(person, system, role, unit) WHERE unsure + waits > 0;
CREATE INDEX entry_waits ON entry(system) WHERE waits = 1;
CREATE TABLE pass ( -- the newest run over a system, or ('') over all
	system TEXT PRIMARY KEY, revision TEXT NOT NULL, started TEXT NOT NULL, ended TEXT NOT NULL DEFAULT '',
	result TEXT NOT NULL DEFAULT '', succeeded TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
CREATE TABLE audit (
	chain TEXT NOT NULL, seq INTEGER NOT NULL, at TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL, hash TEXT NOT NULL,
	PRIMARY KEY (chain, seq)) WITHOUT ROWID;
CREATE TABLE head (chain TEXT PRIMARY KEY, seq INTEGER NOT NULL, hash TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE standing (
	id INTEGER PRIMARY KEY, kind TEXT NOT NULL, system TEXT NOT NULL, person TEXT NOT NULL, role TEXT NOT NULL, unit TEXT NOT NULL,
	reason TEXT NOT NULL, orderer TEXT NOT NULL, at TEXT NOT NULL, until TEXT NOT NULL,
	seconder TEXT NOT NULL DEFAULT '', seconded TEXT NOT NULL DEFAULT '', signatures TEXT NOT NULL DEFAULT '',
	ended TEXT NOT NULL DEFAULT '', ender TEXT NOT NULL DEFAULT '', why TEXT NOT NULL DEFAULT '');
CREATE INDEX standing_open ON standing(kind) WHERE ended = '';
INSERT INTO fact (name, value) VALUES ('log', 'due'); -- the log has not begun
`, `
CREATE INDEX entry_system ON entry(system, day);
CREATE INDEX entry_unit ON entry(unit, day);
`}
