using AwesomeAssertions;
using PkgForge.Registry;
using Xunit;

namespace PkgForge.Tests.Contracts;

/// <summary>What builders' machines prove themselves with.</summary>
public abstract partial class RegistryContract
{
    [Fact]
    public async Task A_code_enrols_once_and_the_token_is_its_builders()
    {
        await BuilderAsync("b1");
        (await Registry.AddEnrolmentAsync("nobody", Sha, Long, Cancel)).Should().BeFalse();
        (await Registry.AddEnrolmentAsync("b1", Sha, Long, Cancel)).Should().BeTrue();

        var holder = await Registry.EnrolAsync(Sha, OtherSha, Cancel);

        holder.Should().Be(new TokenHolder("b1", Bookworm, Expired: false, Revoked: false));
        (await Registry.EnrolAsync(Sha, OtherSha, Cancel)).Should().Be(holder, "the answer may have been lost");
        (await Registry.EnrolAsync(Sha, new('c', 64), Cancel)).Should().BeNull("the code is used up");
        (await Registry.FindTokenAsync(OtherSha, Cancel)).Should().Be(holder);
        (await Registry.FindTokenAsync(Sha, Cancel)).Should().BeNull("a code is no token");
        (await Registry.RevokeTokensAsync("b1", Cancel)).Should().Be(1);
        (await Registry.RevokeTokensAsync("nobody", Cancel)).Should().BeNull();
        (await Registry.FindTokenAsync(OtherSha, Cancel))!.Revoked.Should().BeTrue();
    }

    [Fact]
    public async Task A_code_that_is_old_or_was_replaced_enrols_nobody()
    {
        await BuilderAsync("b1");
        await Registry.AddEnrolmentAsync("b1", Sha, Long, Cancel);
        await Registry.AddEnrolmentAsync("b1", new('c', 64), Long, Cancel);
        (await Registry.EnrolAsync(Sha, OtherSha, Cancel)).Should().BeNull();
        await ExecuteAsync($"UPDATE token SET expires = {Ago(1)}");

        (await Registry.EnrolAsync(new('c', 64), OtherSha, Cancel)).Should().BeNull();
    }

    [Fact]
    public async Task Enrolling_again_ends_the_former_token()
    {
        await BuilderAsync("b1");
        await Registry.AddEnrolmentAsync("b1", Sha, Long, Cancel);
        await Registry.EnrolAsync(Sha, OtherSha, Cancel);
        await Registry.AddEnrolmentAsync("b1", new('c', 64), Long, Cancel);
        (await Registry.FindTokenAsync(OtherSha, Cancel))!.Revoked.Should().BeFalse("the new machine is not there yet");

        await Registry.EnrolAsync(new('c', 64), new('d', 64), Cancel);

        (await Registry.FindTokenAsync(OtherSha, Cancel))!.Revoked.Should().BeTrue();
    }
}
