using System.Text.RegularExpressions;
using PkgForge.Platforms;
using PkgForge.Server.Processes;

namespace PkgForge.Server.Publishing;

/// <summary>
/// A repository for dnf: <c>repodata/</c> by createrepo_c. The names of the indexes carry their digests, and those of
/// former snapshots stay, so that a reader can finish what it began before a switch.
/// </summary>
internal sealed partial class RpmRepository(string buckets, string bucket, PlatformKey platform)
    : BucketRepository(buckets, bucket, platform, "repodata")
{
    /// <summary>createrepo_c's exit code for: done, but some packages could not be read (--error-exit-val).</summary>
    private const int SomeUnreadable = 2;

    private protected override string ListOfIndexes => "repodata/repomd.xml";

    /// <inheritdoc/>
    public override string Usage(string? url = null) =>
        $"""
            [{Bucket}-{Platform}]
            name=PkgForge {Bucket} for {Platform}
            baseurl={url ?? FileUrl("file://")}
            enabled=1
            gpgcheck=0
            """;

    /// <inheritdoc/>
    public override string? UsageFile => $"/etc/yum.repos.d/pkgforge-{Bucket}.repo";

    private protected override bool IsPackage(string fileName) =>
        fileName.EndsWith(".rpm", StringComparison.Ordinal)
        && !fileName.EndsWith(".src.rpm", StringComparison.Ordinal)
        && !fileName.EndsWith(".nosrc.rpm", StringComparison.Ordinal);

    /// <summary>NAME of NAME-VERSION-RELEASE.ARCH.rpm; neither version nor release has a dash.</summary>
    private protected override string PackageOf(string fileName) =>
        fileName.Split('-') is { Length: > 2 } parts ? string.Join('-', parts[..^2]) : fileName.Split('-', '.')[0];

    private protected override async Task<string?> WriteMetadataAsync(SnapshotDraft draft, CancellationToken cancel)
    {
        var before = draft.Current?.Members() ?? [];
        var (ended, said) = await IndexAsync(draft, draft.Members, cancel);
        // Once more: what a package does to the tool it does again, what the machine does it mostly does not.
        if (!ended)
            (ended, said) = await IndexAsync(draft, draft.Members, cancel);
        if (!ended)
        {
            // Is it the tool, or what it read? What it has read before it must be able to read again.
            var (endedBefore, _) = await IndexAsync(draft, before, cancel);
            var fresh = draft.Members.Except(before).Select(m => m.FileName);
            return endedBefore && fresh.Any()
                ? $"createrepo_c failed on {string.Join(' ', fresh)}: {Complaint.About("", said)}"
                : throw new FarmFaultException($"createrepo_c does not work: {Complaint.About("", said)}");
        }
        if (FindMissing(draft) is { } missing)
            return before.Contains(missing)
                ? throw new FarmFaultException(
                    $"createrepo_c no longer reads {missing.Path}: {Complaint.About(missing.FileName, said)}"
                )
                : $"{missing.FileName} is not an RPM package: {Complaint.About(missing.FileName, said)}";
        draft.Date($"{draft.Place}/{ListOfIndexes}");
        foreach (var snapshot in draft.Former)
            CarryIndexes(snapshot.Directory, draft.Place);
        return null;
    }

    /// <summary>Returns whether createrepo_c came to its end, and what it said.</summary>
    private async Task<(bool Ended, string Said)> IndexAsync(
        SnapshotDraft draft,
        IReadOnlyList<Member> members,
        CancellationToken cancel
    )
    {
        var list = $"{draft.Place}/.list";
        await File.WriteAllLinesAsync(list, members.Select(m => m.Path), cancel);
        var command = new Command(
            "createrepo_c",
            [
                "--no-database",
                "--error-exit-val",
                "--checksum=sha256",
                "--general-compress-type=gz",
                $"--pkglist={list}",
                $"--outputdir={draft.Place}",
                .. Update(draft, members),
                Directory,
            ]
        );
        var output = new CapturedOutput();
        var result = await Tool.RunAsync(Sandbox.Wrap(command, [Directory], draft.Place), output, cancel: cancel);
        File.Delete(list);
        return (result.End == ToolEnd.Exited && result.ExitCode is 0 or SomeUnreadable, output.Text);
    }

    /// <summary>
    /// Takes what the current snapshot says of packages that stay. Not when one is replaced under its file name: that is
    /// all by which createrepo_c, comparing sizes and times, tells packages apart.
    /// </summary>
    private static string[] Update(SnapshotDraft draft, IReadOnlyList<Member> members)
    {
        if (draft.Current is not { } current || current.Members().Except(members).Any())
            return [];
        return ["--update", $"--update-md-path={current.Directory}"];
    }

    /// <summary>The first member that the index does not describe as it is; null when all is well.</summary>
    private static Member? FindMissing(SnapshotDraft draft)
    {
        var directory = $"{draft.Place}/repodata";
        var indexed = PrimaryIndex.Read(System.IO.Directory.EnumerateFiles(directory, "*-primary.xml.gz").Single());
        if (draft.Members.FirstOrDefault(m => indexed.GetValueOrDefault(m.Path) != m.Product.Sha256) is { } missing)
            return missing;
        return indexed.Count == draft.Members.Count
            ? null
            : throw new FarmFaultException($"createrepo_c lists {indexed.Count} packages, not {draft.Members.Count}");
    }

    /// <summary>Links every index that the repomd.xml of a snapshot lists.</summary>
    private static void CarryIndexes(string from, string to)
    {
        foreach (Match index in Location().Matches(File.ReadAllText($"{from}/repodata/repomd.xml")))
            SnapshotDraft.Carry($"{from}/{index.Groups[1]}", $"{to}/{index.Groups[1]}");
    }

    [GeneratedRegex("""<location href="(repodata/[A-Za-z0-9._-]+)"/>""")]
    private static partial Regex Location();
}
