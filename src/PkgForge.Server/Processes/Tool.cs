using System.Diagnostics;

namespace PkgForge.Server.Processes;

/// <summary>
/// Runs a tool: argument list only, an environment of its own, both outputs streamed, time and silence limited. A tool
/// that breaks a limit or is cancelled is killed with its whole tree before the call returns.
/// </summary>
public static class Tool
{
    private const string Path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>Runs a tool to its end.</summary>
    /// <param name="command">What to run.</param>
    /// <param name="output">Takes standard output and standard error; a <see cref="SeparateOutput"/> tells them apart.</param>
    /// <param name="limits">How long it may take; <see cref="ToolLimits.ForTools"/> if null.</param>
    /// <param name="kill">Ends what killing the process itself would not reach; null if there is nothing such.</param>
    /// <param name="cancel">Kills the tool, and throws <see cref="OperationCanceledException"/> once it is dead.</param>
    /// <exception cref="FarmFaultException">The tool is not installed, or cannot be started.</exception>
    public static async Task<ToolResult> RunAsync(
        Command command,
        IOutput output,
        ToolLimits? limits = null,
        Action? kill = null,
        CancellationToken cancel = default
    )
    {
        cancel.ThrowIfCancellationRequested();
        using var process = Start(command);
        var watch = new Watch(limits ?? ToolLimits.ForTools, () => Kill(process, kill), cancel);
        using (watch.Start())
        {
            // Reading ends when the last process that holds the pipe is gone, so the order is: output, then exit.
            await Task.WhenAll(
                watch.PumpAsync(process.StandardOutput.BaseStream, output),
                watch.PumpAsync(process.StandardError.BaseStream, (output as SeparateOutput)?.Errors ?? output)
            );
            await process.WaitForExitAsync(CancellationToken.None);
        }
        cancel.ThrowIfCancellationRequested();
        return new(watch.End, process.ExitCode);
    }

    /// <summary>Runs a tool that must succeed.</summary>
    /// <exception cref="FarmFaultException">It did not; the message holds its last lines.</exception>
    public static async Task<string> RequireAsync(Command command, CancellationToken cancel)
    {
        var output = new CapturedOutput();
        var result = await RunAsync(command, output, cancel: cancel);
        if (!result.Succeeded)
            throw new FarmFaultException($"{command.Tool} failed with exit code {result.ExitCode}: {output.Tail()}");
        return output.Text;
    }

    /// <summary>Starts a tool with all three standard streams redirected; standard input stays open.</summary>
    internal static Process Launch(Command command)
    {
        var start = new ProcessStartInfo(command.Tool)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = command.Directory ?? "/",
        };
        foreach (var argument in command.Arguments)
            start.ArgumentList.Add(argument);
        start.Environment.Clear();
        start.Environment["PATH"] = Path;
        start.Environment["LANG"] = "C.UTF-8";
        foreach (var (name, value) in command.Environment)
            start.Environment[name] = value;
        try
        {
            return StartThread.Start(start, command.Filtered);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new FarmFaultException($"cannot start {command.Tool}: {e.Message}. Is it installed?", e);
        }
    }

    private static Process Start(Command command)
    {
        var process = Launch(command);
        process.StandardInput.Close();
        return process;
    }

    internal static void Kill(Process process, Action? kill)
    {
        kill?.Invoke();
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself meanwhile: that is what was wanted.
        }
    }

    /// <summary>Watches one run: how long it takes, when it last printed, and why it was killed.</summary>
    private sealed class Watch(ToolLimits limits, Action kill, CancellationToken cancel)
    {
        private readonly long started = Stopwatch.GetTimestamp();
        private long lastOutput = Stopwatch.GetTimestamp();
        private int ended;

        public ToolEnd End => (ToolEnd)Volatile.Read(ref ended);

        public IDisposable Start()
        {
            var interval = TimeSpan.FromMilliseconds(
                Math.Clamp(Math.Min(limits.Time.TotalMilliseconds, limits.Silence.TotalMilliseconds) / 10, 20, 1000)
            );
            return new Timers(new Timer(_ => Check(), null, interval, interval), cancel.Register(kill));
        }

        public async Task PumpAsync(Stream from, IOutput to)
        {
            try
            {
                await CopyAsync(from, to);
            }
            catch
            {
                // The log cannot be written: the tool would wait for ever for somebody to read what it prints.
                kill();
                throw;
            }
        }

        private async Task CopyAsync(Stream from, IOutput to)
        {
            var buffer = new byte[64 << 10];
            int read;
            while ((read = await from.ReadAsync(buffer, CancellationToken.None)) > 0)
            {
                Volatile.Write(ref lastOutput, Stopwatch.GetTimestamp());
                if (End == ToolEnd.Exited && !to.Write(buffer.AsSpan(0, read)))
                    Stop(ToolEnd.TooMuchOutput);
            }
        }

        private void Check()
        {
            if (Stopwatch.GetElapsedTime(started) > limits.Time)
                Stop(ToolEnd.TimedOut);
            else if (Stopwatch.GetElapsedTime(Volatile.Read(ref lastOutput)) > limits.Silence)
                Stop(ToolEnd.Silent);
        }

        private void Stop(ToolEnd why)
        {
            if (Interlocked.CompareExchange(ref ended, (int)why, (int)ToolEnd.Exited) == (int)ToolEnd.Exited)
                kill();
        }

        private sealed record Timers(Timer Timer, CancellationTokenRegistration Registration) : IDisposable
        {
            public void Dispose()
            {
                Timer.Dispose();
                Registration.Dispose();
            }
        }
    }
}
