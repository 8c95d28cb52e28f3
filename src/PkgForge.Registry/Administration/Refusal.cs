namespace PkgForge.Registry.Administration;

/// <summary>Why something was not done: what was wrong, what was expected, what to do.</summary>
/// <param name="Kind">What to answer by.</param>
/// <param name="Message">A sentence for a person.</param>
public sealed record Refusal(RefusalKind Kind, string Message)
{
    /// <summary>The words make no sense.</summary>
    public static Refusal Wrong(string message) => new(RefusalKind.Wrong, message);

    /// <summary>What was named is not there.</summary>
    public static Refusal Missing(string message) => new(RefusalKind.Missing, message);

    /// <summary>As things are it cannot be done.</summary>
    public static Refusal Conflict(string message) => new(RefusalKind.Conflict, message);
}

/// <summary>Kinds of <see cref="Refusal"/>: each has an exit code and an HTTP status.</summary>
public enum RefusalKind
{
    /// <summary>The words make no sense: 2, and 400.</summary>
    Wrong,

    /// <summary>What was named is not there: 1, and 404.</summary>
    Missing,

    /// <summary>As things are it cannot be done: 1, and 409.</summary>
    Conflict,
}

/// <summary>What something has come to; or why it was not done.</summary>
/// <param name="Value">What it has come to.</param>
/// <param name="Refusal">Null when it was done.</param>
public readonly record struct Answer<T>(T Value, Refusal? Refusal)
{
    public static implicit operator Answer<T>(T value) => new(value, null);

    public static implicit operator Answer<T>(Refusal refusal) => new(default!, refusal);
}
