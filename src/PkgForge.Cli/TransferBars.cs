using Spectre.Console;

namespace PkgForge.Cli;

/// <summary>Bars for files on their way: on a terminal, and nothing in a pipe.</summary>
internal static class TransferBars
{
    public static Task RunAsync(Func<ProgressContext?, Task> work) =>
        Console.IsErrorRedirected
            ? work(null)
            : AnsiConsole
                .Create(new() { Out = new AnsiConsoleOutput(Console.Error) })
                .Progress()
                .AutoClear(true)
                .Columns(
                    new TaskDescriptionColumn(),
                    new ProgressBarColumn(),
                    new PercentageColumn(),
                    new TransferSpeedColumn()
                )
                .StartAsync(progress => work(progress));

    /// <summary>A bar for a file; null where there are none.</summary>
    public static ProgressTask? Add(ProgressContext? bars, string name, long length) =>
        bars?.AddTask(Markup.Escape(Output.Printable(name)), maxValue: Math.Max(1, length));
}
