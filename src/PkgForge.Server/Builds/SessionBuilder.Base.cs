using PkgForge.Server.Builds.Logs;
using PkgForge.Server.Builds.Roots;

namespace PkgForge.Server.Builds;

/// <summary>The base layer of a platform, refreshed when its distribution moves.</summary>
public abstract partial class SessionBuilder
{
    /// <summary>So often layers are made that are removed, or found broken, before they are held.</summary>
    private protected const int MostTries = 3;

    private protected FarmFaultException WentAway() =>
        new(
            $"the layers of a root went away {MostTries} times before they could be used: is there room for them in {settings.WorkDirectory}?"
        );

    private protected async Task<string> BaseAsync(BuildLog log, CancellationToken cancel)
    {
        var subject = BaseSubject;
        if (settings.Layers.Notes.Find(subject) is { } known)
            return IsYoung(known) ? known.Layer : await RefreshBaseAsync(subject, known, log, cancel);
        using var turn = await settings.Layers.Notes.LockAsync(subject, cancel);
        if (settings.Layers.Notes.Find(subject) is { } made)
            return made.Layer;
        log.Say($"making the base layer of {settings.Platform}");
        return await MakeBaseAsync(subject, (await DistributionState.ReadAsync(settings, cancel)).State, log, cancel);
    }

    /// <summary>
    /// The base is to be looked after. One builder does, and makes a new one if the distribution has moved; the others go on with the old one meanwhile, as do
    /// builds that have begun.
    /// </summary>
    private async Task<string> RefreshBaseAsync(string subject, LayerNote known, BuildLog log, CancellationToken cancel)
    {
        using var turn = settings.Layers.Notes.TryLock(subject);
        if (turn is null || settings.Layers.Notes.Find(subject) is not { } now || IsYoung(now))
            return settings.Layers.Notes.Find(subject)?.Layer ?? known.Layer;
        var (state, trouble) = await DistributionState.ReadAsync(settings, cancel);
        if (trouble is not null)
            log.Say(
                $"base: whether the distribution has moved cannot be seen now ({trouble}); the root stays as it is"
            );
        if (state is null || state == known.State)
        {
            settings.Layers.Notes.Write(subject, known.Layer, known.State);
            return known.Layer;
        }
        log.Say($"making the base layer of {settings.Platform} anew: the distribution has moved");
        try
        {
            return await MakeBaseAsync(subject, state, log, cancel);
        }
        catch (FarmFaultException e)
        {
            // A mirror in the middle of its own change, for one: the root that is there still builds.
            log.Say($"base: it could not be made anew ({e.Message}); the root stays as it is");
            settings.Layers.Notes.Write(subject, known.Layer, known.State);
            return known.Layer;
        }
    }

    private protected string BaseSubject => $"base of {settings.Platform} {RecipeText(settings.Recipe)}";

    private protected bool IsYoung(LayerNote note) =>
        note.At > TimeProvider.System.GetUtcNow().UtcDateTime - settings.Recipe.Refresh;

    /// <summary>Under the lock of the subject.</summary>
    private async Task<string> MakeBaseAsync(string subject, string? state, BuildLog log, CancellationToken cancel)
    {
        MachineArchitecture.Require(settings.Platform);
        var name = settings.Recipe.Tarball is { Length: > 0 } tarball
            ? await ReadTarballAsync(tarball, log, cancel)
            : await MakeBaseAsync(log, cancel);
        settings.Layers.Notes.Write(subject, name, state ?? "");
        await settings.Layers.EvictAsync(settings.LayerBudget, cancel);
        return name;
    }

    private async Task<string> ReadTarballAsync(string tarball, BuildLog log, CancellationToken cancel)
    {
        if (!File.Exists(tarball))
            throw new MachineLacksException(
                $"there is no {tarball}, of which the recipe of {settings.Platform} makes its root"
            );
        log.Say($"base: unpacking {tarball}");
        return await TakeTarballAsync(tarball, cancel);
    }

    private string RecipeText(PlatformRecipe recipe) =>
        string.Join(
            ' ',
            [
                recipe.Format.ToString(),
                .. recipe.Driver == BuildDriver.Roots ? [] : new[] { recipe.Driver.ToString() },
                recipe.Suite,
                recipe.Mirror,
                recipe.Tarball,
                recipe.ReleaseVersion,
                recipe.CheckSignatures.ToString(),
                .. recipe.Keys,
                .. recipe.Components,
                "|",
                .. recipe.Packages,
                .. Additions,
                "|",
                .. recipe.Repositories.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => $"{r.Key}={r.Value}"),
            ]
        );
}
