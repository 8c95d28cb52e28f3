-- Who may use the farm over HTTP.

-- "role": 1 may look, 2 may also submit, and cancel and retry what is their own, 3 may do everything. Jobs of a submitter of this name are its own.
CREATE TABLE account (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name    text COLLATE "C" NOT NULL UNIQUE,
    role    integer NOT NULL CHECK (role BETWEEN 1 AND 3),
    created timestamptz NOT NULL
);

-- May cancel and retry all jobs of a bucket.
CREATE TABLE maintainer (
    account bigint NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    bucket  text COLLATE "C" NOT NULL,
    PRIMARY KEY (account, bucket)
);

-- What people and their scripts prove themselves with; the secrets themselves are nowhere. A session is a browser's.
CREATE TABLE credential (
    sha256  text COLLATE "C" PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    account bigint NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    kind    text COLLATE "C" NOT NULL CHECK (kind IN ('token', 'session')),
    label   text COLLATE "C" NOT NULL,
    writes  boolean NOT NULL,
    created timestamptz NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX credential_by_account ON credential (account);

-- What people have done over HTTP.
CREATE TABLE audit (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL,
    account text COLLATE "C" NOT NULL,
    action  text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL
);
