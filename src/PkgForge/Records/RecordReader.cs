using System.Globalization;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Sources;
using PkgForge.Yaml;

namespace PkgForge.Records;

/// <summary>Makes a record out of a document's tree. What a builder of another machine has written is as untrusted as that machine.</summary>
internal static class RecordReader
{
    /// <summary>More than any list of a record has.</summary>
    private const int Most = 200_000;

    /// <summary>Longer than a word of a record is.</summary>
    private const int LongestText = 10_000;

    internal static readonly string[] Keys =
    [
        "version",
        "job",
        "platform",
        "attempt",
        "builder",
        "host",
        "pkgforge",
        "kernel",
        "begun",
        "ended",
        "limits",
        "control_groups",
        "layers",
        "builds",
    ];

    internal static readonly string[] LimitKeys = ["time", "silence", "log", "root", "memory", "processes", "parallel"];

    internal static readonly string[] LayerKeys = ["name", "seal", "packages", "without"];

    internal static readonly string[] BuildKeys =
    [
        "source",
        "result",
        "milliseconds",
        "files",
        "layers",
        "source_date_epoch",
        "steps",
        "products",
    ];

    internal static readonly string[] StepKeys = ["name", "command", "directory", "user", "environment"];

    private static readonly string[] FileKeys = ["name", "size", "sha256"];

    internal static AttemptRecord Read(YamlItem root)
    {
        var fields = new YamlFields(root);
        if (fields.Number("version") is var version and not RecordFile.Version)
            throw new YamlFormatException(
                fields.LineOf("version"),
                $"version is {version}; this program knows {RecordFile.Version}"
            );
        fields.CheckKeys(Keys, Keys);
        return new()
        {
            Job = JobId.Parse(fields.Text("job", JobRules.Id)),
            Platform = Platform(fields),
            Attempt = Whole(fields, "attempt", 1),
            Builder = fields.Text("builder", Any),
            Host = fields.Text("host", Any),
            Version = fields.Text("pkgforge", Any),
            Kernel = fields.Text("kernel", Any),
            Begun = Time(fields, "begun"),
            Ended = Time(fields, "ended"),
            Limits = Limits(new(fields.Get("limits"), "limits: ")),
            ControlGroups = fields.Texts("control_groups", Most, Any),
            Layers = [.. fields.List("layers", Most).Select(item => Layer(new(item, "layers: ")))],
            Builds = [.. fields.List("builds", Most).Select(item => Build(new(item, "builds: ")))],
        };
    }

    private static RecordedLimits Limits(YamlFields fields)
    {
        fields.CheckKeys(LimitKeys, LimitKeys);
        return new(
            Span(fields, "time"),
            Span(fields, "silence"),
            fields.Number("log"),
            fields.Number("root"),
            fields.Number("memory"),
            Whole(fields, "processes", 1),
            Whole(fields, "parallel", 1)
        );
    }

    private static RecordedLayer Layer(YamlFields fields)
    {
        fields.CheckKeys(LayerKeys, LayerKeys);
        return new(
            fields.Text("name", LayerName),
            fields.Text("seal", Any),
            Packages(fields, "packages"),
            Packages(fields, "without")
        );
    }

    private static RecordedBuild Build(YamlFields fields)
    {
        fields.CheckKeys(BuildKeys, [.. BuildKeys.Except(["source_date_epoch", "milliseconds"])]);
        return new()
        {
            Source = fields.Text("source", JobRules.FileName),
            Result = fields.Text("result", Any),
            Time = fields.Has("milliseconds") ? Span(fields, "milliseconds") : null,
            Files = Files(fields, "files"),
            Layers = fields.Texts("layers", Most, LayerName),
            SourceDateEpoch = fields.Has("source_date_epoch") ? fields.Number("source_date_epoch") : null,
            Steps = [.. fields.List("steps", Most).Select(item => Step(new(item, "steps: ")))],
            Products = Files(fields, "products"),
        };
    }

    private static RecordedStep Step(YamlFields fields)
    {
        fields.CheckKeys(StepKeys, StepKeys);
        return new(
            fields.Text("name", Any),
            fields.Texts("command", Most, Any),
            fields.Text("directory", Any),
            Whole(fields, "user", 0),
            fields.Texts("environment", Most, Any)
        );
    }

    private static List<SourceFile> Files(YamlFields fields, string key) =>
        [
            .. fields
                .List(key, Most)
                .Select(item =>
                {
                    var file = new YamlFields(item, $"{key}: ");
                    file.CheckKeys(FileKeys, FileKeys);
                    return new SourceFile(
                        file.Text("name", PlainFile),
                        file.Number("size"),
                        file.Text("sha256", JobRules.Sha256)
                    );
                }),
        ];

    private static List<RecordedPackage> Packages(YamlFields fields, string key) =>
        [
            .. fields
                .Texts(key, Most, text => RecordedPackage.Parse(text) is null ? RecordedPackage.Rule : null)
                .Select(text => RecordedPackage.Parse(text)!),
        ];

    private static PlatformKey Platform(YamlFields fields)
    {
        PlatformKey platform = default;
        fields.Text("platform", text => PlatformKey.TryParse(text, out platform) ? null : "NAME-ARCHITECTURE");
        return platform;
    }

    private static DateTimeOffset Time(YamlFields fields, string key)
    {
        DateTimeOffset time = default;
        fields.Text(
            key,
            text =>
                DateTimeOffset.TryParseExact(
                    text,
                    RecordWriter.Time,
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                    out time
                )
                    ? null
                    : "UTC as 2026-11-22T18:00:00Z"
        );
        return time;
    }

    private static TimeSpan Span(YamlFields fields, string key) =>
        fields.Number(key) is >= 0 and < 1_000_000_000_000 and var milliseconds
            ? TimeSpan.FromMilliseconds(milliseconds)
            : throw fields.Refuse(key, fields.Get(key), "a number of milliseconds");

    private static int Whole(YamlFields fields, string key, int least) =>
        fields.Number(key) is var number && number >= least && number <= int.MaxValue
            ? (int)number
            : throw fields.Refuse(key, fields.Get(key), $"a whole number from {least}");

    // Products may have names that no source may have; neither is ever more than a name.
    private static string? PlainFile(string text) =>
        text.Length is > 0 and <= 255 && text[0] is not ('.' or '-') && !text.Contains('/') && !text.Any(char.IsControl)
            ? null
            : "a plain file name";

    // It becomes part of a path.
    private static string? LayerName(string text) =>
        text.Length is > 0 and <= 100 && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') && text[0] != '-'
            ? null
            : "a layer's name: letters, digits and '-'";

    private static string? Any(string text) => text.Length <= LongestText ? null : $"at most {LongestText} characters";
}
