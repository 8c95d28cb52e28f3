using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Registry.Views;

namespace PkgForge.Cli.Downloads;

/// <summary>Which files of a job are wanted, and what is wrong with the rest.</summary>
/// <param name="Files">What to get.</param>
/// <param name="Missing">Of which tasks there is nothing, and why; a line each.</param>
internal sealed record Wanted(IReadOnlyList<ResultFile> Files, IReadOnlyList<string> Missing)
{
    /// <summary>Products of all tasks that succeeded, or of those on some platforms; and of each the newest attempt's log and record.</summary>
    public static async Task<Wanted> FindAsync(
        IResults results,
        JobId id,
        IReadOnlyList<PlatformKey> platforms,
        (bool Log, bool Record) more,
        CancellationToken cancel
    )
    {
        var job = await results.FindAsync(id, cancel);
        var (files, missing) = (new List<ResultFile>(), new List<string>());
        foreach (var task in Pick(job, platforms))
        {
            if (task.Attempts is not [.., var newest])
            {
                missing.Add($"{task.Platform}: {task.State}, and no attempt has begun");
                continue;
            }
            if (task.State == Words.Of(BuildTaskState.Success))
                files.AddRange(
                    (await results.ListAsync(id, task.Platform, cancel)).Select(product =>
                        Check(
                            new(
                                task.Platform,
                                newest.Number,
                                ResultKind.Product,
                                product.Name,
                                product.Size,
                                product.Sha256
                            )
                        )
                    )
                );
            else
                missing.Add($"{task.Platform}: {task.State}; only what succeeds has products");
            if (more.Log)
                files.Add(new(task.Platform, newest.Number, ResultKind.Log, $"{task.Platform}.log", null, null));
            if (more.Record)
                files.Add(
                    new(task.Platform, newest.Number, ResultKind.Record, $"{task.Platform}.record.yml", null, null)
                );
        }
        return new(files, missing);
    }

    private static IEnumerable<TaskJson> Pick(JobJson job, IReadOnlyList<PlatformKey> platforms)
    {
        var tasks = job.Tasks ?? [];
        if (tasks.Length == 0)
            throw new CommandException(
                ExitCode.Failed,
                $"job {job.Id} is {job.State}, and has no tasks{(job.Reason is { } reason ? $": {Output.Printable(reason)}" : "")}"
            );
        foreach (var task in tasks)
            if (!PlatformKey.TryParse(task.Platform, out _))
                throw Foreign($"'{task.Platform}' as a platform");
        if (platforms.Count == 0)
            return tasks;
        var there = string.Join(", ", tasks.Select(task => task.Platform));
        return platforms
            .Distinct()
            .Select(wanted =>
                Array.Find(tasks, task => PlatformKey.TryParse(task.Platform, out var key) && key == wanted)
                ?? throw new CommandException(ExitCode.Failed, $"job {job.Id} has no task on {wanted}; it has {there}")
            );
    }

    /// <summary>Names come from builds, by way of a server: nothing but a plain file name becomes a path here.</summary>
    private static ResultFile Check(ResultFile file) =>
        !ProductName.IsWellFormed(file.Name) ? throw Foreign($"a product named '{file.Name}'")
        : file.Sha256 is not { Length: 64 } sha256 || !sha256.All(char.IsAsciiHexDigitLower)
            ? throw Foreign($"'{file.Sha256}' as the SHA-256 of {file.Name}")
        : file.Size is < 0 ? throw Foreign($"{file.Size} as the size of {file.Name}")
        : file;

    private static CommandException Foreign(string what) =>
        new(
            ExitCode.Unreachable,
            $"the farm tells of {Output.Printable(what).ReplaceLineEndings("?")}, which it never should; nothing was downloaded"
        );
}
