using PkgForge.Server.Processes;

namespace PkgForge.Server.Builds.Roots;

/// <summary>Which part of what was written in a root becomes a layer: all but some paths, or nothing but some.</summary>
public sealed class LayerPart
{
    private const string OnlyScript = """
        set -e
        cd -- "$1"
        shift
        mkdir only
        for path; do
            mkdir -p -- "only/${path%/*}"
            [ ! -e "root/$path" ] || mv -- "root/$path" "only/$path"
        done
        rm -rf root work
        mv only root
        """;

    private readonly IReadOnlyList<string> paths;
    private readonly bool isOnly;

    private LayerPart(IEnumerable<string> paths, bool isOnly) => (this.paths, this.isOnly) = ([.. paths], isOnly);

    /// <summary>All but these paths, which only the making of it needed.</summary>
    public static LayerPart Without(params IEnumerable<string> paths) => new(paths, isOnly: false);

    /// <summary>Nothing but these paths. The directories on the way to them are made anew.</summary>
    public static LayerPart Only(params IEnumerable<string> paths) => new(paths, isOnly: true);

    /// <summary>Takes away of a top, while it is mounted, what can be done without; null for nothing.</summary>
    internal Command? Drop(string upper) => isOnly ? null : Removal(upper, paths);

    /// <summary>Takes away all that is no part of the layer of a place, where nothing is mounted.</summary>
    internal Command Pick(string place) =>
        isOnly
            ? new("sh", ["-c", OnlyScript, "only", place, .. paths])
            : Removal(place, [.. paths.Select(path => $"root/{path}"), "work"]);

    // Whatever was installed has made the directories on the way, or put links in their place: rm would follow those out of the top, find does not.
    private static Command Removal(string directory, IEnumerable<string> paths) =>
        new(
            "sh",
            [
                "-c",
                RemovalScript,
                "remove",
                directory,
                .. paths.SelectMany(path => new[] { "-o", "-path", $"./{path}" }),
            ]
        );

    private const string RemovalScript = """
        cd -- "$1"
        shift
        exec find . '(' -false "$@" ')' -prune -exec rm -rf -- '{}' +
        """;
}
