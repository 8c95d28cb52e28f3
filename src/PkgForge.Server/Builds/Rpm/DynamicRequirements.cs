using PkgForge.Registry;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;

namespace PkgForge.Server.Builds.Rpm;

/// <summary>
/// What a spec file's <c>%generate_buildrequires</c> has asked for. rpmbuild writes it into a package of its own, which is as untrusted as the
/// source: the root's own rpm reads it, as the build user.
/// </summary>
internal static class DynamicRequirements
{
    /// <summary>The exit code of rpmbuild that says so.</summary>
    public const int Missing = 11;

    private const int MostBytes = 256 << 10;

    // Complaints come in the same stream.
    private const string Mark = "needs ";

    private static readonly ToolLimits Patience = new(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));

    /// <summary>The requirements, as <c>NAME</c> or <c>NAME OPERATOR VERSION</c>; or why they cannot be read.</summary>
    public static async Task<(IReadOnlyList<string> Requirements, string? Why)> ReadAsync(
        RootSession root,
        Func<Step, Step> bound,
        CancellationToken cancel
    )
    {
        var output = new CapturedOutput(MostBytes);
        var format = $"[{Mark}%{{REQUIRENAME}} %{{REQUIREFLAGS:depflags}} %{{REQUIREVERSION}}\\n]";
        var query = new Step("sh", "-c", "exec rpm -qp --qf \"$0\" rpm/SRPMS/*.buildreqs.nosrc.rpm", format)
        {
            Directory = Step.BuildHome,
        };
        if (!(await root.RunAsync(bound(query), output, Patience, cancel)).Succeeded)
            return ([], $"what it asks for cannot be read: {LogText.Plain(output.Tail(1))}");
        var lines = output.Text.Split('\n').Where(line => line.StartsWith(Mark, StringComparison.Ordinal));
        return (
            [
                .. lines
                    .Select(line => line[Mark.Length..].Trim())
                    .Where(requirement => !requirement.StartsWith("rpmlib(", StringComparison.Ordinal))
                    .Distinct(StringComparer.Ordinal),
            ],
            null
        );
    }

    /// <summary>The outcome when what it asks for leads nowhere.</summary>
    /// <param name="why">Why not; null when it has asked for nothing new.</param>
    /// <param name="log">Is told.</param>
    public static BuildOutcome Failed(string? why, BuildLog log)
    {
        var message = $"%generate_buildrequires: {why ?? "asks again for what has been installed"}";
        log.Say($"failed: {Cause.UnsatisfiableDependency.Name()}: {message}");
        return BuildOutcome.Failed(Cause.UnsatisfiableDependency, null, message);
    }
}
