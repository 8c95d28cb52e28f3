using PkgForge.Server.Builds.Logs;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;
using PkgForge.Sources;

namespace PkgForge.Server.Builds.Rpm;

/// <summary>Asks the rpm of a root what the spec file of a source says. The source lies in the root's build directory.</summary>
/// <param name="root">The session.</param>
/// <param name="bound">Puts the limits of a build on a step.</param>
internal sealed class SpecQuery(RootSession root, Func<Step, Step> bound)
{
    private const int MostBytes = 1 << 20;

    /// <summary>A spec file may run whatever it likes while it is read; it need not be long.</summary>
    private static readonly ToolLimits Patience = new(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));

    // Complaints come in the same stream.
    private const string Mark = "makes ";

    private static readonly string[] Top = ["--define", $"_topdir {Step.BuildHome}/rpm"];

    /// <summary>Unpacks the source, so that its spec file can be asked. Returns why that cannot be done; null when it is.</summary>
    public async Task<string?> InstallAsync(SourceRpm source, CancellationToken cancel) =>
        (await RunAsync("rpm", ["-i", "--nodeps", .. Top, "--", source.FileName], cancel)).Why;

    /// <summary>The names of the packages that the spec file describes, and of what they say that they provide; or why that cannot be told.</summary>
    public async Task<(IReadOnlyCollection<string> Makes, string? Why)> MakesAsync(
        SourceRpm source,
        CancellationToken cancel
    )
    {
        var (output, why) = await AskAsync(source, [], $"{Mark}%{{NAME}}\\n[{Mark}%{{PROVIDENAME}}\\n]", cancel);
        return (
            output
                .Split('\n')
                .Where(line => line.StartsWith(Mark, StringComparison.Ordinal))
                .Select(line => line[Mark.Length..])
                .ToHashSet(StringComparer.Ordinal),
            why
        );
    }

    /// <summary>
    /// What must be installed here to build it; or why that cannot be told. The source package's own list is what its spec file asked for where it was made, which may have been another
    /// distribution.
    /// </summary>
    public async Task<(IReadOnlyList<string> Needs, string? Why)> NeedsAsync(SourceRpm source, CancellationToken cancel)
    {
        var (output, why) = await AskAsync(source, ["--srpm"], Requirements.Query, cancel);
        return (Requirements.Read(output), why);
    }

    private Task<(string Output, string? Why)> AskAsync(
        SourceRpm source,
        string[] about,
        string format,
        CancellationToken cancel
    ) => RunAsync("rpmspec", ["-q", .. about, "--qf", format, .. Top, "--", $"rpm/SPECS/{source.SpecFile}"], cancel);

    private async Task<(string Output, string? Why)> RunAsync(
        string tool,
        IReadOnlyList<string> words,
        CancellationToken cancel
    )
    {
        var output = new CapturedOutput(MostBytes);
        var step = bound(new Step([tool, .. words]) { Directory = Step.BuildHome });
        var result = await root.RunAsync(step, output, Patience, cancel);
        return (output.Text, result.Succeeded ? null : Why(tool, result, output));
    }

    private static string Why(string tool, ToolResult result, CapturedOutput output) =>
        result.End switch
        {
            ToolEnd.Exited => $"{tool} ended with exit code {result.ExitCode}: {LogText.Plain(output.Tail(1))}",
            ToolEnd.TooMuchOutput => $"{tool} printed more than {MostBytes} bytes",
            _ => $"{tool} was stopped after {Patience.Time:c}",
        };
}
