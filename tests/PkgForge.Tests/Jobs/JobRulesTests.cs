using AwesomeAssertions;
using PkgForge.Buckets;
using PkgForge.Jobs;
using Xunit;

namespace PkgForge.Tests.Jobs;

public sealed class JobRulesTests
{
    [Theory]
    [InlineData("anna@example.org")]
    [InlineData("a+b=c@h")]
    public void A_sane_address_is_taken(string text) => JobRules.Address(text).Should().BeNull();

    [Theory]
    [InlineData("")]
    [InlineData("@b")]
    [InlineData("a@")]
    [InlineData("a@b@c")]
    [InlineData("a b@c")]
    [InlineData("a@b\r\nBcc: c@d")]
    [InlineData("a@b,c")]
    [InlineData("a@b;c")]
    [InlineData("-f@b")]
    [InlineData("A<a@b>")]
    [InlineData("a\u00a0b@c")]
    public void An_address_that_could_be_more_than_an_address_is_refused(string text) =>
        JobRules.Address(text).Should().NotBeNull();

    [Fact]
    public void An_address_of_255_characters_is_refused() =>
        JobRules.Address("a@" + new string('b', 253)).Should().NotBeNull();

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData(".x")]
    [InlineData("-x")]
    [InlineData("a/b")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    [InlineData("a\u0085b")]
    [InlineData("job.yml")]
    public void A_name_that_is_not_plain_is_refused(string text) => JobRules.FileName(text).Should().NotBeNull();

    /// <summary>Not as inline data: a test runner replaces what is not Unicode.</summary>
    [Fact]
    public void Half_a_surrogate_pair_is_refused_everywhere()
    {
        JobRules.FileName("a\udc00").Should().NotBeNull();
        JobRules.FileName("a\ud800b").Should().NotBeNull();
        JobRules.Address("a\ud800@c").Should().NotBeNull();
        JobRules.Word("\ud800").Should().NotBeNull();
    }

    [Fact]
    public void The_length_of_a_name_is_counted_in_bytes()
    {
        JobRules.FileName(new string('é', 127)).Should().BeNull();
        JobRules.FileName(new string('é', 128)).Should().NotBeNull();
    }

    [Theory]
    [InlineData("main", true)]
    [InlineData("4.x_y-z", true)]
    [InlineData("", false)]
    [InlineData(".a", false)]
    [InlineData("-a", false)]
    [InlineData("A", false)]
    [InlineData("a/b", false)]
    [InlineData("a\n", false)]
    public void A_bucket_name_is_safe_as_part_of_a_path(string text, bool good) =>
        BucketName.IsWellFormed(text).Should().Be(good);

    [Fact]
    public void A_bucket_name_has_at_most_50_characters()
    {
        BucketName.IsWellFormed(new string('a', 50)).Should().BeTrue();
        BucketName.IsWellFormed(new string('a', 51)).Should().BeFalse();
    }
}
