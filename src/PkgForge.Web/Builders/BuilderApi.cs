using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PkgForge.Web.Access;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Builders;

/// <summary>
/// The farm for builders of other machines, over HTTP: <c>/api/v1/builder</c>. Every request but one brings the token of a builder, and
/// can touch only the task that this builder holds, under the lease by which it holds it.
/// </summary>
internal sealed class BuilderApi(ServedFarm farm, ILogger log, CancellationToken stopping) : IAsyncDisposable
{
    private const string Prefix = "/api/v1/builder";
    private const string EnrolLimit = "enrol";
    private const int EnrolsPerMinute = 10;

    private readonly TokenGate gate = new(farm, log);
    private readonly HeldTasks tasks = new(farm);

    public static void AddServices(IServiceCollection services) =>
        services.AddRateLimiter(options =>
        {
            options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            options.AddPolicy(
                EnrolLimit,
                http => RateLimitPartition.GetFixedWindowLimiter(AddressOf(http), _ => Limit())
            );
            options.OnRejected = (rejected, _) => new(RejectAsync(rejected.HttpContext));
        });

    /// <summary>Cleans up after a server that was killed.</summary>
    public Task StartAsync(CancellationToken cancel) => tasks.TakeOverAsync(cancel);

    public void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup(Prefix).For(Rule.Builder);
        group.MapPost("/enrol", (RequestDelegate)new EnrolEndpoint(farm, log).RunAsync).RequireRateLimiting(EnrolLimit);
        var routes = new BuilderRoutes(group, gate, tasks, stopping);
        new SessionEndpoints(farm, tasks, log).Map(routes);
        new OrderEndpoints(farm).Map(routes);
        new LogEndpoints(farm, tasks).Map(routes);
        new ProductEndpoints(farm, tasks).Map(routes);
        new EndEndpoints(farm, tasks).Map(routes);
    }

    public async ValueTask DisposeAsync()
    {
        await gate.DisposeAsync();
        await tasks.DisposeAsync();
    }

    private static FixedWindowRateLimiterOptions Limit() =>
        new() { PermitLimit = EnrolsPerMinute, Window = TimeSpan.FromMinutes(1) };

    private static string AddressOf(HttpContext http) => http.Connection.RemoteIpAddress?.ToString() ?? "local";

    private static Task RejectAsync(HttpContext http) =>
        Answers
            .TooManyRequests(http, $"at most {EnrolsPerMinute} machines may enrol from one address in a minute")
            .ExecuteAsync(http);
}
