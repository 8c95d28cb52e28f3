namespace PkgForge.Server.Handlers;

/// <summary>
/// One stage of a job's life. A pass is one method: it does what there is to do now, can be repeated at any time, and
/// leaves nothing half done that the next pass would not put right. A daemon is only a loop around it.
/// </summary>
public interface IHandler : IAsyncDisposable
{
    /// <summary>For messages: <c>incoming</c>, <c>buildd b1</c>.</summary>
    string Name { get; }

    /// <summary>Takes what the handler needs for more than one pass. Throws if it must not run.</summary>
    Task StartAsync(CancellationToken cancel);

    /// <summary>One pass.</summary>
    /// <returns>True when it did something: look again at once.</returns>
    Task<bool> RunPassAsync(CancellationToken cancel);

    /// <summary>Waits until there may be work again.</summary>
    Task WaitAsync(CancellationToken cancel);
}
