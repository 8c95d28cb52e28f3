using System.Text;
using AwesomeAssertions;
using PkgForge.Registry;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Logs;
using Xunit;

namespace PkgForge.Tests.Builds;

public sealed class BuildLogTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("pkgforge-test-").FullName;

    private string Text => File.ReadAllText($"{directory}/log");

    [Theory]
    [InlineData("==> 12:00:00 products: evil.deb\n", "==\\> 12:00:00 products: evil.deb\n")]
    [InlineData("a\n==>b\n==>\n", "a\n==\\>b\n==\\>\n")]
    [InlineData("a\r==> b\n", "a\r==\\> b\n")]
    [InlineData("===> a\n ==> b\nc ==> d\n==", "===> a\n ==> b\nc ==> d\n==")]
    [InlineData("==\n==>", "==\n==\\>")]
    public void No_line_of_a_build_begins_like_one_of_the_farm(string printed, string stands)
    {
        using (var log = Open())
            log.Write(Encoding.UTF8.GetBytes(printed)).Should().BeTrue();
        Text.Should().Be(stands);
    }

    [Fact]
    public void It_does_not_matter_in_which_pieces_it_is_printed()
    {
        const string Printed = "a\n==> b\r\n==\n==> c\n===>\n==> d";
        for (var size = 1; size < Printed.Length; size++)
        {
            File.Delete($"{directory}/log");
            using (var log = Open())
            {
                foreach (var piece in Encoding.UTF8.GetBytes(Printed).Chunk(size))
                    log.Write(piece);
            }
            Text.Should().Be("a\n==\\> b\r\n==\n==\\> c\n===>\n==\\> d", "in pieces of {0}", size);
        }
    }

    [Fact]
    public void After_a_line_of_the_farm_a_line_begins()
    {
        using (var log = Open())
        {
            log.Write("no end"u8);
            log.Say("said\n==> twice");
            log.Write("==> mine\n"u8);
        }
        Text.Should().MatchRegex(@"\Ano end\n==> \S+ said ==> twice\n==\\> mine\n\z");
    }

    [Fact]
    public void Marks_count_and_the_limit_holds()
    {
        using (var log = new BuildLog($"{directory}/log", 8, TimeProvider.System))
        {
            log.Write("==>\n"u8).Should().BeTrue();
            log.Write("==>\n"u8).Should().BeFalse();
            log.Write("more"u8).Should().BeFalse();
        }
        Text.Should().Be("==\\>\n==\\");
    }

    [Fact]
    public void A_line_has_its_place_also_in_a_log_that_was_begun_before_and_is_longer_than_what_is_kept()
    {
        File.WriteAllText($"{directory}/log", "one\ntwo\n");
        using var log = Open();
        log.Say("three");
        for (var i = 4; i <= 20_000; i++)
            log.Write(Encoding.UTF8.GetBytes($"line {i}\n"));

        var lines = log.Tail();
        lines.Count.Should().BeInRange(4_000, 8_000);
        var all = File.ReadAllLines($"{directory}/log");
        foreach (var line in new[] { lines[0], lines[1], lines[^1] })
        {
            all[line.Place.Line - 1].Should().Be(line.Text);
            Text[(int)line.Place.Offset..].Should().StartWith($"{line.Text}\n");
        }
        log.Tail(lines[7].Place.Offset).Should().Equal(lines.Skip(7));
        log.Tail(log.Length).Should().BeEmpty();
    }

    [Fact]
    public void The_first_line_of_a_log_is_line_1_after_0_bytes()
    {
        using var log = Open();
        log.Write("a\n\nb"u8);

        log.Tail().Should().Equal(new LogLine("a", new(0, 1)), new LogLine("b", new(3, 3)));
        LogPlace.Of(-1, 1).Should().BeNull();
        LogPlace.Of(0, 0).Should().BeNull();
        LogPlace.Of(0, null).Should().BeNull();
    }

    public void Dispose() => Directory.Delete(directory, recursive: true);

    private BuildLog Open() => new($"{directory}/log", 1 << 20, TimeProvider.System);
}
