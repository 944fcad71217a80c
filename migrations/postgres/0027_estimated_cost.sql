-- What the provider will probably bill for a call that holds credit, as far as could be told when it began: for those of which nobody
-- learns the end. Written with the beginning, and meaningless once a call has ended by itself.
-- Same names and columns as migrations/sqlite; a test compares them.

ALTER TABLE call ADD COLUMN estimated_cost BIGINT CHECK (estimated_cost >= 0);
