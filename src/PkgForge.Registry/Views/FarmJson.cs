using PkgForge.Platforms;

namespace PkgForge.Registry.Views;

/// <summary>A platform, as <c>platform list --json</c> prints it and the API answers.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Architecture">Its architecture.</param>
/// <param name="Format">What is built on it: <c>debian</c>, <c>rpm</c>, <c>dummy</c>.</param>
/// <param name="Active">Tasks may be made for it.</param>
/// <param name="Auto">It is in the default set.</param>
public sealed record PlatformJson(string Name, string Architecture, string Format, bool Active, bool Auto)
{
    /// <summary>A platform.</summary>
    public static PlatformJson Of(Platform platform) =>
        new(
            platform.Key.Name,
            platform.Key.Architecture,
            platform.Format.ToString().ToLowerInvariant(),
            platform.Active,
            platform.Auto
        );
}

/// <summary>A builder, as <c>builder list --json</c> prints it and the API answers.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Platform">What it builds.</param>
/// <param name="State">What it does, in words.</param>
/// <param name="Running">A process holds its name.</param>
/// <param name="Host">The machine of that process, or the last one.</param>
/// <param name="LastSeen">When it was last heard of.</param>
/// <param name="Job">The job that it builds; null when it builds nothing.</param>
/// <param name="Attempt">The attempt at it.</param>
/// <param name="Draining">It gets no more tasks.</param>
/// <param name="Quarantine">Why it gets no tasks; null when it does.</param>
/// <param name="Faults">Its farm faults of the last seven days, newest first.</param>
public sealed record BuilderJson(
    string Name,
    string Platform,
    string State,
    bool Running,
    string? Host,
    DateTimeOffset? LastSeen,
    string? Job,
    int? Attempt,
    bool Draining,
    QuarantineJson? Quarantine,
    FaultJson[] Faults
)
{
    /// <summary>Since when it builds that; null when it builds nothing.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>A builder.</summary>
    public static BuilderJson Of(Builder builder) =>
        new(
            builder.Name,
            builder.Platform.ToString(),
            StateOf(builder),
            builder.Running,
            builder.Host,
            builder.LastSeen,
            builder.Current?.Job.ToString(),
            builder.Current?.Attempt,
            builder.Draining,
            builder.Quarantine is { } q ? new(q.Reason, q.Since, q.Canary) : null,
            [.. builder.Faults.Select(f => new FaultJson(f.Job.ToString(), f.Time, Words.Of(f.Outcome), f.Message))]
        )
        {
            Since = builder.Current?.Since,
        };

    /// <summary>What it does, in words: <c>idle</c>, <c>building hello-1</c>, <c>stopped</c>, with what holds it up.</summary>
    public static string StateOf(Builder builder)
    {
        string[] held =
        [
            .. builder.Draining ? ["draining"] : Array.Empty<string>(),
            .. builder.Quarantine is null ? Array.Empty<string>() : ["quarantine"],
        ];
        string[] does =
            builder.Current is { } task ? [$"building {task.Job}"]
            : !builder.Running ? ["stopped"]
            : held.Length == 0 ? ["idle"]
            : [];
        return string.Join(", ", [.. does, .. held]);
    }
}

/// <summary>A builder's quarantine.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Since">When it began.</param>
/// <param name="Canary">When it is tried again with one task.</param>
public sealed record QuarantineJson(string Reason, DateTimeOffset Since, DateTimeOffset Canary);

/// <summary>A fault of the farm that a builder met.</summary>
/// <param name="Job">The job that it built.</param>
/// <param name="Time">When.</param>
/// <param name="Outcome"><c>lost</c> or <c>farm fault</c>.</param>
/// <param name="Message">A sentence for a person.</param>
public sealed record FaultJson(string Job, DateTimeOffset Time, string Outcome, string? Message);

/// <summary>An account, as <c>account list --json</c> prints it and the API answers.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Role"><c>viewer</c>, <c>submitter</c> or <c>admin</c>.</param>
/// <param name="Maintains">Buckets that it maintains.</param>
/// <param name="Tokens">Its tokens.</param>
public sealed record AccountJson(string Name, string Role, string[] Maintains, TokenJson[] Tokens)
{
    /// <summary>An account.</summary>
    public static AccountJson Of(FarmAccount account) =>
        new(
            account.Name,
            Words.Of(account.Role),
            [.. account.Buckets],
            [.. account.Tokens.Select(token => new TokenJson(token.Label, !token.Writes, token.Created, token.Expires))]
        );
}

/// <summary>A token; the secret itself is nowhere.</summary>
/// <param name="Label">What it is called.</param>
/// <param name="ReadOnly">It may look only.</param>
/// <param name="Created">Since when.</param>
/// <param name="Expires">Until when.</param>
public sealed record TokenJson(string Label, bool ReadOnly, DateTimeOffset Created, DateTimeOffset Expires);

/// <summary>A cap, as <c>cap list --json</c> prints it and the API answers.</summary>
/// <param name="Kind"><c>submitter</c> or <c>bucket</c>.</param>
/// <param name="Name">The submitter's or the bucket's name; <c>*</c> for every submitter that has no cap of their own.</param>
/// <param name="Tasks">So many tasks at once.</param>
public sealed record CapJson(string Kind, string Name, int Tasks)
{
    /// <summary>A cap.</summary>
    public static CapJson Of(Cap cap) => new(Words.Of(cap.Kind), cap.Name, cap.Tasks ?? 0);
}

/// <summary>Something that somebody did over HTTP.</summary>
/// <param name="Number">Later ones have larger ones.</param>
/// <param name="At">When.</param>
/// <param name="Account">Who.</param>
/// <param name="Action">What: <c>cancel</c>, <c>drain builder</c> ...</param>
/// <param name="Subject">Of what: a job, a builder, an account, with what was asked.</param>
public sealed record AuditJson(long Number, DateTimeOffset At, string Account, string Action, string Subject)
{
    /// <summary>An entry.</summary>
    public static AuditJson Of(AuditEntry entry) =>
        new(entry.Number, entry.At, entry.Account, entry.Action, entry.Subject);
}
