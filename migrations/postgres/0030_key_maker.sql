-- By which key another was made: it counts in that one's limits, too, also when that one is revoked or deleted.
-- Same names and columns as migrations/sqlite; a test compares them.
ALTER TABLE api_key ADD COLUMN maker_id BIGINT REFERENCES api_key (id);
CREATE INDEX api_key_maker ON api_key (maker_id, id) WHERE maker_id IS NOT NULL;
