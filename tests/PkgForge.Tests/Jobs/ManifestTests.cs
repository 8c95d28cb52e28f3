using System.Diagnostics;
using System.Text;
using AwesomeAssertions;
using PkgForge.Jobs;
using Xunit;

namespace PkgForge.Tests.Jobs;

public sealed class ManifestTests
{
    private const string Legal = """
        version: 1
        id: 1234
        submitter: anna
        time: 2026-11-22T18:00:00Z
        bucket: true
        sources: [a.dsc]
        files:
        - {name: a.dsc, size: 7, sha256: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}

        """;

    private static string? ErrorOf(string manifest) => Manifest.Read(Encoding.UTF8.GetBytes(manifest)).Error;

    [Fact]
    public void What_looks_like_a_number_or_a_truth_value_is_a_string_where_a_string_is_expected()
    {
        var result = Manifest.Read(Encoding.UTF8.GetBytes(Legal));

        result.Error.Should().BeNull();
        result.Job!.Id.ToString().Should().Be("1234");
        result.Job.Bucket.Should().Be("true");
    }

    [Fact]
    public void Keys_that_are_not_there_have_the_documented_defaults()
    {
        var job = Manifest.Read(Encoding.UTF8.GetBytes(Legal)).Job!;

        job.Platforms.Should().BeEmpty();
        job.Architectures.Should().BeEmpty();
        job.Report.Should().BeEmpty();
        job.OnError.Should().Be(OnError.Retry);
        job.Order.Should().Be(BuildOrder.Given);
        job.Scratch.Should().BeFalse();
    }

    [Theory]
    [InlineData("version: 1", "version: 2", "line 1: version is 2; this program is older")]
    [InlineData("version: 1", "version: 0", "line 1: version is 0; expected 1")]
    [InlineData("version: 1", "version: x", "line 1: version is 'x'; expected a whole number")]
    [InlineData("version: 1\n", "", "line 1: key 'version' is missing")]
    [InlineData("bucket: true", "colour: red", "line 5: unknown key 'colour'; known are version, id")]
    [InlineData("bucket: true\n", "", "key 'bucket' is missing")]
    [InlineData("bucket: true", "bucket: [a]", "line 5: bucket is a list; expected a string")]
    [InlineData("bucket: true", "bucket:", "line 5: bucket is empty; expected a string")]
    [InlineData("bucket: true", "bucket: ../x", "line 5: bucket is '../x'; expected 1 to 50")]
    [InlineData("bucket: true", "bucket: a\nbucket: b", "line 6: key 'bucket' is there twice")]
    [InlineData("id: 1234", "id: a/b", "line 2: id is 'a/b'; expected 1 to 50")]
    [InlineData("id: 1234", "id: .hidden", "line 2: id is '.hidden'")]
    [InlineData("submitter: anna", "submitter: Anna B", "line 3: submitter is 'Anna B'; expected a login name")]
    [InlineData("Z\n", "+01:00\n", "line 4: time is '2026-11-22T18:00:00+01:00'; expected UTC")]
    [InlineData("sources: [a.dsc]", "sources: a.dsc", "line 6: sources is 'a.dsc'; expected a list")]
    [InlineData("sources: [a.dsc]", "sources: []", "line 6: sources is empty")]
    [InlineData("sources: [a.dsc]", "sources: [b.dsc]", "line 6: source 'b.dsc' is not among the files")]
    [InlineData("sources: [a.dsc]", "sources: [a.dsc, a.dsc]", "line 6: source 'a.dsc' is there twice")]
    [InlineData("sources: [a.dsc]", "sources: [{a: b}]", "line 6: sources is a set of keys; expected a string")]
    [InlineData("size: 7", "size: -1", "line 8: files: size is '-1'; expected 0 to")]
    [InlineData("size: 7", "size: 99999999999999999999", "expected a whole number")]
    [InlineData("size: 7", "size: '7'", "line 8: files: size is '7'; expected a whole number")]
    [InlineData("size: 7", "size: 7, mode: 1", "line 8: files: unknown key 'mode'")]
    [InlineData("size: 7, ", "", "line 8: files: key 'size' is missing")]
    [InlineData("sha256: a", "sha256: A", "line 8: files: sha256 is 'A")]
    [InlineData("name: a.dsc", "name: ../a", "line 8: files: name is '../a'; expected a plain file name")]
    [InlineData("name: a.dsc", "name: job.yml", "expected a plain file name")]
    [InlineData("name: a.dsc", "name: -a", "expected a plain file name")]
    [InlineData("name: a.dsc", "name: \"a\\nb\"", "name is 'a?b'; expected a plain file name")]
    [InlineData("id: 1234", "id: 1\nscratch: yes", "line 3: scratch is 'yes'; expected true or false")]
    [InlineData("id: 1234", "id: 1\non_error: ignore", "line 3: on_error is 'ignore'; expected retry or stop")]
    [InlineData("id: 1234", "id: 1\norder: random", "line 3: order is 'random'; expected given or deps")]
    [InlineData("id: 1234", "id: 1\nreport: [a@b@c]", "line 3: report is 'a@b@c'; expected a mail address")]
    [InlineData("id: 1234", "id: 1\nreport: [\"a@b\\r\\nBcc: x@y\"]", "line 3: report is 'a@b??Bcc: x@y'")]
    [InlineData("id: 1234", "id: &x 1", "line 2: an anchor")]
    [InlineData("id: 1234", "id: !!str 1", "line 2: a tag")]
    [InlineData("id: 1234", "id: *x", "line 2: an alias")]
    [InlineData("id: 1234", "? [a]\n: b", "line 2: a list as a key")]
    [InlineData("version: 1", "%YAML 1.2\n---\nversion: 1", "a % directive")]
    [InlineData("version: 1", "a: b\n---\nversion: 1", "a second document")]
    [InlineData("version: 1", "version: [1", "not well-formed YAML")]
    public void What_breaks_a_rule_is_refused_by_line_and_name(string old, string replacement, string expected) =>
        ErrorOf(Legal.Replace(old, replacement)).Should().Contain(expected);

