using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace PkgForge.EndToEnd.Escape;

/// <summary>
/// A Debian source package that a test writes itself, because what it is to try depends on what the test has put on the
/// host. It needs nothing but build-essential. Its build runs <c>bash ./behaviour</c>.
/// </summary>
/// <param name="Name">Source and only binary package.</param>
/// <param name="Behaviour">What the build runs.</param>
internal sealed record NativeSource(string Name, string Behaviour)
{
    /// <summary>More files, by their path in the source; they are installed in <c>/usr/share/NAME</c>.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    /// <summary>What the package runs when it is installed; null for nothing.</summary>
    public string? AfterInstallation { get; init; }

    /// <summary>Its version.</summary>
    public string Version { get; init; } = "1.0";

    /// <summary>Where it is built.</summary>
    public string Architecture { get; init; } = "any";

    /// <summary>A package that its build needs.</summary>
    public string? Needs { get; init; }

    /// <summary>A package that must not be there when it is built.</summary>
    public string? Conflicts { get; init; }

    private string Relations =>
        (Needs is null ? "" : $"Build-Depends: {Needs}\n")
        + (Conflicts is null ? "" : $"Build-Conflicts: {Conflicts}\n");

    /// <summary>What the archive's own <c>debian/changelog</c> and <c>debian/control</c> call it: a source that lies has another name or version there.</summary>
    public (string Name, string Version)? Inside { get; init; }

    /// <summary>Further files that the <c>.dsc</c> names, which belong to nothing.</summary>
    public IReadOnlyList<string> Beside { get; init; } = [];

    /// <summary>Commands after the package was made, before the build ends; they run in the source directory.</summary>
    public string Last { get; init; } = "true";

    private string Rules =>
        $"""
            #!/usr/bin/make -f
            clean build build-arch build-indep binary-indep:
            binary binary-arch:
            	bash ./behaviour
            	mkdir -p debian/tmp/DEBIAN debian/tmp/usr/share/{Name}
            	cp {string.Join(' ', Files.Keys.Append("behaviour"))} debian/tmp/usr/share/{Name}/
            	if [ -e debian/postinst ]; then install -m 755 debian/postinst debian/tmp/DEBIAN/; fi
            	dpkg-gencontrol
            	dpkg-deb --root-owner-group --build debian/tmp ..
            	bash ./last

            """;

    /// <summary>More keys in the heading of the changelog's entry: <c>, KEY=VALUE</c>.</summary>
    public string Keys { get; init; } = "";

    private (string Name, string Version) Called => Inside ?? (Name, Version);

    private string Control =>
        $"""
            Source: {Called.Name}
            Section: misc
            Priority: optional
            Maintainer: PkgForge <tests@pkgforge.invalid>
            Standards-Version: 4.6.2
            Rules-Requires-Root: no
            {Relations}
            Package: {Called.Name}
            Architecture: {Architecture}
            Description: tries what a build must not be able to do
             A package for the tests of a build farm.

            """;

    private string Changelog =>
        $"""
            {Called.Name} ({Called.Version}) unstable; urgency=medium{Keys}

              * First.

             -- PkgForge <tests@pkgforge.invalid>  Sun, 01 Nov 2026 12:00:00 +0000

            """;

    /// <summary>Writes both files into a directory; returns the path of the <c>.dsc</c>.</summary>
    public string Write(string directory)
    {
        var archive = $"{Name}_{Version}.tar.gz";
        var bytes = Archive();
        File.WriteAllBytes($"{directory}/{archive}", bytes);
        var path = $"{directory}/{Name}_{Version}.dsc";
        foreach (var name in Beside)
            File.WriteAllText($"{directory}/{name}", "x");
        File.WriteAllText(path, Description([(archive, bytes), .. Beside.Select(name => (name, "x"u8.ToArray()))]));
        return path;
    }

    private byte[] Archive()
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest))
        using (var tar = new TarWriter(gzip, TarEntryFormat.Ustar))
        {
            Add(tar, "behaviour", Behaviour);
            Add(tar, "last", Last);
            Add(tar, "debian/rules", Rules, executable: true);
            Add(tar, "debian/control", Control);
            Add(tar, "debian/changelog", Changelog);
            Add(tar, "debian/source/format", "3.0 (native)\n");
            if (AfterInstallation is not null)
                Add(tar, "debian/postinst", AfterInstallation, executable: true);
            foreach (var (path, text) in Files)
                Add(tar, path, text);
        }
        return memory.ToArray();
    }

    private void Add(TarWriter tar, string path, string text, bool executable = false) =>
        tar.WriteEntry(
            new UstarTarEntry(TarEntryType.RegularFile, $"{Name}-{Version}/{path}")
            {
                DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)),
                Mode = (UnixFileMode)(executable ? 0b111_101_101 : 0b110_100_100),
                ModificationTime = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero),
            }
        );

    private string Description(IReadOnlyList<(string Name, byte[] Bytes)> files) =>
        $"""
            Format: 3.0 (native)
            Source: {Name}
            Binary: {Name}
            Architecture: {Architecture}
            Version: {Version}
            Maintainer: PkgForge <tests@pkgforge.invalid>
            Standards-Version: 4.6.2
            {Relations}Checksums-Sha256:{List(
                files,
                bytes => Convert.ToHexStringLower(SHA256.HashData(bytes))
            )}
            Files:{List(files, Md5)}

            """;

    private static string List(IEnumerable<(string Name, byte[] Bytes)> files, Func<byte[], string> digest) =>
        string.Concat(files.Select(file => $"\n {digest(file.Bytes)} {file.Bytes.Length} {file.Name}"));

#pragma warning disable CA5351 // The format asks for it.
    private static string Md5(byte[] bytes) => Convert.ToHexStringLower(MD5.HashData(bytes));
#pragma warning restore CA5351
}
