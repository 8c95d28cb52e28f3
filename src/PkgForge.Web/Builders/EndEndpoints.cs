using Microsoft.AspNetCore.Http;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Registry.Builders.Wire;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Builders;

/// <summary>The lease and the end: <c>heartbeat</c>, <c>requests</c>, <c>finish</c>, <c>put-back</c>, <c>refuse</c>.</summary>
internal sealed class EndEndpoints(ServedFarm farm, HeldTasks tasks)
{
    /// <summary>A list of 20,000 products, and the words of as many sources.</summary>
    private const int MostOfEnd = 8 << 20;

    public void Map(BuilderRoutes routes)
    {
        routes.MapGiven("POST", "/heartbeat", HeartbeatAsync);
        routes.MapHeld("GET", "/requests", WaitAsync);
        routes.MapGiven("POST", "/finish", FinishAsync);
        routes.MapGiven("POST", "/put-back", PutBackAsync);
        routes.MapGiven("POST", "/refuse", RefuseAsync);
    }

    private async Task<IResult> HeartbeatAsync(BuilderCall call, HeldTask held)
    {
        if (held.Ended is not null)
            return Answers.LeaseLost;
        var asked = farm.Time.GetTimestamp();
        var answer = await farm.Farm.HeartbeatAsync(held.Task, call.Cancel);
        if (answer == LeaseAnswer.Lost)
            return await LostAsync(held);
        held.CheckedAt = asked;
        return Answers.Json(new HeartbeatAnswer(answer == LeaseAnswer.Cancel), WireJson.Default.HeartbeatAnswer);
    }

    private async Task<IResult> WaitAsync(BuilderCall call, HeldTask held)
    {
        if (call.Wait() is not { } wait)
            return Answers.BadRequest("'wait' is not a number of seconds");
        await farm.Farm.WaitForRequestAsync(held.Task, wait, call.Cancel);
        return Answers.NoContent;
    }

    /// <summary>
    /// Goes on to the end whether or not the caller is still there: it will ask again, and get the same answer.
    /// </summary>
    private async Task<IResult> FinishAsync(BuilderCall call, HeldTask held)
    {
        var (request, problem) = await RequestBody.ReadAsync(call.Http, WireJson.Default.EndRequest, MostOfEnd);
        if (request is null)
            return problem!;
        var (end, fault) = TaskEnds.Read(request);
        if (end is null)
            return Answers.BadRequest(fault!);
        EndOutcome outcome;
        await using (await held.LastTurnAsync(call.Stopping))
        {
            if (held.Ended is { } before)
                return before.Asked == end.State ? Ended(before.Answer) : Answers.LeaseLost;
            if (TaskEnds.Missing(held, end) is { } missing)
                return Answers.NotAsAnnounced(missing);
            outcome = await farm.Farm.FinishAsync(held.Task, end, call.Stopping);
            if (outcome.State is { } state)
                held.Ended = (end.State, new(state, outcome.Message));
            else
                held.IsLost = true;
        }
        if (outcome.State is null)
            return await LostAsync(held);
        await held.DisposeAsync();
        return Ended(held.Ended!.Value.Answer);
    }

    private async Task<IResult> PutBackAsync(BuilderCall call, HeldTask held)
    {
        var (request, problem) = await RequestBody.ReadAsync(call.Http, WireJson.Default.PutBackRequest);
        if (request is null)
            return problem!;
        if (request.Outcome is not (AttemptOutcome.Interrupted or AttemptOutcome.FarmFault))
            return Answers.BadRequest("'outcome' is neither Interrupted nor FarmFault");
        if (held.Ended is not null)
            return Answers.LeaseLost;
        var became = await farm.Farm.PutBackAsync(held.Task, request.Outcome, Bounded(request.Reason), call.Stopping);
        await tasks.DropAsync(held);
        return became == RequeueOutcome.Refused
            ? Answers.LeaseLost
            : Answers.Json(new PutBackAnswer(became), WireJson.Default.PutBackAnswer);
    }

    private async Task<IResult> RefuseAsync(BuilderCall call, HeldTask held)
    {
        var (request, problem) = await RequestBody.ReadAsync(call.Http, WireJson.Default.RefuseRequest);
        if (request is null)
            return problem!;
        if (held.Ended is not null)
            return Answers.LeaseLost;
        var done = await farm.Farm.RefuseAsync(held.Task, Bounded(request.Reason), call.Stopping);
        await tasks.DropAsync(held);
        return done ? Answers.NoContent : Answers.LeaseLost;
    }

    private async Task<IResult> LostAsync(HeldTask held)
    {
        await tasks.DropAsync(held);
        return Answers.LeaseLost;
    }

    private static IResult Ended(EndAnswer answer) => Answers.Json(answer, WireJson.Default.EndAnswer);

    private static string Bounded(string reason) => TaskEnds.Bounded(reason)!;
}
