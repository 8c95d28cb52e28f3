using AwesomeAssertions;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Logs;
using PkgForge.Tests.Sources;
using Xunit;

namespace PkgForge.Tests.Builds;

public sealed class LogTurnsTests : IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void The_first_is_written_as_it_comes_and_the_others_when_it_is_their_turn()
    {
        using (var main = new BuildLog(scratch["log"], 1000, TimeProvider.System))
        using (var turns = new LogTurns(main, scratch.Path))
        {
            var (a, b, c) = (turns.Begin(), turns.Begin(), turns.Begin());
            Print(b, "b1");
            Print(a, "a1");
            Lines.Should().Equal("a1");
            Print(c, "c1");
            turns.End(c);
            Print(a, "a2");
            Lines.Should().Equal("a1", "a2");
            turns.End(a);
            Lines.Should().Equal("a1", "a2", "b1");
            Print(b, "b2");
            Lines.Should().Equal("a1", "a2", "b1", "b2");
            b.LastLines().Should().Equal(["b1", "b2"], "causes are looked for in what a source has printed itself");
            turns.End(b);
            Lines.Should().Equal("a1", "a2", "b1", "b2", "c1");
        }

        Directory.GetFiles(scratch.Path).Should().Equal([scratch["log"]]);
    }

    [Fact]
    public void A_place_is_found_in_the_log_of_the_attempt_and_no_line_is_joined_to_anothers_end()
    {
        using var main = new BuildLog(scratch["log"], 1000, TimeProvider.System);
        using var turns = new LogTurns(main, scratch.Path);
        var (a, b) = (turns.Begin(), turns.Begin());
        Print(b, "b1\nwrong");
        var place = b.Tail()[^1].Place;
        a.Write("a without an end"u8);
        turns.End(a);
        turns.End(b);

        Lines.Should().Equal("a without an end", "b1", "wrong");
        b.InMain(place).Should().Be(main.Tail()[^1].Place);
    }

    [Fact]
    public void What_still_waits_when_all_is_given_up_is_taken_in_its_turn()
    {
        using var main = new BuildLog(scratch["log"], 1000, TimeProvider.System);
        using (var turns = new LogTurns(main, scratch.Path))
        {
            Print(turns.Begin(), "a");
            Print(turns.Begin(), "b");
        }

        Lines.Should().Equal("a", "b");
    }

    [Fact]
    public void All_together_keep_to_the_limit_of_the_log()
    {
        using (var main = new BuildLog(scratch["log"], 100, TimeProvider.System))
        using (var turns = new LogTurns(main, scratch.Path))
        {
            var (a, b) = (turns.Begin(), turns.Begin());
            b.Write(new byte[60]).Should().BeTrue();
            a.Write(new byte[60]).Should().BeFalse();
            b.Write(new byte[1]).Should().BeFalse();
        }

        new FileInfo(scratch["log"]).Length.Should().Be(101, "the farm ends the line that was cut off");
    }

    private static void Print(BuildLog log, string line) =>
        log.Write(System.Text.Encoding.UTF8.GetBytes($"{line}\n")).Should().BeTrue();

    private string[] Lines => ReadShared().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private string ReadShared()
    {
        using var stream = new FileStream(scratch["log"], FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
