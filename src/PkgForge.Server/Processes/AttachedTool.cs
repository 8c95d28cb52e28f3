using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using PkgForge.Native;

namespace PkgForge.Server.Processes;

/// <summary>
/// Runs a tool for whoever has started this process, with his input and output. Input is read by a thread that cannot be
/// interrupted, and ends with the process.
/// </summary>
internal static class AttachedTool
{
    // The shell opens the terminal for the tool; it leads no session, so that the terminal does not become its own.
    private const string OnTerminalScript = """exec "$@" < "$0" > "$0" 2> "$0" """;

    /// <summary>Runs it with the standard streams of this process, through pipes.</summary>
    /// <param name="command">What to run.</param>
    /// <param name="kill">Ends what killing the process itself would not reach.</param>
    /// <param name="cancel">Kills the tool, and throws once it is dead.</param>
    /// <returns>Its exit code; 128 + N when signal N ended it.</returns>
    public static async Task<int> RunAsync(Command command, Action kill, CancellationToken cancel)
    {
        using var process = Tool.Launch(command);
        using var killing = cancel.Register(() => Tool.Kill(process, kill));
        var input = process.StandardInput.BaseStream;
        _ = Begin(() =>
        {
            Feed(input);
            input.Dispose();
        });
        await Task.WhenAll(
            CopyAsync(process.StandardOutput.BaseStream, Console.OpenStandardOutput(), kill),
            CopyAsync(process.StandardError.BaseStream, Console.OpenStandardError(), kill)
        );
        await process.WaitForExitAsync(CancellationToken.None);
        cancel.ThrowIfCancellationRequested();
        return process.ExitCode;
    }

    /// <summary>
    /// Runs it on a terminal of its own, which this process joins to the one that it was started at. The tool must begin a session to have it as
    /// its controlling terminal.
    /// </summary>
    /// <inheritdoc cref="RunAsync"/>
    public static async Task<int> RunOnTerminalAsync(Command command, Action kill, CancellationToken cancel)
    {
        using var terminal = PseudoTerminal.Open();
        terminal.TakeSize();
        using var resized = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => terminal.TakeSize());
        using var raw = CallerTerminal.MakeRaw();
        using var process = Tool.Launch(command.Under("sh", "-c", OnTerminalScript, terminal.Path));
        using var killing = cancel.Register(() => Tool.Kill(process, kill));
        process.StandardInput.Close();
        _ = Begin(() => Feed(Stream(terminal.Master)));
        var shown = Begin(() => Show(terminal.Master));
        await process.WaitForExitAsync(CancellationToken.None);
        terminal.LetGo();
        await shown;
        cancel.ThrowIfCancellationRequested();
        return process.ExitCode;
    }

    private static Task Begin(Action work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            work();
            done.SetResult();
        });
        thread.IsBackground = true;
        thread.Start();
        return done.Task;
    }

    private static void Feed(Stream to)
    {
        try
        {
            var from = Stream(new(0, ownsHandle: false));
            var buffer = new byte[64 << 10];
            int read;
            while ((read = from.Read(buffer)) > 0)
            {
                to.Write(buffer.AsSpan(0, read));
                to.Flush();
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The tool reads no more: it has ended, or closed its input.
        }
    }

    private static void Show(SafeFileHandle master)
    {
        try
        {
            Stream(master).CopyTo(Console.OpenStandardOutput());
        }
        catch (IOException)
        {
            // EIO: nobody is at the other end any more. Or the caller's own terminal is gone.
        }
    }

    private static async Task CopyAsync(Stream from, Stream to, Action kill)
    {
        try
        {
            await from.CopyToAsync(to);
        }
        catch (IOException)
        {
            // Whoever reads our output has enough of it.
            kill();
        }
    }

    private static FileStream Stream(SafeFileHandle handle) => new(handle, FileAccess.ReadWrite, bufferSize: 0);
}
