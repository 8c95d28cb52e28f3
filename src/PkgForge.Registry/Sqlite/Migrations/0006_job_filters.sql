-- The comments are those of PostgreSQL's.
ALTER TABLE job ADD COLUMN warnings TEXT CHECK (json_valid(warnings));

CREATE INDEX job_by_bucket ON job (bucket, number DESC);
CREATE INDEX job_by_time ON job (registered, number);
CREATE INDEX task_by_platform ON task (platform, job DESC);
