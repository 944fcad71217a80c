-- How often a hold was put on an account without anything being booked: with `seq` it says whether an account still stands where somebody
-- has it in memory (PostgreSQL, servers that share the ledger). Here one process alone books, and nothing counts.
-- Same names and columns as migrations/postgres; a test compares them.

ALTER TABLE account ADD COLUMN moved INTEGER NOT NULL DEFAULT 0;
