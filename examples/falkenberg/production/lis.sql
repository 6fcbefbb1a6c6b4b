-- The two tables that targets.production.yaml takes QlikView's Section Access to be loaded from (assumed), and the tool's rights to them:
-- it may not delete an account, nor read or write anything else.
CREATE TABLE konto (
	login text PRIMARY KEY,
	namn  text NOT NULL,
	aktiv boolean NOT NULL
);
CREATE TABLE section_access (
	login  text NOT NULL REFERENCES konto,
	roll   text NOT NULL,
	enhet  text NOT NULL,
	slutar date,
	PRIMARY KEY (login, roll, enhet)
);
GRANT SELECT, INSERT, UPDATE ON konto TO behorig;
GRANT SELECT, INSERT, UPDATE, DELETE ON section_access TO behorig;
