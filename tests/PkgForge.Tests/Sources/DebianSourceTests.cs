using AwesomeAssertions;
using CsCheck;
using PkgForge.Sources;
using Xunit;

namespace PkgForge.Tests.Sources;

public sealed class DebianSourceTests : IDisposable
{
    private const string Orig = "tiny_1.0.orig.tar.gz";
    private const string Packaging = "tiny_1.0-1.debian.tar.xz";

    private readonly DscSet set = new();

    public void Dispose() => set.Dispose();

    [Fact]
    public void A_package_of_dpkg_source_is_valid()
    {
        using var scratch = new Scratch();
        var debian = Directory.CreateDirectory(scratch["tiny-1.0/debian"]).FullName;
        Directory.CreateDirectory(Path.Combine(debian, "source"));
        File.WriteAllText(Path.Combine(debian, "source/format"), "3.0 (native)\n");
        File.WriteAllText(
            Path.Combine(debian, "control"),
            "Source: tiny\nMaintainer: S <s@example.org>\nBuild-Depends: debhelper\n\n"
                + "Package: tiny\nArchitecture: all\nDescription: tiny\n"
        );
        File.WriteAllText(
            Path.Combine(debian, "changelog"),
            "tiny (1:1.0) unstable; urgency=low\n\n  * First.\n\n -- S <s@example.org>  Thu, 01 Jan 2026 00:00:00 +0000\n"
        );
        Tool.RunIn(scratch.Path, "dpkg-source", "-b", "tiny-1.0");

        var package = new DebianSource(scratch["tiny_1.0.dsc"]);
        package.Validate().Should().Be(ValidationResult.Valid);
        package.Version.Should().Be("1:1.0");
        package.Files.Select(file => file.Name).Should().Equal("tiny_1.0.dsc", "tiny_1.0.tar.xz");
    }

    [Fact]
    public void A_valid_package_tells_what_it_is()
    {
        var package = set.Source();
        package.Validate().Should().Be(ValidationResult.Valid);
        package.Name.Should().Be("tiny");
        package.Version.Should().Be("2:1.0-1");
        package.Architectures.Should().Equal("any", "all");
        package.WhyNotOn("amd64").Should().BeNull();
        package.BuildRelations.Should().ContainKey("build-depends").WhoseValue.Should().Contain("gcc [amd64]");
        package
            .Files.Select(file => (file.Name, file.Size))
            .Should()
            .Equal((set.Name, new FileInfo(set.Scratch[set.Name]).Length), (Orig, 5000L), (Packaging, 9L));
    }

    [Theory]
    [InlineData("Format")]
    [InlineData("Source")]
    [InlineData("Version")]
    [InlineData("Files")]
    [InlineData("Checksums-Sha256")]
    public void A_field_that_must_be_there_is_missed_by_name(string field)
    {
        var result = set.Without(field).Validate();
        result.Rule.Should().Be("field");
        result.Message.Should().Contain(field);
    }

    [Theory]
    [InlineData("Format", "3.0 quilt")]
    [InlineData("Source", "Tiny")]
    [InlineData("Source", "t")]
    [InlineData("Source", "../tiny")]
    [InlineData("Source", "tiny other")]
    [InlineData("Version", "one")]
    [InlineData("Version", "1.0-")]
    [InlineData("Version", "1.0/../2")]
    [InlineData("Version", "x:1.0")]
    [InlineData("Version", "1.0_2")]
    [InlineData("Version", "")]
    public void Format_name_and_version_are_well_formed(string field, string value) =>
        set.Set(field, value).Validate().Rule.Should().Be("field");

    [Theory]
    [InlineData("0")]
    [InlineData("1:2.0~rc1+dfsg-3.1~bpo12+1")]
    [InlineData("2024.01.02-a-1")]
    public void Versions_of_Debian_policy_are_well_formed(string version)
    {
        set.Name = $"tiny_{version[(version.IndexOf(':') + 1)..]}.dsc";
        set.Set("Version", version).Validate().Should().Be(ValidationResult.Valid);
    }

    [Theory]
    [InlineData("tiny_2.0-1.dsc")]
    [InlineData("tiny_2:1.0-1.dsc")]
    [InlineData("other_1.0-1.dsc")]
    [InlineData("tiny.txt")]
    [InlineData("-tiny_1.0-1.dsc")]
    public void The_name_of_the_dsc_agrees_with_what_is_in_it(string name)
    {
        set.Name = name;
        set.Validate().Rule.Should().Be("file-name");
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("/etc/passwd")]
    [InlineData("..")]
    [InlineData("-x")]
    [InlineData("a/b")]
    [InlineData(".hidden")]
    [InlineData("a\u0085b")]
    public void A_file_with_a_name_that_is_not_plain_is_refused(string name)
    {
        var result = set.Replace(Orig, name).Validate();
        result.Rule.Should().BeOneOf("file-name", "control-file");
        result.File.Should().Be(set.Name);
    }

    [Fact]
    public void A_dsc_does_not_name_itself() => set.Replace(Orig, set.Name).Validate().Rule.Should().Be("file-name");

