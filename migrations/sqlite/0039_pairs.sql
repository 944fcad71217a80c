-- Nearly every transaction is the end of a call that is paid out of one lot: two entries, an amount that goes from one account of the chart
-- to another. Such a pair stands in the transaction's own row, where it adds up to zero by what it is; `ledger_entry` has the entries of
-- all others, and of everything that was booked before. Three rows a call became one.
-- Same names and columns as migrations/postgres; a test compares them.

-- Accounts of the chart, and the lot of the one that is debited.
ALTER TABLE ledger_transaction ADD COLUMN debited TEXT;
ALTER TABLE ledger_transaction ADD COLUMN lot_id INTEGER REFERENCES lot (id);
ALTER TABLE ledger_transaction ADD COLUMN credited TEXT;
ALTER TABLE ledger_transaction ADD COLUMN amount INTEGER CHECK (amount > 0) CHECK (
    (amount IS NULL) = (debited IS NULL) AND (amount IS NULL) = (credited IS NULL) AND (lot_id IS NULL OR amount IS NOT NULL)
) CHECK (
    -- Whoever asks what was booked by hand looks at `ledger_entry` alone.
    amount IS NULL OR kind = 'settle' OR kind = 'late' OR kind = 'allocate'
);

-- What is left in a lot changes with each charge. Whether anything is left changes once.
ALTER TABLE lot ADD COLUMN spent INTEGER GENERATED ALWAYS AS (CASE remaining WHEN 0 THEN 1 ELSE 0 END) VIRTUAL;
DROP INDEX lot_left;
DROP INDEX lot_expiry;
CREATE INDEX lot_left ON lot (account_id) WHERE spent = 0;
CREATE INDEX lot_expiry ON lot (expires_at) WHERE spent = 0 AND expires_at IS NOT NULL;
