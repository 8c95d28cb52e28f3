using System.CommandLine;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;

namespace PkgForge.Cli.Commands;

/// <summary>The arguments JOB and PLATFORM, which several commands take.</summary>
internal static class JobArguments
{
    public static Argument<string> Job { get; } = new("job") { Description = "The job's id" };

    public static Argument<string?> Platform { get; } =
        new("platform")
        {
            Description = "NAME-ARCHITECTURE, e.g. bookworm-amd64; without it all of the job's",
            Arity = ArgumentArity.ZeroOrOne,
        };

    /// <summary>The same for a command that is about one task.</summary>
    public static Argument<string?> PlatformOfSeveral { get; } =
        new("platform")
        {
            Description = "NAME-ARCHITECTURE, e.g. bookworm-amd64; needed where the job has several",
            Arity = ArgumentArity.ZeroOrOne,
        };

    /// <summary>The same where it must be there.</summary>
    public static Argument<string?> OnePlatform { get; } =
        new("platform") { Description = "NAME-ARCHITECTURE, e.g. bookworm-amd64", Arity = ArgumentArity.ExactlyOne };

    private static readonly Argument<string?>[] Platforms = [Platform, PlatformOfSeveral, OnePlatform];

    public static JobId ReadJob(ParseResult words) => Parse(words.GetValue(Job)!);

    public static JobId Parse(string text) =>
        JobId.TryParse(text, out var id)
            ? id
            : throw new CommandException(ExitCode.Usage, $"'{text}' is not a job id: expected {JobId.Rule}");

    public static JobState ParseState(string text)
    {
        var states = Enum.GetValues<JobState>();
        var name = text.Replace('-', ' ');
        var found = Array.FindIndex(states, s => Words.Of(s).Equals(name, StringComparison.OrdinalIgnoreCase));
        return found >= 0
            ? states[found]
            : throw new CommandException(
                ExitCode.Usage,
                $"'{text}' is not a job's state: expected one of {string.Join(", ", states.Select(Words.Of))}"
            );
    }

    public static Priority ParsePriority(string text) =>
        Priorities.TryParse(text, out var priority)
            ? priority
            : throw new CommandException(ExitCode.Usage, $"'{text}' is not a priority: expected {Priorities.Rule}");

    public static PlatformKey? ReadPlatform(ParseResult words) =>
        Array.Find(Platforms, platform => words.GetResult(platform) is not null) is { } asked
        && words.GetValue(asked) is { } text
            ? ParsePlatform(text)
            : null;

    public static PlatformKey ParsePlatform(string text) =>
        PlatformKey.TryParse(text, out var key)
            ? key
            : throw new CommandException(ExitCode.Usage, $"'{text}' is not a platform: expected {PlatformKey.Rule}");
}
