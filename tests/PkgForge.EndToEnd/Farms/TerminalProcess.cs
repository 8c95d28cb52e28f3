using System.Diagnostics;
using System.Text;
using AwesomeAssertions;
using PkgForge.Native;

namespace PkgForge.EndToEnd.Farms;

/// <summary>A command of pkgforge at a terminal, at which a test types and reads.</summary>
internal sealed class TerminalProcess : IDisposable
{
    // It begins a session, whose terminal becomes this one.
    private const string Script = """exec setsid --ctty -- "$@" < "$0" > "$0" 2>&1""";

    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(2);

    private readonly PseudoTerminal terminal = PseudoTerminal.Open();
    private readonly StringBuilder shown = new();
    private readonly Process process;
    private readonly FileStream typed;

    public TerminalProcess(TestFarm farm, params string[] words)
    {
        typed = new(terminal.Master, FileAccess.ReadWrite, bufferSize: 0);
        var start = Executable.Start([.. words, "-c", farm.Configuration]);
        var command = Executable.Clean(["sh", "-c", Script, terminal.Path, start.FileName, .. start.ArgumentList]);
        command.Environment["TERM"] = "vt100";
        process = Process.Start(command)!;
        new Thread(Read) { IsBackground = true }.Start();
    }

    public int Id => process.Id;

    /// <summary>Types something.</summary>
    public void Type(string text) => typed.Write(Encoding.UTF8.GetBytes(text));

    /// <summary>Gives the terminal another size, and tells the process.</summary>
    public async Task ResizeAsync(int rows, int columns)
    {
        string[] command = ["stty", "-F", terminal.Path, "rows", $"{rows}", "cols", $"{columns}"];
        await TestFarm.AsTestsAsync(command);
    }

    /// <summary>Waits until a text is on the terminal that was not there before.</summary>
    public async Task ShowsAsync(string text)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!Take(text))
        {
            TimeProvider
                .System.GetElapsedTime(started)
                .Should()
                .BeLessThan(LongestWait, "it must show '{0}', and has shown since then:\n{1}", text, shown);
            await Task.Delay(50);
        }
    }

    public async Task<int> EndAsync()
    {
        await process.WaitForExitAsync(new CancellationTokenSource(LongestWait).Token);
        return process.ExitCode;
    }

    public void Dispose()
    {
        process.Kill(entireProcessTree: true);
        process.Dispose();
        terminal.Dispose();
    }

    private bool Take(string text)
    {
        lock (shown)
        {
            var place = shown.ToString().IndexOf(text, StringComparison.Ordinal);
            if (place >= 0)
                shown.Remove(0, place + text.Length);
            return place >= 0;
        }
    }

    private void Read()
    {
        var buffer = new byte[4096];
        try
        {
            int read;
            while ((read = typed.Read(buffer)) > 0)
                lock (shown)
                    shown.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The process has ended.
        }
    }
}
