using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using PkgForge.Registry;
using PkgForge.Registry.Builders.Wire;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Builders;

/// <summary>A builder's hold on its name, and its claims: <c>attach</c>, <c>detach</c>, <c>claim</c>.</summary>
internal sealed class SessionEndpoints(ServedFarm farm, HeldTasks tasks, ILogger log)
{
    // Of one builder at most one claim is held. A later one ends an earlier one, whose connection may be dead without
    // anybody having noticed: what it would claim would be lost.
    private readonly ConcurrentDictionary<string, Turnstile> claims = new(StringComparer.Ordinal);

    public void Map(BuilderRoutes routes)
    {
        routes.Map("POST", "/attach", AttachAsync);
        routes.Map("POST", "/detach", DetachAsync);
        routes.Map("POST", "/claim", ClaimAsync);
    }

    private async Task<IResult> AttachAsync(BuilderCall call)
    {
        var (request, problem) = await RequestBody.ReadAsync(call.Http, WireJson.Default.AttachRequest);
        if (request is null)
            return problem!;
        if (HostName.Fault(request.Host) is { } fault)
            return Answers.BadRequest(fault);
        var post = await farm.Farm.AttachAsync(call.Builder, request.Host, call.Cancel);
        await tasks.DropOfAsync(call.Builder);
        log.Attached(call.Builder, request.Host);
        return Answers.Json(
            new AttachAnswer(
                post.Session.Builder,
                post.Session.Platform.ToString(),
                post.Session.Number,
                (long)post.Heartbeat.TotalMilliseconds,
                farm.Files.SettingsOf(post.Session.Platform)
            ),
            WireJson.Default.AttachAnswer
        );
    }

    private async Task<IResult> DetachAsync(BuilderCall call)
    {
        var (session, problem) = await SessionAsync(call);
        if (session is null)
            return problem!;
        await farm.Farm.DetachAsync(session, call.Cancel);
        return Answers.NoContent;
    }

    /// <summary>
    /// Without a wait, claims now. With one, waits first, and looks into the registry only when it was woken: a builder that waits
    /// costs nothing.
    /// </summary>
    private async Task<IResult> ClaimAsync(BuilderCall call)
    {
        if (call.Wait() is not { } wait)
            return Answers.BadRequest("'wait' is not a number of seconds");
        var (session, problem) = await SessionAsync(call);
        if (session is null)
            return problem!;
        return await claims
            .GetOrAdd(call.Builder, _ => new())
            .TakeOverAsync(cancel => ClaimAsync(session, wait, cancel), call.Cancel);
    }

    private async Task<IResult> ClaimAsync(BuilderSession session, TimeSpan wait, CancellationToken cancel)
    {
        if (wait > TimeSpan.Zero && !await farm.Farm.WaitAsync(session, wait, cancel))
            return Answers.NoContent;
        if (await farm.Farm.ClaimAsync(session, cancel) is not { } claimed)
            return Answers.NoContent;
        await tasks.NoteAsync(claimed);
        return Answers.Json(
            new TaskAnswer(
                claimed.Lease.TaskId,
                claimed.Lease.Number,
                claimed.Job.ToString(),
                claimed.Platform.ToString()
            ),
            WireJson.Default.TaskAnswer
        );
    }

    /// <summary>The number is the caller's; name and platform are the token's.</summary>
    private static async Task<(BuilderSession? Session, IResult? Problem)> SessionAsync(BuilderCall call)
    {
        var (request, problem) = await RequestBody.ReadAsync(call.Http, WireJson.Default.SessionRequest);
        return request is null ? (null, problem) : (new(call.Builder, call.Holder.Platform, request.Session), null);
    }
}
