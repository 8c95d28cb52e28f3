using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using AwesomeAssertions;
using PkgForge.Native;

namespace PkgForge.EndToEnd.Farms;

/// <summary>What a process printed, and how it ended; 128 + N when signal N killed it.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Error)
{
    public const int Killed = 128 + 9;

    public override string ToString() => $"exit code {ExitCode}\n{Output}{Error}";
}

internal enum Signal
{
    Kill = 9,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}

/// <summary>A process of the farm. What it prints is read as it comes, and can be waited for.</summary>
internal sealed partial class FarmProcess : IDisposable
{
    /// <summary>A wait that takes longer has found a fault.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(90);

    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly StringBuilder error = new();
    private readonly Task reading;
    private TaskCompletionSource printed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private FarmProcess(Process process)
    {
        this.process = process;
        reading = Task.WhenAll(
            ReadAsync(process.StandardOutput, output),
            ReadAsync(process.StandardError, error),
            process.WaitForExitAsync()
        );
    }

    public int Id => process.Id;

    public bool HasEnded => process.HasExited;

    public string Error
    {
        get
        {
            lock (output)
                return error.ToString();
        }
    }

    /// <summary>Where a server says that it serves.</summary>
    public string ServesAt => Address().Match(Error).Groups["url"].Value;

    public string Output
    {
        get
        {
            lock (output)
                return output.ToString();
        }
    }

    public static FarmProcess Start(ProcessStartInfo start)
    {
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        var started = Process.Start(start)!;
        started.StandardInput.Close();
        return new(started);
    }

    /// <summary>Waits for the end.</summary>
    public async Task<CommandResult> EndAsync(TimeSpan? atMost = null)
    {
        try
        {
            await reading.WaitAsync(atMost ?? LongestWait);
        }
        catch (TimeoutException e)
        {
            Send(Signal.Kill);
            throw new TimeoutException(
                $"{this} did not end within {atMost ?? LongestWait}; it printed:\n{output}{error}",
                e
            );
        }
        return new(process.ExitCode, output.ToString(), error.ToString());
    }

    /// <summary>Waits until it has printed a text on standard error.</summary>
    public Task SaysAsync(string text, TimeSpan? atMost = null) => UntilAsync(() => Error, text, atMost);

    /// <summary>Waits until it has printed a text on standard output.</summary>
    public Task PrintsAsync(string text) => UntilAsync(() => Output, text, null);

    private async Task UntilAsync(Func<string> said, string text, TimeSpan? atMost)
    {
        var deadline = Stopwatch.GetTimestamp();
        while (!said().Contains(text, StringComparison.Ordinal))
        {
            var next = printed.Task;
            var left = (atMost ?? LongestWait) - Stopwatch.GetElapsedTime(deadline);
            var late = left <= TimeSpan.Zero || process.HasExited && reading.IsCompleted;
            if (late && !said().Contains(text, StringComparison.Ordinal))
                throw new TimeoutException($"{this} did not say '{text}'; it printed:\n{output}{error}");
            if (!late)
                await Task.WhenAny(next, reading, Task.Delay(left));
        }
    }

    public void Send(Signal signal)
    {
        if (!process.HasExited && Libc.kill(process.Id, (int)signal) != 0 && !process.HasExited)
            throw new Win32Exception($"cannot send {signal} to {this}");
    }

    /// <summary>Stops a daemon as an administrator does, and expects that it ends well.</summary>
    public async Task StopAsync(TimeSpan? atMost = null)
    {
        Send(Signal.Terminate);
        var result = await EndAsync(atMost);
        result.ExitCode.Should().Be(0, "a daemon that is told to stop ends well; it printed:\n{0}", result);
    }

    public void Dispose() => process.Dispose();

    public override string ToString() => $"{string.Join(' ', process.StartInfo.ArgumentList)} (process {process.Id})";

    private async Task ReadAsync(StreamReader from, StringBuilder to)
    {
        var buffer = new char[4096];
        int read;
        while ((read = await from.ReadAsync(buffer)) > 0)
        {
            lock (output)
                to.Append(buffer, 0, read);
            Interlocked.Exchange(ref printed, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        }
    }

    [GeneratedRegex(@"serving at (?<url>\S+)")]
    private static partial Regex Address();
}
