using System.Text.RegularExpressions;
using AwesomeAssertions;
using PkgForge.Platforms;
using PkgForge.Server.Processes;
using PkgForge.Server.Publishing;
using PkgForge.Sources;
using PkgForge.Tests.Contracts;
using Xunit;

namespace PkgForge.Tests.Publishing;

/// <summary>Read by dnf, with a configuration of its own and nothing of this machine's.</summary>
public sealed partial class RpmRepositoryTests : BucketRepositoryContract
{
    protected override Platform Platform { get; } = new(new("f43", "x86_64"), PackageFormat.Rpm, true, true);

    protected override string Metadata => "repodata";

    protected override string HostileName => "../../x\n/etc/passwd-1-1.noarch.rpm";

    internal override Task<ProductFile> MakeAsync(string name, string version, string content) =>
        SomePackage.RpmAsync(Root, name, version, content);

    internal override ProductFile Garbage(string name) => SomePackage.Garbage(Root, $"{name}-1.0-1.noarch.rpm");

    protected override async Task<IReadOnlyList<string>> ReadAsync()
    {
        var output = await DnfAsync(NewDnf(), "repoquery", "--qf", "%{name} %{version}");
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
    }

    protected override async Task<string> DownloadAsync(string name)
    {
        var dnf = NewDnf();
        await DnfAsync(dnf, "install", "-y", "--downloadonly", $"--downloaddir={dnf}/got", name);
        return Directory.GetFiles($"{dnf}/got", "*.rpm").Single();
    }

    protected override IReadOnlyList<(string Path, string Sha256)> Indexes(string snapshot) =>
        [
            .. Index()
                .Matches(File.ReadAllText($"{snapshot}/repodata/repomd.xml"))
                .Select(m => (m.Groups[1].Value, m.Groups[2].Value)),
        ];

    [Fact]
    public async Task A_source_package_is_not_published()
    {
        await PublishAsync(SomePackage.Garbage(Root, "hello-1-1.src.rpm"));
        (await ReadAsync()).Should().BeEmpty();
    }

    [Fact]
    public void The_usage_is_a_repo_file() =>
        Repository
            .Usage("https://example.org/main")
            .Split('\n')
            .Should()
            .Equal(
                "[main-f43-x86_64]",
                "name=PkgForge main for f43-x86_64",
                "baseurl=https://example.org/main",
                "enabled=1",
                "gpgcheck=0"
            );

    private string NewDnf()
    {
        var dnf = Directory.CreateDirectory($"{Root}/dnf-{Guid.NewGuid():N}").FullName;
        File.WriteAllText($"{dnf}/.rpmmacros", "%_dbpath /var/lib/rpm\n");
        File.WriteAllText($"{dnf}/dnf.conf", $"[main]\nreposdir={dnf}/repos\ncachedir=/cache\n");
        Directory.CreateDirectory($"{dnf}/repos");
        File.WriteAllText($"{dnf}/repos/main.repo", Repository.Usage());
        return dnf;
    }

    private static Task<string> DnfAsync(string dnf, params string[] words) =>
        Tool.RequireAsync(
            new Command(
                "dnf",
                [
                    "--disableplugin=*",
                    "--quiet",
                    "-c",
                    $"{dnf}/dnf.conf",
                    $"--installroot={dnf}/root",
                    "--releasever=1",
                    "--forcearch=x86_64",
                    .. words,
                ]
            )
            {
                Environment = new Dictionary<string, string> { ["HOME"] = dnf },
            }.Under("unshare", "--map-root-user", "--"), // dnf downloads for root only
            default
        );

    [GeneratedRegex("""<location href="(repodata/([0-9a-f]{64})-[^"]+)"/>""")]
    private static partial Regex Index();
}
