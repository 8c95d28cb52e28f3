using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Registry;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Builders;

/// <summary>Adds requests that only builders may make: of their own, or about a task that they hold.</summary>
internal sealed class BuilderRoutes(
    IEndpointRouteBuilder routes,
    TokenGate gate,
    HeldTasks tasks,
    CancellationToken stopping
)
{
    private const string TaskPath = "/tasks/{task:long}/{lease:long}/{session:long}";

    /// <summary>How old the knowledge that a task is held may be, where nothing becomes of it that would matter to others.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    /// <summary>A request of a builder.</summary>
    public void Map(string method, string path, Func<BuilderCall, Task<IResult>> handle) =>
        routes.MapMethods(path, [method], (RequestDelegate)(http => RunAsync(http, handle)));

    /// <summary>A request about a task that the builder holds.</summary>
    public void MapHeld(string method, string path, Func<BuilderCall, HeldTask, Task<IResult>> handle) =>
        MapTask(method, path, handle, (call, lease) => tasks.FindAsync(lease, Fresh, call.Cancel));

    /// <summary>A request about a task that the builder was given, which itself finds out whether it is still held.</summary>
    public void MapGiven(string method, string path, Func<BuilderCall, HeldTask, Task<IResult>> handle) =>
        MapTask(method, path, handle, (call, lease) => tasks.GivenAsync(lease, call.Cancel));

    private void MapTask(
        string method,
        string path,
        Func<BuilderCall, HeldTask, Task<IResult>> handle,
        Func<BuilderCall, Lease, Task<HeldTask?>> find
    ) =>
        Map(
            method,
            TaskPath + path,
            async call =>
            {
                // The numbers are the caller's; the name is the token's.
                var lease = new Lease(
                    Number(call, "task"),
                    Number(call, "lease"),
                    call.Builder,
                    Number(call, "session")
                );
                return await find(call, lease) is { } held ? await handle(call, held) : Answers.LeaseLost;
            }
        );

    private static long Number(BuilderCall call, string part) =>
        long.Parse(call.Part(part), CultureInfo.InvariantCulture);

    private async Task RunAsync(HttpContext http, Func<BuilderCall, Task<IResult>> handle)
    {
        var (token, problem) = await gate.EnterAsync(http);
        if (token is not null)
            problem = await AnswerAsync(http, token, handle);
        await problem!.ExecuteAsync(http);
    }

    private async Task<IResult> AnswerAsync(HttpContext http, KnownToken token, Func<BuilderCall, Task<IResult>> handle)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, token.Ended, stopping);
        try
        {
            return await handle(new(http, token.Holder, cancel.Token, stopping));
        }
        catch (OperationCanceledException)
            when (token.Ended.IsCancellationRequested && !http.RequestAborted.IsCancellationRequested)
        {
            // Revoked while the request was held, or the registry does not know now: ask.
            return (await gate.EnterAsync(http)).Problem
                ?? Answers.Unavailable(http, "the token had to be looked up again");
        }
    }
}
