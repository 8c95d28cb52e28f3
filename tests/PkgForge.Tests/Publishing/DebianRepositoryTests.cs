using AwesomeAssertions;
using PkgForge.Platforms;
using PkgForge.Server.Processes;
using PkgForge.Server.Publishing;
using PkgForge.Sources;
using PkgForge.Tests.Contracts;
using Xunit;

namespace PkgForge.Tests.Publishing;

/// <summary>Read by apt, with a configuration of its own and nothing of this machine's.</summary>
public sealed class DebianRepositoryTests : BucketRepositoryContract
{
    protected override Platform Platform { get; } = new(new("bookworm", "amd64"), PackageFormat.Debian, true, true);

    protected override string Metadata => "dists";

    protected override string HostileName => "../../x\nFilename: y_1_amd64.deb";

    internal override Task<ProductFile> MakeAsync(string name, string version, string content) =>
        SomePackage.DebAsync(Root, name, version, content);

    internal override ProductFile Garbage(string name) => SomePackage.Garbage(Root, $"{name}_1.0_amd64.deb");

    protected override async Task<IReadOnlyList<string>> ReadAsync()
    {
        var apt = NewApt();
        await UpdateAsync(apt);
        var names = await Tool.RequireAsync(Apt(apt, "apt-cache", "pkgnames"), default);
        var lines = new List<string>();
        foreach (var name in names.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal))
            lines.AddRange((await Tool.RequireAsync(Apt(apt, "apt-cache", "madison", name), default)).Split('\n'));
        return
        [
            .. lines
                .Select(l => l.Split('|', StringSplitOptions.TrimEntries))
                .Where(f => f.Length == 3)
                .Select(f => $"{f[0]} {f[1]}")
                .Order(StringComparer.Ordinal),
        ];
    }

    protected override async Task<string> DownloadAsync(string name)
    {
        var apt = NewApt();
        await UpdateAsync(apt);
        var command = Apt(apt, "apt-get", "download", name) with { Directory = apt };
        await Tool.RequireAsync(command, default);
        return Directory.GetFiles(apt, "*.deb").Single();
    }

    protected override IReadOnlyList<(string Path, string Sha256)> Indexes(string snapshot) =>
        [
            .. File.ReadLines($"{snapshot}/dists/bookworm/Release")
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(words => words is [{ Length: 64 }, _, _])
                .Select(words =>
                    ($"dists/bookworm/{Path.GetDirectoryName(words[2])}/by-hash/SHA256/{words[0]}", words[0])
                ),
        ];

    [Fact]
    public async Task The_release_file_says_what_apt_needs_to_know()
    {
        await Repository.EnsureAsync(default);
        var release = await File.ReadAllLinesAsync($"{Repository.Directory}/dists/bookworm/Release");
        release
            .Should()
            .Contain(["Codename: bookworm", "Architectures: amd64", "Components: main", "Acquire-By-Hash: yes"]);
        release.Should().NotContain(line => line.StartsWith("SHA512:") || line.StartsWith("MD5Sum:"));
    }

    [Fact]
    public async Task A_package_of_the_installer_is_not_offered_to_apt()
    {
        var hello = await MakeAsync("hello", "1.0", "one");
        var udeb = Path.ChangeExtension(hello.Path, ".udeb");
        File.Copy(hello.Path, udeb);
        await PublishAsync(SomePackage.Of(udeb));

        (await ReadAsync()).Should().BeEmpty();
        File.ReadAllText($"{Repository.Directory}/dists/bookworm/main/debian-installer/binary-amd64/Packages")
            .Should()
            .Contain("Package: hello");
    }

    [Fact]
    public async Task Only_packages_are_published()
    {
        await PublishAsync(
            SomePackage.Garbage(Root, "hello_1.0_amd64.changes"),
            SomePackage.Garbage(Root, "hello.buildinfo")
        );
        (await ReadAsync()).Should().BeEmpty();
        Directory.Exists($"{Repository.Directory}/pool").Should().BeFalse();
    }

    [Fact]
    public async Task Publishes_in_one_second_are_told_apart_by_their_dates()
    {
        await PublishAsync(await MakeAsync("hello", "1.0", "one"));
        var first = File.GetLastWriteTimeUtc($"{Repository.Directory}/dists/bookworm/Release");
        await PublishAsync(await MakeAsync("hello", "2.0", "two"));
        var second = File.GetLastWriteTimeUtc($"{Repository.Directory}/dists/bookworm/Release");
        (second - first).Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void The_usage_is_a_line_for_sources_list() =>
        Repository
            .Usage("https://example.org/main")
            .Should()
            .Be("deb [trusted=yes] https://example.org/main bookworm main");

    private string NewApt()
    {
        var apt = Directory.CreateDirectory($"{Root}/apt-{Guid.NewGuid():N}").FullName;
        foreach (
            var directory in new[]
            {
                "state/lists/partial",
                "cache/archives/partial",
                "etc/apt.conf.d",
                "etc/preferences.d",
            }
        )
            Directory.CreateDirectory($"{apt}/{directory}");
        File.WriteAllText($"{apt}/status", "");
        File.WriteAllText($"{apt}/sources.list", Repository.Usage() + "\n");
        File.WriteAllText(
            $"{apt}/apt.conf",
            $$"""
            Dir::State "{{apt}}/state";
            Dir::State::status "{{apt}}/status";
            Dir::Cache "{{apt}}/cache";
            Dir::Etc "{{apt}}/etc";
            Dir::Etc::SourceList "{{apt}}/sources.list";
            Dir::Etc::SourceParts "/dev/null";
            Dir::Log "{{apt}}";
            APT::Architecture "amd64";
            APT::Sandbox::User "root";
            APT::Update::Error-Mode "any";
            Acquire::Languages "none";
            """
        );
        return apt;
    }

    private static async Task UpdateAsync(string apt)
    {
        var said = await Tool.RequireAsync(Apt(apt, "apt-get", "update"), default);
        said.Split('\n')
            .Should()
            .NotContain(line => line.StartsWith("W:") || line.StartsWith("E:") || line.StartsWith("Err"));
    }

    private static Command Apt(string apt, string tool, params string[] words) =>
        new(tool, words) { Environment = new Dictionary<string, string> { ["APT_CONFIG"] = $"{apt}/apt.conf" } };
}
