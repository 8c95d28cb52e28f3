using PkgForge.Server.Builds.Failures;
using PkgForge.Server.Builds.Logs;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;

namespace PkgForge.Server.Builds.Debian;

/// <summary>A root of Debian or one of its descendants, as an archive of <c>tar</c>: <c>mmdebstrap</c> by the words of the recipe.</summary>
internal static class Bootstrap
{
    /// <summary>
    /// The same packages make the same archive, byte for byte, whenever that is: what is made in it is of 2026-01-01. So a base goes on, with all layers over it,
    /// when the distribution has moved and none of its packages has.
    /// </summary>
    private const string Epoch = "1767225600";

    /// <summary>
    /// Where to make one, in the builder's own directory. No other process has the same: mmdebstrap makes its own namespaces, and so may outlive a builder that is killed
    /// outside of systemd.
    /// </summary>
    public static string NewArchive(RootSettings settings) =>
        $"{settings.WorkDirectory}/base-{Path.GetRandomFileName()}.tar";

    /// <summary>
    /// Beside what is essential for building: a source says with <c>Rules-Requires-Root: no</c> that it needs no root, or what pretends to be one; until dpkg 1.22.13 one that says nothing
    /// needs it (Debian Policy 5.6.31).
    /// </summary>
    public static readonly IReadOnlyList<string> Additions = ["fakeroot"];

    /// <param name="settings">The platform and its recipe.</param>
    /// <param name="forTool">Whether it is for another tool: then package lists stay in it, so that the tool asks the mirror only what has changed, and so does what mmdebstrap takes from the machine.</param>
    /// <param name="tar">The archive to make.</param>
    /// <param name="log">Takes what the tool prints.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="FarmFaultException">It could not be made; the message holds the tool's last lines.</exception>
    public static async Task MakeAsync(
        RootSettings settings,
        bool forTool,
        string tar,
        BuildLog log,
        CancellationToken cancel
    )
    {
        if (settings.Recipe.Keyrings.FirstOrDefault(keyring => !File.Exists(keyring)) is { } missing)
            throw new MachineLacksException(
                $"there is no {missing}, whose keys the Release files of {settings.Platform} are signed with: install the package that has it "
                    + "(debian-archive-keyring, ubuntu-keyring), or name another one with 'keyrings:' in the recipe"
            );
        // What is unpacked there belongs to the same users as what packages' scripts run as: it is hidden from them, as layers are.
        var place = settings.Layers.NewPlace();
        try
        {
            var result = await Tool.RunAsync(Command(settings, forTool, place, tar), log, cancel: cancel);
            if (!result.Succeeded)
                throw new FarmFaultException(
                    $"mmdebstrap could not make the base of {settings.Platform}: {ErrorLines.Of(result, log.LastLines())}"
                );
        }
        finally
        {
            await ForeignFiles.RemoveAsync(place, CancellationToken.None);
        }
    }

    private static Command Command(RootSettings settings, bool forTool, string place, string tar)
    {
        var recipe = settings.Recipe;
        string[] packages = [.. recipe.Packages.Union(Additions)];
        return new(
            "mmdebstrap",
            [
                "--mode=unshare",
                "--variant=buildd",
                // Whether the machine runs the architecture was looked at, without the tool that it would ask.
                $"--skip=check/qemu{(forTool ? ",cleanup/apt/lists" : "")}",
                // mmdebstrap takes these two from the machine.
                .. forTool ? (string[])[] : ["--customize-hook=rm -f \"$1/etc/resolv.conf\" \"$1/etc/hostname\""],
                "--aptopt=Acquire::Languages \"none\"",
                $"--arch={settings.Platform.Architecture}",
                $"--components={string.Join(',', recipe.Components)}",
                $"--include={string.Join(',', packages)}",
                .. recipe.Keyrings.Count == 0 ? (string[])[] : Trust(settings),
                "--",
                recipe.Suite,
                tar,
                recipe.Keyrings.Count == 0 ? recipe.Mirror : Line(recipe),
                .. recipe.Repositories.Values.Select(repository => $"deb {repository}"),
            ]
        )
        {
            Environment = new Dictionary<string, string>(settings.ProxyVariables)
            {
                ["HOME"] = settings.WorkDirectory,
                ["TMPDIR"] = place,
                ["SOURCE_DATE_EPOCH"] = Epoch,
            },
        };
    }

    // Where a recipe names keyrings, those count and no others. mmdebstrap takes one file and one directory of keys, and what it is not
    // given is the machine's own; and for a mirror that it only has the URL of it looks for a keyring that fits.
    private static IEnumerable<string> Trust(RootSettings settings)
    {
        var keyrings = settings.Recipe.Keyrings;
        var directory = Directory.CreateDirectory($"{settings.WorkDirectory}/keyrings").FullName;
        for (var i = 0; i < keyrings.Count; i++)
        {
            var ending = keyrings[i].EndsWith(".asc", StringComparison.Ordinal) ? "asc" : "gpg";
            File.Copy(keyrings[i], $"{directory}/{i}.{ending}", overwrite: true);
        }
        return ["--keyring=/dev/null", $"--keyring={directory}"];
    }

    private static string Line(PlatformRecipe recipe) =>
        $"deb {recipe.Mirror} {recipe.Suite} {string.Join(' ', recipe.Components)}";
}
