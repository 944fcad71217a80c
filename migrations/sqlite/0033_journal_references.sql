-- PostgreSQL asks once for all rows of a statement whether the accounts and lots that the journal names are there. SQLite's foreign
-- keys are looked up within the process, and stay.
-- Same names and columns as migrations/postgres; a test compares them.

SELECT 1;
