-- Blocked accounts are few, and each process keeps them in memory.
CREATE INDEX account_blocked ON account (id) WHERE status = 'blocked';
