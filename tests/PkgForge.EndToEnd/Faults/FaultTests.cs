using PkgForge.EndToEnd.Farms;
using PkgForge.Spool;
using PkgForge.Tests.Shared;
using Xunit;

namespace PkgForge.EndToEnd.Faults;

/// <summary>
/// The campaigns of faults. In the normal tests each does a handful of runs; <c>./dev test --faults</c> does them all, and
/// docs/reliability.md tells what came of it.
/// </summary>
[Collection(nameof(FaultTests))]
[CollectionDefinition(nameof(FaultTests), DisableParallelization = true)]
public sealed class FaultTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Nothing_is_lost_or_doubled_whoever_is_killed_wherever()
    {
        postgres.Require();
        var campaign = new Campaign("kills", CampaignSettings.Of("kills", few: 6)) { Expected = FaultPoints.All };
        await campaign.RunAsync(seed => new KillRun(campaign, postgres, seed).RunAsync());
    }

    [Fact]
    public async Task A_builder_that_was_stopped_for_three_leases_changes_nothing_that_is_not_its_own()
    {
        postgres.Require();
        var campaign = new Campaign("freezes", CampaignSettings.Of("freezes", few: 2));
        await campaign.RunAsync(seed => new FreezeRun(campaign, postgres, seed).RunAsync());
    }

    [Fact]
    public async Task Nothing_is_lost_or_doubled_when_the_database_goes_away()
    {
        postgres.Require();
        var campaign = new Campaign("outages", CampaignSettings.Of("outages", few: 5).By(OutageRun.Outages));
        await campaign.RunAsync(seed => new OutageRun(campaign, seed).RunAsync());
    }
}
