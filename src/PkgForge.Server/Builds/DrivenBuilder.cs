using PkgForge.Registry;
using PkgForge.Server.Builds.Failures;
using PkgForge.Server.Builds.Logs;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;
using PkgForge.Sources;

namespace PkgForge.Server.Builds;

/// <summary>
/// What the builders share that leave the making of the root to another tool. The tool runs in a session of the farm like any host's tool: as the root of a
/// user namespace who is nobody on the host, within the session's limits, with a throw-away top for all that it writes. So it needs no rights on the host, whatever
/// becomes of it nothing is left, and what it is told is generated and goes with the session.
/// </summary>
/// <param name="settings">What it builds, how, and where.</param>
public abstract class DrivenBuilder(RootSettings settings) : SessionBuilder(settings)
{
    /// <summary>The directory of a session in which everything of the tool lies.</summary>
    private protected const string Home = "/pkgforge";

    /// <summary>
    /// Lets the tool build the source, which lies in the session's build directory. Null when it has succeeded: its products are looked for then.
    /// </summary>
    /// <param name="root">The session.</param>
    /// <param name="layer">The name of the base layer under it; null when there is none.</param>
    /// <param name="request">The source, and where its dependencies may come from.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="FarmFaultException">The tool failed for a reason that is not the package's.</exception>
    private protected abstract Task<BuildOutcome?> DriveAsync(
        RootSession root,
        string? layer,
        BuildRequest request,
        CancellationToken cancel
    );

    /// <inheritdoc/>
    public override async Task<BuildOutcome> BuildAsync(BuildRequest request, CancellationToken cancel)
    {
        if (DrivenWords.Strange(request.Source) is { } strange)
            return Refuse(strange, request.Log);
        var (layer, hold) = HasBase ? await HoldBaseAsync(request.Log, cancel) : (null, null);
        using var held = hold;
        // Which packages there are in it the tool knows.
        request.Notes.Layers = layer is null ? [] : [new(layer, Settings.Layers.SealOf(layer), [], [])];
        var name = Settings.Recipe.Driver.ToString().ToLowerInvariant();
        request.Log.Say($"driver: {name}; root: {layer ?? "made by it"}; {Describe()}");
        return await BuildInTopAsync(
            layer is null ? [] : [layer],
            request,
            async root =>
            {
                await PutSourceAsync(root, request.Source, cancel);
                return await DriveAsync(root, layer, request, cancel) ?? await CollectAsync(root, request, cancel);
            },
            cancel
        );
    }

    /// <summary>The package's failure that a row of a tool's table stands for.</summary>
    private protected static BuildOutcome Fail(ToolExit exit, LogLine? evidence, BuildLog log)
    {
        var outcome = Causes.Shown(BuildOutcome.Failed(exit.Cause, null, exit.Means), evidence);
        log.Say($"failed: {exit.Cause.Name()}: {outcome.Evidence ?? exit.Means}");
        return outcome;
    }

    private BuildOutcome Refuse(string word, BuildLog log)
    {
        var message =
            $"'{word}' of the source is not handed to {Settings.Recipe.Driver.ToString().ToLowerInvariant()}: expected {DrivenWords.Rule}";
        log.Say($"failed: {Cause.Packaging.Name()}: {message}");
        return BuildOutcome.Failed(Cause.Packaging, null, message);
    }

    /// <summary>Runs the tool on the session.</summary>
    private protected Task<ToolResult> RunAsync(
        RootSession root,
        Command command,
        bool isolated,
        BuildLog log,
        ToolLimits? limits,
        CancellationToken cancel
    )
    {
        log.Say(command.ToString());
        string[] narrow = MachineArchitecture.IsNarrow(Settings.Platform.Architecture) ? ["setarch", "linux32"] : [];
        return root.DriveAsync(command.Under("prlimit", [.. Bounds, "--", .. narrow]), isolated, log, limits, cancel);
    }

    /// <summary>Puts generated files into the session's <see cref="Home"/>.</summary>
    private protected async Task PutFilesAsync(
        RootSession root,
        IReadOnlyDictionary<string, string> files,
        CancellationToken cancel
    )
    {
        var aside = $"{Settings.WorkDirectory}/driver";
        foreach (var (name, text) in files)
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName($"{aside}/{name}")!);
            await File.WriteAllTextAsync($"{aside}/{name}", text, cancel);
        }
        await root.RequireOnHostAsync(new("mkdir", "-p", "--", root.Path + Home), cancel);
        await root.RequireOnHostAsync(new("cp", "-R", "--", $"{aside}/.", root.Path + Home), cancel);
        Directory.Delete(aside, recursive: true);
    }

    /// <summary>The base layer, made or found, and held.</summary>
    private async Task<(string Layer, IDisposable Hold)> HoldBaseAsync(BuildLog log, CancellationToken cancel)
    {
        for (var tries = 1; tries <= MostTries; tries++)
        {
            var layer = await BaseAsync(log, cancel);
            if (await Settings.Layers.TryHoldAsync([layer], log, cancel) is { } hold)
                return (layer, hold);
        }
        throw WentAway();
    }
}
