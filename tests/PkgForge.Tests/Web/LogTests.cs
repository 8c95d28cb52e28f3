using System.Text;
using AwesomeAssertions;
using PkgForge.Logs;
using PkgForge.Web.Logs;
using Xunit;

namespace PkgForge.Tests.Web;

/// <summary>Logs as pages show them: any line of any log, and nothing of it is mark-up.</summary>
public sealed class LogTests : IDisposable
{
    private const string Esc = "\u001b";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly string path = Path.Combine(Path.GetTempPath(), $"pkgforge-log-{Guid.NewGuid():N}");

    public void Dispose()
    {
        File.Delete(path);
        File.Delete(path + LogFile.StoredSuffix);
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("<b>&\"'</b>", "&lt;b&gt;&amp;&quot;&#x27;&lt;/b&gt;")]
    [InlineData($"{Esc}[31mred{Esc}[0m not", "<span class=\"c1\">red</span> not")]
    [InlineData($"{Esc}[1;94;41mx", "<span class=\"bold c12 g1\">x</span>")]
    [InlineData($"{Esc}[38;5;196mx{Esc}[38;2;1;31;3mx", "xx")]
    [InlineData($"{Esc}]8;;javascript:alert(1){Esc}\\link{Esc}]8;;{Esc}\\", "link")]
    [InlineData($"{Esc}]0;title\u0007text", "text")]
    [InlineData($"{Esc}[2J{Esc}[1;1Hclear", "clear")]
    [InlineData($"{Esc}[31\"><script>m", "cript&gt;m")]
    [InlineData("10%\r50%\r100%\r", "100%")]
    [InlineData("a\u0000b\u007f", "a\u2400b\u2421")]
    [InlineData("safe\u202egnp.exe", "safe<span class=\"code\">U+202E</span>gnp.exe")]
    [InlineData($"{Esc}", "")]
    [InlineData($"{Esc}[", "")]
    public void A_line_is_text_with_colours(string line, string html) =>
        LogHtml.Of(Encoding.UTF8.GetBytes(line)).Should().Be(html);

    [Theory]
    [InlineData("", "")]
    [InlineData($"{Esc}[1;4;97;107m", "<span class=\"bold under c15 g15\">x</span>")]
    public void Sequences_without_text_make_no_line_long(string begin, string shown)
    {
        var line = begin + string.Concat(Enumerable.Repeat($"{Esc}a", 2000));

        LogHtml.Of(Encoding.UTF8.GetBytes(line)).Should().BeEmpty();
        LogHtml.Of(Encoding.UTF8.GetBytes(line + "x")).Should().Be(shown.Length > 0 ? shown : "x");
    }

    [Fact]
    public void However_long_its_lines_are_a_page_is_not_and_neither_are_events_and_hits()
    {
        var line = string.Concat(Enumerable.Range(0, 500).Select(i => $"{Esc}[3{i % 8}mx"));
        File.WriteAllText(path, string.Concat(Enumerable.Repeat($"{line}\n", 1000)));
        var index = new LogIndex(path);

        var view = LogViews.Read(index, new(1, "x"), null, live: false, Cancel)!;
        var some = LogLines.Read(index, 1, ended: true, 1);
        var more = LogLines.Read(index, some.Last + 1, ended: true, 1);

        view.Lines.Sum(shown => shown.Html.Length).Should().BeInRange(1, 512 << 10);
        view.Hits.Sum(shown => shown.Html.Length).Should().BeInRange(1, 512 << 10);
        some.Event.Length.Should().BeLessThan(400 << 10);
        (some.First, some.IsAll, more.First).Should().Be((1, false, some.Last + 1));
    }

    [Fact]
    public void Who_is_gone_is_not_searched_for()
    {
        File.WriteAllText(path, "a\nb\n");
        using var gone = new CancellationTokenSource();
        gone.Cancel();

        var search = () => LogViews.Read(new LogIndex(path), new(null, "nothing"), null, live: false, gone.Token);

        search.Should().Throw<OperationCanceledException>();
    }

