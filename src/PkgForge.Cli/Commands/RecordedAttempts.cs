using System.CommandLine;
using System.Globalization;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Records;
using PkgForge.Spool;

namespace PkgForge.Cli.Commands;

/// <summary>Finds the attempt that a command is about, in the results: the registry is not asked, and may be away.</summary>
internal static class RecordedAttempts
{
    public static Option<int?> Attempt { get; } =
        new("--attempt") { Description = "The attempt; without it the newest that has a record", HelpName = "NUMBER" };

    /// <summary>The record's path.</summary>
    /// <exception cref="CommandException">There is no such attempt, or it has no record.</exception>
    public static string Find(ParseResult words, SpoolDirectories spool)
    {
        var job = JobArguments.ReadJob(words);
        var platform = Platform(words, spool, job);
        var attempts = Path.GetDirectoryName(spool.Results.PathOf(job, platform, 1))!;
        var path = words.GetValue(Attempt) is { } number
            ? $"{attempts}/{Number(number)}/{RecordFile.Name}"
            : Numbers(attempts).Select(n => $"{attempts}/{n}/{RecordFile.Name}").FirstOrDefault(File.Exists);
        return path is not null && File.Exists(path)
            ? path
            : throw new CommandException(
                ExitCode.Failed,
                path is null
                    ? $"no attempt at {job} on {platform} has a record: none has ended on a builder that was not killed"
                    : $"there is no {path}: the attempt has not begun, goes on, or its builder was killed"
            );
    }

    /// <summary>The record itself.</summary>
    /// <inheritdoc cref="Find"/>
    public static AttemptRecord Read(ParseResult words, SpoolDirectories spool)
    {
        var path = Find(words, spool);
        var (record, error) = RecordFile.ReadFile(path);
        return record ?? throw new CommandException(ExitCode.Failed, $"{path} is no record: {error}");
    }

    private static PlatformKey Platform(ParseResult words, SpoolDirectories spool, JobId job)
    {
        var results = spool.Results.PathOf(job);
        if (!Directory.Exists(results))
            throw new CommandException(ExitCode.Failed, $"job '{job}' has no results yet; see 'pkgforge status {job}'");
        var there = Directory.EnumerateDirectories(results).Select(path => Path.GetFileName(path)).ToList();
        if (JobArguments.ReadPlatform(words) is { } wanted)
            return there.Any(name => PlatformKey.TryParse(name, out var key) && key == wanted)
                ? wanted
                : throw new CommandException(
                    ExitCode.Failed,
                    $"the job has no results on {wanted}; it has some on {string.Join(", ", there)}"
                );
        return there is [var only] && PlatformKey.TryParse(only, out var single)
            ? single
            : throw new CommandException(ExitCode.Usage, $"which platform? The job has {string.Join(", ", there)}");
    }

    private static IEnumerable<int> Numbers(string attempts) =>
        Directory
            .EnumerateDirectories(attempts)
            .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var n) ? n : 0)
            .Where(number => number > 0)
            .OrderDescending();

    private static string Number(int number) =>
        number > 0
            ? number.ToString(CultureInfo.InvariantCulture)
            : throw new CommandException(ExitCode.Usage, $"--attempt {number}: expected a number from 1");
}
