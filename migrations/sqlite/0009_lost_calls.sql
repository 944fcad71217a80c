-- Calls that a sweeper closed for whoever ran them, and those whose own end came all the same.
-- Same names and columns as migrations/postgres; a test compares them.

-- Closed by a sweeper.
ALTER TABLE call ADD COLUMN lost INTEGER NOT NULL DEFAULT 0 CHECK (lost IN (0, 1));
-- Its own end came after that.
ALTER TABLE call ADD COLUMN late INTEGER NOT NULL DEFAULT 0 CHECK (late IN (0, 1));
-- What somebody should look at: few rows.
CREATE INDEX call_attention ON call (started_at) WHERE lost = 1 OR late = 1 OR loss > 0;
