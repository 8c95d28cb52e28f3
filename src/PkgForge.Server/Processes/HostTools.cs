namespace PkgForge.Server.Processes;

/// <summary>Looks for the host's tools before work begins, so that a missing one is a clear message and not a failed build.</summary>
public static class HostTools
{
    private static readonly string[] Directories =
    [
        "/usr/local/sbin",
        "/usr/local/bin",
        "/usr/sbin",
        "/usr/bin",
        "/sbin",
        "/bin",
    ];

    /// <summary>True when the tool is installed: a name that is looked for, or a path.</summary>
    public static bool Has(string tool) =>
        tool.StartsWith('/') ? File.Exists(tool) : Directories.Any(directory => File.Exists($"{directory}/{tool}"));

    /// <exception cref="MachineLacksException">Some are missing; the message names them all.</exception>
    public static void Require(IEnumerable<string> tools)
    {
        var missing = tools.Where(tool => !Has(tool)).ToList();
        if (missing.Count > 0)
            throw new MachineLacksException(
                $"this machine lacks {string.Join(", ", missing)}; see docs/admin/installing.md for the packages that hold them"
            );
    }
}
