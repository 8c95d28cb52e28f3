using AwesomeAssertions;
using PkgForge.Registry;
using Xunit;

namespace PkgForge.Tests.Registry;

public sealed class TimeBoundTests
{
    private static readonly TimeZoneInfo East = TimeZoneInfo.CreateCustomTimeZone(
        "east",
        TimeSpan.FromHours(2),
        null,
        null
    );

    [Theory]
    [InlineData("2026-11-22", false, "2026-11-21T22:00:00Z")]
    [InlineData("2026-11-22", true, "2026-11-22T22:00:00Z")]
    [InlineData("2026-11-22T18:00:00Z", true, "2026-11-22T18:00:00Z")]
    [InlineData("2026-11-22T18:00:00+01:00", true, "2026-11-22T17:00:00Z")]
    [InlineData("2026-11-22T18:00", false, "2026-11-22T16:00:00Z")]
    public void Days_are_of_the_zone_and_count_to_their_end(string text, bool end, string expected) =>
        TimeBound
            .Parse(text, end, East)!
            .Value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture)
            .Should()
            .Be(expected);

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("2026-13-01")]
    [InlineData("0001-01-01")]
    [InlineData("9999-12-31")]
    [InlineData("22.11.2026")]
    [InlineData("2026-11-22 18:00")]
    public void Anything_else_is_refused(string text) => TimeBound.Parse(text, end: true, East).Should().BeNull();
}
