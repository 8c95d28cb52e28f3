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
    private static string[] Lines(CapturedOutput output) =>
        output.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>The path of a file's URL. Complaints come in the same stream, and are none.</summary>
    private static string? LocalPath(string line) =>
        Uri.TryCreate(line, UriKind.Absolute, out var place) && place.Scheme == Uri.UriSchemeFile
            ? place.LocalPath
            : null;

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
        var own = plan.From(DnfConfiguration.FarmPrefix);
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
            $"--enablerepo={DnfConfiguration.FarmPrefix}*",
            "--",
            .. packages,
        ];
        var places = new CapturedOutput();
        if (!(await root.RunOnHostAsync(dnf.Run(root, where), places, cancel)).Succeeded)
            return null;
        var files = Lines(places).Select(LocalPath).OfType<string>().ToList();
        if (files.Count < packages.Count)
            return null;
        var sums = new CapturedOutput();
        if (!(await root.RunOnHostAsync(new("sha256sum", ["--", .. files]), sums, cancel)).Succeeded)
            return null;
        // Without the files' places: a copy of the repository may lie in another one each time.
        return [.. Lines(sums).Select(line => line.Split(' ')[0]).Order(StringComparer.Ordinal)];
    }
}
