-- What people look for among jobs: of a bucket, with a task on a platform, of a time. A page of any of them costs what is on it.
-- "warnings": what was asked for and could not be had, a JSON list of sentences; null when all of it could.
ALTER TABLE job ADD COLUMN warnings text COLLATE "C";

CREATE INDEX job_by_bucket ON job (bucket, number DESC);
CREATE INDEX job_by_time ON job (registered, number);
CREATE INDEX task_by_platform ON task (platform, job DESC);
