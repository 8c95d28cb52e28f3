using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using PkgForge.Cli.Commands;
using PkgForge.Registry;
using PkgForge.Registry.Views;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Reproducing;
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

internal sealed record ValidatedJson(
    string Path,
    bool Valid,
    string? Format,
    string? Name,
    string? Version,
    string? Rule,
    string? Message
);

internal sealed record BucketJson(string Bucket, string Platform, string? Directory, string Usage);

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

internal sealed record DownloadedJson(string Platform, string Name, string Path, string Sha256, bool New);

internal sealed record RebuiltJson(
    string Job,
    string Platform,
    int Attempt,
    bool Same,
    string Directory,
    RebuiltSourceJson[] Sources
);

internal sealed record RebuiltSourceJson(
    string Source,
    string Recorded,
    string Result,
    string? Message,
    RebuiltProductJson[] Products
)
{
    public static RebuiltSourceJson Of(RebuiltSource source) =>
        new(
            source.Source,
            source.Recorded,
            source.Result,
            source.Message,
            [
                .. source.Products.Select(p => new RebuiltProductJson(
                    p.Name,
                    Words.Of(p.Likeness),
                    p.Recorded,
                    p.Rebuilt
                )),
            ]
        );
}

internal sealed record RebuiltProductJson(string Name, string Likeness, string? Recorded, string? Rebuilt);

internal sealed record CopiedJson(Dictionary<string, long> Rows, string[] Findings);

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(SubmittedJson))]
[JsonSerializable(typeof(ChangesJson))]
[JsonSerializable(typeof(PromotedJson))]
[JsonSerializable(typeof(ValidatedJson[]))]
[JsonSerializable(typeof(PlatformJson[]))]
[JsonSerializable(typeof(BuilderJson[]))]
[JsonSerializable(typeof(BuilderJson))]
[JsonSerializable(typeof(AccountJson[]))]
[JsonSerializable(typeof(CapJson[]))]
[JsonSerializable(typeof(AuditJson[]))]
[JsonSerializable(typeof(BucketJson[]))]
[JsonSerializable(typeof(ShelvedJson[]))]
[JsonSerializable(typeof(JobJson[]))]
[JsonSerializable(typeof(JobJson))]
[JsonSerializable(typeof(ChangedJson))]
[JsonSerializable(typeof(CauseJson))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(CopiedJson))]
[JsonSerializable(typeof(RebuiltJson))]
[JsonSerializable(typeof(DownloadedJson[]))]
internal sealed partial class OutputJson : JsonSerializerContext;
