using System.Text.RegularExpressions;
using PkgForge.Server.Processes;

namespace PkgForge.Server.Checks;

/// <summary>What both checks do: find the files, run the tool in a sandbox, count, write down.</summary>
internal sealed record CheckTool
{
    /// <summary>More than a report for a person is long.</summary>
    private const int MostOutput = 8 << 20;
    private const int MostEvidence = 500;
    private const int MostFindings = 40;

    private static readonly TimeSpan MostTime = TimeSpan.FromMinutes(15);

    public required string Name { get; init; }

    /// <summary>The options, before the files.</summary>
    public required IReadOnlyList<string> Options { get; init; }

    /// <summary>
    /// What the exit codes mean; null leaves it to the lines that count as errors, and any other code says that the tool
    /// did not work.
    /// </summary>
    public required IReadOnlyDictionary<int, CheckEnd?> ExitCodes { get; init; }

    public required Regex ErrorLine { get; init; }

    public required Regex WarningLine { get; init; }

    /// <summary>How long the tool may take.</summary>
    public TimeSpan Time { get; init; } = MostTime;

    public async Task<CheckResult> RunAsync(IReadOnlyList<string> files, string attempt, CancellationToken cancel)
    {
        if (files.Count == 0)
            return new(CheckEnd.NotConcerned, 0, 0, null, $"{Name}: there is nothing to check");
        if (Array.Find([Name, Sandbox.Program], tool => !HostTools.Has(tool)) is { } missing)
            return new(CheckEnd.Unusable, 0, 0, null, $"{Name}: this machine lacks {missing}");
        var directory = Path.GetDirectoryName(files[0])!;
        var command = new Command(Name, [.. Options, .. files.Select(f => Path.GetFileName(f))])
        {
            Directory = directory,
        };
        var output = new CapturedOutput(MostOutput);
        var result = await Tool.RunAsync(Sandbox.Wrap(command, [directory]), output, new(Time, Time), cancel: cancel);
        await WriteAsync(attempt, output.Text, cancel);
        return Judge(result, output.Text.Split('\n', StringSplitOptions.TrimEntries));
    }

    private CheckResult Judge(ToolResult result, string[] lines)
    {
        var (errors, warnings) = (lines.Count(ErrorLine.IsMatch), lines.Count(WarningLine.IsMatch));
        string[] findings = [.. lines.Where(line => ErrorLine.IsMatch(line)).Take(MostFindings).Select(Clean)];
        var first = findings.FirstOrDefault();
        CheckResult Ended(CheckEnd end, string? evidence, string what) =>
            new(end, errors, warnings, evidence, $"{Name}: {what}") { Findings = findings };
        return result.End switch
        {
            // What it costs to check a package is the package's doing, as with a build's limits.
            ToolEnd.TooMuchOutput => Ended(CheckEnd.Failed, first, $"stopped after {MostOutput} bytes of output"),
            ToolEnd.TimedOut or ToolEnd.Silent => Ended(CheckEnd.Failed, first, $"stopped after {Time:c}, the limit"),
            _ => ExitCodes.TryGetValue(result.ExitCode, out var end)
                ? Ended(
                    end ?? (errors > 0 ? CheckEnd.Failed : CheckEnd.Passed),
                    first,
                    $"{errors} errors, {warnings} warnings"
                )
                : Ended(
                    CheckEnd.Unusable,
                    Array.FindLast(lines, line => line.Length > 0) is { } last ? Clean(last) : null,
                    $"did not work, exit code {result.ExitCode}"
                ),
        };
    }

    private async Task WriteAsync(string attempt, string text, CancellationToken cancel)
    {
        var path = $"{attempt}/{Name}.log";
        try
        {
            await File.WriteAllTextAsync(path, text, cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FarmFaultException($"cannot write {path}: {e.Message}", e);
        }
    }

    // The products have a say in it, and it goes into mails, pages and terminals.
    private static string Clean(string line) =>
        string.Concat(line.Take(MostEvidence).Select(c => char.IsControl(c) ? ' ' : c));
}
