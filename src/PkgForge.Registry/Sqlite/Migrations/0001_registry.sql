-- Times are milliseconds since 1970 in UTC, by the clock of the machine that holds the file.

CREATE TABLE state (
    id    INTEGER PRIMARY KEY,
    kind  TEXT NOT NULL CHECK (kind IN ('job', 'task')),
    name  TEXT NOT NULL,
    final INTEGER NOT NULL CHECK (final IN (0, 1)),
    UNIQUE (kind, name)
) STRICT;

INSERT INTO state (id, kind, name, final) VALUES
    (1, 'job', 'incoming', 0),
    (2, 'job', 'invalid', 1),
    (3, 'job', 'registered', 0),
    (4, 'job', 'building', 0),
    (5, 'job', 'successful', 1),
    (6, 'job', 'failed', 1),
    (7, 'job', 'partially failed', 1),
    (8, 'job', 'cancelled', 1),
    (11, 'task', 'needs build', 0),
    (12, 'task', 'building', 0),
    (13, 'task', 'success', 1),
    (14, 'task', 'fail', 1),
    (15, 'task', 'cancelled', 1);

-- "key" is what names compare by: NAME-ARCHITECTURE without case.
CREATE TABLE platform (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    key          TEXT NOT NULL UNIQUE CHECK (key = lower(name || '-' || architecture)),
    name         TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 50 AND name NOT GLOB '*[^A-Za-z0-9._-]*'),
    architecture TEXT NOT NULL CHECK (length(architecture) BETWEEN 1 AND 50 AND architecture NOT GLOB '*[^A-Za-z0-9_]*'),
    format       TEXT NOT NULL CHECK (format IN ('debian', 'rpm', 'dummy')),
    active       INTEGER NOT NULL CHECK (active IN (0, 1)),
    auto         INTEGER NOT NULL CHECK (auto IN (0, 1))
) STRICT;

-- "held": a process has the name. "session" grows with each process, also over a builder that is deleted and added again.
CREATE TABLE builder (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    name      TEXT NOT NULL UNIQUE CHECK (length(name) > 0),
    platform  INTEGER NOT NULL REFERENCES platform (id),
    host      TEXT,
    session   INTEGER NOT NULL,
    held      INTEGER NOT NULL DEFAULT 0 CHECK (held IN (0, 1)),
    last_seen INTEGER,
    CHECK (held = 0 OR (host IS NOT NULL AND last_seen IS NOT NULL))
) STRICT;

-- "number" is the order of registration. State 1 (incoming) is never stored.
CREATE TABLE job (
    number          INTEGER PRIMARY KEY AUTOINCREMENT,
    id              TEXT NOT NULL UNIQUE
                    CHECK (length(id) BETWEEN 1 AND 50 AND id NOT GLOB '*[^A-Za-z0-9_.-]*' AND id NOT GLOB '[.-]*'),
    submitter       TEXT NOT NULL,
    bucket          TEXT NOT NULL,
    scratch         INTEGER NOT NULL CHECK (scratch IN (0, 1)),
    sources         TEXT NOT NULL CHECK (json_valid(sources)),
    manifest_sha256 TEXT NOT NULL CHECK (length(manifest_sha256) = 64 AND manifest_sha256 NOT GLOB '*[^0-9a-f]*'),
    priority        INTEGER NOT NULL DEFAULT 0,
    submitted       INTEGER NOT NULL,
    registered      INTEGER NOT NULL,
    ended           INTEGER,
    state           INTEGER NOT NULL REFERENCES state (id) CHECK (state BETWEEN 2 AND 8),
    reason          TEXT,
    CHECK ((state IN (3, 4)) = (ended IS NULL)),
    CHECK ((state = 2) = (reason IS NOT NULL))
) STRICT;

CREATE INDEX job_by_submitter ON job (submitter, number DESC);
CREATE INDEX job_by_state ON job (state, number DESC);

-- "lease" counts the claims; it is also the number of the current or last attempt. "faults" counts farm faults and lost attempts.
CREATE TABLE task (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    job              INTEGER NOT NULL REFERENCES job (number),
    platform         INTEGER NOT NULL REFERENCES platform (id),
    state            INTEGER NOT NULL DEFAULT 11 REFERENCES state (id) CHECK (state BETWEEN 11 AND 15),
    priority         INTEGER NOT NULL,
    lease            INTEGER NOT NULL DEFAULT 0 CHECK (lease >= 0),
    lease_expires    INTEGER,
    builder          INTEGER REFERENCES builder (id),
    faults           INTEGER NOT NULL DEFAULT 0 CHECK (faults >= 0),
    cancel_requested INTEGER NOT NULL DEFAULT 0 CHECK (cancel_requested IN (0, 1)),
    UNIQUE (job, platform),
    UNIQUE (id, state),
    CHECK ((state = 12) = (builder IS NOT NULL)),
    CHECK ((state = 12) = (lease_expires IS NOT NULL)),
    CHECK (state NOT IN (12, 13) OR lease > 0),
    CHECK (cancel_requested = 0 OR state = 12)
) STRICT;

CREATE INDEX task_waiting ON task (platform, priority DESC, id) WHERE state = 11;
CREATE INDEX task_leases ON task (lease_expires) WHERE state = 12;
CREATE UNIQUE INDEX task_current ON task (builder) WHERE state = 12;

-- The builder is kept by name: it may be deleted.
CREATE TABLE attempt (
    task     INTEGER NOT NULL REFERENCES task (id),
    number   INTEGER NOT NULL CHECK (number > 0),
    builder  TEXT NOT NULL,
    session  INTEGER NOT NULL,
    outcome  INTEGER NOT NULL DEFAULT 0 CHECK (outcome BETWEEN 0 AND 6),
    started  INTEGER NOT NULL,
    ended    INTEGER,
    cause    TEXT,
    evidence TEXT CHECK (length(evidence) <= 500),
    message  TEXT,
    PRIMARY KEY (task, number),
    CHECK ((outcome = 0) = (ended IS NULL)),
    CHECK ((outcome = 2) = (cause IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX attempt_running ON attempt (task) WHERE outcome = 0;

-- Only a task that succeeded has products: "state" follows the task's.
CREATE TABLE product (
    task      INTEGER NOT NULL,
    state     INTEGER NOT NULL DEFAULT 13 CHECK (state = 13),
    file_name TEXT NOT NULL CHECK (length(file_name) > 0 AND file_name NOT GLOB '*/*'),
    size      INTEGER NOT NULL CHECK (size >= 0),
    sha256    TEXT NOT NULL CHECK (length(sha256) = 64 AND sha256 NOT GLOB '*[^0-9a-f]*'),
    PRIMARY KEY (task, file_name),
    FOREIGN KEY (task, state) REFERENCES task (id, state)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    recipients TEXT NOT NULL CHECK (json_valid(recipients)),
    subject    TEXT NOT NULL,
    headers    TEXT NOT NULL CHECK (json_valid(headers)),
    body       TEXT NOT NULL,
    created    INTEGER NOT NULL,
    due        INTEGER NOT NULL,
    tries      INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0)
) STRICT;

CREATE INDEX outbox_due ON outbox (due, id);
