using System.Diagnostics;
using System.Text;
using PkgForge.Logs;

namespace PkgForge.Tests.Logs;

/// <summary>Logs of a build as there might be, and the tool that everybody has to read stored ones.</summary>
internal static class SomeLog
{
    /// <summary>A log of some length, the same for the same number.</summary>
    public static byte[] Of(int length, int seed = 1)
    {
        var random = new Random(seed);
        var text = new StringBuilder("==> 12:00:00 job on dummy-all, attempt 1\n");
        while (text.Length < length)
        {
            text.Append(
                random.Next(60) == 0
                    ? $"==> 12:00:{random.Next(60):00} step {random.Next(1000)}\n"
                    : $"gcc -O2 -g -Wall -c part{random.Next(100_000)}.c -o {random.NextInt64():x}.o\n"
            );
            if (random.Next(500) == 0)
                text.Append('x', random.Next(5000));
        }
        return Encoding.UTF8.GetBytes(text.ToString())[..length];
    }

    /// <summary>Writes a log and its stored form at a path; returns the path of the plain form, which is gone.</summary>
    public static async Task<string> StoreAsync(string path, byte[] content)
    {
        await File.WriteAllBytesAsync(path, content);
        using (var plain = LogFile.TryOpen(path)!)
        await using (var output = File.Create(path + LogFile.StoredSuffix))
            await LogFrames.WriteAsync(plain, output, CancellationToken.None);
        File.Delete(path);
        return path;
    }

    /// <summary>All of a log.</summary>
    public static byte[] Read(string path)
    {
        using var stream = new LogStream(LogFile.TryOpen(path)!);
        using var all = new MemoryStream();
        stream.CopyTo(all);
        return all.ToArray();
    }

    /// <summary>Runs Debian's zstd.</summary>
    /// <returns>Its exit code, and what it printed.</returns>
    public static async Task<(int ExitCode, byte[] Output)> ZstdAsync(params string[] words)
    {
        var start = new ProcessStartInfo("zstd", words) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        using var output = new MemoryStream();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.BaseStream.CopyToAsync(output);
        await process.WaitForExitAsync();
        await errors;
        return (process.ExitCode, output.ToArray());
    }
}
