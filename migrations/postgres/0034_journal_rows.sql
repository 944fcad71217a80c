-- SQLite's rows of the journal lie in the order in which they come. Here they always have.
-- Same names and columns as migrations/sqlite; a test compares them.

SELECT 1;
