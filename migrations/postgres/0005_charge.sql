-- What charging calls needs: batches that are looked for after a commit that was not confirmed.
-- Same names and columns as migrations/sqlite; a test compares them.

-- The number of the last batch that the process's recorder has committed.
ALTER TABLE process ADD COLUMN recorder_batch BIGINT NOT NULL DEFAULT 0;
