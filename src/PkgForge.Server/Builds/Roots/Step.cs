namespace PkgForge.Server.Builds.Roots;

/// <summary>One command in a root.</summary>
/// <param name="Command">Program and arguments, as the root knows them.</param>
public sealed record Step(params IReadOnlyList<string> Command)
{
    /// <summary>The user that builds: the same number in every root.</summary>
    public const int BuildUser = 2001;

    /// <summary>0 for the root's own root, <see cref="BuildUser"/> for the build.</summary>
    public int User { get; init; } = BuildUser;

    /// <summary>True when the step may reach the network, to install dependencies. A build never may.</summary>
    public bool Network { get; init; }

    /// <summary>True when it is to see a 32-bit machine (<c>uname -m</c>).</summary>
    public bool Narrow { get; init; }

    /// <summary>Where it runs, inside the root.</summary>
    public string Directory { get; init; } = "/";

    /// <summary>Options of <c>prlimit</c> that bound it.</summary>
    public IReadOnlyList<string> Limits { get; init; } = ["--core=0"];

    /// <summary>Variables beside the usual ones.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>The command of <c>env</c> that gives the step its whole environment.</summary>
    public IEnumerable<string> Environment() => ["/usr/bin/env", "-i", .. Assignments()];

    /// <summary>Its whole environment, as <c>NAME=VALUE</c>, each name once.</summary>
    public IEnumerable<string> Assignments() =>
        Usual().Where(usual => !Variables.ContainsKey(usual.Key)).Concat(Variables).Select(v => $"{v.Key}={v.Value}");

    private string UserName => User == 0 ? "root" : "builder";

    private IEnumerable<KeyValuePair<string, string>> Usual() =>
        [
            new("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
            new("LANG", "C.UTF-8"),
            new("TERM", "dumb"),
            new("HOME", User == 0 ? "/root" : BuildHome),
            new("USER", UserName),
            new("LOGNAME", UserName),
            new("SHELL", "/bin/sh"),
        ];

    /// <summary>The build user's directory in every root; sources are put there, and products looked for.</summary>
    public const string BuildHome = "/build";
}
