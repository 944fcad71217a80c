-- Money: accounts, lots of credit, the journal, prices, hourly sums, and what a call has to do with them.
-- Same names and columns as migrations/sqlite; a test compares them. Amounts are nano-USD, prices pico-USD a unit.
-- The journal and the prices are append-only: triggers refuse anything else.

CREATE TABLE account (
    -- The number of the person.
    id BIGINT NOT NULL PRIMARY KEY,
    person_id BIGINT NOT NULL UNIQUE REFERENCES person (id),
    status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'blocked')),
    -- Why the ledger takes no more commands for this account; absent while all is well.
    quarantine TEXT,
    -- The number of the last transaction, its moment and its hash.
    seq BIGINT NOT NULL DEFAULT 0 CHECK (seq >= 0),
    booked_at BIGINT NOT NULL,
    chain TEXT NOT NULL DEFAULT '',
    -- What is held stands in the rows of open calls alone.
    balance BIGINT NOT NULL DEFAULT 0 CHECK (balance >= 0),
    debt BIGINT NOT NULL DEFAULT 0 CHECK (debt >= 0),
    created_at BIGINT NOT NULL
);
INSERT INTO account (id, person_id, booked_at, created_at) SELECT id, id, created_at, created_at FROM person;

CREATE TABLE lot (
    id BIGINT NOT NULL PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL CHECK (kind IN ('promo', 'paid', 'admin', 'correction', 'starter')),
    priority BIGINT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    remaining BIGINT NOT NULL CHECK (remaining >= 0 AND remaining <= amount),
    effective_at BIGINT NOT NULL,
    expires_at BIGINT CHECK (expires_at > effective_at),
    created_at BIGINT NOT NULL,
    -- What made the lot, once: `grant:…`, `starter:…`, later a purchase.
    source TEXT COLLATE "C" NOT NULL UNIQUE
);
CREATE INDEX lot_account ON lot (account_id, id);
CREATE INDEX lot_left ON lot (account_id) WHERE remaining > 0;
CREATE INDEX lot_expiry ON lot (expires_at) WHERE remaining > 0 AND expires_at IS NOT NULL;

-- Written before the transaction that they belong to, so that it can be refused when they do not add up.
CREATE TABLE ledger_entry (
    account_id BIGINT NOT NULL REFERENCES account (id),
    seq BIGINT NOT NULL CHECK (seq > 0),
    n BIGINT NOT NULL,
    ledger_account TEXT NOT NULL,
    lot_id BIGINT REFERENCES lot (id),
    amount BIGINT NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (account_id, seq, n)
);

-- One row a command, but for holds, which stand in the rows of their calls.
CREATE TABLE ledger_transaction (
    account_id BIGINT NOT NULL REFERENCES account (id),
    seq BIGINT NOT NULL CHECK (seq > 0),
    kind TEXT NOT NULL,
    booked_at BIGINT NOT NULL,
    call_id BIGINT,
    -- JSON, as it was applied and can be applied again.
    command TEXT NOT NULL,
    actor TEXT NOT NULL,
    -- The account afterwards.
    balance BIGINT NOT NULL CHECK (balance >= 0),
    held BIGINT NOT NULL CHECK (held >= 0),
    debt BIGINT NOT NULL CHECK (debt >= 0),
    -- Over all of this, the entries, and the hash before.
    hash TEXT NOT NULL,
    PRIMARY KEY (account_id, seq)
);
-- A call ends once.
CREATE UNIQUE INDEX ledger_transaction_call ON ledger_transaction (call_id) WHERE kind IN ('settle', 'release', 'allocate');

CREATE FUNCTION ledger_transaction_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT COALESCE(SUM(amount), 0) FROM ledger_entry WHERE account_id = NEW.account_id AND seq = NEW.seq) <> 0 THEN
        RAISE EXCEPTION 'the entries of a ledger transaction do not add up to zero' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_transaction_balanced BEFORE INSERT ON ledger_transaction
