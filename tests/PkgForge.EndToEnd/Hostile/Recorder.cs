using System.Text;
using System.Text.RegularExpressions;
using PkgForge.EndToEnd.Farms;

namespace PkgForge.EndToEnd.Hostile;

/// <summary>A tool as it was called.</summary>
/// <param name="Tool">Its name.</param>
/// <param name="Arguments">As it got them.</param>
internal sealed record RecordedCall(string Tool, IReadOnlyList<string> Arguments);

/// <summary>
/// Writes down how a process of the farm calls the tools of the host, and lets each do its work. For that process alone <c>/usr/local/sbin</c>, where
/// programs are looked for first, is a directory of scripts, by a mount in a namespace of its own.
/// </summary>
internal sealed partial class Recorder
{
    private const string Mount = """mount --bind -- "$0" /usr/local/sbin && exec "$@" """;

    private static readonly string[] Tools =
    [
        "apt-ftparchive",
        "bwrap",
        "cat",
        "chown",
        "cp",
        "createrepo_c",
        "dnf",
        "find",
        "mkdir",
        "mmdebstrap",
        "mount",
        "nsenter",
        "rm",
        "rpm",
        "unshare",
    ];

    private readonly TestFarm farm;

    private Recorder(TestFarm farm) => this.farm = farm;

    private string Scripts => $"{farm.Directory}/recorder";

    private string Records => $"{farm.Directory}/records";

    /// <summary>Makes the scripts, beside the farm's directories.</summary>
    public static Recorder Make(TestFarm farm)
    {
        Executable.RequireRoot("only root can put recording tools before those of the host");
        var recorder = new Recorder(farm);
        Directory.CreateDirectory(recorder.Scripts);
        Directory.CreateDirectory(recorder.Records);
        // Whoever a tool is inside of a user namespace, it must be able to leave its record.
        File.SetUnixFileMode(recorder.Records, (UnixFileMode)0b111_111_111);
        foreach (var tool in Tools)
        {
            var real = new[] { "/usr/bin", "/usr/sbin" }.Select(place => $"{place}/{tool}").First(File.Exists);
            var script = $"{recorder.Scripts}/{tool}";
            File.WriteAllText(script, recorder.Script(tool, real));
            File.SetUnixFileMode(script, (UnixFileMode)0b111_101_101);
        }
        return recorder;
    }

    /// <summary>Starts a command of pkgforge whose tools are recorded.</summary>
    public FarmProcess Start(params string[] words)
    {
        var inside = Executable.Start([.. words, "-c", farm.Configuration]);
        string[] namespaces = ["unshare", "--mount", "--propagation", "private", "--"];
        return farm.Run(
            FarmProcess.Start(
                Executable.Clean([.. namespaces, "sh", "-c", Mount, Scripts, inside.FileName, .. inside.ArgumentList])
            )
        );
    }

    /// <summary>What was called since the last time, in no order.</summary>
    public IReadOnlyList<RecordedCall> Take()
    {
        var calls = new List<RecordedCall>();
        foreach (var file in Directory.GetFiles(Records))
        {
            // A call without a last NUL has not been written to its end, because its process was killed.
            var words = Encoding.UTF8.GetString(File.ReadAllBytes(file)).Split('\0');
            calls.Add(new(words[0], words[1..^1]));
            File.Delete(file);
        }
        return calls;
    }

    /// <summary>
    /// The forms of calls: what is different from one build to the next (numbers, digests) and the names that are tried are taken out. Two jobs that differ in a name alone must
    /// have the same forms.
    /// </summary>
    /// <param name="calls">What was called.</param>
    /// <param name="names">The names, each as it stands in arguments.</param>
    public static IReadOnlySet<string> Forms(IEnumerable<RecordedCall> calls, IReadOnlyCollection<string> names)
    {
        var longestFirst = names.OrderByDescending(name => name.Length).ToList();
        string Form(string argument)
        {
            var plain = longestFirst.Aggregate(
                argument,
                (text, name) => text.Replace(name, "NAME", StringComparison.Ordinal)
            );
            return Changing().Replace(plain, "#");
        }
        return calls
            .Select(call => string.Join('\0', [call.Tool, .. call.Arguments.Select(Form).Distinct()]))
            .ToHashSet(StringComparer.Ordinal);
    }

    private string Script(string tool, string real) =>
        $$"""
            #!/bin/sh
            read -r id < /proc/sys/kernel/random/uuid
            { printf '%s\0' {{tool}} "$@"; } 2> /dev/null > "{{Records}}/$id"
            exec {{real}} "$@"

            """;

    [GeneratedRegex("[0-9a-f]{8,}|[0-9]+")]
    private static partial Regex Changing();
}
