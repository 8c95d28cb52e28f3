using System.Globalization;
using PkgForge.Native;
using PkgForge.Registry;
using PkgForge.Server.Builds.Failures;
using PkgForge.Server.Builds.Logs;
using PkgForge.Server.Builds.Roots;
using PkgForge.Sources;

namespace PkgForge.Server.Builds;

/// <summary>Where the throw-away top of a build is: in memory, or on the disk for a source that is known to be big.</summary>
public abstract partial class SessionBuilder
{
    /// <summary>A build's top may take this part of the memory that there is: the rest is for its processes, and for others.</summary>
    private const int PartForTop = 2;

    /// <summary>A build that ran out of memory may do better with its top on the disk if that held more than this part of what it may take.</summary>
    private const int PartOfRoom = 4;

    /// <summary>Builds a source in a root with a top where there is room for it, and within the limits of the root.</summary>
    private protected async Task<BuildOutcome> BuildInTopAsync(
        IEnumerable<string> layers,
        BuildRequest request,
        Func<RootSession, Task<BuildOutcome>> build,
        CancellationToken cancel
    )
    {
        var (outcome, isWorthDisk) = await BuildOnceAsync(layers, request, build, cancel);
        if (!isWorthDisk)
            return outcome;
        request.Log.Say("root: what was written in it took memory that the build needed: once more, from the start");
        request.Notes.Steps.Clear();
        return (await BuildOnceAsync(layers, request, build, cancel)).Outcome;
    }

    /// <returns>What became of it, and whether it may be otherwise where its top takes no memory.</returns>
    private async Task<(BuildOutcome Outcome, bool IsWorthDisk)> BuildOnceAsync(
        IEnumerable<string> layers,
        BuildRequest request,
        Func<RootSession, Task<BuildOutcome>> build,
        CancellationToken cancel
    )
    {
        await using var root = await OpenForBuildAsync(layers, request.Source, request.Log, cancel);
        var outcome = await WithinLimitsAsync(root, request, build);
        await NoteTopAsync(root, request.Source);
        return (
            outcome,
            outcome.Cause == Cause.OutOfMemory
                && !root.IsOnDisk
                && root.Group is { } group
                && group.Written > Room() / PartOfRoom
                && ReasonForDisk(request.Source) is not null
        );
    }

    private async Task<BuildOutcome> WithinLimitsAsync(
        RootSession root,
        BuildRequest request,
        Func<RootSession, Task<BuildOutcome>> build
    )
    {
        try
        {
            return await build(root);
        }
        catch (FarmFaultException) when (Overrun.Stopped(root))
        {
            // A tool of the farm that works on the root's files counts as the build: a source may be too large.
            return Overrun.Verdict(root, Settings.Limits, request.Log)!;
        }
    }

    /// <summary>A root that is thrown away, with a top where there is room for what a build of the source writes.</summary>
    private protected async Task<RootSession> OpenForBuildAsync(
        IEnumerable<string> layers,
        SourcePackage source,
        BuildLog log,
        CancellationToken cancel
    )
    {
        if (ReasonForDisk(source) is not { } reason)
            return await OpenAsync(layers, cancel);
        var place = await settings.Layers.TopPlaceAsync(settings.WorkDirectory, cancel);
        var root = await OpenAsync(layers, place, cancel);
        log.Say(
            root.IsOnDisk
                ? $"root: its top is on the disk: {reason}"
                : $"root: its top is in memory, because the file system of {settings.WorkDirectory} takes none ({reason})"
        );
        return root;
    }

    /// <summary>Notes what the build of a source has written, so that its next one is put where there is room for it.</summary>
    private async Task NoteTopAsync(RootSession root, SourcePackage source)
    {
        if (source.Name is not { } name || await WrittenAsync(root) is not { } written)
            return;
        // Killed for its memory: what it would have come to is not known, but that is too much.
        if (root.Group is { KilledForMemory: > 0, Written: > 0 })
            written = Math.Max(written, Room());
        settings.Layers.Tops.Note(settings.Platform, name, written);
    }

    /// <summary>A hint for the next time: what has been built counts without it, too.</summary>
    private static async Task<long?> WrittenAsync(RootSession root)
    {
        try
        {
            return await root.WrittenAsync();
        }
        catch (FarmFaultException)
        {
            return null;
        }
    }

    private string? ReasonForDisk(SourcePackage source) =>
        settings.Limits.Top switch
        {
            TopPlace.Disk => "so the configuration says",
            TopPlace.Memory => null,
            _ when source.Name is { } name && settings.Layers.Tops.Of(settings.Platform, name) is { } last => last
            >= Room()
                ? $"the last build wrote {last >> 20} MiB in it, and {Room() >> 20} MiB of memory are to be had"
                : null,
            _ => settings.Limits.Root > MachineRoom()
                ? $"it may grow to {settings.Limits.Root >> 20} MiB, and {MachineRoom() >> 20} MiB of memory are to be had"
                : null,
        };

    /// <summary>What is written in memory counts for a limit of memory.</summary>
    private long Room() =>
        settings.Limits.Memory > 0 ? Math.Min(MachineRoom(), settings.Limits.Memory / PartForTop) : MachineRoom();

    /// <summary>Builds that may go on beside this one have their tops there, too.</summary>
    private long MachineRoom() => AvailableMemory() / PartForTop / Math.Max(1, settings.Limits.SideBySide);

    private static long AvailableMemory()
    {
        const string Word = "MemAvailable:";
        var line = File.ReadLines("/proc/meminfo").First(line => line.StartsWith(Word, StringComparison.Ordinal));
        return long.Parse(line[Word.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture)
            << 10;
    }
}
