using PkgForge.Server.Handlers;

namespace PkgForge.Server.Reporting;

/// <summary>Sends mail beside other work: a mail server that takes its time holds up no build and no job.</summary>
internal sealed class OutboxDelivery(Farm farm) : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Lock gate = new();
    private Task delivery = Task.CompletedTask;
    private bool running;
    private bool again;

    /// <summary>Begins to send what is due; if it is at it, it looks once more when it has done.</summary>
    public void Start()
    {
        lock (gate)
        {
            again = true;
            if (running || stop.IsCancellationRequested || farm.Configuration.Mail is null)
                return;
            running = true;
            delivery = Task.Run(DeliverAsync);
        }
    }

    /// <summary>Lets what is being sent come to its end, but waits no longer than a mail may take.</summary>
    public async ValueTask DisposeAsync()
    {
        stop.CancelAfter(farm.Configuration.Mail?.Timeout ?? TimeSpan.Zero);
        await delivery.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private async Task DeliverAsync()
    {
        while (IsWanted())
            await Outbox.DeliverAsync(farm, stop.Token);
    }

    private bool IsWanted()
    {
        lock (gate)
        {
            running = again;
            again = false;
            return running;
        }
    }
}
