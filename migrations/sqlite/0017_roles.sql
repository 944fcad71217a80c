-- Roles beyond admin and member, names of people, people who were deleted, and the chain over the list of changes.
-- Same names and columns as migrations/postgres; a test compares them.

-- A new column takes the place of the old one, as SQLite cannot change what a column may hold.
ALTER TABLE person ADD COLUMN standing TEXT NOT NULL DEFAULT 'member'
    CHECK (standing IN ('owner', 'admin', 'billing', 'auditor', 'member'));
UPDATE person SET standing = role;
ALTER TABLE person DROP COLUMN role;
ALTER TABLE person RENAME COLUMN standing TO role;
-- What people call them; free text.
ALTER TABLE person ADD COLUMN name TEXT;
-- Deleted people keep their row, as the books and the log name it. They cannot sign in, and their address is free.
ALTER TABLE person ADD COLUMN deleted_at INTEGER;

-- The earliest admin who can sign in owns the hub.
UPDATE person SET role = 'owner'
WHERE id = (SELECT MIN(id) FROM person WHERE role = 'admin' AND suspended = 0);

-- The place of a change in the chain, and the HMAC over it and the one before. Absent in those from before there was a chain.
ALTER TABLE audit ADD COLUMN number INTEGER;
ALTER TABLE audit ADD COLUMN chain TEXT;
CREATE UNIQUE INDEX audit_number ON audit (number) WHERE number IS NOT NULL;

-- The end of the chain: one row.
CREATE TABLE audit_chain (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    -- Changes from before there was a chain.
    unchained INTEGER NOT NULL,
    -- Changes in the chain, and the chain's last link.
    entries INTEGER NOT NULL,
    last TEXT NOT NULL,
    -- An HMAC over the three; empty until the hub has started once.
    seal TEXT NOT NULL
) STRICT;
INSERT INTO audit_chain (id, unchained, entries, last, seal) SELECT 1, COUNT(*), 0, '', '' FROM audit;
