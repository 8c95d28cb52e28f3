using System.Collections.Concurrent;
using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Handlers;

namespace PkgForge.Server.Builders;

/// <summary>
/// What a claimed task is to do, out of the accepted area and the configuration. The time from a task's registration to the first step of its build
/// hangs on this: nothing is copied, flushed, or asked of the registry, and the manifest is read once for a task.
/// </summary>
internal sealed class OrderReader(Farm farm, PlatformBuckets buckets)
{
    /// <summary>By the builder's name: it has one task at a time.</summary>
    private readonly ConcurrentDictionary<string, (Lease Lease, Job Job)> read = new(StringComparer.Ordinal);

    /// <exception cref="FarmFaultException">The manifest cannot be read, or the bucket is gone.</exception>
    public async ValueTask<TaskOrder> ReadAsync(ClaimedTask task, CancellationToken cancel)
    {
        var job = Job(task);
        var bucket =
            farm.Configuration.Buckets.GetValueOrDefault(job.Bucket)
            ?? throw new FarmFaultException($"bucket '{job.Bucket}' is no longer in the configuration of this machine");
        return new(
            job,
            farm.Spool.Accepted.PathOf(task.Job),
            await buckets.UsedAsync(bucket.Uses, task.Platform, cancel),
            bucket.Lintian,
            bucket.Rpmlint
        );
    }

    /// <summary>The task's job.</summary>
    /// <exception cref="FarmFaultException">Its manifest cannot be read.</exception>
    public Job Job(ClaimedTask task)
    {
        if (read.TryGetValue(task.Builder, out var last) && last.Lease == task.Lease)
            return last.Job;
        var job = Read(task.Job);
        read[task.Builder] = (task.Lease, job);
        return job;
    }

    /// <summary>The task's job; null when its manifest cannot be read.</summary>
    public Job? TryJob(ClaimedTask task)
    {
        try
        {
            return Job(task);
        }
        catch (FarmFaultException)
        {
            return null;
        }
    }

    /// <summary>The task has ended.</summary>
    public void Forget(ClaimedTask task)
    {
        if (read.TryGetValue(task.Builder, out var last) && last.Lease == task.Lease)
            read.TryRemove(new(task.Builder, last));
    }

    private Job Read(JobId id)
    {
        try
        {
            var result = farm.Spool.Accepted.Read(id);
            return result.Job
                ?? throw new FarmFaultException($"the accepted manifest of {id} cannot be read: {result.Error}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FarmFaultException($"the accepted manifest of {id} cannot be read: {e.Message}", e);
        }
    }
}
