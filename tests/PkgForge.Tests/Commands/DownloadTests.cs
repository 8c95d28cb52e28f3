using System.Security.Cryptography;
using System.Text;
using AwesomeAssertions;
using PkgForge.Cli;
using PkgForge.Cli.Downloads;
using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Registry.Views;
using Xunit;

namespace PkgForge.Tests.Commands;

/// <summary>Downloads from a farm that does what it should not: its answers are the hostile input of this command.</summary>
public sealed class DownloadTests : IDisposable
{
    private static readonly JobId Job = JobId.Parse("a");

    private readonly string directory = Directory.CreateTempSubdirectory("pkgforge-download-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Theory]
    [InlineData("../x")]
    [InlineData("/etc/passwd")]
    [InlineData(".hidden")]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("a\nb")]
    [InlineData("-x")]
    [InlineData("")]
    public async Task Nothing_but_a_plain_name_becomes_a_file(string name)
    {
        var find = () => Wanted.FindAsync(new Farm(name, "text"), Job, [], (false, false), Cancel);

        (await find.Should().ThrowAsync<CommandException>())
            .Which.Message.Should()
            .Contain("nothing was downloaded")
            .And.NotContain("\n");
    }

    [Fact]
    public async Task A_platform_that_is_none_is_no_directory()
    {
        var find = () =>
            Wanted.FindAsync(new Farm("x", "text") { Platform = "../../x-y" }, Job, [], (true, false), Cancel);

        await find.Should().ThrowAsync<CommandException>();
    }

    [Fact]
    public async Task What_has_another_digest_never_appears()
    {
        var farm = new Farm("x", "text") { Sent = "evil" };
        var wanted = await Wanted.FindAsync(farm, Job, [], (false, false), Cancel);
        var get = () => new Download(farm, Job, directory).GetAsync(wanted.Files[0], false, null, Cancel);

        (await get.Should().ThrowAsync<FarmUnavailableException>()).Which.Message.Should().Contain("SHA-256");
        Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Should().BeEmpty();
    }

    [Fact]
    public async Task What_an_earlier_run_has_left_is_gone_on_with_or_thrown_away_if_it_is_wrong()
    {
        var farm = new Farm("x", "some text");
        var wanted = await Wanted.FindAsync(farm, Job, [], (false, false), Cancel);
        var part = $"{directory}/dummy-all/.pkgforge-{wanted.Files[0].Sha256}.part";
        Directory.CreateDirectory(Path.GetDirectoryName(part)!);
        var download = new Download(farm, Job, directory);

        await File.WriteAllTextAsync(part, "some", Cancel);
        await download.GetAsync(wanted.Files[0], false, null, Cancel);
        farm.Offsets.Should().Equal(4);
        farm.Offsets.Clear();
        File.Delete($"{directory}/dummy-all/x");
        await File.WriteAllTextAsync(part, "sole", Cancel);
        await download.GetAsync(wanted.Files[0], false, null, Cancel);

        farm.Offsets.Should().Equal(4, 0);
        (await File.ReadAllTextAsync($"{directory}/dummy-all/x", Cancel)).Should().Be("some text");
        File.Exists(part).Should().BeFalse();
    }

    [Fact]
    public async Task Of_a_log_whose_connection_breaks_nothing_is_trusted_and_all_is_fetched_anew()
    {
        var farm = new Farm("x", "text") { Breaks = 1 };
        var wanted = await Wanted.FindAsync(farm, Job, [], (true, false), Cancel);
        var log = wanted.Files.Single(file => file.Size is null);

        await new Download(farm, Job, directory).GetAsync(log, false, null, Cancel);

        farm.Offsets.Should().Equal(0, 0);
        (await File.ReadAllTextAsync($"{directory}/{log.Path}", Cancel)).Should().Be("text");
    }

    [Fact]
    public async Task A_link_in_the_place_of_a_file_is_not_followed()
    {
        var farm = new Farm("x", "text");
        var wanted = await Wanted.FindAsync(farm, Job, [], (false, false), Cancel);
        var (link, outside) = ($"{directory}/dummy-all/x", $"{directory}/outside");
        await File.WriteAllTextAsync(outside, "keep", Cancel);
        Directory.CreateDirectory($"{directory}/dummy-all");
        File.CreateSymbolicLink(link, outside);
        var download = new Download(farm, Job, directory);

        download.IsThere(wanted.Files[0]).Should().BeFalse();
        await download.GetAsync(wanted.Files[0], force: true, null, Cancel);

        (await File.ReadAllTextAsync(outside, Cancel)).Should().Be("keep");
        (await File.ReadAllTextAsync(link, Cancel)).Should().Be("text");
        new FileInfo(link).LinkTarget.Should().BeNull();
    }

    /// <summary>A farm with one job, whose task has made one file.</summary>
    private sealed class Farm(string name, string text) : IResults
    {
        public string Platform { get; init; } = "dummy-all";

        /// <summary>What is sent, whatever was announced.</summary>
        public string? Sent { get; init; }

        public List<long> Offsets { get; } = [];

        /// <summary>So many connections break after the last byte.</summary>
        public int Breaks { get; set; }

        public Task<JobJson> FindAsync(JobId job, CancellationToken cancel)
        {
            var attempt = new AttemptJson(1, "b1", "success", default, null, null, null, null);
            var task = new TaskJson(Platform, "success", false, "", null, [attempt]);
            return Task.FromResult(
                new JobJson(
                    "a",
                    "successful",
                    "anna",
                    "main",
                    false,
                    default,
                    default,
                    null,
                    [],
                    null,
                    "normal",
                    null,
                    [task]
                )
            );
        }

        public Task<IReadOnlyList<ProductJson>> ListAsync(JobId job, string platform, CancellationToken cancel)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            return Task.FromResult<IReadOnlyList<ProductJson>>([
                new(name, bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes))),
            ]);
        }

        public Task<Stream?> OpenAsync(JobId job, ResultFile file, long offset, CancellationToken cancel)
        {
            Offsets.Add(offset);
            if (Breaks-- > 0)
                return Task.FromResult<Stream?>(new BrokenStream(Encoding.UTF8.GetBytes(text)));
            return Task.FromResult<Stream?>(new MemoryStream(Encoding.UTF8.GetBytes(Sent ?? text)[(int)offset..]));
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    /// <summary>Breaks where it should end.</summary>
    private sealed class BrokenStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer,
            CancellationToken cancellationToken = default
        ) =>
            await base.ReadAsync(buffer, cancellationToken) is var read and > 0
                ? read
                : throw new FarmUnavailableException("the connection broke");
    }
}
