using System.Text;

namespace PkgForge.Sources;

/// <summary>
/// The rule for every file name that a source package brings: it is one part of a path, it is no option to a tool, and
/// it can be printed.
/// </summary>
internal static class PlainName
{
    /// <summary>NAME_MAX of Linux, in bytes.</summary>
    private const int MaxBytes = 255;

    /// <summary>
    /// What the name of a file beside others of a job breaks, as the end of a sentence that begins with the name; null
    /// when it is plain.
    /// </summary>
    public static string? Fault(string name) =>
        FaultWithin(name) ?? (name[0] == '.' ? "begins with '.', as hidden files do" : null);

    /// <summary>The same for a file within a package, which may be hidden.</summary>
    public static string? FaultWithin(string name) =>
        name switch
        {
            "" => "is empty",
            "." or ".." => "is a directory",
            _ when name.Contains('/', StringComparison.Ordinal) => "has a directory part; plain names are expected",
            _ when name[0] == '-' => "begins with '-'",
            _ when name.Any(char.IsControl) || name.EnumerateRunes().Contains(Rune.ReplacementChar) =>
                "has control characters, or is not UTF-8",
            _ when Encoding.UTF8.GetByteCount(name) > MaxBytes => "is longer than 255 bytes",
            _ => null,
        };

    /// <summary>A name from an untrusted file, made fit to print: control characters as '?', at most 100 characters.</summary>
    public static string ToPrint(string name)
    {
        var cut = name.Length > 100 ? name[..100] + "..." : name;
        return string.Concat(cut.Select(c => char.IsControl(c) ? '?' : c));
    }
}
