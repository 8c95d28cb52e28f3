-- The comments are those of PostgreSQL's. SQLite 3.40 takes NULL for no JSON.
ALTER TABLE job ADD COLUMN warnings TEXT CHECK (warnings IS NULL OR json_valid(warnings));

CREATE INDEX job_by_bucket ON job (bucket, number DESC);
CREATE INDEX job_by_time ON job (registered, number);
CREATE INDEX task_by_platform ON task (platform, job DESC);
