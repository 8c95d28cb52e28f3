using PkgForge.Records;
using PkgForge.Server.Builds.Roots;

namespace PkgForge.Server.Builds;

/// <summary>What a root was made of, for the record of an attempt.</summary>
public abstract partial class RootBuilder
{
    /// <summary>Beside a layer: what is installed in a root of which it is the uppermost, one package a line.</summary>
    private const string PackagesNote = "packages";

    /// <summary>Beside a dependency layer: the exact set that it is named by.</summary>
    private const string SetNote = "set";

    /// <summary>Asks the root what is installed in it. Null when it cannot tell.</summary>
    /// <param name="root">The session.</param>
    /// <param name="set">The exact set of its dependency layer, as <see cref="InstallDependenciesAsync"/> has named it; empty when there is none.</param>
    /// <param name="cancel">Stops it.</param>
    protected abstract Task<IReadOnlyList<RecordedPackage>?> ListPackagesAsync(
        RootSession root,
        string set,
        CancellationToken cancel
    );

    /// <summary>
    /// The layers of a root, with what each adds. It is worked out once for each layer. A root that does not say what is installed in it builds all the
    /// same: its record then has no packages.
    /// </summary>
    private async Task<IReadOnlyList<RecordedLayer>> DescribeAsync(
        IReadOnlyList<string> layers,
        CancellationToken cancel
    )
    {
        var described = new List<RecordedLayer>();
        IReadOnlyList<RecordedPackage> below = [];
        for (var stack = layers.Count - 1; stack >= 0; stack--)
        {
            var packages = await PackagesAsync([.. layers.Skip(stack)], cancel);
            described.Insert(0, Describe(layers[stack], below, packages));
            below = packages;
        }
        return described;
    }

    private RecordedLayer Describe(
        string name,
        IReadOnlyList<RecordedPackage> below,
        IReadOnlyList<RecordedPackage> packages
    )
    {
        var (before, now) = (below.Select(p => p.Key).ToHashSet(), packages.Select(p => p.Key).ToHashSet());
        return new(
            name,
            Settings.Layers.SealOf(name),
            [.. packages.Where(package => !before.Contains(package.Key))],
            packages.Count == 0 ? [] : [.. below.Where(package => !now.Contains(package.Key))]
        );
    }

    /// <summary>What is installed in a root of these layers; empty if it does not say.</summary>
    private async Task<IReadOnlyList<RecordedPackage>> PackagesAsync(string[] layers, CancellationToken cancel)
    {
        if (Settings.Layers.ReadNote(layers[0], PackagesNote) is { } noted)
            return [.. noted.Split('\n').Select(RecordedPackage.Parse).OfType<RecordedPackage>()];
        await using var root = await OpenAsync(layers, cancel);
        var packages = await ListPackagesAsync(root, Settings.Layers.ReadNote(layers[0], SetNote) ?? "", cancel);
        if (packages is null)
            return [];
        Settings.Layers.WriteNote(layers[0], PackagesNote, string.Join('\n', packages));
        return packages;
    }

    private static RecordedStep Describe(BuildStep step) =>
        new(step.Name, step.Step.Command, step.Step.Directory, step.Step.User, [.. step.Step.Assignments()]);
}
