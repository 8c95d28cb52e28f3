-- Many machines: lanes, priorities, caps, refusals, learnt times, builders' health, tokens. The comments on tables are those of PostgreSQL's.

CREATE TABLE submitter (
    id   INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    used REAL NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE cap (
    kind  TEXT NOT NULL CHECK (kind IN ('submitter', 'bucket')),
    name  TEXT NOT NULL,
    tasks INTEGER NOT NULL CHECK (tasks >= 0),
    PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE lane (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    platform   INTEGER NOT NULL REFERENCES platform (id),
    priority   INTEGER NOT NULL CHECK (priority BETWEEN -1 AND 1),
    submitter  INTEGER NOT NULL REFERENCES submitter (id),
    bucket     TEXT NOT NULL,
    first_rank INTEGER NOT NULL DEFAULT -9223372036854775807,
    first_id   INTEGER NOT NULL DEFAULT 0,
    UNIQUE (platform, priority, submitter, bucket)
) STRICT;

UPDATE job SET priority = sign(priority) WHERE priority NOT BETWEEN -1 AND 1;
CREATE INDEX job_by_submitter_state ON job (submitter, state, number DESC);
INSERT INTO submitter (name) SELECT DISTINCT submitter FROM job;
INSERT INTO lane (platform, priority, submitter, bucket)
SELECT DISTINCT task.platform, job.priority, submitter.id, job.bucket
FROM task JOIN job ON job.number = task.job JOIN submitter ON submitter.name = job.submitter;

-- Products no longer follow the state of their task.
CREATE TABLE product_new (
    task      INTEGER NOT NULL REFERENCES task (id),
    file_name TEXT NOT NULL CHECK (length(file_name) > 0 AND file_name NOT GLOB '*/*'),
    size      INTEGER NOT NULL CHECK (size >= 0),
    sha256    TEXT NOT NULL CHECK (length(sha256) = 64 AND sha256 NOT GLOB '*[^0-9a-f]*'),
    PRIMARY KEY (task, file_name)
) STRICT, WITHOUT ROWID;
INSERT INTO product_new SELECT task, file_name, size, sha256 FROM product;
DROP TABLE product;
ALTER TABLE product_new RENAME TO product;

DROP INDEX task_waiting;
DROP INDEX task_leases;
ALTER TABLE task DROP COLUMN priority;
ALTER TABLE task ADD COLUMN lane INTEGER REFERENCES lane (id);
ALTER TABLE task ADD COLUMN rank INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task ADD COLUMN blocked INTEGER NOT NULL DEFAULT 0 CHECK (blocked >= 0);
ALTER TABLE task ADD COLUMN refused INTEGER NOT NULL DEFAULT 0 CHECK (refused >= 0);
ALTER TABLE task ADD COLUMN estimate INTEGER CHECK (estimate >= 0);
ALTER TABLE task ADD COLUMN waiting INTEGER;
ALTER TABLE task ADD COLUMN claimed INTEGER;
ALTER TABLE task ADD COLUMN session INTEGER;
ALTER TABLE task ADD COLUMN turn INTEGER;
UPDATE task SET
    lane = (SELECT lane.id
            FROM job JOIN submitter ON submitter.name = job.submitter
            JOIN lane ON lane.submitter = submitter.id AND lane.bucket = job.bucket AND lane.priority = job.priority
            WHERE job.number = task.job AND lane.platform = task.platform),
    waiting = (SELECT registered FROM job WHERE job.number = task.job);
UPDATE task SET claimed = attempt.started, session = attempt.session, turn = 0
FROM attempt WHERE attempt.task = task.id AND attempt.outcome = 0 AND task.state = 12;
CREATE INDEX task_ready ON task (lane, rank, id) WHERE state = 11 AND blocked = 0;

DROP INDEX attempt_running;
DELETE FROM attempt WHERE outcome = 0;
CREATE INDEX attempt_faults ON attempt (builder, ended DESC) WHERE outcome IN (5, 6);
ALTER TABLE attempt ADD COLUMN evidence_offset INTEGER CHECK (evidence_offset IS NULL OR evidence_offset >= 0 AND evidence IS NOT NULL);
ALTER TABLE attempt ADD COLUMN evidence_line INTEGER CHECK (evidence_line >= 1 AND (evidence_line IS NULL) = (evidence_offset IS NULL));

CREATE TABLE refusal (
    task    INTEGER NOT NULL REFERENCES task (id) ON DELETE CASCADE,
    builder TEXT NOT NULL,
    reason  TEXT NOT NULL,
    refused INTEGER NOT NULL,
    PRIMARY KEY (task, builder)
) STRICT, WITHOUT ROWID;
CREATE INDEX refusal_by_builder ON refusal (builder);

CREATE TABLE duration (
    platform     INTEGER NOT NULL REFERENCES platform (id),
    source       TEXT NOT NULL,
    milliseconds INTEGER NOT NULL CHECK (milliseconds >= 0),
    PRIMARY KEY (source, platform)
) STRICT, WITHOUT ROWID;

CREATE TABLE job_after (
    job   INTEGER NOT NULL REFERENCES job (number) ON DELETE CASCADE,
    after INTEGER NOT NULL REFERENCES job (number) ON DELETE CASCADE,
    PRIMARY KEY (job, after),
    CHECK (after < job)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_after_after ON job_after (after);

ALTER TABLE builder ADD COLUMN draining INTEGER NOT NULL DEFAULT 0 CHECK (draining IN (0, 1));
ALTER TABLE builder ADD COLUMN fast_faults INTEGER NOT NULL DEFAULT 0 CHECK (fast_faults >= 0);
ALTER TABLE builder ADD COLUMN quarantine TEXT;
ALTER TABLE builder ADD COLUMN quarantined INTEGER CHECK ((quarantine IS NULL) = (quarantined IS NULL));
ALTER TABLE builder ADD COLUMN canary INTEGER CHECK ((quarantine IS NULL) = (canary IS NULL));
ALTER TABLE builder ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
DROP INDEX task_current;
CREATE UNIQUE INDEX task_current ON task (builder, turn) WHERE builder IS NOT NULL;

CREATE TABLE token (
    sha256  TEXT PRIMARY KEY CHECK (length(sha256) = 64 AND sha256 NOT GLOB '*[^0-9a-f]*'),
    kind    TEXT NOT NULL CHECK (kind IN ('enrolment', 'builder')),
    builder INTEGER NOT NULL REFERENCES builder (id) ON DELETE CASCADE,
    created INTEGER NOT NULL,
    expires INTEGER,
    ended   INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX token_by_builder ON token (builder);
