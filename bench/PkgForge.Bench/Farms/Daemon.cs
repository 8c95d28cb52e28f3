using System.Diagnostics;
using PkgForge.Bench.Measuring;

namespace PkgForge.Bench.Farms;

/// <summary>A daemon of the farm, stopped when it is disposed.</summary>
internal sealed class Daemon : IAsyncDisposable
{
    private readonly Process process;

    private Daemon(Process process) => this.process = process;

    public int Id => process.Id;

    /// <summary>The line by which it said that it is there.</summary>
    public string Said { get; private set; } = "";

    /// <summary>Returns once the daemon has said that it is running.</summary>
    public static Task<Daemon> StartAsync(IReadOnlyList<string> words) =>
        StartAsync(words, line => line.EndsWith("is running", StringComparison.Ordinal));

    /// <summary>Returns once the daemon has printed a line that says that it is there.</summary>
    public static async Task<Daemon> StartAsync(IReadOnlyList<string> words, Func<string, bool> isThere)
    {
        var start = new ProcessStartInfo(words[0], words.Skip(1))
        {
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        var daemon = new Daemon(Process.Start(start)!);
        var said = new List<string>();
        while (await daemon.process.StandardError.ReadLineAsync() is { } line)
        {
            said.Add(line);
            if (!isThere(line))
                continue;
            daemon.Said = line;
            return daemon;
        }
        await daemon.DisposeAsync();
        throw new CannotMeasureException($"{string.Join(' ', words)} has ended: {string.Join(' ', said)}");
    }

    public async ValueTask DisposeAsync()
    {
        _ = Libc.kill(process.Id, Libc.SIGTERM);
        await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
