using AwesomeAssertions;
using PkgForge.Platforms;
using PkgForge.Server.Builds.Rpm;
using PkgForge.Server.Processes;
using PkgForge.Server.Publishing;
using PkgForge.Sources;
using PkgForge.Tests.Shared;
using Xunit;

namespace PkgForge.Tests.Builds;

/// <summary>Hostile build dependencies at the real rpm and dnf: what both take is a name that is looked for, and nothing else.</summary>
public sealed class HostileRequirementsTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("pkgforge-requirements-").FullName;

    [Fact]
    public async Task What_passes_is_only_looked_for()
    {
        var wanted = new List<string>();
        var read = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in HostileNames.Accepted(Requirements.IsPlain))
        {
            if (await ReadByRpmAsync(name) is not { } requirements)
                continue;
            wanted.Add(name);
            read.UnionWith(requirements.Where(requirement => !requirement.StartsWith('(')));
        }
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
            "--enableplugin=builddep",
            "builddep",
            "--assumeno",
            "--spec",
            "--",
            $"{root}/needs.spec",
        ];
        await File.WriteAllLinesAsync($"{root}/needs.spec", DnfCommand.SpecOf(wanted));
        var output = new CapturedOutput();
        var command = new Command("dnf", words) { Environment = new Dictionary<string, string> { ["HOME"] = root } };
        await Tool.RunAsync(command.Under("unshare", "--map-root-user", "--"), output);

        var missed = output
            .Text.Split('\n')
            .Where(line => line.StartsWith("No matching package to install", StringComparison.Ordinal));
        read.Should().HaveCountGreaterThan(100);
        missed.Should().HaveCount(read.Count, "of {0}, and dnf said:\n{1}", string.Join("\n", read), output.Text);
        File.Exists($"/{HostileNames.Harm}").Should().BeFalse();
    }

    /// <summary>What rpm reads in a spec file that asks for it; null when it refuses that.</summary>
    private async Task<IEnumerable<string>?> ReadByRpmAsync(string requirement)
    {
        var spec = $"{root}/one.spec";
        await File.WriteAllLinesAsync(spec, DnfCommand.SpecOf([requirement]));
        var output = new CapturedOutput();
        const string Format = "[needs %{REQUIRENAME} %{REQUIREFLAGS:depflags} %{REQUIREVERSION}\n]";
        var rpm = new Command("rpmspec", "-q", "--srpm", "--qf", Format, "--", spec);
        if (!(await Tool.RunAsync(rpm, output)).Succeeded)
            return null;
        return output
            .Text.Split('\n')
            .Where(line => line.StartsWith("needs ", StringComparison.Ordinal))
            .Select(line => line[6..].Trim());
    }

    public void Dispose() => Directory.Delete(root, recursive: true);
}
