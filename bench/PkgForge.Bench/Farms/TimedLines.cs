using System.Collections.Concurrent;
using PkgForge.Bench.Measuring;

namespace PkgForge.Bench.Farms;

/// <summary>
/// Reads streams, each with a thread of its own that waits for it, and compares the times that their lines say (<c>T</c> and microseconds since 1970) with when
/// they came.
/// </summary>
internal static class TimedLines
{
    private const int Digits = 16;

    /// <summary>Lines of the first moment are not counted: who watches reads then what there was before.</summary>
    private const double Settle = 0.5e6;

    /// <summary>Reads all streams to their ends.</summary>
    /// <returns>How late each line was, in milliseconds.</returns>
    public static async Task<IReadOnlyCollection<double>> ReadAsync(IReadOnlyList<Stream> streams)
    {
        var from = Now + Settle;
        var late = new ConcurrentBag<List<double>>();
        var reading = streams.Select(stream =>
            Task.Factory.StartNew(
                () => late.Add(Read(stream, from)),
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default
            )
        );
        await Task.WhenAll(reading.ToList());
        var all = late.SelectMany(one => one).ToList();
        return all.Count >= 1000 * streams.Count
            ? all
            : throw new CannotMeasureException($"only {all.Count} lines came to {streams.Count} watchers");
    }

    private static double Now => (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMicroseconds;

    private static List<double> Read(Stream stream, double from)
    {
        var late = new List<double>();
        var buffer = new byte[64 << 10];
        var length = 0;
        for (int read; (read = stream.Read(buffer, length, buffer.Length - length)) > 0; )
        {
            var now = Now;
            length += read;
            var rest = buffer.AsSpan(0, length);
            for (int end; (end = rest.IndexOf((byte)'\n')) >= 0; rest = rest[(end + 1)..])
            {
                if (TimeOf(rest[..end]) is { } printed && printed >= from)
                    late.Add((now - printed) / 1000);
            }
            rest.CopyTo(buffer);
            length = rest.Length;
        }
        return late;
    }

    private static double? TimeOf(ReadOnlySpan<byte> line)
    {
        if (line.Length != 1 + Digits || line[0] != (byte)'T')
            return null;
        var time = 0L;
        foreach (var digit in line[1..])
            time = time * 10 + (digit - '0');
        return time;
    }
}
