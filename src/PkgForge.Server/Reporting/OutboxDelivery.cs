using PkgForge.Server.Handlers;

namespace PkgForge.Server.Reporting;

/// <summary>Sends mail beside a handler's passes: a mail server that takes its time holds up no build and no job.</summary>
internal sealed class OutboxDelivery(Farm farm) : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private Task delivery = Task.CompletedTask;

    /// <summary>Begins to send what is due, unless it is at it still.</summary>
    public void Start()
    {
        if (delivery.IsCompleted)
            delivery = Outbox.DeliverAsync(farm, stop.Token);
    }

    /// <summary>Lets what is being sent come to its end, but waits no longer than a mail may take.</summary>
    public async ValueTask DisposeAsync()
    {
        stop.CancelAfter(farm.Configuration.Mail?.Timeout ?? TimeSpan.Zero);
        await delivery.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }
}
