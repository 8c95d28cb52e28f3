using System.Text.Json;
using System.Text.Json.Serialization;

namespace PkgForge.EndToEnd.Farms;

/// <summary>What <c>pkgforge status --json JOB</c> prints.</summary>
internal sealed record JobStatus(
    string Id,
    string State,
    string? Reason,
    string Submitter,
    string Bucket,
    TaskStatus[]? Tasks
)
{
    public string? Order { get; init; }

    private static readonly JsonSerializerOptions Names = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    [JsonIgnore]
    public bool IsFinal => State is not ("incoming" or "registered" or "building");

    /// <summary>The only task.</summary>
    [JsonIgnore]
    public TaskStatus Task => Tasks!.Single();

    public TaskStatus On(string platform) => Tasks!.Single(task => task.Platform == platform);

    public static JobStatus Parse(string json) => JsonSerializer.Deserialize<JobStatus>(json, Names)!;

    public static JobStatus[] ParseList(string json) => JsonSerializer.Deserialize<JobStatus[]>(json, Names)!;

    public override string ToString() => JsonSerializer.Serialize(this, Names);
}

internal sealed record TaskStatus(string Platform, string State, string Results, AttemptStatus[] Attempts)
{
    [JsonIgnore]
    public AttemptStatus Last => Attempts[^1];
}

internal sealed record AttemptStatus(
    int Number,
    string Builder,
    string Outcome,
    string? Cause,
    string? Evidence,
    string? Message,
    long? EvidenceOffset = null,
    long? EvidenceLine = null
);
