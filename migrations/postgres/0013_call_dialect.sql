-- In which words a call was asked for, and what of them its provider could not be told.
-- Same names and columns as migrations/sqlite; a test compares them.

-- Absent for calls of before.
ALTER TABLE call ADD COLUMN dialect TEXT;
-- Names of parameters, with commas between them.
ALTER TABLE call ADD COLUMN dropped TEXT;
