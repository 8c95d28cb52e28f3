using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace PkgForge.Cli;

/// <summary>
/// SIGTERM and SIGINT ask for a clean stop: what runs is ended in good order, then the process ends by itself. It hears them to its very end: there is
/// nothing to dispose.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Lives as long as the process")]
internal sealed class StopSignals
{
    private readonly CancellationTokenSource stop = new();
    private readonly PosixSignalRegistration[] registrations;

    public StopSignals() =>
        registrations = [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop),
        ];

    public CancellationToken Token => stop.Token;

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        stop.Cancel();
    }
}
