-- Credit by hand and the proof of the books.
-- Same names and columns as migrations/sqlite; a test compares them.

-- What a form or a script asked to be booked under a name of its own, so that it is booked once however often it is sent.
CREATE TABLE ledger_once (
    account_id BIGINT NOT NULL REFERENCES account (id),
    token TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    booked_at BIGINT NOT NULL,
    -- The effects as JSON, for whoever asks again.
    outcome TEXT NOT NULL,
    PRIMARY KEY (account_id, token)
);

-- What is not about calls: few rows among many. Names of lots, and why a balance changed, are read from these.
CREATE INDEX ledger_transaction_by_hand ON ledger_transaction (account_id, seq)
    WHERE kind NOT IN ('settle', 'release', 'extend', 'allocate');
-- Everything about a call that was settled: its end, and what was given back of it.
CREATE INDEX ledger_transaction_corrected ON ledger_transaction (call_id) WHERE kind = 'correct';

-- Runs of the verifier.
CREATE TABLE ledger_check (
    id BIGINT NOT NULL PRIMARY KEY,
    started_at BIGINT NOT NULL,
    -- Absent while it runs, or when its process died.
    ended_at BIGINT,
    -- Who, as JSON.
    actor TEXT NOT NULL,
    -- Only calls and transactions from this moment on were looked at; absent for all.
    since BIGINT,
    findings BIGINT,
    -- JSON.
    report TEXT
);
