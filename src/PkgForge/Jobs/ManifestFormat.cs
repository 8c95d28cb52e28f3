namespace PkgForge.Jobs;

/// <summary>Constants of the manifest's format (docs/formats/job.md).</summary>
internal static class ManifestFormat
{
    internal const string FileName = "job.yml";
    internal const int Version = 1;
    internal const string Time = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>10,000 files with names of 255 bytes, each of them escaped, need less.</summary>
    internal const int MaxBytes = 8 * 1024 * 1024;

    internal static readonly string[] Required = ["version", "id", "submitter", "time", "bucket", "sources", "files"];

    internal static readonly string[] Keys =
    [
        "version",
        "id",
        "submitter",
        "time",
        "bucket",
        "platforms",
        "architectures",
        "report",
        "on_error",
        "order",
        "priority",
        "after",
        "scratch",
        "sources",
        "files",
    ];

    internal static readonly string[] FileKeys = ["name", "size", "sha256"];
}
