namespace PkgForge.Server.Processes;

/// <summary>
/// Wraps a tool that reads untrusted files, so that a file which takes the tool over wins nothing: by bubblewrap, as an
/// ordinary user. What is wrapped sees the system's programs and the named directories, and nothing else of this machine:
/// not /home, /root, /run, /var, nor the farm's other directories, configuration or keys. It has no network, no
/// capability, no other process to see, and dies with the farm's process.
/// </summary>
public static class Sandbox
{
    /// <summary>The program that makes the sandbox.</summary>
    public const string Program = "bwrap";

    // More than any index of a large bucket needs, and less than would hurt the machine.
    private const string MemoryLimit = "--as=8589934592";
    private const string FileLimit = "--fsize=8589934592";
    private const string ProcessLimit = "--core=0";

    // Links into /usr on a merged-usr system, directories on others: both are what a bind gives.
    private static readonly string[] Programs = ["/bin", "/sbin", "/lib", "/lib32", "/lib64"];

    // What programs need of /etc. Not all of it: the farm's own configuration, with its passwords, may lie there.
    private static readonly string[] Configuration =
    [
        "/etc/alternatives",
        "/etc/apt/apt.conf.d",
        "/etc/debian_version",
        "/etc/dpkg",
        "/etc/group",
        "/etc/ld.so.cache",
        "/etc/lintianrc",
        "/etc/magic",
        "/etc/os-release",
        "/etc/passwd",
        "/etc/perl",
        "/etc/python3",
        "/etc/rpm",
        "/etc/rpmlint",
        "/etc/xdg/rpmlint",
    ];

    /// <summary>The command in a sandbox. It starts in its own directory, if it has one that it can see.</summary>
    /// <param name="command">The tool.</param>
    /// <param name="readable">Directories that it may read, under their own paths.</param>
    /// <param name="writable">The one directory that it may write to, which may lie in a readable one; null for none.</param>
    public static Command Wrap(Command command, IReadOnlyList<string> readable, string? writable = null)
    {
        var inside = command.Under("prlimit", ProcessLimit, MemoryLimit, FileLimit, "--");
        return inside.Under(
            Program,
            [
                "--unshare-all",
                "--unshare-user",
                "--die-with-parent",
                "--new-session",
                "--cap-drop",
                "ALL",
                "--ro-bind",
                "/usr",
                "/usr",
                .. Programs.Concat(Configuration).SelectMany(path => new[] { "--ro-bind-try", path, path }),
                "--proc",
                "/proc",
                "--dev",
                "/dev",
                "--tmpfs",
                "/tmp",
                "--tmpfs",
                "/var/tmp",
                "--setenv",
                "HOME",
                "/tmp",
                .. readable.SelectMany(path => new[] { "--ro-bind", path, path }),
                .. writable is null ? (string[])[] : ["--bind", writable, writable],
                "--chdir",
                command.Directory ?? "/",
                "--",
            ]
        ) with
        {
            Directory = null,
        };
    }
}
