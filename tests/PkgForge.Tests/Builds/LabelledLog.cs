using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using PkgForge.Registry;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Failures;
using PkgForge.Server.Builds.Logs;
using PkgForge.Server.Processes;
using PkgForge.Sources;

namespace PkgForge.Tests.Builds;

/// <summary>A real log of a package that was broken in a known way (tests/causes).</summary>
/// <param name="Name">The package.</param>
/// <param name="Label">The cause that it has because of how it was broken.</param>
/// <param name="Format">Its format.</param>
/// <param name="Step">The step that failed.</param>
/// <param name="End">The exit code of the step's tool; <c>stopped</c> when a limit of the farm ended it, <c>-</c> when it is not known.</param>
internal sealed partial record LabelledLog(string Name, string Label, PackageFormat Format, string Step, string End)
{
    /// <summary>Logs that were in the second half when it was seen in them what rules lacked: they measure nothing any more.</summary>
    private static readonly string[] Seen = ["m-python", "m-sort"];

    public static IReadOnlyList<LabelledLog> All { get; } =
    [
        .. File.ReadLines(Checkout.PathOf("tests/causes/logs.tsv"))
            .Select(line => line.Split('\t'))
            .Select(words => new LabelledLog(
                words[0],
                words[1],
                words[2] == "rpm" ? PackageFormat.Rpm : PackageFormat.Debian,
                words[3],
                words[4]
            )),
    ];

    /// <summary>0: rules may be written from it; 1: it is for measuring.</summary>
    public int Half => Seen.Contains(Name) ? 0 : SHA256.HashData(Encoding.UTF8.GetBytes(Name))[0] % 2;

    /// <summary>The cause is found by rules. Others are known from how a tool ended: limits, and dependencies that cannot be had.</summary>
    public bool IsByRules => End != "stopped" && Step != "dependencies";

    /// <summary>Writes what the step printed into a log.</summary>
    public void WriteTo(BuildLog log)
    {
        var text = File.ReadAllText(Checkout.PathOf($"tests/causes/logs/{Name}.log"), Encoding.Latin1);
        var body = text[(StepLine().Matches(text).Select(line => line.Index + line.Length).LastOrDefault())..];
        log.Write(Encoding.Latin1.GetBytes(body[..FailedLine().Match(body).Index]));
    }

    /// <summary>What the farm makes of it.</summary>
    public BuildOutcome Judge(BuildLog log)
    {
        var since = log.Length;
        WriteTo(log);
        if (Step == StepFailure.Dependencies)
            return Causes.OfDependencies(Format, log, since);
        var code = int.Parse(End, CultureInfo.InvariantCulture);
        return Causes.Find((Step, Format), new(ToolEnd.Exited, code), new(), log, since);
    }

    [GeneratedRegex(@"^==> \d\d:\d\d:\d\d (?:dependencies|unpack|build): .*\n", RegexOptions.Multiline)]
    private static partial Regex StepLine();

    [GeneratedRegex(@"^==> \d\d:\d\d:\d\d failed: ", RegexOptions.Multiline)]
    private static partial Regex FailedLine();
}
