using AwesomeAssertions;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Builders;
using PkgForge.Server.Handlers;
using PkgForge.Tests.Builders;
using PkgForge.Tests.Contracts;
using Xunit;

namespace PkgForge.Tests.Handlers;

/// <summary>Heartbeats go on whatever they meet.</summary>
public sealed class LeaseKeeperTests : IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    private FarmUnderTest site = null!;
    private LocalFarm local = null!;

    public static TheoryData<Exception> Troubles =>
        [
            new FarmUnavailableException("away"),
            new FarmFaultException("it answers nonsense"),
            new RegistrySchemaException("it is of another version"),
            new IOException("the disk fails"),
            new UnauthorizedAccessException("no rights"),
        ];

    public async ValueTask InitializeAsync()
    {
        site = await FarmUnderTest.CreateAsync();
        local = new(site.Farm);
    }

    public async ValueTask DisposeAsync()
    {
        await local.DisposeAsync();
        await site.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task A_cancel_is_heard_after_trouble(Exception trouble)
    {
        await site.RegisterAsync("job-1");
        var session = (await local.AttachAsync("b1", "one", default)).Session;
        var task = (await local.ClaimAsync(session, default))!;
        var left = 4;
        var farm = Intercepted<IBuilderFarm>.Create(
            local,
            _ =>
            {
                if (Interlocked.Decrement(ref left) >= 0)
                    throw trouble;
            }
        );
        await using var keeper = new LeaseKeeper(
            farm,
            (task, TimeSpan.FromMilliseconds(20)),
            new(site.Farm.Configuration, site.Farm.Log, TimeProvider.System),
            default
        );
        await site.CancelAsync("job-1");

        await FluentActions
            .Awaiting(() => Task.Delay(Long, keeper.Token))
            .Should()
            .ThrowAsync<OperationCanceledException>();

        keeper.Reason.Should().Be(StopReason.Cancelled);
    }
}
