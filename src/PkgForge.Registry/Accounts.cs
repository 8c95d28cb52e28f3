namespace PkgForge.Registry;

/// <summary>What an account may do. Each may also do what those before it may.</summary>
public enum AccountRole
{
    /// <summary>Look at everything.</summary>
    Viewer = 1,

    /// <summary>Submit jobs; cancel and retry those of the submitter of its name.</summary>
    Submitter = 2,

    /// <summary>Everything.</summary>
    Admin = 3,
}

/// <summary>Who may use the farm over HTTP.</summary>
/// <param name="Name">Unique; jobs of the submitter of this name are its own.</param>
/// <param name="Role">What it may do.</param>
/// <param name="Created">Since when.</param>
/// <param name="Buckets">Of these it maintains: it may cancel and retry all their jobs.</param>
/// <param name="Tokens">Its tokens that can be used; sessions of browsers are not among them.</param>
public sealed record FarmAccount(
    string Name,
    AccountRole Role,
    DateTimeOffset Created,
    IReadOnlyList<string> Buckets,
    IReadOnlyList<AccountToken> Tokens
);

/// <summary>A token as its owner is shown it: the secret itself is nowhere.</summary>
/// <param name="Label">What its owner calls it.</param>
/// <param name="Writes">It may change something; else it may look only.</param>
/// <param name="Created">Since when.</param>
/// <param name="Expires">Until when.</param>
public sealed record AccountToken(string Label, bool Writes, DateTimeOffset Created, DateTimeOffset Expires);

/// <summary>A token or a session as its owner sees it.</summary>
/// <param name="Sha256">Of the secret.</param>
/// <param name="Session">A browser's session; else a token.</param>
/// <param name="Label">What its owner calls it.</param>
/// <param name="Writes">It may change something; else it may look only.</param>
/// <param name="Created">Since when.</param>
/// <param name="Expires">Until when.</param>
public sealed record AccountCredential(
    string Sha256,
    bool Session,
    string Label,
    bool Writes,
    DateTimeOffset Created,
    DateTimeOffset Expires
);

/// <summary>Somebody by the word of a provider of identities.</summary>
/// <param name="Issuer">Which provider.</param>
/// <param name="Subject">What it knows this one by, for good.</param>
/// <param name="Name">What it calls this one now.</param>
public sealed record ProvenIdentity(string Issuer, string Subject, string Name);

/// <summary>Whether an identity has an account.</summary>
public enum IdentityOutcome
{
    /// <summary>It has.</summary>
    Entered,

    /// <summary>There is no account of its name.</summary>
    NoAccount,

    /// <summary>The account of its name is another identity's of the same provider.</summary>
    OtherIdentity,
}

/// <summary>The account of an identity.</summary>
/// <param name="Outcome">Whether it has one.</param>
/// <param name="Account">The account's name, or the name for which there is none.</param>
public sealed record IdentityEntry(IdentityOutcome Outcome, string Account);

/// <summary>A new credential of an account.</summary>
/// <param name="Sha256">Of the secret.</param>
/// <param name="Session">A browser's session; else a token.</param>
/// <param name="Label">What its owner calls it. Another token of this label ends.</param>
/// <param name="Writes">It may change something.</param>
/// <param name="Valid">How long from now.</param>
public sealed record NewCredential(string Sha256, bool Session, string Label, bool Writes, TimeSpan Valid);

/// <summary>Whose a credential is.</summary>
/// <param name="Account">The account's name.</param>
/// <param name="Role">What it may do.</param>
/// <param name="Buckets">Of these it maintains.</param>
/// <param name="Session">A browser's session.</param>
/// <param name="Writes">It may change something.</param>
public sealed record CredentialHolder(
    string Account,
    AccountRole Role,
    IReadOnlyList<string> Buckets,
    bool Session,
    bool Writes
);

/// <summary>Something that somebody did over HTTP.</summary>
/// <param name="Number">Later ones have larger ones.</param>
/// <param name="At">When.</param>
/// <param name="Account">Who.</param>
/// <param name="Action">What: <c>cancel</c>, <c>retry</c>, <c>log in</c> ...</param>
/// <param name="Subject">Of what: a job, or a job and a platform.</param>
public sealed record AuditEntry(long Number, DateTimeOffset At, string Account, string Action, string Subject);

/// <summary>What of that which was done is asked for.</summary>
/// <param name="Before">Only what was done before the entry of this number; null from the newest on.</param>
/// <param name="AtMost">So many entries.</param>
/// <param name="Account">Done by this account only; null for all.</param>
/// <param name="Action">Only this; null for all.</param>
/// <param name="Subject">Of what begins with this only; null for all.</param>
public sealed record AuditQuery(
    long? Before = null,
    int AtMost = 50,
    string? Account = null,
    string? Action = null,
    string? Subject = null
);

/// <summary>A page of what was done.</summary>
/// <param name="Entries">Newest first.</param>
/// <param name="Next">What <see cref="AuditQuery.Before"/> is for the next page; null when there is none. Where few entries are asked for among many, a page may have none, and yet be followed by another.</param>
public sealed record AuditPage(IReadOnlyList<AuditEntry> Entries, long? Next);
