using System.Globalization;
using System.Text;
using PkgForge.Registry;
using PkgForge.Server.Builds.Failures;
using PkgForge.Server.Builds.Logs;
using PkgForge.Server.Processes;
using PkgForge.Sources;

namespace PkgForge.Server.Builds.Dummy;

/// <summary>
/// Does what the source says (<see cref="DummySource"/>): it serves the tests of the farm and trials of its load. It keeps
/// the contract of a builder, its limits too, but nothing runs that would need a root.
/// </summary>
/// <param name="limits">Time, silence and log; the rest has nothing to limit.</param>
/// <param name="time">The clock.</param>
public sealed class DummyBuilder(BuildLimits limits, TimeProvider time) : IPackageBuilder
{
    /// <inheritdoc/>
    public PackageFormat Format => PackageFormat.Dummy;

    /// <inheritdoc/>
    public Task PrepareAsync(BuildLog log, CancellationToken cancel) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task<IReadOnlyList<SourceRelations>?> RelateAsync(
        IReadOnlyList<SourcePackage> sources,
        BuildLog log,
        CancellationToken cancel
    ) => Task.FromResult<IReadOnlyList<SourceRelations>?>([.. sources.Cast<DummySource>().Select(s => s.Relations)]);

    /// <inheritdoc/>
    public async Task<BuildOutcome> BuildAsync(BuildRequest request, CancellationToken cancel)
    {
        var products = new List<string>();
        var started = time.GetTimestamp();
        foreach (var step in ((DummySource)request.Source).Steps)
        {
            if (await DoAsync(step, request, products, time.GetElapsedTime(started), cancel) is { } failure)
            {
                request.Log.Say($"failed: {failure.Cause!.Value.Name()}: {failure.Message}");
                return failure;
            }
        }
        return BuildOutcome.Built(products);
    }

    private async Task<BuildOutcome?> DoAsync(
        DummyStep step,
        BuildRequest request,
        List<string> products,
        TimeSpan elapsed,
        CancellationToken cancel
    )
    {
        switch (step)
        {
            case DummyStep.Print print:
                return Print(request.Log, print.Text) ? null : LogLimit();
            case DummyStep.Clock:
                return Print(request.Log, Microseconds()) ? null : LogLimit();
            case DummyStep.Sleep sleep:
                return await SleepAsync(sleep.Time, elapsed, cancel);
            case DummyStep.Hang:
                return await SleepAsync(TimeSpan.MaxValue, elapsed, cancel);
            case DummyStep.PrintForever:
                while (Print(request.Log, "and so on"))
                    cancel.ThrowIfCancellationRequested();
                return LogLimit();
            case DummyStep.Product product:
                return await MakeAsync(product, request.Products, products, cancel);
            case DummyStep.Makes or DummyStep.Needs:
                return null;
            case DummyStep.Fail fail:
                return Failed(fail, request.Log);
            case DummyStep.Fault fault:
                throw new FarmFaultException(fault.Message);
            default:
                throw new InvalidOperationException($"no such step: {step}");
        }
    }

    /// <summary>The evidence is in the log where the script has printed it before.</summary>
    private static BuildOutcome Failed(DummyStep.Fail fail, BuildLog log) =>
        BuildOutcome.Failed(CauseNames.Parse(fail.Cause), fail.Message, fail.Message) with
        {
            Place = log.Tail().LastOrDefault(line => line.Text == fail.Message)?.Place,
        };

    private async Task<BuildOutcome?> SleepAsync(TimeSpan wanted, TimeSpan elapsed, CancellationToken cancel)
    {
        var left = limits.Time - elapsed;
        var shortest = new[] { wanted, left, limits.Silence }.Min();
        if (shortest > TimeSpan.Zero)
            await Task.Delay(shortest, time, cancel);
        return shortest == wanted ? null
            : shortest == limits.Silence ? Causes.ForLimit(ToolEnd.Silent, limits)
            : Causes.ForLimit(ToolEnd.TimedOut, limits);
    }

    private static async Task<BuildOutcome?> MakeAsync(
        DummyStep.Product product,
        string directory,
        List<string> products,
        CancellationToken cancel
    )
    {
        var path = Path.Combine(directory, product.Name);
        if (File.Exists(path))
            return BuildOutcome.Failed(Cause.Packaging, null, $"the product {product.Name} was made twice in this job");
        await File.WriteAllTextAsync(path, $"{product.Text}\n", cancel);
        products.Add(product.Name);
        return null;
    }

    private string Microseconds() =>
        ((time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond).ToString(
            CultureInfo.InvariantCulture
        );

    private BuildOutcome? LogLimit() => Causes.ForLimit(ToolEnd.TooMuchOutput, limits);

    private static bool Print(BuildLog log, string text) => log.Write(Encoding.UTF8.GetBytes($"{text}\n"));
}
