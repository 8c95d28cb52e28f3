using PkgForge.Registry;
using PkgForge.Registry.Views;
using PkgForge.Web.Live;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace PkgForge.Cli.Live;

/// <summary>A job as it is now, for a terminal: a line for each task.</summary>
internal static class JobTable
{
    public static IRenderable Of(WatchedJob watched, DateTimeOffset now)
    {
        if (watched.Job is not { } job)
            return new Text("...");
        var table = Plain("PLATFORM", "STATE", "TIME", "");
        foreach (var task in job.Tasks ?? [])
        {
            var progress = task.State == Words.Of(BuildTaskState.Building) ? watched.ProgressOf(task.Platform) : null;
            table.AddRow(
                Cell(task.Platform),
                new Text(StateOf(task), StyleOf(task.State)),
                Cell(TimeOf(task, now)),
                Cell(Detail(task, progress, now))
            );
            if (progress?.Line is { Length: > 0 } line)
                table.AddRow(
                    Cell(""),
                    Cell(""),
                    Cell(""),
                    new Text(Output.Printable(line), new Style(decoration: Decoration.Dim)).Ellipsis()
                );
        }
        return new Rows(new Text($"job {job.Id}: {job.State}", new Style(decoration: Decoration.Bold)), table);
    }

    /// <summary>A table without lines.</summary>
    public static Table Plain(params string[] columns)
    {
        var table = new Table().NoBorder();
        foreach (var column in columns)
            table.AddColumn(
                new TableColumn(new Text(column, new Style(decoration: Decoration.Bold))) { Padding = new(0, 0, 2, 0) }
            );
        for (var i = 0; i < columns.Length - 1; i++)
            table.Columns[i].NoWrap = true;
        return table;
    }

    public static Text Cell(string text) => new Text(Output.Printable(text)).Ellipsis();

    private static string StateOf(TaskJson task) =>
        task is { CancelRequested: true, State: "building" } ? "building, to be cancelled" : task.State;

    private static string TimeOf(TaskJson task, DateTimeOffset now) =>
        task.Attempts is not [.., var last] || task.Waiting is not null ? ""
        : last.Ended is { } ended ? Words.Of(ended - last.Started)
        : Words.Of(TimeSpan.FromSeconds(Math.Max(0, Math.Round((now - last.Started).TotalSeconds))));

    private static string Detail(TaskJson task, ProgressJson? progress, DateTimeOffset now)
    {
        if (task.Waiting is { } waiting)
            return WaitingText.Line(waiting, now);
        if (task.Attempts is not [.., var last])
            return "";
        if (last.Ended is null)
            return progress?.Stage ?? $"attempt {last.Number} by {last.Builder}";
        return string.Join(": ", new[] { last.Cause, last.Message }.Where(part => part is { Length: > 0 }));
    }

    private static Style StyleOf(string state) =>
        state switch
        {
            "success" => new(Color.Green),
            "fail" => new(Color.Red),
            "building" => new(Color.Blue),
            _ => Style.Plain,
        };
}
