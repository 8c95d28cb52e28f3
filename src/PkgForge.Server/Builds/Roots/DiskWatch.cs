using System.Globalization;
using PkgForge.Native;
using PkgForge.Server.Processes;

namespace PkgForge.Server.Builds.Roots;

/// <summary>
/// Looks after a top on a disk, which no kernel bounds for an ordinary user: four times a second it asks the file system what is left, and only when so much has gone that the
/// top may have taken it, what the top holds. Whoever writes faster than that gets a little more than the limit, and never the last of the disk.
/// </summary>
public sealed class DiskWatch : IAsyncDisposable
{
    /// <summary>Bytes that no top takes from its disk: 512 MiB.</summary>
    public const long Reserve = 512L << 20;

    /// <summary>Files that a top may hold, in memory or on a disk.</summary>
    public const long MostFiles = 2_000_000;

    /// <summary>What the top holds is asked again when at least this part of the limit has gone since.</summary>
    private const int Part = 16;

    /// <summary>Ten minutes.</summary>
    private const int TicksPerTouch = 4 * 600;

    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(250);

    private readonly string place;
    private readonly long limit;
    private readonly Action stop;
    private readonly Func<Command, Command> within;
    private readonly CancellationTokenSource end = new();
    private readonly Task watching;

    /// <param name="place">The directory on the disk.</param>
    /// <param name="limit">Bytes that it may hold.</param>
    /// <param name="stop">Called once, when there is too much in it or too little left.</param>
    public DiskWatch(string place, long limit, Action stop)
        : this(place, limit, stop, command => RootSession.InUserNamespace([], command)) { }

    /// <param name="place">The directory on the disk.</param>
    /// <param name="limit">Bytes that it may hold.</param>
    /// <param name="stop">Called once, when there is too much in it or too little left.</param>
    /// <param name="within">Where a command sees all files of the top.</param>
    internal DiskWatch(string place, long limit, Action stop, Func<Command, Command> within)
    {
        (this.place, this.limit, this.stop, this.within) = (place, limit, stop, within);
        watching = WatchAsync();
    }

    /// <summary>True when it was stopped for what it held: more bytes than its limit, or more files than <see cref="MostFiles"/>.</summary>
    public bool IsOver => TooMany is not null;

    /// <summary>What it held too much of, and how much was allowed, in words; null when it was not stopped for that.</summary>
    public string? TooMany { get; private set; }

    /// <summary>True when it was stopped because the disk had hardly anything left.</summary>
    public bool DiskIsFull { get; private set; }

    /// <summary>Why the top could not be looked after any more, and was stopped for that; null when it could.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Bytes that the top holds now.</summary>
    /// <exception cref="FarmFaultException">That cannot be told.</exception>
    public Task<long> HeldAsync() => SumAsync("--block-size=1");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        end.Dispose();
    }

    private async Task WatchAsync()
    {
        try
        {
            await LookAsync();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FarmFaultException)
        {
            // Without a watch there is no limit.
            Trouble = e.Message;
            stop();
        }
    }

    private async Task LookAsync()
    {
        using var timer = new PeriodicTimer(Every);
        var first = FileSystem.Room(place);
        var (bytes, files) = (first.Bytes - limit, first.Files - MostFiles);
        for (var ticks = 1; await timer.WaitForNextTickAsync(end.Token); ticks++)
        {
            // So that whoever removes what the dead have left sees that this one is in use.
            if (ticks % TicksPerTouch == 0)
                Directory.SetLastWriteTimeUtc(place, TimeProvider.System.GetUtcNow().UtcDateTime);
            var left = FileSystem.Room(place);
            if (left.Bytes >= Reserve && left.Bytes > bytes && left.Files > files)
                continue;
            var (heldBytes, heldFiles) = await CountAsync(timer);
            TooMany =
                heldBytes > limit ? $"{limit >> 20} MiB"
                : heldFiles > MostFiles ? $"{MostFiles} files"
                : null;
            if (DiskIsFull)
                return;
            DiskIsFull = left.Bytes < Reserve;
            if (IsOver || DiskIsFull)
            {
                stop();
                return;
            }
            // Somebody else has taken it. Before so much more has gone the top cannot be over its limit.
            bytes = left.Bytes - Math.Max(limit - heldBytes, limit / Part);
            files = left.Files - Math.Max(MostFiles - heldFiles, MostFiles / Part);
        }
    }

    /// <summary>What the top holds. To count many files takes a while: whoever fills the disk meanwhile is stopped before the count has ended.</summary>
    private async Task<(long Bytes, long Files)> CountAsync(PeriodicTimer timer)
    {
        var counts = Task.WhenAll(HeldAsync(), SumAsync("--inodes"));
        while (!DiskIsFull && await timer.WaitForNextTickAsync(end.Token) && !counts.IsCompleted)
        {
            if (FileSystem.Room(place).Bytes >= Reserve)
                continue;
            DiskIsFull = true;
            stop();
        }
        var held = await counts;
        return (held[0], held[1]);
    }

    /// <summary>Files may go while they are counted.</summary>
    private async Task<long> SumAsync(string unit)
    {
        var (told, complaints) = (new CapturedOutput(), new CapturedOutput());
        var du = new Command("du", ["-s", unit, "--", $"{place}/root"]);
        await Tool.RunAsync(within(du), new SeparateOutput(told, complaints), cancel: end.Token);
        return long.TryParse(told.Text.Split('\t')[0], CultureInfo.InvariantCulture, out var sum)
            ? sum
            : throw new FarmFaultException($"du does not tell what is in {place}: {complaints.Tail()}");
    }
}
