-- How providers fare that are reached without a credential; what differs on the wire of servers without a preset; the kind of
-- provider and drawn tokens beside each call; and an index for every filter of the list of calls.
-- Same names and columns as migrations/postgres; a test compares them.

ALTER TABLE provider ADD COLUMN health TEXT NOT NULL DEFAULT 'unknown' CHECK (health IN ('unknown', 'good', 'failing'));
ALTER TABLE provider ADD COLUMN last_error TEXT;
ALTER TABLE provider ADD COLUMN last_used_at INTEGER;
-- JSON; absent where a preset knows, or nothing differs.
ALTER TABLE provider ADD COLUMN quirks TEXT;

-- A copy, as all names in the log: it outlives the provider.
ALTER TABLE call ADD COLUMN provider_kind TEXT;
UPDATE call SET provider_kind = (SELECT p.kind FROM provider p WHERE p.id = call.provider_id);
ALTER TABLE call ADD COLUMN output_image INTEGER NOT NULL DEFAULT 0 CHECK (output_image >= 0);

CREATE INDEX call_provider ON call (provider_id, id);
-- Without the many that succeed: what is rare is looked for, and each index is written with each call.
CREATE INDEX call_state ON call (state, id) WHERE state <> 'succeeded';
