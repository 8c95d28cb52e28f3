using AwesomeAssertions;
using PkgForge.Buckets;
using PkgForge.EndToEnd.Escape;
using PkgForge.EndToEnd.Farms;
using PkgForge.EndToEnd.Real;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Server;
using PkgForge.Server.Publishing;
using PkgForge.Sources;
using PkgForge.Tests.Shared;
using Xunit;
using Digest = PkgForge.Server.Digest;

namespace PkgForge.EndToEnd.Hostile;

/// <summary>
/// Hostile names that no rule refuses, at the real tools of real builds. Each must arrive as a part of one argument, and the tools must be called as with a plain name. The short
/// form takes a few of them, <c>PKGFORGE_ESCAPE=long</c> all.
/// </summary>
public sealed class HostileToolTests : RealFarmTests
{
    private const string Plain = "plain";

    [Fact]
    public async Task Names_of_source_files_at_rpmbuild()
    {
        var farm = await MakeRealFarmAsync();
        var recorder = Recorder.Make(farm);
        var names = Some(6, name => JobRules.FileName($"{name}.src.rpm") is null);
        var plain = await BuildSrpmsAsync(farm, recorder, [Plain]);
        var hostile = await BuildSrpmsAsync(farm, recorder, names);

        hostile.Should().BeSubsetOf(plain, "the tools are called as with a plain name");
        NoHarm(farm);
    }

    [Fact]
    public async Task Names_of_files_that_a_dsc_lists_at_dpkg_source()
    {
        var farm = await MakeRealFarmAsync();
        var recorder = Recorder.Make(farm);
        // Words on one line: a name with white space cannot be listed.
        var names = HostileNames.Accepted(name =>
            PlainName.Fault(name) is null && JobRules.FileName(name) is null && !name.Any(char.IsWhiteSpace)
        );
        var source = new NativeSource("lists", "true") { Beside = names };
        await SubmitAsync(farm, "lists", source);
        await BuildAsync(recorder, Deb1);

        var job = await farm.StatusAsync("lists");
        job.State.Should().Be("failed", await WhyAsync(farm, "lists"));
        job.Task.Attempts.Should().ContainSingle("dpkg-source takes no file that belongs to nothing: {0}", job);
        var copies = recorder.Take().Where(call => call.Tool == "cp" && call.Arguments.Count > names.Count).ToList();
        copies.Should().NotBeEmpty();
        foreach (var copy in copies)
            copy.Arguments.Where(argument => argument.StartsWith('/'))
                .Select(Path.GetFileName)
                .Should()
                .Contain(names)
                .And.HaveCount(names.Count + 3, "beside them there are the .dsc, its archive and the directory");
        NoHarm(farm);
    }

    [Fact]
    public async Task Names_of_packages_that_a_build_needs_at_apt()
    {
        var farm = await MakeRealFarmAsync();
        // With the end of a line in it, it would be another field.
        var names = Some(4, name => name.Trim().Length > 0 && !name.Any(char.IsControl));
        for (var i = 0; i < names.Count; i++)
            await SubmitAsync(farm, $"needs-{i}", new NativeSource($"needs{i}", "true") { Needs = names[i] });
        await BuildAllAsync(farm, Deb1);

        for (var i = 0; i < names.Count; i++)
        {
            var job = await farm.StatusAsync($"needs-{i}");
            job.IsFinal.Should().BeTrue("of '{0}': {1}", names[i], job);
            job.Task.Attempts.Should().ContainSingle("of '{0}': it is the package's own failure: {1}", names[i], job);
        }
        NoHarm(farm);
    }

    [Fact]
    public async Task Names_of_buckets_that_a_build_uses_at_apt()
    {
        var names = Some(20, BucketName.IsWellFormed);
        var farm = await MakeBucketFarmAsync(names);
        var recorder = Recorder.Make(farm);
        await PublishAsync(farm, names);
        await SubmitAsync(farm, "uses", new NativeSource("uses", "true") { Needs = "offered" }, "all-of-them");
        await BuildAsync(recorder, Deb1);

        (await farm.StatusAsync("uses")).State.Should().Be("successful", await WhyAsync(farm, "uses"));
        var mounted = recorder.Take().Where(call => call.Tool == "mount" && call.Arguments[^1].Contains("/pkgforge/"));
        mounted
            .Select(call => call.Arguments[^1].Split("/pkgforge/")[^1])
            .Distinct()
            .Should()
            .BeEquivalentTo(names, "each bucket is one place in the root");
        NoHarm(farm);
    }

    [Theory]
    [InlineData(PackageFormat.Debian, "mmdebstrap")]
    [InlineData(PackageFormat.Rpm, "dnf")]
    public async Task Names_of_platforms_at_the_tools_that_make_roots(PackageFormat format, string tool)
    {
        var names = Some(4, name => new PlatformKey(name, "amd64").IsWellFormed);
        var farm = await MakePlatformFarmAsync(format, names);
        var recorder = Recorder.Make(farm);
        var source = format == PackageFormat.Debian ? "good-quick_1.0.dsc" : "greet-noarch-1.0-1.src.rpm";
        for (var i = 0; i < names.Count; i++)
        {
            await farm.DoAsync("platform", "add", names[i], "amd64", "--format", $"{format}");
            await farm.DoAsync("builder", "add", $"{Deb1}{i}", names[i], "amd64");
            await farm.SubmitAsync($"on-{i}", "-p", names[i], Cache.Source(source));
            await farm.DoAsync("incoming");
            await BuildAsync(recorder, $"{Deb1}{i}");

            var calls = recorder.Take().Where(call => call.Tool == tool && call.Arguments.Count > 1).ToList();
            calls.Should().NotBeEmpty("of '{0}'", names[i]);
            foreach (var call in calls)
                call.Arguments.Should().Contain(format == PackageFormat.Debian ? names[i] : $"--releasever={names[i]}");
            var job = await farm.StatusAsync($"on-{i}");
            job.Task.Attempts.Select(attempt => attempt.Outcome).Should().AllBe("farm fault", "of '{0}'", names[i]);
            job.Task.Last.Message.Should()
                .MatchRegex($"{tool} could not make the base of {names[i]}-amd64: (E: The repository|.*Curl error)");
        }
        NoHarm(farm);
    }

