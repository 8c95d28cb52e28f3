using System.Text.Json.Serialization.Metadata;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Registry.Builders.Wire;

namespace PkgForge.Server.Remote;

/// <summary>The farm of a server, asked over HTTP with a builder's token. Nothing of it is on this machine.</summary>
/// <param name="site">This machine and its server.</param>
public sealed class RemoteFarm(RemoteSite site) : IBuilderFarm
{
    /// <summary>The longest that one request is held. Also how long a dead connection may go unnoticed by the server.</summary>
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(60);

    /// <summary>What a held request may take longer than it is held. The beat that comes next hangs on it.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly ServerConnection server = new(site.Server, site.Token, site.Time);
    private ClaimedTask? brought;

    /// <inheritdoc/>
    public async Task<BuilderPost> AttachAsync(string builder, string host, CancellationToken cancel)
    {
        var answer = await server.AskAsync(
            "attach",
            (new AttachRequest(host), WireJson.Default.AttachRequest),
            WireJson.Default.AttachAnswer,
            cancel
        );
        if (answer.Builder != builder)
            throw new BuilderRefusedException(
                $"the token for {site.Server} is builder {answer.Builder}'s, not {builder}'s: start this one with --name {answer.Builder}, "
                    + $"or enrol it as {builder}"
            );
        brought = null;
        return new(
            new(answer.Builder, Platform(answer.Platform), answer.Session),
            TimeSpan.FromMilliseconds(answer.Heartbeat),
            answer.Settings
        );
    }

    /// <inheritdoc/>
    public async Task DetachAsync(BuilderSession session, CancellationToken cancel)
    {
        try
        {
            await server.TellAsync("detach", Session(session), cancel);
        }
        catch (BuilderRefusedException)
        {
            // The hold has ended with the token.
        }
    }

