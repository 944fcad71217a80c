-- Same names and columns as migrations/postgres, where servers that share the ledger keep accounts to themselves for a while. The one server
-- on a file has all of them, so nobody is ever named here.

ALTER TABLE account ADD COLUMN keeper_id INTEGER;
ALTER TABLE account ADD COLUMN kept_from INTEGER CHECK ((keeper_id IS NULL) = (kept_from IS NULL));

ALTER TABLE process ADD COLUMN migration INTEGER;

CREATE TABLE ledger_forgotten (
    account_id INTEGER NOT NULL REFERENCES account (id),
    booked_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, booked_at)
) STRICT;
