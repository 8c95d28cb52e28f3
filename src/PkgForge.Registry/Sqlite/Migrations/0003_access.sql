-- Who may use the farm over HTTP.

-- "role": 1 may look, 2 may also submit, and cancel and retry what is their own, 3 may do everything. Jobs of a submitter of this name are its own.
CREATE TABLE account (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    name    TEXT NOT NULL UNIQUE,
    role    INTEGER NOT NULL CHECK (role BETWEEN 1 AND 3),
    created INTEGER NOT NULL
) STRICT;

-- May cancel and retry all jobs of a bucket.
CREATE TABLE maintainer (
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    bucket  TEXT NOT NULL,
    PRIMARY KEY (account, bucket)
) STRICT, WITHOUT ROWID;

-- What people and their scripts prove themselves with; the secrets themselves are nowhere. A session is a browser's.
CREATE TABLE credential (
    sha256  TEXT PRIMARY KEY CHECK (length(sha256) = 64 AND sha256 NOT GLOB '*[^0-9a-f]*'),
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    kind    TEXT NOT NULL CHECK (kind IN ('token', 'session')),
    label   TEXT NOT NULL,
    writes  INTEGER NOT NULL CHECK (writes IN (0, 1)),
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX credential_by_account ON credential (account);

-- What people have done over HTTP.
CREATE TABLE audit (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    account TEXT NOT NULL,
    action  TEXT NOT NULL,
    subject TEXT NOT NULL
) STRICT;
