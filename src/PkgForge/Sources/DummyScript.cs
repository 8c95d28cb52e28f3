using System.Globalization;
using System.Text.RegularExpressions;

namespace PkgForge.Sources;

/// <summary>Reads the lines of a <see cref="DummySource"/>.</summary>
internal static partial class DummyScript
{
    private const double LongestSleep = 86400;

    /// <summary>The first line: <c>name NAME VERSION</c>; null when it is something else.</summary>
    public static (string Name, string Version)? Identity(string line) =>
        IdentityPattern().Match(line) is { Success: true } match
            ? (match.Groups[1].Value, match.Groups[2].Value)
            : null;

    /// <summary>A step; null when the line is none.</summary>
    public static DummyStep? Step(string line)
    {
        var (word, rest) = Cut(line);
        return (word, rest) switch
        {
            ("print", _) => new DummyStep.Print(rest),
            ("clock", "") => new DummyStep.Clock(),
            ("sleep", _) when Seconds(rest) is { } time => new DummyStep.Sleep(time),
            ("product", not "") when Cut(rest) is var (name, text) && PlainName.Fault(name) is null =>
                new DummyStep.Product(name, text),
            ("makes", not "") => new DummyStep.Makes(rest),
            ("needs", not "") => new DummyStep.Needs(rest),
            ("fail", not "") when Cut(rest) is var (cause, message) && CausePattern().IsMatch(cause) =>
                new DummyStep.Fail(cause, message),
            ("fault", not "") => new DummyStep.Fault(rest),
            ("print-forever", "") => new DummyStep.PrintForever(),
            ("hang", "") => new DummyStep.Hang(),
            _ => null,
        };
    }

    private static (string Word, string Tail) Cut(string text) =>
        text.IndexOf(' ', StringComparison.Ordinal) is var i and >= 0
            ? (text[..i], text[(i + 1)..].Trim())
            : (text, "");

    private static TimeSpan? Seconds(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
        && seconds <= LongestSleep
            ? TimeSpan.FromSeconds(seconds)
            : null;

    [GeneratedRegex(@"\Aname ([A-Za-z0-9][A-Za-z0-9._+-]{0,99}) ([A-Za-z0-9][A-Za-z0-9.:~+_-]{0,99})\z")]
    private static partial Regex IdentityPattern();

    [GeneratedRegex(@"\A[a-z]+(-[a-z]+)*\z")]
    private static partial Regex CausePattern();
}