    [Theory]
    [InlineData("")]
    [InlineData("# nothing\n")]
    public void An_empty_manifest_is_refused(string text) => ErrorOf(text).Should().Contain("is empty");

    [Fact]
    public void Bytes_that_are_not_text_are_refused() =>
        Manifest.Read([0xff, 0xfe, 0x00]).Error.Should().Be("the manifest is not UTF-8 text");

    [Fact]
    public void A_manifest_that_is_too_large_is_refused_before_it_is_read() =>
        Manifest.Read(new byte[Manifest.MaxBytes + 1]).Error.Should().Contain("larger than");

    [Fact]
    public void A_stream_without_end_is_read_no_further_than_the_limit()
    {
        using var endless = File.OpenRead("/dev/zero");

        Manifest.Read(endless).Error.Should().Contain("larger than");
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    [InlineData("? ")]
    public void Deep_nesting_is_refused_at_once(string opening)
    {
        var bomb = string.Concat(Enumerable.Repeat(opening, 200_000));
        var watch = Stopwatch.StartNew();

        ErrorOf(bomb).Should().Contain("nested deeper than 8 levels");

        watch.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void Billion_laughs_are_refused_at_the_first_anchor() =>
        ErrorOf("a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n").Should().StartWith("line 1: an anchor");

    [Fact]
    public void Too_many_values_are_refused() =>
        ErrorOf("a: [" + string.Concat(Enumerable.Repeat("x,", 200_000)) + "]")
            .Should()
            .Contain("more than 100000 values");

    [Theory]
    [InlineData("sources", 1001, "sources has 1001 entries; at most 1000")]
    [InlineData("report", 101, "report has 101 entries; at most 100")]
    [InlineData("platforms", 101, "platforms has 101 entries; at most 100")]
    [InlineData("files", 10_001, "files has 10001 entries; at most 10000")]
    public void Lists_have_limits(string key, int count, string expected)
    {
        var list = $"{key}: [{string.Join(',', Enumerable.Range(0, count).Select(i => $"a{i}@b"))}]";
        var others = Legal.Split('\n').TakeWhile(line => !line.StartsWith("sources"));
        var missing = key is "sources" ? "files: []" : "sources: []";
        var rest = key is "sources" or "files" ? missing : "sources: []\nfiles: []";

        ErrorOf(string.Join('\n', others.Append(list).Append(rest))).Should().Contain(expected);
    }

    [Fact]
    public void An_illegal_job_is_not_written()
    {
        var write = () => Manifest.Write(SomeJob.With() with { Bucket = "A b" });

        write.Should().Throw<ArgumentException>().WithMessage("bucket is 'A b'; expected 1 to 50*");
    }

    [Fact]
    public void The_version_is_the_first_line() =>
        Encoding.UTF8.GetString(Manifest.Write(SomeJob.With())).Should().StartWith("version: 1\n");

    [Fact]
    public void The_largest_legal_job_can_be_written_and_read()
    {
        var files = Enumerable
            .Range(0, JobRules.MaxFiles)
            .Select(i => SomeJob.File($"{i:D5}" + new string('"', 250)) with { Size = JobRules.MaxFileSize })
            .ToArray();

        Manifest.Read(Manifest.Write(SomeJob.With(files))).Error.Should().BeNull();
    }
}