    private static IReadOnlyList<string> Some(int few, Func<string, bool> rule)
    {
        var accepted = HostileNames.Accepted(rule);
        return Probes.Long ? accepted : HostileNames.Some(accepted, few);
    }

    private async Task<IReadOnlySet<string>> BuildSrpmsAsync(
        TestFarm farm,
        Recorder recorder,
        IReadOnlyList<string> names
    )
    {
        var original = Cache.Source("greet-noarch-1.0-1.src.rpm");
        for (var i = 0; i < names.Count; i++)
        {
            var source = $"{farm.Directory}/sources/{names[i]}.src.rpm";
            File.Copy(original, source);
            await farm.GiveAsync(source);
            await farm.SubmitAsync($"{names[0].Length}-{i}", "--scratch", source);
        }
        await farm.DoAsync("incoming");
        await BuildAsync(recorder, Rpm1);
        for (var i = 0; i < names.Count; i++)
            (await farm.StatusAsync($"{names[0].Length}-{i}"))
                .State.Should()
                .Be("successful", "of '{0}'; {1}", names[i], await WhyAsync(farm, $"{names[0].Length}-{i}"));
        return Recorder.Forms(recorder.Take(), [.. names.Select(name => $"{name}.src.rpm")]);
    }

    private static async Task BuildAsync(Recorder recorder, string builder)
    {
        var built = await recorder.Start("buildd", "--name", builder).EndAsync(LongestBuild);
        built.ExitCode.Should().Be(0, "but it printed:\n{0}", built);
    }

    private static async Task SubmitAsync(TestFarm farm, string id, NativeSource source, string bucket = "main")
    {
        var directory = Directory.CreateDirectory($"{farm.Directory}/sources/{id}").FullName;
        var path = source.Write(directory);
        await farm.GiveAsync(directory);
        await farm.DoAsync("submit", "-B", bucket, "--id", id, path);
        await farm.DoAsync("incoming");
    }

    private Task<TestFarm> MakeBucketFarmAsync(IReadOnlyList<string> names)
    {
        var uses = string.Join(", ", names.Select(Quote));
        var buckets = string.Concat(names.Where(name => name != "main").Select(name => $"  {Quote(name)}:\n"));
        return MakeRealFarmAsync($"{buckets}  all-of-them: {{ uses: [{uses}] }}");
    }

    /// <summary>Puts a package into the bucket of each name, as earlier jobs would have.</summary>
    private static async Task PublishAsync(TestFarm farm, IReadOnlyList<string> names)
    {
        var tree = $"{farm.Directory}/sources/offered";
        Directory.CreateDirectory($"{tree}/DEBIAN");
        await File.WriteAllTextAsync(
            $"{tree}/DEBIAN/control",
            "Package: offered\nVersion: 1.0\nArchitecture: amd64\nMaintainer: A Person <person@example.org>\nDescription: for tests\n"
        );
        var deb = $"{tree}_1.0_amd64.deb";
        await TestFarm.AsTestsAsync("dpkg-deb", "--root-owner-group", "-b", tree, deb);
        var product = new Product("offered_1.0_amd64.deb", new FileInfo(deb).Length, Digest.OfFile(deb));
        var platform = new Platform(new("bookworm", "amd64"), PackageFormat.Debian, Active: true, Auto: true);
        foreach (var name in names)
            await BucketRepository
                .For($"{farm.Directory}/buckets", name, platform)
                .PublishAsync([new(deb, product)], Show, default);
        await farm.GiveAsync($"{farm.Directory}/buckets");
    }

    private static Task<bool> Show(int snapshot, Action switchOver)
    {
        switchOver();
        return Task.FromResult(true);
    }

    private async Task<TestFarm> MakePlatformFarmAsync(PackageFormat format, IReadOnlyList<string> names)
    {
        await MakeRealFarmAsync();
        var nowhere = "file:///nonexistent";
        string Recipe(string name) =>
            format == PackageFormat.Debian
                ? $"{{ format: debian, mirror: '{nowhere}' }}"
                : $"{{ format: rpm, gpgcheck: false, releasever: {Quote(name)}, repositories: {{ nowhere: '{nowhere}' }}, packages: [bash] }}";
        return await MakeFarmAsync(
            new()
            {
                Work = Cache.Work,
                Recipes = string.Concat(names.Select(name => $"  {Quote($"{name}-amd64")}: {Recipe(name)}\n")),
            }
        );
    }

    private static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static void NoHarm(TestFarm farm)
    {
        foreach (var place in new[] { "/", "/tmp", "/var/tmp", Cache.Work, Executable.User.Home })
            File.Exists($"{place}/{HostileNames.Harm}").Should().BeFalse("in {0}", place);
        farm.Files("").Select(Path.GetFileName).Should().NotContain(HostileNames.Harm);
    }
}
