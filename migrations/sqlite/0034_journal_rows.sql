-- Rows of the journal are long: kept by account they filled a page with a dozen, and each page that was full was written anew with
-- its neighbours and all pages above it. Now they lie in the order in which they come, and an index finds them by account.
-- Conditions of its other indexes are comparisons, one after the other: for a list of more than two SQLite builds a table each time.
-- Same names and columns as migrations/postgres; a test compares them.

-- It names the table, which has no name for a moment. Made again below, as it was.
DROP TRIGGER ledger_entry_in_time;

CREATE TABLE ledger_transaction_rows (
    account_id INTEGER NOT NULL REFERENCES account (id),
    seq INTEGER NOT NULL CHECK (seq > 0),
    kind TEXT NOT NULL,
    booked_at INTEGER NOT NULL,
    call_id INTEGER,
    -- JSON, as it was applied and can be applied again.
    command TEXT NOT NULL,
    actor TEXT NOT NULL,
    -- The account afterwards.
    balance INTEGER NOT NULL CHECK (balance >= 0),
    held INTEGER NOT NULL CHECK (held >= 0),
    debt INTEGER NOT NULL CHECK (debt >= 0),
    -- Over all of this, the entries, and the hash before.
    hash TEXT NOT NULL,
    PRIMARY KEY (account_id, seq)
) STRICT;
INSERT INTO ledger_transaction_rows SELECT account_id, seq, kind, booked_at, call_id, command, actor, balance, held, debt, hash
    FROM ledger_transaction;
DROP TABLE ledger_transaction;
ALTER TABLE ledger_transaction_rows RENAME TO ledger_transaction;

-- A call ends once.
CREATE UNIQUE INDEX ledger_transaction_call ON ledger_transaction (call_id)
    WHERE kind = 'settle' OR kind = 'release' OR kind = 'allocate';
-- Each is charged once.
CREATE UNIQUE INDEX ledger_transaction_late ON ledger_transaction (call_id) WHERE kind = 'late';
-- What is not about calls: few rows among many. Names of lots, and why a balance changed, are read from these.
CREATE INDEX ledger_transaction_by_hand ON ledger_transaction (account_id, seq)
    WHERE kind <> 'settle' AND kind <> 'release' AND kind <> 'extend' AND kind <> 'allocate';
-- Everything about a call that was settled: its end, and what was given back of it.
CREATE INDEX ledger_transaction_corrected ON ledger_transaction (call_id) WHERE kind = 'correct';

CREATE TRIGGER ledger_transaction_balanced BEFORE INSERT ON ledger_transaction
WHEN (SELECT COALESCE(SUM(amount), 0) FROM ledger_entry WHERE account_id = NEW.account_id AND seq = NEW.seq) <> 0
BEGIN SELECT RAISE(ABORT, 'the entries of a ledger transaction do not add up to zero'); END;
CREATE TRIGGER ledger_transaction_kept BEFORE UPDATE ON ledger_transaction
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER ledger_transaction_stays BEFORE DELETE ON ledger_transaction
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
-- Entries come before their transaction and never after it.
CREATE TRIGGER ledger_entry_in_time BEFORE INSERT ON ledger_entry
WHEN EXISTS (SELECT 1 FROM ledger_transaction WHERE account_id = NEW.account_id AND seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
