using System.CommandLine;
using PkgForge.Native;
using PkgForge.Records;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Logs;
using PkgForge.Server.Builds.Reproducing;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge shell</c>: a shell, or a command, in the root of an attempt as it was when its build failed.</summary>
internal static class ShellCommand
{
    private const string ShellScript = """
        for shell in /bin/bash /usr/bin/bash; do
            [ -x "$shell" ] && exec "$shell" -i
        done
        exec /bin/sh -i
        """;

    private static readonly Option<bool> Fresh = new("--fresh")
    {
        Description = "Do not build: the root is as it was before, with the source in it",
    };

    private static readonly Option<string?> Source = new("--source")
    {
        Description = "The main file of one of the job's sources; without it the first that failed, or the last",
        HelpName = "FILE",
    };

    private static readonly Argument<string[]> Program = new("command")
    {
        Description = "What to run instead of a shell, after --",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public static Command Create()
    {
        var command = new Command(
            "shell",
            "Open a shell in the root of an attempt, as it was when its build failed: the same layers, user, limits and isolation.\n\n"
                + "Exit code: that of the shell, or of the command.\n\n"
                + "Examples:\n  pkgforge shell hello-2.10 bookworm-amd64\n"
                + "  pkgforge shell hello-2.10 bookworm-amd64 --fresh\n"
                + "  pkgforge shell hello-2.10 bookworm-amd64 -- cat config.log"
        )
        {
            JobArguments.Job,
            JobArguments.OnePlatform,
            Program,
            RecordedAttempts.Attempt,
            Fresh,
            Source,
            GlobalOptions.TargetDirectory,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult words, CancellationToken cancel)
    {
        var configuration = GlobalOptions.Configuration(words);
        var spool = GlobalOptions.Spool(configuration);
        FarmUser.Become(configuration);
        var record = RecordedAttempts.Read(words, spool);
        var build = Pick(words, record);
        // Where no dependencies were to be had nothing was built.
        var isFresh = words.GetValue(Fresh) || build.Steps.Count == 0;
        await using var attempt = await Reconstruction.OpenAsync(configuration, spool, record, cancel);
        await using var error = Console.OpenStandardError();
        using var log = new BuildLog($"{attempt.Directory}/log", record.Limits.Log, TimeProvider.System, shown: error);
        var request = attempt.Request(attempt.Source(build, cancel), attempt.Directory, log);
        return await attempt.Builder.OpenAgainAsync(
            request,
            attempt.RootOf(build),
            isFresh,
            root => AttachAsync(words.GetValue(Program)!, root, isFresh, log, cancel),
            cancel
        );
    }

    private static async Task<int> AttachAsync(
        string[] program,
        OpenedRoot root,
        bool isFresh,
        BuildLog log,
        CancellationToken cancel
    )
    {
        if (root.Failure is null && !isFresh)
            log.Say("the build does not fail now: the root is as it was at its end");
        var step = root.InTree(program.Length > 0 ? program : Shell);
        if (CallerTerminal.IsThere)
            step = step with { Variables = new Dictionary<string, string>(step.Variables) { ["TERM"] = Terminal } };
        var code = await root.Root.AttachAsync(step, cancel);
        if (root.Root.Group is { KilledForMemory: > 0 })
            log.Say("the kernel has killed processes because the limit of memory was met");
        return code;
    }

    private static string[] Shell => CallerTerminal.IsThere ? ["sh", "-c", ShellScript] : ["sh"];

    /// <summary>The name of the caller's terminal, if it can be one.</summary>
    private static string Terminal =>
        Environment.GetEnvironmentVariable("TERM") is { Length: > 0 and <= 50 } name
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '+')
            ? name
            : "dumb";

    private static RecordedBuild Pick(ParseResult words, AttemptRecord record)
    {
        var opened = record.Builds.Where(build => build.Layers.Count > 0).ToList();
        if (opened.Count == 0)
            throw new CommandException(
                ExitCode.Failed,
                $"attempt {record.Attempt} at {record.Job} on {record.Platform} had no root: there is none to open"
            );
        if (words.GetValue(Source) is not { } wanted)
            return opened.Find(build => build.Result != RecordedBuild.Built) ?? opened[^1];
        return opened.Find(build => build.Source == wanted)
            ?? throw new CommandException(
                ExitCode.Usage,
                $"--source {wanted}: the attempt has {string.Join(", ", opened.Select(build => build.Source))}"
            );
    }
}
