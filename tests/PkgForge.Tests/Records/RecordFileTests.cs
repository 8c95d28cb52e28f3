using System.Text;
using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Records;
using Xunit;

namespace PkgForge.Tests.Records;

public sealed class RecordFileTests
{
    private static readonly string Digest = new('a', 64);

    private static readonly AttemptRecord Some = new()
    {
        Job = JobId.Parse("job-1"),
        Platform = new("bookworm", "amd64"),
        Attempt = 2,
        Builder = "b1",
        Host = "forge.example.org",
        Version = "0.1.0",
        Kernel = "6.1.0-28-amd64",
        Begun = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero),
        Ended = new(2026, 11, 26, 12, 1, 0, TimeSpan.Zero),
        Limits = new(TimeSpan.FromHours(4), TimeSpan.FromSeconds(1.5), 1 << 20, 6L << 30, 0, 4096, 2),
        ControlGroups = ["memory", "processes"],
        Layers =
        [
            new(
                "deps-0123456789abcdef",
                Digest,
                [new("gcc", "4:12.2.0-3", "amd64", $"sha256:{Digest}")],
                [new("old", "1", "all", null)]
            ),
            new("base-0123456789abcdef", "", [new("libc6", "2.36-9+deb12u9", "amd64", null)], []),
        ],
        Builds =
        [
            new()
            {
                Source = "hello_2.10-3.dsc",
                Result = RecordedBuild.Built,
                Files = [new("hello_2.10-3.dsc", 100, Digest)],
                Layers = ["deps-0123456789abcdef", "base-0123456789abcdef"],
                Time = TimeSpan.FromMilliseconds(24_310),
                SourceDateEpoch = 1793534400,
                Steps = [new("build", ["sh", "-c", "echo \"a\n\u0007\u2028é\""], "/build", 2001, ["A=", "B=: #"])],
                Products = [new("hello_2.10-3~a^b_amd64.deb", 5L << 30, Digest)],
            },
            new()
            {
                Source = "other_1.0.dsc",
                Result = "compile",
                Files = [],
                Layers = [],
                SourceDateEpoch = null,
                Steps = [],
                Products = [],
            },
        ],
    };

    [Fact]
    public void What_is_written_is_read_again()
    {
        var (record, error) = Read(RecordFile.Write(Some));

        error.Should().BeNull();
        record.Should().BeEquivalentTo(Some);
    }

    [Theory]
    [InlineData("version: 1", "version: 2", "version is 2")]
    [InlineData("attempt: 2", "attempt: 0", "attempt is")]
    [InlineData("host: ", "hosts: ", "unknown key 'hosts'")]
    [InlineData("name: \"deps-0123456789abcdef\"", "name: \"../../x\"", "a layer's name")]
    [InlineData("\"old 1 all\"", "\"old 1\"", "NAME VERSION ARCHITECTURE")]
    [InlineData("\"old 1 all\"", "\"old 1 all\\nx\"", "NAME VERSION ARCHITECTURE")]
    [InlineData("source: \"hello_2.10-3.dsc\"", "source: \"../job.yml\"", "source is")]
    [InlineData("name: \"hello_2.10-3~a^b_amd64.deb\"", "name: \"a/b\"", "a plain file name")]
    [InlineData("processes: 4096", "processes: 99999999999", "processes is")]
    [InlineData("time: 14400000", "time: -1", "time is")]
    [InlineData("source_date_epoch: 1793534400", "source_date_epoch: now", "source_date_epoch is")]
    public void What_is_wrong_is_said_with_its_line(string right, string wrong, string message)
    {
        var text = RecordFile.Write(Some);
        text.Should().Contain(right);

        var (record, error) = Read(text.Replace(right, wrong, StringComparison.Ordinal));

        record.Should().BeNull();
        error.Should().StartWith("line ").And.Contain(message);
    }

    [Fact]
    public void A_record_that_is_cut_off_anywhere_is_an_error_and_never_an_exception()
    {
        var bytes = Encoding.UTF8.GetBytes(RecordFile.Write(Some));
        for (var length = 0; length < bytes.Length - 1; length++)
            (RecordFile.Read(bytes.AsSpan(0, length)) is { Record: null, Error: null }).Should().BeFalse();
    }

    [Fact]
    public void A_package_is_the_same_where_only_one_digest_is_known_and_another_where_two_differ()
    {
        var plain = RecordedPackage.Parse("gcc 4:12.2.0-3 amd64")!;
        var (one, two) = (plain with { Digest = "sha256:1" }, plain with { Digest = "sha256:2" });

        (plain.IsSame(one), one.IsSame(plain), one.IsSame(two)).Should().Be((true, true, false));
        plain.IsSame(plain with { Version = "4:12.2.0-4" }).Should().BeFalse();
    }

    private static (AttemptRecord? Record, string? Error) Read(string text) =>
        RecordFile.Read(Encoding.UTF8.GetBytes(text));
}