FOR EACH ROW EXECUTE FUNCTION ledger_transaction_balanced();
-- Entries come before their transaction and never after it.
CREATE FUNCTION ledger_entry_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM ledger_transaction WHERE account_id = NEW.account_id AND seq = NEW.seq) THEN
        RAISE EXCEPTION 'the journal is append-only' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_entry_in_time BEFORE INSERT ON ledger_entry
FOR EACH ROW EXECUTE FUNCTION ledger_entry_in_time();
CREATE FUNCTION stays_as_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER ledger_transaction_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transaction
FOR EACH STATEMENT EXECUTE FUNCTION stays_as_written('the journal is append-only');
CREATE TRIGGER ledger_entry_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry
FOR EACH STATEMENT EXECUTE FUNCTION stays_as_written('the journal is append-only');

-- What the command line wants booked by the server that owns the ledger of this file.
CREATE TABLE ledger_inbox (
    id BIGINT NOT NULL PRIMARY KEY,
    wanted TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    done_at BIGINT,
    outcome TEXT
);
CREATE INDEX ledger_inbox_waiting ON ledger_inbox (id) WHERE done_at IS NULL;

-- Versions of a model's price. In force is the one that took effect last.
CREATE TABLE price (
    id BIGINT NOT NULL PRIMARY KEY,
    model_id BIGINT NOT NULL,
    -- A copy of its public name, which outlives the model.
    model TEXT NOT NULL,
    effective_from BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    source TEXT NOT NULL,
    margin_ppm BIGINT,
    sheet TEXT NOT NULL,
    digest TEXT NOT NULL
);
CREATE INDEX price_model ON price (model_id, effective_from, id);
CREATE TRIGGER price_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON price
FOR EACH STATEMENT EXECUTE FUNCTION stays_as_written('a price version never changes');

-- Sums by the hour, written with each settling.
CREATE TABLE usage_hour (
    hour BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    -- 0 for the playground.
    key_id BIGINT NOT NULL,
    model TEXT COLLATE "C" NOT NULL,
    provider_id BIGINT NOT NULL,
    calls BIGINT NOT NULL,
    errors BIGINT NOT NULL,
    input_uncached BIGINT NOT NULL,
    cache_read BIGINT NOT NULL,
    cache_write_5m BIGINT NOT NULL,
    cache_write_1h BIGINT NOT NULL,
    input_audio BIGINT NOT NULL,
    input_image BIGINT NOT NULL,
    output_text BIGINT NOT NULL,
    output_reasoning BIGINT NOT NULL,
    output_audio BIGINT NOT NULL,
    output_image BIGINT NOT NULL,
    charge BIGINT NOT NULL,
    cost BIGINT NOT NULL,
    duration_us BIGINT NOT NULL,
    first_byte_us BIGINT NOT NULL,
    overhead_us BIGINT NOT NULL,
    PRIMARY KEY (hour, account_id, key_id, model, provider_id)
);
CREATE INDEX usage_hour_account ON usage_hour (account_id, hour);

ALTER TABLE call ADD COLUMN account_id BIGINT;
ALTER TABLE call ADD COLUMN price_id BIGINT;
ALTER TABLE call ADD COLUMN funding TEXT NOT NULL DEFAULT 'none' CHECK (funding IN ('none', 'credit', 'allocated'));
-- The last transaction of the account when the call was admitted: its hold comes after that one.
ALTER TABLE call ADD COLUMN hold_seq BIGINT CHECK (hold_seq >= 0);
ALTER TABLE call ADD COLUMN hold_amount BIGINT CHECK (hold_amount >= 0);
ALTER TABLE call ADD COLUMN authorised_at BIGINT;
-- The transaction that ended the hold, or that booked the cost.
ALTER TABLE call ADD COLUMN settle_seq BIGINT CHECK (settle_seq > 0);
ALTER TABLE call ADD COLUMN charge BIGINT CHECK (charge >= 0);
ALTER TABLE call ADD COLUMN cost BIGINT CHECK (cost >= 0);
ALTER TABLE call ADD COLUMN loss BIGINT CHECK (loss >= 0);
CREATE INDEX call_hold ON call (account_id) WHERE hold_seq IS NOT NULL AND settle_seq IS NULL;
