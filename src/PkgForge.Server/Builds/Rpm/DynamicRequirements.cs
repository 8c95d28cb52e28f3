using PkgForge.Registry;
using PkgForge.Server.Builds.Logs;
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

    private static readonly ToolLimits Patience = new(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));

    /// <summary>The requirements; or why they cannot be read.</summary>
    public static async Task<(IReadOnlyList<string> Requirements, string? Why)> ReadAsync(
        RootSession root,
        Func<Step, Step> bound,
        CancellationToken cancel
    )
    {
        var output = new CapturedOutput(MostBytes);
        var query = new Step("sh", "-c", "exec rpm -qp --qf \"$0\" rpm/SRPMS/*.buildreqs.nosrc.rpm", Requirements.Query)
        {
            Directory = Step.BuildHome,
        };
        if (!(await root.RunAsync(bound(query), output, Patience, cancel)).Succeeded)
            return ([], $"what it asks for cannot be read: {LogText.Plain(output.Tail(1))}");
        return (Requirements.Read(output.Text), null);
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
