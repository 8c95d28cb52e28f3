namespace PkgForge.Sources;

/// <summary>What became of checking a source package: valid, or the file and the rule that it breaks.</summary>
/// <param name="File">The file that broke the rule; null when valid.</param>
/// <param name="Rule">A short stable name of the broken rule, e.g. <c>payload-digest</c>; null when valid.</param>
/// <param name="Message">What was wrong and what was expected, for a person, without the file name; null when valid.</param>
public sealed record ValidationResult(string? File, string? Rule, string? Message)
{
    /// <summary>The one result of a source package that keeps every rule.</summary>
    public static ValidationResult Valid { get; } = new(null, null, null);

    /// <summary>True when no rule is broken.</summary>
    public bool IsValid => Rule is null;

    /// <summary>A result that names the file and the rule that it breaks.</summary>
    public static ValidationResult Invalid(string file, string rule, string message) => new(file, rule, message);

    /// <summary><c>FILE: MESSAGE [RULE]</c>, or <c>valid</c>.</summary>
    public override string ToString() => IsValid ? "valid" : $"{File}: {Message} [{Rule}]";
}
