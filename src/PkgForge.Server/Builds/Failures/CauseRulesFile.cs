using System.Globalization;
using System.Text.RegularExpressions;
using PkgForge.Registry;
using PkgForge.Sources;
using PkgForge.Yaml;

namespace PkgForge.Server.Builds.Failures;

/// <summary>Reads a file of rules: what causes failures have. Its first lines say what a rule may hold.</summary>
internal static class CauseRulesFile
{
    private const int MostRules = 500;
    private const int MostEntries = 20;
    private const int LongestPattern = 1000;

    private static readonly string[] Keys = ["cause", "step", "format", "exit", "line", "examples"];
    private static readonly string[] Steps = [StepFailure.Dependencies, "unpack", "build"];
    private static readonly string[] Names = [.. Enum.GetValues<Cause>().Select(cause => cause.Name())];
    private static readonly string[] Formats = ["debian", "rpm"];

    /// <summary>The rules; or what is wrong with the file, with the line.</summary>
    public static (CauseRules? Rules, string? Error) Read(ReadOnlySpan<byte> bytes) =>
        YamlDocument.Read(
            bytes,
            document =>
            {
                var file = new YamlFields(document);
                file.CheckKeys(["rules", "evidence"], ["rules"]);
                return new CauseRules(
                    [.. file.List("rules", MostRules).Select(ReadRule)],
                    file.Has("evidence") ? ReadEvidence(file.Get("evidence")) : new()
                );
            }
        );

    private static Dictionary<Cause, IReadOnlyList<Regex>> ReadEvidence(YamlItem item)
    {
        var causes = new YamlFields(item, "evidence: ");
        causes.CheckKeys(Names, []);
        return causes.Keys.ToDictionary(
            CauseNames.Parse,
            IReadOnlyList<Regex> (name) => [.. causes.Texts(name, MostEntries, Pattern).Select(Compile)]
        );
    }

    private static CauseRule ReadRule(YamlItem item)
    {
        var fields = new YamlFields(item, "rule: ");
        fields.CheckKeys(Keys, ["cause"]);
        var rule = new CauseRule(
            CauseNames.Parse(fields.Text("cause", Among(Names))),
            fields.Has("line") ? Compile(fields.Text("line", Pattern)) : null
        )
        {
            Steps = fields.Texts("step", MostEntries, Among(Steps)),
            Formats =
            [
                .. fields
                    .Texts("format", MostEntries, Among(Formats))
                    .Select(word => word == Formats[0] ? PackageFormat.Debian : PackageFormat.Rpm),
            ],
            ExitCodes = [.. fields.Texts("exit", MostEntries, ExitCode).Select(code => ParseExitCode(code)!.Value)],
            Examples = fields.Texts("examples", MostEntries, _ => null),
            Place = item.Line,
        };
        return Check(rule, fields);
    }

    private static CauseRule Check(CauseRule rule, YamlFields fields)
    {
        if (rule.Line is null && rule.Steps.Count == 0 && rule.ExitCodes.Count == 0)
            throw new YamlFormatException(
                rule.Place,
                "rule: it would apply to every failure; expected a 'line', a 'step' or an 'exit'"
            );
        if (rule.Line is not null && rule.Examples.Count == 0)
            throw new YamlFormatException(rule.Place, "rule: no example; expected 'examples' with a line that matches");
        if (rule.Examples.FirstOrDefault(example => rule.Line?.IsMatch(example) != true) is { } other)
            throw new YamlFormatException(
                fields.LineOf("examples"),
                $"rule: the example '{other}' does not match 'line'"
            );
        return rule;
    }

    private static Func<string, string?> Among(IReadOnlyList<string> words) =>
        text => words.Contains(text) ? null : $"one of {string.Join(", ", words)}";

    private static string? ExitCode(string text) => ParseExitCode(text) is null ? "a number from 1 to 255" : null;

    private static int? ParseExitCode(string text) =>
        byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var code) && code > 0 ? code : null;

    private static string? Pattern(string text)
    {
        if (text.Length > LongestPattern)
            return $"a pattern of at most {LongestPattern} characters";
        try
        {
            Compile(text);
            return null;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return $"a regular expression without back references and look-arounds ({e.Message})";
        }
    }

    /// <summary>Lines are those of hostile builds: matching takes time in proportion to the line, whatever it holds.</summary>
    private static Regex Compile(string pattern) =>
        new(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
}
