using System.Buffers.Binary;
using AwesomeAssertions;
using PkgForge.Sources;
using PkgForge.Sources.Rpm;
using Xunit;

namespace PkgForge.Tests.Sources;

/// <summary>Headers that claim what cannot be; the digests of all these packages are right.</summary>
public sealed class RpmHeaderTests : IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [Theory]
    [InlineData(0u)]
    [InlineData(0x10000u)]
    [InlineData(0x7fffffffu)]
    [InlineData(0xffffffffu)]
    public void An_absurd_count_of_tags_is_refused(uint count) => ClaimInHeader(8, count).Should().Be("header-count");

    [Theory]
    [InlineData(0u)]
    [InlineData((32u << 20) + 1)]
    [InlineData(0xffffffffu)]
    public void An_absurd_size_of_data_is_refused(uint size) => ClaimInHeader(12, size).Should().Be("header-size");

    [Fact]
    public void A_count_that_the_file_cannot_hold_costs_no_memory()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        ClaimInHeader(12, 31 << 20).Should().Be("truncated");
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(4 << 20);
    }

    [Fact]
    public void The_signature_header_has_few_tags()
    {
        var rpm = RpmBytes.V4().Signature(s => Enumerable.Range(300, 40).ToList().ForEach(t => s.Int32s((uint)t, 1)));
        Rule(rpm).Should().Be("header-count");
    }

    [Theory]
    [InlineData(4, 0u)]
    [InlineData(4, 10u)]
    [InlineData(4, 0xffffffffu)]
    [InlineData(8, 0xffffffffu)]
    [InlineData(8, 0x7fffffffu)]
    [InlineData(8, 0x80000000u)]
    [InlineData(12, 0u)]
    [InlineData(12, 2u)]
    [InlineData(12, 0x7fffffffu)]
    [InlineData(12, 0xffffffffu)]
    [InlineData(0, 5u)]
    public void An_entry_with_an_absurd_type_offset_count_or_tag_is_refused(int field, uint value) =>
        ClaimInEntry(1, field, value).Should().Be("header-entry");

    [Theory]
    [InlineData(4, 4u)]
    [InlineData(8, 0u)]
    [InlineData(8, 0x7ffffff8u)]
    [InlineData(12, 15u)]
    public void An_absurd_region_is_refused(int field, uint value) =>
        ClaimInEntry(0, field, value).Should().Be("header-entry");

    [Fact]
    public void Values_that_overlap_are_refused() => ClaimInEntry(2, 8, 0).Should().Be("header-entry");

    [Fact]
    public void A_tag_that_comes_twice_is_refused() => ClaimInEntry(2, 0, RpmTag.Name).Should().Be("header-entry");

    [Fact]
    public void A_number_must_be_aligned() =>
        Rule(RpmBytes.V4().With(h => h.Set(RpmTag.Epoch, 7, 3, [1, 2, 3]).Set(1005, 6, 1, [0x41, 0])))
            .Should()
            .Be("header-entry");

    [Fact]
    public void A_tag_that_is_read_must_have_its_type()
    {
        Rule(RpmBytes.V4().With(h => h.Int32s(RpmTag.Name, 1))).Should().Be("header-entry");
        Rule(RpmBytes.V4().With(h => h.Texts(RpmTag.Version, "1", "2"))).Should().Be("header-entry");
        Rule(RpmBytes.V4().With(h => h.Text(RpmTag.FileFlags, "32"))).Should().Be("header-entry");
        Rule(RpmBytes.V4().Signature(s => s.Blob(RpmTag.SigSha256, new byte[32]))).Should().Be("header-entry");
    }

    [Fact]
    public void A_string_must_end_within_the_data()
    {
        var rpm = RpmBytes.V3().With(h => h.Set(9000, 6, 1, [0x41, 0x42]));
        Rule(rpm).Should().Be("header-entry");
    }

    [Fact]
    public void A_list_may_not_be_endless() =>
        Rule(RpmBytes.V4().With(h => h.Set(RpmTag.BaseNames, 8, 100_001, new byte[100_001])))
            .Should()
            .Be("header-entry");

    /// <summary>Writes a number into the intro of the header.</summary>
    private string? ClaimInHeader(int place, uint value)
    {
        var rpm = new RpmLayout(RpmBytes.V4().ToArray());
        BinaryPrimitives.WriteUInt32BigEndian(rpm.Bytes.AsSpan(rpm.Header + place), value);
        return Check(rpm.Bytes);
    }

    /// <summary>Writes a number into an entry of the header: 0 is the region, 1 NAME, 2 VERSION.</summary>
    private string? ClaimInEntry(int entry, int field, uint value) => ClaimInHeader(16 + 16 * entry + field, value);

    private string? Rule(RpmBytes bytes) => Check(bytes.ToArray());

    private string? Check(byte[] bytes) => new SourceRpm(scratch.Write("a.src.rpm", bytes)).Validate().Rule;
}
