using System.Diagnostics;
using AwesomeAssertions;
using CsCheck;
using PkgForge.Sources;
using PkgForge.Sources.Rpm;
using Xunit;

namespace PkgForge.Tests.Sources;

/// <summary>A package that is right in every byte but one, or ends too early, is never valid.</summary>
public sealed class SourceRpmDamageTests(BuiltRpms built) : IClassFixture<BuiltRpms>, IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    public static TheoryData<string> Packages => ["built", "v3", "v4", "v6"];

    [Theory]
    [MemberData(nameof(Packages))]
    public void One_changed_byte_in_header_or_payload_makes_a_package_invalid(string which)
    {
        var rpm = Layout(which);
        Gen.Select(Gen.Int[rpm.Header, rpm.Bytes.Length - 1], Gen.Byte[1, 255])
            .Sample((place, change) => !IsValid(rpm.Flip(place, change)), threads: 1, iter: 2000);
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void One_changed_byte_where_the_format_or_a_digest_fixes_it_makes_a_package_invalid(string which)
    {
        var rpm = Layout(which);
        // A digest may be written in capitals: the change that does just that is left out.
        foreach (var place in rpm.FixedBeforeHeader())
            Gen.Byte[1, 255]
                .Where(change => change != 0x20)
                .Sample(change => !IsValid(rpm.Flip(place, change)), threads: 1, iter: 3);
    }

    [Theory]
    [InlineData("built")]
    [InlineData("v4")]
    public void The_trailer_of_the_signatures_region_has_its_tag_or_that_of_old_packages(string which)
    {
        var rpm = Layout(which);
        Enumerable
            .Range(0, 256)
            .Where(tag => IsValid(rpm.Flip(rpm.TrailerTag, (byte)(tag ^ rpm.Bytes[rpm.TrailerTag]))))
            .Should()
            .Equal((int)RpmTag.HeaderImage, (int)RpmTag.HeaderSignatures);
    }

    /// <summary>The signature header of the package of rpmbuild: each digest that rpm wrote is one that is checked.</summary>
    [Theory]
    [InlineData(RpmTag.SigSha1, "header-digest")]
    [InlineData(RpmTag.SigSha256, "header-digest")]
    [InlineData(RpmTag.SigMd5, "md5")]
    [InlineData(RpmTag.SigSize, "size")]
    public void Each_digest_of_a_package_of_rpmbuild_is_compared(uint tag, string rule)
    {
        var rpm = Layout("built");
        Check(rpm.Flip(rpm.SignatureValue(tag), 1)).Rule.Should().Be(rule);
    }

    [Fact]
    public void In_v6_the_architecture_and_all_of_the_signature_header_are_fixed()
    {
        var rpm = Layout("v6");
        int[] lead = [8, 9, 76, 77];
        foreach (var place in lead.Concat(Enumerable.Range(rpm.Signature, rpm.Header - rpm.Signature)))
            IsValid(rpm.Flip(place, 0x81)).Should().BeFalse($"byte {place} was changed");
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void One_changed_byte_anywhere_never_changes_what_a_valid_package_is(string which)
    {
        var rpm = Layout(which);
        Gen.Select(Gen.Int[0, rpm.Header - 1], Gen.Byte[1, 255])
            .Sample(
                (place, change) =>
                {
                    var package = new SourceRpm(scratch.Write("flipped.src.rpm", rpm.Flip(place, change)));
                    return !package.Validate().IsValid || package.Name is "tiny" or "crafted";
                },
                threads: 1,
                iter: 1000
            );
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void A_package_that_ends_too_early_is_refused(string which)
    {
        var rpm = Layout(which);
        int[] boundaries = [4, 96, 112, rpm.SignatureEnd, rpm.Header, rpm.Header + 16, rpm.Payload, rpm.Bytes.Length];
        foreach (var end in boundaries.SelectMany(b => (int[])[b - 1, b, b + 1]).Where(e => e < rpm.Bytes.Length))
            Check(rpm.Bytes[..end]).Rule.Should().BeOneOf("not-rpm", "truncated", "size");
        Gen.Int[1, rpm.Bytes.Length - 1].Sample(end => !IsValid(rpm.Bytes[..end]), threads: 1, iter: 500);
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void A_package_with_more_behind_it_is_refused(string which) =>
        Check([.. Layout(which).Bytes, 0]).Rule.Should().Be("size");

    [Fact]
    public void Random_bytes_are_refused_at_once()
    {
        var start = Stopwatch.StartNew();
        Gen.Byte.Array[1, 5000].Sample(bytes => !IsValid(bytes), threads: 1, iter: 500);
        Gen.Byte.Array[0, 2000]
            .Sample(bytes => !IsValid([.. Layout("v4").Bytes.AsSpan(0, 96), .. bytes]), threads: 1, iter: 500);
        start.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public void Random_headers_in_a_right_frame_never_throw() =>
        Gen.Select(Gen.Int[0, 40], Gen.Int[0, 400], Gen.Byte.Array[0, 1200])
            .Sample(
                (tags, data, bytes) =>
                {
                    byte[] lead = [.. Layout("v4").Bytes.AsSpan(0, 96)];
                    byte[] intro =
                    [
                        0x8e,
                        0xad,
                        0xe8,
                        1,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        (byte)tags,
                        0,
                        0,
                        (byte)(data >> 8),
                        (byte)data,
                    ];
                    return !IsValid([.. lead, .. intro, .. bytes]);
                },
                threads: 1,
                iter: 3000
            );

    private RpmLayout Layout(string which) =>
        new(
            which switch
            {
                "built" => File.ReadAllBytes(built.Source("w7.xzdio")),
                "v3" => RpmBytes.V3().ToArray(),
                "v4" => RpmBytes.V4().ToArray(),
                _ => RpmBytes.V6().ToArray(),
            }
        );

    private bool IsValid(byte[] bytes) => Check(bytes).IsValid;

    private ValidationResult Check(byte[] bytes) => new SourceRpm(scratch.Write("a.src.rpm", bytes)).Validate();
}
