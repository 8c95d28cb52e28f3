namespace PkgForge.Spool;

/// <summary>Permission bits of what the spool makes.</summary>
internal static class SpoolModes
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode All = Owner | UnixFileMode.UserExecute;
    private const UnixFileMode AllOfGroup =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute;

    /// <summary>
    /// 0770, a job in <c>incoming</c>. Under a default access control list the group's bits are the list's mask: they
    /// give the farm's user what the list grants, and the group itself nothing.
    /// </summary>
    internal const UnixFileMode SubmittedDirectory = All | AllOfGroup;

    /// <summary>0640, a file in <c>incoming</c>; the group's bits as above.</summary>
    internal const UnixFileMode SubmittedFile = Owner | UnixFileMode.GroupRead;

    /// <summary>0755, in <c>accepted</c> and <c>results</c>: everybody reads, only the handler writes.</summary>
    internal const UnixFileMode PublicDirectory =
        All | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>0644.</summary>
    internal const UnixFileMode PublicFile = Owner | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>0700, what a directory needs to be emptied.</summary>
    internal const UnixFileMode PrivateDirectory = All;
}
