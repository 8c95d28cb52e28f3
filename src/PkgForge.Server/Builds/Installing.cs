namespace PkgForge.Server.Builds;

/// <summary>
/// What a builder asks when it has worked out what to install, and before it installs anything: whether it is to, now that the set is known. Whoever is about to install a set has a turn, so that builders
/// that come to the same one install it once; the turn is held until this is disposed, when the layer is there.
/// </summary>
/// <param name="isDue">Told a set: whether it is to be installed.</param>
/// <param name="lockAsync">Takes the turn for a set, or for what leads to one, after whoever has it; null where there is nobody else.</param>
public sealed class Installing(Func<string, bool> isDue, Func<string, Task<IDisposable>>? lockAsync = null)
    : IDisposable
{
    private readonly List<IDisposable> turns = [];

    /// <summary>False when it was said that nothing is to be installed. Where a set is known only when it is installed, nobody was asked.</summary>
    public bool IsDone { get; private set; } = true;

    /// <summary>Takes the turn for a set, and tells whether it is to be installed.</summary>
    public async Task<bool> IsDueAsync(string set)
    {
        await TakeTurnAsync(set);
        return IsDone = isDue(set);
    }

    /// <summary>Takes the turn for what leads to a set that is not known yet.</summary>
    public async Task TakeTurnAsync(string subject)
    {
        if (lockAsync is not null)
            turns.Add(await lockAsync(subject));
    }

    /// <summary>Gives the turns back.</summary>
    public void Dispose()
    {
        foreach (var turn in turns)
            turn.Dispose();
    }
}