    [Fact]
    public void A_missing_file_is_named()
    {
        File.Delete(set.Scratch[Orig]);
        set.Validate().Should().Match<ValidationResult>(r => r.Rule == "missing" && r.File == Orig);
    }

    [Fact]
    public void A_link_a_directory_and_a_fifo_in_place_of_a_file_are_refused()
    {
        var path = set.Scratch[Orig];
        File.Move(path, path + ".real");
        File.CreateSymbolicLink(path, path + ".real");
        set.Validate().Rule.Should().Be("symlink");
        File.Delete(path);
        Directory.CreateDirectory(path);
        set.Validate().Rule.Should().Be("directory");
        Directory.Delete(path);
        Tool.Run("mkfifo", path);
        set.Validate().Should().Match<ValidationResult>(r => r.Rule == "not-regular" && r.File == Orig);
    }

    [Fact]
    public void A_file_of_the_wrong_size_is_named()
    {
        File.AppendAllText(set.Scratch[Packaging], "x");
        set.Validate().Should().Match<ValidationResult>(r => r.Rule == "size" && r.File == Packaging);
    }

    [Fact]
    public void A_file_of_the_wrong_content_is_named()
    {
        set.Scratch.Write(Packaging, "PACKAGING");
        set.Validate().Should().Match<ValidationResult>(r => r.Rule == "digest" && r.File == Packaging);
    }

    [Theory]
    [InlineData("Checksums-Sha256")]
    [InlineData("Checksums-Sha1")]
    [InlineData("Files")]
    public void Each_digest_counts_for_itself(string field)
    {
        var digest = set.Line(field, 1).Split(' ')[1];
        var result = set.Replace(field, digest, new string('0', digest.Length)).Validate();
        result
            .Should()
            .Match<ValidationResult>(r => r.Rule == "digest" && r.File == Orig && r.Message!.Contains(field));
    }

    [Theory]
    [InlineData("Checksums-Sha256")]
    [InlineData("Checksums-Sha1")]
    [InlineData("Files")]
    public void Two_files_of_one_name_are_refused(string field) =>
        set.Set(field, set.Line(field, 0) + "\n" + set.Line(field, 1) + "\n" + set.Line(field, 1))
            .Validate()
            .Rule.Should()
            .Be("file-twice");

    [Theory]
    [InlineData("Checksums-Sha256")]
    [InlineData("Checksums-Sha1")]
    [InlineData("Files")]
    public void All_lists_name_the_same_files_with_the_same_sizes(string field)
    {
        var lines = set.Line(field, 1);
        set.Replace(field, " 9 ", " 10 ").Validate().Rule.Should().Be("file-list");
        set.Set(field, "\n" + lines).Validate().Rule.Should().Be("file-list");
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n abc 5 name")]
    [InlineData("\n d41d8cd98f00b204e9800998ecf8427e -5 name")]
    [InlineData("\n d41d8cd98f00b204e9800998ecf8427e 99999999999999999999 name")]
    [InlineData("\n d41d8cd98f00b204e9800998ecf8427e 5 two names")]
    public void A_list_that_is_not_well_formed_is_refused(string list) =>
        set.Set("Files", list).Validate().Rule.Should().Be("file-list");

    [Fact]
    public void A_dsc_is_UTF_8_and_has_one_paragraph()
    {
        set.Validate([.. "Maintainer: "u8, 0xe4, (byte)'\n']).Rule.Should().Be("encoding");
        set.Validate(set.Text + "\n" + set.Text).Rule.Should().Be("control-file");
        set.Validate("\n\n").Rule.Should().Be("control-file");
        set.Validate(set.Text + "# comment\n").Rule.Should().Be("control-file");
    }

    [Fact]
    public void A_dsc_that_is_too_long_is_not_read() => set.Validate(new byte[(4 << 20) + 1]).Rule.Should().Be("size");

    [Fact]
    public void One_changed_byte_in_a_file_makes_the_package_invalid()
    {
        var right = File.ReadAllBytes(set.Scratch[Orig]);
        Gen.Select(Gen.Int[0, right.Length - 1], Gen.Byte[1, 255])
            .Sample(
                (place, change) =>
                {
                    var wrong = (byte[])right.Clone();
                    wrong[place] ^= change;
                    set.Scratch.Write(Orig, wrong);
                    return set.Validate().Rule == "digest";
                },
                threads: 1,
                iter: 100
            );
    }

    [Fact]
    public void A_dsc_with_one_changed_byte_or_of_random_bytes_never_throws()
    {
        var right = System.Text.Encoding.UTF8.GetBytes(set.Text);
        Gen.Select(Gen.Int[0, right.Length - 1], Gen.Byte)
            .Sample(
                (place, value) =>
                {
                    var wrong = (byte[])right.Clone();
                    wrong[place] = value;
                    _ = set.Validate(wrong);
                },
                threads: 1,
                iter: 1000
            );
        Gen.Byte.Array[1, 2000].Sample(bytes => !set.Validate(bytes).IsValid, threads: 1, iter: 500);
    }
}
