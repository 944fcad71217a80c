-- Credit by hand and the proof of the books.
-- Same names and columns as migrations/postgres; a test compares them.

-- What a form or a script asked to be booked under a name of its own, so that it is booked once however often it is sent.
CREATE TABLE ledger_once (
    account_id INTEGER NOT NULL REFERENCES account (id),
    token TEXT NOT NULL,
    seq INTEGER NOT NULL,
    booked_at INTEGER NOT NULL,
    -- The effects as JSON, for whoever asks again.
    outcome TEXT NOT NULL,
    PRIMARY KEY (account_id, token)
) STRICT, WITHOUT ROWID;

-- What is not about calls: few rows among many. Names of lots, and why a balance changed, are read from these.
CREATE INDEX ledger_transaction_by_hand ON ledger_transaction (account_id, seq)
    WHERE kind NOT IN ('settle', 'release', 'extend', 'allocate');
-- Everything about a call that was settled: its end, and what was given back of it.
CREATE INDEX ledger_transaction_corrected ON ledger_transaction (call_id) WHERE kind = 'correct';

-- Runs of the verifier.
CREATE TABLE ledger_check (
    id INTEGER NOT NULL PRIMARY KEY,
    started_at INTEGER NOT NULL,
    -- Absent while it runs, or when its process died.
    ended_at INTEGER,
    -- Who, as JSON.
    actor TEXT NOT NULL,
    -- Only calls and transactions from this moment on were looked at; absent for all.
    since INTEGER,
    findings INTEGER,
    -- JSON.
    report TEXT
) STRICT;

-- Calls from before there were sums by the hour.
INSERT INTO usage_hour (hour, account_id, key_id, model, provider_id, calls, errors, input_uncached, cache_read, cache_write_5m,
    cache_write_1h, input_audio, input_image, output_text, output_reasoning, output_audio, output_image, charge, cost,
    duration_us, first_byte_us, overhead_us)
SELECT (started_at / 3600000000) * 3600000000, person_id, COALESCE(key_id, 0), COALESCE(model_served, ''), COALESCE(provider_id, 0),
    COUNT(*), SUM(CASE WHEN state IN ('failed', 'interrupted') THEN 1 ELSE 0 END), SUM(input_uncached), SUM(cache_read),
    SUM(cache_write_5m), SUM(cache_write_1h), SUM(input_audio), SUM(input_image), SUM(output_text), SUM(output_reasoning),
    SUM(output_audio), SUM(output_image), SUM(COALESCE(charge, 0)), SUM(COALESCE(cost, 0)), SUM(COALESCE(duration_us, 0)),
    SUM(COALESCE(first_byte_us, 0)), SUM(COALESCE(overhead_us, 0))
FROM call WHERE state <> 'open' AND NOT EXISTS (SELECT 1 FROM usage_hour)
GROUP BY 1, 2, 3, 4, 5;
