-- Many machines: lanes, priorities, caps, refusals, learnt times, builders' health, tokens.

-- "used" grows with the builders' time that a submitter's tasks have taken: log2 of the sum of (ms * 2^(end / half-life)).
-- What was used long ago weighs little beside what was used lately, and the order of two submitters changes only when one uses more.
CREATE TABLE submitter (
    id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    used double precision NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- At most so many tasks at once, of a submitter or a bucket. The name * stands for every submitter that has no row.
CREATE TABLE cap (
    kind  text COLLATE "C" NOT NULL CHECK (kind IN ('submitter', 'bucket')),
    name  text COLLATE "C" NOT NULL,
    tasks integer NOT NULL CHECK (tasks >= 0),
    PRIMARY KEY (kind, name)
);

-- Tasks that wait for the same reasons: one platform, priority (1 urgent, 0 normal, -1 background), submitter and bucket. Within a lane tasks
-- go by rank, then age. No waiting task of the lane comes before (first_rank, first_id): claims begin there, and so pass by
-- the index entries of tasks that have gone, which an old snapshot may keep alive for hours.
CREATE TABLE lane (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    platform   bigint NOT NULL REFERENCES platform (id),
    priority   integer NOT NULL CHECK (priority BETWEEN -1 AND 1),
    submitter  bigint NOT NULL REFERENCES submitter (id),
    bucket     text COLLATE "C" NOT NULL,
    first_rank bigint NOT NULL DEFAULT -9223372036854775807,
    first_id   bigint NOT NULL DEFAULT 0,
    UNIQUE (platform, priority, submitter, bucket)
) WITH (fillfactor = 50);

INSERT INTO submitter (name) SELECT DISTINCT submitter FROM job;
INSERT INTO lane (platform, priority, submitter, bucket)
SELECT DISTINCT task.platform, sign(job.priority)::integer, submitter.id, job.bucket
FROM task JOIN job ON job.number = task.job JOIN submitter ON submitter.name = job.submitter;

-- The states' numbers are checked: a foreign key on top costs a look-up with every change.
ALTER TABLE product DROP COLUMN state;
ALTER TABLE product ADD FOREIGN KEY (task) REFERENCES task (id);
ALTER TABLE task DROP CONSTRAINT task_id_state_key;
ALTER TABLE task DROP CONSTRAINT task_state_fkey;
ALTER TABLE job DROP CONSTRAINT job_state_fkey;
DROP INDEX task_waiting;
DROP INDEX task_leases;

UPDATE job SET priority = sign(priority);
ALTER TABLE job ADD CHECK (priority BETWEEN -1 AND 1);
CREATE INDEX job_by_submitter_state ON job (submitter, state, number DESC);

-- "claimed", "session": of the attempt that runs now, which becomes a row of "attempt" when it ends. "rank": smaller goes first; minus the
-- milliseconds that the longest chain of tasks which wait for this one is expected to take. "blocked": so many tasks must succeed first.
-- "refused": so many builders have refused it. "estimate": milliseconds, by what its sources took before. "turn": its builder's, at its claim.
ALTER TABLE task
    ADD COLUMN lane     bigint REFERENCES lane (id),
    ADD COLUMN rank     bigint NOT NULL DEFAULT 0,
    ADD COLUMN blocked  integer NOT NULL DEFAULT 0 CHECK (blocked >= 0),
    ADD COLUMN refused  integer NOT NULL DEFAULT 0 CHECK (refused >= 0),
    ADD COLUMN estimate bigint CHECK (estimate >= 0),
    ADD COLUMN waiting  timestamptz,
    ADD COLUMN claimed  timestamptz,
    ADD COLUMN session  bigint,
    ADD COLUMN turn     bigint,
    DROP COLUMN priority;
UPDATE task SET
    lane = (SELECT lane.id
            FROM job JOIN submitter ON submitter.name = job.submitter
            JOIN lane ON lane.submitter = submitter.id AND lane.bucket = job.bucket AND lane.priority = job.priority
            WHERE job.number = task.job AND lane.platform = task.platform),
    waiting = (SELECT registered FROM job WHERE job.number = task.job);
UPDATE task SET claimed = attempt.started, session = attempt.session, turn = 0
FROM attempt WHERE attempt.task = task.id AND attempt.outcome = 0 AND task.state = 12;
ALTER TABLE task
    ALTER COLUMN lane SET NOT NULL,
    ALTER COLUMN waiting SET NOT NULL,
    ADD CHECK ((state = 12) = (claimed IS NOT NULL)),
    ADD CHECK ((state = 12) = (session IS NOT NULL)),
    ADD CHECK (state <> 12 OR turn IS NOT NULL),
    ADD CHECK (blocked = 0 OR state IN (11, 15));

CREATE INDEX task_ready ON task (lane, rank, id) WHERE state = 11 AND blocked = 0;

-- Heartbeats change no indexed column, and find room in their page. Live tasks are few among many that ended: vacuum goes by what changes.
ALTER TABLE task SET (
    fillfactor = 70,
    autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_vacuum_threshold = 1000,
    autovacuum_analyze_scale_factor = 0.02
);

-- An attempt has a row once it has ended. The evidence is a line of its log, after so many bytes; lines are counted from 1.
DROP INDEX attempt_running;
DELETE FROM attempt WHERE outcome = 0;
CREATE INDEX attempt_faults ON attempt (builder, ended DESC) WHERE outcome IN (5, 6);
ALTER TABLE attempt
    DROP CONSTRAINT attempt_outcome_check,
    ALTER COLUMN outcome DROP DEFAULT,
    ALTER COLUMN ended SET NOT NULL,
    ADD CHECK (outcome BETWEEN 1 AND 6),
    ADD COLUMN evidence_offset bigint CHECK (evidence_offset >= 0),
    ADD COLUMN evidence_line   bigint CHECK (evidence_line >= 1),
    ADD CHECK ((evidence_offset IS NULL) = (evidence_line IS NULL)),
    ADD CHECK (evidence_offset IS NULL OR evidence IS NOT NULL);

-- What a builder could not do, in its own words. "refused" ends the farm's memory of it.
CREATE TABLE refusal (
    task    bigint NOT NULL REFERENCES task (id) ON DELETE CASCADE,
    builder text COLLATE "C" NOT NULL,
    reason  text COLLATE "C" NOT NULL,
    refused timestamptz NOT NULL,
    PRIMARY KEY (task, builder)
);
CREATE INDEX refusal_by_builder ON refusal (builder);

-- How long the builds of a source take on a platform: a mean in which the last build weighs a third.
CREATE TABLE duration (
    platform     bigint NOT NULL REFERENCES platform (id),
    source       text COLLATE "C" NOT NULL,
    milliseconds bigint NOT NULL CHECK (milliseconds >= 0),
    PRIMARY KEY (source, platform)
);

-- A job's tasks wait until those of the other job on the same platform have succeeded.
CREATE TABLE job_after (
    job   bigint NOT NULL REFERENCES job (number) ON DELETE CASCADE,
    after bigint NOT NULL REFERENCES job (number) ON DELETE CASCADE,
    PRIMARY KEY (job, after),
    CHECK (after < job)
);
CREATE INDEX job_after_after ON job_after (after);

-- "fast_faults": farm faults in a row, each soon after its claim. "quarantine": why it gets no tasks; then at "canary" it is tried with one.
ALTER TABLE builder
    ADD COLUMN draining    boolean NOT NULL DEFAULT false,
    ADD COLUMN fast_faults integer NOT NULL DEFAULT 0 CHECK (fast_faults >= 0),
    ADD COLUMN quarantine  text COLLATE "C",
    ADD COLUMN quarantined timestamptz,
    ADD COLUMN canary      timestamptz,
    ADD CHECK ((quarantine IS NULL) = (quarantined IS NULL)),
    ADD CHECK ((quarantine IS NULL) = (canary IS NULL));
ALTER TABLE builder SET (fillfactor = 50);

-- A builder has one task at a time. An index on the builder alone would say so too, but an old snapshot keeps the entries of all its former tasks,
-- and each claim would look at every one of them: so a builder's "turn" moves on, now and then, while it has no task. The foreign key then
-- asks for tasks of the old turn, of any state: the index answers that, too. A task has a builder while it is built (state 12), and only then.
ALTER TABLE builder
    ADD COLUMN turn bigint NOT NULL DEFAULT 0,
    ADD UNIQUE (id, turn);
DROP INDEX task_current;
ALTER TABLE task
    DROP CONSTRAINT task_builder_fkey,
    ADD FOREIGN KEY (builder, turn) REFERENCES builder (id, turn);
CREATE UNIQUE INDEX task_current ON task (builder, turn) WHERE builder IS NOT NULL;

-- What a builder's machine proves itself with; the secrets themselves are nowhere. An enrolment code is for one use.
CREATE TABLE token (
    sha256  text COLLATE "C" PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    kind    text COLLATE "C" NOT NULL CHECK (kind IN ('enrolment', 'builder')),
    builder bigint NOT NULL REFERENCES builder (id) ON DELETE CASCADE,
    created timestamptz NOT NULL,
    expires timestamptz,
    ended   timestamptz
);
CREATE INDEX token_by_builder ON token (builder);
