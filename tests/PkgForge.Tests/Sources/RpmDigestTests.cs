using AwesomeAssertions;
using PkgForge.Sources;
using PkgForge.Sources.Rpm;
using Xunit;

namespace PkgForge.Tests.Sources;

/// <summary>Every digest and size counts, each for itself: all others are right in these packages.</summary>
public sealed class RpmDigestTests : IDisposable
{
    private static readonly string Wrong = new('0', 64);

    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void A_wrong_digest_of_the_header_is_found()
    {
        Rule(RpmBytes.V4().Signature(s => s.Text(RpmTag.SigSha1, Wrong[..40]))).Should().Be("header-digest");
        Rule(RpmBytes.V4().Signature(s => s.Text(RpmTag.SigSha256, Wrong))).Should().Be("header-digest");
        Rule(RpmBytes.V6().Signature(s => s.Text(RpmTag.SigSha3256, Wrong))).Should().Be("header-digest");
    }

    [Fact]
    public void A_digest_that_is_cut_short_is_wrong() =>
        Rule(RpmBytes.V4().Signature(s => s.Text(RpmTag.SigSha256, ""))).Should().Be("header-digest");

    [Theory]
    [InlineData(RpmTag.PayloadSha512, 128)]
    [InlineData(RpmTag.PayloadSha3256, 64)]
    public void A_wrong_digest_of_the_payload_is_found(uint tag, int digits) =>
        Rule(RpmBytes.V4().With(h => h.Text(tag, new string('0', digits)))).Should().Be("payload-digest");

    [Fact]
    public void A_wrong_SHA_256_of_the_payload_is_found()
    {
        Rule(RpmBytes.V4NoPayloadDigest().With(h => h.Texts(RpmTag.PayloadSha256, Wrong)))
            .Should()
            .Be("payload-digest");
    }

    [Fact]
    public void A_payload_digest_of_an_unknown_algorithm_is_refused() =>
        Rule(
                RpmBytes
                    .V4NoPayloadDigest()
                    .With(h => h.Texts(RpmTag.PayloadSha256, Wrong).Int32s(RpmTag.PayloadSha256Algo, 2))
            )
            .Should()
            .Be("payload-digest");

    [Fact]
    public void A_wrong_MD5_is_found_also_where_better_digests_are_right()
    {
        Rule(RpmBytes.V3().Signature(s => s.Blob(RpmTag.SigMd5, new byte[16]))).Should().Be("md5");
        Rule(RpmBytes.V4().Signature(s => s.Blob(RpmTag.SigMd5, new byte[16]))).Should().Be("md5");
    }

    [Fact]
    public void In_a_large_package_a_wrong_MD5_is_found_where_it_is_all_there_is()
    {
        var large = RpmBytes.V4NoPayloadDigest();
        large.Payload = new byte[RpmDigests.MaxSizeForSpareMd5 + 1];
        Rule(large.Signature(s => s.Blob(RpmTag.SigMd5, new byte[16]))).Should().Be("md5");
    }

    [Fact]
    public void Damage_in_a_large_payload_is_found_by_its_SHA_256()
    {
        var large = RpmBytes.V4();
        large.Payload = new byte[RpmDigests.MaxSizeForSpareMd5 + 1];
        var bytes = large.ToArray();
        Check(bytes).Should().BeNull();
        bytes[^12345]++;
        Check(bytes).Should().Be("payload-digest");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-1)]
    public void A_wrong_size_is_found(int by)
    {
        var size = RpmBytes.V4().ToArray().Length - new RpmLayout(RpmBytes.V4().ToArray()).Header + by;
        var expected = by == 0 ? null : "size";
        Rule(RpmBytes.V4().Signature(s => s.Int32s(RpmTag.SigSize, (uint)size))).Should().Be(expected);
        Rule(RpmBytes.V4().Signature(s => s.Int64(RpmTag.SigLongSize, (ulong)size))).Should().Be(expected);
    }

    [Fact]
    public void A_wrong_size_of_the_payload_is_found() =>
        Rule(RpmBytes.V4().With(h => h.Int64(RpmTag.PayloadSize, 1))).Should().Be("size");

    [Fact]
    public void A_package_before_v6_must_have_its_size() =>
        Rule(RpmBytes.V4().Signature(s => s.Without(RpmTag.SigSize))).Should().Be("size");

    [Fact]
    public void A_package_without_a_digest_of_its_header_or_of_its_payload_is_refused()
    {
        Rule(RpmBytes.V3().Signature(s => s.Without(RpmTag.SigMd5))).Should().Be("no-digest");
        Rule(RpmBytes.V4NoPayloadDigest().Signature(s => s.Without(RpmTag.SigMd5))).Should().Be("no-digest");
        var headerless = RpmBytes.V4();
        headerless.Signature(s => s.Without(RpmTag.SigMd5).Without(RpmTag.SigSha1).Without(RpmTag.SigSha256));
        Rule(headerless).Should().Be("no-digest");
    }

    [Fact]
    public void Digests_that_are_left_out_are_no_fault_while_others_cover_all()
    {
        Rule(RpmBytes.V4().Signature(s => s.Without(RpmTag.SigMd5).Without(RpmTag.SigSha1))).Should().BeNull();
        Rule(RpmBytes.V4NoPayloadDigest().Signature(s => s.Without(RpmTag.SigSha256))).Should().BeNull();
    }

    [Fact]
    public void A_digest_may_be_written_in_capitals()
    {
        var rpm = RpmBytes.V4();
        rpm.Signature(s => s.MapText(RpmTag.SigSha256, text => text.ToUpperInvariant()));
        Rule(rpm).Should().BeNull();
    }

    [Fact]
    public void The_managed_SHA3_gives_what_the_specification_gives()
    {
        // FIPS 202, the empty message.
        const string expected = "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a";
        Digest.Of(new Digest.ManagedSha3(), []).Should().Be(expected);
        Digest.Of(Digest.Sha3256(), []).Should().Be(expected);
    }

    private string? Rule(RpmBytes bytes) => Check(bytes.ToArray());

    private string? Check(byte[] bytes) => new SourceRpm(scratch.Write("a.src.rpm", bytes)).Validate().Rule;
}
