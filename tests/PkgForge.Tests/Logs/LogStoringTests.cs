using AwesomeAssertions;
using PkgForge.Logs;
using Xunit;

namespace PkgForge.Tests.Logs;

/// <summary>A log that is stored stays readable at every moment, and what is stored never changes.</summary>
public sealed class LogStoringTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("pkgforge-storing-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Log => $"{directory}/log";

    private IEnumerable<string> Files =>
        Directory.EnumerateFiles(directory).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public async Task The_stored_form_takes_the_place_of_the_plain_one()
    {
        var content = SomeLog.Of(700_000);
        await File.WriteAllBytesAsync(Log, content, Cancel);
        File.SetUnixFileMode(Log, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        using var opened = LogFile.TryOpen(Log)!;

        (await LogStoring.StoreAsync(Log, Cancel)).Should().BeTrue();

        Files.Should().Equal("log.zst");
        SomeLog.Read(Log).Should().Equal(content);
        File.GetUnixFileMode($"{Log}.zst")
            .Should()
            .Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        var rest = new byte[1000];
        opened.Fill(rest, 600_000).Should().Be(1000, "who has it open reads on");
        rest.Should().Equal(content[600_000..601_000]);
        (await LogStoring.StoreAsync(Log, Cancel)).Should().BeTrue("it is done");
    }

    [Fact]
    public async Task What_fits_into_a_block_stays_as_it_is()
    {
        await File.WriteAllBytesAsync(Log, SomeLog.Of(LogStoring.Smallest), Cancel);

        (await LogStoring.StoreAsync(Log, Cancel)).Should().BeTrue();

        Files.Should().Equal("log");
    }

    [Fact]
    public async Task A_dead_process_leaves_nothing_that_the_next_one_does_not_remove()
    {
        var content = SomeLog.Of(50_000);
        await File.WriteAllBytesAsync(Log, content, Cancel);
        await File.WriteAllTextAsync($"{directory}/.log.zst.0123abcd.tmp", "half", Cancel);

        await LogStoring.StoreAsync(Log, Cancel);

        Files.Should().Equal("log.zst");
    }

    [Fact]
    public async Task A_plain_form_beside_a_stored_one_is_nothing_whatever_it_holds()
    {
        var content = SomeLog.Of(50_000);
        await SomeLog.StoreAsync(Log, content);
        await File.WriteAllBytesAsync(Log, SomeLog.Of(90_000, seed: 2), Cancel);
        SomeLog.Read(Log).Should().Equal(content);

        await LogStoring.StoreAsync(Log, Cancel);

        Files.Should().Equal("log.zst");
        SomeLog.Read(Log).Should().Equal(content);
    }

    [Fact]
    public async Task A_plain_form_is_not_removed_for_a_damaged_one()
    {
        await SomeLog.StoreAsync(Log, SomeLog.Of(50_000));
        await File.WriteAllTextAsync($"{Log}.zst", "damaged", Cancel);
        await File.WriteAllBytesAsync(Log, SomeLog.Of(50_000), Cancel);

        await FluentActions
            .Awaiting(() => LogStoring.StoreAsync(Log, Cancel))
            .Should()
            .ThrowAsync<FarmFaultException>();

        Files.Should().Equal("log", "log.zst");
    }

    [Fact]
    public async Task One_of_two_who_store_it_at_once_does_it()
    {
        var content = SomeLog.Of(2_000_000);
        await File.WriteAllBytesAsync(Log, content, Cancel);

        await Task.WhenAll(
            Enumerable.Range(0, 4).Select(_ => Task.Run(() => LogStoring.StoreAsync(Log, Cancel), Cancel))
        );

        Files.Should().Equal("log.zst");
        SomeLog.Read(Log).Should().Equal(content);
    }

    [Fact]
    public async Task A_reader_never_misses_it_while_it_changes_its_form()
    {
        for (var i = 0; i < 20; i++)
        {
            var content = SomeLog.Of(8000, seed: i);
            var path = $"{directory}/{i}";
            await File.WriteAllBytesAsync(path, content, Cancel);
            var storing = Task.Run(() => LogStoring.StoreAsync(path, Cancel), Cancel);
            var reads = 0;
            do
            {
                SomeLog.Read(path).Should().Equal(content);
                reads++;
            } while (!storing.IsCompleted);
            await storing;
            reads.Should().BePositive();
        }
    }

    [Fact]
    public async Task A_log_that_is_gone_is_nobodys_trouble() =>
        (await LogStoring.StoreAsync(Log, Cancel)).Should().BeTrue();
}
