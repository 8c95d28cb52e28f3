-- Times are by the clock of the database's machine. Text compares by code point, as in the embedded database.

CREATE TABLE state (
    id    integer PRIMARY KEY,
    kind  text COLLATE "C" NOT NULL CHECK (kind IN ('job', 'task')),
    name  text COLLATE "C" NOT NULL,
    final boolean NOT NULL,
    UNIQUE (kind, name)
);

INSERT INTO state (id, kind, name, final) VALUES
    (1, 'job', 'incoming', false),
    (2, 'job', 'invalid', true),
    (3, 'job', 'registered', false),
    (4, 'job', 'building', false),
    (5, 'job', 'successful', true),
    (6, 'job', 'failed', true),
    (7, 'job', 'partially failed', true),
    (8, 'job', 'cancelled', true),
    (11, 'task', 'needs build', false),
    (12, 'task', 'building', false),
    (13, 'task', 'success', true),
    (14, 'task', 'fail', true),
    (15, 'task', 'cancelled', true);

-- "key" is what names compare by: NAME-ARCHITECTURE without case.
CREATE TABLE platform (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key          text COLLATE "C" NOT NULL UNIQUE CHECK (key = lower(name || '-' || architecture)),
    name         text COLLATE "C" NOT NULL CHECK (name ~ '^[A-Za-z0-9._-]{1,50}$'),
    architecture text COLLATE "C" NOT NULL CHECK (architecture ~ '^[A-Za-z0-9_]{1,50}$'),
    format       text COLLATE "C" NOT NULL CHECK (format IN ('debian', 'rpm', 'dummy')),
    active       boolean NOT NULL,
    auto         boolean NOT NULL
);

-- "held": a process has the name. "session" grows with each process, also over a builder that is deleted and added again.
CREATE TABLE builder (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name      text COLLATE "C" NOT NULL UNIQUE CHECK (length(name) > 0),
    platform  bigint NOT NULL REFERENCES platform (id),
    host      text COLLATE "C",
    session   bigint NOT NULL,
    held      boolean NOT NULL DEFAULT false,
    last_seen timestamptz,
    CHECK (NOT held OR (host IS NOT NULL AND last_seen IS NOT NULL))
);

-- "number" is the order of registration. State 1 (incoming) is never stored.
CREATE TABLE job (
    number          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id              text COLLATE "C" NOT NULL UNIQUE
                    CHECK (id ~ '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,49}$'),
    submitter       text COLLATE "C" NOT NULL,
    bucket          text COLLATE "C" NOT NULL,
    scratch         boolean NOT NULL,
    sources         text COLLATE "C" NOT NULL CHECK (sources::json IS NOT NULL),
    manifest_sha256 text COLLATE "C" NOT NULL CHECK (manifest_sha256 ~ '^[0-9a-f]{64}$'),
    priority        integer NOT NULL DEFAULT 0,
    submitted       timestamptz NOT NULL,
    registered      timestamptz NOT NULL,
    ended           timestamptz,
    state           integer NOT NULL REFERENCES state (id) CHECK (state BETWEEN 2 AND 8),
    reason          text COLLATE "C",
    CHECK ((state IN (3, 4)) = (ended IS NULL)),
    CHECK ((state = 2) = (reason IS NOT NULL))
);

CREATE INDEX job_by_submitter ON job (submitter, number DESC);
CREATE INDEX job_by_state ON job (state, number DESC);

-- "lease" counts the claims; it is also the number of the current or last attempt. "faults" counts farm faults and lost attempts.
CREATE TABLE task (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job              bigint NOT NULL REFERENCES job (number),
    platform         bigint NOT NULL REFERENCES platform (id),
    state            integer NOT NULL DEFAULT 11 REFERENCES state (id) CHECK (state BETWEEN 11 AND 15),
    priority         integer NOT NULL,
    lease            bigint NOT NULL DEFAULT 0 CHECK (lease >= 0),
    lease_expires    timestamptz,
    builder          bigint REFERENCES builder (id),
    faults           integer NOT NULL DEFAULT 0 CHECK (faults >= 0),
    cancel_requested boolean NOT NULL DEFAULT false,
    UNIQUE (job, platform),
    UNIQUE (id, state),
    CHECK ((state = 12) = (builder IS NOT NULL)),
    CHECK ((state = 12) = (lease_expires IS NOT NULL)),
    CHECK (state NOT IN (12, 13) OR lease > 0),
    CHECK (NOT cancel_requested OR state = 12)
);

CREATE INDEX task_waiting ON task (platform, priority DESC, id) WHERE state = 11;
CREATE INDEX task_leases ON task (lease_expires) WHERE state = 12;
CREATE UNIQUE INDEX task_current ON task (builder) WHERE state = 12;

-- The builder is kept by name: it may be deleted.
CREATE TABLE attempt (
    task     bigint NOT NULL REFERENCES task (id),
    number   bigint NOT NULL CHECK (number > 0),
    builder  text COLLATE "C" NOT NULL,
    session  bigint NOT NULL,
    outcome  integer NOT NULL DEFAULT 0 CHECK (outcome BETWEEN 0 AND 6),
    started  timestamptz NOT NULL,
    ended    timestamptz,
    cause    text COLLATE "C",
    evidence text COLLATE "C" CHECK (length(evidence) <= 500),
    message  text COLLATE "C",
    PRIMARY KEY (task, number),
    CHECK ((outcome = 0) = (ended IS NULL)),
    CHECK ((outcome = 2) = (cause IS NOT NULL))
);

CREATE UNIQUE INDEX attempt_running ON attempt (task) WHERE outcome = 0;

-- Only a task that succeeded has products: "state" follows the task's.
CREATE TABLE product (
    task      bigint NOT NULL,
    state     integer NOT NULL DEFAULT 13 CHECK (state = 13),
    file_name text COLLATE "C" NOT NULL CHECK (length(file_name) > 0 AND file_name !~ '/'),
    size      bigint NOT NULL CHECK (size >= 0),
    sha256    text COLLATE "C" NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    PRIMARY KEY (task, file_name),
    FOREIGN KEY (task, state) REFERENCES task (id, state)
);

CREATE TABLE outbox (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recipients text COLLATE "C" NOT NULL CHECK (recipients::json IS NOT NULL),
    subject    text COLLATE "C" NOT NULL,
    headers    text COLLATE "C" NOT NULL CHECK (headers::json IS NOT NULL),
    body       text COLLATE "C" NOT NULL,
    created    timestamptz NOT NULL,
    due        timestamptz NOT NULL,
    tries      integer NOT NULL DEFAULT 0 CHECK (tries >= 0)
);

CREATE INDEX outbox_due ON outbox (due, id);
