namespace PkgForge.Spool;

/// <summary>What became of copying a job out of its owner's reach.</summary>
public enum CopyOutcome
{
    /// <summary>The copy is whole, flushed, and not yet under the job's name.</summary>
    Copied,

    /// <summary>The job is gone from <c>incoming</c>; nothing was kept.</summary>
    Vanished,

    /// <summary>A file is not what the manifest says, or cannot be read: the job is to be rejected; nothing was kept.</summary>
    Rejected,

    /// <summary>An earlier copy, left over by a crash, is in the way: <see cref="AcceptedArea.Remove"/> it, try again.</summary>
    InTheWay,
}

/// <summary>What became of copying a job.</summary>
/// <param name="Outcome">Copied or not.</param>
/// <param name="Copy">The copy, to be committed or discarded; null unless copied.</param>
/// <param name="Message">For a person, naming the file; null when copied or vanished.</param>
public sealed record CopyResult(CopyOutcome Outcome, PrivateCopy? Copy, string? Message);
