using System.Security.Cryptography;
using AwesomeAssertions;
using PkgForge.Sources;
using PkgForge.Sources.Rpm;
using Xunit;

namespace PkgForge.Tests.Sources;

public sealed class SourceRpmTests(BuiltRpms built) : IClassFixture<BuiltRpms>, IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [Theory]
    [InlineData("w9.gzdio")]
    [InlineData("w9.bzdio")]
    [InlineData("w7.xzdio")]
    [InlineData("w7.lzdio")]
    [InlineData("w19.zstdio")]
    [InlineData("w.ufdio")]
    public void A_package_of_rpmbuild_is_valid_whatever_its_compression(string mode) =>
        new SourceRpm(built.Source(mode)).Validate().Should().Be(ValidationResult.Valid);

    [Fact]
    public void A_valid_package_tells_what_it_is()
    {
        var path = built.Source();
        var package = new SourceRpm(path);
        package.Validate().IsValid.Should().BeTrue();

        package.Name.Should().Be("tiny");
        package.Version.Should().Be("1:1.0-2");
        package.RpmVersion.Should().Be(4);
        package.SpecFile.Should().Be("tiny.spec");
        package.BuildRequires.Should().BeEquivalentTo("gcc >= 4.2", "make");
        package.BuildArchitectures.Should().Equal("noarch");
        package.ExcludedArchitectures.Should().Equal("s390x");
        package.WhyNotOn("x86_64").Should().BeNull();
        package.WhyNotOn("s390x").Should().Be("ExcludeArch: s390x");
        var digest = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
        package.Files.Should().Equal(new SourceFile("tiny-1.0-2.src.rpm", new FileInfo(path).Length, digest));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(6)]
    public void A_package_of_every_format_is_valid(int version)
    {
        var bytes = version switch
        {
            3 => RpmBytes.V3(),
            4 => RpmBytes.V4(),
            _ => RpmBytes.V6(),
        };
        var package = new SourceRpm(scratch.Write("crafted.src.rpm", bytes.ToArray()));
        package.Validate().Should().Be(ValidationResult.Valid);
        package.RpmVersion.Should().Be(version);
        package.SpecFile.Should().Be("crafted.spec");
    }

    /// <summary>So the tags that the reader and the writer of these tests share are those of rpm.</summary>
    [Fact]
    public void Rpm_itself_finds_the_digests_of_the_crafted_packages_and_agrees()
    {
        var three = Verify(scratch.Write("three.src.rpm", RpmBytes.V3().ToArray()));
        three.Should().Contain("MD5 digest: OK");
        var four = Verify(scratch.Write("four.src.rpm", RpmBytes.V4().ToArray()));
        string[] digests = ["Header SHA256", "Header SHA1", "Payload SHA256", "MD5"];
        four.Should().ContainAll(digests.Select(digest => $"{digest} digest: OK"));
        // rpm 4.18 does not know SHA3, and what it knows of v6 must be right.
        var six = Verify(scratch.Write("six.src.rpm", RpmBytes.V6().ToArray()));
        six.Should().Contain("Header SHA256 digest: OK").And.Contain("Payload SHA256 digest: OK");
    }

    [Fact]
    public void Something_else_under_that_name_is_not_an_rpm_package() =>
        Check("text.src.rpm", "not a package at all"u8.ToArray())
            .Should()
            .Match<ValidationResult>(r =>
                r.Rule == "not-rpm" && r.File == "text.src.rpm" && r.Message!.Contains("not an RPM package")
            );

    [Fact]
    public void A_binary_package_under_that_name_is_refused() =>
        Check("binary.src.rpm", File.ReadAllBytes(built.Binary())).Rule.Should().Be("not-source");

    [Fact]
    public void A_binary_package_with_the_lead_of_a_source_package_is_refused() =>
        Rule(RpmBytes.V4().With(h => h.Text(RpmTag.SourceRpm, "x-1-1.src.rpm"))).Should().Be("not-source");

    [Fact]
    public void A_package_without_its_sources_is_refused_by_name_and_by_content()
    {
        var path = built.NoSource();
        new SourceRpm(path).Validate().Rule.Should().Be("nosrc");
        Check("tiny.src.rpm", File.ReadAllBytes(path)).Rule.Should().Be("nosrc");
    }

    [Theory]
    [InlineData("tiny.rpm")]
    [InlineData(".src.rpm")]
    [InlineData("tiny.SRC.RPM")]
    [InlineData("-rf.src.rpm")]
    [InlineData("a\nb.src.rpm")]
    public void A_package_has_a_plain_name_with_the_suffix(string name) =>
        Check(name, File.ReadAllBytes(built.Source())).Rule.Should().Be("file-name");

    [Fact]
    public void The_spec_file_is_found_by_its_flag_before_its_name()
    {
        var bytes = RpmBytes.V4().With(h => h.Texts(RpmTag.BaseNames, "other.spec", "crafted.txt"));
        var package = new SourceRpm(scratch.Write("a.src.rpm", bytes.ToArray()));
        package.Validate().IsValid.Should().BeTrue();
        package.SpecFile.Should().Be("crafted.txt");
    }

    [Fact]
    public void The_spec_file_is_found_by_its_name_where_no_file_has_the_flag()
    {
        var package = new SourceRpm(
            scratch.Write("a.src.rpm", RpmBytes.V3().With(h => h.Without(RpmTag.FileFlags)).ToArray())
        );
        package.Validate().IsValid.Should().BeTrue();
        package.SpecFile.Should().Be("crafted.spec");
    }

    [Theory]
    [InlineData(1793534400u, 1793491200L)]
    [InlineData(1793500000u, 1793500000L)]
    public void The_time_of_a_build_is_that_of_the_newest_entry_of_the_changelog_and_of_a_day_its_beginning(
        uint newest,
        long epoch
    )
    {
        var bytes = RpmBytes.V4().With(h => h.Int32s(RpmTag.BuildTime, 5).Int32s(RpmTag.ChangelogTime, newest, 7));
        var package = new SourceRpm(scratch.Write("a.src.rpm", bytes.ToArray()));
        package.Validate().IsValid.Should().BeTrue();
        package.SourceDateEpoch.Should().Be(epoch);
    }

    [Fact]
    public void Without_a_changelog_the_time_of_a_build_is_when_the_source_package_was_made_if_it_says()
    {
        var (made, silent) = (RpmBytes.V4().With(h => h.Int32s(RpmTag.BuildTime, 1793500001)), RpmBytes.V4());
        Epoch(made).Should().Be(1793500001);
        Epoch(silent).Should().BeNull();
        long? Epoch(RpmBytes bytes)
        {
            var package = new SourceRpm(scratch.Write("a.src.rpm", bytes.ToArray()));
            package.Validate().IsValid.Should().BeTrue();
            return package.SourceDateEpoch;
        }
    }

    [Fact]
    public void A_package_has_exactly_one_spec_file()
    {
        Rule(RpmBytes.V4().With(h => h.Int32s(RpmTag.FileFlags, 32, 32))).Should().Be("spec-file");
        Rule(RpmBytes.V4().With(h => h.Int32s(RpmTag.FileFlags, 0, 0).Texts(RpmTag.BaseNames, "a", "b")))
            .Should()
            .Be("spec-file");
        Rule(RpmBytes.V4().With(h => h.Int32s(RpmTag.FileFlags, 0, 0).Texts(RpmTag.BaseNames, "a.spec", "b.spec")))
            .Should()
            .Be("spec-file");
        Rule(RpmBytes.V4().With(h => h.Without(RpmTag.FileFlags).Without(RpmTag.BaseNames))).Should().Be("spec-file");
    }

    [Theory]
    [InlineData("../crafted.spec")]
    [InlineData("/etc/passwd")]
    [InlineData("-x.spec")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("a\u001b[31m.spec")]
    public void Every_file_in_a_package_has_a_plain_name(string name) =>
        Rule(RpmBytes.V4().With(h => h.Texts(RpmTag.BaseNames, name, "crafted.spec"))).Should().Be("file-name");

    [Fact]
    public void The_files_of_a_package_lie_in_no_directory() =>
        Rule(RpmBytes.V4().With(h => h.Texts(RpmTag.DirNames, "../../etc/"))).Should().Be("file-name");

    [Fact]
    public void Lists_about_the_files_are_of_one_length_and_name_each_once()
    {
        Rule(RpmBytes.V4().With(h => h.Int32s(RpmTag.FileFlags, 32))).Should().Be("file-list");
        Rule(RpmBytes.V4().With(h => h.Texts(RpmTag.BaseNames, "a.spec", "a.spec"))).Should().Be("file-list");
        Rule(RpmBytes.V4().With(h => h.Texts(RpmTag.RequireName, "gcc"))).Should().Be("requires");
    }

    [Theory]
    [InlineData(RpmTag.Name, "../x")]
    [InlineData(RpmTag.Name, "a b")]
    [InlineData(RpmTag.Name, "-x")]
    [InlineData(RpmTag.Version, "1-2")]
    [InlineData(RpmTag.Version, "")]
    [InlineData(RpmTag.Release, "1/2")]
    public void Name_version_and_release_are_safe_in_file_names(uint tag, string text) =>
        Rule(RpmBytes.V4().With(h => h.Text(tag, text))).Should().Be("identity");

    [Theory]
    [InlineData(RpmTag.Name)]
    [InlineData(RpmTag.Version)]
    [InlineData(RpmTag.Release)]
    public void Name_version_and_release_must_be_there(uint tag) =>
        Rule(RpmBytes.V4().With(h => h.Without(tag))).Should().Be("identity");

    [Fact]
    public void A_payload_that_is_no_cpio_or_has_an_unknown_compression_is_refused()
    {
        Rule(RpmBytes.V4().With(h => h.Text(RpmTag.PayloadFormat, "drpm"))).Should().Be("payload-format");
        Rule(RpmBytes.V4().With(h => h.Text(RpmTag.PayloadCompressor, "lha"))).Should().Be("payload-compressor");
    }

    private string Verify(string path) => Tool.Run("rpm", "-Kv", "--nosignature", "--dbpath", scratch["db"], path);

    private string? Rule(RpmBytes bytes) => Check("crafted.src.rpm", bytes.ToArray()).Rule;

    private ValidationResult Check(string name, byte[] bytes) => new SourceRpm(scratch.Write(name, bytes)).Validate();
}
