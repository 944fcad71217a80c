-- Who keeps the order of the ledger alone. On SQLite that is whoever holds the lock of the file, so this is for PostgreSQL:
-- each change of the way in which the order is kept raises `epoch`, and an owner writes only under the epoch it began with.
CREATE TABLE ledger_owner (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    epoch BIGINT NOT NULL CHECK (epoch >= 0),
    -- Absent while the order is shared.
    process_id BIGINT
);
INSERT INTO ledger_owner (id, epoch) VALUES (1, 0);
