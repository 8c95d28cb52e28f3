using System.Text.RegularExpressions;
using PkgForge.Registry;
using PkgForge.Server.Builds.Logs;

namespace PkgForge.Server.Builds.Failures;

/// <summary>The rules that find why a step failed, in order, and the line that shows it.</summary>
/// <param name="rules">The first that applies decides.</param>
/// <param name="evidence">For a cause, patterns of lines that show it, the best first.</param>
internal sealed class CauseRules(
    IReadOnlyList<CauseRule> rules,
    IReadOnlyDictionary<Cause, IReadOnlyList<Regex>> evidence
)
{
    private const string Resource = "causes.yml";

    private static readonly Lazy<CauseRules> Read = new(ReadResource);

    /// <summary>The farm's own, <c>causes.yml</c> beside this file. They are read when the first build fails.</summary>
    public static CauseRules OfFarm => Read.Value;

    /// <summary>All of them.</summary>
    public IReadOnlyList<CauseRule> All => rules;

    /// <summary>The cause, and the line that shows it; unknown when no rule applies.</summary>
    public (Cause Cause, LogLine? Evidence) Find(StepFailure failure)
    {
        foreach (var rule in rules)
        {
            if (rule.Applies(failure))
                return (rule.Cause, BestOf(rule.Cause, failure) ?? Own(rule, failure) ?? failure.LastLine);
        }
        return (Cause.Unknown, failure.LastLine);
    }

    private LogLine? BestOf(Cause cause, StepFailure failure) =>
        evidence.GetValueOrDefault(cause, []).Select(failure.First).FirstOrDefault(line => line is not null);

    private static LogLine? Own(CauseRule rule, StepFailure failure) =>
        rule.Line is null ? null : failure.Last(rule.Line);

    private static CauseRules ReadResource()
    {
        using var stream = typeof(CauseRules).Assembly.GetManifestResourceStream(Resource)!;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        var (read, error) = CauseRulesFile.Read(bytes.ToArray());
        return read ?? throw new InvalidOperationException($"{Resource}: {error}");
    }
}
