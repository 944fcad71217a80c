-- Calls that were taken for lost, gave back what they held, and ended by themselves after that.
-- Same names and columns as migrations/postgres; a test compares them.

-- Each is charged once.
CREATE UNIQUE INDEX ledger_transaction_late ON ledger_transaction (call_id) WHERE kind = 'late';
