using System.CommandLine;
using PkgForge.Cli.Live;
using PkgForge.Cli.Remote;
using PkgForge.Jobs;
using PkgForge.Native;
using PkgForge.Registry.Views;
using PkgForge.Server.Configuration;
using PkgForge.Sources;
using PkgForge.Spool;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge submit</c>: checks sources and puts a job into the farm's incoming directory.</summary>
internal static class SubmitCommand
{
    private static readonly Argument<string[]> Files = new("source")
    {
        Description = "Source packages, in the order in which they are to be built (see --order): .src.rpm, .dsc",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string?> Bucket = new("--bucket", "-B")
    {
        Description = "The bucket that the products go to",
        HelpName = "NAME",
    };

    private static readonly Option<string[]> Platforms = new("--platforms", "-p")
    {
        Description = "Platforms: nothing for the default set, all, a list, !NAME to exclude. Example: -p 'all,!sid'",
        HelpName = "LIST",
    };

    private static readonly Option<string[]> Architectures = new("--archs", "-a")
    {
        Description = "Architectures, in the same language; they filter the platforms",
        HelpName = "LIST",
    };

    private static readonly Option<string[]> Report = new("--report", "-r")
    {
        Description = "Mail a report of each task to this address",
        HelpName = "ADDRESS",
    };

    private static readonly Option<string?> Id = new("--id")
    {
        Description = $"The job's id: {JobId.Rule}. Without it a UUID is made",
        HelpName = "ID",
    };

    private static readonly Option<OnError> OnErrorOption = new("--on-error")
    {
        Description = "When a source fails: retry it after others have succeeded, or stop",
        DefaultValueFactory = _ => OnError.Retry,
        HelpName = "retry|stop",
    };

    private static readonly Option<BuildOrder> Order = new("--order")
    {
        Description = "Build the sources in the given order, or each after those whose packages it needs",
        DefaultValueFactory = _ => BuildOrder.Given,
        HelpName = "given|deps",
    };

    private static readonly Option<string?> PriorityOption = new("--priority")
    {
        Description = "How soon it is to be built; without it 'priority:' of the configuration, or normal",
        HelpName = "urgent|normal|background",
    };

    private static readonly Option<string[]> After = new("--after")
    {
        Description =
            "Build it on each platform only when this job has succeeded there; several times for several jobs",
        HelpName = "JOB",
    };

    private static readonly Option<bool> Scratch = new("--scratch") { Description = "Build, but publish nothing" };

    private static readonly Option<bool> Watch = new("--watch")
    {
        Description = "Show the job as it is built, until it has ended: as 'pkgforge watch' does, with its exit code",
    };

    private static readonly Option<bool> Wait = new("--wait")
    {
        Description = "The same, and print only how it has ended",
    };

    public static Command Create()
    {
        var command = new Command(
            "submit",
            "Submit source packages as one job.\n\nExamples:\n"
                + "  pkgforge submit -B main hello_2.10-3.dsc\n"
                + "  pkgforge submit -B test -p bookworm,f43 -r me@example.org lib.src.rpm app.src.rpm\n"
                + "  pkgforge submit -B main -p 'all,!sid' --id hello-2.10 --scratch hello_2.10-3.dsc\n"
                + "  pkgforge submit -B main --order deps *.dsc\n"
                + "  pkgforge submit -B main --priority background --after lib-1.2 app_1.0-1.dsc\n"
                + "  pkgforge submit -B main --watch hello_2.10-3.dsc && echo built"
        )
        {
            Files,
            Bucket,
            Platforms,
            Architectures,
            Report,
            Id,
            OnErrorOption,
            Order,
            PriorityOption,
            After,
            Scratch,
            Watch,
            Wait,
            GlobalOptions.Target,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult words, CancellationToken cancel)
    {
        if (words.GetValue(Watch) && words.GetValue(Wait))
            throw new CommandException(ExitCode.Usage, "--watch and --wait exclude each other; give one of them");
        var configuration = GlobalOptions.Configuration(words);
        var packages = Check(words.GetValue(Files)!, cancel);
        if (packages is null)
            return ExitCode.Failed;
        var job = Describe(words, configuration, packages);
        if (JobRules.Check(job) is { } wrong)
            throw new CommandException(ExitCode.Usage, wrong);
        var paths = packages
            .SelectMany(p => p.Files.Select(f => Path.Combine(p.Directory, f.Name)))
            .DistinctBy(Path.GetFileName);
        using var server = FarmServer.Of(words);
        if (server is not null)
        {
            var submitted = await new RemoteSubmission(server).SubmitAsync(job, [.. paths], cancel);
            return await GoOnAsync(
                words,
                job.Id,
                submitted,
                $" --target {server.Address.AbsoluteUri.TrimEnd('/')}",
                cancel
            );
        }
        var placed = Submission.Place(job, paths, GlobalOptions.Spool(configuration).Incoming.Path, cancel);
        if (placed.Outcome != SubmissionOutcome.Placed)
            throw new CommandException(
                placed.Outcome == SubmissionOutcome.IdInUse ? ExitCode.Failed : ExitCode.Unreachable,
                placed.Message!
            );
        var formats = packages.Select(package => package.Format).ToHashSet();
        var warnings = await SelectionWarnings.FindAsync(configuration, job, formats, cancel);
        return await GoOnAsync(words, job.Id, SubmittedJson.Of(job, warnings), "", cancel);
    }

    private static Task<int> GoOnAsync(
        ParseResult words,
        JobId id,
        SubmittedJson job,
        string where,
        CancellationToken cancel
    )
    {
        var json = words.GetValue(GlobalOptions.Json);
        if (!words.GetValue(Watch) && !words.GetValue(Wait))
            return Task.FromResult(Tell(words, job, where));
        Warn(job);
        // Whatever becomes of the watching, the id is known.
        if (!json)
            Output.Line(job.Id);
        var form =
            json ? WatchForm.Json
            : words.GetValue(Watch) ? WatchForm.People
            : WatchForm.Nothing;
        return WatchCommand.JobAsync(words, id, form, cancel);
    }

    private static void Warn(SubmittedJson job)
    {
        foreach (var warning in job.Warnings ?? [])
            Console.Error.WriteLine($"pkgforge: warning: {Output.Printable(warning)}");
    }

    /// <summary>Says what was submitted, and how to follow it.</summary>
    internal static int Tell(ParseResult words, SubmittedJson job, string where)
    {
        Warn(job);
        // Said again only where it was said here.
        if (words.GetResult(GlobalOptions.Target) is null)
            where = "";
        if (words.GetValue(GlobalOptions.Json))
            Output.Json(job, OutputJson.Default.SubmittedJson);
        else
            Output.Line($"{job.Id}\nFollow it: pkgforge status{where} {job.Id}; pkgforge log{where} {job.Id}");
        return ExitCode.Done;
    }

    /// <summary>Checks all sources, and says what is wrong with each that is not valid; null if any is not.</summary>
    private static List<SourcePackage>? Check(string[] paths, CancellationToken cancel)
    {
        var packages = new List<SourcePackage>();
        var sound = true;
        foreach (var path in paths)
        {
            var (package, result) = SourcePackages.Check(path, cancel);
            if (result.IsValid)
                packages.Add(package!);
            else
                Console.Error.WriteLine($"pkgforge: {result}");
            sound &= result.IsValid;
        }
        return sound ? packages : null;
    }

    private static Job Describe(ParseResult words, FarmConfiguration configuration, List<SourcePackage> packages)
    {
        var defaults = configuration.Submit;
        var files = packages.SelectMany(package => package.Files).ToList();
        if (
            files.Distinct().GroupBy(file => file.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is
            { } twice
        )
            throw new CommandException(
                ExitCode.Usage,
                $"two different files are named {twice.Key}; submit them as two jobs"
            );
        return new()
        {
            Id = words.GetValue(Id) is { } id ? JobArguments.Parse(id) : JobId.New(),
            Submitter = Submitter(),
            Time = Now(),
            Bucket =
                words.GetValue(Bucket)
                ?? defaults.Bucket
                ?? throw new CommandException(
                    ExitCode.Usage,
                    "which bucket? Name one by -B, or by 'bucket:' in your configuration"
                ),
            Platforms = words.GetValue(Platforms) is { Length: > 0 } platforms ? Split(platforms) : defaults.Platforms,
            Architectures = words.GetValue(Architectures) is { Length: > 0 } archs
                ? Split(archs)
                : defaults.Architectures,
            Report = words.GetValue(Report) is { Length: > 0 } report ? Split(report) : defaults.Report,
            OnError = words.GetValue(OnErrorOption),
            Order = words.GetValue(Order),
            Priority = words.GetValue(PriorityOption) is { } priority
                ? JobArguments.ParsePriority(priority)
                : defaults.Priority,
            After = [.. Split(words.GetValue(After) ?? []).Select(JobArguments.Parse).Distinct()],
            Scratch = words.GetValue(Scratch),
            Sources = [.. packages.Select(package => package.FileName)],
            Files = [.. files.Distinct()],
        };
    }

    /// <summary>Who runs the command.</summary>
    internal static string Submitter() =>
        Accounts.FindUser(Accounts.CurrentUser)?.Name
        ?? throw new CommandException(
            ExitCode.Refused,
            $"user id {Accounts.CurrentUser} has no account on this machine"
        );

    internal static string[] Split(string[] values) =>
        [.. values.SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries))];

    internal static DateTimeOffset Now()
    {
        var now = TimeProvider.System.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond));
    }
}
