using System.Text.RegularExpressions;

namespace PkgForge.Jobs;

/// <summary>
/// The id of a job: a UUID, or the user's own string <c>[A-Za-z0-9_.-]{1,50}</c> that does not begin with <c>.</c>
/// or <c>-</c>. So it is safe as one part of a file name, and never looks like an option or a hidden file.
/// </summary>
public readonly partial record struct JobId
{
    private readonly string? text;

    private JobId(string text) => this.text = text;

    /// <summary>A new id that nobody chose: a UUID of version 7, which sorts by time.</summary>
    public static JobId New() => new(Guid.CreateVersion7().ToString());

    /// <summary>Takes a user's string as an id.</summary>
    public static bool TryParse(string? text, out JobId id)
    {
        var wellFormed = text is not null && Pattern().IsMatch(text);
        id = wellFormed ? new(text!) : default;
        return wellFormed;
    }

    /// <exception cref="FormatException">The text is not an id.</exception>
    public static JobId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not a job id: {Rule}");

    /// <summary>What an id may be, for messages.</summary>
    public static string Rule => "1 to 50 of the characters A-Z a-z 0-9 _ . -, not beginning with . or -";

    public override string ToString() => text ?? "";

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,49}\z")]
    private static partial Regex Pattern();
}
