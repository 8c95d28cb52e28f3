using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using PkgForge.Tests.Shared;
using Xunit;

namespace PkgForge.EndToEnd;

/// <summary>A builder that loses its lease changes nothing more.</summary>
public sealed class LeaseTests(PostgresFixture postgres) : FarmTests
{
    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_builder_that_was_frozen_changes_nothing_and_goes_on(string database)
    {
        var registry = database == "sqlite" ? null : Keep(await FarmDatabase.CreateAsync(postgres)).Registry;
        var farm = await MakeFarmAsync(new() { Registry = registry, More = "lease: 2s\nheartbeat: 0.5s" });
        await farm.DoAsync("builder", "add", "b2", "dummy", "all");
        await farm.SubmitAsync("frozen", farm.Script("a", "sleep 1", "product a.txt a"));
        await farm.DoAsync("incoming");
        var first = farm.Start("buildd", "--name", "b1", "--daemon");
        await first.SaysAsync("building frozen");
        first.Send(Signal.Stop);
        await Task.Delay(TimeSpan.FromSeconds(2.5));
        await farm.DoAsync("buildd", "--name", "b2");
        var before = await farm.StatusAsync("frozen");
        first.Send(Signal.Continue);
        await first.SaysAsync("lease", TimeSpan.FromSeconds(10));
        await farm.SubmitAsync("next", farm.Script("b", "product b.txt b"));
        await farm.DoAsync("incoming");

        (await farm.FinalAsync("next", 10)).Task.Last.Builder.Should().Be("b1", "it goes on with the next task");
        var after = await farm.StatusAsync("frozen");
        after.Should().BeEquivalentTo(before);
        after.State.Should().Be("successful");
        after.Task.Attempts.Select(a => (a.Builder, a.Outcome)).Should().Equal(("b1", "lost"), ("b2", "success"));
        farm.Files("spool/results/frozen/dummy-all/2").Should().Equal("log", "products/a.txt", "record.yml");
        await first.StopAsync();
    }
}
