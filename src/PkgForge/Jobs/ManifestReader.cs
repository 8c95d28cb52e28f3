using System.Globalization;
using PkgForge.Sources;
using PkgForge.Yaml;

namespace PkgForge.Jobs;

/// <summary>Makes a job out of a manifest's tree.</summary>
internal static class ManifestReader
{
    internal static Job Read(YamlItem root)
    {
        var fields = new YamlFields(root);
        // The version comes first, so that a newer manifest is not refused for a key that only the newer version knows.
        CheckVersion(fields);
        fields.CheckKeys(ManifestFormat.Keys, ManifestFormat.Required);
        var job = new Job
        {
            Id = JobId.Parse(fields.Text("id", JobRules.Id)),
            Submitter = fields.Text("submitter", JobRules.Submitter),
            Time = ReadTime(fields),
            Bucket = fields.Text("bucket", JobRules.Bucket),
            Platforms = fields.Texts("platforms", JobRules.MaxWords, JobRules.Word),
            Architectures = fields.Texts("architectures", JobRules.MaxWords, JobRules.Word),
            Report = fields.Texts("report", JobRules.MaxAddresses, JobRules.Address),
            OnError = ReadOnError(fields),
            Order = ReadOrder(fields),
            Priority = ReadPriority(fields),
            After = [.. fields.Texts("after", JobRules.MaxAfter, JobRules.Id).Select(JobId.Parse)],
            Scratch = fields.Has("scratch") && fields.Flag("scratch"),
            Sources = fields.Texts("sources", JobRules.MaxSources, JobRules.FileName),
            Files = ReadFiles(fields),
        };
        return JobRules.CheckSources(job.Sources, job.Files) is { } error
            ? throw new YamlFormatException(fields.LineOf("sources"), error)
            : job;
    }

    private static void CheckVersion(YamlFields fields)
    {
        var version = fields.Number("version");
        if (version > ManifestFormat.Version)
            throw new YamlFormatException(
                fields.LineOf("version"),
                $"version is {version}; this program is older and knows {ManifestFormat.Version}: "
                    + "update the farm, or submit with a pkgforge of its version"
            );
        if (version != ManifestFormat.Version)
            throw new YamlFormatException(
                fields.LineOf("version"),
                $"version is {version}; expected {ManifestFormat.Version}"
            );
    }

    private static DateTimeOffset ReadTime(YamlFields fields)
    {
        DateTimeOffset time = default;
        fields.Text("time", text => TryParse(text, out time) ? null : "UTC as 2026-11-22T18:00:00Z");
        return time;
    }

    private static bool TryParse(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(
            text,
            ManifestFormat.Time,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out time
        );

    private static OnError ReadOnError(YamlFields fields)
    {
        if (!fields.Has("on_error"))
            return OnError.Retry;
        var word = fields.Text("on_error", text => text is "retry" or "stop" ? null : "retry or stop");
        return word == "stop" ? OnError.Stop : OnError.Retry;
    }

    private static BuildOrder ReadOrder(YamlFields fields)
    {
        if (!fields.Has("order"))
            return BuildOrder.Given;
        var word = fields.Text("order", text => text is "given" or "deps" ? null : "given or deps");
        return word == "deps" ? BuildOrder.Deps : BuildOrder.Given;
    }

    private static Priority ReadPriority(YamlFields fields)
    {
        var priority = Priority.Normal;
        if (fields.Has("priority"))
            fields.Text("priority", text => Priorities.TryParse(text, out priority) ? null : Priorities.Rule);
        return priority;
    }

    private static List<SourceFile> ReadFiles(YamlFields fields)
    {
        var files = new List<SourceFile>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in fields.List("files", JobRules.MaxFiles))
        {
            var file = ReadFile(new(item, "files: "));
            if (!seen.Add(file.Name))
                throw new YamlFormatException(
                    item.Line,
                    $"files: '{file.Name}' is there twice; expected each file once"
                );
            files.Add(file);
        }
        return files;
    }

    private static SourceFile ReadFile(YamlFields fields)
    {
        fields.CheckKeys(ManifestFormat.FileKeys, ManifestFormat.FileKeys);
        var size = fields.Number("size");
        if (JobRules.Size(size) is { } expected)
            throw fields.Refuse("size", fields.Get("size"), expected);
        return new(fields.Text("name", JobRules.FileName), size, fields.Text("sha256", JobRules.Sha256));
    }
}
