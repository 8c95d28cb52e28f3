using System.CommandLine;
using PkgForge.Cli.Remote;
using PkgForge.Jobs;
using PkgForge.Registry.Views;
using PkgForge.Server.Configuration;
using PkgForge.Sources;
using PkgForge.Spool;
using PkgForge.Web.Api;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge resubmit</c>: the sources of a job as a new one.</summary>
internal static class ResubmitCommand
{
    private static readonly Option<string?> Bucket = new("--bucket", "-B")
    {
        Description = "Another bucket",
        HelpName = "NAME",
    };

    private static readonly Option<string[]> Platforms = new("--platforms", "-p")
    {
        Description = "Other platforms, as for 'pkgforge submit'",
        HelpName = "LIST",
    };

    private static readonly Option<string[]> Architectures = new("--archs", "-a")
    {
        Description = "Other architectures",
        HelpName = "LIST",
    };

    private static readonly Option<string[]> Report = new("--report", "-r")
    {
        Description = "Mail a report of each task to this address, and not to those of the old job",
        HelpName = "ADDRESS",
    };

    private static readonly Option<string?> Id = new("--id")
    {
        Description = "The new job's id. Without it a UUID is made",
        HelpName = "ID",
    };

    private static readonly Option<string?> PriorityOption = new("--priority")
    {
        Description = "How soon it is to be built",
        HelpName = "urgent|normal|background",
    };

    private static readonly Option<bool?> Scratch = new("--scratch")
    {
        Description = "Build, but publish nothing; false to publish what was scratch before",
        HelpName = "true|false",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Command Create()
    {
        var command = new Command(
            "resubmit",
            "Submit the sources of a job again, as a new job of yours. What no option says is as it was; the old job stays.\n\nExamples:\n"
                + "  pkgforge resubmit hello-2.10\n"
                + "  pkgforge resubmit -B main --scratch false hello-2.10     # what was tried in testing\n"
                + "  pkgforge resubmit -p sid --id hello-2.10-sid hello-2.10"
        )
        {
            JobArguments.Job,
            Bucket,
            Platforms,
            Architectures,
            Report,
            Id,
            PriorityOption,
            Scratch,
            GlobalOptions.Target,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult words, CancellationToken cancel)
    {
        var old = JobArguments.ReadJob(words);
        using var server = FarmServer.Of(words);
        if (server is not null)
        {
            var submitted = await server.PostAsync(
                $"jobs/{old}/resubmit",
                Request(words),
                RequestJson.Default.ResubmitRequest,
                ApiJson.Default.SubmittedJson,
                cancel
            );
            return SubmitCommand.Tell(words, submitted, $" --target {server.Address.AbsoluteUri.TrimEnd('/')}");
        }
        var configuration = GlobalOptions.Configuration(words);
        var spool = GlobalOptions.Spool(configuration);
        var job = Again(words, Read(spool, old));
        if (JobRules.Check(job) is { } wrong)
            throw new CommandException(ExitCode.Usage, wrong);
        var placed = Submission.Place(
            job,
            job.Files.Select(file => Path.Combine(spool.Accepted.PathOf(old), file.Name)),
            spool.Incoming.Path,
            cancel
        );
        if (placed.Outcome != SubmissionOutcome.Placed)
            throw new CommandException(
                placed.Outcome == SubmissionOutcome.IdInUse ? ExitCode.Failed : ExitCode.Unreachable,
                placed.Message!
            );
        var warnings = await SelectionWarnings.FindAsync(configuration, job, Formats(spool, old, job), cancel);
        return SubmitCommand.Tell(words, SubmittedJson.Of(job, warnings), "");
    }

    private static ResubmitRequest Request(ParseResult words) =>
        new(
            words.GetValue(Bucket),
            words.GetValue(Id) is { } id ? JobArguments.Parse(id).ToString() : null,
            List(words, Platforms),
            List(words, Architectures),
            List(words, Report),
            Priority: words.GetValue(PriorityOption) is { } word ? JobArguments.ParsePriority(word).Name() : null,
            Scratch: ScratchOf(words)
        );

    private static Job Again(ParseResult words, Job old) =>
        old with
        {
            Id = words.GetValue(Id) is { } id ? JobArguments.Parse(id) : JobId.New(),
            Submitter = SubmitCommand.Submitter(),
            Time = SubmitCommand.Now(),
            Bucket = words.GetValue(Bucket) ?? old.Bucket,
            Platforms = List(words, Platforms) ?? old.Platforms,
            Architectures = List(words, Architectures) ?? old.Architectures,
            Report = List(words, Report) ?? old.Report,
            Priority = words.GetValue(PriorityOption) is { } word ? JobArguments.ParsePriority(word) : old.Priority,
            After = [],
            Scratch = ScratchOf(words) ?? old.Scratch,
        };

    private static bool? ScratchOf(ParseResult words) =>
        words.GetResult(Scratch) is null ? null : words.GetValue(Scratch) ?? true;

    private static string[]? List(ParseResult words, Option<string[]> option) =>
        words.GetValue(option) is { Length: > 0 } values ? SubmitCommand.Split(values) : null;

    private static Job Read(SpoolDirectories spool, JobId id)
    {
        try
        {
            return spool.Accepted.Read(id).Job
                ?? throw new CommandException(
                    ExitCode.Failed,
                    $"the manifest in {spool.Accepted.PathOf(id)} is damaged"
                );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(
                ExitCode.Failed,
                $"the sources of job '{id}' are not kept in {spool.Accepted.Path}: the farm keeps those of jobs that it has accepted"
            );
        }
    }

    private static HashSet<PackageFormat> Formats(SpoolDirectories spool, JobId id, Job job) =>
        [
            .. job
                .Sources.Select(name => SourcePackages.Recognise(Path.Combine(spool.Accepted.PathOf(id), name)).Package)
                .OfType<SourcePackage>()
                .Select(package => package.Format),
        ];
}
