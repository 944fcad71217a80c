-- Money: accounts, lots of credit, the journal, prices, hourly sums, and what a call has to do with them.
-- Same names and columns as migrations/postgres; a test compares them. Amounts are nano-USD, prices pico-USD a unit.
-- The journal and the prices are append-only: triggers refuse anything else.

CREATE TABLE account (
    -- The number of the person.
    id INTEGER NOT NULL PRIMARY KEY,
    person_id INTEGER NOT NULL UNIQUE REFERENCES person (id),
    status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'blocked')),
    -- Why the ledger takes no more commands for this account; absent while all is well.
    quarantine TEXT,
    -- The number of the last transaction, its moment and its hash.
    seq INTEGER NOT NULL DEFAULT 0 CHECK (seq >= 0),
    booked_at INTEGER NOT NULL,
    chain TEXT NOT NULL DEFAULT '',
    -- What is held stands in the rows of open calls alone.
    balance INTEGER NOT NULL DEFAULT 0 CHECK (balance >= 0),
    debt INTEGER NOT NULL DEFAULT 0 CHECK (debt >= 0),
    created_at INTEGER NOT NULL
) STRICT;
INSERT INTO account (id, person_id, booked_at, created_at) SELECT id, id, created_at, created_at FROM person;

CREATE TABLE lot (
    id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL CHECK (kind IN ('promo', 'paid', 'admin', 'correction', 'starter')),
    priority INTEGER NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    remaining INTEGER NOT NULL CHECK (remaining >= 0 AND remaining <= amount),
    effective_at INTEGER NOT NULL,
    expires_at INTEGER CHECK (expires_at > effective_at),
    created_at INTEGER NOT NULL,
    -- What made the lot, once: `grant:…`, `starter:…`, later a purchase.
    source TEXT NOT NULL UNIQUE
) STRICT;
CREATE INDEX lot_account ON lot (account_id, id);
CREATE INDEX lot_left ON lot (account_id) WHERE remaining > 0;
CREATE INDEX lot_expiry ON lot (expires_at) WHERE remaining > 0 AND expires_at IS NOT NULL;

-- Written before the transaction that they belong to, so that it can be refused when they do not add up.
CREATE TABLE ledger_entry (
    account_id INTEGER NOT NULL REFERENCES account (id),
    seq INTEGER NOT NULL CHECK (seq > 0),
    n INTEGER NOT NULL,
    ledger_account TEXT NOT NULL,
    lot_id INTEGER REFERENCES lot (id),
    amount INTEGER NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (account_id, seq, n)
) STRICT, WITHOUT ROWID;

-- One row a command, but for holds, which stand in the rows of their calls.
CREATE TABLE ledger_transaction (
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
) STRICT, WITHOUT ROWID;
-- A call ends once.
CREATE UNIQUE INDEX ledger_transaction_call ON ledger_transaction (call_id) WHERE kind IN ('settle', 'release', 'allocate');

CREATE TRIGGER ledger_transaction_balanced BEFORE INSERT ON ledger_transaction
WHEN (SELECT COALESCE(SUM(amount), 0) FROM ledger_entry WHERE account_id = NEW.account_id AND seq = NEW.seq) <> 0
BEGIN SELECT RAISE(ABORT, 'the entries of a ledger transaction do not add up to zero'); END;
-- Entries come before their transaction and never after it.
CREATE TRIGGER ledger_entry_in_time BEFORE INSERT ON ledger_entry
WHEN EXISTS (SELECT 1 FROM ledger_transaction WHERE account_id = NEW.account_id AND seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER ledger_transaction_kept BEFORE UPDATE ON ledger_transaction
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER ledger_transaction_stays BEFORE DELETE ON ledger_transaction
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER ledger_entry_kept BEFORE UPDATE ON ledger_entry
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER ledger_entry_stays BEFORE DELETE ON ledger_entry
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

-- What the command line wants booked by the server that owns the ledger of this file.
CREATE TABLE ledger_inbox (
    id INTEGER NOT NULL PRIMARY KEY,
    wanted TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    done_at INTEGER,
    outcome TEXT
) STRICT;
CREATE INDEX ledger_inbox_waiting ON ledger_inbox (id) WHERE done_at IS NULL;

-- Versions of a model's price. In force is the one that took effect last.
CREATE TABLE price (
    id INTEGER NOT NULL PRIMARY KEY,
    model_id INTEGER NOT NULL,
    -- A copy of its public name, which outlives the model.
    model TEXT NOT NULL,
    effective_from INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    source TEXT NOT NULL,
    margin_ppm INTEGER,
    sheet TEXT NOT NULL,
    digest TEXT NOT NULL
) STRICT;
CREATE INDEX price_model ON price (model_id, effective_from, id);
CREATE TRIGGER price_kept BEFORE UPDATE ON price
BEGIN SELECT RAISE(ABORT, 'a price version never changes'); END;
CREATE TRIGGER price_stays BEFORE DELETE ON price
BEGIN SELECT RAISE(ABORT, 'a price version never changes'); END;

-- Sums by the hour, written with each settling.
CREATE TABLE usage_hour (
    hour INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    -- 0 for the playground.
    key_id INTEGER NOT NULL,
    model TEXT NOT NULL,
    provider_id INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    errors INTEGER NOT NULL,
    input_uncached INTEGER NOT NULL,
    cache_read INTEGER NOT NULL,
    cache_write_5m INTEGER NOT NULL,
    cache_write_1h INTEGER NOT NULL,
    input_audio INTEGER NOT NULL,
    input_image INTEGER NOT NULL,
    output_text INTEGER NOT NULL,
    output_reasoning INTEGER NOT NULL,
    output_audio INTEGER NOT NULL,
    output_image INTEGER NOT NULL,
    charge INTEGER NOT NULL,
    cost INTEGER NOT NULL,
    duration_us INTEGER NOT NULL,
    first_byte_us INTEGER NOT NULL,
    overhead_us INTEGER NOT NULL,
    PRIMARY KEY (hour, account_id, key_id, model, provider_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX usage_hour_account ON usage_hour (account_id, hour);

ALTER TABLE call ADD COLUMN account_id INTEGER;
ALTER TABLE call ADD COLUMN price_id INTEGER;
ALTER TABLE call ADD COLUMN funding TEXT NOT NULL DEFAULT 'none' CHECK (funding IN ('none', 'credit', 'allocated'));
-- The last transaction of the account when the call was admitted: its hold comes after that one.
ALTER TABLE call ADD COLUMN hold_seq INTEGER CHECK (hold_seq >= 0);
ALTER TABLE call ADD COLUMN hold_amount INTEGER CHECK (hold_amount >= 0);
ALTER TABLE call ADD COLUMN authorised_at INTEGER;
-- The transaction that ended the hold, or that booked the cost.
ALTER TABLE call ADD COLUMN settle_seq INTEGER CHECK (settle_seq > 0);
ALTER TABLE call ADD COLUMN charge INTEGER CHECK (charge >= 0);
ALTER TABLE call ADD COLUMN cost INTEGER CHECK (cost >= 0);
ALTER TABLE call ADD COLUMN loss INTEGER CHECK (loss >= 0);
CREATE INDEX call_hold ON call (account_id) WHERE hold_seq IS NOT NULL AND settle_seq IS NULL;
