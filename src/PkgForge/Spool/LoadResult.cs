using PkgForge.Jobs;

namespace PkgForge.Spool;

/// <summary>What became of loading a job.</summary>
public enum LoadOutcome
{
    /// <summary>The manifest is read, and all files are there with the right size. Their content is not checked yet.</summary>
    Loaded,

    /// <summary>Somebody may still be copying: try again until <c>wait_for_job</c> after the newest change, then reject.</summary>
    Incomplete,

    /// <summary>It is gone: there is nothing to do.</summary>
    Vanished,

    /// <summary>It will never be a job.</summary>
    Rejected,
}

/// <summary>What became of loading a job.</summary>
/// <param name="Outcome">Loaded or not.</param>
/// <param name="Loaded">The job; null unless loaded.</param>
/// <param name="Message">For a person: what is wrong, or missing still; null when loaded or vanished.</param>
public sealed record LoadResult(LoadOutcome Outcome, LoadedJob? Loaded, string? Message)
{
    /// <summary>When the directory or anything in it last changed, by the file system's clock; null when not looked at.</summary>
    public DateTimeOffset? NewestChange { get; init; }

    /// <summary>Login name of the directory's owner; null when there is no such account.</summary>
    public string? Owner { get; init; }

    /// <summary>The manifest, when it could be read, also of a job that is rejected; it is only a claim then.</summary>
    public Job? Claimed { get; init; }

    /// <summary>SHA-256 of the manifest's bytes; null when there is none.</summary>
    public string? ManifestSha256 { get; init; }
}

/// <summary>A job that was loaded from <c>incoming</c>.</summary>
/// <param name="Source">Where from.</param>
/// <param name="Job">What its manifest says.</param>
/// <param name="Manifest">The manifest's bytes as they were read; they are not read again.</param>
/// <param name="ManifestSha256">SHA-256 of these bytes.</param>
public sealed record LoadedJob(IncomingJob Source, Job Job, byte[] Manifest, string ManifestSha256);
