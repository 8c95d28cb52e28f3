-- Who is known to the farm by another's word: that of the provider of identities at which people log in.

-- "subject" is what "issuer" knows somebody by, and gives to nobody else. An account is bound to one subject of an issuer at its first log-in;
-- from then on what the issuer calls that person counts no more.
CREATE TABLE identity (
    issuer  text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    account bigint NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    created timestamptz NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE UNIQUE INDEX identity_by_account ON identity (account, issuer);

-- What has expired is removed with each new one.
CREATE INDEX credential_by_expiry ON credential (expires);
