using System.IO.Compression;
using PkgForge.Platforms;
using PkgForge.Server.Processes;

namespace PkgForge.Server.Publishing;

/// <summary>
/// A repository for apt, in the form of the Debian repository format: <c>dists/NAME/</c> with component <c>main</c>, and
/// <c>Acquire-By-Hash</c>, which is what lets a reader finish what it began before a switch.
/// </summary>
internal sealed class DebianRepository(string buckets, string bucket, PlatformKey platform)
    : BucketRepository(buckets, bucket, platform, "dists")
{
    private const string Component = "main";

    private string Suite => $"dists/{Platform.Name}";
    private string Packages => $"{Component}/binary-{Platform.Architecture}/Packages";

    /// <summary>Packages of the installer have an index of their own, or apt would offer them.</summary>
    private string InstallerPackages => $"{Component}/debian-installer/binary-{Platform.Architecture}/Packages";

    private protected override string ListOfIndexes => $"{Suite}/Release";

    /// <inheritdoc/>
    public override string Usage(string? url = null) =>
        $"deb [trusted=yes] {url ?? FileUrl("file:")} {Platform.Name} {Component}";

    /// <inheritdoc/>
    public override string? UsageFile => $"/etc/apt/sources.list.d/pkgforge-{Bucket}.list";

    private protected override bool IsPackage(string fileName) =>
        fileName.EndsWith(".deb", StringComparison.Ordinal) || fileName.EndsWith(".udeb", StringComparison.Ordinal);

    private protected override string PackageOf(string fileName) => fileName.Split('_')[0];

    private protected override async Task<string?> WriteMetadataAsync(SnapshotDraft draft, CancellationToken cancel)
    {
        var known = ReadStanzas(draft);
        var fresh = draft.Members.Where(m => !known.ContainsKey(m.Path)).ToList();
        if (fresh.Count > 0 && await IndexAsync(draft.Place, fresh, known, cancel) is { } refusal)
            return refusal;
        var stanzas = draft.Members.Select(m => known[m.Path]).ToLookup(s => s.IsForInstaller);
        WriteIndex($"{draft.Place}/{Suite}/{Packages}", stanzas[false]);
        if (stanzas[true].Any())
            WriteIndex($"{draft.Place}/{Suite}/{InstallerPackages}", stanzas[true]);
        await WriteReleaseAsync(draft, cancel);
        foreach (var snapshot in draft.Former.Append(new(0, draft.Place)))
            CarryIndexes(snapshot.Directory, draft.Place);
        return null;
    }

    /// <summary>What the current snapshot says of its packages, so that each is read but once.</summary>
    private Dictionary<string, PackageStanza> ReadStanzas(SnapshotDraft draft)
    {
        var stanzas = new[] { Packages, InstallerPackages }
            .Select(index => $"{draft.Current?.Directory}/{Suite}/{index}")
            .Where(File.Exists)
            .SelectMany(index => PackageStanza.ReadAll(File.ReadAllText(index)));
        return stanzas.ToDictionary(s => s.FileName);
    }

    /// <summary>Has packages read that are in no snapshot yet. Nothing that is said of them is taken unless it is true.</summary>
    private async Task<string?> IndexAsync(
        string place,
        List<Member> fresh,
        Dictionary<string, PackageStanza> known,
        CancellationToken cancel
    )
    {
        var stage = $"{place}/.stage";
        var (output, complaints) = await ReadPackagesAsync(stage, fresh, cancel);
        // Once more: what a package does to the tool it does again, what the machine does it mostly does not.
        if (output is null)
            (output, complaints) = await ReadPackagesAsync(stage, fresh, cancel);
        if (output is null)
        {
            // Is it the tool, or what it read? On nothing at all it must work.
            var (onNothing, _) = await ReadPackagesAsync($"{stage}-empty", [], cancel);
            return onNothing is not null
                ? $"apt-ftparchive failed on {string.Join(' ', fresh.Select(m => m.FileName))}: {Complaint.About("", complaints)}"
                : throw new FarmFaultException($"apt-ftparchive does not work: {Complaint.About("", complaints)}");
        }
        var found = PackageStanza.ReadAll(output).ToLookup(s => s.FileName);
        foreach (var member in fresh)
        {
            if (found[member.Path].ToList() is not [var stanza] || !stanza.Describes(member))
                return $"{member.FileName} is not a Debian package: {Complaint.About(member.FileName, complaints)}";
            known.Add(member.Path, stanza);
        }
        return null;
    }

    private async Task<(string? Output, string Complaints)> ReadPackagesAsync(
        string stage,
        List<Member> members,
        CancellationToken cancel
    )
    {
        Disk.MakeDirectory($"{stage}/pool");
        foreach (var member in members)
            SnapshotDraft.Carry($"{Directory}/{member.Path}", $"{stage}/{member.Path}");
        var (output, complaints) = (new CapturedOutput(256 << 20), new CapturedOutput());
        var command = new Command("apt-ftparchive", "packages", "pool") { Directory = stage };
        var result = await Tool.RunAsync(
            Sandbox.Wrap(command, [stage]),
            new SeparateOutput(output, complaints),
            cancel: cancel
        );
        System.IO.Directory.Delete(stage, recursive: true);
        return (result.Succeeded ? output.Text : null, complaints.Text);
    }

    private static void WriteIndex(string path, IEnumerable<PackageStanza> stanzas)
    {
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, string.Concat(stanzas.Select(s => $"{s.Text}\n\n")));
        using var plain = File.OpenRead(path);
        using var packed = new GZipStream(File.Create($"{path}.gz"), CompressionLevel.Optimal);
        plain.CopyTo(packed);
    }

    private async Task WriteReleaseAsync(SnapshotDraft draft, CancellationToken cancel)
    {
        var suite = $"{draft.Place}/{Suite}";
        (string Name, string Value)[] fields =
        [
            ("Origin", "PkgForge"),
            ("Label", Bucket),
            ("Suite", Platform.Name),
            ("Codename", Platform.Name),
            ("Architectures", Platform.Architecture),
            ("Components", Component),
            ("Acquire-By-Hash", "yes"),
            // Indexes are kept under their SHA-256; a stronger digest here would make apt ask for that one.
            ("MD5", "false"),
            ("SHA1", "false"),
            ("SHA512", "false"),
        ];
        var options = fields.SelectMany(f => new[] { "-o", $"APT::FTPArchive::Release::{f.Name}={f.Value}" });
        var command = new Command("apt-ftparchive", [.. options, "release", "."]) { Directory = suite };
        var (output, complaints) = (new CapturedOutput(), new CapturedOutput());
        var result = await Tool.RunAsync(
            Sandbox.Wrap(command, [suite]),
            new SeparateOutput(output, complaints),
            cancel: cancel
        );
        if (!result.Succeeded)
            throw new FarmFaultException($"apt-ftparchive cannot make a Release file: {complaints.Tail()}");
        await File.WriteAllTextAsync($"{suite}/Release", output.Text, cancel);
        draft.Date($"{suite}/Release");
    }

    /// <summary>Links every index that the Release file of a snapshot lists under its digest's name.</summary>
    private void CarryIndexes(string from, string to)
    {
        foreach (var line in File.ReadLines($"{from}/{Suite}/Release"))
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [{ Length: 64 } digest, _, var path])
                continue;
            var directory = Path.GetDirectoryName(path);
            SnapshotDraft.Carry($"{from}/{Suite}/{path}", $"{to}/{Suite}/{directory}/by-hash/SHA256/{digest}");
        }
    }
}
