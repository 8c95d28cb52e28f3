using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;

namespace PkgForge.Server.Builds.Rpm;

/// <summary>
/// Which set a plan of dnf leads to. A set is named by what is installed, with digests, which dnf tells only when it has installed it. So it is noted which plan has led to
/// which set; the same plan in the same root need not be carried out again. A plan is the same when names, versions, architectures, repositories and sizes are, and of
/// packages of the farm's own repositories, where somebody may publish another one under the same name and version, the digests, too.
/// </summary>
public sealed partial class RpmBuilder
{
    /// <summary>What the plan's set is noted under; null when that cannot be told.</summary>
    private static async Task<string?> SubjectAsync(
        RootSession root,
        DnfCommand dnf,
        string printed,
        CancellationToken cancel
    )
    {
        if (DnfPlan.Read(printed) is not { } plan)
            return null;
        var own = plan.From(DnfCommand.FarmPrefix);
        var digests = own.Count == 0 ? [] : await DigestsAsync(root, dnf, own, cancel);
        return digests is null ? null : string.Join('\n', ["plan", plan.Text, .. digests]);
    }

    /// <summary>The digests of packages of the farm's repositories; null when one of them is not found.</summary>
    private static async Task<IReadOnlyList<string>?> DigestsAsync(
        RootSession root,
        DnfCommand dnf,
        IReadOnlyList<string> packages,
        CancellationToken cancel
    )
    {
        string[] where =
        [
            "repoquery",
            "--quiet",
            "--cacheonly",
            "--location",
            "--disablerepo=*",
            $"--enablerepo={DnfCommand.FarmPrefix}*",
            "--",
            .. packages,
        ];
        var places = new CapturedOutput();
        if (!(await root.RunOnHostAsync(dnf.Run(root, where), places, cancel)).Succeeded)
            return null;
        var files = places.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (files.Length < packages.Count)
            return null;
        var sums = new CapturedOutput();
        var sum = new Command("sha256sum", ["--", .. files.Select(file => new Uri(file).LocalPath)]);
        return (await root.RunOnHostAsync(sum, sums, cancel)).Succeeded
            ? [.. sums.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)]
            : null;
    }
}
