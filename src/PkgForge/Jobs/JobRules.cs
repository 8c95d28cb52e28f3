using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using PkgForge.Buckets;
using PkgForge.Sources;
using PkgForge.Yaml;

namespace PkgForge.Jobs;

/// <summary>
/// What the parts of a job may be. The rules are the same for one who submits and for the farm that reads the
/// manifest. Each method returns null when the rule is kept, else what was expected.
/// </summary>
public static partial class JobRules
{
    /// <summary>The most sources that a job may have.</summary>
    public const int MaxSources = 1000;

    /// <summary>The most files that a job may have, its manifest not counted.</summary>
    public const int MaxFiles = 10_000;

    /// <summary>The most addresses for reports.</summary>
    public const int MaxAddresses = 100;

    /// <summary>The most words for platforms, and for architectures.</summary>
    public const int MaxWords = 100;

    /// <summary>The most jobs that a job may wait for.</summary>
    public const int MaxAfter = 1000;

    /// <summary>The largest file: 1 TiB. The sum over all files then fits a 64-bit number.</summary>
    public const long MaxFileSize = 1L << 40;

    private const string AddressExpected =
        "a mail address NAME@HOST of at most 254 characters, without spaces and control characters";

    private const string NameExpected =
        "a plain file name of at most 255 bytes that does not begin with . or -, has no / and no control characters, "
        + "and is not job.yml";

    private static readonly SearchValues<char> NotInAddresses = SearchValues.Create(" ,;:<>()[]\\\"");

    /// <summary>Id of a job.</summary>
    public static string? Id(string text) => JobId.TryParse(text, out _) ? null : JobId.Rule;

    /// <summary>Login name of a submitter.</summary>
    public static string? Submitter(string text) =>
        SubmitterPattern().IsMatch(text)
            ? null
            : "a login name: 1 to 32 of the characters a-z 0-9 _ . -, beginning with a letter or _";

    /// <summary>Name of a bucket.</summary>
    public static string? Bucket(string text) => Buckets.BucketName.IsWellFormed(text) ? null : BucketName.Rule;

    /// <summary>
    /// A mail address: sane enough to stand in a header, not the whole of RFC 5322. It may not hold what would begin
    /// a second address or a second header.
    /// </summary>
    public static string? Address(string text)
    {
        var at = text.IndexOf('@');
        var sane =
            text.Length <= 254
            && at > 0
            && at == text.LastIndexOf('@')
            && at < text.Length - 1
            && text[0] != '-'
            && IsText(text)
            && text.AsSpan().IndexOfAny(NotInAddresses) < 0
            && !text.Any(char.IsWhiteSpace);
        return sane ? null : AddressExpected;
    }

    /// <summary>Name of a file of the job, as it stands in the job's directory.</summary>
    public static string? FileName(string text)
    {
        var plain =
            text.Length > 0
            && text[0] is not ('.' or '-')
            && !text.Contains('/')
            && text != ManifestFormat.FileName
            && IsText(text)
            && Encoding.UTF8.GetByteCount(text) <= 255;
        return plain ? null : NameExpected;
    }

    /// <summary>A word of the platform language, before the language itself is applied to it.</summary>
    public static string? Word(string text) =>
        text.Length is > 0 and <= 200 && IsText(text) ? null : "1 to 200 characters, none of them a control character";

    /// <summary>SHA-256 of a file.</summary>
    public static string? Sha256(string text) =>
        Sha256Pattern().IsMatch(text) ? null : "64 lower-case hexadecimal digits";

    /// <summary>Length of a file in bytes.</summary>
    public static string? Size(long size) => size is >= 0 and <= MaxFileSize ? null : $"0 to {MaxFileSize} bytes";

    /// <summary>Checks a whole job. Returns null when it keeps every rule, else a message for a person.</summary>
    public static string? Check(Job job) =>
        Part("id", job.Id.ToString(), Id)
        ?? Part("submitter", job.Submitter, Submitter)
        ?? CheckTime(job.Time)
        ?? Part("bucket", job.Bucket, Bucket)
        ?? Parts("platforms", job.Platforms, MaxWords, Word)
        ?? Parts("architectures", job.Architectures, MaxWords, Word)
        ?? Parts("report", job.Report, MaxAddresses, Address)
        ?? Parts("after", [.. job.After.Select(id => id.ToString())], MaxAfter, Id)
        ?? Parts("sources", job.Sources, MaxSources, FileName)
        ?? CheckFiles(job.Files)
        ?? CheckSources(job.Sources, job.Files);

    /// <summary>Sources are there, each once, and each is one of the files.</summary>
    internal static string? CheckSources(IReadOnlyList<string> sources, IReadOnlyList<SourceFile> files)
    {
        var names = files.Select(file => file.Name).ToHashSet(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        if (sources.Count == 0)
            return "sources is empty; expected at least one source package";
        foreach (var source in sources)
        {
            if (!names.Contains(source))
                return $"source '{source}' is not among the files; expected an entry with its name, size and sha256";
            if (!seen.Add(source))
                return $"source '{source}' is there twice; expected each once";
        }
        return null;
    }

    /// <summary>No control characters, and well-formed Unicode: what is not can be neither a file name nor a line of a mail.</summary>
    private static bool IsText(string text)
    {
        foreach (var rune in text.EnumerateRunes())
            if (Rune.IsControl(rune))
                return false;
        for (var i = 0; i < text.Length; i++)
            if (char.IsSurrogate(text[i]) && !char.IsSurrogatePair(text, i++))
                return false;
        return true;
    }

    private static string? CheckTime(DateTimeOffset time) =>
        time.Offset == TimeSpan.Zero && time.Ticks % TimeSpan.TicksPerSecond == 0
            ? null
            : $"time is {time:O}; expected UTC and whole seconds";

    private static string? CheckFiles(IReadOnlyList<SourceFile> files)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        if (files.Count > MaxFiles)
            return $"files has {files.Count} entries; at most {MaxFiles} are allowed";
        foreach (var file in files)
        {
            var error =
                Part("files: name", file.Name, FileName)
                ?? Part($"files: sha256 of '{file.Name}'", file.Sha256, Sha256)
                ?? (
                    Size(file.Size) is { } size ? $"files: size of '{file.Name}' is {file.Size}; expected {size}" : null
                )
                ?? (seen.Add(file.Name) ? null : $"files: '{file.Name}' is there twice; expected each file once");
            if (error is not null)
                return error;
        }
        return null;
    }

    private static string? Parts(string key, IReadOnlyList<string> values, int most, Func<string, string?> rule) =>
        values.Count > most
            ? $"{key} has {values.Count} entries; at most {most} are allowed"
            : values.Select(value => Part(key, value, rule)).FirstOrDefault(error => error is not null);

    private static string? Part(string key, string value, Func<string, string?> rule) =>
        rule(value) is { } expected ? $"{key} is {Quoted.Text(value)}; expected {expected}" : null;

    [GeneratedRegex(@"\A[a-z_][a-z0-9_.-]{0,31}\z")]
    private static partial Regex SubmitterPattern();

    [GeneratedRegex(@"\A[0-9a-f]{64}\z")]
    private static partial Regex Sha256Pattern();
}
