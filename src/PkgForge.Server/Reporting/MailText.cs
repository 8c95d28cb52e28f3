namespace PkgForge.Server.Reporting;

/// <summary>Makes text of others fit for a mail.</summary>
internal static class MailText
{
    private const int LongestHeader = 500;

    /// <summary>One line without control characters: nothing in it can begin another header.</summary>
    public static string ForHeader(string text) =>
        string.Concat(text.Take(LongestHeader).Select(c => char.IsControl(c) ? ' ' : c)).Trim();

    /// <summary>Lines without control characters but the line's end and tabs.</summary>
    public static string ForBody(string text) =>
        string.Concat(
            text.ReplaceLineEndings("\n").Select(c => char.IsControl(c) && c is not ('\n' or '\t') ? ' ' : c)
        );
}
