using System.Globalization;
using System.Text;
using PkgForge.Sources;
using PkgForge.Yaml;

namespace PkgForge.Records;

/// <summary>Writes a record: version first, strings in double quotes, one line a value.</summary>
internal sealed class RecordWriter
{
    /// <summary>As in a manifest: UTC, whole seconds.</summary>
    internal const string Time = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    private readonly StringBuilder text = new();

    private RecordWriter() { }

    internal static string Write(AttemptRecord record)
    {
        var writer = new RecordWriter();
        writer.Attempt(record);
        writer.text.Append(record.Layers.Count == 0 ? "layers: []\n" : "layers:\n");
        foreach (var layer in record.Layers)
            writer.Layer(layer);
        writer.text.Append(record.Builds.Count == 0 ? "builds: []\n" : "builds:\n");
        foreach (var build in record.Builds)
            writer.Build(build);
        return writer.text.ToString();
    }

    private void Attempt(AttemptRecord record)
    {
        Line("version", Number(RecordFile.Version));
        Text("job", record.Job.ToString());
        Text("platform", record.Platform.ToString());
        Line("attempt", Number(record.Attempt));
        Text("builder", record.Builder);
        Text("host", record.Host);
        Text("pkgforge", record.Version);
        Text("kernel", record.Kernel);
        Text("begun", record.Begun.UtcDateTime.ToString(Time, CultureInfo.InvariantCulture));
        Text("ended", record.Ended.UtcDateTime.ToString(Time, CultureInfo.InvariantCulture));
        Limits(record.Limits);
        Texts("control_groups", record.ControlGroups);
    }

    private void Limits(RecordedLimits limits)
    {
        text.Append("limits:\n");
        Line("  time", Number((long)limits.Time.TotalMilliseconds));
        Line("  silence", Number((long)limits.Silence.TotalMilliseconds));
        Line("  log", Number(limits.Log));
        Line("  root", Number(limits.Root));
        Line("  memory", Number(limits.Memory));
        Line("  processes", Number(limits.Processes));
        Line("  parallel", Number(limits.Parallel));
    }

    private void Layer(RecordedLayer layer)
    {
        Text("- name", layer.Name);
        Text("  seal", layer.Seal);
        Texts("  packages", layer.Packages.Select(package => package.ToString()));
        Texts("  without", layer.Without.Select(package => package.ToString()));
    }

    private void Build(RecordedBuild build)
    {
        Text("- source", build.Source);
        Text("  result", build.Result);
        if (build.Time is { } time)
            Line("  milliseconds", Number((long)time.TotalMilliseconds));
        Files("  files", build.Files);
        Texts("  layers", build.Layers);
        if (build.SourceDateEpoch is { } epoch)
            Line("  source_date_epoch", Number(epoch));
        text.Append(build.Steps.Count == 0 ? "  steps: []\n" : "  steps:\n");
        foreach (var step in build.Steps)
            Step(step);
        Files("  products", build.Products);
    }

    private void Step(RecordedStep step)
    {
        Text("  - name", step.Name);
        Texts("    command", step.Command);
        Text("    directory", step.Directory);
        Line("    user", Number(step.User));
        Texts("    environment", step.Environment);
    }

    private void Files(string key, IReadOnlyList<SourceFile> files)
    {
        text.Append(key).Append(files.Count == 0 ? ": []\n" : ":\n");
        foreach (var file in files)
        {
            Text("  - name", file.Name);
            Line("    size", Number(file.Size));
            Text("    sha256", file.Sha256);
        }
    }

    private void Texts(string key, IEnumerable<string> values)
    {
        var items = values.ToList();
        text.Append(key).Append(items.Count == 0 ? ": []\n" : ":\n");
        var indent = key.Length - key.TrimStart(' ').Length;
        foreach (var item in items)
            text.Append(' ', indent).Append("- ").Append(Quoted.Yaml(item)).Append('\n');
    }

    private void Text(string key, string value) => Line(key, Quoted.Yaml(value));

    private void Line(string key, string value) => text.Append(key).Append(": ").Append(value).Append('\n');

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
