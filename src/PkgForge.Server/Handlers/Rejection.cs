using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Server.Reporting;
using PkgForge.Spool;

namespace PkgForge.Server.Handlers;

/// <summary>Registers that a job was rejected, with the reason, and has its submitter told.</summary>
internal sealed class Rejection(Farm farm)
{
    /// <summary>
    /// Registers it; the directory is the caller's to remove. If the process dies in between, the next pass comes to the same id
    /// and finds it registered. A directory whose name is no id, or another job's, gets an id made of its content.
    /// </summary>
    public async Task RegisterAsync(IncomingJob entry, LoadResult load, string reason, CancellationToken cancel)
    {
        var content = load.ManifestSha256 ?? Digest.OfText($"{entry.Name} {entry.Changed.UtcTicks}");
        var submitter = load.Owner ?? $"uid {entry.Owner}";
        var free =
            JobId.TryParse(entry.Name, out var id)
            && await farm.Registry.FindManifestAsync(id, cancel) is var known
            && (known is null || known == content);
        if (!free)
            id = JobId.Parse($"rejected-{Digest.OfText($"{entry.Name} {content}")[..16]}");
        var addresses = load.Claimed?.Report ?? [];
        var rejected = new RejectedJob(id, submitter, entry.Changed, content, reason, null);
        var message = farm.Configuration.Mail is null ? null : RejectionReport.Render(rejected, entry.Name, addresses);
        await farm.Registry.RegisterRejectedAsync(rejected with { Mail = message }, cancel);
        FaultPoint.Reach(FaultPoints.IncomingRejected);
        farm.Log.Rejected(entry.Name, submitter, reason);
    }
}
