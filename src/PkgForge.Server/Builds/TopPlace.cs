namespace PkgForge.Server.Builds;

/// <summary>Where what a build writes in its root is kept until the build has ended.</summary>
public enum TopPlace
{
    /// <summary>In memory, unless the source is known to write too much for it, or might.</summary>
    Auto,

    /// <summary>In memory (tmpfs).</summary>
    Memory,

    /// <summary>On the disk of the work directory; nothing waits for that disk.</summary>
    Disk,
}
