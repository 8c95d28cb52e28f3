using AwesomeAssertions;
using PkgForge.Platforms;
using PkgForge.Server.Builds.Rpm;
using PkgForge.Server.Processes;
using PkgForge.Server.Publishing;
using PkgForge.Sources;
using PkgForge.Tests.Shared;
using Xunit;

namespace PkgForge.Tests.Builds;

/// <summary>Hostile build dependencies at the real dnf: what passes is a name that it looks for, and nothing else.</summary>
public sealed class HostileRequirementsTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("pkgforge-requirements-").FullName;

    [Fact]
    public async Task What_passes_is_only_looked_for()
    {
        var wanted = HostileNames.Accepted(Requirements.IsPlain);
        var repository = BucketRepository.For(root, "empty", new(new("f43", "x86_64"), PackageFormat.Rpm, true, true));
        await repository.EnsureAsync(default);
        await File.WriteAllTextAsync(
            $"{root}/dnf.conf",
            $"[main]\nreposdir={root}/none\npluginconfpath={root}/none\n[empty]\nname=empty\nbaseurl=file://{repository.Directory}\n"
        );
        string[] words =
        [
            "--disableplugin=*",
            "-c",
            $"{root}/dnf.conf",
            $"--installroot={root}/root",
            "--releasever=1",
            "--setopt=cachedir=/cache",
            "install",
            "--assumeno",
            "--",
            .. wanted,
        ];
        var output = new CapturedOutput();
        var command = new Command("dnf", words) { Environment = new Dictionary<string, string> { ["HOME"] = root } };
        await Tool.RunAsync(command.Under("unshare", "--map-root-user", "--"), output);

        var missed = output
            .Text.Split('\n')
            .Where(line => line.StartsWith("No match for argument", StringComparison.Ordinal));
        missed.Should().HaveCount(wanted.Count, "of {0}, and dnf said:\n{1}", string.Join(" ", wanted), output.Text);
        output.Text.Should().NotContain("Can not load RPM file");
        File.Exists($"/{HostileNames.Harm}").Should().BeFalse();
    }

    public void Dispose() => Directory.Delete(root, recursive: true);
}
