using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd.Real;

/// <summary>Debian packages built on a machine that shares nothing with the farm but HTTP.</summary>
public sealed class RemoteBuildTests : RealFarmTests
{
    [Fact]
    public async Task Another_machine_builds_for_the_bucket_and_with_what_is_in_it()
    {
        var farm = await MakeRealFarmAsync();
        var (server, url) = await OtherMachine.ServeAsync(farm);
        // The layers of the shared work directory need not be made again; nothing else of it is the farm's.
        var machine = await OtherMachine.MakeAsync(farm, "other", Cache.Work);
        try
        {
            var builder = await machine.EnrolAsync(url, Deb1);
            await farm.SubmitAsync("library", Cache.Source("greet_1.0-1.dsc"));
            (await farm.FinalAsync("library", 240)).State.Should().Be("successful", await WhyAsync(farm, "library"));
            await farm.SubmitAsync("user", Cache.Source("greet-user_1.0.dsc"));
            (await farm.FinalAsync("user", 240)).State.Should().Be("successful", await WhyAsync(farm, "user"));

            Bucket.Debian(farm).Should().Contain(["greet-user_1.0_amd64.deb", "libgreet1_1.0-1_amd64.deb"]);
            await builder.StopAsync();
            await server.StopAsync();
        }
        finally
        {
            machine.ForgetTokens();
        }
    }
}
