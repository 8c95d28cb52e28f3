using System.Diagnostics.CodeAnalysis;

namespace PkgForge.Sources.Debian;

/// <summary>
/// Reads control files (Debian Policy 5.1): paragraphs of fields, separated by empty lines. Bounded: a text of at most
/// <see cref="MaxLength"/> characters, lines of at most <see cref="MaxLine"/>, <see cref="MaxFields"/> fields.
/// </summary>
/// <remarks>Stricter than dpkg where hostile input could be read in two ways: a field that comes twice and control
/// characters (a carriage return too) are refused.</remarks>
public static class Deb822
{
    /// <summary>Longest text, in characters; the longest <c>.dsc</c> of Debian's archive has some 100,000.</summary>
    public const int MaxLength = 4 << 20;

    /// <summary>Longest line, in characters.</summary>
    public const int MaxLine = 1 << 20;

    /// <summary>Most fields in one text.</summary>
    public const int MaxFields = 10_000;

    /// <summary>Reads all paragraphs.</summary>
    /// <param name="text">The text.</param>
    /// <param name="comments">Lines that begin with <c>#</c> are comments. Policy allows them only in the
    /// <c>debian/control</c> of a source; elsewhere they are an error.</param>
    /// <param name="paragraphs">Those that have fields, in their order.</param>
    /// <param name="error">What is wrong, with the number of the line.</param>
    public static bool TryParse(
        string text,
        bool comments,
        [NotNullWhen(true)] out IReadOnlyList<Deb822Paragraph>? paragraphs,
        [NotNullWhen(false)] out string? error
    )
    {
        var reader = new Deb822Reader(comments);
        error = text.Length > MaxLength ? $"is longer than {MaxLength} characters" : reader.Read(text);
        paragraphs = error is null ? reader.Paragraphs : null;
        return error is null;
    }
}
