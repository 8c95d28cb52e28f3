using AwesomeAssertions;
using PkgForge.Registry.Builders;
using PkgForge.Server;
using PkgForge.Server.Builders;
using PkgForge.Tests.Contracts;
using Xunit;

namespace PkgForge.Tests.Builders;

/// <summary>The farm on the builders' own machine: one object serves them all.</summary>
public sealed class LocalFarmTests : BuilderFarmContract
{
    private LocalFarm? local;

    protected override Task<IBuilderFarm> OpenAsync(string builder) =>
        Task.FromResult<IBuilderFarm>(local ??= new(Site.Farm));

    [Fact]
    public async Task A_builder_that_nobody_has_added_is_refused() =>
        await FluentActions
            .Awaiting(() => AttachAsync("nobody"))
            .Should()
            .ThrowAsync<BuilderRefusedException>()
            .WithMessage("*no builder 'nobody'*pkgforge builder add*");

    [Fact]
    public async Task A_manifest_that_cannot_be_read_is_the_farms_fault_and_is_named()
    {
        var (builder, task) = await HoldAsync();
        await File.WriteAllTextAsync($"{Site.Farm.Spool.Accepted.PathOf(task.Job)}/job.yml", "nonsense", Cancel);

        await builder
            .Farm.Awaiting(farm => farm.FetchAsync(task, builder.Directory, Cancel))
            .Should()
            .ThrowAsync<FarmFaultException>()
            .WithMessage("*job-1*");
        (await builder.FinishAsync(task, Fail)).State.Should().NotBeNull("a fail needs no manifest");
    }

    [Fact]
    public async Task A_link_is_no_product()
    {
        var (builder, task) = await HoldAsync();
        await using var store = await builder.OpenStoreAsync(task);
        var secret = builder.Make("secret", "x"u8);
        var link = builder.Make("a.txt", []);
        File.Delete(link);
        File.CreateSymbolicLink(link, secret);

        await store.Awaiting(one => one.KeepProductAsync(link, Cancel)).Should().ThrowAsync<IOException>();
    }

    [Theory]
    [InlineData("log")]
    [InlineData("products")]
    public async Task A_further_log_replaces_nothing_of_the_attempt(string name)
    {
        var (builder, task) = await HoldAsync();
        await using var store = await builder.OpenStoreAsync(task);

        await store
            .Awaiting(one => one.KeepLogAsync(builder.Make(name, "x"u8), Cancel))
            .Should()
            .ThrowAsync<ArgumentException>();
    }
}
