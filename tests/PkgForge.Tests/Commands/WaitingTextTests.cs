using AwesomeAssertions;
using PkgForge.Cli;
using PkgForge.Platforms;
using PkgForge.Registry;
using Xunit;

namespace PkgForge.Tests.Commands;

/// <summary>Why tasks wait, in the words of <c>pkgforge status</c>.</summary>
public sealed class WaitingTextTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 14, 20, 0, TimeSpan.Zero);

    private static Waiting Some(WaitReason reason, string details = "why", string platform = "bookworm") =>
        new(new(platform, "amd64"), reason, details, 0, null, null);

    [Fact]
    public void A_line_says_why_until_when_and_how_long()
    {
        var start = Now.AddMinutes(12);
        var waiting = Some(WaitReason.TasksBefore, "2 tasks go before it, for 1 builder") with
        {
            Start = start,
            Estimate = TimeSpan.FromSeconds(185),
        };

        WaitingText
            .Line(waiting, Now)
            .Should()
            .Be(
                $"2 tasks go before it, for 1 builder; begins about {start.ToLocalTime():HH:mm} (in 12 min); takes about 3 min"
            );
    }

    [Fact]
    public void What_nobody_knows_is_not_said() => WaitingText.Line(Some(WaitReason.Cap), Now).Should().Be("why");

    [Theory]
    [InlineData(WaitReason.Next, -5, "why")]
    [InlineData(WaitReason.Next, 5, "why")]
    [InlineData(WaitReason.TasksBefore, -60, "why; begins any moment")]
    public void What_begins_now_has_no_time(WaitReason reason, int seconds, string line) =>
        WaitingText.Line(Some(reason) with { Start = Now.AddSeconds(seconds) }, Now).Should().Be(line);

    [Fact]
    public void Another_day_is_named()
    {
        var start = Now.AddDays(3);
        Words.About(start, Now).Should().Be($"about {start.ToLocalTime():yyyy-MM-dd HH:mm} (in 3 days)");
    }

    [Theory]
    [InlineData(0.3, "a second")]
    [InlineData(42.4, "42 s")]
    [InlineData(99.6, "2 min")]
    [InlineData(5400, "90 min")]
    [InlineData(9570, "2 h 40 min")]
    [InlineData(35_990, "10 h")]
    [InlineData(90_000, "25 h")]
    [InlineData(400_000, "5 days")]
    public void Times_are_no_more_exact_than_anybody_can_know(double seconds, string words) =>
        Words.Roughly(TimeSpan.FromSeconds(seconds)).Should().Be(words);

    [Fact]
    public void Of_several_tasks_the_list_tells_of_the_one_that_somebody_must_help()
    {
        Waiting[] waiting =
        [
            Some(WaitReason.Next),
            Some(WaitReason.NoBuilder, platform: "sid"),
            Some(WaitReason.TasksBefore, platform: "f43") with
            {
                Before = 4,
            },
        ];

        WaitingText.Short(JobState.Registered, waiting).Should().Be("a builder (sid-amd64)");
        WaitingText.Short(JobState.Registered, waiting[2..]).Should().Be("its turn: 4 before it");
        WaitingText
            .Short(JobState.Building, waiting[2..])
            .Should()
            .Be("its turn: 4 before it (f43-amd64)", "other tasks of the job do not wait");
        WaitingText.Short(JobState.Building, []).Should().BeEmpty();
    }

    [Fact]
    public void Every_reason_has_words_of_its_own()
    {
        var reasons = Enum.GetValues<WaitReason>();
        reasons.Select(reason => WaitingText.Short(JobState.Registered, [Some(reason)])).Should().OnlyHaveUniqueItems();
        reasons
            .Select(WaitingText.Word)
            .Should()
            .Equal("next", "tasks-before", "no-builder", "platform-inactive", "cap", "refused-by-all", "after-others");
    }
}
