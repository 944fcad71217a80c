-- An attempt is found by its call, and by nothing else: its own id needs no index beside that.
DROP INDEX attempt_call;
ALTER TABLE attempt DROP CONSTRAINT attempt_pkey;
ALTER TABLE attempt ADD PRIMARY KEY (call_id, number);

-- `call_state` holds open calls, too.
DROP INDEX call_open;