    [Fact]
    public void So_many_directories_are_watched_and_no_more_and_one_that_is_left_makes_room()
    {
        var root = Directory.CreateTempSubdirectory("pkgforge-watch-");
        using var watch = new LogWatch();
        var open = Enumerable
            .Range(0, 65)
            .Select(i => watch.Open(root.CreateSubdirectory($"{i}").FullName, deep: false))
            .ToList();

        open.Count(notice => notice is null).Should().BeGreaterThanOrEqualTo(1);
        open[^1].Should().BeNull();
        open[0]!.Dispose();
        using var late = watch.Open($"{root.FullName}/64", deep: false);
        late.Should().NotBeNull();
        root.Delete(recursive: true);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_shown_all_the_same() =>
        LogHtml.Of([0xff, 0xfe, (byte)'a']).Should().Be("&#xFFFD;&#xFFFD;a");

    [Fact]
    public void Any_line_is_found_also_while_the_log_grows()
    {
        var index = new LogIndex(path);
        using (var log = new StreamWriter(path))
        {
            for (var i = 1; i <= 5000; i++)
            {
                log.Write($"line {i}\n");
                if (i % 700 != 0)
                    continue;
                log.Flush();
                index.Refresh().Whole.Should().Be(i);
                Line(index, i).Should().Be($"line {i}");
            }
            log.Write("half");
        }

        var state = index.Refresh();

        (state.Whole, state.Lines).Should().Be((5000, 5001));
        foreach (var number in new[] { 1, 511, 512, 513, 1024, 1025, 4999, 5000 })
            Line(index, number).Should().Be($"line {number}");
        Line(index, 5001).Should().Be("half");
        index.Read(4999, 10, 100).Select(line => line.Number).Should().Equal(4999, 5000, 5001);
        index.Read(6000, 10, 100).Should().BeEmpty();
    }

    [Fact]
    public void A_long_line_is_cut_and_the_next_one_is_whole()
    {
        File.WriteAllText(path, $"{new string('x', 3_000_000)}\nnext\n");
        var index = new LogIndex(path);
        index.Refresh();

        var lines = index.Read(1, 2, 1000);

        (lines[0].Bytes.Length, lines[0].Cut).Should().Be((1000, 2_999_000));
        Encoding.UTF8.GetString(lines[1].Bytes).Should().Be("next");
    }

    [Fact]
    public void The_farms_own_lines_are_stages()
    {
        File.WriteAllText(path, "==> 12:00:01 source: a.dsc\nmake\n==> 12:00:02 build: dpkg-buildpackage\n");

        new LogIndex(path)
            .Refresh()
            .Stages.Should()
            .Equal(new LogStage(1, "source: a.dsc"), new LogStage(3, "build: dpkg-buildpackage"));
    }

    [Fact]
    public void A_text_is_found_whatever_its_case()
    {
        File.WriteAllText(path, "one\nAn ERROR here\ntwo\nerror\n");
        var index = new LogIndex(path);

        var view = LogViews.Read(index, new(null, "Error"), null, live: false, Cancel)!;

        view.Hits.Select(hit => hit.Number).Should().Equal(2, 4);
        view.Total.Should().Be(4);
    }

    [Fact]
    public void A_search_goes_on_where_a_page_was_full()
    {
        File.WriteAllLines(path, Enumerable.Range(1, 1000).Select(i => i % 2 == 0 ? $"error {i}" : "fine"));
        var index = new LogIndex(path);
        var found = new List<long>();
        var pages = 0;
        for (long? from = 1; from is { } line; pages++)
        {
            var view = LogViews.Read(index, new(null, "error", line), null, live: false, Cancel)!;
            view.From.Should().Be(line);
            found.AddRange(view.Hits.Select(hit => hit.Number));
            from = view.More;
        }

        found.Should().Equal(Enumerable.Range(1, 500).Select(i => 2L * i));
        pages.Should().Be(3, "a page has 200");
    }

    [Fact]
    public void A_page_holds_so_many_lines_however_long_the_log_is()
    {
        File.WriteAllLines(path, Enumerable.Range(1, 20_000).Select(i => $"line {i}"));
        var index = new LogIndex(path);

        var end = LogViews.Read(index, new(null, null), 19_999, live: false, Cancel)!;
        var middle = LogViews.Read(index, new(10_000, null), null, live: false, Cancel)!;

        (end.Lines[0].Number, end.Lines[^1].Number).Should().Be((19_001, 20_000));
        end.EvidenceLine.Should().Be(19_999);
        (middle.Lines[0].Number, middle.Lines.Count).Should().Be((9_950, LogViews.LinesOnPage));
    }

    [Fact]
    public void There_is_no_log_where_a_link_is()
    {
        File.CreateSymbolicLink(path, "/etc/passwd");

        LogViews.Read(new(path), new(null, null), null, live: false, Cancel).Should().BeNull();
    }

    [Fact]
    public async Task A_stored_log_has_the_same_lines_at_the_same_numbers()
    {
        File.WriteAllLines(
            path,
            Enumerable.Range(1, 60_000).Select(i => i % 1000 == 0 ? $"==> 12:00:01 step {i}" : $"line {i}")
        );
        var plain = new LogIndex(path);
        plain.Refresh();
        var (known, wanted) = (plain.Refresh(), plain.Read(59_990, 100, 100));

        await LogStoring.StoreAsync(path, CancellationToken.None);

        var stored = new LogIndex(path);
        stored.Refresh().Should().BeEquivalentTo(known);
        stored.Read(59_990, 100, 100).Should().BeEquivalentTo(wanted);
        plain.Refresh().Should().BeEquivalentTo(known, "who has watched it goes on");
        foreach (var number in new[] { 1, 2, 999, 1000, 1001, 31_415, 60_000 })
            Line(stored, number).Should().Be(Line(plain, number));
        LogViews
            .Read(stored, new(null, "LINE 31415"), null, live: false, Cancel)!
            .Hits.Select(hit => hit.Number)
            .Should()
            .Equal(31_415);
    }

    [Fact]
    public async Task A_log_that_is_stored_while_it_is_watched_goes_on_where_it_was()
    {
        File.WriteAllLines(path, Enumerable.Range(1, 2000).Select(i => $"line {i}"));
        var index = new LogIndex(path);
        index.Refresh().Lines.Should().Be(2000);
        File.AppendAllLines(path, ["line 2001", "==> 12:00:01 the end"]);

        await LogStoring.StoreAsync(path, CancellationToken.None);

        index.Refresh().Should().BeEquivalentTo(new { Whole = 2002, Lines = 2002 });
        Line(index, 2001).Should().Be("line 2001");
        index.Refresh().Stages.Should().Equal(new LogStage(2002, "the end"));
    }

    private static string Line(LogIndex index, long number) =>
        Encoding.UTF8.GetString(index.Read(number, 1, 1000).Single().Bytes);
}