    /// <inheritdoc/>
    public async Task<ClaimedTask?> ClaimAsync(BuilderSession session, CancellationToken cancel)
    {
        if (Interlocked.Exchange(ref brought, null) is { } task && task.Builder == session.Builder)
            return task;
        return await ClaimAsync(session, TimeSpan.Zero, cancel);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The server holds the request, and answers with a task that it has claimed: one way instead of three. If that answer is lost, this
    /// throws, and the caller claims again, which brings the same task.
    /// </remarks>
    public async Task<bool> WaitAsync(BuilderSession session, TimeSpan atMost, CancellationToken cancel)
    {
        var started = site.Time.GetTimestamp();
        for (var left = atMost; left > TimeSpan.Zero; left = atMost - site.Time.GetElapsedTime(started))
        {
            brought = await ClaimAsync(session, left < LongestHold ? left : LongestHold, cancel);
            if (brought is not null)
                return true;
        }
        return false;
    }

    /// <inheritdoc/>
    public async Task<LeaseAnswer> HeartbeatAsync(ClaimedTask task, CancellationToken cancel)
    {
        try
        {
            var answer = await server.TryAsync(
                () => new(HttpMethod.Post, $"{PathOf(task)}/heartbeat"),
                ServerConnection.AtOnce,
                WireJson.Default.HeartbeatAnswer,
                cancel
            );
            return answer is { Cancel: true } ? LeaseAnswer.Cancel : LeaseAnswer.Continue;
        }
        catch (Exception e) when (e is LeaseLostException or BuilderRefusedException)
        {
            // Without a token the work is lost just so. The next claim says why.
            return LeaseAnswer.Lost;
        }
        catch (FarmFaultException e)
        {
            throw new FarmUnavailableException(e.Message, e);
        }
    }

    /// <inheritdoc/>
    public async Task WaitForRequestAsync(ClaimedTask task, TimeSpan atMost, CancellationToken cancel)
    {
        var wait = atMost < LongestHold ? atMost : LongestHold;
        try
        {
            await server.SendOnceAsync(
                () => new(HttpMethod.Get, $"{PathOf(task)}/requests?wait={wait.TotalSeconds:0.###}"),
                wait + Grace,
                (_, _) => Task.FromResult(true),
                cancel
            );
        }
        catch (Exception e) when (e is LeaseLostException or BuilderRefusedException)
        {
            // The heartbeat will say so.
        }
        catch (FarmFaultException e)
        {
            throw new FarmUnavailableException(e.Message, e);
        }
    }

    /// <inheritdoc/>
    public Task<TaskOrder> FetchAsync(ClaimedTask task, string directory, CancellationToken cancel) =>
        new OrderDownload(site, server).FetchAsync(task, PathOf(task), directory, cancel);

    /// <inheritdoc/>
    public Task<IAttemptStore> OpenStoreAsync(ClaimedTask task, string directory, CancellationToken cancel) =>
        Task.FromResult<IAttemptStore>(new RemoteAttemptStore(site, server, PathOf(task), directory));

    /// <inheritdoc/>
    public async Task<EndOutcome> FinishAsync(ClaimedTask task, TaskEnd end, CancellationToken cancel)
    {
        try
        {
            var answer = await server.AskAsync(
                $"{PathOf(task)}/finish",
                (EndOf(end), WireJson.Default.EndRequest),
                WireJson.Default.EndAnswer,
                cancel,
                ServerConnection.Long
            );
            return new(answer.State, answer.Message);
        }
        catch (LeaseLostException)
        {
            return new(null, null);
        }
        catch (NotAsAnnouncedException e)
        {
            throw new FarmFaultException($"{site.Server} has not got what was handed over: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public async Task<RequeueOutcome> PutBackAsync(
        ClaimedTask task,
        AttemptOutcome outcome,
        string reason,
        CancellationToken cancel
    )
    {
        try
        {
            var answer = await server.AskAsync(
                $"{PathOf(task)}/put-back",
                (new PutBackRequest(outcome, reason), WireJson.Default.PutBackRequest),
                WireJson.Default.PutBackAnswer,
                cancel
            );
            return answer.Outcome;
        }
        catch (LeaseLostException)
        {
            return RequeueOutcome.Refused;
        }
    }

    /// <inheritdoc/>
    public async Task<bool> RefuseAsync(ClaimedTask task, string reason, CancellationToken cancel)
    {
        try
        {
            var request = (new RefuseRequest(reason), WireJson.Default.RefuseRequest);
            await server.TellAsync($"{PathOf(task)}/refuse", request, cancel);
            return true;
        }
        catch (LeaseLostException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        server.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<ClaimedTask?> ClaimAsync(BuilderSession session, TimeSpan wait, CancellationToken cancel)
    {
        var answer = await server.HoldAsync(
            wait > TimeSpan.Zero ? $"claim?wait={wait.TotalSeconds:0.###}" : "claim",
            Session(session),
            WireJson.Default.TaskAnswer,
            wait,
            cancel
        );
        if (answer is null)
            return null;
        return JobId.TryParse(answer.Job, out var job) && answer.Lease > 0
            ? new(new(answer.Task, answer.Lease, session.Builder, session.Number), job, Platform(answer.Platform))
            : throw new FarmFaultException($"{site.Server} gives a task that cannot be");
    }

    private PlatformKey Platform(string text) =>
        PlatformKey.TryParse(text, out var key)
            ? key
            : throw new FarmFaultException($"{site.Server} names a platform that cannot be");

    private static (SessionRequest, JsonTypeInfo<SessionRequest>) Session(BuilderSession session) =>
        (new(session.Number), WireJson.Default.SessionRequest);

    private static string PathOf(ClaimedTask task) =>
        $"tasks/{task.Lease.TaskId}/{task.Lease.Number}/{task.Lease.Session}";

    private static EndRequest EndOf(TaskEnd end) =>
        new(
            end.State,
            [.. end.Sources.Select(s => new SourceLine(s.File, s.Time.TotalMilliseconds, s.Cause?.Name()))],
            [.. end.Products.Select(p => new FileLine(p.FileName, p.Size, p.Sha256))],
            end.Cause?.Name(),
            end.Evidence,
            end.Message,
            end.Place?.Offset,
            end.Place?.Line
        );
}
