using AwesomeAssertions;
using PkgForge.Sources;
using PkgForge.Sources.Rpm;
using Xunit;

namespace PkgForge.Tests.Sources;

/// <summary>What format v6 asks for and the others do not, and the leads of all.</summary>
public sealed class RpmFormatTests : IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void An_unknown_format_is_refused() =>
        Rule(RpmBytes.V6().With(h => h.Int32s(RpmTag.RpmFormat, 7))).Should().Be("format");

    [Fact]
    public void The_lead_agrees_with_the_format()
    {
        Lead(RpmBytes.V4(), 4, 4).Should().Be("lead");
        Lead(RpmBytes.V6(), 4, 3).Should().Be("lead");
        Lead(RpmBytes.V6(), 9, 1).Should().Be("lead");
        Lead(RpmBytes.V4(), 7, 2).Should().Be("lead");
        Lead(RpmBytes.V4(), 79, 4).Should().Be("lead");
        Lead(RpmBytes.V4(), 7, 0).Should().Be("not-source");
    }

    [Fact]
    public void Name_and_architecture_in_an_old_lead_mean_nothing()
    {
        Lead(RpmBytes.V4(), 9, 1).Should().BeNull();
        Lead(RpmBytes.V4(), 20, 255).Should().BeNull();
        Lead(RpmBytes.V3(), 90, 255).Should().BeNull();
    }

    [Fact]
    public void A_v6_package_must_have_its_digests()
    {
        Rule(RpmBytes.V6().Signature(s => s.Without(RpmTag.SigSha256))).Should().Be("no-digest");
        Rule(RpmBytes.V6().Signature(s => s.Without(RpmTag.SigSha3256))).Should().Be("no-digest");
    }

    [Fact]
    public void A_v6_package_has_nothing_of_old_in_its_signature_header() =>
        Rule(RpmBytes.V6().Signature(s => s.Blob(RpmTag.SigMd5, new byte[16]))).Should().Be("signature-tag");

    [Fact]
    public void The_reserved_space_of_a_v6_package_is_there_and_zero()
    {
        Rule(RpmBytes.V6().Signature(s => s.Without(RpmTag.SigReserved))).Should().Be("signature-tag");
        Rule(RpmBytes.V6().Signature(s => s.Blob(RpmTag.SigReserved, [0, 1]))).Should().Be("signature-tag");
    }

    [Fact]
    public void The_padding_of_a_v6_package_is_zero() =>
        Rule(RpmBytes.V6().Signature(s => s.Gap = [0, 1, 0])).Should().Be("padding");

    [Fact]
    public void A_v6_package_is_UTF_8_and_marked_as_a_source_package()
    {
        Rule(RpmBytes.V6().With(h => h.Text(RpmTag.Encoding, "latin1"))).Should().Be("encoding");
        Rule(RpmBytes.V6().With(h => h.Without(RpmTag.SourcePackage))).Should().Be("not-source");
    }

    private string? Lead(RpmBytes rpm, int place, byte value)
    {
        rpm.Lead[place] = value;
        return Rule(rpm);
    }

    private string? Rule(RpmBytes bytes) => new SourceRpm(scratch.Write("a.src.rpm", bytes.ToArray())).Validate().Rule;
}
