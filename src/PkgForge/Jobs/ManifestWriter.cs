using System.Globalization;
using System.Text;
using PkgForge.Yaml;

namespace PkgForge.Jobs;

/// <summary>Writes the manifest: version first, strings in double quotes, one line a value.</summary>
internal static class ManifestWriter
{
    internal static string Write(Job job)
    {
        var text = new StringBuilder();
        Line(text, "version", ManifestFormat.Version.ToString(CultureInfo.InvariantCulture));
        Line(text, "id", Quoted.Yaml(job.Id.ToString()));
        Line(text, "submitter", Quoted.Yaml(job.Submitter));
        Line(
            text,
            "time",
            Quoted.Yaml(job.Time.UtcDateTime.ToString(ManifestFormat.Time, CultureInfo.InvariantCulture))
        );
        Line(text, "bucket", Quoted.Yaml(job.Bucket));
        List(text, "platforms", job.Platforms);
        List(text, "architectures", job.Architectures);
        List(text, "report", job.Report);
        Line(text, "on_error", job.OnError == OnError.Stop ? "stop" : "retry");
        Line(text, "order", job.Order.Name());
        Line(text, "priority", job.Priority.Name());
        List(text, "after", [.. job.After.Select(id => id.ToString())]);
        Line(text, "scratch", job.Scratch ? "true" : "false");
        List(text, "sources", job.Sources);
        Files(text, job);
        return text.ToString();
    }

    private static void Files(StringBuilder text, Job job)
    {
        text.Append("files:\n");
        foreach (var file in job.Files)
            text.Append("- name: ")
                .Append(Quoted.Yaml(file.Name))
                .Append("\n  size: ")
                .Append(file.Size)
                .Append("\n  sha256: ")
                .Append(Quoted.Yaml(file.Sha256))
                .Append('\n');
    }

    private static void List(StringBuilder text, string key, IReadOnlyList<string> values)
    {
        text.Append(key).Append(values.Count == 0 ? ": []\n" : ":\n");
        foreach (var value in values)
            text.Append("- ").Append(Quoted.Yaml(value)).Append('\n');
    }

    private static void Line(StringBuilder text, string key, string value) =>
        text.Append(key).Append(": ").Append(value).Append('\n');
}
