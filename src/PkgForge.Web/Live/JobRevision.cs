using System.Security.Cryptography;
using System.Text.Json;
using PkgForge.Registry.Views;

namespace PkgForge.Web.Live;

/// <summary>
/// What the state of a job is known by: the same whenever the job is as it was, also after a restart of the server. When a task that waits should begin is a guess that changes
/// with every look, and no part of it.
/// </summary>
internal static class JobRevision
{
    private const int Digits = 16;

    public static string Of(JobJson job)
    {
        var lasting = job with { Tasks = job.Tasks is null ? null : [.. job.Tasks.Select(Lasting)] };
        var text = JsonSerializer.SerializeToUtf8Bytes(lasting, EventJson.Default.JobJson);
        return Convert.ToHexStringLower(SHA256.HashData(text))[..Digits];
    }

    private static TaskJson Lasting(TaskJson task) =>
        task.Waiting is null
            ? task
            : task with
            {
                Waiting = task.Waiting with { Start = null, Now = null, EstimateSeconds = null },
            };
}
