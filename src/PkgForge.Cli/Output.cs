using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using PkgForge.Registry;
using Spectre.Console;

namespace PkgForge.Cli;

/// <summary>What commands print: lines and tables for people, JSON for scripts.</summary>
internal static class Output
{
    public static void Line(string text) => Console.Out.WriteLine(text);

    public static void Json<T>(T data, JsonTypeInfo<T> type) =>
        Console.Out.WriteLine(JsonSerializer.Serialize(data, type));

    /// <summary>A table: aligned columns without lines, as wide as it needs to be.</summary>
    public static void Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows, string ifEmpty)
    {
        var table = new Table().NoBorder();
        foreach (var column in columns)
            table.AddColumn(
                new TableColumn(new Text(column, new Style(decoration: Decoration.Bold)))
                {
                    NoWrap = true,
                    Padding = new(0, 0, 2, 0),
                }
            );
        foreach (var row in rows)
            table.AddRow(row.Select(cell => new Text(Printable(cell))));
        if (table.Rows.Count == 0)
            Line(ifEmpty);
        else
            Terminal().Write(table);
    }

    // In a pipe or a file nothing is wrapped: a row is a line.
    private static IAnsiConsole Terminal()
    {
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = 4000;
        return AnsiConsole.Console;
    }

    /// <summary>What a stranger chose, safe for a terminal.</summary>
    public static string Printable(string text) =>
        string.Concat(text.Select(c => char.IsControl(c) && c != '\n' ? '?' : c));
}

internal sealed record SubmittedJson(string Id, string Bucket, string[] Sources);

internal sealed record ValidatedJson(
    string Path,
    bool Valid,
    string? Format,
    string? Name,
    string? Version,
    string? Rule,
    string? Message
);

internal sealed record PlatformJson(string Name, string Architecture, string Format, bool Active, bool Auto);

internal sealed record BuilderJson(
    string Name,
    string Platform,
    string State,
    bool Running,
    string? Host,
    DateTimeOffset? LastSeen,
    string? Job,
    int? Attempt,
    bool Draining,
    QuarantineJson? Quarantine,
    FaultJson[] Faults
)
{
    public static BuilderJson Of(Builder builder) =>
        new(
            builder.Name,
            builder.Platform.ToString(),
            BuilderText.State(builder),
            builder.Running,
            builder.Host,
            builder.LastSeen,
            builder.Current?.Job.ToString(),
            builder.Current?.Attempt,
            builder.Draining,
            builder.Quarantine is { } q ? new(q.Reason, q.Since, q.Canary) : null,
            [.. builder.Faults.Select(f => new FaultJson(f.Job.ToString(), f.Time, Words.Of(f.Outcome), f.Message))]
        );
}

internal sealed record QuarantineJson(string Reason, DateTimeOffset Since, DateTimeOffset Canary);

internal sealed record FaultJson(string Job, DateTimeOffset Time, string Outcome, string? Message);

internal sealed record CapJson(string Kind, string Name, int Tasks);

internal sealed record BucketJson(string Bucket, string Platform, string Directory, string Usage);

internal sealed record JobJson(
    string Id,
    string State,
    string Submitter,
    string Bucket,
    bool Scratch,
    DateTimeOffset Submitted,
    DateTimeOffset Registered,
    DateTimeOffset? Ended,
    string[] Sources,
    string? Reason,
    string Priority,
    string? Waits,
    TaskJson[]? Tasks
)
{
    /// <summary>In which order its sources are built; only for one job, and only where its manifest can be read.</summary>
    public string? Order { get; init; }
}

internal sealed record TaskJson(
    string Platform,
    string State,
    bool CancelRequested,
    string Results,
    WaitingJson? Waiting,
    AttemptJson[] Attempts
);

internal sealed record WaitingJson(
    string Reason,
    string Details,
    int Before,
    DateTimeOffset? Start,
    double? EstimateSeconds
)
{
    public static WaitingJson Of(Waiting waiting) =>
        new(
            WaitingText.Word(waiting.Reason),
            waiting.Details,
            waiting.Before,
            waiting.Start,
            waiting.Estimate?.TotalSeconds
        );
}

internal sealed record AttemptJson(
    int Number,
    string Builder,
    string Outcome,
    DateTimeOffset Started,
    DateTimeOffset? Ended,
    string? Cause,
    string? Evidence,
    string? Message
)
{
    public long? EvidenceOffset { get; init; }

    public long? EvidenceLine { get; init; }
}

internal sealed record CauseJson(
    string Job,
    string Platform,
    int Attempt,
    string Cause,
    string? Message,
    string? Evidence,
    long? EvidenceOffset,
    long? EvidenceLine,
    ExcerptJson[] Log
);

internal sealed record ExcerptJson(long Line, string Text);

internal sealed record ChangedJson(string Job, string[] Platforms);

internal sealed record CopiedJson(Dictionary<string, long> Rows, string[] Findings);

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(SubmittedJson))]
[JsonSerializable(typeof(ValidatedJson[]))]
[JsonSerializable(typeof(PlatformJson[]))]
[JsonSerializable(typeof(BuilderJson[]))]
[JsonSerializable(typeof(BuilderJson))]
[JsonSerializable(typeof(CapJson[]))]
[JsonSerializable(typeof(BucketJson[]))]
[JsonSerializable(typeof(JobJson[]))]
[JsonSerializable(typeof(JobJson))]
[JsonSerializable(typeof(ChangedJson))]
[JsonSerializable(typeof(CauseJson))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(CopiedJson))]
internal sealed partial class OutputJson : JsonSerializerContext;
